//! Rounds of compiling and repairing: what the compiler says of the moved project is answered where a
//! recipe knows how, and asked again.

mod tidy;

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::UpgradeReport;
use crate::apply::{FileChange, Transaction};
use crate::diagnostics::Diagnostic;
use crate::edit::{Edit, EditRecord, EditSet};
use crate::error::{Error, Result};
use crate::finding::Location;
use crate::knowledge::Knowledge;
use crate::manifest::beside::Beside;
use crate::manifest::complete::with_feature;
use crate::manifest::replaced;
use crate::migrate::Crates;
use crate::migrate::LeftOver;
use crate::migrate::guided::{self, Terms, Texts};
use crate::migrate::rules::{self, Active};
use crate::plan::{ManualStep, Plan, PlannedFile, record};
use crate::span::Span;
use crate::verify::CheckRun;
use crate::version::Line;
use crate::workspace::{Manifest, Project, Workspace};

/// More rounds than that are a circle: every one that counts takes errors away for good.
const MAX_ROUNDS: usize = 20;

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
    knowledge: &'a Knowledge,
    from: Line,
    line: Line,
    rules: Vec<Active<'a>>,
    /// What the package of each source knows, by the path that rustc gives the source.
    crates: BTreeMap<String, Crates>,
    /// Every source as it was before the plan, by the path that rustc gives it.
    before: Texts,
    /// Every source as it is now, by that path.
    texts: Texts,
    /// The path of each, absolute.
    paths: BTreeMap<String, Utf8PathBuf>,
    /// What the plan left, of those that were repaired, and the edits since.
    edits: BTreeMap<String, (String, EditSet)>,
    look_at: Vec<(String, String, LeftOver)>,
    rounds: usize,
    last: usize,
    /// Every state that a repaired source had: what leads back to one of them is a circle.
    seen: BTreeMap<String, BTreeSet<String>>,
    /// Every manifest as it is now.
    manifests: BTreeMap<Utf8PathBuf, String>,
    /// Whether the last round edited one: the lockfile has to follow.
    pub(super) moved_manifest: bool,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(workspace: &'a Workspace, knowledge: &'a Knowledge, plan: &'a Plan) -> Self {
        let (from, line) = (plan.from.line(), plan.choice.release.line());
        let mut rounds = Self {
            workspace,
            knowledge,
            from,
            line,
            rules: rules::active(knowledge, from, line, &plan.included),
            crates: BTreeMap::new(),
            before: Texts::new(),
            texts: Texts::new(),
            paths: BTreeMap::new(),
            edits: BTreeMap::new(),
            look_at: Vec::new(),
            rounds: 0,
            last: 0,
            seen: BTreeMap::new(),
            manifests: BTreeMap::new(),
            moved_manifest: false,
        };
        for manifest in &workspace.manifests {
            let planned = plan.files.iter().find(|file| file.path == manifest.path);
            let text = planned.map_or(&manifest.text, |file| &file.after);
            rounds.manifests.insert(manifest.path.clone(), text.clone());
        }
        let beside = Beside::of(workspace, from, line);
        for source in &workspace.sources {
            let planned = plan.files.iter().find(|file| file.path == source.path);
            let text = planned.map_or(&source.text, |file| &file.after);
            // Rustc names files of the workspace as cargo gives them: relative to its root.
            let inside = source.path.strip_prefix(workspace.folder());
            let name = inside.map_or(source.path.as_str(), |path| path.as_str());
            rounds.texts.insert(name.to_owned(), text.clone());
            rounds.before.insert(name.to_owned(), source.text.clone());
            rounds.paths.insert(name.to_owned(), source.path.clone());
            let family = &rounds.knowledge.family;
            let crates =
                replaced::crates_in(workspace, source.manifest, family, rounds.line, &beside);
            rounds.crates.insert(name.to_owned(), crates.afterwards());
        }
        rounds
    }

    fn terms(&self) -> Terms<'_> {
        Terms {
            from: self.from,
            line: self.line,
            paths: &self.knowledge.paths,
            rules: &self.rules,
            before: &self.before,
            crates: &self.crates,
        }
    }

    /// What is known of the errors that are left.
    pub(super) fn explain(&mut self, run: &CheckRun) {
        let explained = guided::explained(&run.errors, &self.texts, &self.terms());
        for (name, left) in explained {
            let text = self.texts.get(&name).cloned().unwrap_or_default();
            let told = (name, text, left);
            // A library and its tests have the same errors.
            if !self.look_at.contains(&told) {
                self.look_at.push(told);
            }
        }
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
        let mut repairs = guided::repair(&errors, &self.texts, &self.terms());
        self.break_circles(&mut repairs);
        let mut changes = self.changes(&repairs.edits);
        let manifests = self.completed(&repairs)?;
        changes.extend(manifests.iter().map(|(_, change)| change.clone()));
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
        self.moved_manifest = !manifests.is_empty();
        for (edits, change) in manifests {
            let name = change.path.to_string();
            self.last += edits.len();
            let before = self
                .manifests
                .get(&change.path)
                .cloned()
                .unwrap_or_default();
            let entry = self.edits.entry(name.clone());
            let (left, so_far) = entry.or_insert_with(|| (before, EditSet::default()));
            *so_far = so_far.then(left, &edits);
            let after = String::from_utf8_lossy(&change.after).into_owned();
            self.texts_of_manifests(&name, &change.path, after);
        }
        self.last += repairs.edits.values().map(EditSet::len).sum::<usize>();
        self.made(repairs.edits);
        Ok(true)
    }

    /// What edits of sources change on the disk.
    fn changes(&self, edits: &BTreeMap<String, EditSet>) -> Vec<FileChange> {
        let changes = edits.iter().filter_map(|(name, edits)| {
            let text = self.texts.get(name)?;
            Some(FileChange {
                path: self.paths.get(name)?.clone(),
                before: Some(text.clone().into_bytes()),
                after: edits.apply(text).into_bytes(),
            })
        });
        changes.collect()
    }

    /// Takes note of edits that were written.
    fn made(&mut self, edits: BTreeMap<String, EditSet>) {
        for (name, edits) in edits {
            let Some(text) = self.texts.get_mut(&name) else {
                continue;
            };
            let after = edits.apply(text);
            let entry = self.edits.entry(name);
            let (left, so_far) = entry.or_insert_with(|| (text.clone(), EditSet::default()));
            *so_far = so_far.then(left, &edits);
            *text = after;
        }
    }

    /// Drops the edits of sources that they would bring back to a state that they had before.
    fn break_circles(&mut self, repairs: &mut guided::Repairs) {
        repairs.edits.retain(|name, edits| {
            let Some(text) = self.texts.get(name) else {
                return false;
            };
            let seen = self.seen.entry(name.clone()).or_default();
            seen.insert(text.clone());
            !seen.contains(&edits.apply(text))
        });
        let edits = &repairs.edits;
        repairs
            .remaining
            .retain(|(name, _)| edits.contains_key(name));
    }

    /// The manifests with the features that packages turned out to need.
    fn completed(&self, repairs: &guided::Repairs) -> Result<Vec<(EditSet, FileChange)>> {
        let mut sets = BTreeMap::<&Utf8PathBuf, EditSet>::new();
        let root = &self.workspace.root().path;
        for (package, feature) in &repairs.features {
            let owners = self.workspace.manifests.iter();
            let owner = owners
                .clone()
                .find(|manifest| manifest.package.as_ref() == Some(package));
            // What a member inherits stands in the root.
            let paths = owner.map(|owner| &owner.path).into_iter().chain([root]);
            for path in paths {
                let Some(text) = self.manifests.get(path) else {
                    continue;
                };
                let manifest = Manifest::parse(path.clone(), text.clone())?;
                let edit = with_feature(&manifest, feature.of_crate, feature.name, feature.reason);
                if let Some(edit) = edit {
                    // Two members may inherit from the same entry: the same edit counts once.
                    let _ = sets.entry(path).or_default().add(edit);
                    break;
                }
            }
        }
        let changes = sets.into_iter().filter_map(|(path, edits)| {
            let before = self.manifests.get(path)?;
            let change = FileChange {
                path: path.clone(),
                before: Some(before.clone().into_bytes()),
                after: edits.apply(before).into_bytes(),
            };
            Some((edits, change))
        });
        Ok(changes.collect())
    }

    fn texts_of_manifests(&mut self, name: &str, path: &Utf8PathBuf, text: String) {
        self.texts.insert(name.to_owned(), text.clone());
        self.paths.insert(name.to_owned(), path.clone());
        self.manifests.insert(path.clone(), text);
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
            let sources = self.workspace.sources.iter();
            let manifests = self.workspace.manifests.iter();
            let mut texts = sources
                .map(|source| (&source.path, &source.text))
                .chain(manifests.map(|manifest| (&manifest.path, &manifest.text)));
            let (_, text) = texts.find(|(of, _)| *of == path)?;
            Some((path.clone(), text.clone().into_bytes()))
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
