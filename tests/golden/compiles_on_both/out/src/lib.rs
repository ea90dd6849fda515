pub fn engine() -> wasmtime::Engine {
    wasmtime::Engine
}
