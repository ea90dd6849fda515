//! Where a name may stand, told from bytes alone.
//!
//! Reading a file as tokens costs a hundred times more than looking for a word in it, and nearly no
//! file names what is looked for. So only those are read in which the word stands whole, with what
//! must lead up to it in front. Where a comment may stand between the two, the answer is "maybe", and
//! tokens decide: a file that is passed over here names nothing of the kind for certain.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::workspace::Workspace;

/// A name, and what must stand in front of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'p> {
    /// The name itself.
    pub word: &'p str,
    /// The parts of the path in front of it, the nearest last.
    pub path: Vec<&'p str>,
    lead: Lead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    /// Nothing in particular.
    Any,
    /// A `.`.
    Method,
    /// The path, or a `.`.
    PathOrMethod,
    /// A `.`, or the end of any path.
    Call,
}

impl<'p> Name<'p> {
    /// What an entry's pattern means: a name; a path, which matches by its last parts and also as a
    /// method of that name; or, behind a `.`, only a method.
    #[must_use]
    pub fn of_pattern(pattern: &'p str) -> Self {
        let mut path: Vec<&str> = pattern.trim_start_matches('.').split("::").collect();
        let word = path.pop().unwrap_or_default();
        let lead = match (pattern.starts_with('.'), path.is_empty()) {
            (true, _) => Lead::Method,
            (false, true) => Lead::Any,
            (false, false) => Lead::PathOrMethod,
        };
        Self { word, path, lead }
    }

    /// The method `word`, on whatever it is called.
    #[must_use]
    pub fn of_call(word: &'p str) -> Self {
        Self {
            word,
            path: Vec::new(),
            lead: Lead::Call,
        }
    }

    /// Whether a `.` in front is enough.
    #[must_use]
    pub fn is_method(&self) -> bool {
        self.lead != Lead::Any
    }

    /// Whether it may stand behind its path, or where that is empty, anywhere.
    #[must_use]
    pub fn is_path(&self) -> bool {
        self.lead != Lead::Method
    }

    /// Whether the name may stand somewhere in a text.
    #[must_use]
    pub fn may_be_in(&self, text: &str) -> bool {
        text.match_indices(self.word)
            .any(|(start, _)| is_whole(text, start, self.word) && self.may_follow(&text[..start]))
    }

    fn may_follow(&self, text: &str) -> bool {
        if self.lead == Lead::Any {
            return true;
        }
        let Some(before) = without_space(text) else {
            return true;
        };
        match (self.lead, before.as_bytes().last()) {
            (_, Some(b'.')) | (Lead::Call, Some(b':')) => true,
            (Lead::PathOrMethod, Some(b':')) => {
                let owner = self.path.last().copied().unwrap_or_default();
                without_space(before.trim_end_matches(':'))
                    .is_none_or(|path| path.ends_with(owner) || path.ends_with(':'))
            }
            _ => false,
        }
    }
}

/// Whether the word that starts at a place is not part of a longer one. Where what stands beside it
/// is not ASCII, it may be.
fn is_whole(text: &str, start: usize, word: &str) -> bool {
    let bytes = text.as_bytes();
    let continues =
        |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let before = start.checked_sub(1).and_then(|place| bytes.get(place));
    !continues(before) && !continues(bytes.get(start + word.len()))
}

/// The text up to its last token; none where that may be a comment, or is not plain ASCII.
fn without_space(text: &str) -> Option<&str> {
    let before = text.trim_end_matches(|ch: char| ch.is_ascii_whitespace());
    let last = before.as_bytes().last();
    let has_line_end = text[before.len()..].contains('\n');
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_comment = before.ends_with("*/") || (has_line_end && line.contains("//"));
    (!is_comment && last.is_none_or(u8::is_ascii_graphic)).then_some(before)
}

/// Which sources have a word at all, remembered: many entries look for the same ones.
#[derive(Debug, Default)]
pub(super) struct WordIndex(Mutex<HashMap<String, Arc<[usize]>>>);

impl WordIndex {
    /// The places of the sources, in their order.
    pub(super) fn sources(&self, workspace: &Workspace, word: &str) -> Arc<[usize]> {
        // The map is whole even after a panic elsewhere.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sources) = known.get(word) {
            return Arc::clone(sources);
        }
        let sources = workspace.sources.iter().enumerate();
        let sources: Arc<[usize]> = sources
            .filter(|(_, source)| source.text.contains(word))
            .map(|(place, _)| place)
            .collect();
        known.insert(word.to_owned(), Arc::clone(&sources));
        sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_up_to_a_name_decides() {
        for (pattern, text, may_be) in [
            ("Val", "use wasmtime::Val;", true),
            ("Val", "struct Value; struct Interval;", false),
            ("Val", "\u{e9}Val", true),
            (".stdin", "builder\n    .stdin(x)", true),
            (".stdin", "let stdin = io::stdin();", false),
            ("Table::new", "wasmtime::Table::new(s)", true),
            ("Table::new", "Table :: new(s)", true),
            ("Table::new", "Box::new(1)", false),
            ("Table::new", "fn new() {}", false),
            ("Table::new", "t.new()", true),
            ("a::Table::new", "Table::new(s)", true),
        ] {
            let name = Name::of_pattern(pattern);
            assert_eq!(name.may_be_in(text), may_be, "{pattern} in {text}");
        }
    }

    #[test]
    fn where_a_comment_may_stand_in_between_tokens_decide() {
        for text in [
            "t. /* of ours */ new()",
            "t. // of ours\n new()",
            "Table /* ours */ ::new()",
            "Table:: // ours\n new()",
            "t.\u{b}new()",
            "t.\u{200e}new()",
        ] {
            assert!(Name::of_pattern("Table::new").may_be_in(text), "{text}");
        }
    }

    #[test]
    fn calls_stand_behind_a_dot_or_a_path() {
        for (text, may_be) in [
            ("config.wasm_gc(true)", true),
            ("Config::wasm_gc(&mut c, true)", true),
            ("fn wasm_gc() {}", false),
        ] {
            assert_eq!(Name::of_call("wasm_gc").may_be_in(text), may_be, "{text}");
        }
    }
}
