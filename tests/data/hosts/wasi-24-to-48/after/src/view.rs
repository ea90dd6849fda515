use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime_wasi::{FsPerms, ResourceTable as T2, WasiCtx, WasiCtxBuilder, WasiView};
pub struct Inner {
    ctx: WasiCtx,
    table: ResourceTable,
}
pub struct State {
    inner: Inner,
    n: u32,
}
impl WasiView for State {
    fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> {
        wasmtime_wasi::WasiCtxView { ctx: &mut self.inner.ctx, table: &mut self.inner.table }
    }
}
impl State {
    pub fn new(dir: &str) -> anyhow::Result<Self> {
        let mut b = WasiCtxBuilder::new();
        b.inherit_stdio()
            .inherit_env()
            .inherit_network()
            .args(&["a"])
            .env("A", "b");
        b.preopened_dir(dir, "/", FsPerms::ReadWrite)?;
        b.preopened_dir(dir, "/ro", FsPerms::ReadOnly)?;
        b.allow_ip_name_lookup(true)
            .allow_tcp(true)
            .allow_udp(false);
        b.socket_addr_check(|addr, _| {
            let ok = addr.is_ipv4();
            Box::pin(async move { ok })
        });
        b.allow_blocking_current_thread(true);
        Ok(Self {
            inner: Inner {
                ctx: b.build(),
                table: ResourceTable::new(),
            },
            n: 0,
        })
    }
    pub fn push(&mut self) -> anyhow::Result<Resource<u32>> {
        Ok(self.ctx().table.push(1u32)?)
    }
    pub fn get(&mut self, r: &Resource<u32>) -> anyhow::Result<u32> {
        Ok(*self.ctx().table.get(r)?)
    }
    pub fn del(&mut self, r: Resource<u32>) -> anyhow::Result<u32> {
        let t = WasiView::ctx(self).table;
        Ok(t.delete(r)?)
    }
    pub fn ctx2(&mut self) -> &mut WasiCtx {
        self.ctx().ctx
    }
}
pub fn link(l: &mut Linker<State>) -> anyhow::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(l)?;
    Ok(())
}
pub fn link_async(l: &mut Linker<State>) -> anyhow::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(l).map_err(anyhow::Error::from)
}
pub fn one(l: &mut Linker<State>) -> anyhow::Result<()> {
    wasmtime_wasi::p2::bindings::cli::stdout::add_to_linker::<_, wasmtime_wasi::cli::WasiCli>(
        l,
        wasmtime_wasi::cli::WasiCliView::cli,
    )?;
    wasmtime_wasi::p2::bindings::cli::stderr::add_to_linker::<_, wasmtime_wasi::cli::WasiCli>(
        l,
        wasmtime_wasi::cli::WasiCliView::cli,
    )
    .map_err(anyhow::Error::from)
}
