pub fn table<T: wasmtime_wasi_io::IoView>(of: &mut T) {
    of.table();
}
