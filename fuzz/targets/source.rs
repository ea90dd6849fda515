//! libFuzzer on `invariants::source`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::source::hold(data));
