//! From a chosen release to what changes: data, made without touching anything.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::analysis::Analysis;
use crate::diff;
use crate::edit::{Clash, Edit, EditRecord, EditSet};
use crate::error::{Error, Result};
use crate::finding::Location;
use crate::knowledge::Knowledge;
use crate::manifest;
use crate::migrate::rules::Included;
use crate::registry::holder::Raised;
use crate::span::Position;
use crate::target::Choice;
use crate::version::FamilyVersion;
use crate::workspace::{Project, Workspace};

mod saved;
mod sources;
mod wit;

pub use saved::PlanFile;

/// A step for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualStep {
    /// What to do.
    pub what: String,
    /// Where.
    pub location: Location,
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// The file, absolute.
    pub path: Utf8PathBuf,
    /// Its text now.
    pub before: String,
    /// Its text afterwards.
    pub after: String,
}

/// What an upgrade changes.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The oldest release in use now.
    pub from: FamilyVersion,
    /// The release to go to.
    pub choice: Choice,
    /// The workspace's folder, relative to the root of the report.
    pub root: String,
    /// Every edit, for reports.
    #[serde(skip)]
    pub edits: Vec<EditRecord>,
    /// What a person has to do.
    #[serde(skip)]
    pub remaining: Vec<ManualStep>,
    /// The files that change, with both texts. The lockfile is not among them: cargo moves it.
    #[serde(skip)]
    pub files: Vec<PlannedFile>,
    /// The edits that pin the manifests to exact versions, for the time in which cargo moves the
    /// lockfile.
    #[serde(skip)]
    pub pins: Vec<EditRecord>,
    /// The manifests with those.
    #[serde(skip)]
    pub pinned: Vec<PlannedFile>,
    /// Names in dependency tables that go or come, because another crate takes the place of one.
    #[serde(skip)]
    pub renamed_keys: BTreeSet<String>,
    /// What is applied besides what is safe.
    #[serde(skip)]
    pub included: Included,
}

/// What a plan is made for.
#[derive(Clone, Debug)]
pub struct Goal {
    /// The release to go to.
    pub choice: Choice,
    /// What is applied besides what is safe.
    pub included: Included,
    /// Crates of others that have to be raised with the family.
    pub raised: Raised,
}

/// Plans the move of one workspace to the chosen release.
///
/// # Errors
/// A manifest that can only be moved by half (see [`manifest::plan`]).
pub fn make(
    project: &Project,
    workspace: &Workspace,
    analysis: &Analysis,
    knowledge: &Knowledge,
    from: &FamilyVersion,
    goal: Goal,
) -> Result<Plan> {
    let Goal {
        choice,
        included,
        raised,
    } = goal;
    let target = choice.release.clone();
    let steps = manifest::plan(&manifest::Move {
        workspace,
        analysis,
        knowledge,
        from,
        target: &target,
        raised: &raised,
    })?;
    let mut plan = Plan {
        from: from.clone(),
        choice,
        root: project.shown(workspace.folder()),
        edits: Vec::new(),
        remaining: Vec::new(),
        files: manifest_files(workspace, steps.edits.clone())?,
        pins: Vec::new(),
        pinned: manifest_files(workspace, steps.pins.clone())?,
        renamed_keys: steps.renamed_keys.clone(),
        included,
    };
    let recorded = |step: &manifest::ManifestEdit| {
        let manifest = &workspace.manifests[step.manifest];
        record(project.shown(&manifest.path), &manifest.text, &step.edit)
    };
    plan.edits = steps.edits.iter().map(recorded).collect();
    plan.pins = steps.pins.iter().map(recorded).collect();
    for file in plan.files.iter().chain(&plan.pinned) {
        only_requirements_changed(file, &steps.renamed_keys)?;
    }
    sources::plan(project, workspace, analysis, knowledge, &mut plan)?;
    wit::plan(project, analysis, &mut plan)?;
    Ok(plan)
}

impl Plan {
    /// Whether no file changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The unified diff of all planned files, their paths as `shown` writes them.
    #[must_use]
    pub fn diff(&self, shown: &dyn Fn(&Utf8Path) -> String) -> String {
        let mut diff = String::new();
        for file in &self.files {
            let shown = shown(&file.path);
            diff.push_str(&diff::unified(
                (&format!("a/{shown}"), &file.before),
                (&format!("b/{shown}"), &file.after),
            ));
        }
        diff
    }
}

/// The serialised form of an edit on a file that reports call `path`.
pub(crate) fn record(path: String, text: &str, edit: &Edit) -> EditRecord {
    EditRecord {
        path,
        line: Position::of(text, edit.span.start).line,
        start: edit.span.start.0,
        end: edit.span.end.0,
        old: edit.span.text(text).to_owned(),
        new: edit.text.clone(),
        reason: edit.reason.clone(),
    }
}

fn manifest_files(
    workspace: &Workspace,
    edits: Vec<manifest::ManifestEdit>,
) -> Result<Vec<PlannedFile>> {
    let mut sets = BTreeMap::<usize, EditSet>::new();
    for step in edits {
        let manifest = &workspace.manifests[step.manifest];
        sets.entry(step.manifest)
            .or_default()
            .add(step.edit)
            .map_err(|clash| clashed(&manifest.path, &clash))?;
    }
    let planned = sets.into_iter().map(|(index, edits)| {
        let manifest = &workspace.manifests[index];
        PlannedFile {
            path: manifest.path.clone(),
            before: manifest.text.clone(),
            after: edits.apply(&manifest.text),
        }
    });
    Ok(planned.filter(|file| file.before != file.after).collect())
}

fn clashed(path: &Utf8PathBuf, clash: &Clash) -> Error {
    Error::usage(
        format!("{path}: {clash}"),
        "this is a defect of wasmtime-upgrade; please report it with the file",
    )
}

/// Reads both texts of a manifest again and makes sure that nothing but strings in dependency
/// tables differs: an edit that did more is a defect, and must never reach the disk.
fn only_requirements_changed(file: &PlannedFile, renamed_keys: &BTreeSet<String>) -> Result<()> {
    let defect = |what: String| {
        Error::usage(
            format!("{}: {what}", file.path),
            "this is a defect of wasmtime-upgrade; please report it with the file",
        )
    };
    let read = |text: &str| {
        toml::from_str::<toml::Table>(text.trim_start_matches('\u{feff}'))
            .map_err(|error| defect(format!("the edited manifest can't be read: {error}")))
    };
    let (before, after) = (read(&file.before)?, read(&file.after)?);
    let mut changed = Vec::new();
    differences(
        &toml::Value::Table(before),
        &toml::Value::Table(after),
        "",
        &mut changed,
    );
    let meant = |difference: &Difference| match difference {
        Difference::Value(path) => path.contains("dependencies.") || path.starts_with("features."),
        // Only the name of a crate that goes on under another one may come in, the entry of one that
        // takes the place of another, and what that needs.
        Difference::Key(path) => {
            let entry = path.trim_end_matches('.').rsplit_once("dependencies.");
            let is_entry = entry.is_some_and(|(_, key)| renamed_keys.contains(key));
            let of_entry = [".package.", ".features."];
            is_entry
                || path.contains("dependencies.") && of_entry.iter().any(|it| path.ends_with(it))
        }
    };
    match changed.iter().find(|difference| !meant(difference)) {
        Some(Difference::Value(path) | Difference::Key(path)) => {
            Err(defect(format!("the edit would change `{path}`")))
        }
        None => Ok(()),
    }
}

/// Where two manifests differ; each part of a path ends with a dot.
enum Difference {
    /// The value of a key that both have.
    Value(String),
    /// A key that only one of them has.
    Key(String),
}

fn differences(a: &toml::Value, b: &toml::Value, path: &str, changed: &mut Vec<Difference>) {
    match (a, b) {
        (toml::Value::Table(a), toml::Value::Table(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = format!("{path}{key}.");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => differences(a, b, &path, changed),
                    _ => changed.push(Difference::Key(path)),
                }
            }
        }
        _ if a == b => {}
        _ => changed.push(Difference::Value(path.to_owned())),
    }
}
