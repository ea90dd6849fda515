//! From a text to the facts that are kept of it.
//!
//! `tokens` makes one flat row of the text, `cursor` walks it, and the others read: `types` (by
//! `type_parser`), `generics`, `imports`, `definitions`, `items`, and `bodies` for items between
//! statements. `mentions` and `data_expr` (with `locals` and `branches`) find what may be a store.

pub(crate) mod cursor;
pub(crate) mod data_expr;
pub(crate) mod facts;
pub(crate) mod items;
pub(crate) mod tokens;
pub(crate) mod type_parser;
pub(crate) mod types;

mod bodies;
mod branches;
mod definitions;
mod generics;
mod imports;
mod locals;
mod mentions;
