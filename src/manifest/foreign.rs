//! Crates of the family that come from elsewhere than a registry, or are replaced: only a person can
//! move them, and the rest of the family stays with them.

use super::malformed;
use crate::error::{Error, Result};
use crate::knowledge::Family;
use crate::workspace::{
    Dependency, DependencySource, DependencyTable, Manifest, Placed, Workspace, cargo_config,
};
use crate::world::World;

/// The requirement to move; `None` for an entry that another one decides.
///
/// # Errors
/// An entry that no number moves: what it holds, where, and what to do.
pub(super) fn movable<'a>(
    workspace: &Workspace,
    manifest: &Manifest,
    dependency: &'a Dependency,
) -> Result<Option<&'a Placed<String>>> {
    let refuse = |what: String, help: &str| {
        let what = format!("{what}{}", locked(workspace, dependency));
        Err(malformed(manifest, dependency.key.span, what, help))
    };
    if workspace.ignores(manifest, dependency) {
        return Ok(None);
    }
    if let DependencyTable::Override { name } = &dependency.table {
        let what = replaces(
            &format!("[{name}]"),
            &dependency.package,
            dependency.origin(),
        );
        return refuse(what, OF_A_REPLACEMENT);
    }
    match &dependency.source {
        DependencySource::Inherited => Ok(None),
        DependencySource::Git(_) | DependencySource::Path(_) => refuse(
            format!(
                "`{}` comes from {}",
                dependency.package,
                dependency.origin().unwrap_or_default()
            ),
            "move it by hand, together with every other crate of the family, or require a published release and run again",
        ),
        DependencySource::OtherRegistry(_) | DependencySource::Registry => {
            dependency.requirement.as_ref().map_or_else(
                || {
                    Err(malformed(
                        manifest,
                        dependency.key.span,
                        format!("`{}` has no version requirement", dependency.package),
                        "write one, cargo demands it",
                    ))
                },
                |text| Ok(Some(text)),
            )
        }
    }
}

const OF_A_REPLACEMENT: &str = "move the replacement by hand, together with every other crate of the family, or take it out and run again";

fn replaces(by: &str, package: &str, origin: Option<String>) -> String {
    let with = origin.map(|origin| format!(" with {origin}"));
    format!("{by} replaces `{package}`{}", with.unwrap_or_default())
}

/// What the lockfile holds of a crate that comes from elsewhere, as the end of a sentence.
fn locked(workspace: &Workspace, dependency: &Dependency) -> String {
    let lockfile = workspace.lockfile.iter();
    let mut locked = lockfile.flat_map(|lockfile| lockfile.versions_of(&dependency.package));
    let held = locked.find(|package| match (&dependency.source, &package.source) {
        (DependencySource::Git(address), Some(source)) => source
            .strip_prefix("git+")
            .is_some_and(|rest| rest.starts_with(address.as_str())),
        (DependencySource::Path(_), None) => true,
        _ => false,
    });
    held.map_or_else(String::new, |package| {
        let commit = package.source.as_deref().and_then(|s| s.split_once('#'));
        let short = |commit: &str| format!(" (commit {})", commit.get(..12).unwrap_or(commit));
        let commit = commit.map(|(_, commit)| short(commit)).unwrap_or_default();
        format!("; the lockfile holds {}{commit}", package.version)
    })
}

/// Refuses a workspace for which cargo's own configuration replaces crates of the family.
///
/// # Errors
/// The first such crate, with its place.
pub fn refuse_replaced(world: &dyn World, workspace: &Workspace, family: &Family) -> Result<()> {
    let all = cargo_config::replaced(world, workspace.folder());
    let replaced = all.iter().find(|one| family.get(&one.package).is_some());
    replaced.map_or(Ok(()), |one| {
        Err(Error::Malformed {
            path: one.path.clone(),
            position: crate::span::Position::of(&one.text, one.span.start),
            message: replaces(&one.by, &one.package, one.origin.clone()),
            help: OF_A_REPLACEMENT.to_owned(),
        })
    })
}

/// Why a workspace whose manifests lead to no release at all can't be moved.
///
/// # Errors
/// The first requirement on the family that no number moves.
pub fn refuse_all(workspace: &Workspace, family: &Family) -> Result<()> {
    for manifest in &workspace.manifests {
        for dependency in &manifest.dependencies {
            if family.get(&dependency.package).is_some() {
                movable(workspace, manifest, dependency)?;
            }
        }
    }
    Ok(())
}
