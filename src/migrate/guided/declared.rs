//! Functions and closures that Wasmtime calls, and that are declared to give anyhow's error.

use super::errors::{Met, met};
use super::{Repair, Site};
use crate::edit::Edit;
use crate::migrate::impls::{self, arguments, span_of};
use crate::migrate::scopes::Scopes;
use crate::migrate::segments::head;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// A function or closure that Wasmtime calls gives Wasmtime's error.
pub(super) fn declared(site: &Site<'_>) -> Option<Repair> {
    let of_closure = site.is("E0277") && (site.speaks_of("IntoFunc<") || site.speaks_of("WasmRet"));
    let of_async = site.is("E0271")
        && site.speaks_of("to be a future that resolves to")
        && matches!(met(site), Some(Met::AnyhowForWasmtime));
    let of_trait = of_async || site.is("E0053") && site.speaks_of("wasmtime::Error");
    if !of_closure && !of_trait {
        return None;
    }
    let (primary, text) = site.primary()?;
    // A closure at the end of a block has a label of its own.
    let mut labels = site.error.labels.iter();
    let tail = labels.find(|label| label.text.starts_with("this tail expression is of type"));
    let label = tail
        .filter(|tail| tail.path == primary.path)
        .unwrap_or(primary);
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let edits = match of_trait {
        true => retyped(&tokens, first, tokens.len())?,
        false => match result_of_closure(&tokens, first) {
            Some(range) => retyped(&tokens, range.start, range.end)?,
            // Nothing says what it gives: what ends it early does.
            None => macros_of_anyhow(&tokens, with_arguments(&tokens, first, label.span), text),
        },
    };
    if edits.is_empty() {
        return None;
    }
    let reason = format!("Wasmtime wants its own error (line {})", site.line);
    let edits = edits.into_iter().map(|(span, text)| {
        (
            label.path.clone(),
            Edit {
                span,
                text,
                reason: reason.clone(),
            },
        )
    });
    Some(Repair {
        edits: edits.collect(),
        ..Repair::default()
    })
}

/// The name of a function with what it is called with, where the compiler points to the name alone.
fn with_arguments(tokens: &Tokens<'_>, name: usize, span: Span) -> Span {
    let open = tokens
        .get(name + 1)
        .filter(|_| tokens.text(name + 1) == "(");
    let close = open.and_then(|open| tokens.get(open.partner));
    close.map_or(span, |close| span.to(close.span))
}

/// Whether a macro that makes an error is given a text, and what is written into it. Of another error anyhow's macro
/// keeps what it is, and Wasmtime's only what it says.
pub(super) fn is_of_text(tokens: &Tokens<'_>, first: usize) -> bool {
    let is_literal = tokens.kind(first) == Some(TokenKind::Literal);
    let is_macro = matches!(tokens.text(first), "concat" | "format");
    is_literal || is_macro && tokens.is_punct(first + 1, '!')
}

/// The macros of anyhow's that make an error in a part of a text, as Wasmtime's.
pub(in crate::migrate) fn macros_of_anyhow(
    tokens: &Tokens<'_>,
    span: Span,
    text: &str,
) -> Vec<(Span, String)> {
    let is_inside = |place: Span| span.start <= place.start && place.end <= span.end;
    let scopes = Scopes::of(tokens);
    let mut found = Vec::new();
    for (name, new) in [
        ("bail", "bail"),
        ("ensure", "ensure"),
        ("anyhow", "format_err"),
    ] {
        for place in tokens
            .places_of(name)
            .filter(|place| tokens.is_punct(*place + 1, '!'))
        {
            let is_path = place >= 3 && tokens.is_path_separator(place - 2);
            let of_anyhow = match (is_path, scopes.bound(name, place)) {
                (true, _) => tokens.is_ident(place - 3, "anyhow"),
                (false, Some(path)) => path.first() == Some(&"anyhow"),
                (false, None) => text.contains("use anyhow::"),
            };
            let first = if is_path { place - 3 } else { place };
            let ends = tokens.get(first).zip(tokens.get(place));
            let Some((start, last)) = ends.filter(|_| of_anyhow) else {
                continue;
            };
            let is_kept = is_payload(tokens, first) || is_declared_apart(tokens, first, span);
            if is_inside(start.span) && !is_kept {
                let path = start.span.to(last.span);
                let new = (path, format!("wasmtime::{new}"));
                found.extend(made(tokens, text, path, place + 2, new));
            }
        }
    }
    found
}

/// A macro of anyhow's as Wasmtime's; one that is given an error goes on making anyhow's of it.
fn made(
    tokens: &Tokens<'_>,
    text: &str,
    path: Span,
    open: usize,
    new: (Span, String),
) -> Option<(Span, String)> {
    let given = arguments(tokens, open)?;
    let name = path.text(text).rsplit("::").next()?;
    let error = given.get(usize::from(name == "ensure"));
    if error.is_none_or(|error| is_of_text(tokens, error.start)) {
        return Some(new);
    }
    let whole = path.to(tokens.get(tokens.after(open) - 1)?.span);
    let error = span_of(tokens, error?)?.text(text);
    match name {
        "bail" => Some((whole, returned(error))),
        "anyhow" => Some((
            whole,
            format!("wasmtime::Error::from_anyhow({})", whole.text(text)),
        )),
        _ => None,
    }
}

/// What `bail!(error)` is, with the error made anyhow's as before, and then Wasmtime's.
pub(super) fn returned(error: &str) -> String {
    format!("return Err(wasmtime::Error::from_anyhow(anyhow::anyhow!({error})))")
}

/// Whether what begins at a token is in something else than a result: `HostError::Fatal(anyhow!(..))`,
/// `sender.send(Err(anyhow!(..)))`.
fn is_payload(tokens: &Tokens<'_>, first: usize) -> bool {
    let called = |place: usize| {
        let open = tokens.around(place).next()?;
        let name = open.checked_sub(1).filter(|_| tokens.text(open) == "(")?;
        (tokens.kind(name) == Some(TokenKind::Ident)).then_some(name)
    };
    let Some(name) = called(first) else {
        return false;
    };
    let is_variant = |name: usize| tokens.text(name).starts_with(char::is_uppercase);
    let is_of_result = |name: usize| matches!(tokens.text(name), "Err" | "Ok" | "Some" | "Ready");
    if tokens.is_ident(name, "Err") {
        return called(name).is_some_and(|name| tokens.is_ident(name, "send"));
    }
    is_variant(name) && !is_of_result(name)
}

/// Whether a function or closure around a place, within a part of the text, says itself what it gives.
fn is_declared_apart(tokens: &Tokens<'_>, place: usize, whole: Span) -> bool {
    let inside = |open: &usize| {
        tokens
            .get(*open)
            .is_some_and(|it| it.span.start > whole.start)
    };
    let blocks = tokens.around(place).take_while(inside);
    let mut blocks = blocks.filter(|open| tokens.text(*open) == "{");
    blocks.any(|open| {
        let head = (0..open)
            .rev()
            .take_while(|index| !matches!(tokens.text(*index), ";" | "{" | "}" | "," | "(" | "|"));
        let mut head = head.filter(|index| tokens.is_punct(*index, '>'));
        head.any(|index| index > 0 && tokens.is_punct(index - 1, '-'))
    })
}

/// The type behind `->` of a closure that begins at a token.
pub(super) fn result_of_closure(
    tokens: &Tokens<'_>,
    first: usize,
) -> Option<std::ops::Range<usize>> {
    let mut index = first;
    while matches!(tokens.text(index), "move" | "async" | "static") {
        index += 1;
    }
    if !tokens.is_punct(index, '|') {
        return None;
    }
    index += 1;
    while !tokens.is_punct(index, '|') {
        tokens.kind(index)?;
        index = tokens.after(index);
    }
    let is_arrow = tokens.is_punct(index + 1, '-') && tokens.is_punct(index + 2, '>');
    let start = is_arrow.then_some(index + 3)?;
    let mut end = start;
    while tokens.text(end) != "{" {
        tokens.kind(end)?;
        end = tokens.after(end);
    }
    Some(start..end)
}

/// `anyhow::Result<T>`, `Result<T>` and what a project calls them, `HostResult<T>`, as Wasmtime's, alone or as
/// what a boxed future gives; with the error written out, that one.
pub(in crate::migrate) fn retyped(
    tokens: &Tokens<'_>,
    start: usize,
    end: usize,
) -> Option<Vec<(Span, String)>> {
    let start = match tokens.text(start) {
        "impl" | "dyn" => start + 1,
        _ => start,
    };
    let mut last = start;
    while tokens.is_path_separator(last + 1) && tokens.kind(last + 3) == Some(TokenKind::Ident) {
        last += 3;
    }
    if tokens.is_ident(last, "Poll") {
        let behind = impls::behind_generics(tokens, last + 1)?;
        return retyped(tokens, last + 2, behind);
    }
    if matches!(tokens.text(last), "Box" | "Pin" | "Future") {
        // `Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>`
        let behind = impls::behind_generics(tokens, last + 1)?;
        let is_output =
            |index: &usize| tokens.is_ident(*index, "Output") && tokens.is_punct(index + 1, '=');
        let output = (last..behind).find(is_output)?;
        return retyped(tokens, output + 2, behind);
    }
    let name = tokens.text(last);
    if tokens.text(start).starts_with("wasmtime") || last >= end {
        return None;
    }
    if !name.ends_with("Result") {
        // `BoxFuture<'_, anyhow::Result<()>>`, and what a project calls it
        let behind =
            impls::behind_generics(tokens, last + 1).filter(|_| tokens.is_punct(last + 1, '<'))?;
        let result = (last + 2..behind).find(|index| tokens.is_ident(*index, "Result"))?;
        return retyped(tokens, head(tokens, result), behind);
    }
    let is_alias = name != "Result";
    let path = tokens.get(start)?.span.to(tokens.get(last)?.span);
    let open = last + 1;
    let close = impls::behind_generics(tokens, open).filter(|_| tokens.is_punct(open, '<'))? - 1;
    let mut depth = 0_usize;
    let mut index = open + 1;
    while index < close {
        match tokens.kind(index)? {
            TokenKind::Punct('<') => depth += 1,
            TokenKind::Punct('>') if !tokens.is_punct(index - 1, '-') => {
                depth = depth.checked_sub(1)?;
            }
            // A name of the project's own, which says elsewhere what its parameters are.
            TokenKind::Punct(',') if depth == 0 && is_alias => return None,
            TokenKind::Punct(',') if depth == 0 && index + 1 < close => {
                let error = tokens.get(index + 1)?.span.to(tokens.get(close - 1)?.span);
                return Some(vec![(error, "wasmtime::Error".to_owned())]);
            }
            _ => {}
        }
        index = tokens.after(index);
    }
    Some(vec![(path, "wasmtime::Result".to_owned())])
}
