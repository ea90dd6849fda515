//! Calls whose function, arguments or result changed.

use super::alone::{bindings_alone, value_alone};
use super::items::{component_extern, linker_get};
use super::{Repair, Site};
use crate::diagnostics::Suggestion;
use crate::migrate::impls::behind_generics;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// What is written where an error points to.
pub(super) fn calls(site: &Site<'_>) -> Option<Repair> {
    let recipes = [
        has_self,
        bindings_alone,
        function_type,
        component_extern,
        linker_get,
        trait_in_scope,
        ctx_of_view,
        table_of_view,
        stream_of_p2,
        value_alone,
        of_config,
        of_http_view,
    ];
    recipes.iter().find_map(|recipe| recipe(site))
}

/// `add_to_linker` of generated bindings names how a host is reached: `HasSelf` where the closure
/// gives it itself (34, PR #10770).
fn has_self(site: &Site<'_>) -> Option<Repair> {
    let is_it = (site.is("E0283") || site.is("E0284") || site.is("E0282"))
        && (site.speaks_of("HasData") || site.speaks_of("WithStore"))
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

/// `state.table()` is `state.ctx().table` from 36 on.
fn table_of_view(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.line >= Line(36)
        && site.is_of_wasmtime()
        && site.is("E0599")
        && site
            .error
            .message
            .starts_with("no method named `table` found");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let place = tokens.starting_at(label.span.start)?;
    let is_call = tokens.is_ident(place, "table")
        && tokens.text(place + 1) == "("
        && tokens.text(place + 2) == ")";
    let end = tokens.get(place + 2).filter(|_| is_call)?.span.end.0;
    let span = Span::new(label.span.start.0, end);
    // A file that knows the view of `wasi:http` alone has the table by that.
    let names = |view: &str| tokens.places_of(view).next().is_some();
    let of_http = site.line >= Line(43) && names("WasiHttpView") && !names("WasiView");
    let view = if of_http { "http" } else { "ctx" };
    Some(site.edit(
        label,
        span,
        format!("{view}().table"),
        "the table is in the view",
    ))
}

/// The stream of a project's own standard output or input, which `streams` has given another name.
fn stream_of_p2(site: &Site<'_>) -> Option<Repair> {
    let is_crossed = site.terms.from < Line(36) && site.line >= Line(36);
    let is_it = is_crossed
        && site.is("E0599")
        && site
            .error
            .message
            .starts_with("no method named `stream` found");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let mut texts = site.texts.values();
    let is_renamed = texts.any(|text| text.contains("fn p2_stream("));
    let is_call = text.get(label.span.end.0..)?.starts_with("()");
    (is_renamed && is_call).then(|| {
        site.edit(
            label,
            label.span,
            "p2_stream".to_owned(),
            "the function has another name",
        )
    })
}

/// A function that moved to another trait of Wasmtime's needs that one in scope.
fn trait_in_scope(site: &Site<'_>) -> Option<Repair> {
    if !site.is("E0599") {
        return None;
    }
    let proposed = |text: &str| {
        let path = text.trim_start().strip_prefix("use ")?;
        (path.starts_with("wasmtime") && path.trim_end().ends_with(';')).then_some(())
    };
    let mut found = site.error.suggestions.iter().filter(|suggestion| {
        let places = suggestion.parts.iter();
        suggestion.message.contains("import it")
            && places
                .clone()
                .all(|(label, text)| proposed(text).is_some() && site.text_at(label).is_some())
    });
    let mut first = found.next()?;
    let mut more = found.next();
    // Both views have a `ctx`; the one whose fields are asked for is that of WASI.
    let reads_view = || {
        let (label, text) = site.primary()?;
        let behind = text.get(label.span.start.0..)?;
        let is_view = behind.starts_with("ctx().table") || behind.starts_with("ctx().ctx");
        is_view.then_some(())
    };
    if more.is_some() && reads_view().is_some() {
        let is_view = |suggestion: &&Suggestion| {
            let mut parts = suggestion.parts.iter();
            parts.all(|(_, text)| text.trim_end().ends_with("wasmtime_wasi::WasiView;"))
        };
        first = site.error.suggestions.iter().find(is_view)?;
        more = None;
    }
    let only = Some(first).filter(|only| only.parts.len() == 1)?;
    let (label, text) = only.parts.first()?;
    // Two traits with one function are of no use: no call says which it means.
    let of_context = text.trim_end().ends_with("::Context;");
    let has_other = |file: &str| file.contains("anyhow::") && file.contains("Context");
    if of_context && site.text_at(label).is_some_and(has_other) {
        return None;
    }
    more.is_none().then(|| {
        site.edit(
            label,
            label.span,
            text.clone(),
            "the function is of this trait",
        )
    })
}

/// Settings that have another name (28, PR #9545; 33, PR #10665).
fn of_config(site: &Site<'_>) -> Option<Repair> {
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
        // One setting took the place of two: which of them counts is for a person to say.
        one @ ("static_memory_guard_size" | "dynamic_memory_guard_size") => {
            let other = if one.starts_with("static") {
                "dynamic_memory_guard_size"
            } else {
                "static_memory_guard_size"
            };
            (!text.contains(other)).then(|| (label.span, "memory_guard_size".to_owned()))
        }
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

/// What can fail is reading the cache's settings, and no more setting them: what deals with the failure
/// goes with it. Where that is not behind the call, the result stays what it was, that of the whole.
fn cache(
    tokens: &Tokens<'_>,
    text: &str,
    name: usize,
    close: usize,
    path: &str,
) -> Option<(Span, String)> {
    let mut end = close;
    if tokens.is_punct(close + 1, '?') {
        end = close + 1;
    } else if tokens.is_punct(close + 1, '.')
        && matches!(tokens.text(close + 2), "unwrap" | "expect")
    {
        end = tokens.after(close + 3) - 1;
    }
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

/// Functions of `WasiHttpView` that are of its view (43, PR #12748).
fn of_http_view(site: &Site<'_>) -> Option<Repair> {
    let moved = ["new_incoming_request", "new_response_outparam"];
    let message = &site.error.message;
    let is_it = site.is("E0599")
        && moved
            .iter()
            .any(|name| message.starts_with(&format!("no method named `{name}` found")));
    let (label, text) = site.primary().filter(|_| is_it)?;
    if text.get(..label.span.start.0)?.ends_with("http().") {
        return None;
    }
    let at = label.span.start.0;
    Some(site.edit(
        label,
        Span::new(at, at),
        "http().".to_owned(),
        "it is a function of the view",
    ))
}

/// A function of a component that is made at run time is told its type first (39, PR #11944).
fn function_type(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0593")
        && site
            .error
            .message
            .contains("expected to take 4 arguments, but it takes 3")
        && site.speaks_of("func_new");
    // Some compilers point to the function first, and to the closure too.
    let label = site.error.labels.iter().filter(|_| is_it).find(|label| {
        let text = site.text_at(label).unwrap_or_default();
        let written = label.span.text(text);
        written.starts_with('|') || written.starts_with("move") || written.starts_with("async")
    })?;
    let text = site.text_at(label)?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let bar = (first..first + 3).find(|index| tokens.is_punct(*index, '|'))?;
    let mut index = bar + 1;
    while !tokens.is_punct(index, ',') {
        index = match tokens.text(index) {
            "|" | "" => return None,
            "<" => behind_generics(&tokens, index)?,
            _ => tokens.after(index),
        };
    }
    let at = tokens.get(index)?.span.end.0;
    Some(site.edit(
        label,
        Span::new(at, at),
        " _ty,".to_owned(),
        "the function is told its type",
    ))
}
