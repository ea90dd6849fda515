//! Source migrations: what a release has elsewhere, or in another shape, rewritten in the project's
//! own Rust. Pure: a text goes in, edits and what is left to a person come out.

use crate::edit::Edit;
use crate::knowledge::Paths;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

pub mod guided;
pub mod impls;
pub mod perms;
pub mod relocate;
pub mod scopes;
pub mod segments;
mod use_edits;
pub mod use_tree;
pub mod views;

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
pub const ALL: [Migration; 3] = [views::views, perms::perms, relocate::relocate];
