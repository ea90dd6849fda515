//! Crates that belong together and are of different lines: judged from the lockfile's graph, the
//! manifests and the options of `bindgen!`.
//!
//! `affected` is only what can't compile together: one package that requires both sides of the
//! seam. What another package holds may be of no concern, so it is `possible`, with the chain that
//! leads there; and what a manifest does under two names, or in programs that have nothing to do
//! with each other, is done on purpose.

use std::collections::BTreeSet;

use semver::Version;

use crate::analysis::{Analysis, Basis, Use, graph};
use crate::finding::{Evidence, Exposure, Finding, Location};
use crate::knowledge::{Kind, Knowledge};
use crate::span::Span;
use crate::version::{FamilyVersion, Line};
use crate::workspace::{LockedPackage, Project, Workspace};

mod bindings;
mod copies;
mod siblings;
mod wasm_tools;

/// One workspace, to be judged.
pub(super) struct Ground<'a> {
    pub(super) project: &'a Project,
    pub(super) workspace: &'a Workspace,
    pub(super) analysis: &'a Analysis,
    pub(super) knowledge: &'a Knowledge,
}

/// What is different in each finding.
struct Draft {
    id: &'static str,
    exposure: Exposure,
    title: String,
    package: String,
    version: Version,
    location: Location,
    evidence: Vec<Evidence>,
    why: String,
    help: String,
}

/// A manifest, and a line that its siblings of Wasmtime must not have: said once, whatever follows
/// from it.
type Reported = BTreeSet<(usize, Line)>;

/// Everything that has drifted apart in one workspace.
pub(super) fn findings(ground: &Ground<'_>) -> Vec<Finding> {
    if ground.analysis.uses.is_empty() {
        return Vec::new();
    }
    let (mut drafts, reported) = siblings::drafts(ground);
    drafts.extend(copies::drafts(ground, &reported));
    drafts.extend(bindings::drafts(ground, &reported));
    drafts.extend(wasm_tools::drafts(ground));
    drafts
        .into_iter()
        .map(|draft| ground.finding(draft))
        .collect()
}

impl Ground<'_> {
    fn finding(&self, draft: Draft) -> Finding {
        Finding {
            id: draft.id.to_owned(),
            kind: Kind::Drift,
            level: draft.exposure.level(),
            exposure: draft.exposure,
            title: draft.title,
            package: draft.package,
            version: FamilyVersion(draft.version),
            root: self.project.shown(self.workspace.folder()),
            location: draft.location,
            evidence: draft.evidence,
            why: draft.why,
            help: draft.help,
            fixed_in: Vec::new(),
            links: Vec::new(),
            waived: None,
        }
    }

    /// The requirements of one package of the workspace on the family.
    fn uses_of(&self, manifest: usize) -> Vec<&Use> {
        let required = self.analysis.required();
        required.filter(|used| used.manifest == manifest).collect()
    }

    /// What people call a package of the workspace.
    fn name(&self, manifest: usize) -> &str {
        let package = self.workspace.manifests[manifest].package.as_deref();
        package.unwrap_or("the workspace")
    }

    fn in_manifest(&self, manifest: usize, span: Span) -> Location {
        let manifest = &self.workspace.manifests[manifest];
        Location::new(self.project.shown(&manifest.path), &manifest.text, span)
    }

    /// Where a requirement on the family stands.
    fn place_of(&self, used: &Use) -> Location {
        self.in_manifest(used.stated_in, used.span)
    }

    /// Where a package of the workspace asks for a locked one.
    fn place_of_locked(&self, manifest: usize, locked: &LockedPackage) -> Option<Location> {
        let mut asked = graph::requirements_of(self.workspace, manifest, &locked.name);
        let fits = |entries: &Vec<_>| {
            let mut stated = entries
                .iter()
                .filter_map(|entry: &&crate::workspace::Dependency| entry.requirement.as_ref());
            stated.all(|text| {
                semver::VersionReq::parse(&text.value)
                    .is_ok_and(|requirement| requirement.matches(&locked.version))
            })
        };
        let entries = asked.find(fits)?;
        // An inherited entry stands in the root's manifest, in front of the one that inherits it.
        let stated_in = if entries.len() > 1 { 0 } else { manifest };
        let entry = entries.first()?;
        let span = entry
            .requirement
            .as_ref()
            .map_or(entry.key.span, |r| r.span);
        Some(self.in_manifest(stated_in, span))
    }

    fn in_lockfile(&self, locked: &LockedPackage) -> Option<Location> {
        let lockfile = self.workspace.lockfile.as_ref()?;
        let path = self.project.shown(&lockfile.path);
        Some(Location::new(path, &lockfile.text, locked.version_span))
    }

    fn in_source(&self, source: usize, span: Span) -> Location {
        let source = &self.workspace.sources[source];
        Location::new(self.project.shown(&source.path), &source.text, span)
    }

    /// What brings the whole workspace to one line.
    fn upgrade_to(&self, line: Line) -> String {
        let root = self.project.shown(&self.workspace.root().path);
        let manifest = match root.as_str() {
            "Cargo.toml" => String::new(),
            path => format!(" --manifest-path {path}"),
        };
        format!("`wasmtime-upgrade upgrade --to {line}{manifest}`")
    }

    /// How a crate of the family is written in a manifest to be of a line; none when that line has
    /// no such crate.
    fn requirement_for(&self, package: &str, release: &FamilyVersion) -> Option<String> {
        let member = self.knowledge.family.get(package)?;
        if !member.exists_in(release.line()) {
            return None;
        }
        let version = member.numbering.version_at(release).0;
        Some(match version.major {
            0 => format!("0.{}", version.minor),
            major => major.to_string(),
        })
    }
}

/// The lines that a requirement can lead to.
fn lines_of(used: &Use) -> std::ops::RangeInclusive<Line> {
    match &used.basis {
        Basis::Locked => used.release.line()..=used.release.line(),
        Basis::Admitted { oldest, .. } => oldest.line()..=used.release.line(),
    }
}

/// `wasmtime-wasi 36.0.20` of the crate's own numbers.
fn shown(ground: &Ground<'_>, used: &Use) -> String {
    let member = ground.knowledge.family.get(&used.package);
    let version = member.map_or_else(
        || used.release.0.clone(),
        |member| member.numbering.version_at(&used.release).0,
    );
    format!("`{}` {version}", used.package)
}
