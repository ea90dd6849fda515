//! The policy file.

use super::draft::Draft;
use super::{Ground, Piece};
use crate::config::FILE_NAMES;

/// What a new policy says: the defaults, and what else there is.
pub(super) const TEXT: &str = include_str!("templates/policy.toml");

pub(super) fn plan(ground: &Ground<'_>, draft: &mut Draft) {
    let mut places = FILE_NAMES.iter().map(|name| ground.root.join(name));
    match places.find(|path| ground.exists(path)) {
        Some(path) => draft.there(ground, Piece::Policy, &path),
        None => draft.create(
            ground,
            Piece::Policy,
            ground.root.join(FILE_NAMES[0]),
            TEXT.to_owned(),
        ),
    }
}
