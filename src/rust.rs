//! Wasmtime embedders' Rust sources, judged by their text: no cargo, no compiler, no macro is run.
//!
//! `source` reads one file into owned facts; `program` puts the files of a workspace together;
//! `store_data` says whether what their stores hold is `Send`; `exports` lists the calls of guest
//! exports. An answer is a proof or it is "undecidable", with the place where following it ended.
//!
//! From text to answer, the private modules in their order: `tokens`, `cursor`; `types`,
//! `generics`, `imports`, `definitions`, `items`, `bodies` make up the `facts`, to which `mentions`
//! and `data_expr` add what may be a store; `resolve`, `lower` (to `ty`), `infer` say what the
//! names mean, `known` and `known_crates` what other crates promise, and `send` judges.

pub mod exports;
pub mod program;
pub mod source;
pub mod store_data;

mod bodies;
mod cursor;
mod data_expr;
mod definitions;
mod facts;
mod generics;
mod imports;
mod infer;
mod items;
mod known;
mod known_crates;
mod lower;
mod mentions;
mod resolve;
mod send;
mod tokens;
mod ty;
mod types;
