//! The only writer of the user's tree: a transaction that ends with everything new, or with
//! everything as it was.
//!
//! 1. A [`Transaction`] takes the lock of the tree and refuses to begin where work could get lost:
//!    uncommitted changes, no version control, a read-only file, a path that leads outside, an
//!    earlier run that was killed.
//! 2. Before a file is changed for the first time, its bytes lie synced in the journal
//!    (`.wasmtime-upgrade/journal/`), and the index that names them is written after them, in one
//!    step. So at every moment the tree is as before, or as after, or the journal knows how to make
//!    it as before.
//! 3. [`Transaction::commit`] keeps the journal for [`undo`]; [`Transaction::restore`], or dropping
//!    the transaction, puts everything back and removes it.
//!
//! The folder `.wasmtime-upgrade/` ignores itself in git and goes when it has nothing to keep.

use camino::Utf8PathBuf;

mod guard;
mod journal;
mod pending;
mod place;
mod restore;
mod state;
mod transaction;
mod undo;

#[cfg(test)]
mod tests;

pub use guard::GuardOptions;
pub use pending::{Pending, pending};
pub use restore::Restoration;
pub use state::STATE_FOLDER;
pub use transaction::{Committed, Transaction};
pub use undo::{UndoReport, undo};

/// One file that is to be replaced or created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file, absolute. Links are followed: what they lead to is replaced, they stay.
    pub path: Utf8PathBuf,
    /// The bytes that the change was made for; none when there was no file. When the disk says
    /// otherwise by now, nothing is written.
    pub before: Option<Vec<u8>>,
    /// The bytes to be written.
    pub after: Vec<u8>,
}
