pub use wasmtime::Engine;
