#[cfg(feature = "proofs")]
pub fn with_proofs(config: &wasmtime::Config) {
    let _ = config;
}
