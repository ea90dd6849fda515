wasmtime::component::bindgen!({ path: "wit", imports: { default: trappable } });
