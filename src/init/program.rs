//! How the hook and the workflows start the program.

use super::foreign::Found;
use super::{Ground, Piece};

/// The program, as a workspace has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// `cargo xtask`, an xtask of ours.
    Xtask,
    /// `cargo xtask wasmtime`, in an xtask that has other commands too.
    InXtask,
    /// `wasmtime-upgrade`, which somebody has to install.
    Installed,
}

impl Program {
    pub(super) fn of(ground: &Ground<'_>, found: &Found) -> Self {
        match found {
            Found::Ours(_) => Self::Xtask,
            Found::With(_) => Self::InXtask,
            Found::Other(_) if ground.request.wanted.wants(Piece::Xtask) => Self::InXtask,
            Found::None if ground.request.wanted.wants(Piece::Xtask) => Self::Xtask,
            Found::Other(_) | Found::None => Self::Installed,
        }
    }

    /// What is typed in the folder of the workspace.
    pub(super) fn typed(self) -> &'static str {
        match self {
            Self::Xtask => "cargo xtask",
            Self::InXtask => "cargo xtask wasmtime",
            Self::Installed => "wasmtime-upgrade",
        }
    }

    /// The check, from the top of the repository.
    pub(super) fn check_from_top(self, ground: &Ground<'_>) -> String {
        let below = ground.below_repository();
        match (self, below) {
            (_, "") => format!("{} check", self.typed()),
            (Self::Installed, below) => format!("wasmtime-upgrade check {below}"),
            (_, below) => {
                let nested = if self == Self::InXtask {
                    " wasmtime"
                } else {
                    ""
                };
                format!(
                    "cargo run --quiet --manifest-path {below}/xtask/Cargo.toml --{nested} check {below}"
                )
            }
        }
    }
}
