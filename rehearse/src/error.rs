use std::fmt;
use std::io;
use std::path::PathBuf;

/// What can go wrong between a component file and the answer of an export.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Wasmtime cannot run with the configuration of the host.
    Engine {
        /// Wasmtime's reason.
        source: wasmtime::Error,
    },
    /// The component file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// The reason the system gave.
        source: io::Error,
    },
    /// The bytes are no valid component.
    Compile {
        /// Where the bytes come from.
        origin: String,
        /// What is wrong with them.
        source: wasmtime::Error,
    },
    /// The component does not fit the world, or failed while it started.
    Instantiate {
        /// Where the component comes from.
        origin: String,
        /// What does not fit.
        source: wasmtime::Error,
    },
    /// The call of an export failed: a trap, or a malformed answer.
    Call {
        /// The export, as the WIT file names it.
        export: &'static str,
        /// The trap, or what is wrong with the answer.
        source: wasmtime::Error,
    },
    /// The guest answered that it does not accept the input.
    Refused {
        /// The export, as the WIT file names it.
        export: &'static str,
        /// The guest's reason.
        reason: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine { .. } => write!(f, "cannot start the engine"),
            Self::Read { path, .. } => write!(f, "cannot read {}", path.display()),
            Self::Compile { origin, .. } => write!(f, "{origin} is not a valid component"),
            Self::Instantiate { origin, .. } => {
                write!(f, "{origin} cannot run in the world `metering`")
            }
            Self::Call { export, .. } => write!(f, "the call of `{export}` failed"),
            Self::Refused { export, reason } => write!(f, "`{export}` refused: {reason}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            Self::Engine { source }
            | Self::Compile { source, .. }
            | Self::Instantiate { source, .. }
            | Self::Call { source, .. } => Some(source.as_ref()),
            Self::Refused { .. } => None,
        }
    }
}
