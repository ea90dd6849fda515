//! `is_forbidden_header` of a host was asked beside the headers that no guest may set; from 36 on it is asked in
//! their place (PR #11292). What stays as it is compiles, and lets guests set `host` and `connection`.

use super::impls::{self, Function};
use super::scopes::Scopes;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// The first line in which an override replaces the set of the crate.
const SINCE: Line = Line(36);

/// The set that the crate has.
const DEFAULTS: &str = "DEFAULT_FORBIDDEN_HEADERS";

/// Makes every override ask for the crate's own set as well.
#[must_use]
pub fn forbidden_headers(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    const NAME: &str = "is_forbidden_header";
    let mut result = Migrated::default();
    let is_on_the_way = ground.from < SINCE && SINCE <= ground.to;
    if !is_on_the_way || !text.contains(NAME) {
        return result;
    }
    let Some(defaults) = defaults(ground) else {
        return result;
    };
    let scopes = Scopes::of(tokens);
    for block in impls::find(tokens) {
        let function = block.function(tokens, NAME);
        let asks = |function: &&Function| {
            let mut body = function.open..function.close;
            body.any(|place| tokens.is_ident(place, DEFAULTS))
        };
        let of_trait = scopes.trait_of(tokens, &block, ground);
        let is_of_http = of_trait.is_some_and(|it| it.is_in("wasmtime_wasi_http", "WasiHttpView"));
        let Some(function) = function.filter(|function| !asks(function) && is_of_http) else {
            continue;
        };
        let edits = with_defaults(tokens, text, function, &defaults).unwrap_or_default();
        let reason = format!(
            "an override replaces the forbidden headers of the crate from {SINCE} on (line {})",
            ground.to
        );
        result.edits.extend(edits.into_iter().map(|(span, text)| {
            let reason = reason.clone();
            Edit { span, text, reason }
        }));
    }
    result
}

/// The path of the set, as the package writes it and the line has it.
fn defaults(ground: &Ground<'_>) -> Option<String> {
    let known = ground.crates.name_of("wasmtime-wasi-http")?;
    let mut places = ground
        .paths
        .iter()
        .filter_map(|item| item.place_in(ground.to));
    let place = places.find(|place| place.path.last().is_some_and(|name| name == DEFAULTS))?;
    let behind = place.path.get(1..)?.join("::");
    Some(format!("{known}::{behind}"))
}

/// The edits that make a function ask for the defaults first.
fn with_defaults(
    tokens: &Tokens<'_>,
    text: &str,
    function: &Function,
    defaults: &str,
) -> Option<Vec<(Span, String)>> {
    let parameters = (function.name..function.open).find(|place| tokens.text(*place) == "(")?;
    let parameters = impls::arguments(tokens, parameters)?;
    let header = parameters.get(1)?.start;
    let mut edits = Vec::new();
    // All of them are.
    if tokens.text(function.open + 1) == "true" && function.open + 2 == function.close {
        return Some(edits);
    }
    let name = match tokens.text(header) {
        "_" => {
            edits.push((tokens.get(header)?.span, "name".to_owned()));
            "name"
        }
        name if tokens.kind(header) == Some(TokenKind::Ident) => name,
        _ => return None,
    };
    let asks = format!("{defaults}.contains({name})");
    let (first, last) = (function.open + 1, function.close - 1);
    let is_alone = first == last;
    let start = tokens.get(first)?.span.start.0;
    let edit = match tokens.text(first) {
        "false" if is_alone => (tokens.get(first)?.span, asks),
        _ if is_expression(tokens, function) => (Span::new(start, start), format!("{asks} || ")),
        _ => {
            let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
            let gap = match &text[line..start] {
                indent if indent.trim().is_empty() => format!("\n{indent}"),
                _ => " ".to_owned(),
            };
            let early = format!("if {asks} {{ return true; }}{gap}");
            (Span::new(start, start), early)
        }
    };
    edits.push(edit);
    Some(edits)
}

/// Whether a body is one expression that `||` may stand in front of.
fn is_expression(tokens: &Tokens<'_>, function: &Function) -> bool {
    let mut index = function.open + 1;
    let begins_like_a_statement = [
        "let", "if", "match", "for", "while", "loop", "return", "{", "#",
    ];
    if begins_like_a_statement.contains(&tokens.text(index)) {
        return false;
    }
    while index < function.close {
        // What binds less than `||` does: assignments, ranges.
        let binds_less = tokens.is_punct(index, '=')
            && !tokens.is_punct(index + 1, '=')
            && !["=", "!", "<", ">"].contains(&tokens.text(index - 1));
        if binds_less || tokens.is_punct(index, ';') {
            return false;
        }
        index = tokens.after(index);
    }
    function.open + 1 < function.close
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::{edited, moving};

    fn moved(body: &str, from: u64, to: u64) -> String {
        let text = with_body(body);
        let result = moving(forbidden_headers, &text, from, to);
        edited(&text, result.edits)
    }

    fn with_body(body: &str) -> String {
        format!(
            "use wasmtime_wasi_http::WasiHttpView;\n\nimpl WasiHttpView for State {{\n    fn is_forbidden_header(&mut self, {body}\n    }}\n}}\n"
        )
    }

    #[test]
    fn what_was_asked_beside_the_defaults_still_is() {
        const NAMED: &str = "name: &HeaderName) -> bool {\n        ";
        for (before, after) in [
            (
                "name == \"x-secret\"",
                "wasmtime_wasi_http::types::DEFAULT_FORBIDDEN_HEADERS.contains(name) || name == \"x-secret\"",
            ),
            (
                "self.denied.contains(name) || name >= &self.last",
                "wasmtime_wasi_http::types::DEFAULT_FORBIDDEN_HEADERS.contains(name) || self.denied.contains(name) || name >= &self.last",
            ),
            (
                "false",
                "wasmtime_wasi_http::types::DEFAULT_FORBIDDEN_HEADERS.contains(name)",
            ),
            (
                "let denied = self.denied();\n        denied.contains(name)",
                "if wasmtime_wasi_http::types::DEFAULT_FORBIDDEN_HEADERS.contains(name) { return true; }\n        let denied = self.denied();\n        denied.contains(name)",
            ),
            (
                "match name.as_str() { \"a\" => true, _ => false }",
                "if wasmtime_wasi_http::types::DEFAULT_FORBIDDEN_HEADERS.contains(name) { return true; }\n        match name.as_str() { \"a\" => true, _ => false }",
            ),
        ] {
            let (before, after) = (format!("{NAMED}{before}"), format!("{NAMED}{after}"));
            assert_eq!(moved(&before, 35, 36), with_body(&after));
        }
    }

    #[test]
    fn a_header_without_a_name_gets_one() {
        let after = moved("_: &HeaderName) -> bool { false", 24, 48);
        let wanted = "name: &HeaderName) -> bool { wasmtime_wasi_http::DEFAULT_FORBIDDEN_HEADERS.contains(name)";
        assert_eq!(after, with_body(wanted));
    }

    #[test]
    fn a_body_on_one_line_stays_on_it() {
        let before = "name: &HeaderName) -> bool { let all = self.all(); all.contains(name)";
        let after = "name: &HeaderName) -> bool { if wasmtime_wasi_http::types::DEFAULT_FORBIDDEN_HEADERS.contains(name) { return true; } let all = self.all(); all.contains(name)";
        assert_eq!(moved(before, 35, 36), with_body(after));
    }

    #[test]
    fn nothing_is_done_where_nothing_changes() {
        let body = "name: &HeaderName) -> bool { false";
        for (from, to) in [(24, 35), (36, 48), (48, 24)] {
            assert_eq!(moved(body, from, to), with_body(body), "{from} to {to}");
        }
        let asks = "name: &HeaderName) -> bool { DEFAULT_FORBIDDEN_HEADERS.contains(name)";
        assert_eq!(moved(asks, 35, 36), with_body(asks));
    }

    #[test]
    fn one_that_asks_already_hides_no_other() {
        let asks = "name: &HeaderName) -> bool { DEFAULT_FORBIDDEN_HEADERS.contains(name)";
        let both = |body: &str| {
            format!(
                "{}impl WasiHttpView for Other {{ fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {{ {body} }} }}\n",
                with_body(asks)
            )
        };
        let result = moving(forbidden_headers, &both("false"), 35, 36);
        let after = edited(&both("false"), result.edits);
        let wanted = "wasmtime_wasi_http::types::DEFAULT_FORBIDDEN_HEADERS.contains(name)";
        assert_eq!(after, both(wanted));
    }

    #[test]
    fn functions_of_other_traits_are_their_own() {
        let text = "use other::WasiHttpView;\nimpl WasiHttpView for S { fn is_forbidden_header(&mut self, name: &N) -> bool { false } }\n";
        assert_eq!(moving(forbidden_headers, text, 35, 36), Migrated::default());
    }
}
