//! The main job: find out, choose, plan, move, prove, and put everything back when the proof
//! fails.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use jiff::civil::Date;
use serde::Serialize;

use crate::apply::GuardOptions;
use crate::check::Terms;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::followups::{self, FollowUp};
use crate::knowledge::Knowledge;
use crate::migrate::rules::Included;
use crate::plan::{ManualStep, Plan, PlanFile};
use crate::report::LookedAt;
use crate::target;
use crate::verify::{CargoOptions, CheckRun};
use crate::version::FamilyVersion;
use crate::workspace::{Lockfile, Project, Workspace};
use crate::world::World;

mod baseline;
pub mod compare;
mod execute;
mod from_rev;
mod gated;
mod held;
mod limits;
mod pair;
mod pinned;
mod reading;
mod rounds;
mod steps;
mod toolchain;

use reading::Reading;

pub use pair::{Pair, pair};
pub use rounds::Repaired;
pub use steps::StepDone;

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct UpgradeRequest {
    /// The manifest of the workspace, absolute.
    pub manifest_path: Utf8PathBuf,
    /// Where to go; none asks for the default: `fixed`, or with `from` the release that the
    /// manifests ask for already.
    pub target: Option<target::Request>,
    /// The release that the sources were made for, when the manifests say another one already.
    pub from: Option<FamilyVersion>,
    /// The revision of git to read that from.
    pub from_rev: Option<String>,
    /// One line at a time, each compiled.
    pub step: bool,
    /// Plan only.
    pub dry_run: bool,
    /// Keep the result even when it does not compile.
    pub keep: bool,
    /// Don't compile.
    pub no_verify: bool,
    /// Refuse when the lockfile would change.
    pub locked: bool,
    /// Which guards are off.
    pub guards: GuardOptions,
    /// Leave cargo's cached index alone.
    pub no_registry_cache: bool,
    /// What is applied besides what is safe.
    pub included: Included,
    /// How cargo is run.
    pub cargo: CargoOptions,
    /// The day to judge by, instead of today.
    pub as_of: Option<Date>,
}

impl UpgradeRequest {
    /// Whether a person named the release or its line: with `--to`, or in the manifests (`--from`).
    #[must_use]
    pub fn names_release(&self) -> bool {
        match self.target {
            Some(target::Request::Line(_) | target::Request::Exact(_)) => true,
            Some(_) => false,
            None => self.from.is_some() || self.from_rev.is_some(),
        }
    }

    /// The day that is judged by.
    #[must_use]
    pub fn today(&self, world: &dyn World) -> Date {
        self.as_of.unwrap_or_else(|| world.today())
    }
}

/// Something worth telling while it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A step, as cargo tells its own: a verb and what it is about.
    Step(&'a str, &'a str),
    /// A line that cargo printed.
    Cargo(&'a str),
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The project is exposed to nothing, or is on the target already.
    NothingToDo,
    /// `--dry-run`: nothing was written.
    Planned,
    /// Moved; it compiles, or `--no-verify` was given.
    Upgraded,
    /// Moved and kept, although it does not compile (`--keep`).
    Kept,
    /// The verification failed; everything is as it was.
    Restored,
}

/// One crate of the lockfile that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LockChange {
    /// The crate.
    pub name: String,
    /// Versions that are gone.
    pub from: Vec<String>,
    /// Versions that are new.
    pub to: Vec<String>,
}

/// The proof.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verification {
    /// `cargo check` before anything changed.
    pub before: Option<CheckRun>,
    /// `cargo check` afterwards.
    pub after: Option<CheckRun>,
    /// Why the result was not believed, in one sentence.
    pub failure: Option<String>,
}

/// Everything that an upgrade did.
#[derive(Debug)]
pub struct UpgradeReport {
    /// The day that it was judged for.
    pub today: Date,
    /// The project as it was read, for paths and snippets.
    pub project: Project,
    /// What was looked at.
    pub looked_at: LookedAt,
    /// What was found before.
    pub findings: Vec<Finding>,
    /// What is found on the new release; none when nothing moved.
    pub findings_after: Option<Vec<Finding>>,
    /// What was not looked at.
    pub not_looked_at: Vec<crate::workspace::NotLookedAt>,
    /// What was planned; none when there is nothing to do.
    pub plan: Option<Plan>,
    /// The release in use before.
    pub from: FamilyVersion,
    /// Crates that moved in the lockfile.
    pub lockfile: Vec<LockChange>,
    /// The proof.
    pub verification: Verification,
    /// What the compiler's errors led to.
    pub repaired: Repaired,
    /// The releases that were stopped at on the way (`--step`).
    pub steps: Vec<StepDone>,
    /// Steps for a person.
    pub remaining: Vec<ManualStep>,
    /// What behaves differently on the new release, as far as it can concern the project.
    pub changes: Vec<Finding>,
    /// What is left to do outside of cargo, paths from the root of the repository.
    pub follow_ups: Vec<FollowUp>,
    /// Things worth knowing.
    pub notes: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Moves one workspace.
///
/// # Errors
/// Whatever keeps it from being planned or carried out; the tree is then as it was.
pub fn upgrade(
    world: &dyn World,
    knowledge: &Knowledge,
    request: &UpgradeRequest,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<UpgradeReport> {
    let reading = Reading::of(world, knowledge, request)?;
    let request = &reading.with_policy(world, request)?;
    reading.tell(world, progress);
    let mut report = UpgradeReport::before(&reading, knowledge, request.today(world));
    let target = reading.target(request);
    let (choice, way) = reading.weigh(world, knowledge, request, |situation| {
        let choice = target::choose(&target, situation)?;
        let way = choice.as_ref().filter(|_| request.step);
        let way = way.map(|choice| situation.way_to(&choice.release));
        Ok::<_, Error>((choice, way.unwrap_or_default()))
    })?;
    let Some(choice) = choice else {
        return Ok(report);
    };
    report.changes = reading.changes(knowledge, &choice.release);
    report.look_around(world, knowledge, &choice.release);
    if request.step && !request.dry_run {
        steps::one_by_one(
            world,
            knowledge,
            request,
            &reading,
            &way,
            &mut report,
            progress,
        )?;
        report.judge_again(world, knowledge, request);
        return Ok(report);
    }
    let plan = reading.plan(world, knowledge, choice)?;
    report.remaining.clone_from(&plan.remaining);
    execute::refuse_locked(request, reading.workspace(), &plan)?;
    if request.dry_run {
        report.notes.extend(steps::announcement(&way));
        report.outcome = Outcome::Planned;
        report.plan = Some(plan);
        return Ok(report);
    }
    let plan = carry_out(
        world,
        knowledge,
        request,
        &reading,
        plan,
        &mut report,
        progress,
    )?;
    Ok(report.concluded(world, knowledge, request, reading.workspace(), plan))
}

/// Carries out a plan, or a second one where cargo's index knows more after the first attempt: of what held the
/// old release, newer ones. Gives the plan that it ended with.
fn carry_out(
    world: &dyn World,
    knowledge: &Knowledge,
    request: &UpgradeRequest,
    reading: &Reading,
    plan: Plan,
    report: &mut UpgradeReport,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Plan> {
    let workspace = reading.workspace();
    let known = reading.raised(world, knowledge, &plan.choice.release);
    let mut notes = report.notes.clone();
    let first = execute::execute(
        world, knowledge, request, workspace, &plan, report, progress,
    );
    let is_back = first.is_err() || report.outcome == Outcome::Restored;
    let knows_more = || reading.raised(world, knowledge, &plan.choice.release) != known;
    if !is_back || report.verification.after.is_some() || !knows_more() {
        return first.map(|()| plan);
    }
    notes.push(
        "cargo's index has newer releases of what held the old one: planned again with them"
            .to_owned(),
    );
    let plan = reading.plan(world, knowledge, plan.choice)?;
    report.begin_again(&plan, notes);
    execute::execute(
        world, knowledge, request, workspace, &plan, report, progress,
    )?;
    Ok(plan)
}

/// Carries out a plan that was saved, in the tree that it was made for.
///
/// # Errors
/// A tree that is not the one of the plan any more, or what [`upgrade`] fails with.
pub fn apply_saved(
    world: &dyn World,
    knowledge: &Knowledge,
    request: &UpgradeRequest,
    saved: &PlanFile,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<UpgradeReport> {
    let reading = Reading::of(world, knowledge, request)?;
    let request = &reading.with_policy(world, request)?;
    reading.tell(world, progress);
    let root = &reading.project.root;
    let mut others = BTreeMap::new();
    for path in saved.others() {
        // What is gone, or no text any more, is told by its name.
        let read = world.read(&root.join(path)).ok();
        if let Some(text) = read.and_then(|bytes| String::from_utf8(bytes).ok()) {
            others.insert(path.to_owned(), text);
        }
    }
    let plan = saved.plan_for(&reading.project, &others)?;
    let mut report = UpgradeReport::before(&reading, knowledge, request.today(world));
    report.changes = reading.changes(knowledge, &plan.choice.release);
    report.look_around(world, knowledge, &plan.choice.release);
    report.remaining.clone_from(&plan.remaining);
    execute::execute(
        world,
        knowledge,
        request,
        reading.workspace(),
        &plan,
        &mut report,
        progress,
    )?;
    Ok(report.concluded(world, knowledge, request, reading.workspace(), plan))
}

impl UpgradeReport {
    /// What there is to tell before anything was chosen.
    fn before(reading: &Reading, knowledge: &Knowledge, today: Date) -> Self {
        Self {
            today,
            looked_at: reading.looked_at(knowledge),
            findings: reading.findings(knowledge, &Terms::on(today)),
            findings_after: None,
            not_looked_at: reading.not_looked_at(),
            plan: None,
            from: reading.from.clone(),
            lockfile: Vec::new(),
            verification: Verification::default(),
            repaired: Repaired::default(),
            steps: Vec::new(),
            remaining: Vec::new(),
            changes: Vec::new(),
            follow_ups: Vec::new(),
            notes: Vec::new(),
            outcome: Outcome::NothingToDo,
            project: reading.project.clone(),
        }
    }

    /// Forgets what was tried, for another plan.
    fn begin_again(&mut self, plan: &Plan, notes: Vec<String>) {
        self.lockfile.clear();
        self.verification = Verification::default();
        self.repaired = Repaired::default();
        self.remaining.clone_from(&plan.remaining);
        self.notes = notes;
        self.outcome = Outcome::NothingToDo;
    }

    /// Finds what a move to `release` leaves to do outside of cargo, in the whole repository.
    fn look_around(&mut self, world: &dyn World, knowledge: &Knowledge, release: &FamilyVersion) {
        let root = &self.project.root;
        let is_top =
            |folder: &&camino::Utf8Path| matches!(world.kind(&folder.join(".git")), Ok(Some(_)));
        let top = root.ancestors().find(is_top).unwrap_or(root);
        self.follow_ups = followups::find(world, knowledge, top, &self.from, release);
    }

    /// The report of a plan that was carried out.
    fn concluded(
        mut self,
        world: &dyn World,
        knowledge: &Knowledge,
        request: &UpgradeRequest,
        workspace: &Workspace,
        mut plan: Plan,
    ) -> Self {
        let repaired = std::mem::take(&mut self.repaired);
        self.remaining.extend(repaired.remaining.iter().cloned());
        repaired.put_into(&mut plan);
        let is_family = |name: &str| knowledge.family.get(name).is_some();
        match &self.verification.after {
            Some(run) if run.success => {
                let shown = |path: &camino::Utf8Path| self.project.shown(path);
                self.notes.extend(gated::remarks(&plan, &shown));
                if request.cargo.feature_sets.is_empty() {
                    self.notes.extend(gated::left_out(workspace, &is_family));
                }
            }
            // A failure of cargo itself says so.
            Some(run) if run.failure.is_none() => {
                let left = gated::never_compiled(workspace, &is_family, &run.compiled);
                self.notes.extend(left);
            }
            _ => {}
        }
        self.repaired = repaired;
        self.plan = Some(plan);
        self.judge_again(world, knowledge, request);
        self
    }

    /// Adds what is found on the new release, when there is one. The move is done by then: that it
    /// can't be judged is worth telling and undoes nothing.
    fn judge_again(&mut self, world: &dyn World, knowledge: &Knowledge, request: &UpgradeRequest) {
        if !matches!(self.outcome, Outcome::Upgraded | Outcome::Kept) {
            return;
        }
        match Reading::of(world, knowledge, request) {
            Ok(reading) => {
                self.findings_after = Some(reading.findings(knowledge, &Terms::on(self.today)));
            }
            Err(error) => self
                .notes
                .push(format!("what was moved could not be judged again: {error}")),
        }
    }
}

/// Crates whose set of locked versions differs.
fn lock_changes(before: Option<&Lockfile>, after: &Lockfile) -> Vec<LockChange> {
    let mut versions = BTreeMap::<&str, (Vec<String>, Vec<String>)>::new();
    for package in before.iter().flat_map(|lockfile| &lockfile.packages) {
        versions
            .entry(&package.name)
            .or_default()
            .0
            .push(package.version.to_string());
    }
    for package in &after.packages {
        versions
            .entry(&package.name)
            .or_default()
            .1
            .push(package.version.to_string());
    }
    versions
        .into_iter()
        .filter(|(_, (from, to))| from != to)
        .map(|(name, (from, to))| LockChange {
            name: name.to_owned(),
            from: from
                .iter()
                .filter(|version| !to.contains(version))
                .cloned()
                .collect(),
            to: to
                .iter()
                .filter(|version| !from.contains(version))
                .cloned()
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
