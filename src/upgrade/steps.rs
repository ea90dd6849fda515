//! One line at a time (`--step`): every release on the way is compiled before the next one is tried,
//! and where one does not compile, the move ends at the one before. It is one transaction: `undo`
//! takes the whole way back.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::execute::{Run, lock_changes_now, refuse_locked};
use super::reading::Reading;
use super::{Outcome, Progress, UpgradeReport, UpgradeRequest};
use crate::apply::{FileChange, Transaction};
use crate::error::{Error, Result};
use crate::finding::Location;
use crate::knowledge::Knowledge;
use crate::plan::{ManualStep, Plan, PlannedFile};
use crate::target;
use crate::version::FamilyVersion;
use crate::world::World;

/// A release that was stopped at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepDone {
    /// The release.
    pub release: FamilyVersion,
    /// How it ended: upgraded, kept, or restored to the step before.
    pub outcome: Outcome,
    /// Errors of the compiler on it.
    pub errors: usize,
    /// How long the compiler took, in seconds.
    pub seconds: f64,
}

/// What `--dry-run` says of the way.
pub(super) fn announcement(way: &[FamilyVersion]) -> Option<String> {
    let names: Vec<String> = way.iter().map(ToString::to_string).collect();
    (names.len() > 1).then(|| format!("with --step the way is {}", names.join(", ")))
}

/// Goes the way.
///
/// # Errors
/// What kept it from being finished; everything is then as it was.
pub(super) fn one_by_one(
    world: &dyn World,
    knowledge: &Knowledge,
    request: &UpgradeRequest,
    first: &Reading,
    way: &[FamilyVersion],
    report: &mut UpgradeReport,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<()> {
    let workspace = first.workspace();
    let lockfile = workspace.folder().join("Cargo.lock");
    let mut guarded: Vec<Utf8PathBuf> =
        workspace.manifests.iter().map(|m| m.path.clone()).collect();
    guarded.push(lockfile);
    let last = way.last().unwrap_or(&first.from);
    let mut transaction = Transaction::begin(
        world,
        workspace.folder(),
        &format!("wasmtime {} -> {last}, step by step", first.from),
        &guarded,
        &request.guards,
    )?;
    report.notes.extend(transaction.notes().iter().cloned());
    let mut walk = Walk {
        world,
        knowledge,
        request,
        texts: BTreeMap::new(),
        plan: None,
    };
    for release in way {
        match walk.step(release, &mut transaction, report, progress) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(transaction.abort(error)),
        }
    }
    let Some(plan) = walk.whole_plan() else {
        transaction.restore()?;
        report.outcome = Outcome::Restored;
        report.plan = walk.plan;
        return Ok(());
    };
    report.lockfile = lock_changes_now(world, workspace)?;
    report.plan = Some(plan);
    report.outcome = report
        .steps
        .iter()
        .rev()
        .map(|step| step.outcome)
        .find(|o| *o != Outcome::Restored)
        .unwrap_or(Outcome::Upgraded);
    report.notes.extend(transaction.commit()?.notes);
    report.notes.dedup();
    Ok(())
}

struct Walk<'a> {
    world: &'a dyn World,
    knowledge: &'a Knowledge,
    request: &'a UpgradeRequest,
    /// Every file that was changed for good: as it was at the start, and as it is now.
    texts: BTreeMap<Utf8PathBuf, (String, String)>,
    /// What was planned last.
    plan: Option<Plan>,
}

impl Walk<'_> {
    /// Moves to `release`; false when it ended there.
    fn step(
        &mut self,
        release: &FamilyVersion,
        transaction: &mut Transaction<'_>,
        report: &mut UpgradeReport,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<bool> {
        let request = UpgradeRequest {
            // Only the first step has sources of another release than its manifests.
            from: self
                .request
                .from
                .clone()
                .filter(|_| report.steps.is_empty()),
            target: Some(target::Request::Exact(release.clone())),
            ..self.request.clone()
        };
        let reading = Reading::of(self.world, self.knowledge, &request)?;
        let asked = target::Request::Exact(release.clone());
        let choice = reading.weigh(self.world, self.knowledge, &request, |situation| {
            target::choose(&asked, situation)
        })?;
        let Some(choice) = choice else {
            return Ok(true); // there already
        };
        let mut plan = reading.plan(self.world, self.knowledge, choice)?;
        let kept = Kept::of(self.world, &reading, &plan)?;
        let run = Run::new(
            self.world,
            self.knowledge,
            &request,
            reading.workspace(),
            &plan,
        );
        refuse_locked(&request, reading.workspace(), &plan)?;
        report.verification.failure = None;
        let outcome = run.steps(transaction, report, progress)?;
        let repaired = std::mem::take(&mut report.repaired);
        plan.remaining.extend(repaired.remaining.iter().cloned());
        let after = report.verification.after.as_ref();
        report.steps.push(StepDone {
            release: release.clone(),
            outcome,
            errors: after.map_or(0, |run| run.errors.len()),
            seconds: after.map_or(0.0, |run| run.seconds),
        });
        if outcome == Outcome::Restored {
            transaction.write(&repaired.back())?;
            kept.put_back(self.world, transaction)?;
            self.ended(&reading, release, report);
            self.plan.get_or_insert(plan);
            return Ok(false);
        }
        repaired.put_into(&mut plan);
        for file in &plan.files {
            let entry = self.texts.entry(file.path.clone());
            entry
                .or_insert_with(|| (file.before.clone(), String::new()))
                .1
                .clone_from(&file.after);
        }
        // A place that a step speaks of has its last word from the last step.
        for step in &plan.remaining {
            report.remaining.retain(|old| old.location != step.location);
            report.remaining.push(step.clone());
        }
        self.plan = Some(match self.plan.take() {
            None => plan,
            Some(earlier) => Plan {
                from: earlier.from,
                edits: [earlier.edits, plan.edits].concat(),
                remaining: [earlier.remaining, plan.remaining].concat(),
                renamed_keys: &earlier.renamed_keys | &plan.renamed_keys,
                ..plan
            },
        });
        // Kept with errors means that a person goes on from here.
        Ok(outcome == Outcome::Upgraded)
    }

    /// Where it ended is a step for a person.
    fn ended(&self, reading: &Reading, release: &FamilyVersion, report: &mut UpgradeReport) {
        if self.texts.is_empty() {
            return;
        }
        let root = reading.workspace().root();
        let why = report.verification.failure.clone().unwrap_or_default();
        report.remaining.push(ManualStep {
            what: format!(
                "stopped at {}; the next step is {release}: {why}",
                reading.from
            ),
            location: Location::new(
                reading.project.shown(&root.path),
                &root.text,
                crate::span::Span::default(),
            ),
        });
    }

    /// The plan from the start to where it ended; none when nothing is left of it.
    fn whole_plan(&mut self) -> Option<Plan> {
        if self.texts.is_empty() {
            return None;
        }
        let files = std::mem::take(&mut self.texts).into_iter();
        let files = files.map(|(path, (before, after))| PlannedFile {
            path,
            before,
            after,
        });
        Some(Plan {
            files: files.collect(),
            ..self.plan.take()?
        })
    }
}

/// The files that a step changes, as they are before it.
struct Kept(Vec<(Utf8PathBuf, Option<Vec<u8>>)>);

impl Kept {
    fn of(world: &dyn World, reading: &Reading, plan: &Plan) -> Result<Self> {
        let files = plan.files.iter().chain(&plan.pinned);
        let mut paths: Vec<Utf8PathBuf> = files.map(|file| file.path.clone()).collect();
        paths.push(reading.workspace().folder().join("Cargo.lock"));
        paths.sort();
        paths.dedup();
        let kept = paths.into_iter().map(|path| {
            let bytes = read_if_any(world, &path)?;
            Ok((path, bytes))
        });
        kept.collect::<Result<_>>().map(Self)
    }

    fn put_back(self, world: &dyn World, transaction: &mut Transaction<'_>) -> Result<()> {
        let mut changes = Vec::new();
        for (path, bytes) in self.0 {
            let Some(after) = bytes else { continue };
            let before = read_if_any(world, &path)?;
            changes.push(FileChange {
                path,
                before,
                after,
            });
        }
        transaction.write(&changes)
    }
}

fn read_if_any(world: &dyn World, path: &Utf8PathBuf) -> Result<Option<Vec<u8>>> {
    match world.kind(path) {
        Ok(None) => Ok(None),
        _ => world
            .read(path)
            .map(Some)
            .map_err(|error| Error::io("read", path.clone(), error)),
    }
}
