use wasmtime_wasi::p2::IoView;

impl IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}
