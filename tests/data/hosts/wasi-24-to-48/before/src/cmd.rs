use crate::view::State;
use wasmtime::{
    component::{Component, Linker, ResourceTable},
    Engine, Store,
};
use wasmtime_wasi::bindings::{sync::Command as SyncCommand, Command, CommandPre};
pub async fn run(e: &Engine, c: &Component) -> anyhow::Result<bool> {
    let mut l = Linker::<State>::new(e);
    wasmtime_wasi::add_to_linker_async(&mut l)?;
    let mut s = Store::new(e, State::new(".")?);
    let cmd = Command::instantiate_async(&mut s, c, &l).await?;
    let r = cmd.wasi_cli_run().call_run(&mut s).await?;
    let pre = CommandPre::new(l.instantiate_pre(c)?)?;
    let cmd = pre.instantiate_async(&mut s).await?;
    cmd.wasi_cli_run()
        .call_run(&mut s)
        .await?
        .map_err(|()| anyhow::anyhow!("failed"))?;
    Ok(r.is_ok())
}
pub fn run_sync(e: &Engine, c: &Component) -> anyhow::Result<()> {
    let mut l = Linker::<State>::new(e);
    wasmtime_wasi::add_to_linker_sync(&mut l)?;
    let mut s = Store::new(e, State::new(".")?);
    let cmd = SyncCommand::instantiate(&mut s, c, &l)?;
    match cmd.wasi_cli_run().call_run(&mut s) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(())) => anyhow::bail!("failed"),
        Err(e) => Err(e),
    }
}
