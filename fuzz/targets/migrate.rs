//! libFuzzer on `invariants::migrate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::migrate::hold(data));
