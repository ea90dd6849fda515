use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiView};
pub struct Host<T> {
    pub data: T,
    table: ResourceTable,
    wasi: WasiCtx,
}
impl<T: Send> WasiView for Host<T> {
    fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> {
        wasmtime_wasi::WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
pub struct Runner<T: 'static> {
    linker: Linker<Host<T>>,
}
impl<T: Send + 'static> Runner<T> {
    pub fn new(e: &Engine) -> anyhow::Result<Self> {
        let mut linker = Linker::new(e);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        Ok(Self { linker })
    }
    pub fn with(
        mut self,
        f: impl FnOnce(&mut Linker<Host<T>>) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        f(&mut self.linker)?;
        Ok(self)
    }
}
pub fn any<V: WasiView>(l: &mut Linker<V>) -> anyhow::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(l).map_err(anyhow::Error::from)
}
pub fn by_ref<V: WasiView>(v: &mut V) -> usize {
    let _ = v.ctx().table;
    let c: &mut WasiCtx = v.ctx().ctx;
    1
}
