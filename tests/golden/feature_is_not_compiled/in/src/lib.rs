pub use wasmtime as engine;

#[cfg(feature = "on")]
pub fn on() {}

#[cfg(all(feature = "fast", not(feature = "unused")))]
pub fn fast() {
    engine::gone();
}
