//! Which crates and cargo features are in a project, as far as manifests and the lockfile tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::knowledge::{Family, Features};
use crate::version::Line;
use crate::workspace::{Dependency, LockedPackage, Lockfile, Manifest, Purpose, Workspace};

/// The dependencies of all manifests on one crate, inherited ones together with the entry that
/// they inherit.
pub fn requirements<'w>(
    workspace: &'w Workspace,
    name: &str,
) -> impl Iterator<Item = (usize, Vec<&'w Dependency>)> + use<'w> {
    workspace.requiring(name).map(|(manifest, dependency)| {
        let inherited = workspace.inherited(dependency);
        (
            manifest,
            inherited.into_iter().chain([dependency]).collect(),
        )
    })
}

/// The dependencies of one manifest on one crate: the entry that is inherited, where one is, and
/// the manifest's own.
pub fn requirements_of<'w>(
    workspace: &'w Workspace,
    manifest: usize,
    name: &str,
) -> impl Iterator<Item = Vec<&'w Dependency>> + use<'w> {
    let all = requirements(workspace, name);
    all.filter(move |(index, _)| *index == manifest)
        .map(|(_, entries)| entries)
}

/// Whether a crate is in the graph; `None` when there is no lockfile and no manifest names it.
#[must_use]
pub fn has_crate(workspace: &Workspace, name: &str) -> Option<bool> {
    if workspace.requiring(name).next().is_some() {
        return Some(true);
    }
    let lockfile = workspace.lockfile.as_ref()?;
    Some(lockfile.versions_of(name).next().is_some())
}

/// Packages outside of the family and of the workspace that use an embedder's crate of the family
/// themselves, published ones and those that a path dependency brings: their sources and features
/// are not in the workspace.
#[must_use]
pub fn outsiders(workspace: &Workspace) -> Vec<String> {
    let Some(lockfile) = &workspace.lockfile else {
        return Vec::new();
    };
    let members: BTreeSet<&str> = workspace
        .manifests
        .iter()
        .filter_map(|manifest| manifest.package.as_deref())
        .collect();
    let is_outside = |package: &LockedPackage| {
        let is_member = package.source.is_none() && members.contains(package.name.as_str());
        !is_member && !is_for_embedders(&package.name) && package.name != "wiggle"
    };
    let mut names: Vec<String> = lockfile
        .packages
        .iter()
        .filter(|package| is_outside(package))
        .filter(|package| package.needs().any(is_for_embedders))
        .map(|package| package.name.clone())
        .collect();
    names.dedup();
    names
}

/// For each manifest, whether its package may name something of the crates that are used: it is one of those
/// that require one, or something between brings it. Where the lockfile does not tell, it may.
pub fn seeing(
    workspace: &Workspace,
    requiring: &BTreeSet<usize>,
    used: &BTreeSet<&str>,
) -> Vec<bool> {
    let lockfile = workspace.lockfile.as_ref();
    let reaching = lockfile.map(|lockfile| {
        let reaching = lockfile.reaching(|package| used.contains(package.name.as_str()));
        let own = lockfile.packages.iter().zip(reaching);
        let own = own.filter(|(package, _)| package.source.is_none());
        own.map(|(package, reaches)| (package.name.as_str(), reaches))
            .collect::<BTreeMap<_, _>>()
    });
    let sees = |(place, manifest): (usize, &Manifest)| {
        let requires = requiring.contains(&place);
        let known = reaching.as_ref().zip(manifest.package.as_deref());
        let reaches = known.and_then(|(reaching, name)| reaching.get(name).copied());
        requires || reaches.unwrap_or(true)
    };
    workspace.manifests.iter().enumerate().map(sees).collect()
}

/// Whether a crate is one of those that hosts are written with, not a part of their inside.
fn is_for_embedders(name: &str) -> bool {
    name == "wasmtime"
        || name == "wasi-common"
        || name.starts_with("wasmtime-wasi")
        || name.starts_with("wasmtime-cli")
        || name.starts_with("wasmtime-c-api")
}

/// The places of the family's own crates in a lockfile, and of everything that they depend on, however
/// indirectly.
#[must_use]
pub fn below_family(lockfile: &Lockfile, family: &Family) -> Vec<usize> {
    lockfile.closure(|package| family.get(&package.name).is_some())
}

/// What is known of a cargo feature of a crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeatureState {
    /// Off, as far as the project itself is concerned.
    Off,
    /// On in some builds: a feature of the project's own turns it on, or only its tests do.
    Optional,
    /// On in every build of some package.
    Somewhere,
    /// On in every build of every package that uses the crate.
    Everywhere,
}

/// Whether a feature of a crate of the family is on in a line. Where the defaults of a crate are
/// not known, a feature counts as on in some builds unless it is asked for or defaults are off.
#[must_use]
pub fn feature(
    workspace: &Workspace,
    features: &Features,
    line: Line,
    name: &str,
    feature: &str,
) -> FeatureState {
    let own = asked_for(workspace, features, line, name, feature);
    if name != "wasmtime" {
        return own;
    }
    let brought = features.bringers(line, feature).filter_map(|brings| {
        if has_crate(workspace, &brings.package) != Some(true) {
            return None;
        }
        Some(match &brings.with {
            _ if brings.anything => FeatureState::Optional,
            None => FeatureState::Everywhere.min(reach(workspace, &brings.package)),
            Some(with) => self::feature(workspace, features, line, &brings.package, with)
                .min(reach(workspace, &brings.package)),
        })
    });
    brought.fold(own, Ord::max)
}

/// Whether each package that uses `wasmtime` itself uses another crate too, so that no build lacks
/// what that turns on.
fn reach(workspace: &Workspace, other: &str) -> FeatureState {
    let with: BTreeSet<usize> = workspace.requiring(other).map(|(at, _)| at).collect();
    match workspace
        .requiring("wasmtime")
        .all(|(at, _)| with.contains(&at))
    {
        true => FeatureState::Everywhere,
        false => FeatureState::Somewhere,
    }
}

/// What the manifests ask of a crate itself.
fn asked_for(
    workspace: &Workspace,
    features: &Features,
    line: Line,
    name: &str,
    feature: &str,
) -> FeatureState {
    let mut states = Vec::new();
    for (index, entries) in requirements(workspace, name) {
        let asked = entries.iter().flat_map(|entry| &entry.features);
        let asked: Vec<&str> = asked.map(|feature| feature.value.as_str()).collect();
        let defaults = entries
            .iter()
            .all(|entry| entry.default_features != Some(false));
        let is_unknown = defaults && !features.knows_defaults_of(name);
        let on = |asked: Vec<&str>, defaults| {
            let closure = features.closure(name, line, asked, defaults);
            closure.contains(feature)
        };
        let is_on = on(asked, defaults);
        let at_times = is_unknown || on(turned_on(&workspace.manifests[index], &entries), false);
        let dev = |entry: &&Dependency| entry.table.purpose() == Purpose::Dev;
        states.push(match entries.last().is_some_and(dev) {
            // What tests ask for is on in their builds alone, and takes nothing away from others.
            true if is_on || at_times => (FeatureState::Optional, FeatureState::Everywhere),
            true => (FeatureState::Off, FeatureState::Everywhere),
            false if is_on => (FeatureState::Everywhere, FeatureState::Everywhere),
            false if at_times => (FeatureState::Optional, FeatureState::Optional),
            false => (FeatureState::Off, FeatureState::Off),
        });
    }
    let most = states.iter().map(|(most, _)| *most).max();
    let least = states.iter().map(|(_, least)| *least).min();
    match (most, least) {
        (Some(FeatureState::Everywhere), Some(FeatureState::Everywhere)) => {
            FeatureState::Everywhere
        }
        (Some(FeatureState::Everywhere), _) => FeatureState::Somewhere,
        (most, _) => most.unwrap_or(FeatureState::Off),
    }
}

/// The features of a dependency that features of the package's own turn on.
fn turned_on<'w>(manifest: &'w Manifest, entries: &[&'w Dependency]) -> Vec<&'w str> {
    let keys: BTreeSet<&str> = entries
        .iter()
        .flat_map(|entry| [entry.key.value.as_str(), entry.package.as_str()])
        .collect();
    manifest
        .feature_values()
        .filter_map(|value| value.split_once('/'))
        .filter(|(key, _)| keys.contains(key.trim_end_matches('?')))
        .map(|(_, feature)| feature)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::file;

    fn workspace(manifests: &[&str]) -> Workspace {
        let parse = |(index, text): (usize, &&str)| {
            Manifest::parse(format!("/w/{index}/Cargo.toml").into(), (*text).to_owned()).unwrap()
        };
        Workspace::new(manifests.iter().enumerate().map(parse).collect(), None)
    }

    fn threads(manifests: &[&str]) -> FeatureState {
        let features = Features::parse(file("features.toml").unwrap()).unwrap();
        feature(
            &workspace(manifests),
            &features,
            Line(37),
            "wasmtime",
            "threads",
        )
    }

    /// Guests and macros of the same workspace, and what no lockfile knows.
    #[test]
    fn a_package_sees_what_is_below_it() {
        let names = ["host", "between", "plugin", "new"];
        let text = |name: &&str| format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        let mut texts = Vec::from_iter(names.iter().map(text));
        texts[1].push_str("[dependencies]\nwasmtime = \"36\"\n");
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut workspace = workspace(&texts);
        let package = |name: &str, rest: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{rest}\n")
        };
        let registry = "source = \"registry+https://example.org\"\n";
        let text = [
            "version = 4\n".to_owned(),
            package("between", "dependencies = [\n \"wasmtime\",\n]\n"),
            package("host", "dependencies = [\n \"between\",\n]\n"),
            package("plugin", "dependencies = [\n \"serde\",\n]\n"),
            package("serde", registry),
            package("wasmtime", registry),
        ];
        let (requiring, used) = (BTreeSet::from([1]), BTreeSet::from(["wasmtime"]));
        assert_eq!(seeing(&workspace, &requiring, &used), [true; 4]);
        workspace.lockfile = Some(Lockfile::parse("/w/Cargo.lock".into(), text.concat()).unwrap());
        assert_eq!(
            seeing(&workspace, &requiring, &used),
            [true, true, false, true]
        );
    }

    const WITHOUT: &str =
        "[dependencies]\nwasmtime = { version = \"37\", default-features = false }\n";

    #[test]
    fn what_features_of_the_project_turn_on_is_on_in_some_builds() {
        let own = |list: &str| format!("{WITHOUT}[features]\nall = [{list}]\n");
        for (list, state) in [
            ("\"wasmtime/threads\"", FeatureState::Optional),
            ("\"wasmtime?/threads\"", FeatureState::Optional),
            ("\"wasmtime/default\"", FeatureState::Optional),
            ("\"wasmtime/winch\"", FeatureState::Off),
            ("", FeatureState::Off),
        ] {
            assert_eq!(threads(&[&own(list)]), state, "{list}");
        }
    }

    #[test]
    fn a_feature_is_on_everywhere_only_where_every_package_has_it() {
        let with = "[dependencies]\nwasmtime = \"37\"\n";
        assert_eq!(threads(&[with]), FeatureState::Everywhere);
        assert_eq!(threads(&[with, WITHOUT]), FeatureState::Somewhere);
        assert_eq!(threads(&[WITHOUT]), FeatureState::Off);
    }

    #[test]
    fn tests_turn_nothing_on_in_what_is_shipped() {
        let tests = "[dev-dependencies]\nwasmtime = \"37\"\n";
        let both = format!("{WITHOUT}{tests}");
        assert_eq!(threads(&[&both]), FeatureState::Optional);
        let package = "[dependencies]\nwasmtime = \"37\"\n";
        let bare =
            "[dev-dependencies]\nwasmtime = { version = \"37\", default-features = false }\n";
        assert_eq!(threads(&[package, bare]), FeatureState::Everywhere);
        assert_eq!(threads(&[package, tests]), FeatureState::Everywhere);
    }

    #[test]
    fn each_crate_of_the_family_brings_its_own() {
        let features = Features::parse(file("features.toml").unwrap()).unwrap();
        let state = |with: &str, line, name| {
            let text = format!("{WITHOUT}{with}\n");
            feature(
                &workspace(&[&text]),
                &features,
                Line(line),
                "wasmtime",
                name,
            )
        };
        let common = "wasi-common = \"37\"";
        assert_eq!(state(common, 37, "component-model"), FeatureState::Off);
        assert_eq!(state(common, 37, "runtime"), FeatureState::Everywhere);
        let wasi = "wasmtime-wasi = \"37\"";
        assert_eq!(state(wasi, 37, "component-model"), FeatureState::Everywhere);
        assert_eq!(state(wasi, 37, "component-model-async"), FeatureState::Off);
        let p3 = "wasmtime-wasi = { version = \"37\", features = [\"p3\"] }";
        assert_eq!(
            state(p3, 37, "component-model-async"),
            FeatureState::Everywhere
        );
        assert_eq!(
            state(wasi, 49, "component-model-async"),
            FeatureState::Everywhere
        );
        assert_eq!(
            state("wasmtime-cli = \"37\"", 37, "winch"),
            FeatureState::Optional
        );
    }
}
