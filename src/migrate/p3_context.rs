//! Up to 42 a host of `wasi:http` of WASIp3 gave the view a context of its own, by a trait. From 43 on that trait is
//! `WasiHttpHooks`, the view borrows it as `hooks`, and beside it a context of the crate's, which the host has to
//! have (PR #12748).
//!
//! Here are the view and the field of the host; what makes a value of the host is found by the compiler
//! (`guided::context`).

use std::ops::Range;

use super::impls::{self, ImplBlock};
use super::scopes::Scopes;
use super::views::body::expression;
use super::{Ground, LeftOver, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// The first line in which the view has both.
const SINCE: Line = Line(43);

/// The field that the host gets.
pub(super) const FIELD: &str = "http_ctx";

/// The type that is borrowed in a view.
const VIEW: &str = "WasiHttpCtxView";

/// The context of WASIp3 up to 42 that changed nothing.
const DEFAULT: &str = "DefaultWasiHttpCtx";

/// The context of the crate.
pub(super) const CONTEXT: &str = "WasiHttpCtx";

/// Gives hosts a context of the crate's, and their views both.
#[must_use]
pub fn p3_context(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    let is_on_the_way = ground.from < SINCE && SINCE <= ground.to;
    if !is_on_the_way || !text.contains(VIEW) {
        return result;
    }
    let is_own = |place: usize| place > 0 && tokens.is_ident(place - 1, "struct");
    if tokens.places_of(VIEW).any(is_own) {
        return result;
    }
    // The crate had one that did nothing, which its own context is now.
    let has_default = tokens.places_of(DEFAULT).next().is_some();
    let scopes = Scopes::of(tokens);
    let blocks = impls::find(tokens);
    for (place, view) in tokens
        .places_of(VIEW)
        .filter_map(|place| Some((place, View::at(tokens, place)?)))
    {
        let around = |block: &&ImplBlock| {
            let http = block.function(tokens, "http");
            http.is_some_and(|http| (http.open..http.close).contains(&place))
        };
        let block = blocks.iter().find(around).filter(|_| !has_default);
        let edits = block.and_then(|block| {
            let known = view_of_p3(tokens, &scopes, block, ground)?;
            let lent = view.value.unwrap_or(view.ctx);
            if let Some(context) = lent_to_p2(tokens, text, &scopes, &blocks, block, ground) {
                return Some(view.edits(text, context));
            }
            let mut edits = view.edits(text, &format!("&mut self.{FIELD}"));
            edits.push(field(tokens, text, block, &known, lent)?);
            Some(edits)
        });
        let Some(edits) = edits else {
            let what = match has_default {
                true => format!(
                    "`{DEFAULT}` is gone: give the host a `{CONTEXT}` of wasmtime-wasi-http in its place, and the `{VIEW}` `hooks: Default::default()` beside it"
                ),
                false => format!(
                    "`{VIEW}` borrows what was `ctx` as `hooks`, and as `ctx` a `{CONTEXT}` of wasmtime-wasi-http: give the host one"
                ),
            };
            let span = view.ctx;
            result.remaining.push(LeftOver { span, what });
            continue;
        };
        let reason = format!("the view has hooks and a context (line {})", ground.to);
        result
            .edits
            .extend(edits.into_iter().map(|(span, text)| Edit {
                span,
                text,
                reason: reason.clone(),
            }));
    }
    result
}

/// The name of the crate whose view of WASIp3 a block implements.
fn view_of_p3(
    tokens: &Tokens<'_>,
    scopes: &Scopes<'_>,
    block: &ImplBlock,
    ground: &Ground<'_>,
) -> Option<String> {
    let resolved = scopes.trait_of(tokens, block, ground)?;
    let path = Vec::from_iter(resolved.path.iter().map(String::as_str));
    (path == ["wasmtime_wasi_http", "p3", "WasiHttpView"]).then_some(resolved.extern_name)
}

/// What the host lends as the context of WASIp2: the limits that are set there hold for both.
fn lent_to_p2<'t>(
    tokens: &Tokens<'t>,
    text: &'t str,
    scopes: &Scopes<'_>,
    blocks: &[ImplBlock],
    block: &ImplBlock,
    ground: &Ground<'_>,
) -> Option<&'t str> {
    let words = |block: &ImplBlock| {
        let of_type = block.of_type.clone().map(|it| tokens.text(it));
        of_type.collect::<Vec<_>>()
    };
    let is_of_p2 = |other: &&ImplBlock| {
        let resolved = scopes.trait_of(tokens, other, ground);
        resolved.is_some_and(|it| {
            let is_view = it.is_in("wasmtime_wasi_http", "WasiHttpView");
            is_view && it.path.get(1).is_none_or(|module| module != "p3")
        })
    };
    let mut others = blocks.iter().filter(is_of_p2);
    let other = others.find(|other| words(other) == words(block))?;
    let lent = expression(tokens, text, other.function(tokens, "ctx")?)?;
    lent.starts_with("&mut self.").then_some(lent)
}

/// What makes the view.
struct View {
    /// The name of the field `ctx`, and its value when one is written.
    ctx: Span,
    value: Option<Span>,
}

impl View {
    /// The one that is made where its type is named, when it lends a `ctx` and no hooks yet. Up to 42 only
    /// WASIp3 has such a type.
    fn at(tokens: &Tokens<'_>, place: usize) -> Option<Self> {
        let open = place + 1;
        if tokens.text(open) != "{" {
            return None;
        }
        let fields = impls::arguments(tokens, open)?;
        let named = |name: &str| fields.iter().find(|it| tokens.is_ident(it.start, name));
        let ctx = named("ctx").filter(|_| named("hooks").is_none())?;
        let value = match tokens.is_punct(ctx.start + 1, ':') {
            true => Some(impls::span_of(tokens, &(ctx.start + 2..ctx.end))?),
            false if ctx.len() == 1 => None,
            false => return None,
        };
        Some(Self {
            ctx: tokens.get(ctx.start)?.span,
            value,
        })
    }

    /// Lends as `hooks` what was `ctx`, and as `ctx` the context.
    fn edits(&self, text: &str, context: &str) -> Vec<(Span, String)> {
        let hooks = match self.value {
            Some(_) => "hooks".to_owned(),
            None => format!("hooks: {}", self.ctx.text(text)),
        };
        let end = self.value.unwrap_or(self.ctx).end;
        let ctx = format!(", ctx: {context}");
        vec![(self.ctx, hooks), (Span { start: end, end }, ctx)]
    }
}

/// The edit that gives a host the field, where the host is declared here, with names for its fields and none of
/// this name.
fn field(
    tokens: &Tokens<'_>,
    text: &str,
    block: &ImplBlock,
    known: &str,
    lent: Span,
) -> Option<(Span, String)> {
    let name = tokens.text(block.of_type.start);
    let is_struct = |place: &usize| *place > 0 && tokens.is_ident(place - 1, "struct");
    let mut open = 1 + tokens.places_of(name).find(is_struct)?;
    if tokens.is_punct(open, '<') {
        open = impls::behind_generics(tokens, open)?;
    }
    let is_taken = |place: usize| tokens.is_ident(place, FIELD);
    let close = tokens.get(open)?.partner;
    if tokens.text(open) != "{" || (open..close).any(is_taken) {
        return None;
    }
    let end = tokens.get(open)?.span.end;
    let visibility = visibility_of(tokens, text, lent, open..close).unwrap_or_default();
    let entry = format!("{visibility}{FIELD}: {known}::{CONTEXT},");
    Some((Span { start: end, end }, put_first(&text[end.0..], &entry)))
}

/// What makes the field visible whose name stands last in `lent`, with the gap behind it: whoever makes values of
/// the host sees the new one as well.
fn visibility_of<'t>(
    tokens: &Tokens<'_>,
    text: &'t str,
    lent: Span,
    fields: Range<usize>,
) -> Option<&'t str> {
    let name = lent.text(text).rsplit(['.', ' ']).next()?;
    let mut places = tokens.places_of(name);
    let place = places.find(|place| fields.contains(place) && tokens.is_punct(place + 1, ':'))?;
    let before = tokens.get(place.checked_sub(1)?)?;
    let first = match before.kind {
        TokenKind::Close => tokens.get(before.partner.checked_sub(1)?)?,
        _ => before,
    };
    let end = tokens.get(place)?.span.start;
    let is_visible = first.span.text(text) == "pub";
    is_visible.then(|| &text[first.span.start.0..end.0])
}

/// What is put behind an opening brace, in front of the text `behind` it, so that `entry` is the first thing in
/// it: on a line of its own where the others are.
pub(super) fn put_first(behind: &str, entry: &str) -> String {
    let gap = &behind[..behind.len() - behind.trim_start().len()];
    let gap = if gap.contains('\n') { gap } else { " " };
    format!("{gap}{entry}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::{edited, moving};

    fn moved(text: &str, from: u64, to: u64) -> String {
        edited(text, moving(p3_context, text, from, to).edits)
    }

    const USE: &str = "use wasmtime_wasi_http::p3::{WasiHttpCtxView, WasiHttpView};\n";

    #[test]
    fn what_was_the_context_is_lent_as_hooks_beside_a_context() {
        for (host, ctx, host_after, view_after) in [
            (
                "{\n    /// Ours.\n    http: Http,\n}",
                "ctx: &mut self.http",
                "{\n    http_ctx: wasmtime_wasi_http::WasiHttpCtx,\n    /// Ours.\n    http: Http,\n}",
                "hooks: &mut self.http, ctx: &mut self.http_ctx",
            ),
            (
                "{ http: Http }",
                "ctx: &mut self.http",
                "{ http_ctx: wasmtime_wasi_http::WasiHttpCtx, http: Http }",
                "hooks: &mut self.http, ctx: &mut self.http_ctx",
            ),
            (
                "{\n    pub(crate) http: Http,\n}",
                "ctx: &mut self.http",
                "{\n    pub(crate) http_ctx: wasmtime_wasi_http::WasiHttpCtx,\n    pub(crate) http: Http,\n}",
                "hooks: &mut self.http, ctx: &mut self.http_ctx",
            ),
            (
                "{ http: Http }",
                "ctx",
                "{ http_ctx: wasmtime_wasi_http::WasiHttpCtx, http: Http }",
                "hooks: ctx, ctx: &mut self.http_ctx",
            ),
        ] {
            let text = |host: &str, ctx: &str| {
                format!(
                    "{USE}struct State {host}\nimpl WasiHttpView for State {{ fn http(&mut self) -> WasiHttpCtxView<'_> {{ WasiHttpCtxView {{ {ctx}, table: &mut self.table }} }} }}\n"
                )
            };
            let after = text(host_after, view_after);
            assert_eq!(moved(&text(host, ctx), 42, 43), after);
            // What has both is left alone.
            assert_eq!(moved(&after, 42, 43), after);
        }
    }

    #[test]
    fn a_context_that_guests_of_wasip2_get_is_that_of_wasip3_too() {
        let text = |view: &str| {
            format!(
                "{USE}struct State {{ http: p2::Context, hooks: Http }}\nimpl wasmtime_wasi_http::WasiHttpView for State {{ fn ctx(&mut self) -> &mut Context {{ &mut self.http }} }}\nimpl WasiHttpView for State {{ fn http(&mut self) -> WasiHttpCtxView<'_> {{ WasiHttpCtxView {{ {view}, table: &mut self.table }} }} }}\n"
            )
        };
        let after = text("hooks: &mut self.hooks, ctx: &mut self.http");
        assert_eq!(moved(&text("ctx: &mut self.hooks"), 42, 43), after);
    }

    #[test]
    fn hosts_that_are_not_in_view_are_left_to_a_person() {
        for text in [
            // Of another file, of whoever calls a macro, of a function that finds them.
            "impl WasiHttpView for crate::State { fn http(&mut self) -> WasiHttpCtxView<'_> { WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table } } }",
            "macro_rules! view { ($host:ty, $it:ident) => { impl $crate::WasiHttpView for $host { fn http(&mut self) -> $crate::WasiHttpCtxView<'_> { $crate::WasiHttpCtxView { ctx: &mut self.$it, table: &mut self.table } } } } }",
            "fn f() { link(|s| WasiHttpCtxView { table: &mut s.table, ctx: &mut s.http }); }",
            // The one that changed nothing has another one in its place.
            "struct State { http: DefaultWasiHttpCtx }\nimpl WasiHttpView for State { fn http(&mut self) -> WasiHttpCtxView<'_> { WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table } } }",
        ] {
            let text = format!("{USE}{text}\n");
            let result = moving(p3_context, &text, 42, 43);
            assert!(result.edits.is_empty(), "{text}");
            assert_eq!(result.remaining[0].span.text(&text), "ctx", "{text}");
        }
    }

    #[test]
    fn other_lines_and_types_of_the_project_have_no_such_thing() {
        let view = "struct State { http: Http }\nimpl WasiHttpView for State { fn http(&mut self) -> WasiHttpCtxView<'_> { WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table } } }\n";
        let own = "struct WasiHttpCtxView<'a> { ctx: &'a mut Http }\n";
        for (text, from, to) in [
            (format!("{USE}{view}"), 41, 42),
            (format!("{USE}{view}"), 43, 44),
            (format!("{own}{view}"), 42, 43),
        ] {
            let result = moving(p3_context, &text, from, to);
            assert_eq!(result, Migrated::default(), "{text} {from} {to}");
        }
    }
}
