//! libFuzzer on `invariants::lockfile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| invariants::lockfile::hold(data));
