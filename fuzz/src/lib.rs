//! What must hold whatever the input is. The fuzz targets feed these functions, and
//! `tests/fuzz_corpus.rs` of the library, which includes this file, feeds them the corpus.
//!
//! A broken invariant is a panic. An input that is refused with an error in order is fine.

use wasmtime_upgrade::edit::{Edit, EditSet};
use wasmtime_upgrade::error::Error;
use wasmtime_upgrade::span::Span;

pub mod bindgen;
pub mod lockfile;
pub mod manifest;
pub mod migrate;
pub mod policy;
pub mod source;

/// A function that panics when an invariant is broken.
pub type Invariant = fn(&[u8]);

/// Every invariant, by the name of its fuzz target and of its folder in the corpus.
pub const ALL: [(&str, Invariant); 6] = [
    ("manifest", manifest::hold),
    ("source", source::hold),
    ("bindgen", bindgen::hold),
    ("lockfile", lockfile::hold),
    ("policy", policy::hold),
    ("migrate", migrate::hold),
];

/// The text with the edits made, which must neither overlap nor split a character, and must leave
/// every byte outside of them alone.
fn applied(text: &str, edits: impl IntoIterator<Item = Edit>) -> String {
    let mut set = EditSet::default();
    for edit in edits {
        assert_inside(text, edit.span);
        if let Err(clash) = set.add(edit) {
            panic!("{clash}");
        }
    }
    let after = set.apply(text);
    let (mut old, mut new) = (0, 0);
    for edit in set.iter() {
        let kept = edit.span.start.0 - old;
        assert_eq!(text[old..][..kept], after[new..][..kept]);
        assert!(after[new + kept..].starts_with(&edit.text));
        (old, new) = (edit.span.end.0, new + kept + edit.text.len());
    }
    assert_eq!(text[old..], after[new..]);
    after
}

/// A place must be a range of whole characters.
fn assert_inside(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} is no place");
}

/// An error must point into the text, say what to do, and not be a defect that was noticed.
fn assert_in_order(text: &str, error: &Error) {
    assert!(!error.to_string().is_empty() && !error.help().is_empty());
    assert!(!error.help().contains("defect"), "{error}");
    if let Error::Malformed { position, .. } = error {
        let line = text.split('\n').nth(position.line.wrapping_sub(1));
        let columns = line.map_or(0, |line| line.chars().count() + 1);
        assert!((1..=columns).contains(&position.column), "{error}");
    }
}
