//! Bodies of `wasi:http` that a project has a type for itself (40, PR #12060).

use super::{Repair, Site};
use crate::edit::Edit;
use crate::migrate::impls::behind_generics;
use crate::migrate::segments::head;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

const SINCE: Line = Line(40);

const NAME: &str = "BoxBody";

/// Where `BoxBody` of the errors of `wasi:http` is asked for and Wasmtime has `UnsyncBoxBody`, the project's
/// types are those, everywhere: what makes the one is answered in the next round.
pub(super) fn unsync(site: &Site<'_>) -> Option<Repair> {
    let is_crossed = site.terms.from < SINCE && site.line >= SINCE;
    let is_it = site.is("E0308") && is_other_way_round(site);
    site.primary().filter(|_| is_crossed && is_it)?;
    let mut edits = Vec::new();
    for (path, text) in site.texts {
        if !text.contains(NAME) || !text.contains("ErrorCode") {
            continue;
        }
        let Ok(tokens) = Tokens::read(text) else {
            continue;
        };
        let types = tokens.places_of(NAME);
        let spans = types.filter_map(|place| of_wasi(&tokens, place));
        edits.extend(spans.map(|span| {
            let edit = Edit {
                span,
                text: "http_body_util::combinators::UnsyncBoxBody".to_owned(),
                reason: format!("bodies are not shared between threads (line {})", site.line),
            };
            (path.clone(), edit)
        }));
    }
    (!edits.is_empty()).then(|| Repair {
        edits,
        ..Repair::default()
    })
}

/// Whether `BoxBody` is expected, and the other one found.
fn is_other_way_round(site: &Site<'_>) -> bool {
    let said = site.error.labels.iter().map(|label| label.text.as_str());
    let mut said = said.chain([site.error.rendered.as_str()]);
    said.any(|text| {
        let Some((wanted, found)) = text
            .split_once("expected ")
            .and_then(|(_, rest)| rest.split_once("found "))
        else {
            return false;
        };
        let found = found.lines().next().unwrap_or_default();
        wanted.contains(NAME)
            && !wanted.contains("UnsyncBoxBody")
            && found.contains("UnsyncBoxBody")
    })
}

/// The path of `BoxBody<_, ErrorCode>`.
fn of_wasi(tokens: &Tokens<'_>, place: usize) -> Option<Span> {
    let open = place + 1;
    let behind = behind_generics(tokens, open).filter(|_| tokens.is_punct(open, '<'))?;
    tokens.is_ident(behind - 2, "ErrorCode").then_some(())?;
    let first = tokens.get(head(tokens, place))?.span;
    Some(first.to(tokens.get(place)?.span))
}

#[cfg(test)]
mod tests {
    use super::super::{repair, tests};

    #[test]
    fn types_of_the_projects_own_are_those_that_wasmtime_has() {
        let text = "use http_body_util::combinators::BoxBody; fn f(b: BoxBody<Bytes, types::ErrorCode>, o: BoxBody<Bytes, E>) -> Response<BoxBody<Bytes, ErrorCode>> { «g()» }";
        let said = "expected `Response<BoxBody<Bytes, ErrorCode>>`, found `Response<UnsyncBoxBody<Bytes, ErrorCode>>`";
        for (said, is_edited) in [
            (said.to_owned(), true),
            (said.replace("<BoxBody", "<UnsyncBoxBody"), false),
        ] {
            let (mut error, texts) = tests::error("E0308", "mismatched types", text);
            error.labels[0].text = said;
            let repairs = repair(&[&error], &texts, &tests::terms(40));
            let edited = repairs.edits.get("src/lib.rs");
            let edited = edited.map(|edits| edits.apply(&texts["src/lib.rs"]));
            let of = "http_body_util::combinators::UnsyncBoxBody";
            let after = format!(
                "use http_body_util::combinators::BoxBody; fn f(b: {of}<Bytes, types::ErrorCode>, o: BoxBody<Bytes, E>) -> Response<{of}<Bytes, ErrorCode>> {{ g() }}"
            );
            assert_eq!(edited, is_edited.then_some(after));
        }
    }
}
