//! Undoing the last upgrade, or what is left of a run that was killed.

use camino::Utf8Path;

use super::journal::{Fingerprint, Journal, Phase, read_if_any};
use super::restore::{Restoration, restore};
use super::state::State;
use crate::error::{Error, Result};
use crate::world::World;

/// What was undone. Paths are relative to the root of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoReport {
    /// The description that the transaction began with.
    pub description: String,
    /// The day it began, as in `2026-01-31`.
    pub date: String,
    /// Whether it had been killed, and not finished.
    pub unfinished: bool,
    /// What was done to the files.
    pub restoration: Restoration,
}

/// Makes the tree at `root` what it was before the last committed upgrade, or before a run that
/// was killed, and forgets that journal.
///
/// A file that somebody has edited since the upgrade stops it, unless `force` is set; the edited
/// bytes are then kept, and the report says where. After a killed run nobody can tell, so it is as
/// with `force`.
///
/// # Errors
/// [`Error::Usage`] when there is nothing to undo or files were edited; [`Error::Process`] when
/// another run has the lock; others when a file can't be put back: the journal then stays, and
/// undoing can be tried again.
pub fn undo(world: &dyn World, root: &Utf8Path, force: bool) -> Result<UndoReport> {
    let nothing = || {
        Error::usage(
            format!("there is nothing to undo in {root}"),
            "only the last upgrade can be undone, and only once: see `git log` for what was \
             before it",
        )
    };
    let state = State::open_existing(world, root)?.ok_or_else(nothing)?;
    let mut journal = Journal::newest(&state)?.ok_or_else(nothing)?;
    let unfinished = journal.index.state == Phase::InProgress;
    if !unfinished {
        if !force {
            refuse_edited(&state, &journal)?;
        }
        check_originals(world, &journal)?;
        // From here on the tree is between two states again, and an undo that is killed must be
        // finished before anything else.
        let mut index = journal.index.clone();
        index.state = Phase::InProgress;
        journal.replace_index(world, index)?;
    }
    let restoration = restore(&state, &journal)?;
    journal.discard(world)?;
    Ok(UndoReport {
        description: journal.index.description.clone(),
        date: journal.index.date.clone(),
        unfinished,
        restoration,
    })
}

fn refuse_edited(state: &State<'_>, journal: &Journal) -> Result<()> {
    let mut edited = String::new();
    for entry in &journal.index.files {
        let path = journal.path(state.world, entry)?;
        let current = Fingerprint::of(read_if_any(state.world, &path)?.as_deref());
        if current != entry.original && Some(&current) != entry.left.as_ref() {
            edited.push_str(&format!("\n  * {}", entry.path));
        }
    }
    if edited.is_empty() {
        return Ok(());
    }
    Err(Error::usage(
        format!(
            "edited since the upgrade ({}), so it is not undone:{edited}",
            journal.index.description
        ),
        "pass `--force` to undo it all the same; the edited files are kept aside",
    ))
}

/// Better no file put back than half of them.
fn check_originals(world: &dyn World, journal: &Journal) -> Result<()> {
    for number in 0..journal.index.files.len() {
        journal.original(world, number)?;
    }
    Ok(())
}
