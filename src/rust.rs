//! Wasmtime embedders' Rust sources, judged by their text: no cargo, no compiler, no macro is run.
//!
//! `source` reads one file into owned facts; `program` puts the files of a workspace together;
//! `store_data` says whether what their stores hold is `Send`; `exports` lists the calls of guest
//! exports. An answer is a proof or it is "undecidable", with the place where following it ended.

pub mod exports;
pub mod program;
pub mod source;
pub mod store_data;

mod judge;
mod read;

#[cfg(test)]
mod tests;
