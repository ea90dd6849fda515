//! Rust source as a flat list of tokens with byte ranges.
//!
//! Tokens, not a syntax tree: they reach into macro arguments and `macro_rules!` bodies, they do
//! not care about syntax newer than this library, and they never tempt anyone to reprint code.
//! Groups are written as an opening and a closing token that know each other's place, so that no
//! walk over them needs recursion, however deep the source nests.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::Arc;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::span::{ByteOffset, Span};

mod lexer;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword; raw names keep their `r#`.
    Ident,
    /// One character of punctuation.
    Punct(char),
    /// A number, string, character or byte string.
    Literal,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
    /// For an opening or closing token the place of the other one in the list; else its own.
    pub partner: usize,
}

/// Why a text can't be read as Rust tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexFailure {
    /// The first byte that makes no sense.
    pub offset: ByteOffset,
    /// What is wrong there.
    pub message: String,
}

/// The tokens of one text, comments and white space left out.
#[derive(Clone, Debug)]
pub struct Tokens<'t> {
    text: &'t str,
    list: Arc<[Token]>,
}

impl<'t> Tokens<'t> {
    /// Reads a whole source file. A byte-order mark and a `#!` line are passed over without
    /// moving any offset.
    ///
    /// # Errors
    /// Unbalanced brackets, unfinished strings and the like, with their place.
    pub fn read(text: &'t str) -> Result<Self, LexFailure> {
        if let Some(list) = lexer::read(text) {
            return Ok(Self {
                text,
                list: list.into(),
            });
        }
        // Spans of earlier texts are of no use any more, and their table would grow with each file.
        proc_macro2::extra::invalidate_current_thread_spans();
        let stream = stream(text)?;
        Ok(Self {
            text,
            list: flatten(stream, text).into(),
        })
    }

    /// The tokens without their text, to be kept.
    #[must_use]
    pub fn list(&self) -> Arc<[Token]> {
        Arc::clone(&self.list)
    }

    /// What [`Tokens::list`] kept of a text, put together with it again.
    #[must_use]
    pub fn of_list(text: &'t str, list: Arc<[Token]>) -> Self {
        Self { text, list }
    }

    /// How many tokens there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The token at a place of the list.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Token> {
        self.list.get(index).copied()
    }

    /// The text of the token at a place; empty behind the end.
    #[must_use]
    pub fn text(&self, index: usize) -> &'t str {
        self.list
            .get(index)
            .map_or("", |token| token.span.text(self.text))
    }

    /// Whether the token at `index` is this name or keyword.
    #[must_use]
    pub fn is_ident(&self, index: usize, name: &str) -> bool {
        self.kind(index) == Some(TokenKind::Ident) && self.text(index) == name
    }

    /// Whether the token at `index` is this character of punctuation.
    #[must_use]
    pub fn is_punct(&self, index: usize, character: char) -> bool {
        self.kind(index) == Some(TokenKind::Punct(character))
    }

    /// Whether `::` starts at `index`.
    #[must_use]
    pub fn is_path_separator(&self, index: usize) -> bool {
        self.is_punct(index, ':') && self.is_punct(index + 1, ':')
    }

    /// What the token at `index` is.
    #[must_use]
    pub fn kind(&self, index: usize) -> Option<TokenKind> {
        self.list.get(index).map(|token| token.kind)
    }

    /// Behind the token at `index`; for an opening token behind its whole group.
    #[must_use]
    pub fn after(&self, index: usize) -> usize {
        match self.list.get(index) {
            Some(token) if token.kind == TokenKind::Open => token.partner + 1,
            _ => index + 1,
        }
    }
}

/// The trees of a text. Every byte stays where it is: a byte-order mark and a `#!` line are passed
/// over.
///
/// # Errors
/// As [`Tokens::read`].
pub(crate) fn stream(text: &str) -> Result<TokenStream, LexFailure> {
    let blanked = without_shebang(text);
    TokenStream::from_str(&blanked).map_err(|error| {
        let at = error.span().byte_range().start.min(text.len());
        LexFailure {
            offset: ByteOffset(at),
            message: describe_lex_error(text, at),
        }
    })
}

/// Whether `proc-macro2` would read the bracket that a text starts with as a literal.
fn is_error_mark(text: &str) -> bool {
    text.starts_with("(/*ERROR*/)")
}

fn describe_lex_error(text: &str, at: usize) -> String {
    let rest = text.get(at..).unwrap_or_default();
    match rest.chars().next() {
        Some('/') => "this comment does not end".to_owned(),
        Some('(' | '[' | '{') => "this delimiter is never closed".to_owned(),
        Some(')' | ']' | '}') => "this delimiter closes nothing that is open".to_owned(),
        Some('"' | '\'') => "this literal does not end".to_owned(),
        Some(ch) => format!("{ch:?} does not start a Rust token"),
        None => "the text ends too early".to_owned(),
    }
}

/// The text with its first line blanked when that is a `#!` line, every byte staying where it is.
fn without_shebang(text: &str) -> Cow<'_, str> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let Some(line) = text[start..].strip_prefix("#!") else {
        return Cow::Borrowed(text);
    };
    // `#![attribute]` may have space and comments behind the `!`.
    if starts_with_bracket(line) {
        return Cow::Borrowed(text);
    }
    let length = text[start..].find('\n').unwrap_or(text.len() - start);
    let blank = " ".repeat(length);
    Cow::Owned([&text[..start], &blank, &text[start + length..]].concat())
}

fn starts_with_bracket(mut rest: &str) -> bool {
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.find('\n').map_or("", |end| &comment[end..]);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.find("*/").map_or("", |end| &comment[end + 2..]);
        } else {
            return rest.starts_with('[');
        }
    }
}

/// Lays the trees out in a row, without recursion.
fn flatten(stream: TokenStream, text: &str) -> Vec<Token> {
    let mut list = Vec::new();
    let mut open: Vec<(proc_macro2::token_stream::IntoIter, usize, Option<Span>)> =
        vec![(stream.into_iter(), usize::MAX, None)];
    let mut skip_group = false;
    while let Some((trees, opened, close)) = open.last_mut() {
        let Some(tree) = trees.next() else {
            if let Some(span) = *close {
                let place = list.len();
                list.push(Token {
                    kind: TokenKind::Close,
                    span,
                    partner: *opened,
                });
                if let Some(opening) = list.get_mut(*opened) {
                    opening.partner = place;
                }
            }
            open.pop();
            continue;
        };
        let span = Span::from(tree.span().byte_range());
        let place = list.len();
        let mut push = |kind| {
            list.push(Token {
                kind,
                span,
                partner: place,
            });
        };
        match tree {
            TokenTree::Ident(_) => push(TokenKind::Ident),
            TokenTree::Literal(_) => push(TokenKind::Literal),
            // A doc comment comes as `#[doc = ".."]`, all of it at the comment's place.
            TokenTree::Punct(punct) if is_doc_comment(punct.as_char(), span, text) => {
                skip_group = true; // for `!` again
            }
            TokenTree::Punct(punct) => push(TokenKind::Punct(punct.as_char())),
            TokenTree::Group(_) if std::mem::take(&mut skip_group) => {}
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                open.push((group.stream().into_iter(), usize::MAX, None));
            }
            TokenTree::Group(group) => {
                list.push(Token {
                    kind: TokenKind::Open,
                    span: group.span_open().byte_range().into(),
                    partner: place,
                });
                let close = Span::from(group.span_close().byte_range());
                open.push((group.stream().into_iter(), place, Some(close)));
            }
        }
    }
    list
}

fn is_doc_comment(punct: char, span: Span, text: &str) -> bool {
    matches!(punct, '#' | '!') && span.text(text).starts_with("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let tokens = Tokens::read(source).unwrap();
        (0..tokens.len())
            .map(|i| tokens.text(i).to_owned())
            .collect()
    }

    #[test]
    fn tokens_are_slices_of_the_original_text() {
        let source = "#!/usr/bin/env run\r\n//! doc\r\n/// more\r\nfn r#é() { m!['\u{1F600}', 1u8] } /* x */";
        let expected = [
            "fn",
            "r#é",
            "(",
            ")",
            "{",
            "m",
            "!",
            "[",
            "'\u{1F600}'",
            ",",
            "1u8",
            "]",
            "}",
        ];
        assert_eq!(texts(source), expected);
        assert_eq!(texts(&format!("\u{feff}{source}")), expected);
    }

    #[test]
    fn inner_attributes_are_no_shebang() {
        assert_eq!(texts("#![allow(x)]")[..3], ["#", "!", "["]);
    }

    #[test]
    fn groups_know_their_ends() {
        let tokens = Tokens::read("a ( b [ c ] ) d").unwrap();
        assert_eq!(tokens.after(1), 7);
        assert_eq!(tokens.text(tokens.after(1)), "d");
        assert_eq!(tokens.get(6).unwrap().partner, 1);
    }

    #[test]
    fn broken_text_names_the_place() {
        let failure = Tokens::read("fn main() { ( }").unwrap_err();
        assert!(failure.offset.0 <= 15, "{failure:?}");
        assert!(Tokens::read("\"unfinished").is_err());
    }

    #[test]
    fn deep_nesting_needs_no_deep_stack() {
        let deep = format!("{}{}", "(".repeat(200_000), ")".repeat(200_000));
        assert_eq!(Tokens::read(&deep).unwrap().len(), 400_000);
    }
}
