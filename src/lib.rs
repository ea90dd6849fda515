//! wip
pub mod bindgen;
pub mod diagnostics;
pub mod edit;
pub mod error;
pub mod finding;
pub mod knowledge;
pub mod manifest;
pub mod requirement;
pub mod span;
pub mod target;
pub mod tokens;
pub mod verify;
pub mod version;
pub mod workspace;
pub mod world;
