//! Settings of a `Config` that have another name, or another way to be made.

use super::{Repair, Site};
use crate::migrate::impls::span_of;
use crate::migrate::whole::whole_item;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// Settings that have another name (28, PR #9545; 33, PR #10665).
pub(super) fn of_config(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0599") && site.error.message.contains("Config`");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let name = tokens.starting_at(label.span.start)?;
    let open = name + 1;
    if tokens.text(open) != "(" {
        return None;
    }
    let close = tokens.get(open)?.partner;
    let (start, end) = (
        tokens.get(open)?.span.end.0,
        tokens.get(close)?.span.start.0,
    );
    let argument = text.get(start..end)?.trim().trim_end_matches(',');
    let renamed = |new: &str| Some((label.span, new.to_owned()));
    let (span, new) = match tokens.text(name) {
        "static_memory_maximum_size" => renamed("memory_reservation"),
        "dynamic_memory_reserved_for_growth" => renamed("memory_reservation_for_growth"),
        "static_memory_guard_size" | "dynamic_memory_guard_size" => guard_size(&tokens, text, name),
        // The sense is the opposite.
        "static_memory_forced" => {
            let opposite = match argument {
                "true" => "false".to_owned(),
                "false" => "true".to_owned(),
                other => format!("!({other})"),
            };
            let span = label.span.to(tokens.get(close)?.span);
            Some((span, format!("memory_may_move({opposite})")))
        }
        "disable_cache" if argument.is_empty() => Some((
            label.span.to(tokens.get(close)?.span),
            "cache(None)".to_owned(),
        )),
        "cache_config_load_default" => cache(&tokens, text, name, close, "None"),
        "cache_config_load" => {
            let reference = if argument.starts_with('&') { "" } else { "&" };
            let path = format!("Some(std::path::Path::new({reference}{argument}))");
            cache(&tokens, text, name, close, &path)
        }
        _ => None,
    }?;
    Some(site.edit(label, span, new, "the setting has another name"))
}

/// One setting took the place of two: where both are the same, one of them goes; which of them counts where
/// they are not is for a person to say.
fn guard_size(tokens: &Tokens<'_>, text: &str, name: usize) -> Option<(Span, String)> {
    let is_static = tokens.text(name).starts_with("static");
    let other = match is_static {
        true => "dynamic_memory_guard_size",
        false => "static_memory_guard_size",
    };
    let close_of = |name: usize| Some(tokens.get(name + 1)?.partner);
    let given = |name: usize| {
        let argument = span_of(tokens, &(name + 2..close_of(name)?))?;
        Some(argument.text(text))
    };
    let renamed = || Some((tokens.get(name)?.span, "memory_guard_size".to_owned()));
    let open = tokens.around(name).next();
    let end = open.and_then(|open| tokens.get(open)).map(|it| it.partner);
    let here = open.unwrap_or(0)..end.unwrap_or(tokens.len());
    let mut beside = tokens.places_of(other).filter(|it| here.contains(it));
    match (beside.next(), beside.next()) {
        (None, _) if !text.contains(other) => renamed(),
        (Some(other), None) if given(other)? == given(name)? => match is_static {
            true => renamed(),
            false => Some((gone(tokens, text, name)?, String::new())),
        },
        _ => None,
    }
}

/// The bytes of `config.f(..);`, or of `.f(..)` in a chain.
fn gone(tokens: &Tokens<'_>, text: &str, name: usize) -> Option<Span> {
    let close = tokens.get(name + 1)?.partner;
    let statement = receiver(tokens, name).filter(|first| {
        let before = first.checked_sub(1).map_or("{", |it| tokens.text(it));
        tokens.is_punct(close + 1, ';') && matches!(before, "{" | "}" | ";")
    });
    if let Some(first) = statement {
        return Some(whole_item(tokens, text, first, close + 1));
    }
    let before = tokens.get(name.checked_sub(2)?)?;
    let is_link = before.kind == TokenKind::Close || tokens.is_punct(close + 1, '.');
    let end = tokens.get(close)?.span.end;
    is_link.then_some(Span {
        start: before.span.end,
        end,
    })
}

/// What can fail is reading the cache's settings, and no more setting them: what deals with the failure
/// goes with it. Where that is not behind the call, the result stays what it was, that of the whole.
fn cache(
    tokens: &Tokens<'_>,
    text: &str,
    name: usize,
    close: usize,
    path: &str,
) -> Option<(Span, String)> {
    let end = behind_failure(tokens, close);
    let behind = Span {
        start: tokens.get(close)?.span.end,
        end: tokens.get(end)?.span.end,
    };
    let failure = behind.text(text);
    if failure.is_empty() {
        let first = receiver(tokens, name)?;
        let span = tokens.get(first)?.span.to(tokens.get(close)?.span);
        let config = tokens
            .get(first)?
            .span
            .to(tokens.get(name - 2)?.span)
            .text(text);
        let made = format!("wasmtime::Cache::from_file({path})");
        return Some((
            span,
            format!("{made}.map(|cache| {config}.cache(Some(cache)))"),
        ));
    }
    let span = tokens.get(name)?.span.to(tokens.get(end)?.span);
    Some((
        span,
        format!("cache(Some(wasmtime::Cache::from_file({path}){failure}))"),
    ))
}

/// The last token of what deals with a failure of the call that ends at `close`: `?`, `.unwrap()`,
/// `.map_err(..)?`, `.context(..).unwrap()`. That of the call where nothing does.
fn behind_failure(tokens: &Tokens<'_>, close: usize) -> usize {
    let mut end = close;
    loop {
        if tokens.is_punct(end + 1, '?') {
            return end + 1;
        }
        let is_call = tokens.is_punct(end + 1, '.') && tokens.text(end + 3) == "(";
        let behind = tokens.after(end + 3) - 1;
        match tokens.text(end + 2) {
            "unwrap" | "expect" if is_call => return behind,
            "map_err" | "context" | "with_context" if is_call => end = behind,
            _ => return close,
        }
    }
}

/// The first token of the names and fields that a function is called on.
fn receiver(tokens: &Tokens<'_>, function: usize) -> Option<usize> {
    let mut first = function;
    while tokens.is_punct(first.checked_sub(1)?, '.') {
        first = first.checked_sub(2)?;
        if tokens.kind(first) != Some(TokenKind::Ident) {
            return None;
        }
        if first == 0 {
            return Some(first);
        }
    }
    let is_of_path = first > 0 && tokens.is_punct(first - 1, ':');
    (first < function && !is_of_path).then_some(first)
}
