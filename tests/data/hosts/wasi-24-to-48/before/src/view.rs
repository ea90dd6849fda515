use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime_wasi::{DirPerms, FilePerms, ResourceTable as T2, WasiCtx, WasiCtxBuilder, WasiView};
pub struct Inner {
    ctx: WasiCtx,
    table: ResourceTable,
}
pub struct State {
    inner: Inner,
    n: u32,
}
impl WasiView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.inner.table
    }
    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.inner.ctx
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
        b.preopened_dir(dir, "/", DirPerms::all(), FilePerms::all())?;
        b.preopened_dir(dir, "/ro", DirPerms::READ, FilePerms::READ)?;
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
        Ok(self.table().push(1u32)?)
    }
    pub fn get(&mut self, r: &Resource<u32>) -> anyhow::Result<u32> {
        Ok(*self.table().get(r)?)
    }
    pub fn del(&mut self, r: Resource<u32>) -> anyhow::Result<u32> {
        let t = WasiView::table(self);
        Ok(t.delete(r)?)
    }
    pub fn ctx2(&mut self) -> &mut WasiCtx {
        self.ctx()
    }
}
pub fn link(l: &mut Linker<State>) -> anyhow::Result<()> {
    wasmtime_wasi::add_to_linker_sync(l)?;
    Ok(())
}
pub fn link_async(l: &mut Linker<State>) -> anyhow::Result<()> {
    wasmtime_wasi::add_to_linker_async(l)
}
pub fn one(l: &mut Linker<State>) -> anyhow::Result<()> {
    wasmtime_wasi::bindings::cli::stdout::add_to_linker_get_host(
        l,
        ty(|s: &mut State| wasmtime_wasi::WasiImpl(s)),
    )?;
    wasmtime_wasi::bindings::cli::stderr::add_to_linker_get_host(
        l,
        ty(|s| wasmtime_wasi::WasiImpl(s)),
    )
}
fn ty<F>(f: F) -> F
where
    F: Fn(&mut State) -> wasmtime_wasi::WasiImpl<&mut State>,
{
    f
}
