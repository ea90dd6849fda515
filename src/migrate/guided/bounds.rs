//! `T: 'static`, which stores and linkers want of their data from 34 on (PR #10760), and `T: Send`, which
//! functions that define asynchronous ones want from 42 on (PR #12366). `T: Sync`, which a call that waits
//! wants of what it passes from 35 on.

use super::{Repair, Site, is_plain, quoted, traits};
use crate::migrate::impls::behind_generics;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// Adds the bound to the parameter that has to live longer.
pub(super) fn bounds(site: &Site<'_>) -> Option<Repair> {
    let lives_too_short = (site.is("E0310") || site.is("E0311"))
        && site.error.message.contains("may not live long enough");
    if !lives_too_short {
        return None;
    }
    let of_parameter = || {
        let is_it = site.error.message.starts_with("the parameter type");
        is_it.then(|| of_parameter(site, "'static"))?
    };
    of_parameter()
        .or_else(|| traits::of_associated_type(site))
        .or_else(|| as_suggested(site))
}

/// Adds `Send` or `Sync` where something asynchronous of Wasmtime's asks for it, or a limiter (37, PR #11442).
pub(super) fn send(site: &Site<'_>) -> Option<Repair> {
    const CALLS: [&str; 6] = [
        "call_async",
        "func_wrap_async",
        "func_new_async",
        "wrap_async",
        "new_async",
        "resource_async",
    ];
    const BOUNDS: [(&str, &str); 2] = [
        ("cannot be sent between threads safely", "Send"),
        ("cannot be shared between threads safely", "Sync"),
    ];
    let of_limiter = site.speaks_of("required by a bound in `ResourceLimiter");
    let of_call = CALLS.iter().any(|call| site.speaks_of(call));
    let is_it = site.is("E0277") && (of_call || of_limiter);
    let asked = BOUNDS
        .iter()
        .find(|(words, _)| site.error.message.ends_with(words));
    let (_, bound) = asked.filter(|_| is_it)?;
    of_parameter(site, bound).or_else(|| of_argument(site, bound))
}

/// `argument: impl WasmParams` has no name that could be bound elsewhere: the compiler proposes it.
fn of_argument(site: &Site<'_>, bound: &str) -> Option<Repair> {
    let name = quoted(&site.error.message).next()?;
    let message = format!("consider restricting opaque type `{name}` with trait `{bound}`");
    let mut proposed = site.as_proposed("it is passed on by something asynchronous", |it| {
        it.message == message
    })?;
    for (_, edit) in &mut proposed.edits {
        edit.text = edit.text.replace("std::marker::", "");
    }
    Some(proposed)
}

fn of_parameter(site: &Site<'_>, bound: &str) -> Option<Repair> {
    let name = quoted(&site.error.message).next()?;
    let (label, text) = site
        .primary()
        .filter(|(label, text)| is_plain(text, label))?;
    let tokens = Tokens::read(text).ok()?;
    let place = (0..tokens.len()).find(|index| {
        tokens
            .get(*index)
            .is_some_and(|token| token.span.end > label.span.start)
    })?;
    let (at, bound) = parameter_before(&tokens, place, name, bound)?;
    let reason = format!("`{name}` is data of a store");
    Some(site.edit(label, Span::new(at, at), bound, &reason))
}

/// Where the innermost parameter of that name around a token takes another bound, and how that is
/// written.
fn parameter_before(
    tokens: &Tokens<'_>,
    place: usize,
    name: &str,
    bound: &str,
) -> Option<(usize, String)> {
    (0..place).rev().find_map(|open| {
        let begins = tokens.is_punct(open, '<') && open > 0 && is_header(tokens, open);
        if !begins {
            return None;
        }
        let close = behind_generics(tokens, open)? - 1;
        if !reaches(tokens, close, place) {
            return None;
        }
        let parameter = (open + 1..close).find(|index| {
            let starts = *index == open + 1 || tokens.is_punct(*index - 1, ',');
            starts && tokens.is_ident(*index, name)
        })?;
        bound_at(tokens, parameter, close, bound)
    })
}

/// Whether a `<` opens the parameters of an item.
fn is_header(tokens: &Tokens<'_>, open: usize) -> bool {
    if tokens.is_ident(open - 1, "impl") {
        return true;
    }
    const WORDS: [&str; 6] = ["fn", "struct", "enum", "union", "trait", "type"];
    open >= 2
        && tokens.kind(open - 1) == Some(TokenKind::Ident)
        && WORDS.contains(&tokens.text(open - 2))
}

/// Whether a token belongs to the item whose parameters end at `close`.
fn reaches(tokens: &Tokens<'_>, close: usize, place: usize) -> bool {
    let mut index = close;
    loop {
        if tokens.kind(index).is_none() || index > place {
            return true;
        }
        let ends = tokens.is_punct(index, ';') || tokens.text(index) == "{";
        let next = tokens.after(index);
        if ends {
            return place < next;
        }
        index = next;
    }
}

/// Behind the bounds of the parameter.
pub(super) fn bound_at(
    tokens: &Tokens<'_>,
    parameter: usize,
    close: usize,
    bound: &str,
) -> Option<(usize, String)> {
    let end_of = |index: usize| tokens.get(index).map(|token| token.span.end.0);
    if !tokens.is_punct(parameter + 1, ':') {
        return Some((end_of(parameter)?, format!(": {bound}")));
    }
    let mut index = parameter + 2;
    let mut depth = 0_usize;
    while index < close {
        match tokens.kind(index)? {
            TokenKind::Punct('<') => depth += 1,
            TokenKind::Punct('>') if !tokens.is_punct(index - 1, '-') => {
                depth = depth.checked_sub(1)?;
            }
            TokenKind::Punct(',' | '=') if depth == 0 => break,
            _ if depth == 0 && tokens.text(index) == bound => return None,
            _ => {}
        }
        index = tokens.after(index);
    }
    let joint = match index == parameter + 2 || tokens.is_punct(index - 1, '+') {
        true => " ",
        false => " + ",
    };
    Some((end_of(index - 1)?, format!("{joint}{bound}")))
}

/// What the compiler proposes, when that is this bound and nothing else.
fn as_suggested(site: &Site<'_>) -> Option<Repair> {
    let is_bound = |text: &str| {
        let words = text.trim().trim_end_matches(',');
        words.ends_with("'static") && !words.contains('{')
    };
    site.as_proposed("it is data of a store", |suggestion| {
        suggestion.parts.iter().all(|(_, text)| is_bound(text))
    })
}
