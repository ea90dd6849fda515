//! Places with the macro's name that are no invocation of it, told without what looks for those.

use wasmtime_upgrade::span::ByteOffset;
use wasmtime_upgrade::tokens::{TokenKind, Tokens};

/// Why a place with `bindgen!` is no invocation of Wasmtime's macro, from the text alone.
pub(crate) fn why_not(
    text: &str,
    offset: usize,
    tokens: Option<&Tokens<'_>>,
    path: &str,
) -> Option<String> {
    let before = &text[..offset];
    let behind = text[offset + "bindgen!".len()..].trim_start();
    let is_name = |ch: char| ch.is_alphanumeric() || ch == '_';
    if before.ends_with(is_name) {
        return Some("the end of a longer name".to_owned());
    }
    if before.trim_end().ends_with("macro_rules!") {
        return Some("the definition of a macro".to_owned());
    }
    let called = behind.starts_with(['(', '{', '[']);
    if !called {
        return Some("named in prose or a comment, not called".to_owned());
    }
    let start = before
        .trim_end_matches(|ch: char| is_name(ch) || ch == ':')
        .len();
    let named = &before[start..];
    if !matches!(
        named,
        "" | "component::" | "wasmtime::component::" | "::wasmtime::component::"
    ) {
        return Some(format!("another crate's macro: {named}bindgen!"));
    }
    let line = before[line_of(text, offset)..].trim_start();
    match (
        tokens,
        path.rsplit_once('.').map_or(path, |(_, ending)| ending),
    ) {
        (Some(tokens), _) => in_rust(tokens, offset, line),
        (None, "rs") => None,
        (None, "md" | "markdown" | "mdx") => Some("prose in Markdown, outside of Rust".to_owned()),
        (None, ending) => Some(format!(
            "in a file that is neither Rust nor Markdown (.{ending})"
        )),
    }
}

/// What stands in a source at `offset`, behind `line` on its line.
fn in_rust(tokens: &Tokens<'_>, offset: usize, line: &str) -> Option<String> {
    let behind = tokens.starting_at(ByteOffset(offset + 1));
    let token = behind.unwrap_or(tokens.len()).checked_sub(1);
    let token = token.and_then(|at| tokens.get(at));
    if let Some(token) = token.filter(|token| token.span.end.0 > offset) {
        return (token.kind == TokenKind::Literal).then(|| "in a string".to_owned());
    }
    // What is in no token is in a comment.
    match line.strip_prefix("///").or(line.strip_prefix("//!")) {
        Some(documentation) => {
            let in_comment = documentation.trim_start().starts_with("//");
            in_comment.then(|| "in a comment of an example".to_owned())
        }
        None => line.starts_with("//").then(|| "commented out".to_owned()),
    }
}

/// Where the line begins that has `offset`.
fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}
