//! What hosts of WASI use of it: nothing of this is run.

#![allow(dead_code, unused)]

pub mod clocks;
pub mod cmd;
pub mod generic;
pub mod net;
pub mod p1;
pub mod streams;
pub mod view;
