pub fn configure(config: &mut wasmtime::Config) {
    config.wasm_features(wasmparser::WasmFeatures::GC, true);
}
