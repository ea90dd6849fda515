//! A plan while it is being made.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::text::diff;
use super::{Ground, InitPlan, Piece, State, Step};
use crate::workspace::relative_to;

/// A file that is created or added to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is for.
    pub piece: Piece,
    /// The file, absolute.
    pub path: Utf8PathBuf,
    /// Its text now; none where it is created.
    #[serde(skip)]
    pub before: Option<String>,
    /// Its text afterwards.
    #[serde(skip)]
    pub after: String,
}

impl Change {
    /// The change as a patch, with the path that `shown` says.
    #[must_use]
    pub fn diff(&self, shown: &str) -> String {
        diff(shown, self.before.as_deref(), &self.after)
    }
}

/// Something for a person, with all that has to be typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ByHand {
    /// What it is for.
    pub piece: Piece,
    /// Why it was not done.
    pub why: String,
    /// Patches and lines, ready to copy.
    pub patch: String,
}

/// What has been planned so far.
#[derive(Default)]
pub(super) struct Draft {
    steps: Vec<Step>,
    changes: Vec<Change>,
    by_hand: Vec<ByHand>,
    pub(super) notes: Vec<String>,
}

impl Draft {
    /// The piece is there already.
    pub(super) fn there(&mut self, ground: &Ground<'_>, piece: Piece, path: &Utf8Path) {
        let path = relative_to(ground.root, path);
        self.step(piece, State::There { path });
    }

    /// The piece is not set up.
    pub(super) fn left_out(&mut self, piece: Piece, reason: impl Into<String>) {
        let reason = reason.into();
        self.step(piece, State::LeftOut { reason });
    }

    /// A person has to do it.
    pub(super) fn by_hand(&mut self, piece: Piece, why: impl Into<String>, patch: String) {
        let why = why.into();
        self.by_hand.push(ByHand { piece, why, patch });
        self.step(piece, State::ByHand);
    }

    /// Creates a file. Where something stands already, or outside of the workspace's folder, that is
    /// for a person.
    pub(super) fn create(
        &mut self,
        ground: &Ground<'_>,
        piece: Piece,
        path: Utf8PathBuf,
        text: String,
    ) {
        let shown = ground.shown(&path);
        let patch = || diff(&shown, None, &text);
        if !path.starts_with(ground.root) {
            let patch = patch();
            return self.by_hand(piece, outside(ground, &shown), patch);
        }
        if ground.exists(&path) {
            let patch = patch();
            return self.by_hand(
                piece,
                format!("{shown} is there already and is something else"),
                patch,
            );
        }
        self.changes.push(Change {
            piece,
            path,
            before: None,
            after: text,
        });
        self.step(piece, State::Planned);
    }

    /// Adds to a file.
    pub(super) fn edit(
        &mut self,
        ground: &Ground<'_>,
        piece: Piece,
        path: Utf8PathBuf,
        before: String,
        after: String,
    ) {
        if !path.starts_with(ground.root) {
            let shown = ground.shown(&path);
            let patch = diff(&shown, Some(&before), &after);
            return self.by_hand(piece, outside(ground, &shown), patch);
        }
        self.changes.push(Change {
            piece,
            path,
            before: Some(before),
            after,
        });
        self.step(piece, State::Planned);
    }

    /// A piece of several files has one state: what a person has to do outweighs what is planned.
    fn step(&mut self, piece: Piece, state: State) {
        match self.steps.iter_mut().find(|step| step.piece == piece) {
            Some(step) if step.state == State::Planned => step.state = state,
            Some(_) => {}
            None => self.steps.push(Step { piece, state }),
        }
    }

    pub(super) fn finish(self, root: Utf8PathBuf, command: String) -> InitPlan {
        InitPlan {
            root,
            steps: self.steps,
            changes: self.changes,
            by_hand: self.by_hand,
            notes: self.notes,
            command,
        }
    }
}

fn outside(ground: &Ground<'_>, shown: &str) -> String {
    let below = ground.below_repository();
    format!("{shown} lies outside of {below}, and only what is below is changed")
}
