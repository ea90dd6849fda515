//! Calls whose function, arguments or result changed.

use super::alone::{bindings_alone, value_alone};
use super::func_new::function_type;
use super::host_functions::reaches;
use super::items::{component_extern, linker_get};
use super::settings::of_config;
use super::{Repair, Site};
use crate::diagnostics::Suggestion;
use crate::migrate::impls::arguments;
use crate::migrate::segments::head;
use crate::span::Span;
use crate::tokens::Tokens;
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
        default_values,
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
    // A function that has a name, in the place of the closure; or the function is handed on itself.
    let is_unknown = site.speaks_of("<_ as HasData>::Data<");
    let of_named = is_unknown && site.is("E0308") && site.speaks_of("found fn item");
    let of_value = is_unknown && site.is("E0631");
    if !is_it && !of_named && !of_value {
        return None;
    }
    let callee = site.error.labels.iter().find(|label| {
        let is_callee = label.text == "arguments to this function are incorrect";
        of_named && is_callee
    });
    let (label, text) = match callee {
        Some(callee) => (callee, site.text_at(callee)?),
        None => site.primary()?,
    };
    let gives_itself = |line: &str| line.contains("found fn item") && line.contains("-> &");
    if of_named && !site.error.rendered.lines().any(gives_itself) {
        return None;
    }
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
    let is_renamed = texts.any(|text| text.contains("fn p2_stream("))
        || super::quoted(&site.error.message).any(is_stream_of_wasi);
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

/// Whether a type is one of the streams of `wasmtime-wasi`, by its name.
fn is_stream_of_wasi(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "AsyncStdinStream",
        "AsyncStdoutStream",
        "ClosedInputStream",
        "ClosedOutputStream",
        "InputFile",
        "MemoryInputPipe",
        "MemoryOutputPipe",
        "OutputFile",
        "SinkOutputStream",
        "Stderr",
        "Stdin",
        "StdinStream",
        "Stdout",
        "StdoutStream",
    ];
    let name = name.trim_start_matches('&').trim_start_matches("mut ");
    let name = name.rsplit([':', ' ']).next().unwrap_or(name);
    NAMES.contains(&name)
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

/// Functions of `WasiHttpView` that are of its view (43, PR #12748).
fn of_http_view(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0599");
    let message = site.error.message.strip_prefix("no method named `");
    let (name, _) = message.filter(|_| is_it)?.split_once("` found")?;
    let (label, text) = site.primary()?;
    let of_hooks = (Line(43)..Line(48)).contains(&site.line) && text.contains("WasiHttp");
    let (call, reason) = match name {
        "new_incoming_request" | "new_response_outparam" => {
            ("http().", "it is a function of the view")
        }
        // From 48 on it takes and gives something else.
        "send_request" if of_hooks => ("http().hooks.", "it is a function of the hooks"),
        _ => return None,
    };
    let before = text.get(..label.span.start.0)?;
    if before.ends_with("http().") || before.ends_with("hooks.") {
        return None;
    }
    let at = label.span.start.0;
    Some(site.edit(label, Span::new(at, at), call.to_owned(), reason))
}

/// Default values for imports that nothing defines are made in a store (32, PR #10500): the one at hand.
fn default_values(site: &Site<'_>) -> Option<Repair> {
    const NAME: &str = "define_unknown_imports_as_default_values";
    let is_it = site.is("E0061") && site.speaks_of(NAME);
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let name = (first..first + 3).find(|index| tokens.is_ident(*index, NAME))?;
    let has_one = arguments(&tokens, name + 1)?.len() == 1;
    let store = store_in_reach(&tokens, name).filter(|_| has_one)?;
    let at = tokens.get(name + 1)?.span.end.0;
    let reason = "default values are made in a store";
    Some(site.edit(label, Span::new(at, at), format!("{store}, "), reason))
}

/// The last `let mut store = Store::new(..)` or `store: &mut Store<..>` that is known at a place, lent.
fn store_in_reach(tokens: &Tokens<'_>, place: usize) -> Option<String> {
    let before = tokens.places_of("Store").filter(|it| *it < place);
    let lent = before.filter_map(|it| {
        let first = head(tokens, it);
        let is_made = tokens.is_punct(first.checked_sub(1)?, '=');
        let name = match is_made {
            true => first.checked_sub(2)?,
            // `name: &mut Store<..>`
            false => first.checked_sub(4)?,
        };
        let is_mut = tokens.is_ident(name.checked_sub(1)?, "mut");
        let is_lent = tokens.is_ident(first - 1, "mut")
            && tokens.is_punct(first - 2, '&')
            && tokens.is_punct(first - 3, ':');
        let written = tokens.text(name);
        if is_made && is_mut && reaches(tokens, name, place) {
            return Some(format!("&mut {written}"));
        }
        // The body is what follows the parameters.
        let open = tokens.around(name).next()?;
        let body = (tokens.get(open)?.partner..place).find(|it| tokens.text(*it) == "{")?;
        let is_inside = tokens.get(body)?.partner > place;
        (!is_made && is_lent && is_inside).then(|| format!("&mut *{written}"))
    });
    lent.last()
}
