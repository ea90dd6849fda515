//! The Rust paths in the options of an invocation: what `with` and its like point to.

use super::invocation::Invocation;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// The options whose values are paths of items.
const OPTIONS: [&str; 3] = ["with", "trappable_error_type", "wasmtime_crate"];

/// A path in an option, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath {
    /// The option that it stands in.
    pub option: String,
    /// Its parts, a leading `::` left out.
    pub segments: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// The paths in the options of an invocation whose opening bracket is the token `open`.
pub(super) fn read(tokens: &Tokens<'_>, invocation: &Invocation, open: usize) -> Vec<NamedPath> {
    let mut found = Vec::new();
    let wanted = invocation
        .options
        .iter()
        .filter(|option| OPTIONS.contains(&option.name.as_str()));
    for option in wanted {
        let inside = |index: &usize| {
            tokens.get(*index).is_some_and(|token| {
                option.value_span.start <= token.span.start
                    && token.span.end <= option.value_span.end
            })
        };
        let places: Vec<usize> = (open..tokens.len())
            .skip_while(|index| !inside(index))
            .take_while(inside)
            .collect();
        let mut rest = places.as_slice();
        while let [index, ..] = rest {
            let Some((segments, span, length)) = path_at(tokens, *index) else {
                rest = &rest[1..];
                continue;
            };
            rest = rest.get(length..).unwrap_or_default();
            // One name alone is a key, or an item that was imported; a crate stands alone only here.
            if segments.len() > 1 || option.name == "wasmtime_crate" {
                found.push(NamedPath {
                    option: option.name.clone(),
                    segments,
                    span,
                });
            }
        }
    }
    found
}

/// The path that begins at a name, and how many tokens it has.
fn path_at(tokens: &Tokens<'_>, first: usize) -> Option<(Vec<String>, Span, usize)> {
    let mut index = first;
    let mut segments = Vec::new();
    let mut span = tokens.get(first)?.span;
    loop {
        if tokens.kind(index) != Some(TokenKind::Ident) {
            break;
        }
        segments.push(tokens.text(index).to_owned());
        span = span.to(tokens.get(index)?.span);
        index += 1;
        if !tokens.is_path_separator(index) || tokens.kind(index + 2) != Some(TokenKind::Ident) {
            break;
        }
        index += 2;
    }
    (!segments.is_empty()).then_some((segments, span, index - first))
}
