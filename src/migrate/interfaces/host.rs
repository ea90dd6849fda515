//! What a getter makes a view of.

use std::ops::Range;

use crate::migrate::impls::{behind_generics, span_of};
use crate::tokens::{TokenKind, Tokens};

use super::WRAPPERS;

/// The host, as a getter names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// The name of the getter's parameter, and what of it is the host. `None`: all of it.
    pub(super) part: Option<(String, String)>,
    /// The first and the last token of the statement that gives the getter a name.
    pub(super) binding: Option<(usize, usize)>,
}

impl Host {
    pub(super) fn of(tokens: &Tokens<'_>, text: &str, getter: &Range<usize>) -> Option<Self> {
        let whole = Self {
            part: None,
            binding: None,
        };
        // `T::ctx`, `<T as WasiView>::ctx`, `WasiView::ctx`
        let last = getter.end - 1;
        let is_function = matches!(tokens.text(last), "ctx" | "http");
        if is_function && last >= 2 && tokens.is_path_separator(last - 2) {
            return Some(whole);
        }
        if getter.len() == 1 {
            let binding = binding(tokens, getter.start)?;
            let closure = closure_in(tokens, &binding)?;
            let part = host_of_closure(tokens, text, &closure)?;
            // Elsewhere its parameter might mean something else.
            return part.is_none().then_some(Self {
                part,
                binding: Some((binding.start, binding.end)),
            });
        }
        let closure = closure_in(tokens, getter)?;
        Some(Self {
            part: host_of_closure(tokens, text, &closure)?,
            ..whole
        })
    }
}

/// The statement from `let` to `;` that gives a name to what a call has at `place`.
fn binding(tokens: &Tokens<'_>, place: usize) -> Option<Range<usize>> {
    let name = tokens.text(place);
    let is_let = |it: &usize| *it < place && *it > 0 && tokens.is_ident(it - 1, "let");
    let first = tokens.places_of(name).filter(is_let).last()? - 1;
    let mut end = first;
    while !tokens.is_punct(end, ';') {
        tokens.kind(end).filter(|kind| *kind != TokenKind::Close)?;
        end = tokens.after(end);
    }
    Some(first..end)
}

/// The function that a closure is given to for its type, in a statement.
pub(super) fn annotation<'t>(tokens: &Tokens<'t>, first: usize, last: usize) -> Option<&'t str> {
    let value = (first..last).find(|index| tokens.is_punct(*index, '='))? + 1;
    let is_name = tokens.kind(value) == Some(TokenKind::Ident) && tokens.text(value) != "move";
    is_name.then(|| tokens.text(value))
}

/// The closure, alone or in a call that gives it a type, at the end of some tokens.
fn closure_in(tokens: &Tokens<'_>, range: &Range<usize>) -> Option<Range<usize>> {
    let first = match tokens.is_ident(range.start, "let") {
        true => behind_equals(tokens, range)?,
        false => range.start,
    };
    if tokens.is_punct(first, '|') {
        return Some(first..range.end);
    }
    let mut open = first + 1;
    if tokens.is_path_separator(open) {
        open = behind_generics(tokens, open + 2)?;
    }
    let close = tokens.get(open).filter(|_| tokens.text(open) == "(")?;
    let is_all = close.partner + 1 == range.end && tokens.is_punct(open + 1, '|');
    let end = match tokens.is_punct(close.partner - 1, ',') {
        true => close.partner - 1,
        false => close.partner,
    };
    is_all.then_some(open + 1..end)
}

/// `let name = `, `let name: fn(&mut T) -> V = `.
fn behind_equals(tokens: &Tokens<'_>, range: &Range<usize>) -> Option<usize> {
    let is_assigned = |index: &usize| {
        tokens.is_punct(*index, '=')
            && !tokens.is_punct(index + 1, '=')
            && !tokens.is_punct(index + 1, '>')
    };
    range.clone().find(is_assigned).map(|index| index + 1)
}

/// `Some(None)` when it is the parameter itself.
#[allow(clippy::option_option)]
fn host_of_closure(
    tokens: &Tokens<'_>,
    text: &str,
    closure: &Range<usize>,
) -> Option<Option<(String, String)>> {
    let parameter = closure.start + 1;
    let bar = (parameter..closure.end).find(|index| tokens.is_punct(*index, '|'))?;
    let is_typed = tokens.is_punct(parameter + 1, ':');
    if tokens.kind(parameter) != Some(TokenKind::Ident) || !(is_typed || bar == parameter + 1) {
        return None;
    }
    let mut body = bar + 1..closure.end;
    if tokens.text(body.start) == "{" {
        body = body.start + 1..tokens.get(body.start)?.partner;
    }
    let (host, by_method) = unwrapped(tokens, body)?;
    let name = tokens.text(parameter);
    if host.len() == 1 && tokens.text(host.start) == name {
        return Some(None);
    }
    let is_borrowed = tokens.is_punct(host.start, '&') && tokens.is_ident(host.start + 1, "mut");
    let is_of_it = tokens.is_ident(host.start, name) && tokens.is_punct(host.start + 1, '.');
    let written = span_of(tokens, &host)?.text(text);
    // A field has to be borrowed where a function has the place of a method.
    let is_field = by_method && is_of_it && tokens.text(host.end - 1) != ")";
    let written = match is_field {
        true => format!("&mut {written}"),
        false => written.to_owned(),
    };
    (is_borrowed || is_of_it).then(|| Some((name.to_owned(), written)))
}

/// The host without what makes a view of it, and whether the innermost layer is a method, which borrows it by
/// itself. `None` when nothing makes a view.
fn unwrapped(tokens: &Tokens<'_>, body: Range<usize>) -> Option<(Range<usize>, bool)> {
    let mut rest = body;
    let mut by_method = None;
    while let Some(inner) = layer(tokens, &rest) {
        by_method = Some(inner.start == rest.start);
        rest = inner;
    }
    Some((rest, by_method?))
}

/// What one layer around it is made of: `WasiImpl(..)`, `WasiView::ctx(..)`, `...ctx()`, `...table`.
fn layer(tokens: &Tokens<'_>, body: &Range<usize>) -> Option<Range<usize>> {
    let last = body.end.checked_sub(1).filter(|last| *last > body.start)?;
    if tokens.is_ident(last, "table") && tokens.is_punct(last - 1, '.') {
        let inner = body.start..last - 1;
        return layer(tokens, &inner).map(|_| inner);
    }
    if tokens.text(last) != ")" {
        return None;
    }
    let open = tokens.get(last)?.partner;
    let name = open.checked_sub(1).filter(|name| *name >= body.start)?;
    let is_method = name > body.start && tokens.is_punct(name - 1, '.');
    let function = tokens.text(name);
    if is_method {
        let is_view = matches!(function, "ctx" | "table" | "http") && open + 1 == last;
        return is_view.then_some(body.start..name - 1);
    }
    let mut path = body.start..name;
    let is_path = path
        .all(|index| tokens.kind(index) == Some(TokenKind::Ident) || tokens.is_punct(index, ':'));
    let is_view = WRAPPERS.contains(&function)
        || matches!(function, "ctx" | "table" | "http") && name > body.start;
    let end = match tokens.is_punct(last - 1, ',') {
        true => last - 1,
        false => last,
    };
    (is_path && is_view && end > open + 1).then_some(open + 1..end)
}
