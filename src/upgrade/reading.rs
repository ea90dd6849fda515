//! A workspace as it was read: what every command that plans a move begins with.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};

use super::limits::rust_limits;
use super::pinned::Pinned;
use super::{Progress, UpgradeRequest, from_rev, held, toolchain};
use crate::analysis::Analysis;
use crate::check::{self, Terms};
use crate::config::Policy;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::knowledge::{Entry, Family, Knowledge};
use crate::manifest::foreign;
use crate::migrate::rules::Included;
use crate::plan::{self, Goal, Plan};
use crate::registry::holder::{self, Raised};
use crate::report::{LookedAt, counted};
use crate::target::{self, Choice, Situation};
use crate::version::FamilyVersion;
use crate::workspace::{
    DependencySource, LockedPackage, NotLookedAt, Project, Scope, Workspace, relative_to,
};
use crate::world::World;

/// One workspace, what its sources say, and the release that its sources are made for.
pub(super) struct Reading {
    pub(super) project: Project,
    pub(super) analysis: Analysis,
    /// The oldest release in use, or the one that `--from` names.
    pub(super) from: FamilyVersion,
    /// Whether somebody else has raised the manifests already.
    moved: bool,
    /// What is applied besides what is safe.
    included: Included,
    /// Whether cargo's cached index may be read.
    reads_index: bool,
    /// Whether the toolchain that the project pins is raised where the release needs it.
    raises_toolchain: bool,
}

impl Reading {
    /// Reads the workspace that `request` names.
    ///
    /// # Errors
    /// A project that can't be read, or that has nothing of the family.
    pub(super) fn of(
        world: &dyn World,
        knowledge: &Knowledge,
        request: &UpgradeRequest,
    ) -> Result<Self> {
        let scope = Scope::WorkspaceOf(request.manifest_path.clone());
        let project = Project::read(world, &scope, &knowledge.family)?;
        let analysis = Analysis::of(world, &project, &project.workspaces[0], knowledge)?;
        let Some(current) = analysis.current_release(&knowledge.family).cloned() else {
            let workspace = &project.workspaces[0];
            foreign::refuse_all(workspace, &knowledge.family)?;
            return Err(nothing_of_the_family(
                &project,
                &analysis,
                &knowledge.family,
            ));
        };
        let workspace = &project.workspaces[0];
        let from = match &request.from_rev {
            Some(rev) => Some(from_rev::release(world, knowledge, workspace, rev)?),
            None => request.from.clone(),
        };
        Ok(Self {
            project,
            analysis,
            moved: from.is_some(),
            from: from.unwrap_or(current),
            included: request.included.clone(),
            reads_index: !request.no_registry_cache,
            raises_toolchain: request.names_release(),
        })
    }

    pub(super) fn workspace(&self) -> &Workspace {
        &self.project.workspaces[0]
    }

    /// The request, with what the policy of the project says of its own verification.
    ///
    /// # Errors
    /// A policy that is none.
    pub(super) fn with_policy(
        &self,
        world: &dyn World,
        request: &UpgradeRequest,
    ) -> Result<UpgradeRequest> {
        let mut request = request.clone();
        if let Some(policy) = Policy::find(world, self.workspace().folder())? {
            request.cargo.feature_sets = policy.feature_sets;
        }
        Ok(request)
    }

    /// Tells what was read.
    pub(super) fn tell(&self, world: &dyn World, progress: &mut dyn FnMut(Progress<'_>)) {
        let workspace = self.workspace();
        let manifest = relative_to(
            &world.current_dir().unwrap_or_default(),
            &workspace.root().path,
        );
        let what = format!(
            "{manifest} ({}, {})",
            counted(workspace.manifests.len(), "manifest"),
            counted(workspace.sources.len(), "source")
        );
        progress(Progress::Step("Reading", &what));
    }

    pub(super) fn looked_at(&self, knowledge: &Knowledge) -> LookedAt {
        let mut looked_at = LookedAt {
            rules: knowledge.rules(),
            ..LookedAt::default()
        };
        looked_at.add(self.workspace(), &self.analysis);
        looked_at
    }

    /// Everything that was passed over, once all conditions were asked.
    pub(super) fn not_looked_at(&self) -> Vec<NotLookedAt> {
        let of_project = self.project.not_looked_at.iter().cloned();
        let of_analysis = self.analysis.not_looked_at(&self.project, self.workspace());
        of_project.chain(of_analysis).collect()
    }

    pub(super) fn findings(&self, knowledge: &Knowledge, terms: &Terms) -> Vec<Finding> {
        check::check(
            &self.project,
            self.workspace(),
            &self.analysis,
            knowledge,
            terms,
        )
    }

    /// What behaves differently on `release`.
    pub(super) fn changes(&self, knowledge: &Knowledge, release: &FamilyVersion) -> Vec<Finding> {
        check::changes(
            &self.project,
            self.workspace(),
            &self.analysis,
            knowledge,
            &self.from,
            release,
        )
    }

    /// Where to go: as asked, or to where the manifests already are when they were moved by somebody
    /// else (`--from`).
    pub(super) fn target(&self, request: &UpgradeRequest) -> target::Request {
        let moved = self.moved.then_some(()).and_then(|()| {
            let releases = self.analysis.required().map(|used| &used.release);
            releases.max().cloned().map(target::Request::Exact)
        });
        request.target.clone().or(moved).unwrap_or_default()
    }

    /// The crates of others that have to be raised to get to `release`, as cargo's cached index knows
    /// them.
    pub(super) fn raised(
        &self,
        world: &dyn World,
        knowledge: &Knowledge,
        release: &FamilyVersion,
    ) -> Raised {
        if !self.reads_index {
            return Raised::new();
        }
        let family = &knowledge.family;
        let raised = self.others(world, family).into_iter();
        let raised = raised.filter_map(|(name, version)| {
            let version = holder::raised(world, family, &name, &version, release)?;
            Some((name, version))
        });
        raised.collect()
    }

    /// Crates of others with their releases: those that are locked and use the family, or without a
    /// lockfile those that cargo would take for what the manifests require.
    fn others(&self, world: &dyn World, family: &Family) -> Vec<(String, Version)> {
        let workspace = self.workspace();
        if let Some(lockfile) = &workspace.lockfile {
            let uses_family = |package: &LockedPackage| {
                let mut needed = lockfile.dependencies_of(package);
                package.from_registry() && needed.any(|of| family.get(&of.name).is_some())
            };
            let others = lockfile
                .packages
                .iter()
                .filter(|package| family.get(&package.name).is_none() && uses_family(package));
            return others
                .map(|package| (package.name.clone(), package.version.clone()))
                .collect();
        }
        let manifests = workspace.manifests.iter();
        let required = manifests.flat_map(|manifest| &manifest.dependencies);
        let others = required.filter(|it| {
            family.get(&it.package).is_none() && it.source == DependencySource::Registry
        });
        let others = others.filter_map(|it| {
            let admitted = VersionReq::parse(&it.requirement.as_ref()?.value).ok()?;
            let newest = holder::newest(world, &it.package, &admitted)?;
            Some((it.package.clone(), newest))
        });
        others.collect()
    }

    /// Everything that a move to `choice` changes, and what it leaves to a person.
    ///
    /// # Errors
    /// What can only be moved by half (see [`plan::make`]).
    pub(super) fn plan(
        &self,
        world: &dyn World,
        knowledge: &Knowledge,
        choice: Choice,
    ) -> Result<Plan> {
        let workspace = self.workspace();
        foreign::refuse_replaced(world, workspace, &knowledge.family)?;
        let mut plan = plan::make(
            &self.project,
            workspace,
            &self.analysis,
            knowledge,
            &self.from,
            Goal {
                raised: self.raised(world, knowledge, &choice.release),
                choice,
                included: self.included.clone(),
            },
        )?;
        let toolchain = toolchain::too_old(
            world,
            &self.project,
            workspace,
            &self.analysis,
            &plan.choice,
        );
        plan.remaining.extend(toolchain);
        if self.raises_toolchain {
            if let Some(pinned) = Pinned::of(world, workspace.folder()) {
                pinned.raise(&self.project, &mut plan);
            }
        }
        Ok(plan)
    }

    /// Asks something about the releases that there are to choose from.
    pub(super) fn weigh<R>(
        &self,
        world: &dyn World,
        knowledge: &Knowledge,
        request: &UpgradeRequest,
        ask: impl FnOnce(&Situation<'_>) -> R,
    ) -> R {
        // Asked for many releases, answered once a line: only defaults of features differ by
        // release.
        let answers = std::cell::RefCell::new(BTreeMap::new());
        let exposure = |entry: &Entry, release: &FamilyVersion| {
            let key = (entry.id.clone(), release.line());
            *answers.borrow_mut().entry(key).or_insert_with(|| {
                check::exposure(
                    &self.project,
                    self.workspace(),
                    &self.analysis,
                    knowledge,
                    entry,
                    release,
                )
            })
        };
        ask(&Situation {
            knowledge,
            current: self.from.clone(),
            exposure: &exposure,
            limits: rust_limits(world, request, &self.project, self.workspace()),
            today: request.today(world),
        })
    }
}

fn nothing_of_the_family(project: &Project, analysis: &Analysis, family: &Family) -> Error {
    let workspace = &project.workspaces[0];
    let root = &workspace.root().path;
    let lockfile = workspace.lockfile.as_ref();
    let brought = lockfile.and_then(|lockfile| held::brought_by_others(lockfile, family));
    if let Some((chain, holder)) = brought {
        return Error::usage(
            format!(
                "in the workspace of {root} no manifest requires a crate of the Wasmtime family; others bring it: {chain}"
            ),
            format!("move {holder}: `cargo update -p {holder}`, or require a newer one"),
        );
    }
    if let Some(held) = analysis.not_looked_at(project, workspace).first() {
        return Error::usage(
            format!("{}: {}", held.path, held.reason),
            "move it by hand, or go back to a published release",
        );
    }
    Error::usage(
        format!("no crate of the Wasmtime family is required in {root}"),
        "name another workspace with --manifest-path",
    )
}
