//! What a project made of errors that a crate gave which goes: nobody gives them any more, so what only
//! takes one in goes with it. `#[from] wasi_common::StringArrayError` in an enum of errors, and
//! `impl From<wasi_common::StringArrayError> for ..`.

use super::impls::behind_generics;
use super::scopes::Scopes;
use super::segments::path_at;
use super::whole::whole_item;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// Takes out what only takes in what the crate that comes has not.
#[must_use]
pub fn ended_types(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    let scopes = Scopes::of(tokens);
    for index in 0..tokens.len() {
        let Some(path) = path_at(tokens, index) else {
            continue;
        };
        let Some(resolved) = scopes.meaning(tokens, &path, ground) else {
            continue;
        };
        let is_going = resolved
            .path
            .first()
            .is_some_and(|name| ground.crates.goes(name));
        let (from, to) = (Some(ground.from), ground.to);
        let absent = ground.paths.absent(&resolved.path, from, to);
        let is_gone = absent
            .is_some_and(|it| it.instead.is_none() && it.known.path.len() == resolved.path.len());
        if !is_going || !is_gone {
            continue;
        }
        let span = variant(tokens, text, index, path.end)
            .or_else(|| conversion(tokens, text, index, path.end));
        if let Some(span) = span {
            let reason = format!("line {} gives no `{}`", ground.to, resolved.path.join("::"));
            result.edits.push(Edit {
                span,
                text: String::new(),
                reason,
            });
        }
    }
    result
}

/// The variant `Name(#[from] Type)` of an enum, with its attributes, documentation and comma.
fn variant(tokens: &Tokens<'_>, text: &str, first: usize, end: usize) -> Option<Span> {
    // `( # [ from ] Type )`
    let attribute = first.checked_sub(1).filter(|it| tokens.text(*it) == "]")?;
    let open = tokens.get(attribute)?.partner;
    let is_from = tokens.is_ident(open + 1, "from") && open + 2 == attribute;
    let brace = open.checked_sub(2)?;
    let is_alone = tokens.is_punct(open - 1, '#') && tokens.text(brace) == "(";
    let close = tokens.get(brace)?.partner;
    let ends = end == close || (end + 1 == close && tokens.is_punct(end, ','));
    let name = brace.checked_sub(1)?;
    let is_variant = tokens.kind(name) == Some(TokenKind::Ident);
    if !(is_from && is_alone && ends && is_variant) {
        return None;
    }
    let mut start = name;
    // `#[error("..")]`
    while start >= 2 && tokens.text(start - 1) == "]" {
        let open = tokens.get(start - 1)?.partner;
        let sign = open.checked_sub(1).filter(|it| tokens.is_punct(*it, '#'))?;
        start = sign;
    }
    let before = tokens.text(start.checked_sub(1)?);
    let last = if tokens.is_punct(close + 1, ',') {
        close + 1
    } else {
        close
    };
    matches!(before, "{" | ",").then(|| with_docs(tokens, text, start, last))
}

/// The bytes of an item with its documentation, which would else be that of the next one.
fn with_docs(tokens: &Tokens<'_>, text: &str, first: usize, last: usize) -> Span {
    let whole = whole_item(tokens, text, first, last);
    let end_of = |index: usize| tokens.get(index).map_or(0, |token| token.span.end.0);
    let before = first.checked_sub(1).map_or(0, end_of);
    let start = tokens.get(first).map_or(before, |token| token.span.start.0);
    match text[before..start].find("///") {
        Some(docs) => {
            let docs = before + docs;
            let blank = text[before..docs].trim_end().len();
            Span::new(before + blank, end_of(last))
        }
        None => whole,
    }
}

/// `impl From<Type> for Other { .. }`, all of it.
fn conversion(tokens: &Tokens<'_>, text: &str, first: usize, end: usize) -> Option<Span> {
    let from = first.checked_sub(2)?;
    let is_from = tokens.is_punct(first - 1, '<') && tokens.is_ident(from, "From");
    let is_impl = from > 0 && tokens.is_ident(from - 1, "impl");
    let is_for = tokens.is_punct(end, '>') && tokens.is_ident(end + 1, "for");
    if !(is_from && is_impl && is_for) {
        return None;
    }
    let mut index = end + 2;
    while tokens.text(index) != "{" {
        index = match tokens.text(index) {
            "" | ";" => return None,
            "<" => behind_generics(tokens, index)?,
            _ => tokens.after(index),
        };
    }
    let last = tokens.after(index) - 1;
    Some(with_docs(tokens, text, from - 1, last))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::edit::EditSet;
    use crate::migrate::tests::{crates, ground};

    fn left(text: &str) -> String {
        let mut crates = crates();
        crates.comes("wasmtime-wasi", "wasmtime_wasi", "wasi-common");
        let ground = ground(&crates, 46, 47);
        let mut edits = EditSet::default();
        let found = ended_types(&Tokens::read(text).unwrap(), text, &ground);
        found
            .edits
            .into_iter()
            .for_each(|edit| edits.add(edit).unwrap());
        edits.apply(text)
    }

    #[test]
    fn a_variant_that_takes_the_error_in_goes_with_all_that_is_its_own() {
        for (before, after) in [
            (
                "enum E {\n    A,\n\n    /// Docs.\n    /// More.\n    #[error(\"{0}\")]\n    S(#[from] wasi_common::StringArrayError),\n\n    B,\n}",
                "enum E {\n    A,\n\n    B,\n}",
            ),
            (
                "use wasi_common::Error as Theirs;\nenum E {\n    S(#[from] Theirs),\n    B,\n}",
                "use wasi_common::Error as Theirs;\nenum E {\n    B,\n}",
            ),
            (
                "enum E {\n    A, // a\n    S(#[from] wasi_common::StringArrayError)\n}",
                "enum E {\n    A, // a\n}",
            ),
            (
                "struct A;\n\n/// Docs.\nimpl From<wasi_common::Error> for E<u8> {\n    fn from(_: wasi_common::Error) -> Self { Self }\n}\n",
                "struct A;\n",
            ),
        ] {
            assert_eq!(left(before), after);
        }
    }

    #[test]
    fn what_may_be_made_by_others_stays() {
        for text in [
            "enum E { S(wasi_common::StringArrayError) }",
            "enum E { S(#[from] wasi_common::I32Exit) }",
            "enum E { S(#[from] other::StringArrayError) }",
            "impl Into<wasi_common::Error> for E {}",
            "struct S(#[from] wasi_common::Error, u8);",
        ] {
            assert_eq!(left(text), text);
        }
    }
}
