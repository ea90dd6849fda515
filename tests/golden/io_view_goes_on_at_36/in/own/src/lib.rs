pub fn table<T: wasmtime_wasi::p2::IoView>(of: &mut T) {
    of.table();
}
