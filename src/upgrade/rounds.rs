//! Rounds of compiling and repairing: what the compiler says of the moved project is answered where a
//! recipe knows how, and asked again.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::UpgradeReport;
use crate::apply::{FileChange, Transaction};
use crate::diagnostics::Diagnostic;
use crate::edit::{Edit, EditRecord, EditSet};
use crate::error::{Error, Result};
use crate::finding::Location;
use crate::migrate::LeftOver;
use crate::migrate::guided::{self, Texts};
use crate::plan::{ManualStep, Plan, PlannedFile, record};
use crate::span::Span;
use crate::verify::CheckRun;
use crate::version::Line;
use crate::workspace::{Project, Workspace};

/// More rounds than that are a circle: every one that counts takes errors away for good.
const MAX_ROUNDS: usize = 12;

/// What was repaired in all rounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// How many rounds there were.
    pub rounds: usize,
    /// Every file that was repaired, as the plan had left it and as it is now.
    pub files: Vec<PlannedFile>,
    /// The edits on those, as the plan had left them.
    edits: Vec<(Utf8PathBuf, String, EditSet)>,
    /// What a person should look at.
    pub remaining: Vec<ManualStep>,
}

/// The sources while they are repaired.
pub(super) struct Rounds<'a> {
    workspace: &'a Workspace,
    line: Line,
    /// Every source as it is now, by the path that rustc gives it.
    texts: Texts,
    /// The path of each, absolute.
    paths: BTreeMap<String, Utf8PathBuf>,
    /// What the plan left, of those that were repaired, and the edits since.
    edits: BTreeMap<String, (String, EditSet)>,
    look_at: Vec<(String, String, LeftOver)>,
    rounds: usize,
    last: usize,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(workspace: &'a Workspace, plan: &'a Plan) -> Self {
        let mut rounds = Self {
            workspace,
            line: plan.choice.release.line(),
            texts: Texts::new(),
            paths: BTreeMap::new(),
            edits: BTreeMap::new(),
            look_at: Vec::new(),
            rounds: 0,
            last: 0,
        };
        for source in &workspace.sources {
            let planned = plan.files.iter().find(|file| file.path == source.path);
            let text = planned.map_or(&source.text, |file| &file.after);
            // Rustc names files of the workspace as cargo gives them: relative to its root.
            let inside = source.path.strip_prefix(workspace.folder());
            let name = inside.map_or(source.path.as_str(), |path| path.as_str());
            rounds.texts.insert(name.to_owned(), text.clone());
            rounds.paths.insert(name.to_owned(), source.path.clone());
        }
        rounds
    }

    /// Answers the errors of one run. Whether anything was edited, so that it is worth asking again.
    ///
    /// # Errors
    /// What kept the edits from being written, but for files that must not be changed: those are told.
    pub(super) fn repair(
        &mut self,
        run: &CheckRun,
        transaction: &mut Transaction<'_>,
        report: &mut UpgradeReport,
    ) -> Result<bool> {
        if self.rounds >= MAX_ROUNDS {
            return Ok(false);
        }
        let errors: Vec<&Diagnostic> = run.errors.iter().collect();
        let repairs = guided::repair(&errors, &self.texts, self.line);
        let mut changes = Vec::new();
        for (name, edits) in &repairs.edits {
            let (Some(path), Some(text)) = (self.paths.get(name), self.texts.get(name)) else {
                continue;
            };
            changes.push(FileChange {
                path: path.clone(),
                before: Some(text.clone().into_bytes()),
                after: edits.apply(text).into_bytes(),
            });
        }
        if changes.is_empty() {
            return Ok(false);
        }
        match transaction.write(&changes) {
            Ok(()) => {}
            Err(error @ Error::Usage { .. }) => {
                report
                    .notes
                    .push(format!("the errors were not repaired: {error}"));
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        for (name, left) in repairs.remaining {
            let text = self.texts.get(&name).cloned().unwrap_or_default();
            self.look_at.push((name, text, left));
        }
        self.rounds += 1;
        self.last = 0;
        for (name, edits) in repairs.edits {
            let Some(text) = self.texts.get_mut(&name) else {
                continue;
            };
            self.last += edits.len();
            let after = edits.apply(text);
            let entry = self.edits.entry(name);
            let (left, so_far) = entry.or_insert_with(|| (text.clone(), EditSet::default()));
            *so_far = so_far.then(left, &edits);
            *text = after;
        }
        Ok(true)
    }

    /// What the last round did.
    pub(super) fn summary(&self, before: &CheckRun) -> String {
        let of = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        format!(
            "{}, {} for {}",
            of(self.rounds, "round"),
            of(self.last, "edit"),
            of(before.errors.len(), "error"),
        )
    }

    /// The repaired sources as they were before the upgrade.
    pub(super) fn originals(&self) -> impl Iterator<Item = (Utf8PathBuf, Vec<u8>)> {
        self.edits.keys().filter_map(|name| {
            let path = self.paths.get(name)?;
            let source = self
                .workspace
                .sources
                .iter()
                .find(|source| source.path == *path)?;
            Some((path.clone(), source.text.clone().into_bytes()))
        })
    }

    /// What came of it.
    pub(super) fn finish(self, project: &Project) -> Repaired {
        let mut repaired = Repaired {
            rounds: self.rounds,
            ..Repaired::default()
        };
        for (name, (before, edits)) in self.edits {
            let (Some(path), Some(after)) = (self.paths.get(&name), self.texts.get(&name)) else {
                continue;
            };
            let file = PlannedFile {
                path: path.clone(),
                before,
                after: after.clone(),
            };
            repaired.files.push(file);
            repaired
                .edits
                .push((path.clone(), project.shown(path), edits));
        }
        for (name, text, left) in self.look_at {
            let Some(path) = self.paths.get(&name) else {
                continue;
            };
            let location = Location::new(project.shown(path), &text, left.span);
            repaired.remaining.push(ManualStep {
                what: left.what,
                location,
            });
        }
        repaired
    }
}

impl Repaired {
    /// Adds what was repaired to the plan that it went on from.
    pub(super) fn put_into(&self, plan: &mut Plan) {
        for file in &self.files {
            match plan
                .files
                .iter_mut()
                .find(|planned| planned.path == file.path)
            {
                Some(planned) => planned.after.clone_from(&file.after),
                None => plan.files.push(file.clone()),
            }
        }
        for (path, shown, edits) in &self.edits {
            let Some(file) = plan.files.iter().find(|planned| planned.path == *path) else {
                continue;
            };
            let (own, others) = std::mem::take(&mut plan.edits)
                .into_iter()
                .partition::<Vec<EditRecord>, _>(|edit| edit.path == *shown);
            plan.edits = others;
            let mut first = EditSet::default();
            for edit in own {
                // They were disjoint when the plan was made.
                let added = first.add(Edit {
                    span: Span::new(edit.start, edit.end),
                    text: edit.new,
                    reason: edit.reason,
                });
                debug_assert!(added.is_ok(), "{added:?}");
            }
            let whole = first.then(&file.before, edits);
            let records = whole
                .iter()
                .map(|edit| record(shown.clone(), &file.before, edit));
            plan.edits.extend(records);
        }
    }

    /// The changes that take the repairs back.
    pub(super) fn back(&self) -> Vec<FileChange> {
        let changes = self.files.iter().map(|file| FileChange {
            path: file.path.clone(),
            before: Some(file.after.clone().into_bytes()),
            after: file.before.clone().into_bytes(),
        });
        changes.collect()
    }
}
