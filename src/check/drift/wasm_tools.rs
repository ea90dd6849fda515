//! Crates of wasm-tools beside a Wasmtime that is built with another generation of them.

use std::collections::BTreeSet;

use semver::{Op, Version, VersionReq};

use super::{Draft, Ground};
use crate::analysis::wasm_tools::{self, Door, Passing, TOOLS, Tool};
use crate::analysis::{Use, graph};
use crate::check::built_in::WASM_TOOLS_APART;
use crate::finding::{Evidence, Exposure, Location};
use crate::workspace::{Dependency, Purpose};

pub(super) fn drafts(ground: &Ground<'_>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for manifest in 0..ground.workspace.manifests.len() {
        let mut wasmtimes = ground.uses_of(manifest);
        wasmtimes.retain(|used| used.package == "wasmtime" && used.purpose != Purpose::Build);
        if wasmtimes.is_empty() {
            continue;
        }
        for tool in &TOOLS {
            let found = beside(ground, manifest, tool, &wasmtimes);
            // Members that inherit a requirement share its place.
            drafts.extend(found.filter(|found| {
                !drafts.iter().any(|other| {
                    other.package == found.package
                        && other.location == found.location
                        && other.exposure >= found.exposure
                })
            }));
        }
    }
    drafts
}

fn beside(ground: &Ground<'_>, manifest: usize, tool: &Tool, wasmtimes: &[&Use]) -> Option<Draft> {
    let mut asked = graph::requirements_of(ground.workspace, manifest, tool.name);
    let (version, location) = asked.find_map(|entries| {
        let own = entries.last()?;
        if own.table.purpose() == Purpose::Build {
            return None;
        }
        located(ground, manifest, tool, &entries)
    })?;
    let generations: Vec<(&Use, Version)> = wasmtimes
        .iter()
        .filter_map(|used| {
            let release = ground.knowledge.releases.get(&used.release)?;
            Some((*used, release.wasm_tools.parse().ok()?))
        })
        .collect();
    let fits = |(_, own): &(&Use, Version)| own.minor == version.minor;
    if version.major != 0 || generations.iter().any(fits) {
        return None;
    }
    let (used, own) = generations.first()?;
    Some(draft(ground, tool, used, own, (version, location)))
}

/// The version that a requirement leads to, and where it stands.
fn located(
    ground: &Ground<'_>,
    manifest: usize,
    tool: &Tool,
    entries: &[&Dependency],
) -> Option<(Version, Location)> {
    let entry = entries.first()?;
    let text = entry.requirement.as_ref()?;
    let requirement = VersionReq::parse(&text.value).ok()?;
    let package = ground.workspace.manifests[manifest].package.as_deref();
    let locked = ground.workspace.lockfile.as_ref();
    let locked = locked.and_then(|lockfile| lockfile.chosen_for(package, tool.name, &requirement));
    let version = match locked {
        Some(locked) => locked.version.clone(),
        None => lowest(&requirement)?,
    };
    let stated_in = if entries.len() > 1 { 0 } else { manifest };
    Some((version, ground.in_manifest(stated_in, text.span)))
}

/// The generation of a plain requirement; ranges over several say nothing certain.
fn lowest(requirement: &VersionReq) -> Option<Version> {
    let [only] = requirement.comparators.as_slice() else {
        return None;
    };
    let plain = matches!(only.op, Op::Caret | Op::Tilde | Op::Exact);
    let minor = only.minor.filter(|_| plain)?;
    Some(Version::new(only.major, minor, only.patch.unwrap_or(0)))
}

fn draft(
    ground: &Ground<'_>,
    tool: &Tool,
    used: &Use,
    own: &Version,
    (version, location): (Version, Location),
) -> Draft {
    let required = Evidence {
        label: format!(
            "wasmtime {} is built with {}.{}",
            used.release, own.major, own.minor
        ),
        location: ground.place_of(used),
    };
    let mut evidence = vec![required];
    let (exposure, reason) = match &tool.door {
        None => (
            Exposure::NotAffected,
            "between it and Wasmtime only bytes pass".to_owned(),
        ),
        Some(door) => through(ground, used, door, &mut evidence),
    };
    let mut help = format!("require `{}` as \"{}.{}\"", tool.name, own.major, own.minor);
    if let Some(door) = &tool.door {
        help = format!("{help}, or use {}", door.reexport);
    }
    if exposure == Exposure::NotAffected {
        help = "nothing, as long as no types pass".to_owned();
    }
    Draft {
        id: WASM_TOOLS_APART,
        exposure,
        title: format!(
            "`{}` 0.{} beside a Wasmtime that is built with 0.{}",
            tool.name, version.minor, own.minor
        ),
        package: tool.name.to_owned(),
        version,
        location,
        evidence,
        why: reason,
        help,
    }
}

/// Whether types of the crate may pass between the package and Wasmtime.
fn through(
    ground: &Ground<'_>,
    used: &Use,
    door: &Door,
    evidence: &mut Vec<Evidence>,
) -> (Exposure, String) {
    let features = &ground.knowledge.features;
    let line = used.release.line();
    let (workspace, analysis) = (ground.workspace, ground.analysis);
    let plain = door.mention.trim_start_matches('.');
    match wasm_tools::passing(workspace, analysis, features, line, used.manifest, door) {
        Passing::Closed(feature) => (
            Exposure::NotAffected,
            format!("no types pass: feature `{feature}` of `wasmtime` is off"),
        ),
        Passing::Named(named) => {
            evidence.push(Evidence {
                label: "types may pass here".to_owned(),
                location: ground.in_source(named.source, named.span),
            });
            (
                Exposure::Possible,
                format!(
                    "{}, and `{plain}` is named here: types of one generation do not fit the other",
                    door.what
                ),
            )
        }
        Passing::NotNamed => (
            Exposure::NotAffected,
            format!("no types pass: the sources do not name `{plain}`"),
        ),
        Passing::Unread { files, sources } => {
            let shown = |source: usize| ground.project.shown(&workspace.sources[source].path);
            let unread = files.iter().cloned().chain(sources.into_iter().map(shown));
            let unread: BTreeSet<String> = unread.collect();
            let unread = Vec::from_iter(unread).join(", ");
            (
                Exposure::Possible,
                format!("{}, and {unread} could not be read", door.what),
            )
        }
    }
}
