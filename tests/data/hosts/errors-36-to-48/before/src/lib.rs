//! Where errors of Wasmtime and of anyhow meet: nothing of this is run.

#![allow(dead_code, unused)]

pub mod errors;
pub mod functions;
pub mod given;
pub mod handed;
pub mod limits;
pub mod results;
