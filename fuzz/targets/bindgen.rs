//! libFuzzer on `invariants::bindgen`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::bindgen::hold(data));
