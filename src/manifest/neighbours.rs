//! Crates of wasm-tools whose types a package passes to Wasmtime: they are of one generation with it
//! before the move, and have to be afterwards. Those that only exchange bytes with it stay.

use semver::{Version, VersionReq};

use super::{Move, requirement_edit};
use crate::analysis::graph;
use crate::analysis::wasm_tools::{self, Passing, TOOLS};
use crate::error::Result;
use crate::version::FamilyVersion;
use crate::workspace::{Dependency, DependencySource};

use super::ManifestEdit;

/// The edits on the requirements of one package, which may stand in the root.
///
/// # Errors
/// A requirement that can't be moved by its numbers.
pub(super) fn edits(ground: &Move<'_>, manifest: usize) -> Result<Vec<ManifestEdit>> {
    let Some((now, then)) = generation(ground, ground.from).zip(generation(ground, ground.target))
    else {
        return Ok(Vec::new());
    };
    let mut edits = Vec::new();
    for tool in &TOOLS {
        let Some(door) = &tool.door else { continue };
        for entries in graph::requirements_of(ground.workspace, manifest, tool.name) {
            let Some(entry) = entries.first() else {
                continue;
            };
            if !in_step(entry, &now) {
                continue;
            }
            let passing = wasm_tools::passing(
                ground.workspace,
                ground.analysis,
                &ground.knowledge.features,
                ground.from.line(),
                manifest,
                door,
            );
            if !matches!(passing, Passing::Named(_)) {
                continue;
            }
            let stated_in = if entries.len() > 1 { 0 } else { manifest };
            let Some(text) = &entry.requirement else {
                continue;
            };
            let reason = format!(
                "{}, of one generation with Wasmtime {}",
                tool.name, ground.target
            );
            let root = &ground.workspace.manifests[stated_in];
            let edit = requirement_edit(root, text, &then, reason)?;
            edits.extend(edit.map(|edit| ManifestEdit {
                manifest: stated_in,
                edit,
            }));
        }
    }
    Ok(edits)
}

/// The number of wasm-tools that a release is built with.
fn generation(ground: &Move<'_>, release: &FamilyVersion) -> Option<Version> {
    let releases = &ground.knowledge.releases;
    // `--from 36` names the line; its first release may never have been published.
    let known = releases
        .get(release)
        .or_else(|| releases.iter().find(|r| r.version.line() == release.line()))?;
    known.wasm_tools.parse().ok()
}

/// Whether a requirement on the default registry asks for this generation.
fn in_step(entry: &Dependency, generation: &Version) -> bool {
    let requirement = entry.requirement.as_ref();
    let requirement = requirement.and_then(|text| VersionReq::parse(&text.value).ok());
    entry.source == DependencySource::Registry
        && requirement.is_some_and(|requirement| {
            requirement.comparators.first().is_some_and(|first| {
                first.major == generation.major && first.minor == Some(generation.minor)
            })
        })
}
