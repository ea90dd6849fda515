//! What holds for any input of the right shape, however odd: made by generators, judged by other
//! readers. The same invariants are fuzzed with inputs of any shape (`fuzz/`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../fuzz/src/lib.rs"]
#[allow(dead_code)] // the fuzz targets need more of it
mod invariants;

mod bindgen;
mod manifest;
mod requirement;
