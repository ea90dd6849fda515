wasmtime::engine!();
