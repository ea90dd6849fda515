//! Errors of the project's own that are made of anyhow's: where one of Wasmtime's comes instead, it is
//! made one of anyhow's first, as it was in older releases by itself.

use super::errors::{FROM_ANYHOW, TO_ANYHOW, chained};
use super::{Repair, Site};
use crate::tokens::{TokenKind, Tokens};

/// `?`, `.map_err(Failure::Wasm)` and `.map_err(Failure::from)`, where `Failure` takes anyhow's.
pub(super) fn own_errors(site: &Site<'_>) -> Option<Repair> {
    let recipes = [question_mark, wrapped, mapped, converted, selected];
    recipes.iter().find_map(|recipe| recipe(site))
}

/// Whether a type is made of anyhow's error, and not of Wasmtime's. Of a type that is made of many the
/// compiler names eight and counts the others: then its declaration says it.
fn is_made_of_anyhow(site: &Site<'_>) -> bool {
    const REFUSED: &str = "From<wasmtime::Error>` is not";
    if !site.is("E0277") || !site.speaks_of(REFUSED) {
        return false;
    }
    let is_cut_short = site.speaks_of(" others\n") || site.error.rendered.ends_with(" others");
    site.speaks_of("From<anyhow::Error>`") || is_cut_short && is_declared_so(site)
}

/// Whether the sources say that the type which the compiler names is made of anyhow's error.
fn is_declared_so(site: &Site<'_>) -> bool {
    let refused = site
        .error
        .rendered
        .split("` is not implemented for `")
        .nth(1);
    let name = refused.and_then(|rest| rest.split(['`', '<']).next());
    let Some(name) = name.and_then(|path| path.rsplit("::").next()) else {
        return false;
    };
    let may_say = |text: &&String| text.contains("anyhow") && text.contains(name);
    let mut texts = site.texts.values().filter(may_say);
    texts.any(|text| Tokens::read(text).is_ok_and(|tokens| declares(&tokens, name)))
}

/// `enum Name { Other(#[from] anyhow::Error) }`, or `impl From<anyhow::Error> for Name`.
fn declares(tokens: &Tokens<'_>, name: &str) -> bool {
    let is_anyhow = |index: usize| {
        tokens.is_ident(index, "anyhow")
            && tokens.is_path_separator(index + 1)
            && tokens.is_ident(index + 3, "Error")
    };
    let of_impl = |behind_for: usize| {
        let mut head = (behind_for..tokens.len()).take_while(|index| tokens.text(*index) != "{");
        head.any(|index| tokens.is_ident(index, name))
    };
    let by_hand = tokens.places_of("From").any(|from| {
        tokens.is_punct(from + 1, '<')
            && is_anyhow(from + 2)
            && tokens.is_ident(from + 7, "for")
            && of_impl(from + 8)
    });
    by_hand
        || tokens.places_of(name).any(|place| {
            let keyword = tokens.text(place.saturating_sub(1));
            let open = (place..tokens.len()).find(|index| tokens.text(*index) == "{");
            let is_type = matches!(keyword, "enum" | "struct");
            let Some(open) = open.filter(|_| is_type) else {
                return false;
            };
            let close = tokens.get(open).map_or(open, |token| token.partner);
            let mut attributes = tokens
                .places_of("from")
                .filter(|it| (open..close).contains(it));
            // `#[from] anyhow::Error`, and `#[from] source: anyhow::Error`.
            attributes.any(|from| {
                tokens.text(from + 1) == "]" && (is_anyhow(from + 2) || is_anyhow(from + 4))
            })
        })
}

fn question_mark(site: &Site<'_>) -> Option<Repair> {
    let is_it = is_made_of_anyhow(site)
        && site
            .error
            .message
            .starts_with("`?` couldn't convert the error to ");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let before = text.get(..label.span.end.0)?;
    let mark = before.rfind('?').filter(|at| *at >= label.span.start.0)?;
    Some(chained(site, label, text, mark, TO_ANYHOW))
}

/// `.map_err(Arc::new)?`, where the error takes anyhow's in an `Arc`.
fn wrapped(site: &Site<'_>) -> Option<Repair> {
    const BY: &str = "`?` couldn't convert the error to ";
    let is_about = site.is("E0277") && site.error.message.starts_with(BY);
    // What stands between `From<` and the error, in any of the traits that the compiler names.
    let said = site.error.rendered.split("From<").skip(1);
    let wrappers = said.filter_map(|said| said.split_once("<wasmtime::Error>>` is not"));
    let is_one = |(wrapper, _): (&str, &str)| {
        let is_path = wrapper
            .chars()
            .all(|it| it.is_alphanumeric() || it == '_' || it == ':');
        is_path && site.speaks_of(&format!("From<{wrapper}<anyhow::Error>>`"))
    };
    let is_it = is_about && wrappers.into_iter().any(is_one);
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let end = tokens.starting_at(label.span.end).unwrap_or(tokens.len());
    let mark = (0..end)
        .next_back()
        .filter(|it| tokens.is_punct(*it, '?'))?;
    let open = tokens.get(mark.checked_sub(1)?)?.partner;
    let is_map = open > 0 && tokens.is_ident(open - 1, "map_err");
    let end = in_front_of_call(&tokens, open).filter(|_| is_map)?;
    Some(chained(site, label, text, end, TO_ANYHOW))
}

/// A function that takes anyhow's error, given to `map_err`.
fn mapped(site: &Site<'_>) -> Option<Repair> {
    let of_function = site.speaks_of("expected function signature `fn(wasmtime::Error)")
        && site.speaks_of("found function signature `fn(anyhow::Error)");
    let of_closure = site.speaks_of("expected closure signature `fn(wasmtime::Error)")
        && site.speaks_of("found closure signature `fn(anyhow::Error)");
    let is_it = site.is("E0631") && (of_function || of_closure);
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let place = tokens.starting_at(label.span.start)?;
    // Of a closure the compiler points to the method that takes it.
    let open = match tokens.text(place + 1) == "(" && tokens.is_punct(place.checked_sub(1)?, '.') {
        true => place + 1,
        false => place.checked_sub(1)?,
    };
    let end = in_front_of_call(&tokens, open)?;
    // An error alone is in an `Option`: `.err().and_then(f)`.
    let of_result = [
        "map_err",
        "or_else",
        "unwrap_or_else",
        "inspect_err",
        "map_or_else",
        "is_err_and",
    ];
    let call = match of_result.contains(&tokens.text(open.checked_sub(1)?)) {
        true => TO_ANYHOW,
        false => ".map(anyhow::Error::from)",
    };
    Some(chained(site, label, text, end, call))
}

/// `map_err(Failure::from)` and `map_err(Into::into)`: the compiler points to all of it, or into it.
fn converted(site: &Site<'_>) -> Option<Repair> {
    let is_it = is_made_of_anyhow(site) && site.error.message.starts_with("the trait bound `");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    if label.span.text(text) == "into" {
        let receiver = receiver_alone(&tokens, first)?;
        let span = tokens.get(receiver)?.span;
        let new = format!("anyhow::Error::from({})", span.text(text));
        return Some(site.edit(label, span, new, "`wasmtime::Error` is not anyhow's"));
    }
    let end = tokens.starting_at(label.span.end).unwrap_or(tokens.len());
    let last = end.checked_sub(1)?;
    let open = match tokens.kind(last)? {
        TokenKind::Close => tokens.get(last)?.partner,
        _ => first.checked_sub(1)?,
    };
    let is_map = open > 0 && tokens.is_ident(open - 1, "map_err");
    let end = in_front_of_call(&tokens, open).filter(|_| is_map)?;
    Some(chained(site, label, text, end, TO_ANYHOW))
}

/// `.context(Selector)` and `.with_context(|_| Selector { .. })` of snafu, where the source that the
/// selector takes is declared as the other error.
fn selected(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    let is_it = site.is("E0271")
        && message.contains(" as IntoError<")
        && message.contains("::Source == ")
        && site.speaks_of("anyhow::Error");
    let call = if site.speaks_of("expected this to be `wasmtime::Error`") {
        TO_ANYHOW
    } else if site.speaks_of("expected this to be `anyhow::Error`") {
        FROM_ANYHOW
    } else {
        return None;
    };
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let place = tokens.starting_at(label.span.start)?;
    let is_call = |open: &usize| {
        let is_around = tokens.get(*open).is_some_and(|it| it.partner > place);
        let name = tokens.text(open.saturating_sub(1));
        is_around && tokens.text(*open) == "(" && matches!(name, "context" | "with_context")
    };
    let open = (0..place).rev().find(is_call)?;
    let end = in_front_of_call(&tokens, open)?;
    Some(chained(site, label, text, end, call))
}

/// The name that a method is called on, when that is all: `error.into()`.
pub(super) fn receiver_alone(tokens: &Tokens<'_>, method: usize) -> Option<usize> {
    let receiver = method.checked_sub(2)?;
    let is_name = tokens.kind(receiver) == Some(TokenKind::Ident);
    let is_whole = !receiver.checked_sub(1).is_some_and(|before| {
        tokens.is_punct(before, '.') || tokens.is_punct(before, ':') || tokens.is_punct(before, '?')
    });
    (is_name && is_whole && tokens.is_punct(method - 1, '.')).then_some(receiver)
}

/// Where the expression ends whose method is called with the bracket at `open`, in bytes.
pub(super) fn in_front_of_call(tokens: &Tokens<'_>, open: usize) -> Option<usize> {
    let dot = open
        .checked_sub(2)
        .filter(|dot| tokens.is_punct(*dot, '.'))?;
    let is_open = tokens.kind(open) == Some(TokenKind::Open);
    let before = tokens.get(dot.checked_sub(1)?).filter(|_| is_open)?;
    Some(before.span.end.0)
}
