//! Crates of others that use the family and whose locked release keeps the target out: they are raised
//! with it. Whether the project agrees with their newer release, the compiler says.

use semver::VersionReq;

use super::{ManifestEdit, Move, requirement_edit};
use crate::error::Result;
use crate::workspace::DependencySource;

/// The edits on the requirements of one manifest.
///
/// # Errors
/// A requirement that can't be moved by its numbers.
pub(super) fn edits(ground: &Move<'_>, index: usize) -> Result<Vec<ManifestEdit>> {
    let manifest = &ground.workspace.manifests[index];
    let mut edits = Vec::new();
    for dependency in &manifest.dependencies {
        let Some(version) = ground.raised.get(&dependency.package) else {
            continue;
        };
        let (Some(text), DependencySource::Registry) =
            (&dependency.requirement, &dependency.source)
        else {
            continue;
        };
        let admits = VersionReq::parse(&text.value).is_ok_and(|req| req.matches(version));
        if admits {
            continue; // cargo moves it by itself
        }
        let reason = format!(
            "{} {version} takes Wasmtime {}",
            dependency.package, ground.target
        );
        let edit = requirement_edit(manifest, text, version, reason)?;
        edits.extend(edit.map(|edit| ManifestEdit {
            manifest: index,
            edit,
        }));
    }
    Ok(edits)
}
