//! Plan steps on `Cargo.toml`: every requirement on the family moves together, as byte edits.

use std::collections::BTreeSet;

use semver::Version;

use self::replaced::How;
use crate::analysis::Analysis;
use crate::edit::Edit;
use crate::error::{Error, Result};
use crate::knowledge::{Family, FamilyCrate, Knowledge};
use crate::registry::holder::Raised;
use crate::requirement;
use crate::span::Span;
use crate::version::FamilyVersion;
use crate::workspace::{Dependency, Manifest, Placed, Workspace};

pub mod beside;
mod collector;
pub mod complete;
mod features;
pub mod foreign;
mod io_view;
mod neighbours;
mod platform;
mod raised;
mod rename;
pub mod replaced;
mod streams;
mod twins;

/// An edit and the manifest that it belongs to, by its place in the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEdit {
    /// Place in [`Workspace::manifests`].
    pub manifest: usize,
    /// The edit.
    pub edit: Edit,
}

/// How the manifests change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestPlan {
    /// What stays in the end.
    pub edits: Vec<ManifestEdit>,
    /// The same requirements pinned to the target (`=36.0.20`), for the time in which cargo moves
    /// the lockfile: cargo then has just one choice, and leaves all other packages alone.
    pub pins: Vec<ManifestEdit>,
    /// Names in dependency tables that go or come, because another crate takes the place of one.
    pub renamed_keys: BTreeSet<String>,
}

impl ManifestPlan {
    /// An edit that the pinned manifests need as well. Members that inherit a requirement ask for
    /// the same one.
    fn always(&mut self, step: ManifestEdit) {
        if !self.edits.contains(&step) {
            self.pins.push(step.clone());
            self.edits.push(step);
        }
    }
}

/// A move of one workspace.
#[derive(Clone, Copy)]
pub struct Move<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// What its sources say.
    pub analysis: &'a Analysis,
    /// What is known of releases and crates.
    pub knowledge: &'a Knowledge,
    /// The release that the sources are made for.
    pub from: &'a FamilyVersion,
    /// Where to go.
    pub target: &'a FamilyVersion,
    /// Crates of others that have to be raised with the family.
    pub raised: &'a Raised,
}

/// Moves every requirement on the family to the target, and with it the features that are asked for,
/// the names of crates, and the crates of wasm-tools whose types meet Wasmtime's.
///
/// # Errors
/// A crate that has no release in the target's line and no successor, a `[patch]` or `[replace]` of
/// the family, a git or path dependency on it, a requirement that can't be moved by its numbers, or a
/// package that asks for two releases of one crate: then nothing is half moved.
pub fn plan(ground: &Move<'_>) -> Result<ManifestPlan> {
    let mut plan = ManifestPlan::default();
    for (index, manifest) in ground.workspace.manifests.iter().enumerate() {
        twins::refuse(ground, manifest)?;
        for dependency in &manifest.dependencies {
            // What is inherited under another name is not known by its own.
            let package = ground.workspace.crate_of(dependency);
            if let Some(member) = ground.knowledge.family.get(package) {
                move_member(ground, index, dependency, member, &mut plan)?;
            }
        }
        let features = features::edits(
            ground.workspace,
            manifest,
            ground.knowledge,
            ground.from,
            ground.target,
        )?;
        for edit in features {
            plan.always(ManifestEdit {
                manifest: index,
                edit,
            });
        }
        for edit in neighbours::edits(ground, index)? {
            plan.always(edit);
        }
        for edit in raised::edits(ground, index)? {
            plan.always(edit);
        }
    }
    for edit in platform::edits(ground) {
        plan.always(edit);
    }
    io_view::plan(ground, &mut plan);
    streams::plan(ground, &mut plan);
    plan.edits = joined(plan.edits);
    plan.pins = joined(plan.pins);
    Ok(plan)
}

/// New entries that go to one place, behind each other in one edit.
fn joined(steps: Vec<ManifestEdit>) -> Vec<ManifestEdit> {
    let mut all: Vec<ManifestEdit> = Vec::new();
    for step in steps {
        let is_there = |other: &&mut ManifestEdit| {
            let (one, other) = (
                (step.manifest, step.edit.span),
                (other.manifest, other.edit.span),
            );
            step.edit.span.is_empty() && one == other
        };
        match all.iter_mut().find(is_there) {
            Some(first) => {
                first.edit.text.push_str(&step.edit.text);
                first.edit.reason = format!("{}; {}", first.edit.reason, step.edit.reason);
            }
            None => all.push(step),
        }
    }
    all
}

/// One requirement on a crate of the family.
fn move_member(
    ground: &Move<'_>,
    index: usize,
    dependency: &Dependency,
    member: &FamilyCrate,
    plan: &mut ManifestPlan,
) -> Result<()> {
    let manifest = &ground.workspace.manifests[index];
    let text = foreign::movable(ground.workspace, manifest, dependency)?;
    let placed = |edit| ManifestEdit {
        manifest: index,
        edit,
    };
    let (family, target) = (&ground.knowledge.family, ground.target);
    let fate = replaced::fate(
        ground.workspace,
        manifest,
        dependency,
        family,
        target.line(),
    );
    if let Some(fate) = &fate {
        let keys = [&dependency.key.value, &fate.key];
        plan.renamed_keys.extend(keys.into_iter().cloned());
        for edit in replaced::edits(manifest, dependency, fate)? {
            plan.always(placed(edit));
        }
        if fate.how == How::Goes {
            for edit in replaced::completed(manifest, dependency, fate) {
                plan.always(placed(edit));
            }
        }
    }
    let goes = fate.as_ref().is_some_and(|fate| fate.how == How::Goes);
    let Some(text) = text.filter(|_| !goes) else {
        return Ok(());
    };
    let member = match &fate {
        Some(fate) => fate.crates.new,
        None => member_in(manifest, dependency, family, member, target)?,
    };
    let renamed = match &fate {
        Some(fate) => fate.how == How::KeepsKey,
        None => member.name != dependency.package,
    };
    if renamed {
        for edit in rename::edits(manifest, dependency, text, &member.name, target) {
            plan.always(placed(edit));
        }
    }
    let version = member.numbering.version_at(target).0;
    let reason = format!("{} of Wasmtime {target}", member.name);
    let edit = requirement_edit(manifest, text, &version, reason)?;
    plan.edits.extend(edit.map(placed));
    plan.pins.push(placed(Edit {
        span: inside_quotes(manifest, text, "requirement")?,
        text: format!("={version}"),
        reason: "pinned while the lockfile moves".to_owned(),
    }));
    Ok(())
}

/// The edit that moves a requirement to `version`, when it has to move.
fn requirement_edit(
    manifest: &Manifest,
    text: &Placed<String>,
    version: &Version,
    reason: String,
) -> Result<Option<Edit>> {
    let moved = requirement::moved_to(&text.value, version).map_err(|message| {
        malformed(
            manifest,
            text.span,
            message,
            "write the requirement anew by hand",
        )
    })?;
    let span = inside_quotes(manifest, text, "requirement")?;
    Ok(moved.map(|text| Edit { span, text, reason }))
}

fn malformed(manifest: &Manifest, span: Span, message: String, help: &str) -> Error {
    Error::Malformed {
        path: manifest.path.clone(),
        position: manifest.position(span.start),
        message,
        help: help.to_owned(),
    }
}

/// The crate of the target's line: itself, or the one that took its place.
fn member_in<'a>(
    manifest: &Manifest,
    dependency: &Dependency,
    family: &'a Family,
    member: &FamilyCrate,
    target: &FamilyVersion,
) -> Result<&'a FamilyCrate> {
    family
        .successor_in(&member.name, target.line())
        .ok_or_else(|| {
            let mut message = format!("`{}` is not published for Wasmtime {target}", member.name);
            if let Some(instead) = &member.instead {
                message.push_str(&format!("; {instead}"));
            }
            malformed(
                manifest,
                dependency.key.span,
                message,
                "drop the dependency first, or choose a release that still has it",
            )
        })
}

/// The bytes between the quotes of a plain string.
fn inside_quotes(manifest: &Manifest, text: &Placed<String>, what: &str) -> Result<Span> {
    let raw = text.span.text(&manifest.text);
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") {
        3
    } else {
        1
    };
    let inside = (raw.len() >= 2 * quotes)
        .then(|| Span::new(text.span.start.0 + quotes, text.span.end.0 - quotes));
    inside
        .filter(|span| span.text(&manifest.text) == text.value)
        .ok_or_else(|| {
            malformed(
                manifest,
                text.span,
                format!("the {what} is written with escapes"),
                "write it as a plain string",
            )
        })
}

#[cfg(test)]
mod tests;
