//! From the facts of all files to an answer about one type.
//!
//! `resolve` says what a path means, `lower` what a type is (a `ty`), `infer` what type an
//! expression has. `known` holds what other crates promise, `explicit` what the program says
//! itself, and `send` walks through a type with all of that.

pub(crate) mod explicit;
pub(crate) mod known;
pub(crate) mod lower;
pub(crate) mod resolve;
pub(crate) mod send;
pub(crate) mod ty;

mod infer;
mod known_crates;
pub(crate) mod known_std;
