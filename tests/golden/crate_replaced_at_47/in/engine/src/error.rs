//! What goes wrong.

/// An error of the host.
#[derive(thiserror::Error, Debug)]
pub enum HostError {
    /// The guest's.
    #[error("{0}")]
    Guest(#[from] wasmtime::Error),

    /// Too many arguments.
    #[error("{0}")]
    Arguments(#[from] wasi_common::StringArrayError),

    /// No such function.
    #[error("no function {0}")]
    Missing(String),
}
