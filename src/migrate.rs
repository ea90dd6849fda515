//! Source migrations: what a release has elsewhere, or in another shape, rewritten in the project's
//! own Rust. Pure: a text goes in, edits and what is left to a person come out.

use crate::edit::{Clash, Edit, EditSet};
use crate::knowledge::Paths;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

pub mod ended;
pub mod exports;
pub mod guided;
pub mod impls;
pub mod perms;
pub mod relocate;
pub mod scopes;
pub mod segments;
mod use_edits;
pub mod use_tree;
pub mod views;
mod whole;

/// What a migration may know beside the text.
pub struct Ground<'a> {
    /// The line that the sources are made for.
    pub from: Line,
    /// The line that they are to be made for.
    pub to: Line,
    /// Where the items of the family are.
    pub paths: &'a Paths,
    /// What the package knows by a name: the crate's name on the registry, when it is of the family.
    pub crates: &'a dyn Fn(&str) -> Option<String>,
}

/// What a migration makes of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The edits, disjoint.
    pub edits: Vec<Edit>,
    /// What it can't do.
    pub remaining: Vec<LeftOver>,
}

/// Something in a text that a person has to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOver {
    /// Where.
    pub span: Span,
    /// What to do.
    pub what: String,
}

/// A migration that needs nothing but the tokens of a text.
pub type Migration = fn(&Tokens<'_>, &str, &Ground<'_>) -> Migrated;

/// All of them, in the order in which they are made.
pub const ALL: [Migration; 5] = [
    views::views,
    perms::perms,
    exports::exports,
    ended::ended,
    relocate::relocate,
];

/// What all of them together make of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The edits on the text.
    pub edits: EditSet,
    /// What is left to a person, each with the text that its place is in.
    pub remaining: Vec<(LeftOver, String)>,
}

/// Makes all migrations, one after the other.
///
/// # Errors
/// Edits of one migration that overlap: a defect of it.
pub fn run(text: &str, ground: &Ground<'_>) -> Result<Outcome, Clash> {
    let mut outcome = Outcome::default();
    for migration in ALL {
        let now = outcome.edits.apply(text);
        // What can't be read is left as it is; the report names it.
        let Ok(tokens) = Tokens::read(&now) else {
            break;
        };
        let migrated = migration(&tokens, &now, ground);
        let mut edits = EditSet::default();
        for edit in migrated.edits {
            edits.add(edit)?;
        }
        let left = migrated.remaining.into_iter();
        outcome
            .remaining
            .extend(left.map(|left| (left, now.clone())));
        outcome.edits = outcome.edits.then(text, &edits);
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    //! What the tests of migrations share.

    #![allow(clippy::unwrap_used)]

    use super::{Ground, Migrated, Migration};
    use crate::edit::{Edit, EditSet};
    use crate::knowledge::Knowledge;
    use crate::tokens::Tokens;
    use crate::version::Line;

    /// What one migration makes of a text of a package that has all crates by their own names.
    pub(super) fn moving(migration: Migration, text: &str, from: u64, to: u64) -> Migrated {
        let tokens = Tokens::read(text).unwrap();
        let crates = |name: &str| {
            let known = ["wasmtime", "wasmtime_wasi", "wasmtime_wasi_http"].contains(&name);
            match name {
                "wasi_host" => Some("wasmtime-wasi".to_owned()),
                _ => known.then(|| name.replace('_', "-")),
            }
        };
        let ground = Ground {
            from: Line(from),
            to: Line(to),
            paths: &Knowledge::embedded().paths,
            crates: &crates,
        };
        migration(&tokens, text, &ground)
    }

    /// A text with edits made, which must not overlap.
    pub(super) fn edited(text: &str, edits: Vec<Edit>) -> String {
        let mut set = EditSet::default();
        edits.into_iter().for_each(|edit| set.add(edit).unwrap());
        set.apply(text)
    }

    /// The text afterwards.
    pub(super) fn moved(migration: Migration, text: &str, from: u64, to: u64) -> String {
        edited(text, moving(migration, text, from, to).edits)
    }
}
