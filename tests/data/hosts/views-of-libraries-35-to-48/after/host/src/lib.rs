use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi_io::IoView;
use wasmtime_wasi::{WasiCtx, WasiView};

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
    fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> {
        wasmtime_wasi::WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

impl view::GpuView for State {}

pub fn linked(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(linker)?;
    view::add_to_linker(linker)
}
