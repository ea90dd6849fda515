//! Crates of the family that go on under another name (`wasmtime-cache` from 35 on): the manifest
//! keeps its own name for them, so no source and no feature list has to change.

use crate::edit::Edit;
use crate::span::Span;
use crate::version::FamilyVersion;
use crate::workspace::{Dependency, EntryForm, Manifest, Placed};

/// The edits that make `dependency` stand for the crate `name`. Its requirement is moved apart from
/// this.
pub(super) fn edits(
    manifest: &Manifest,
    dependency: &Dependency,
    requirement: &Placed<String>,
    name: &str,
    target: &FamilyVersion,
) -> Vec<Edit> {
    let edit = |span: Span, text: String| Edit {
        span,
        text,
        reason: format!(
            "`{}` is called `{name}` in Wasmtime {target}",
            dependency.package
        ),
    };
    let empty = |at: usize| Span::new(at, at);
    if let Some(value) = &dependency.package_value {
        return vec![edit(value.span, format!("\"{name}\""))];
    }
    let package = format!("package = \"{name}\"");
    match (dependency.form, dependency.version_key) {
        (EntryForm::InlineTable, Some(key)) => {
            // `name.version` may stand among the keys of a table in braces.
            let start = dotted_key_start(&manifest.text, key.start.0);
            let prefix = &manifest.text[start..key.start.0];
            vec![edit(empty(start), format!("{prefix}{package}, "))]
        }
        (EntryForm::Lines, Some(key)) => {
            // What stands in front of `version` on its line: indentation, and `name.` where the key
            // has dots.
            let text = &manifest.text;
            let mark = text.len() - text.trim_start_matches('\u{feff}').len();
            let line = text[..key.start.0].rfind('\n').map_or(mark, |at| at + 1);
            let prefix = &text[line..key.start.0];
            let end = if text[..line].ends_with("\r\n") {
                "\r\n"
            } else {
                "\n"
            };
            vec![edit(empty(line), format!("{prefix}{package}{end}"))]
        }
        _ => vec![
            edit(
                empty(requirement.span.start.0),
                format!("{{ {package}, version = "),
            ),
            edit(empty(requirement.span.end.0), " }".to_owned()),
        ],
    }
}

/// Where the dotted key begins (`a . 'b'.version`) whose last part starts at `last`, in bytes; `last`
/// when there is no dot in front of it.
fn dotted_key_start(text: &str, last: usize) -> usize {
    let mut start = last;
    while let Some(path) = text[..start].trim_end().strip_suffix('.') {
        let path = path.trim_end();
        let quote = path.chars().next_back().filter(|c| matches!(c, '"' | '\''));
        start = match quote {
            Some(quote) => {
                let inside = &path[..path.len() - 1];
                let opens = |at: &usize| {
                    let escapes = inside[..*at].bytes().rev().take_while(|b| *b == b'\\');
                    quote == '\'' || escapes.count() % 2 == 0
                };
                let mut quotes = inside.rmatch_indices(quote).map(|(at, _)| at);
                quotes.find(opens).unwrap_or_default()
            }
            None => {
                let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                path.trim_end_matches(bare).len()
            }
        };
    }
    start
}
