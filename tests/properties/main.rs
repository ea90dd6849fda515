//! What holds for any input of the right shape, however odd: made by generators, judged by other
//! readers. The same invariants are fuzzed with inputs of any shape (`fuzz/`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../fuzz/src/lib.rs"]
#[allow(dead_code, unreachable_pub)] // a crate of its own for the fuzz targets, which need all
mod invariants;

mod bindgen;
mod bindgen_model;
mod manifest;
mod requirement;
