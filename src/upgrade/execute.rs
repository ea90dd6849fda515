//! Carrying a plan out: one transaction around everything that changes the tree.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use semver::Version;

use super::baseline::Baseline;
use super::held;
use super::pinned::{self, Installed};
use super::rounds::Rounds;
use super::{LockChange, Outcome, Progress, UpgradeReport, UpgradeRequest, lock_changes};
use crate::apply::{FileChange, Transaction};
use crate::error::{Error, Result};
use crate::knowledge::Knowledge;
use crate::plan::{Plan, PlannedFile};
use crate::registry::holder::{self, Holder};
use crate::verify::{Cargo, CheckRun, Selection};
use crate::version::FamilyVersion;
use crate::workspace::{LockedPackage, Lockfile, Manifest, Workspace};
use crate::world::World;

/// Carries `plan` out and writes into `report` what happened.
///
/// # Errors
/// What kept it from being finished; everything is then as it was.
pub(super) fn execute(
    world: &dyn World,
    knowledge: &Knowledge,
    request: &UpgradeRequest,
    workspace: &Workspace,
    plan: &Plan,
    report: &mut UpgradeReport,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<()> {
    let run = Run::new(world, knowledge, request, workspace, plan);
    refuse_locked(request, workspace, plan)?;
    let mut guarded: Vec<Utf8PathBuf> = plan
        .files
        .iter()
        .chain(&plan.pinned)
        .map(|file| file.path.clone())
        .chain([run.lockfile.clone()])
        .collect();
    guarded.sort();
    guarded.dedup();
    let description = format!("wasmtime {} -> {}", plan.from, plan.choice.release);
    let mut transaction = Transaction::begin(
        world,
        workspace.folder(),
        &description,
        &guarded,
        &request.guards,
    )?;
    report.notes.extend(transaction.notes().iter().cloned());
    match run.steps(&mut transaction, report, progress) {
        Ok(Outcome::Restored) => {
            let restored = transaction.restore()?;
            report
                .notes
                .extend(restored.rescued.iter().map(|(path, kept)| {
                    format!("{path} was edited meanwhile; that text is kept in {kept}")
                }));
            report.outcome = Outcome::Restored;
        }
        Ok(outcome) => {
            let committed = transaction.commit()?;
            report.notes.extend(committed.notes);
            report.notes.dedup();
            report.outcome = outcome;
        }
        Err(error) => return Err(transaction.abort(error)),
    }
    Ok(())
}

/// `--locked` promises that the lockfile stays, and an upgrade moves it.
///
/// # Errors
/// Always, when it was given.
pub(super) fn refuse_locked(
    request: &UpgradeRequest,
    workspace: &Workspace,
    plan: &Plan,
) -> Result<()> {
    if !request.locked {
        return Ok(());
    }
    Err(Error::usage(
        format!(
            "moving to {} changes {}, and --locked was given",
            plan.choice.release,
            lockfile_of(workspace)
        ),
        "run again without --locked",
    ))
}

pub(super) fn lockfile_of(workspace: &Workspace) -> Utf8PathBuf {
    workspace.folder().join("Cargo.lock")
}

/// One move: what it needs to know.
pub(super) struct Run<'a> {
    world: &'a dyn World,
    knowledge: &'a Knowledge,
    request: &'a UpgradeRequest,
    workspace: &'a Workspace,
    plan: &'a Plan,
    cargo: Cargo<'a>,
    /// The toolchain that is used because the pinned one is not installed.
    stands_in: Option<Installed>,
    lockfile: Utf8PathBuf,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        world: &'a dyn World,
        knowledge: &'a Knowledge,
        request: &'a UpgradeRequest,
        workspace: &'a Workspace,
        plan: &'a Plan,
    ) -> Self {
        let mut options = request.cargo.clone();
        let stands_in = pinned::stands_in(world, workspace.folder(), plan);
        options.toolchain = stands_in.as_ref().map(|it| it.name.clone());
        Self {
            world,
            knowledge,
            request,
            workspace,
            plan,
            cargo: Cargo::new(world, workspace.folder(), options),
            stands_in,
            lockfile: lockfile_of(workspace),
        }
    }

    /// Does everything within `transaction`, which the caller ends as the outcome says. A baseline
    /// is made only where the result does not compile, and not when there is one already.
    pub(super) fn steps(
        &self,
        transaction: &mut Transaction<'_>,
        report: &mut UpgradeReport,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Outcome> {
        transaction.protect(std::slice::from_ref(&self.lockfile))?;
        let target = &self.plan.choice.release;
        progress(Progress::Step(
            "Moving",
            &format!("{} -> {target}", self.plan.from),
        ));
        if let Some(Installed { name, version }) = &self.stands_in {
            report.notes.push(format!(
                "the toolchain that the project pins is not installed: `{name}` ({version}) was used in its place"
            ));
        }
        transaction.write(&changes(&self.plan.pinned))?;
        self.cargo
            .update_lockfile(&mut |line| progress(Progress::Cargo(line)))?;
        self.move_holders(report, progress)?;
        transaction.write(&self.final_manifests())?;
        if let Some(failure) = self.read_lockfile(report)? {
            report.verification.failure = Some(failure);
            return Ok(Outcome::Restored);
        }
        transaction.write(&self.sources())?;
        if self.request.no_verify {
            return Ok(Outcome::Upgraded);
        }
        self.verify(transaction, report, progress)
    }

    /// Crates of others that still hold an older Wasmtime follow where the project's own
    /// requirements let them: that is still the least that makes the family one.
    fn move_holders(
        &self,
        report: &mut UpgradeReport,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<()> {
        let target = &self.plan.choice.release;
        let family = &self.knowledge.family;
        let mut tried = BTreeSet::new();
        loop {
            let lockfile = read_lockfile(self.world, &self.lockfile)?;
            let held = held::held_back(&lockfile, family, target);
            let Some(holder) = held.and_then(|held| held.holder) else {
                return Ok(());
            };
            let spec = format!("{}@{}", holder.name, holder.version);
            if !tried.insert(spec.clone()) {
                return Ok(());
            }
            let mut on_line = |line: &str| progress(Progress::Cargo(line));
            let fits = self.release_that_fits(&holder, target);
            let fits = fits.as_ref();
            let moved = fits.is_some() && self.cargo.update_package(&spec, fits, &mut on_line)?;
            if moved || self.cargo.update_package(&spec, None, &mut on_line)? {
                let now = read_lockfile(self.world, &self.lockfile)?;
                let still = now
                    .versions_of(&holder.name)
                    .any(|p| p.version == holder.version);
                if !still {
                    report.notes.push(format!(
                        "{} {} held an older Wasmtime, so it was moved too",
                        holder.name, holder.version
                    ));
                }
            }
        }
    }

    /// The release of a crate that cargo's index knows to take the target: the least behind the one that is locked,
    /// else the newest of all. Left to itself, cargo goes behind the target, or passes over what needs a newer
    /// Rust than the manifests say.
    fn release_that_fits(&self, holder: &LockedPackage, target: &FamilyVersion) -> Option<Version> {
        if self.request.no_registry_cache {
            return None;
        }
        let (family, name) = (&self.knowledge.family, &holder.name);
        let raised = holder::raised(self.world, family, name, &holder.version, target);
        raised.or_else(|| match holder::look_up(self.world, family, name, target) {
            Holder::Takes(version) => Some(version),
            _ => None,
        })
    }

    fn verify(
        &self,
        transaction: &mut Transaction<'_>,
        report: &mut UpgradeReport,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Outcome> {
        let target = &self.plan.choice.release;
        progress(Progress::Step("Checking", &format!("{target}, the proof")));
        let mut rounds = Rounds::new(self.workspace, self.knowledge, self.plan);
        let (of, mut after) = self.first_check(report, progress)?;
        while !after.success && rounds.repair(&after, transaction, report)? {
            progress(Progress::Step("Repaired", &rounds.summary(&after)));
            if rounds.moved_manifest {
                self.cargo
                    .update_lockfile(&mut |line| progress(Progress::Cargo(line)))?;
            }
            let seconds = after.seconds;
            after = self.check(&of, progress)?;
            after.seconds += seconds;
        }
        if after.success {
            after = self.tidy(&mut rounds, after, &of, transaction, progress)?;
        }
        progress(Progress::Step("Result", &summary(&after)));
        if !after.success && report.verification.before.is_none() {
            let baseline = Baseline {
                plan: self.plan,
                workspace: self.workspace,
                world: self.world,
                cargo: &self.cargo,
            };
            report.verification.before =
                Some(baseline.check(transaction, &rounds, &of, progress)?);
        }
        if !after.success {
            rounds.explain(&after);
        }
        report.repaired = rounds.finish(&report.project);
        let worse = after.worse_than(report.verification.before.as_ref());
        let failed = !after.success;
        if worse {
            report.verification.failure = Some(format!(
                "it does not compile on {target}: {}",
                summary(&after)
            ));
        }
        report.verification.after = Some(after);
        Ok(match (worse, failed, self.request.keep) {
            (false, false, _) => Outcome::Upgraded,
            (true, _, false) => Outcome::Restored,
            // The same errors as before: not worse, but no proof either.
            (_, true, _) | (true, false, true) => Outcome::Kept,
        })
    }

    /// Takes away the imports and `mut`s that the upgrade left without a use, and compiles what is left.
    fn tidy(
        &self,
        rounds: &mut Rounds<'_>,
        proven: CheckRun,
        of: &Selection,
        transaction: &mut Transaction<'_>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<CheckRun> {
        let Some(untidied) = rounds.tidy(&proven, transaction)? else {
            return Ok(proven);
        };
        progress(Progress::Step("Removed", &untidied.what));
        let mut after = self.check(of, progress)?;
        after.seconds += proven.seconds;
        if after.success {
            return Ok(after);
        }
        rounds.untidy(untidied, transaction)?;
        Ok(proven)
    }

    fn check(&self, of: &Selection, progress: &mut dyn FnMut(Progress<'_>)) -> Result<CheckRun> {
        self.cargo
            .check(of, true, &mut |line| progress(Progress::Cargo(line)))
    }

    /// Whether cargo takes less than all packages where nobody says more.
    fn has_default_members(&self) -> bool {
        let root = self.workspace.root();
        let packages = self.workspace.manifests.iter();
        let others = packages
            .filter(|manifest| manifest.package.is_some())
            .count()
            > 1;
        others && (root.package.is_some() || root.text.contains("default-members"))
    }

    /// Compiles the workspace; where that is not possible for reasons of its own, so much of it that
    /// the packages which require Wasmtime are compiled.
    fn first_check(
        &self,
        report: &mut UpgradeReport,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(Selection, CheckRun)> {
        let all = Selection {
            and_by_default: self.has_default_members(),
            ..Selection::default()
        };
        let mut of = all.clone();
        let first = self.check(&of, progress)?;
        let Some(failure) = &first.failure else {
            return Ok((of, first));
        };
        let why = failure.lines().next().unwrap_or_default().trim();
        let packages = self.concerned();
        for (without_tests, what) in [(false, "were"), (true, "were, without their tests")] {
            of = Selection {
                packages: packages.clone(),
                without_tests,
                and_by_default: false,
            };
            if of == Selection::default() {
                continue;
            }
            let run = self.check(&of, progress)?;
            if run.failure.is_none() {
                report.notes.push(format!(
                    "the workspace as a whole can't be checked ({why}); the packages that require Wasmtime {what}"
                ));
                return Ok((of, run));
            }
        }
        Ok((all, first))
    }

    /// The packages that require a crate of the family themselves; none when those are all.
    fn concerned(&self) -> Option<Vec<String>> {
        let packages = || {
            let manifests = self.workspace.manifests.iter();
            manifests.filter(|manifest| manifest.package.is_some())
        };
        let requires = |manifest: &&Manifest| {
            let mut crates = manifest.dependencies.iter();
            crates.any(|it| {
                let of_crate = self.workspace.crate_of(it);
                self.knowledge.family.get(of_crate).is_some()
            })
        };
        let concerned: Vec<String> = packages()
            .filter(requires)
            .filter_map(|manifest| manifest.package.clone())
            .collect();
        let is_part = !concerned.is_empty() && concerned.len() < packages().count();
        is_part.then_some(concerned)
    }

    /// From the pinned text to the final one, for every manifest that was pinned.
    fn final_manifests(&self) -> Vec<FileChange> {
        self.plan
            .pinned
            .iter()
            .map(|pinned| {
                let planned = self.plan.files.iter().find(|file| file.path == pinned.path);
                let after = planned.map_or(&pinned.before, |file| &file.after);
                FileChange {
                    path: pinned.path.clone(),
                    before: Some(pinned.after.clone().into_bytes()),
                    after: after.clone().into_bytes(),
                }
            })
            .collect()
    }

    /// The planned files that no pin went before.
    fn sources(&self) -> Vec<FileChange> {
        let pinned = |file: &&PlannedFile| self.plan.pinned.iter().any(|p| p.path == file.path);
        let files: Vec<PlannedFile> = self
            .plan
            .files
            .iter()
            .filter(|file| !pinned(file))
            .cloned()
            .collect();
        changes(&files)
    }

    /// Reads what cargo made of the lockfile, and proves from it that one single Wasmtime is left.
    /// Returns why not.
    fn read_lockfile(&self, report: &mut UpgradeReport) -> Result<Option<String>> {
        let lockfile = read_lockfile(self.world, &self.lockfile)?;
        report.lockfile = lock_changes(self.workspace.lockfile.as_ref(), &lockfile);
        let target = &self.plan.choice.release;
        let family = &self.knowledge.family;
        let held = held::held_back(&lockfile, family, target);
        let index = (!self.request.no_registry_cache).then_some(self.world);
        Ok(held.map(|held| held.told(index, family, target)))
    }
}

fn read_lockfile(world: &dyn World, path: &Utf8PathBuf) -> Result<Lockfile> {
    let bytes = world
        .read(path)
        .map_err(|error| Error::io("read", path.clone(), error))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Lockfile::parse(path.clone(), text)
}

/// What moved in the lockfile since `workspace` was read.
pub(super) fn lock_changes_now(
    world: &dyn World,
    workspace: &Workspace,
) -> Result<Vec<LockChange>> {
    let lockfile = read_lockfile(world, &lockfile_of(workspace))?;
    Ok(lock_changes(workspace.lockfile.as_ref(), &lockfile))
}

fn changes(files: &[PlannedFile]) -> Vec<FileChange> {
    files
        .iter()
        .map(|file| FileChange {
            path: file.path.clone(),
            before: Some(file.before.clone().into_bytes()),
            after: file.after.clone().into_bytes(),
        })
        .collect()
}

pub(super) fn summary(run: &CheckRun) -> String {
    match (&run.failure, run.errors.len()) {
        (Some(failure), _) => {
            let line = failure
                .lines()
                .find(|line| line.contains("error"))
                .unwrap_or(failure);
            format!("cargo failed: {} ({:.1} s)", line.trim(), run.seconds)
        }
        (None, 0) => format!("it compiles ({:.1} s)", run.seconds),
        (None, 1) => format!("1 error ({:.1} s)", run.seconds),
        (None, errors) => format!("{errors} errors ({:.1} s)", run.seconds),
    }
}
