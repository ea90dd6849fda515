//! libFuzzer on `invariants::policy`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::policy::hold(data));
