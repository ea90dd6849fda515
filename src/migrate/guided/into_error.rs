//! What is made a Wasmtime error of, where it is one of anyhow's: up to 41 they were the same, and from 42 on
//! nothing makes the one of the other but `from_anyhow` (PR #12163).

use super::errors::{FROM_ANYHOW, Met, TO_ANYHOW, chained, met};
use super::own_errors::{in_front_of_call, receiver_alone};
use super::returned::path_of_macro;
use super::{Repair, Site};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

const REASON: &str = "`wasmtime::Error` is not anyhow's";

/// `SocketError::trap(anyhow!(..))`, `.map_err(SocketError::trap)`, `error.into()`, `wasmtime::Error::from(error)`.
pub(super) fn into_error(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0277")
        && site.speaks_of("required for `wasmtime::Error` to implement `From<anyhow::Error>`")
        && site
            .error
            .message
            .starts_with("the trait bound `anyhow::Error: ");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let written = label.span.text(text);
    let replace = |span: Span, new: String| Some(site.edit(label, span, new, REASON));
    if let Some(path) = path_of_macro(written) {
        let start = label.span.start.0;
        let span = Span::new(start, start + path.len());
        return replace(span, "wasmtime::format_err".to_owned());
    }
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let end = tokens.starting_at(label.span.end).unwrap_or(tokens.len());
    if written == "into" {
        return of_into(&tokens, text, first)
            .map(|(span, new)| site.edit(label, span, new, REASON));
    }
    // `wasmtime::Error::from(error)`: all of the path, or the type alone.
    if tokens.text(end) == "(" && written.ends_with("from") {
        let at = label.span.end.0;
        return replace(Span::new(at, at), "_anyhow".to_owned());
    }
    let is_from = tokens.is_path_separator(end) && tokens.is_ident(end + 2, "from");
    if written.ends_with("Error") && is_from {
        let at = tokens.get(end + 2)?.span.end.0;
        return replace(Span::new(at, at), "_anyhow".to_owned());
    }
    let open = first.checked_sub(1)?;
    let is_mapped = open > 0 && tokens.is_ident(open - 1, "map_err") && tokens.text(end) == ")";
    if is_mapped {
        let at = in_front_of_call(&tokens, open)?;
        return Some(chained(site, label, text, at, FROM_ANYHOW));
    }
    let is_argument =
        matches!(tokens.text(open), "(" | ",") && matches!(tokens.text(end), ")" | ",");
    let has_block = (first..end).any(|index| matches!(tokens.text(index), "{" | ";"));
    (is_argument && !has_block).then(|| {
        replace(
            label.span,
            format!("wasmtime::Error::from_anyhow({written})"),
        )
    })?
}

/// `error.into()`, where the error is a name.
fn of_into(tokens: &Tokens<'_>, text: &str, name: usize) -> Option<(Span, String)> {
    let receiver = receiver_alone(tokens, name)?;
    let is_call = tokens.text(name + 1) == "(" && tokens.text(name + 2) == ")";
    let close = tokens.get(name + 2).filter(|_| is_call)?;
    let span = tokens.get(receiver)?.span;
    let error = span.text(text);
    Some((
        span.to(close.span),
        format!("wasmtime::Error::from_anyhow({error})"),
    ))
}

/// What an earlier round took for an error is a result: the compiler names the error alone where a result is
/// given as an argument.
pub(super) fn result_after_all(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    let of_bound =
        site.is("E0277") && message.contains("Result<") && message.contains("std::error::Error");
    let (label, text) = site.primary()?;
    let of_argument = site.is("E0308") && label.text.contains("found `Result<");
    let before = text
        .get(..label.span.start.0)
        .filter(|_| of_bound || of_argument)?;
    let cases = [
        ("anyhow::Error::from(", TO_ANYHOW),
        ("wasmtime::Error::from_anyhow(", FROM_ANYHOW),
    ];
    let (start, call) = cases
        .iter()
        .find_map(|(prefix, call)| Some((before.strip_suffix(prefix)?.len(), call)))?;
    text.get(label.span.end.0..)?.strip_prefix(')')?;
    let written = label.span.text(text);
    let span = Span::new(start, label.span.end.0 + 1);
    Some(site.edit(label, span, format!("{written}{call}"), REASON))
}

/// An error that is lent to something that wants the other one: what it came from is converted as a whole,
/// so that everything that is done with the error has the same.
pub(super) fn lent(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0308") && site.speaks_of("arguments to this ");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let call = match met(site)? {
        Met::WasmtimeForAnyhow => TO_ANYHOW,
        Met::AnyhowForWasmtime => FROM_ANYHOW,
    };
    let name = label.span.text(text).strip_prefix('&')?.trim_start();
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let tokens = Tokens::read(text).ok().filter(|_| is_name)?;
    let place = tokens.starting_at(label.span.start)?;
    let at = origin(&tokens, name, place)?;
    Some(chained(site, label, text, at, call))
}

/// Where the expression ends that an error comes from, which a pattern `Err(name)` takes out of it or a closure
/// `.map_err(|name| ..)` is given.
fn origin(tokens: &Tokens<'_>, name: &str, place: usize) -> Option<usize> {
    let known = tokens.places_of(name).filter(|it| *it < place && *it > 1);
    let bound = known.filter(|it| {
        // In a pattern: `return Err(name)` takes nothing out of anything.
        let behind = tokens.after(it - 1);
        let is_pattern = matches!(tokens.text(behind), "=" | "if" | "|");
        let of_err = is_pattern && tokens.text(it - 1) == "(" && tokens.is_ident(it - 2, "Err");
        let of_closure = tokens.is_punct(it - 1, '|') && tokens.is_punct(it + 1, '|');
        of_err || of_closure
    });
    let bound = bound.last()?;
    if tokens.is_punct(bound - 1, '|') {
        let open = bound.checked_sub(2)?;
        let is_map = matches!(
            tokens.text(open.checked_sub(1)?),
            "map_err" | "unwrap_or_else" | "or_else" | "inspect_err"
        );
        let is_inside = tokens.get(open)?.partner > place;
        return in_front_of_call(tokens, open).filter(|_| is_map && is_inside);
    }
    // `if let Err(name) = value {`
    let close = tokens.get(bound - 1)?.partner;
    if tokens.is_punct(close + 1, '=') && !tokens.is_punct(close + 2, '>') {
        let block = (close + 2..tokens.len()).find(|index| tokens.text(*index) == "{")?;
        let is_inside = tokens.get(block)?.partner > place;
        return ends_in_value(tokens, close + 2, block).filter(|_| is_inside);
    }
    // `match value { Err(name) => .. }`
    let around = tokens.around(bound - 2).next()?;
    tokens.get(around).filter(|block| block.partner > place)?;
    let word = (0..around)
        .rev()
        .take_while(|index| !matches!(tokens.text(*index), ";" | "}"))
        .find(|index| tokens.is_ident(*index, "match"))?;
    ends_in_value(tokens, word + 1, around)
}

/// The end of an expression that one more call can follow, in bytes.
fn ends_in_value(tokens: &Tokens<'_>, first: usize, behind: usize) -> Option<usize> {
    let last = behind.checked_sub(1).filter(|last| *last >= first)?;
    let is_reference = tokens.is_punct(first, '&');
    let views = ["as_ref", "as_mut", "as_deref"];
    let is_view = last >= first + 2 && views.contains(&tokens.text(last.saturating_sub(2)));
    let can_go_on = matches!(tokens.kind(last)?, TokenKind::Close | TokenKind::Ident);
    (can_go_on && !is_reference && !is_view).then(|| tokens.get(last).map(|it| it.span.end.0))?
}
