//! WASIp2 and WASIp3 each had a `WasiHttpView` and a `WasiHttpHooks`; from 48 on both have one (PR #13812). A
//! host that serves both implements it once.

use std::ops::Range;

use super::impls::{self, ImplBlock, arguments};
use super::scopes::Scopes;
use super::segments::path_at;
use super::whole::whole_item;
use super::{Ground, LeftOver, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

const SINCE: Line = Line(48);

/// An implementation for one of the two.
struct Side<'b, 't> {
    block: &'b ImplBlock,
    /// The name of the trait in line 48.
    of_trait: &'static str,
    /// The type, as it is written.
    of_type: Vec<&'t str>,
    is_p3: bool,
}

/// Takes one of two implementations away, where both say the same.
#[must_use]
pub fn twins(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    if ground.from >= SINCE || ground.to < SINCE || !text.contains("p3") {
        return result;
    }
    let scopes = Scopes::of(tokens);
    let blocks = impls::find(tokens);
    let sides: Vec<Side<'_, '_>> = blocks
        .iter()
        .filter_map(|block| side(tokens, block, &scopes, ground))
        .collect();
    for one in sides.iter().filter(|side| !side.is_p3) {
        let is_twin = |it: &&Side<'_, '_>| {
            let around = |side: &Side<'_, '_>| tokens.around(side.block.keyword).next();
            let is_here = around(it) == around(one);
            it.is_p3 && is_here && (it.of_trait, &it.of_type) == (one.of_trait, &one.of_type)
        };
        let Some(other) = sides.iter().find(is_twin) else {
            continue;
        };
        let goes = is_same(tokens, one.block, other.block, &scopes, ground)
            .then(|| going(tokens, one.block, other.block))
            .flatten();
        let Some(goes) = goes else {
            result.remaining.push(left(tokens, other, ground));
            continue;
        };
        result.edits.push(Edit {
            span: whole_item(tokens, text, goes.start, goes.close),
            text: String::new(),
            reason: format!(
                "one `{}` serves both previews in line {}",
                one.of_trait, ground.to
            ),
        });
    }
    result
}

fn left(tokens: &Tokens<'_>, side: &Side<'_, '_>, ground: &Ground<'_>) -> LeftOver {
    let span = tokens.get(side.block.keyword);
    LeftOver {
        span: span.map_or(Span::default(), |token| token.span),
        what: format!(
            "line {} has one `{}` for WASIp2 and WASIp3: make one of both implementations; what it allows holds for guests of both",
            ground.to, side.of_trait
        ),
    }
}

fn side<'b, 't>(
    tokens: &Tokens<'t>,
    block: &'b ImplBlock,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> Option<Side<'b, 't>> {
    let resolved = scopes.trait_of(tokens, block, ground)?;
    let path = Vec::from_iter(resolved.path.iter().map(String::as_str));
    let (of_trait, is_p3) = match path.as_slice() {
        ["wasmtime_wasi_http", "p3", "WasiHttpView"] => ("WasiHttpView", true),
        // Up to 42 the trait of the hooks of WASIp3 had that name.
        ["wasmtime_wasi_http", "p3", "WasiHttpHooks" | "WasiHttpCtx"] => ("WasiHttpHooks", true),
        ["wasmtime_wasi_http", .., "WasiHttpView"] => ("WasiHttpView", false),
        ["wasmtime_wasi_http", .., "WasiHttpHooks"] => ("WasiHttpHooks", false),
        _ => return None,
    };
    Some(Side {
        block,
        of_trait,
        of_type: block.of_type.clone().map(|it| tokens.text(it)).collect(),
        is_p3,
    })
}

/// The one of the two that is not needed: what is compiled where the other is not stays.
fn going<'b>(
    tokens: &Tokens<'_>,
    one: &'b ImplBlock,
    other: &'b ImplBlock,
) -> Option<&'b ImplBlock> {
    let attributes = |block: &ImplBlock| {
        let of_block = block.start..block.keyword;
        of_block.map(|it| tokens.text(it)).collect::<String>()
    };
    let (of_one, of_other) = (attributes(one), attributes(other));
    match (of_one.contains("cfg"), of_other.contains("cfg")) {
        (true, true) if of_one != of_other => None,
        (true, false) => Some(one),
        _ => Some(other),
    }
}

/// Whether two blocks have the same functions, which do the same.
fn is_same(
    tokens: &Tokens<'_>,
    one: &ImplBlock,
    other: &ImplBlock,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> bool {
    let is_plain = !one.has_others && !other.has_others;
    let same = one.functions.iter().all(|function| {
        let name = tokens.text(function.name);
        let Some(of_other) = other.function(tokens, name) else {
            return false;
        };
        let body = |open: usize, close: usize| said(tokens, open + 1..close, scopes, ground);
        body(function.open, function.close) == body(of_other.open, of_other.close)
    });
    is_plain && same && one.functions.len() == other.functions.len()
}

/// What a body says, wherever the crate has what it names; fields of a value in the order of their names.
fn said(
    tokens: &Tokens<'_>,
    body: Range<usize>,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> Vec<String> {
    let made = path_at(tokens, body.start);
    let open = made.map_or(body.start, |path| path.end);
    if tokens.text(open) == "{" && tokens.after(open) == body.end {
        let fields = arguments(tokens, open).unwrap_or_default();
        let mut said: Vec<String> = fields
            .into_iter()
            .map(|field| words(tokens, field, scopes, ground).concat())
            .collect();
        said.sort();
        return said;
    }
    words(tokens, body, scopes, ground)
}

fn words(
    tokens: &Tokens<'_>,
    range: Range<usize>,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut index = range.start;
    while index < range.end {
        let path = path_at(tokens, index);
        let meant = path.as_ref().and_then(|path| {
            let resolved = scopes.meaning(tokens, path, ground)?;
            let is_theirs = resolved.path.first()? == "wasmtime_wasi_http";
            resolved.path.last().filter(|_| is_theirs).cloned()
        });
        match (meant, path) {
            (Some(name), Some(path)) => {
                match name.as_str() {
                    // What the default is.
                    "default_hooks" => {
                        found.extend(["Default", ":", ":", "default"].map(str::to_owned));
                    }
                    _ => found.push(name),
                }
                index = path.end.max(index + 1);
            }
            _ => {
                found.push(tokens.text(index).to_owned());
                index += 1;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::{edited, moving};

    fn run(before: &str) -> (String, usize) {
        let result = moving(twins, before, 47, 48);
        (edited(before, result.edits), result.remaining.len())
    }

    #[test]
    fn of_two_views_that_say_the_same_one_stays() {
        let p2 = "impl wasmtime_wasi_http::p2::WasiHttpView for Host {\n    fn http(&mut self) -> wasmtime_wasi_http::p2::WasiHttpCtxView<'_> {\n        wasmtime_wasi_http::p2::WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: wasmtime_wasi_http::p2::default_hooks() }\n    }\n}\n";
        let p3 = "impl WasiHttpView for Host {\n    fn http(&mut self) -> WasiHttpCtxView<'_> {\n        WasiHttpCtxView {\n            hooks: p3::default_hooks(),\n            table: &mut self.table,\n            ctx: &mut self.http,\n        }\n    }\n}\n";
        let uses = "use wasmtime_wasi_http::p3::{self, WasiHttpCtxView, WasiHttpView};\n\n";
        let both = format!("{uses}{p2}\n/// Of WASIp3.\n{p3}\nfn f() {{}}\n");
        assert_eq!(run(&both), (format!("{uses}{p2}\nfn f() {{}}\n"), 0));
        let default = p2.replace(
            "wasmtime_wasi_http::p2::default_hooks()",
            "Default::default()",
        );
        let both = format!("{uses}{default}\n{p3}");
        assert_eq!(run(&both), (format!("{uses}{default}"), 0));
        // What is there only with a feature is not what stays.
        let both = format!("{uses}#[cfg(feature = \"http\")]\n{p2}\n{p3}");
        assert_eq!(run(&both), (format!("{uses}{p3}"), 0));
    }

    #[test]
    fn of_two_sets_of_hooks_that_say_nothing_one_stays() {
        let both = "use wasmtime_wasi_http::{p2, p3};\nimpl p2::WasiHttpHooks for H {}\nimpl p3::WasiHttpHooks for H {}\n";
        let one = "use wasmtime_wasi_http::{p2, p3};\nimpl p2::WasiHttpHooks for H {}\n";
        assert_eq!(run(both), (one.to_owned(), 0));
    }

    #[test]
    fn what_is_not_the_same_is_left_to_a_person() {
        for both in [
            "impl p2::WasiHttpHooks for H {} impl p3::WasiHttpHooks for H { fn set_host_header(&mut self) -> bool { false } }",
            "impl p2::WasiHttpHooks for H { fn is_forbidden_header(&mut self, n: &N) -> bool { false } } impl p3::WasiHttpHooks for H { fn is_forbidden_header(&mut self, n: &N) -> bool { true } }",
            "impl p2::WasiHttpView for S { fn http(&mut self) -> V { p2::WasiHttpCtxView { hooks: &mut self.a } } } impl p3::WasiHttpView for S { fn http(&mut self) -> V { p3::WasiHttpCtxView { hooks: &mut self.b } } }",
            "#[cfg(a)] impl p2::WasiHttpHooks for H {} #[cfg(b)] impl p3::WasiHttpHooks for H {}",
        ] {
            let text = format!("use wasmtime_wasi_http::{{p2, p3}}; {both}");
            assert_eq!(run(&text), (text, 1));
        }
        for apart in [
            "use wasmtime_wasi_http::{p2, p3}; impl p2::WasiHttpHooks for H {} impl p3::WasiHttpHooks for J {}",
            "use mine::{p2, p3}; impl p2::WasiHttpHooks for H {} impl p3::WasiHttpHooks for H {}",
        ] {
            assert_eq!(run(apart), (apart.to_owned(), 0));
        }
    }
}
