//! One difference between two releases, and how it is told.

use std::collections::BTreeSet;
use std::fmt;

/// How an item differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is there no more.
    Removed,
    /// It is elsewhere.
    Moved(String),
    /// It has another name, and is otherwise the same.
    Renamed(String),
    /// It is written differently: before, after.
    Changed(String, String),
    /// It is demanded of those who implement the trait, or write the literal.
    Demanded(String),
    /// A case that an exhaustive match does not have.
    Case(String),
    /// Literals and exhaustive matches are no longer possible.
    Closed,
    /// It is deprecated from here on.
    Deprecated,
    /// It needs a feature that it did not.
    Gated(BTreeSet<String>),
    /// A trait is implemented no more.
    Unimplemented,
    /// The bounds of the `impl` around all of its methods: before, after.
    Bounds(String, String),
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The public path of the item.
    pub item: String,
    /// Its kind, as in Rust.
    pub kind: &'static str,
    /// The member, when the difference is in one.
    pub member: Option<String>,
    /// The difference.
    pub what: What,
    /// How it was written, where that helps.
    pub shown: String,
}

impl Change {
    /// The words that only this is about: the member where there is one, else the item.
    pub fn words(&self) -> Vec<&str> {
        let last = self.item.rsplit("::").next().unwrap_or(&self.item);
        match (&self.what, self.member.as_deref()) {
            // The trait is a word of everybody's.
            (What::Unimplemented, _) => vec![last],
            (_, Some(member)) if is_common(member) => vec![last],
            (_, member) => vec![member.unwrap_or(last)],
        }
    }

    /// How it was written.
    pub fn old_text(&self) -> Option<String> {
        let whole = match &self.member {
            Some(_) => format!("{}: {}", self.item, self.shown),
            None => self.item.clone(),
        };
        (!matches!(self.what, What::Demanded(_) | What::Case(_))).then_some(whole)
    }

    /// How it is written now.
    pub fn new_text(&self) -> Option<String> {
        match &self.what {
            What::Moved(to) => Some(to.clone()),
            What::Renamed(to) => Some(format!("{}: {to}", self.item)),
            What::Changed(_, after) | What::Demanded(after) | What::Case(after) => {
                Some(format!("{}: {after}", self.item))
            }
            _ => None,
        }
    }
}

/// Names that half of all items have: they tell nothing by themselves.
fn is_common(name: &str) -> bool {
    name.len() < 4
        || [
            "append", "clone", "dir", "drop", "file", "from", "handle", "into", "iter", "ready",
            "view", "with", "build", "call",
        ]
        .contains(&name)
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.item)?;
        if let Some(member) = &self.member {
            write!(f, ": `{member}`")?;
        }
        match &self.what {
            What::Removed => write!(f, " is gone"),
            What::Moved(to) => write!(f, " is `{to}` now"),
            What::Renamed(to) => write!(f, " is called `{to}` now"),
            What::Changed(before, after) if before == after => {
                write!(f, ": `{after}` names types of another crate")
            }
            What::Changed(before, after) => write!(f, ": `{before}` is now `{after}`"),
            What::Bounds(before, after) => {
                write!(f, " and its like: the impl's `{before}` is now `{after}`")
            }
            What::Demanded(_) => write!(f, " has to be given"),
            What::Case(after) => write!(f, " is a new case, `{after}`, of an exhaustive enum"),
            What::Closed => write!(f, " is `#[non_exhaustive]`"),
            What::Deprecated => write!(f, " is deprecated"),
            What::Gated(features) => {
                let features: Vec<&str> = features.iter().map(String::as_str).collect();
                write!(f, " needs the feature {}", features.join(", "))
            }
            What::Unimplemented => write!(f, " is not implemented any more"),
        }
    }
}
