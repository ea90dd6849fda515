//! `wasmtime::component::bindgen!` as it stands in source text: where it is invoked, with which
//! options, what they mean, and how they are rewritten for another release.
//!
//! The macro is never expanded. Its grammar by release is data: `knowledge/bindgen-options.toml`.

pub mod examples;
pub mod find;
pub mod flags;
pub mod grammar;
pub mod invocation;
pub mod key;
pub mod meaning;
pub mod model;
pub mod paths;
pub mod rewrite;

pub use find::find;
pub use grammar::Grammar;
pub use invocation::{Invocation, OptionEntry, OptionValue};
pub use meaning::Meaning;
pub use paths::NamedPath;
