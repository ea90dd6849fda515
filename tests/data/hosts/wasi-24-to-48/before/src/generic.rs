use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiView};
pub struct Host<T> {
    pub data: T,
    table: ResourceTable,
    wasi: WasiCtx,
}
impl<T: Send> WasiView for Host<T> {
    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.wasi
    }
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}
pub struct Runner<T> {
    linker: Linker<Host<T>>,
}
impl<T: Send> Runner<T> {
    pub fn new(e: &Engine) -> anyhow::Result<Self> {
        let mut linker = Linker::new(e);
        wasmtime_wasi::add_to_linker_async(&mut linker)?;
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
    wasmtime_wasi::add_to_linker_sync(l)
}
pub fn by_ref<V: WasiView>(v: &mut V) -> usize {
    let _ = v.table();
    let c: &mut WasiCtx = v.ctx();
    1
}
