//! The main job: find out, choose, plan, move, prove, and put everything back when the proof
//! fails.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;
use serde::Serialize;

use crate::analysis::Analysis;
use crate::apply::GuardOptions;
use crate::check::{self, Terms};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::knowledge::{Entry, Knowledge};
use crate::plan::{self, ManualStep, Plan};
use crate::report::{LookedAt, counted};
use crate::target::{self, RustLimit, Situation};
use crate::verify::{CargoOptions, CheckRun, installed_rustc};
use crate::version::{FamilyVersion, RustVersion};
use crate::workspace::{Lockfile, Project, Scope, Workspace, relative_to};
use crate::world::World;

mod execute;

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct UpgradeRequest {
    /// The manifest of the workspace, absolute.
    pub manifest_path: Utf8PathBuf,
    /// Where to go.
    pub target: target::Request,
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
    /// How cargo is run.
    pub cargo: CargoOptions,
    /// The day to judge by, instead of today.
    pub as_of: Option<Date>,
}

impl UpgradeRequest {
    fn today(&self, world: &dyn World) -> Date {
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
    /// Steps for a person.
    pub remaining: Vec<ManualStep>,
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
    let scope = Scope::WorkspaceOf(request.manifest_path.clone());
    let project = Project::read(world, &scope, &knowledge.family)?;
    let workspace = &project.workspaces[0];
    progress(Progress::Step(
        "Reading",
        &format!(
            "{} ({}, {})",
            relative_to(
                &world.current_dir().unwrap_or_default(),
                &workspace.root().path
            ),
            counted(workspace.manifests.len(), "manifest"),
            counted(workspace.sources.len(), "source")
        ),
    ));
    let analysis = Analysis::of(world, &project, workspace, knowledge)?;
    let Some(from) = analysis.oldest_release().cloned() else {
        return Err(nothing_of_the_family(&project, workspace, &analysis));
    };
    let terms = Terms::on(request.today(world));
    let findings = check::check(&project, workspace, &analysis, knowledge, &terms);
    let choice = choose(world, knowledge, request, &project, workspace, &analysis)?;
    let mut looked_at = LookedAt {
        rules: knowledge.rules(),
        ..LookedAt::default()
    };
    looked_at.add(workspace, &analysis);
    let mut report = UpgradeReport {
        today: request.today(world),
        looked_at,
        findings,
        findings_after: None,
        not_looked_at: project
            .not_looked_at
            .iter()
            .cloned()
            .chain(analysis.not_looked_at(&project, workspace))
            .collect(),
        plan: None,
        from,
        lockfile: Vec::new(),
        verification: Verification::default(),
        remaining: Vec::new(),
        notes: Vec::new(),
        outcome: Outcome::NothingToDo,
        project: project.clone(),
    };
    let Some(choice) = choice else {
        return Ok(report);
    };
    let plan = plan::make(&project, workspace, &analysis, knowledge, choice)?;
    report.remaining.clone_from(&plan.remaining);
    if request.dry_run {
        report.outcome = Outcome::Planned;
        report.plan = Some(plan);
        return Ok(report);
    }
    execute::execute(world, request, workspace, &plan, &mut report, progress)?;
    report.plan = Some(plan);
    if matches!(report.outcome, Outcome::Upgraded | Outcome::Kept) {
        report.findings_after = Some(findings_now(world, knowledge, &scope, &terms)?);
    }
    Ok(report)
}

fn nothing_of_the_family(project: &Project, workspace: &Workspace, analysis: &Analysis) -> Error {
    match analysis.not_looked_at(project, workspace).first() {
        Some(held) => Error::usage(
            format!("{}: {}", held.path, held.reason),
            "move it by hand, or go back to a published release",
        ),
        None => Error::usage(
            format!(
                "no crate of the Wasmtime family is required in {}",
                workspace.root().path
            ),
            "name another workspace with --manifest-path",
        ),
    }
}

fn choose(
    world: &dyn World,
    knowledge: &Knowledge,
    request: &UpgradeRequest,
    project: &Project,
    workspace: &Workspace,
    analysis: &Analysis,
) -> Result<Option<target::Choice>> {
    let Some(current) = analysis.oldest_release() else {
        return Ok(None);
    };
    // Asked for many releases, answered once a line: only defaults of features differ by release.
    let answers = std::cell::RefCell::new(BTreeMap::new());
    let exposure = |entry: &Entry, release: &FamilyVersion| {
        let key = (entry.id.clone(), release.line());
        *answers.borrow_mut().entry(key).or_insert_with(|| {
            check::exposure(project, workspace, analysis, knowledge, entry, release)
        })
    };
    let situation = Situation {
        knowledge,
        current: current.clone(),
        exposure: &exposure,
        limits: rust_limits(world, request, project, workspace),
        today: request.today(world),
    };
    target::choose(&request.target, &situation)
}

/// What the project and the machine can compile with.
fn rust_limits(
    world: &dyn World,
    request: &UpgradeRequest,
    project: &Project,
    workspace: &Workspace,
) -> Vec<RustLimit> {
    let exactly = matches!(request.target, target::Request::Exact(_));
    if request.no_verify && exactly {
        return Vec::new();
    }
    let mut limits = Vec::new();
    if let Some((version, manifest)) = workspace.rust_version() {
        limits.push(RustLimit {
            version: version.clone(),
            origin: format!("`rust-version` in {}", project.shown(&manifest.path)),
        });
    }
    limits.extend(toolchain_file(world, project, workspace.folder()));
    if let Some(version) = installed_rustc(world, workspace.folder()) {
        limits.push(RustLimit {
            version,
            origin: "the installed rustc".to_owned(),
        });
    }
    limits
}

/// The release that a `rust-toolchain.toml` names; channels such as `stable` say nothing that the
/// installed rustc does not say better.
fn toolchain_file(world: &dyn World, project: &Project, folder: &Utf8Path) -> Option<RustLimit> {
    let candidates = folder.ancestors().flat_map(|folder| {
        [
            folder.join("rust-toolchain.toml"),
            folder.join("rust-toolchain"),
        ]
    });
    for path in candidates {
        let Ok(bytes) = world.read(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let channel = toml::from_str::<toml::Table>(&text)
            .ok()
            .and_then(|table| {
                table
                    .get("toolchain")?
                    .get("channel")?
                    .as_str()
                    .map(str::to_owned)
            })
            .unwrap_or(text);
        let version: RustVersion = channel.trim().parse().ok()?;
        return Some(RustLimit {
            version,
            origin: project.shown(&path),
        });
    }
    None
}

/// What is found on the new release.
fn findings_now(
    world: &dyn World,
    knowledge: &Knowledge,
    scope: &Scope,
    terms: &Terms,
) -> Result<Vec<Finding>> {
    let project = Project::read(world, scope, &knowledge.family)?;
    let workspace = &project.workspaces[0];
    let analysis = Analysis::of(world, &project, workspace, knowledge)?;
    Ok(check::check(
        &project, workspace, &analysis, knowledge, terms,
    ))
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
