//! Loads a real component, calls all it exports, and makes it go wrong.

mod command;
mod exports;
mod failures;
mod observe;
mod support;
