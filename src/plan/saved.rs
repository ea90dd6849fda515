//! A plan as a file: what `plan --output` writes and `apply` carries out.
//!
//! It holds edits, not texts, and the hash of every file that it was made from: in another tree, or
//! in this one after a change, it is refused by name.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::sources::still_reads;
use super::{ManualStep, Plan, PlannedFile, only_requirements_changed};
use crate::edit::{Edit, EditRecord, EditSet};
use crate::error::{Error, Result};
use crate::migrate::rules::Included;
use crate::report::tool;
use crate::span::Span;
use crate::target::Choice;
use crate::version::FamilyVersion;
use crate::workspace::{Project, lexical};

/// The format of plan files that this library writes and reads.
const PLAN_FORMAT: u32 = 1;

/// What to do about a file that is no plan.
const ANEW: &str = "write the plan anew: wasmtime-upgrade plan --output FILE";

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// [`PLAN_FORMAT`].
    plan_version: u32,
    /// What wrote it.
    tool: String,
    from: FamilyVersion,
    choice: Choice,
    /// The workspace's folder, relative to the root.
    workspace: String,
    /// The files that the plan was made from, relative to the root and with `/`, and the SHA-256 of
    /// their bytes in hexadecimal.
    inputs: BTreeMap<String, String>,
    edits: Vec<EditRecord>,
    pins: Vec<EditRecord>,
    remaining: Vec<ManualStep>,
    /// Names in dependency tables that go or come.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    renamed_keys: BTreeSet<String>,
    /// What `--include` asked for when it was written.
    #[serde(default, skip_serializing_if = "Included::is_empty")]
    included: Included,
}

impl PlanFile {
    /// The file for a plan that was made from `project`.
    #[must_use]
    pub fn of(plan: &Plan, project: &Project) -> Self {
        Self {
            plan_version: PLAN_FORMAT,
            tool: tool(),
            from: plan.from.clone(),
            choice: plan.choice.clone(),
            workspace: plan.root.clone(),
            inputs: hashes(&texts(project, &plan.other_texts(project))),
            edits: plan.edits.clone(),
            pins: plan.pins.clone(),
            remaining: plan.remaining.clone(),
            renamed_keys: plan.renamed_keys.clone(),
            included: plan.included.clone(),
        }
    }

    /// Reads a saved plan; `path` is only named in errors.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(path: &Utf8Path, text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Format {
            plan_version: Option<u32>,
        }
        let refused = |why: String| Error::usage(format!("{path}: no plan: {why}"), ANEW);
        let broken = |error: serde_json::Error| refused(error.to_string());
        let format: Format = serde_json::from_str(text).map_err(broken)?;
        match format.plan_version {
            Some(PLAN_FORMAT) => serde_json::from_str(text).map_err(broken),
            Some(other) => Err(refused(format!(
                "its format is {other}, and only {PLAN_FORMAT} is known here"
            ))),
            None => Err(refused("`plan_version` is missing".to_owned())),
        }
    }

    /// The files that it edits and that are none of the project's manifests and sources, as its edits
    /// name them: WIT.
    pub fn others(&self) -> BTreeSet<&str> {
        let edited = self.edits.iter().map(|edit| edit.path.as_str());
        edited.filter(|path| path.ends_with(".wit")).collect()
    }

    /// The plan, for the tree as it is now; `others` are the texts of [`PlanFile::others`].
    ///
    /// # Errors
    /// The names of the files that are not what the plan was made from, or a plan whose edits do not
    /// fit the files.
    pub fn plan_for(&self, project: &Project, others: &BTreeMap<String, String>) -> Result<Plan> {
        let texts = texts(project, others);
        self.refuse_other_tree(&hashes(&texts))?;
        let files = planned(&self.edits, project, &texts)?;
        let pinned = planned(&self.pins, project, &texts)?;
        for file in files.iter().chain(&pinned) {
            if file.path.file_name() == Some("Cargo.toml") {
                only_requirements_changed(file, &self.renamed_keys)?;
            } else {
                still_reads(file)?;
            }
        }
        Ok(Plan {
            from: self.from.clone(),
            choice: self.choice.clone(),
            root: self.workspace.clone(),
            edits: self.edits.clone(),
            remaining: self.remaining.clone(),
            files,
            pins: self.pins.clone(),
            pinned,
            renamed_keys: self.renamed_keys.clone(),
            included: self.included.clone(),
        })
    }

    fn refuse_other_tree(&self, now: &BTreeMap<String, String>) -> Result<()> {
        let then = &self.inputs;
        let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
        let differing: Vec<String> = names
            .into_iter()
            .filter_map(|name| match (then.get(name), now.get(name)) {
                (Some(a), Some(b)) if a == b => None,
                (Some(_), Some(_)) => Some(format!("\n  * {name} (changed)")),
                (Some(_), None) => Some(format!("\n  * {name} (gone)")),
                _ => Some(format!("\n  * {name} (new)")),
            })
            .collect();
        if differing.is_empty() {
            return Ok(());
        }
        Err(Error::usage(
            format!(
                "the plan was made for another state of these files, so nothing is changed:{}",
                differing.concat()
            ),
            "make the plan anew, or put the files back as they were",
        ))
    }
}

/// The files with these edits.
fn planned(
    edits: &[EditRecord],
    project: &Project,
    texts: &BTreeMap<String, &str>,
) -> Result<Vec<PlannedFile>> {
    let mut sets = BTreeMap::<&str, EditSet>::new();
    for edit in edits {
        let broken = || {
            Error::usage(
                format!(
                    "the plan's edit at byte {} of {} does not fit that file",
                    edit.start, edit.path
                ),
                "make the plan anew: this one was edited or is damaged",
            )
        };
        let text = texts.get(&edit.path).ok_or_else(broken)?;
        if text.get(edit.start..edit.end) != Some(edit.old.as_str()) {
            return Err(broken());
        }
        let step = Edit {
            span: Span::new(edit.start, edit.end),
            text: edit.new.clone(),
            reason: edit.reason.clone(),
        };
        let set = sets.entry(&edit.path).or_default();
        set.add(step).map_err(|_| broken())?;
    }
    let files = sets.into_iter().map(|(path, edits)| {
        let before = texts.get(path).copied().unwrap_or_default();
        PlannedFile {
            path: lexical(&project.root.join(path)),
            before: before.to_owned(),
            after: edits.apply(before),
        }
    });
    Ok(files.filter(|file| file.before != file.after).collect())
}

impl Plan {
    /// The texts of planned files that are none of the project's manifests and sources.
    fn other_texts(&self, project: &Project) -> BTreeMap<String, String> {
        let others = self.files.iter();
        let others = others.filter(|file| file.path.extension() == Some("wit"));
        others
            .map(|file| (project.shown(&file.path), file.before.clone()))
            .collect()
    }
}

/// Every text of the project and the others, by their paths relative to the root.
fn texts<'a>(
    project: &'a Project,
    others: &'a BTreeMap<String, String>,
) -> BTreeMap<String, &'a str> {
    let others = others.iter();
    let mut texts: BTreeMap<String, &str> = others
        .map(|(path, text)| (path.clone(), text.as_str()))
        .collect();
    let mut add = |path: &Utf8PathBuf, text| texts.insert(project.shown(path), text);
    for workspace in &project.workspaces {
        for manifest in &workspace.manifests {
            add(&manifest.path, manifest.text.as_str());
        }
        if let Some(lockfile) = &workspace.lockfile {
            add(&lockfile.path, lockfile.text.as_str());
        }
        for source in &workspace.sources {
            add(&source.path, source.text.as_str());
        }
    }
    texts
}

fn hashes(texts: &BTreeMap<String, &str>) -> BTreeMap<String, String> {
    let hash = |text: &str| {
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let pairs = texts.iter().map(|(path, text)| (path.clone(), hash(text)));
    pairs.collect()
}
