wasmtime::component::bindgen!({ path: "wit", tracing: false });
