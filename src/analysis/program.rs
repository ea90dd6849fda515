//! From a workspace to the program that types are followed in.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::rust::program::{Dependency as Named, Package, PackageKey, Program};
use crate::rust::source::{FileFacts, ParseFailure};
use crate::workspace::{Dependency, DependencySource, Manifest, Workspace, lexical};

/// Puts the packages of a workspace together. A package's key is the place of its manifest.
pub(super) fn program(
    workspace: &Workspace,
    files: Vec<Result<FileFacts, ParseFailure>>,
) -> Program {
    let packages = workspace
        .manifests
        .iter()
        .enumerate()
        .filter(|(_, m)| m.package.is_some());
    let packages = packages.map(|(index, manifest)| package(workspace, index, manifest));
    Program::new(packages.collect(), files)
}

fn package(workspace: &Workspace, index: usize, manifest: &Manifest) -> Package {
    let name = manifest.package.clone().unwrap_or_default();
    let library = manifest
        .targets
        .library_path
        .clone()
        .unwrap_or_else(|| "src/lib.rs".to_owned());
    let library = lexical(&manifest.folder().join(library));
    let is_there = |path: &Utf8PathBuf| {
        workspace.sources.iter().any(|source| source.path == *path)
            || workspace
                .unread
                .iter()
                .any(|(_, unread)| path.ends_with(&unread.path))
    };
    let others = roots_of_other_targets(workspace, index, manifest);
    let dependencies = manifest
        .dependencies
        .iter()
        .map(|dependency| {
            (
                dependency.extern_name(),
                named(workspace, manifest, dependency),
            )
        })
        .collect::<BTreeMap<_, _>>();
    Package {
        key: PackageKey(index),
        crate_name: manifest
            .targets
            .library_name
            .clone()
            .unwrap_or(name)
            .replace('-', "_"),
        library: Some(library).filter(is_there),
        others,
        dependencies,
    }
}

/// What a dependency's name stands for: a package of the workspace, or a crate from elsewhere.
fn named(workspace: &Workspace, manifest: &Manifest, dependency: &Dependency) -> Named {
    let inherited = (dependency.source == DependencySource::Inherited)
        .then(|| workspace.inherited(dependency))
        .flatten();
    let (entry, base) = match inherited {
        Some(entry) => (entry, workspace.root()),
        None => (dependency, manifest),
    };
    if let DependencySource::Path(path) = &entry.source {
        let folder = lexical(&base.folder().join(path));
        let place = workspace
            .manifests
            .iter()
            .position(|other| other.folder() == folder);
        if let Some(place) = place {
            return Named::Package(PackageKey(place));
        }
    }
    Named::External(entry.package.replace('-', "_"))
}

/// Root files of programs, examples, tests and benches: those that the manifest names, and those
/// that cargo finds by itself.
fn roots_of_other_targets(
    workspace: &Workspace,
    index: usize,
    manifest: &Manifest,
) -> Vec<Utf8PathBuf> {
    let folder = manifest.folder();
    let mut roots: Vec<Utf8PathBuf> = manifest
        .targets
        .other_paths
        .iter()
        .map(|path| lexical(&folder.join(path)))
        .collect();
    let own = workspace
        .sources
        .iter()
        .filter(|source| source.manifest == index);
    for source in own {
        let Ok(relative) = source.path.strip_prefix(folder) else {
            continue;
        };
        let parts: Vec<&str> = relative.iter().collect();
        let found_by_cargo = matches!(
            parts.as_slice(),
            ["src", "main.rs"]
                | ["build.rs"]
                | ["src", "bin", _]
                | ["src", "bin", _, "main.rs"]
                | ["examples" | "tests" | "benches", _]
                | ["examples" | "tests" | "benches", _, "main.rs"]
        );
        if found_by_cargo && !roots.contains(&source.path) {
            roots.push(source.path.clone());
        }
    }
    roots
}
