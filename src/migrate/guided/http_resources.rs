//! Bindings that take `wasi:http` as a whole from `wasmtime-wasi-http`, for a world whose own WIT is older.
//!
//! From 35 on the interface has something unstable (WASI 0.2.6, PR #11049), so that the crate links it with
//! options, which the bindings of an older world know nothing of. What a host and its guests hand each other
//! are resources: with those of the crate alone, the rest is of the world's own WIT again.

use std::collections::BTreeSet;

use super::{Repair, Site};
use crate::bindgen::{self, Invocation, OptionEntry, OptionValue};
use crate::diagnostics::Label;
use crate::migrate::Crates;
use crate::tokens::Tokens;
use crate::version::Line;

const SINCE: Line = Line(35);

/// The line whose keys have a `.` in front of a type.
const DOTTED: Line = Line(39);

/// The line from which on what is of WASIp2 is in `p2`.
const IN_P2: Line = Line(43);

/// The line whose options of requests are the same for both previews.
const SHARED_OPTIONS: Line = Line(48);

/// Each resource of `wasi:http/types`, and its type.
const RESOURCES: [(&str, &str); 9] = [
    ("outgoing-body", "body::HostOutgoingBody"),
    (
        "future-incoming-response",
        "types::HostFutureIncomingResponse",
    ),
    ("outgoing-response", "types::HostOutgoingResponse"),
    ("future-trailers", "body::HostFutureTrailers"),
    ("incoming-body", "body::HostIncomingBody"),
    ("incoming-response", "types::HostIncomingResponse"),
    ("response-outparam", "types::HostResponseOutparam"),
    ("outgoing-request", "types::HostOutgoingRequest"),
    ("incoming-request", "types::HostIncomingRequest"),
];

/// Names the resources in the place of the package or the interface.
pub(super) fn http_resources(site: &Site<'_>) -> Option<Repair> {
    let is_crossed = site.terms.from < SINCE && site.line >= SINCE;
    let is_it = is_crossed
        && site.is("E0061")
        && site.speaks_of("bindings::http::types::LinkOptions` is missing");
    let label = site.error.labels.iter().filter(|_| is_it);
    let label = label.into_iter().find(|label| label.is_primary)?;
    let text = site.texts.get(&label.path)?;
    let tokens = Tokens::read(text).ok()?;
    let crates = site.terms.crates.get(&label.path)?;
    let invocation = invocation_at(&tokens, crates, label)?;
    let entry = entry_of_package(&invocation)?;
    // Who links the world itself has the crate's functions by this entry.
    if is_linked(site, &invocation) {
        return None;
    }
    let http = crates.name_of("wasmtime-wasi-http")?;
    let start = entry.name_span.start.0;
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let gap = match &text[line..start] {
        indent if indent.trim().is_empty() => format!(",\n{indent}"),
        _ => ", ".to_owned(),
    };
    let resources = resources(http, site.line).join(&gap);
    let reason = "the world's own WIT is older than that of the crate";
    Some(site.edit(label, entry.span(), resources, reason))
}

/// The entries of all resources in a line.
fn resources(http: &str, line: Line) -> Vec<String> {
    let of_p2 = if line >= IN_P2 { "p2::" } else { "" };
    let mark = if line >= DOTTED { '.' } else { '/' };
    let fields = match line >= IN_P2 {
        true => "FieldMap".to_owned(),
        false => "types::HostFields".to_owned(),
    };
    let options = match line >= SHARED_OPTIONS {
        true => "RequestOptions".to_owned(),
        false => format!("{of_p2}types::HostRequestOptions"),
    };
    let alike = RESOURCES.map(|(name, of_type)| (name, format!("{of_p2}{of_type}")));
    let others = [("fields", fields), ("request-options", options)];
    let all = alike.into_iter().chain(others);
    all.map(|(name, of_type)| format!("\"wasi:http/types{mark}{name}\": {http}::{of_type}"))
        .collect()
}

/// The invocation that the compiler points to.
fn invocation_at(tokens: &Tokens<'_>, crates: &Crates, label: &Label) -> Option<Invocation> {
    let name = crates.name_of("wasmtime")?;
    let found = bindgen::find(tokens, &BTreeSet::from([name.to_owned()]));
    found.into_iter().find(|invocation| {
        let span = invocation.span;
        !invocation.templated && span.start <= label.span.start && label.span.end <= span.end
    })
}

/// The entry of `with` by which all of the package, or the interface, is taken from the crate.
fn entry_of_package(invocation: &Invocation) -> Option<OptionEntry> {
    let OptionValue::Block(entries) = &invocation.option("with")?.value else {
        return None;
    };
    let is_it = |entry: &&OptionEntry| {
        let name = entry.text_name().unwrap_or_default();
        let plain = name.split('@').next().unwrap_or_default();
        let last = entry.value_idents.last().map(String::as_str);
        matches!(
            (plain, last),
            ("wasi:http", Some("http")) | ("wasi:http/types", Some("types"))
        )
    };
    let mut found = entries.iter().filter(is_it);
    let only = found.next()?;
    found.next().is_none().then(|| only.clone())
}

/// Whether some text calls the `add_to_linker` of the invocation's world.
fn is_linked(site: &Site<'_>, invocation: &Invocation) -> bool {
    let Some(world) = invocation.option("world") else {
        return true;
    };
    let OptionValue::Text(named) = &world.value else {
        return true;
    };
    let named = named.trim_matches('"');
    let name = named.rsplit(['/', ':']).next().unwrap_or(named);
    let name = name.split('@').next().unwrap_or(name);
    let upper = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let of_type: String = name.split('-').map(upper).collect();
    let call = format!("{of_type}::add_to_linker");
    site.texts.values().any(|text| text.contains(&call))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Terms, repair};
    use crate::migrate::guided::tests::{error, terms};
    use crate::migrate::tests::crates;

    #[test]
    fn resources_are_taken_from_the_crate_one_by_one() {
        let message = "this function takes 3 arguments but 2 arguments were supplied";
        let before = "«wasmtime::component::bindgen!({\n    world: \"edge-function\",\n    with: {\n        \"wasi:http@0.2.0\": wasmtime_wasi_http::p2::bindings::http,\n        \"a:b/c\": crate::C,\n    },\n})»;\n";
        for (more, is_edited) in [("", true), ("EdgeFunction::add_to_linker(l)?;", false)] {
            let (mut error_, texts) = error("E0061", message, &format!("{before}{more}"));
            error_.labels[0].of_macro = Some("wasmtime::component::bindgen!".to_owned());
            error_.rendered = format!(
                "{message} argument #2 of type `&wasmtime_wasi_http::p2::bindings::http::types::LinkOptions` is missing"
            );
            let crates = BTreeMap::from([("src/lib.rs".to_owned(), crates())]);
            let terms = Terms {
                crates: &crates,
                ..terms(48)
            };
            let repairs = repair(&[&error_], &texts, &terms);
            let edited = repairs.edits.get("src/lib.rs");
            let edited = edited.map(|edits| edits.apply(&texts["src/lib.rs"]));
            assert_eq!(edited.is_some(), is_edited);
            if let Some(edited) = edited {
                insta::assert_snapshot!(edited);
            }
        }
    }
}
