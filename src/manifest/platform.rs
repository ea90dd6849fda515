//! The operating system, which `wasmtime` used without the feature `std` up to 34, and from 35 on with it alone
//! (PR #11152): without it a program compiles and does not link, which `cargo check` does not see.

use super::complete::feature_added;
use super::{ManifestEdit, Move};
use crate::analysis::graph::FeatureState;
use crate::knowledge::features::FeatureFate;
use crate::version::Line;
use crate::workspace::{Dependency, DependencySource, DependencyTable};

/// The first line in which the system's functions are behind the feature.
const SINCE: Line = Line(35);

const ENGINE: &str = "wasmtime";

/// The edits that ask for `std` where `runtime` is asked for without it. Where a package that requires
/// `wasmtime` has sources without the standard library, the platform may be its own, and no entry is touched.
pub(super) fn edits(ground: &Move<'_>) -> Vec<ManifestEdit> {
    let line = ground.target.line();
    let features = &ground.knowledge.features;
    let state = |name| {
        let analysis = ground.analysis;
        analysis.feature(ground.workspace, features, line, ENGINE, name)
    };
    let is_on_the_way = ground.from.line() < SINCE && SINCE <= line;
    if !is_on_the_way || state("runtime") == FeatureState::Off || state("std") != FeatureState::Off
    {
        return Vec::new();
    }
    let manifests = || ground.workspace.manifests.iter();
    let requires = |manifest: usize| {
        let mut entries = manifests()
            .skip(manifest)
            .take(1)
            .flat_map(|it| &it.dependencies);
        entries.any(|entry| ground.workspace.crate_of(entry) == ENGINE)
    };
    // Guests in the same workspace often are.
    let mut sources = ground.workspace.sources.iter();
    if sources.any(|source| source.text.contains("no_std") && requires(source.manifest)) {
        return Vec::new();
    }
    let wants_it = |dependency: &&Dependency| {
        let asked = dependency.features.iter().map(|it| it.value.as_str());
        let on = features.closure(ENGINE, line, asked, false);
        let stays = dependency.features.last().is_some_and(|last| {
            let fate = features.fate(ENGINE, &last.value, line);
            fate == FeatureFate::Stays
        });
        ground.workspace.crate_of(dependency) == ENGINE
            && dependency.source != DependencySource::Inherited
            && !matches!(dependency.table, DependencyTable::Override { .. })
            && on.contains("runtime")
            && stays
    };
    let reason = "a build without `std` has no platform from 35 on, and does not link";
    let edits = manifests().enumerate().flat_map(|(manifest, of)| {
        let entries = of.dependencies.iter().filter(wants_it);
        let edits = entries.filter_map(|entry| feature_added(of, entry, "std", reason));
        edits.map(move |edit| ManifestEdit { manifest, edit })
    });
    edits.collect()
}
