use wasmtime_wasi::WasiView;
