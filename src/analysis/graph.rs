//! Which crates and cargo features are in a project, as far as manifests and the lockfile tell.

use std::collections::BTreeSet;

use crate::knowledge::{Family, Features};
use crate::version::Line;
use crate::workspace::{Dependency, DependencySource, DependencyTable, Lockfile, Workspace};

/// The dependencies of all manifests on one crate, inherited ones together with the entry that
/// they inherit.
pub fn requirements<'w>(
    workspace: &'w Workspace,
    name: &'w str,
) -> impl Iterator<Item = (usize, Vec<&'w Dependency>)> {
    let manifests = workspace.manifests.iter().enumerate();
    manifests.flat_map(move |(index, manifest)| {
        manifest.dependencies.iter().filter_map(move |dependency| {
            if !matches!(dependency.table, DependencyTable::Package { .. }) {
                return None;
            }
            let inherited = (dependency.source == DependencySource::Inherited)
                .then(|| workspace.inherited(dependency))
                .flatten();
            let entries: Vec<&Dependency> = inherited.into_iter().chain([dependency]).collect();
            let is_it = entries.iter().any(|entry| entry.package == name);
            is_it.then_some((index, entries))
        })
    })
}

/// Whether a crate is in the graph; `None` when there is no lockfile and no manifest names it.
#[must_use]
pub fn has_crate(workspace: &Workspace, name: &str) -> Option<bool> {
    if requirements(workspace, name).next().is_some() {
        return Some(true);
    }
    let lockfile = workspace.lockfile.as_ref()?;
    Some(lockfile.versions_of(name).next().is_some())
}

/// Published packages outside of the family that use a crate of it themselves: their sources and
/// features are not here.
#[must_use]
pub fn outsiders(workspace: &Workspace, family: &Family) -> Vec<String> {
    let Some(lockfile) = &workspace.lockfile else {
        return Vec::new();
    };
    let mut names: Vec<String> = lockfile
        .packages
        .iter()
        .filter(|package| package.source.is_some() && family.get(&package.name).is_none())
        .filter(|package| package.depends_on("wasmtime"))
        .map(|package| package.name.clone())
        .collect();
    names.dedup();
    names
}

/// The places in the lockfile of the family's crates and of all that they depend on.
#[must_use]
pub fn below_family(lockfile: &Lockfile, family: &Family) -> BTreeSet<usize> {
    let packages = lockfile.packages.iter().enumerate();
    let roots = packages.filter(|(_, package)| family.get(&package.name).is_some());
    lockfile.closure(roots.map(|(place, _)| place))
}

/// What is known of a cargo feature of the `wasmtime` crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureState {
    /// On.
    On,
    /// A feature of the project's own turns it on.
    Optional,
    /// Off, as far as the project itself is concerned.
    Off,
}

/// Whether a feature of a crate of the family is on in a line. Defaults are known for `wasmtime`;
/// of another crate a feature counts as on by default unless it is asked for or defaults are off.
#[must_use]
pub fn feature(
    workspace: &Workspace,
    features: &Features,
    line: Line,
    name: &str,
    feature: &str,
) -> FeatureState {
    let mut asked = BTreeSet::new();
    let mut defaults = false;
    for (_, entries) in requirements(workspace, name) {
        for entry in &entries {
            asked.extend(entry.features.iter().map(|feature| feature.value.as_str()));
        }
        defaults |= entries
            .iter()
            .all(|entry| entry.default_features != Some(false));
    }
    let siblings = workspace
        .manifests
        .iter()
        .flat_map(|m| &m.dependencies)
        .any(|d| {
            d.package != name
                && (d.package.starts_with("wasmtime-wasi") || d.package == "wasi-common")
        });
    let on = if name == "wasmtime" {
        features
            .closure(line, asked.iter().copied(), defaults)
            .contains(feature)
            || (siblings && features.on_by_siblings(feature))
    } else {
        asked.contains(feature)
    };
    if on {
        return FeatureState::On;
    }
    let spelled = [format!("{name}/{feature}"), format!("{name}?/{feature}")];
    let optional = workspace.manifests.iter().any(|manifest| {
        let renamed = manifest
            .dependencies
            .iter()
            .filter(|d| d.package == name)
            .any(|d| {
                let key = &d.key.value;
                let own = [format!("{key}/{feature}"), format!("{key}?/{feature}")];
                manifest
                    .feature_values()
                    .any(|value| own.iter().any(|own| own == value))
            });
        renamed
            || manifest
                .feature_values()
                .any(|value| spelled.iter().any(|spelled| spelled == value))
    });
    match (optional, name == "wasmtime" || !defaults) {
        (true, _) => FeatureState::Optional,
        (false, true) => FeatureState::Off,
        (false, false) => FeatureState::Optional,
    }
}
