//! Calls whose function, arguments or result changed.

use super::{Repair, Site};
use crate::span::Span;
use crate::tokens::Tokens;

/// What is written where an error points to.
pub(super) fn calls(site: &Site<'_>) -> Option<Repair> {
    has_self(site)
        .or_else(|| ctx_of_view(site))
        .or_else(|| table_of_view(site))
}

/// `add_to_linker` of generated bindings names how a host is reached: `HasSelf` where the closure
/// gives it itself (34, PR #10770).
fn has_self(site: &Site<'_>) -> Option<Repair> {
    let is_it = (site.is("E0283") || site.is("E0284") || site.is("E0282"))
        && site.speaks_of("HasData")
        && site.speaks_of("add_to_linker");
    if !is_it {
        return None;
    }
    let (label, text) = site.primary()?;
    let named = label.span.text(text);
    let name = named.trim_end();
    let last = name.rsplit("::").next()?;
    if !last.starts_with("add_to_linker") || name.contains('(') {
        return None;
    }
    let at = label.span.start.0 + name.len();
    let text = "::<_, wasmtime::component::HasSelf<_>>".to_owned();
    Some(site.edit(
        label,
        Span::new(at, at),
        text,
        "the closure gives the host itself",
    ))
}

/// `state.ctx()` gives both from 36 on: where a context is wanted, it is in the field.
fn ctx_of_view(site: &Site<'_>) -> Option<Repair> {
    let is_it =
        site.is("E0308") && site.speaks_of("WasiCtxView") && site.speaks_of("&mut WasiCtx`");
    let (label, text) = site.primary().filter(|_| is_it)?;
    if !label.span.text(text).ends_with(".ctx()") {
        return None;
    }
    let at = label.span.end.0;
    Some(site.edit(
        label,
        Span::new(at, at),
        ".ctx".to_owned(),
        "`ctx` gives a `WasiCtxView`",
    ))
}

/// `state.table()` is `state.ctx().table`.
fn table_of_view(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0599")
        && site
            .error
            .message
            .starts_with("no method named `table` found");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let place = (0..tokens.len()).find(|index| {
        tokens
            .get(*index)
            .is_some_and(|token| token.span.start >= label.span.start)
    })?;
    let is_call = tokens.is_ident(place, "table")
        && tokens.text(place + 1) == "("
        && tokens.text(place + 2) == ")";
    let end = tokens.get(place + 2).filter(|_| is_call)?.span.end.0;
    let span = Span::new(label.span.start.0, end);
    Some(site.edit(
        label,
        span,
        "ctx().table".to_owned(),
        "the table is in the `WasiCtxView`",
    ))
}
