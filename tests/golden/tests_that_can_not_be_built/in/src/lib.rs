pub fn engine() {
    wasmtime::engine();
}
