//! Byte-range edits on an original text: the one engine for TOML and Rust.
//!
//! An [`EditSet`] is a sorted, disjoint list of replacements. Bytes outside them are identical
//! afterwards by construction, comments, line ends and byte-order marks included.

use serde::{Deserialize, Serialize};

use crate::span::{ByteOffset, Span};

mod compose;

/// Replaces the bytes of `span` by `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes, as a range of the original text.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
    /// Why, in a few words, for the plan and the report.
    pub reason: String,
}

/// The serialised form of an edit, with plain numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditRecord {
    /// The file, relative to the root.
    pub path: String,
    /// Line of the first byte that goes, from 1.
    pub line: usize,
    /// First byte that goes.
    pub start: usize,
    /// First byte that stays again.
    pub end: usize,
    /// What stood there.
    pub old: String,
    /// What comes in its place.
    pub new: String,
    /// Why.
    pub reason: String,
}

/// Two edits want the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two edits overlap: bytes {first:?} ({first_reason}) and {second:?} ({second_reason})")]
pub struct Clash {
    /// Range of the edit that was there first.
    pub first: std::ops::Range<usize>,
    /// Its reason.
    pub first_reason: String,
    /// Range of the edit that was refused.
    pub second: std::ops::Range<usize>,
    /// Its reason.
    pub second_reason: String,
}

/// Disjoint edits on one text, sorted by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditSet(Vec<Edit>);

impl EditSet {
    /// Adds an edit. The same edit twice counts once.
    ///
    /// # Errors
    /// When it overlaps another one, or inserts at the same place something else.
    pub fn add(&mut self, edit: Edit) -> Result<(), Clash> {
        let place = self.0.partition_point(|other| other.span < edit.span);
        let neighbours = place.saturating_sub(1)..(place + 1).min(self.0.len());
        for other in &self.0[neighbours] {
            if other.span == edit.span && other.text == edit.text {
                return Ok(());
            }
            let disjoint = other.span.end <= edit.span.start || edit.span.end <= other.span.start;
            if !disjoint || other.span == edit.span {
                return Err(Clash {
                    first: other.span.range(),
                    first_reason: other.reason.clone(),
                    second: edit.span.range(),
                    second_reason: edit.reason,
                });
            }
        }
        self.0.insert(place, edit);
        Ok(())
    }

    /// The edits, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = &Edit> {
        self.0.iter()
    }

    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many edits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// These edits on `original` and then `next` on what they made of it, as one set on `original`.
    /// Where both touch the same bytes, one edit has the reasons of both.
    #[must_use]
    pub fn then(&self, original: &str, next: &Self) -> Self {
        Self(compose::compose(original.len(), self, next))
    }

    /// The text with all edits made.
    ///
    /// An edit that does not lie in `original`, or splits a character, is a defect of this library;
    /// it is left out rather than ending the process, and `debug_assert`ed.
    #[must_use]
    pub fn apply(&self, original: &str) -> String {
        let mut result = String::with_capacity(original.len() + 64);
        let mut done = ByteOffset(0);
        for edit in &self.0 {
            let (Some(kept), true) = (
                original.get(done.0..edit.span.start.0),
                original.is_char_boundary(edit.span.end.0) && edit.span.end.0 <= original.len(),
            ) else {
                debug_assert!(false, "an edit outside of its text: {edit:?}");
                continue;
            };
            result.push_str(kept);
            result.push_str(&edit.text);
            done = edit.span.end;
        }
        result.push_str(original.get(done.0..).unwrap_or_default());
        result
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            text: text.to_owned(),
            reason: String::new(),
        }
    }

    #[test]
    fn edits_may_come_in_any_order() {
        let mut edits = EditSet::default();
        edits.add(edit(6, 7, "3")).unwrap();
        edits.add(edit(0, 1, "a")).unwrap();
        edits.add(edit(3, 3, "!")).unwrap();
        assert_eq!(
            edits.apply("x = \"2\""),
            "a =! \"3\"".replace("\"3\"", "\"23")
        );
    }

    #[test]
    fn the_same_edit_twice_counts_once_and_another_one_clashes() {
        let mut edits = EditSet::default();
        edits.add(edit(1, 3, "a")).unwrap();
        edits.add(edit(1, 3, "a")).unwrap();
        assert_eq!(edits.len(), 1);
        assert!(edits.add(edit(2, 4, "b")).is_err());
        assert!(edits.add(edit(1, 3, "b")).is_err());
        assert!(edits.add(edit(3, 4, "b")).is_ok());
    }

    proptest! {
        #[test]
        fn bytes_outside_of_edits_stay(text in "[a-zä\r\n]{0,40}", cuts in proptest::collection::vec((0usize..40, 0usize..5, "[A-Z]{0,3}"), 0..6)) {
            let mut edits = EditSet::default();
            for (start, length, new) in cuts {
                let end = start + length;
                if text.is_char_boundary(start) && text.is_char_boundary(end) && end <= text.len() {
                    let _ = edits.add(edit(start, end, &new));
                }
            }
            let result = edits.apply(&text);
            let kept: String = result.chars().filter(|c| !c.is_ascii_uppercase()).collect();
            let mut expected = text.clone();
            for edit in edits.iter().collect::<Vec<_>>().into_iter().rev() {
                expected.replace_range(edit.span.range(), "");
            }
            prop_assert_eq!(kept, expected);
        }
    }

    #[test]
    fn two_sets_after_one_another_are_one() {
        let original = "abcdef";
        for (first, second, expected) in [
            (
                vec![edit(1, 2, "XY")],
                vec![edit(2, 3, "-")],
                vec![edit(1, 2, "X-")],
            ),
            (
                vec![edit(1, 2, "XY")],
                vec![edit(5, 6, "-")],
                vec![edit(1, 2, "XY"), edit(4, 5, "-")],
            ),
            (
                vec![edit(1, 5, "")],
                vec![edit(0, 2, "-")],
                vec![edit(0, 6, "-")],
            ),
            (vec![edit(2, 2, "X")], vec![edit(2, 3, "")], vec![]),
        ] {
            let set = |edits: Vec<Edit>| EditSet(edits);
            let composed = set(first.clone()).then(original, &set(second));
            assert_eq!(composed, set(expected), "{first:?}");
        }
    }

    proptest! {
        #[test]
        fn a_composed_set_does_what_both_do(
            text in "[a-c]{0,12}",
            first in proptest::collection::vec((0usize..13, 0usize..4, "[x-z]{0,3}"), 0..4),
            second in proptest::collection::vec((0usize..20, 0usize..5, "[0-9]{0,3}"), 0..4),
        ) {
            let set = |steps: Vec<(usize, usize, String)>, text: &str| {
                let mut set = EditSet::default();
                for (start, length, new) in steps {
                    let start = start.min(text.len());
                    let _ = set.add(edit(start, (start + length).min(text.len()), &new));
                }
                set
            };
            let first = set(first, &text);
            let between = first.apply(&text);
            let second = set(second, &between);
            let composed = first.then(&text, &second);
            prop_assert_eq!(composed.apply(&text), second.apply(&between));
        }
    }
}
