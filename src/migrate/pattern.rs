//! Patterns of Rust tokens, as rules of migrations write them: `$store.gc()`, with holes that stand
//! for what a project wrote there.
//!
//! | written | stands for |
//! |---|---|
//! | `$name` | one expression, type or argument: no `,` and no `;` outside of brackets |
//! | `$name..` | all that is left up to the closing bracket, or nothing |
//! | `$name!` | what deals with a failure: `?`, `.unwrap()`, `.expect(..)`, and those behind `.map_err(..)`, `.context(..)` |
//! | `wasmtime::Engine` | that item, however the source names it: by `use`, `as`, `*`, or a renamed crate |
//! | anything else | that token |
//!
//! A comma in front of a closing bracket may be there or not. A pattern that begins with `$name.` takes the whole chain in front of the point.

mod edit;
mod find;
mod held;

pub use edit::Template;
pub use find::{Match, Source};

use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// The names by which Rust knows the crates of the family, and one whose types they take. A path that begins with one of them is
/// matched by what it means.
const CRATES: [&str; 14] = [
    "cap_std",
    "wasi_common",
    "wasmtime",
    "wasmtime_cache",
    "wasmtime_environ",
    "wasmtime_wasi",
    "wasmtime_wasi_config",
    "wasmtime_wasi_http",
    "wasmtime_wasi_io",
    "wasmtime_wasi_keyvalue",
    "wasmtime_wasi_nn",
    "wasmtime_wasi_threads",
    "wasmtime_wasi_tls",
    "wiggle",
];

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Part {
    /// This token.
    Token(String),
    /// A path that means this item.
    Path(Vec<String>),
    /// `$name`.
    One(String),
    /// `$name..`.
    Rest(String),
    /// `$name!`.
    Failure(String),
}

/// A part, and its bytes in the text of the pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Element {
    part: Part,
    span: Span,
}

/// A pattern that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    elements: Vec<Element>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let elements = elements(text)?;
        let is_rest = |element: &Element| matches!(element.part, Part::Rest(_));
        let closes =
            |element: &Element| matches!(&element.part, Part::Token(text) if is_closing(text));
        for (place, element) in elements.iter().enumerate() {
            if is_rest(element) && !elements.get(place + 1).is_some_and(closes) {
                let text = element.span.text(text);
                return Err(format!(
                    "`{text}` in `find` is not in front of a closing bracket"
                ));
            }
        }
        let pattern = Self {
            text: text.to_owned(),
            elements,
        };
        match pattern.word() {
            Some(_) => Ok(pattern),
            None => Err(format!("`find` names nothing: `{text}`")),
        }
    }

    /// The pattern of a rule that has none: the place of the error, as `$it`.
    #[must_use]
    pub fn of_place() -> Self {
        let text = "$it".to_owned();
        let element = Element {
            part: Part::One("it".to_owned()),
            span: Span::new(0, text.len()),
        };
        Self {
            text,
            elements: vec![element],
        }
    }

    /// Whether it is a call on a hole: `$config.method(..)`.
    fn is_of_receiver(&self) -> bool {
        let mut parts = self.elements.iter().map(|element| &element.part);
        let is_hole = matches!(parts.next(), Some(Part::One(_)));
        is_hole && matches!(parts.next(), Some(Part::Token(text)) if text == ".")
    }

    /// The method that it is a call of, on a hole.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        match &self.elements.get(2).filter(|_| self.is_of_receiver())?.part {
            Part::Token(name) => Some(name),
            _ => None,
        }
    }

    /// Whether a text can have a match: cheap, and no false no.
    #[must_use]
    pub fn may_match(&self, text: &str) -> bool {
        self.word().is_some_and(|word| text.contains(word))
    }

    /// The longest word that every match has in it, but for paths: those may be written otherwise.
    fn word(&self) -> Option<&str> {
        let words = self
            .elements
            .iter()
            .filter_map(|element| match &element.part {
                Part::Token(text) if text.starts_with(|c: char| c.is_alphabetic()) => {
                    Some(text.as_str())
                }
                Part::Path(names) => names.last().map(String::as_str),
                _ => None,
            });
        words.max_by_key(|word| word.len())
    }

    /// The paths in it.
    pub fn paths(&self) -> impl Iterator<Item = &[String]> {
        let parts = self.elements.iter().map(|element| &element.part);
        parts.filter_map(|part| match part {
            Part::Path(names) => Some(names.as_slice()),
            _ => None,
        })
    }

    /// The names of the holes.
    pub fn holes(&self) -> impl Iterator<Item = &str> {
        self.elements
            .iter()
            .filter_map(|element| match &element.part {
                Part::One(name) | Part::Rest(name) | Part::Failure(name) => Some(name.as_str()),
                Part::Token(_) | Part::Path(_) => None,
            })
    }
}

fn is_closing(text: &str) -> bool {
    matches!(text, ")" | "]" | "}")
}

/// The parts of a pattern or a template.
fn elements(text: &str) -> Result<Vec<Element>, String> {
    let tokens = Tokens::read(text).map_err(|failure| failure.message)?;
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let (part, last) = element(&tokens, index)?;
        let first = tokens.get(index).map(|token| token.span);
        let end = tokens.get(last).map(|token| token.span);
        if let (Some(first), Some(end)) = (first, end) {
            let span = first.to(end);
            found.push(Element { part, span });
        }
        index = last + 1;
    }
    Ok(found)
}

/// The part that begins at a token, and its last token.
fn element(tokens: &Tokens<'_>, index: usize) -> Result<(Part, usize), String> {
    if tokens.is_punct(index, '$') {
        if tokens.kind(index + 1) != Some(TokenKind::Ident) {
            return Err("there is no name behind `$`".to_owned());
        }
        let name = tokens.text(index + 1).to_owned();
        if tokens.is_punct(index + 2, '!') {
            return Ok((Part::Failure(name), index + 2));
        }
        let is_rest = tokens.is_punct(index + 2, '.') && tokens.is_punct(index + 3, '.');
        return Ok(match is_rest {
            true => (Part::Rest(name), index + 3),
            false => (Part::One(name), index + 1),
        });
    }
    let is_behind = index > 0 && tokens.is_punct(index - 1, ':');
    if !is_behind && CRATES.contains(&tokens.text(index)) {
        let mut names = vec![tokens.text(index).to_owned()];
        let mut last = index;
        while tokens.is_path_separator(last + 1) && tokens.kind(last + 3) == Some(TokenKind::Ident)
        {
            last += 3;
            names.push(tokens.text(last).to_owned());
        }
        if names.len() > 1 {
            return Ok((Part::Path(names), last));
        }
    }
    Ok((Part::Token(tokens.text(index).to_owned()), index))
}

#[cfg(test)]
mod tests;
