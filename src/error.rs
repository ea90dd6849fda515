//! Failures of the tool itself, what to do about them, and the exit codes.
//!
//! A finding about the user's project is never an error, and an error is never a finding.

use camino::Utf8PathBuf;

use crate::span::Position;

/// What the process says to whoever started it. Below 100, because `cargo run` itself exits with
/// 101 when an xtask does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ExitCode {
    /// Nothing at or above the fail level; nothing left to do.
    Clean = 0,
    /// Findings at or above the fail level.
    Findings = 1,
    /// Wrong arguments, or a project file that can't be understood.
    Usage = 2,
    /// The tool could not finish: cargo, the disk, a permission.
    CouldNotFinish = 3,
    /// Upgraded, the verification failed, everything was restored.
    Restored = 4,
    /// Upgraded and compiles, but steps for a person remain.
    ManualStepsRemain = 5,
}

impl ExitCode {
    /// Every code with the sentence that the documentation prints.
    pub const ALL: [(Self, &'static str); 6] = [
        (
            Self::Clean,
            "clean: no finding at or above the fail level, nothing left to do",
        ),
        (Self::Findings, "findings at or above the fail level"),
        (
            Self::Usage,
            "wrong arguments, or a project file that can't be understood",
        ),
        (
            Self::CouldNotFinish,
            "the tool could not finish: cargo, the disk, a permission",
        ),
        (
            Self::Restored,
            "upgraded, but the verification failed: everything was restored",
        ),
        (
            Self::ManualStepsRemain,
            "upgraded, but steps for a person remain",
        ),
    ];
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// Result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the tool: what happened, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the project is not what it should be (broken TOML, a member that is missing).
    #[error("{path}:{position}: {message}")]
    Malformed {
        /// The file, as the user would name it.
        path: Utf8PathBuf,
        /// Line and column.
        position: Position,
        /// What is wrong there.
        message: String,
        /// The next step.
        help: String,
    },
    /// The request makes no sense for this project.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// The next step.
        help: String,
    },
    /// A file or folder could not be read or written.
    #[error("can't {action} {path}: {source}")]
    Io {
        /// `read`, `write`, `list`, ...
        action: &'static str,
        /// The file or folder.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Another program was needed and failed.
    #[error("{message}")]
    Process {
        /// What was run and how it ended.
        message: String,
        /// What it printed on standard error, for the user to read.
        output: String,
        /// The next step.
        help: String,
    },
    /// Somebody asked us to stop (Ctrl-C, SIGTERM); the tree is as before.
    #[error("interrupted; the tree is as it was before")]
    Interrupted,
}

impl Error {
    /// A usage error.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            help: help.into(),
        }
    }

    /// An input or output error about `path`.
    pub fn io(action: &'static str, path: impl Into<Utf8PathBuf>, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.into(),
            source,
        }
    }

    /// What the user can do about it, in one sentence.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Malformed { help, .. }
            | Self::Usage { help, .. }
            | Self::Process { help, .. } => help.clone(),
            Self::Io {
                source,
                path,
                action,
            } => match source.kind() {
                std::io::ErrorKind::NotFound if *action == "write" => {
                    format!("check that the folder of {path} exists")
                }
                std::io::ErrorKind::NotFound => format!("check that {path} exists"),
                std::io::ErrorKind::PermissionDenied => {
                    format!("check the permissions of {path}")
                }
                std::io::ErrorKind::StorageFull => "free some disk space and run again".to_owned(),
                _ => format!("look at {path} and run again"),
            },
            Self::Interrupted => "run the command again when you are ready".to_owned(),
        }
    }

    /// The same failure with one more sentence in its help.
    #[must_use]
    pub fn with_help(self, sentence: &str) -> Self {
        let more = format!("{}; {sentence}", self.help());
        match self {
            Self::Malformed {
                path,
                position,
                message,
                ..
            } => Self::Malformed {
                path,
                position,
                message,
                help: more,
            },
            Self::Usage { message, .. } => Self::usage(message, more),
            Self::Process {
                message, output, ..
            } => Self::Process {
                message,
                output,
                help: more,
            },
            Self::Io { .. } | Self::Interrupted => Self::Process {
                message: self.to_string(),
                output: String::new(),
                help: more,
            },
        }
    }

    /// The exit code that this failure ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Malformed { .. } | Self::Usage { .. } => ExitCode::Usage,
            Self::Io { .. } | Self::Process { .. } | Self::Interrupted => ExitCode::CouldNotFinish,
        }
    }
}
