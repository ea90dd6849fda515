//! The garbage collector that comes with the feature `gc` up to 26 and has a feature of its own from 27 on
//! (PR #9484): an engine with `gc` and no collector can't be made, which no compiler sees.

use crate::version::Line;
use crate::workspace::{Dependency, Manifest, Workspace};

/// The first line whose `gc` brings no collector.
const SINCE: Line = Line(27);

/// The feature that asks for references without a collector.
const WITHOUT: &str = "gc";

/// The feature of the collector that `gc` brought; it turns `gc` on.
const COLLECTOR: &str = "gc-drc";

/// Every feature of a collector.
const COLLECTORS: [&str; 3] = [COLLECTOR, "gc-null", "gc-copying"];

/// What to ask for in the place of a feature of a dependency on `wasmtime` so that the collector stays; none
/// where the defaults bring it, or where one is asked for.
pub(super) fn kept(
    workspace: &Workspace,
    manifest: &Manifest,
    dependency: &Dependency,
    feature: &str,
    (from, to): (Line, Line),
) -> Option<&'static str> {
    let loses_it = from < SINCE && SINCE <= to && feature == WITHOUT;
    if !loses_it || workspace.crate_of(dependency) != "wasmtime" {
        return None;
    }
    let inherited = workspace.inherited(dependency);
    let entries = || std::iter::once(dependency).chain(inherited);
    let has_defaults = entries().all(|entry| entry.default_features != Some(false));
    let key = &dependency.key.value;
    let of_package = manifest.feature_lists.iter().flatten();
    let of_package = of_package.filter_map(|value| value.value.split_once('/'));
    let of_package = of_package.filter(|(name, _)| name.trim_end_matches('?') == key);
    let mut asked = entries()
        .flat_map(|entry| entry.features.iter().map(|feature| feature.value.as_str()))
        .chain(of_package.map(|(_, feature)| feature));
    let has_one = asked.any(|feature| COLLECTORS.contains(&feature) || feature == "default");
    (!has_defaults && !has_one).then_some(COLLECTOR)
}
