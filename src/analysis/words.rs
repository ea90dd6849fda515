//! Where a name may stand, told from bytes alone.
//!
//! Reading a file as tokens costs a hundred times more than looking for a word in it, and nearly no
//! file names what is looked for. So only those are read in which the word stands whole, with what
//! must lead up to it in front. Where a comment may stand between the two, the answer is "maybe", and
//! tokens decide: a file that is passed over here names nothing of the kind for certain.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::knowledge::{Condition, Knowledge};
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

    /// Whether this may be what stands at a place of a text where its word does.
    fn may_be_at(&self, text: &str, start: usize) -> bool {
        text.get(..start)
            .is_none_or(|before| self.may_follow(before))
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

/// The text up to its last token; none where that may be a comment, or is not plain ASCII.
fn without_space(text: &str) -> Option<&str> {
    let before = text.trim_end_matches(|ch: char| ch.is_ascii_whitespace());
    let last = before.as_bytes().last();
    let has_line_end = text[before.len()..].contains('\n');
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_comment = before.ends_with("*/") || (has_line_end && line.contains("//"));
    (!is_comment && last.is_none_or(u8::is_ascii_graphic)).then_some(before)
}

/// A place where a word stands: that of the source in [`Workspace::sources`], and the first byte.
type Occurrence = (usize, usize);

/// Where words stand in the sources, remembered.
#[derive(Debug, Default)]
pub(super) struct WordIndex {
    /// The words that the knowledge base asks for. All of them are looked for in one go.
    vocabulary: HashSet<String>,
    known: OnceLock<HashMap<String, Arc<[Occurrence]>>>,
    others: Mutex<HashMap<String, Arc<[Occurrence]>>>,
}

impl WordIndex {
    pub(super) fn new(knowledge: &Knowledge) -> Self {
        let mut vocabulary = HashSet::new();
        for entry in &knowledge.entries {
            entry.condition.each(&mut |leaf| match leaf {
                Condition::Mentions(patterns) => {
                    let names = patterns.iter().map(|pattern| Name::of_pattern(pattern));
                    vocabulary.extend(names.map(|name| name.word.to_owned()));
                }
                Condition::Config(switch) => {
                    vocabulary.insert(switch.name.clone());
                }
                _ => {}
            });
        }
        Self {
            vocabulary,
            ..Self::default()
        }
    }

    /// The sources in which a name may stand, as far as bytes tell, in their order.
    pub(super) fn sources(&self, workspace: &Workspace, name: &Name<'_>) -> Vec<usize> {
        let mut sources = Vec::new();
        for (source, start) in self.occurrences(workspace, name.word).iter() {
            let text = &workspace.sources[*source].text;
            if sources.last() != Some(source) && name.may_be_at(text, *start) {
                sources.push(*source);
            }
        }
        sources
    }

    fn occurrences(&self, workspace: &Workspace, word: &str) -> Arc<[Occurrence]> {
        if self.vocabulary.contains(word) {
            let known = self.known.get_or_init(|| all(workspace, &self.vocabulary));
            return known.get(word).cloned().unwrap_or_default();
        }
        // The map is whole even after a panic elsewhere.
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let others = others.entry(word.to_owned());
        let found = others.or_insert_with(|| {
            let vocabulary = HashSet::from([word.to_owned()]);
            let found = all(workspace, &vocabulary).remove(word);
            found.unwrap_or_default()
        });
        Arc::clone(found)
    }
}

/// Every place in the sources where one of these words stands whole. What is not ASCII ends a word
/// here, so that a name in another script may be taken for one, and never the other way round.
fn all(workspace: &Workspace, words: &HashSet<String>) -> HashMap<String, Arc<[Occurrence]>> {
    // Nearly no word of a text has the first byte and the length of one that is looked for.
    let mut lengths = [0_u64; 256];
    for word in words {
        if let Some(first) = word.bytes().next() {
            lengths[usize::from(first)] |= 1 << word.len().min(63);
        }
    }
    let mut found = HashMap::<&str, Vec<Occurrence>>::new();
    for (source, file) in workspace.sources.iter().enumerate() {
        let bytes = file.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let start = at;
            at += bytes[start..]
                .iter()
                .take_while(|byte| is_name(**byte))
                .count();
            if at == start {
                at += 1;
                continue;
            }
            if lengths[usize::from(bytes[start])] & (1 << (at - start).min(63)) != 0 {
                if let Some(word) = words.get(&file.text[start..at]) {
                    found.entry(word).or_default().push((source, start));
                }
            }
        }
    }
    let found = found.into_iter();
    found
        .map(|(word, places)| (word.to_owned(), places.into()))
        .collect()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Manifest, Source};

    fn may_be_in(name: &Name<'_>, text: &str) -> bool {
        let workspace = Workspace {
            manifests: vec![Manifest::parse("/w/Cargo.toml".into(), String::new()).unwrap()],
            lockfile: None,
            sources: vec![Source {
                path: "/w/src/lib.rs".into(),
                manifest: 0,
                text: text.to_owned(),
            }],
            unread: Vec::new(),
        };
        let asked_for = WordIndex {
            vocabulary: HashSet::from([name.word.to_owned()]),
            ..WordIndex::default()
        };
        let sources = asked_for.sources(&workspace, name);
        assert_eq!(WordIndex::default().sources(&workspace, name), sources);
        !sources.is_empty()
    }

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
            assert_eq!(may_be_in(&name, text), may_be, "{pattern} in {text}");
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
            assert!(may_be_in(&Name::of_pattern("Table::new"), text), "{text}");
        }
    }

    #[test]
    fn calls_stand_behind_a_dot_or_a_path() {
        for (text, may_be) in [
            ("config.wasm_gc(true)", true),
            ("Config::wasm_gc(&mut c, true)", true),
            ("fn wasm_gc() {}", false),
        ] {
            assert_eq!(may_be_in(&Name::of_call("wasm_gc"), text), may_be, "{text}");
        }
    }
}
