#[cfg(feature = "proofs")]
pub fn with_proofs(config: &wasmtime::Config) {
    config.cranelift_pcc(true);
    let _ = config;
}
