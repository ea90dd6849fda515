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
            vec![edit(empty(key.start.0), format!("{package}, "))]
        }
        (EntryForm::Lines, Some(key)) => {
            // What stands in front of `version` on its line: indentation, and `name.` where the key
            // has dots.
            let text = &manifest.text;
            let line = text[..key.start.0].rfind('\n').map_or(0, |at| at + 1);
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
