//! Requiring `wasmtime-wasi-io` beside `wasmtime-wasi`, for packages that go on with its `IoView`.

use std::collections::BTreeSet;

use super::beside::{Asked, WASI, entry_behind, is_beside, of_workspace, place, requires};
use super::{ManifestEdit, ManifestPlan, Move};
use crate::migrate::io_view;
use crate::requirement;
use crate::version::Line;
use crate::workspace::{Dependency, DependencySource, Source, Workspace};

const IO: &str = "wasmtime-wasi-io";

/// The packages that go on with `IoView`, by the places of their manifests: all that name it, where one
/// of them asks a type for it. None where a manifest has no place for another entry.
#[must_use]
pub(super) fn keepers(workspace: &Workspace, from: Line, to: Line) -> BTreeSet<usize> {
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
            is_beside(workspace, manifest, IO) || place(workspace, manifest).is_some()
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
        if is_beside(workspace, manifest, IO) {
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
        plan.always(ManifestEdit {
            manifest: index,
            edit: entry_behind(manifest, beside, IO, Asked::OfWorkspace, &reason()),
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
        edit: entry_behind(
            manifest,
            beside,
            IO,
            Asked::Requirement(requirement),
            &reason(),
        ),
    };
    let edit = step(&moved);
    if !plan.edits.contains(&edit) {
        plan.edits.push(edit);
        plan.pins.push(step(&format!("={version}")));
    }
}

fn reason() -> String {
    format!("`IoView` is of `{IO}`")
}
