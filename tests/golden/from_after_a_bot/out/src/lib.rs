wasmtime::component::bindgen!({ path: "wit" });
