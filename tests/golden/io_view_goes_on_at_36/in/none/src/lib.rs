use wasmtime_wasi::p2::WasiView;
