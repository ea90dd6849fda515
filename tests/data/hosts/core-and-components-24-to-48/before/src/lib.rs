//! A host.

pub mod core;
pub mod component;
pub mod limits;
pub mod values;
