//! Requiring `wasmtime-wasi-io` beside `wasmtime-wasi`, for packages that go on with its `IoView`.

use std::collections::BTreeSet;

use super::{ManifestEdit, ManifestPlan, Move};
use crate::edit::Edit;
use crate::migrate::io_view;
use crate::requirement;
use crate::span::Span;
use crate::version::Line;
use crate::workspace::{
    Dependency, DependencySource, DependencyTable, EntryForm, Manifest, Source, Workspace,
};

const WASI: &str = "wasmtime-wasi";
const IO: &str = "wasmtime-wasi-io";

/// The packages that go on with `IoView`, by the places of their manifests: all that name it, where one
/// of them asks a type for it. None where a manifest has no place for another entry.
#[must_use]
pub fn keepers(workspace: &Workspace, from: Line, to: Line) -> BTreeSet<usize> {
    let none = BTreeSet::new();
    if !io_view::is_crossed(from, to) {
        return none;
    }
    // A trait of the project's own may have the name.
    let defines = |source: &&Source| io_view::is_defined(&source.text);
    let own: BTreeSet<usize> = workspace
        .sources
        .iter()
        .filter(defines)
        .map(|it| it.manifest)
        .collect();
    let may_mean_it = |source: &&Source| {
        let manifest = workspace.manifests.get(source.manifest);
        let required = manifest.is_some_and(|manifest| {
            [WASI, IO]
                .iter()
                .any(|name| requires(workspace, manifest, name).is_some())
        });
        required && !own.contains(&source.manifest)
    };
    let sources = || workspace.sources.iter().filter(may_mean_it);
    if !sources().any(|source| io_view::is_asked_for(&source.text)) {
        return none;
    }
    let naming = sources().filter(|source| io_view::is_named(&source.text));
    let keepers: BTreeSet<usize> = naming.map(|source| source.manifest).collect();
    let has_place = |index: &usize| {
        workspace.manifests.get(*index).is_some_and(|manifest| {
            requires(workspace, manifest, IO).is_some() || place(workspace, manifest).is_some()
        })
    };
    match keepers.iter().all(has_place) {
        true => keepers,
        false => none,
    }
}

/// Adds the entries that keepers lack, in the layout of the one on `wasmtime-wasi`.
pub(super) fn plan(ground: &Move<'_>, plan: &mut ManifestPlan) {
    let workspace = ground.workspace;
    let keepers = keepers(workspace, ground.from.line(), ground.target.line());
    for index in keepers {
        let manifest = &workspace.manifests[index];
        if requires(workspace, manifest, IO).is_some() {
            continue;
        }
        let Some(beside) = place(workspace, manifest) else {
            continue;
        };
        plan.renamed_keys.insert(IO.to_owned());
        if beside.source != DependencySource::Inherited {
            add_version(ground, index, beside, plan);
            continue;
        }
        let text = match beside.form {
            EntryForm::Lines => format!("{IO}.workspace = true"),
            _ => format!("{IO} = {{ workspace = true }}"),
        };
        plan.always(ManifestEdit {
            manifest: index,
            edit: line_behind(manifest, beside, &text),
        });
        let of_root =
            of_workspace(workspace, WASI).filter(|_| of_workspace(workspace, IO).is_none());
        if let Some(of_root) = of_root {
            add_version(ground, 0, of_root, plan);
        }
    }
}

/// An entry with a version, which is pinned while the lockfile moves.
fn add_version(ground: &Move<'_>, index: usize, beside: &Dependency, plan: &mut ManifestPlan) {
    let member = ground.knowledge.family.get(IO);
    let written = beside.requirement.as_ref();
    let Some((member, written)) = member.zip(written) else {
        return;
    };
    let version = member.numbering.version_at(ground.target).0;
    let moved = requirement::moved_to(&written.value, &version);
    let moved = moved
        .ok()
        .flatten()
        .unwrap_or_else(|| written.value.clone());
    let manifest = &ground.workspace.manifests[index];
    let step = |requirement: &str| ManifestEdit {
        manifest: index,
        edit: line_behind(manifest, beside, &format!("{IO} = \"{requirement}\"")),
    };
    let edit = step(&moved);
    if !plan.edits.contains(&edit) {
        plan.edits.push(edit);
        plan.pins.push(step(&format!("={version}")));
    }
}

/// The entry on `wasmtime-wasi` that another one can stand behind.
fn place<'w>(workspace: &'w Workspace, manifest: &'w Manifest) -> Option<&'w Dependency> {
    let entry = requires(workspace, manifest, WASI)?;
    let is_plain = |entry: &Dependency| match entry.form {
        EntryForm::Text | EntryForm::InlineTable => entry.requirement.is_some(),
        EntryForm::Lines => false,
    };
    let has_place = match entry.source {
        DependencySource::Inherited => {
            // `[dependencies.wasmtime-wasi]` is a table of its own.
            let dotted = entry.parts.len() == 1 && line_of(manifest, entry).contains('.');
            let in_line = entry.form != EntryForm::Lines || dotted;
            in_line && of_workspace(workspace, WASI).is_some_and(is_plain)
        }
        _ => is_plain(entry),
    };
    (has_place && !entry.optional).then_some(entry)
}

fn requires<'w>(
    workspace: &'w Workspace,
    manifest: &'w Manifest,
    name: &str,
) -> Option<&'w Dependency> {
    let mut own = manifest.dependencies.iter();
    own.find(|entry| {
        let of_package = matches!(entry.table, DependencyTable::Package { .. });
        of_package && workspace.crate_of(entry) == name
    })
}

fn of_workspace<'w>(workspace: &'w Workspace, name: &str) -> Option<&'w Dependency> {
    let mut entries = workspace.root().dependencies.iter();
    entries.find(|entry| entry.table == DependencyTable::Workspace && entry.package == name)
}

/// The line that an entry begins in.
fn line_of<'m>(manifest: &'m Manifest, entry: &Dependency) -> &'m str {
    let text = &manifest.text;
    let at = entry.key.span.start.0;
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default()
}

/// The edit that puts a line behind an entry.
fn line_behind(manifest: &Manifest, entry: &Dependency, line: &str) -> Edit {
    let text = &manifest.text;
    let last = entry.parts.iter().map(|part| part.end.0).max();
    let last = last.unwrap_or(entry.key.span.end.0);
    let behind = text[last..].find('\n').map(|newline| last + newline);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (at, text) = match behind {
        Some(at) => (at + 1, format!("{line}{newline}")),
        None => (text.len(), format!("{newline}{line}")),
    };
    Edit {
        span: Span::new(at, at),
        text,
        reason: format!("`IoView` is of `{IO}`"),
    }
}
