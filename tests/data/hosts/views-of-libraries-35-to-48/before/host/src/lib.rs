use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::p2::{IoView, WasiCtx, WasiView};

pub struct State {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.ctx
    }
}

impl view::GpuView for State {}

pub fn linked(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(linker)?;
    view::add_to_linker(linker)
}
