//! Adding a cargo feature that the compiler turned out to need.

use crate::edit::Edit;
use crate::span::Span;
use crate::workspace::{Dependency, DependencySource, DependencyTable, EntryForm, Manifest};

/// The edit that adds a feature to what a manifest requires of a crate; none where it inherits what it
/// wants, or has that one.
#[must_use]
pub fn with_feature(
    manifest: &Manifest,
    of_crate: &str,
    feature: &str,
    reason: &str,
) -> Option<Edit> {
    let dependency = manifest.dependencies.iter().find(|dependency| {
        let is_plain = !matches!(dependency.table, DependencyTable::Override { .. });
        let own = dependency.source != DependencySource::Inherited;
        is_plain && own && dependency.package == of_crate
    })?;
    feature_added(manifest, dependency, feature, reason)
}

/// The edit that adds a feature to one entry; none where it has that one, or no place for it.
pub(super) fn feature_added(
    manifest: &Manifest,
    dependency: &Dependency,
    feature: &str,
    reason: &str,
) -> Option<Edit> {
    if dependency
        .features
        .iter()
        .any(|present| present.value == feature)
    {
        return None;
    }
    let edit = |at: usize, text: String| {
        Some(Edit {
            span: Span::new(at, at),
            text,
            reason: reason.to_owned(),
        })
    };
    let text = &manifest.text;
    if let Some(last) = dependency.features.last() {
        let at = last.span.end.0;
        let line = text[..last.span.start.0]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let indent = &text[line..last.span.start.0];
        let own_line = line > 0 && indent.trim().is_empty();
        let newline = if text[..line].ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        return match own_line {
            true => edit(at, format!(",{newline}{indent}\"{feature}\"")),
            false => edit(at, format!(", \"{feature}\"")),
        };
    }
    if let Some(at) = empty_list(manifest, dependency) {
        return edit(at, format!("\"{feature}\""));
    }
    let requirement = dependency.requirement.as_ref()?.span;
    match dependency.form {
        EntryForm::InlineTable => edit(requirement.end.0, format!(", features = [\"{feature}\"]")),
        EntryForm::Text => Some(Edit {
            span: requirement,
            text: format!(
                "{{ version = {}, features = [\"{feature}\"] }}",
                requirement.text(text)
            ),
            reason: reason.to_owned(),
        }),
        EntryForm::Lines => line_added(manifest, dependency, feature, reason),
    }
}

/// Behind the bracket of `features = []`, in bytes.
fn empty_list(manifest: &Manifest, dependency: &Dependency) -> Option<usize> {
    dependency.parts.iter().find_map(|part| {
        let text = part.text(&manifest.text);
        let mut keys = text.match_indices("features");
        keys.find_map(|(at, key)| {
            let is_whole = !text[..at].ends_with(['-', '_']);
            let behind = text[at + key.len()..].trim_start().strip_prefix('=')?;
            let list = behind.trim_start().strip_prefix('[')?;
            let is_empty = list.trim_start().starts_with(']');
            (is_whole && is_empty).then_some(part.start.0 + text.len() - list.len())
        })
    })
}

/// A line of its own for an entry whose parts have one each: `features = ["a"]` behind that of the requirement,
/// with what stands in front of the key there.
fn line_added(
    manifest: &Manifest,
    dependency: &Dependency,
    feature: &str,
    reason: &str,
) -> Option<Edit> {
    let text = &manifest.text;
    let key = dependency.version_key?;
    let start = text[..key.start.0]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let end = text[key.end.0..]
        .find('\n')
        .map(|newline| key.end.0 + newline + 1)?;
    let newline = if text[start..end].ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let front = &text[start..key.start.0];
    Some(Edit {
        span: Span::new(end, end),
        text: format!("{front}features = [\"{feature}\"]{newline}"),
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::edit::EditSet;

    #[test]
    fn a_feature_comes_behind_the_others_in_their_layout() {
        for (before, after) in [
            (
                "wasmtime = { version = \"42\", features = [\"std\", \"gc\"] }",
                Some("wasmtime = { version = \"42\", features = [\"std\", \"gc\", \"anyhow\"] }"),
            ),
            (
                "wasmtime = { version = \"42\", features = [\r\n    \"std\", # why\r\n    \"gc\",\r\n] }",
                Some(
                    "wasmtime = { version = \"42\", features = [\r\n    \"std\", # why\r\n    \"gc\",\r\n    \"anyhow\",\r\n] }",
                ),
            ),
            (
                "wasmtime = { version = \"42\", default-features = false }",
                Some(
                    "wasmtime = { version = \"42\", features = [\"anyhow\"], default-features = false }",
                ),
            ),
            (
                "w = { package = \"wasmtime\", version = \"42\", features = ['a'] }",
                Some(
                    "w = { package = \"wasmtime\", version = \"42\", features = ['a', \"anyhow\"] }",
                ),
            ),
            (
                "wasmtime = { version = \"42\", features = [\"anyhow\"] }",
                None,
            ),
            (
                "wasmtime = '42' # x",
                Some("wasmtime = { version = '42', features = [\"anyhow\"] } # x"),
            ),
            (
                "wasmtime = { workspace = true, features = [\"std\"] }",
                None,
            ),
            (
                "wasmtime-wasi = { version = \"42\", features = [\"p1\"] }",
                None,
            ),
            (
                "wasmtime.version = \"42\"",
                Some("wasmtime.version = \"42\"\nwasmtime.features = [\"anyhow\"]"),
            ),
            (
                "[dependencies.wasmtime]\nversion = \"42\"\ndefault-features = false",
                Some(
                    "[dependencies.wasmtime]\nversion = \"42\"\nfeatures = [\"anyhow\"]\ndefault-features = false",
                ),
            ),
        ] {
            let text = format!("[dependencies]\n{before}\n");
            let manifest = Manifest::parse("/w/Cargo.toml".into(), text.clone()).unwrap();
            let edit = with_feature(&manifest, "wasmtime", "anyhow", "why");
            let edited = edit.map(|edit| {
                let mut edits = EditSet::default();
                edits.add(edit).unwrap();
                edits.apply(&text)
            });
            let after = after.map(|after| format!("[dependencies]\n{after}\n"));
            assert_eq!(edited, after, "{before}");
        }
    }
}
