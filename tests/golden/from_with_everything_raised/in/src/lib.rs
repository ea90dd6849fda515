wasmtime::component::bindgen!({ path: "wit", trappable_imports: true });
