//! What the journals of a tree say, read without a lock and without changing anything.

use camino::Utf8Path;

use super::journal::{self, Phase};
use super::state::{INDEX, JOURNALS, STATE_FOLDER};
use crate::world::World;

/// What [`super::undo`] would find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// Nothing.
    Nothing,
    /// A run that is at work, or was killed: its description.
    Unfinished(String),
    /// A run that is done: its description.
    Undoable(String),
}

/// Looks at the newest journal of the tree at `root`. One that can't be read counts as none: whoever
/// needs it is told by [`super::undo`].
#[must_use]
pub fn pending(world: &dyn World, root: &Utf8Path) -> Pending {
    let folder = root.join(STATE_FOLDER).join(JOURNALS);
    let names = world.list(&folder).unwrap_or_default();
    let mut numbers: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    let indices = numbers.iter().rev().filter_map(|number| {
        let path = folder.join(number.to_string()).join(INDEX);
        journal::parse(&world.read(&path).ok()?).ok()
    });
    match indices.into_iter().next() {
        None => Pending::Nothing,
        Some(index) if index.state == Phase::InProgress => Pending::Unfinished(index.description),
        Some(index) => Pending::Undoable(index.description),
    }
}
