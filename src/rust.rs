//! Wasmtime embedders' Rust sources, judged by their text: no cargo, no compiler, no macro is run.
//!
//! `source` reads one file into owned facts; `store_data` puts the files of a workspace together
//! and says whether what its stores hold is `Send`; `exports` lists the calls of guest exports.
//! An answer is a proof or it is "undecidable", with the place where following it ended.

pub mod exports;
pub mod source;
pub mod store_data;

mod bodies;
mod cursor;
mod data_expr;
mod definitions;
mod facts;
mod generics;
mod imports;
mod items;
mod mentions;
mod tokens;
mod types;
