//! libFuzzer on `invariants::manifest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::manifest::hold(data));
