//! What a workspace really uses: the releases it gets, its `bindgen!` invocations, the exports it
//! calls, the data in its stores. Facts with places; judging them is `check`'s job.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::error::Result;
use crate::knowledge::{Family, FamilyCrate, Features, Knowledge, Numbering, Release};
use crate::span::{Position, Span};
use crate::tokens::LexFailure;
use crate::version::{CrateVersion, FamilyVersion, Line};
use crate::workspace::{
    Dependency, DependencySource, DependencyTable, LockedPackage, Lockfile, Manifest, NotLookedAt,
    Project, Purpose, Workspace, cargo_config,
};
use crate::world::World;

pub mod copies;
mod followed;
pub mod graph;
mod invocations;
pub mod mentions;
mod program;
pub mod shipped;
mod surroundings;
pub mod wasm_tools;
mod words;

pub use followed::{CallFacts, Followed};
pub use invocations::InvocationFacts;

/// How a release was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The lockfile names it.
    Locked,
    /// Nothing is locked, or the lockfile does not meet the requirement: the newest release that
    /// the requirement admits is what cargo would take.
    Admitted {
        /// The oldest one that it admits.
        oldest: FamilyVersion,
        /// Why the lockfile does not say.
        because: &'static str,
    },
}

/// One requirement on a crate of the family, and the release that it leads to.
#[derive(Clone, Debug)]
pub struct Use {
    /// Place of the package's manifest in the workspace.
    pub manifest: usize,
    /// The crate's name on the registry.
    pub package: String,
    /// The name by which Rust code of the package knows it.
    pub extern_name: String,
    /// Which program of the package it is for.
    pub purpose: Purpose,
    /// Manifest that the version stands in (the root's for an inherited one).
    pub stated_in: usize,
    /// Where the version stands.
    pub span: Span,
    /// The requirement as it is written.
    pub requirement: String,
    /// The release of Wasmtime that it leads to.
    pub release: FamilyVersion,
    /// How that is known.
    pub basis: Basis,
    /// Whether no manifest of the workspace asks for the crate: another one brings it. `span` is
    /// then a place in the lockfile.
    pub only_locked: bool,
}

/// What one workspace uses.
#[derive(Debug, Default)]
pub struct Analysis {
    /// Every requirement on the family that leads to a known numbering.
    pub uses: Vec<Use>,
    /// Invocations, by manifest.
    pub invocations: BTreeMap<usize, Vec<InvocationFacts>>,
    /// Sources that could not be read at all, and those with a `bindgen!` that are no Rust, by
    /// manifest.
    pub unread: BTreeMap<usize, Vec<String>>,
    /// Tokens of the sources that have a word that was asked for.
    pub tokens: mentions::TokenCache,
    /// What was passed over before any condition was asked.
    passed_over: Vec<NotLookedAt>,
    followed: OnceLock<Followed>,
    standings: shipped::Standings,
    words: words::Words,
    mentions: mentions::Mentions,
    creations: OnceLock<Vec<mentions::Creation>>,
    outsiders: OnceLock<String>,
    below_family: OnceLock<Vec<usize>>,
    seeing: OnceLock<Vec<bool>>,
    features: Mutex<HashMap<(Line, String, String), graph::FeatureState>>,
}

impl Analysis {
    /// Every invocation of the workspace.
    pub fn invocations(&self) -> impl Iterator<Item = &InvocationFacts> {
        self.invocations.values().flatten()
    }

    /// The release that the project is on: the oldest that it requires of Wasmtime's own crates. What
    /// is numbered apart from them, Cranelift above all, counts only where there is nothing else: it
    /// may stand beside on purpose.
    #[must_use]
    pub fn current_release(&self, family: &Family) -> Option<&FamilyVersion> {
        let is_own = |used: &&Use| {
            let member = family.get(&used.package);
            member.is_some_and(|member| member.numbering == Numbering::Wasmtime)
        };
        let own = self.required().filter(is_own).map(|used| &used.release);
        own.min()
            .or_else(|| self.required().map(|used| &used.release).min())
    }

    /// Names the packages of [`graph::outsiders`]; none when there are none.
    pub fn outsiders(&self, workspace: &Workspace) -> Option<&str> {
        let named = self.outsiders.get_or_init(|| {
            let outsiders = graph::outsiders(workspace);
            let quoted = outsiders.iter().map(|name| format!("`{name}`"));
            quoted.collect::<Vec<_>>().join(", ")
        });
        Some(named.as_str()).filter(|named| !named.is_empty())
    }

    /// The copies of a crate that the family's own crates depend on, however indirectly: the only ones
    /// through which a defect of that crate is one of Wasmtime's.
    pub fn below_family<'w>(
        &self,
        lockfile: &'w Lockfile,
        family: &Family,
        name: &str,
    ) -> impl Iterator<Item = &'w LockedPackage> {
        let places = self
            .below_family
            .get_or_init(|| graph::below_family(lockfile, family));
        let packages = places.iter().map(|place| &lockfile.packages[*place]);
        packages.filter(move |package| package.name == name)
    }

    /// See [`graph::feature`].
    pub fn feature(
        &self,
        workspace: &Workspace,
        features: &Features,
        line: Line,
        name: &str,
        feature: &str,
    ) -> graph::FeatureState {
        // The map is whole even after a panic elsewhere.
        let known = || {
            let known = self.features.lock();
            known.unwrap_or_else(PoisonError::into_inner)
        };
        let key = (line, name.to_owned(), feature.to_owned());
        if let Some(state) = known().get(&key) {
            return *state;
        }
        let state = graph::feature(workspace, features, line, name, feature);
        known().insert(key, state);
        state
    }

    /// What a source is for. What a package without anything of Wasmtime's says is not about it.
    #[must_use]
    pub fn standing(&self, workspace: &Workspace, source: usize) -> shipped::Standing {
        match self.sees(workspace, workspace.sources[source].manifest) {
            true => self.standings.of(workspace, &self.tokens, source),
            false => shipped::Standing::Nowhere,
        }
    }

    /// Whether a package has anything of Wasmtime's below it, as far as the lockfile tells; the place of its
    /// manifest.
    #[must_use]
    pub fn sees(&self, workspace: &Workspace, manifest: usize) -> bool {
        let seeing = self.seeing.get_or_init(|| {
            let requiring = self.required().map(|used| used.manifest).collect();
            let used = self.uses.iter().map(|used| used.package.as_str()).collect();
            graph::seeing(workspace, &requiring, &used)
        });
        seeing.get(manifest).copied().unwrap_or(true)
    }

    /// The uses that a manifest of the workspace states.
    pub fn required(&self) -> impl Iterator<Item = &Use> {
        self.uses.iter().filter(|used| !used.only_locked)
    }

    /// Nothing looked at yet.
    fn unasked(workspace: &Workspace) -> Self {
        Self {
            tokens: mentions::TokenCache::new(workspace),
            standings: shipped::Standings::new(workspace),
            ..Self::default()
        }
    }

    /// Looks at one workspace. `world` is only asked for WIT files.
    ///
    /// # Errors
    /// A requirement that is none.
    pub fn of(
        world: &dyn World,
        project: &Project,
        workspace: &Workspace,
        knowledge: &Knowledge,
    ) -> Result<Self> {
        let mut analysis = Self::unasked(workspace);
        for (index, manifest) in workspace.manifests.iter().enumerate() {
            for dependency in &manifest.dependencies {
                analysis.dependency(project, workspace, knowledge, index, manifest, dependency)?;
            }
        }
        analysis.replaced_by_cargo(world, project, workspace, knowledge);
        analysis.locked_siblings(workspace, knowledge);
        if analysis.uses.is_empty() {
            return Ok(analysis);
        }
        analysis.find_invocations(world, project, workspace);
        Ok(analysis)
    }

    /// What following types and calls through the packages brings; done once, when it is first
    /// asked for.
    pub fn followed(&self, workspace: &Workspace) -> &Followed {
        self.followed.get_or_init(|| {
            let users = self.required().filter(|used| used.package == "wasmtime");
            let users = users.map(|used| used.manifest).collect();
            Followed::through(workspace, &users)
        })
    }

    /// Everything that was passed over, for a report once all conditions were asked: a source that
    /// no condition needed was searched for words, and it is no matter whether it is Rust.
    #[must_use]
    pub fn not_looked_at(&self, project: &Project, workspace: &Workspace) -> Vec<NotLookedAt> {
        let mut list = self.passed_over.clone();
        for (source, failure) in self.tokens.failures() {
            list.push(no_rust(project, workspace, source, failure));
        }
        let followed = self.followed.get().into_iter();
        let unread = followed.flat_map(|followed| &followed.unread);
        list.extend(unread.map(|(source, reason)| NotLookedAt {
            path: project.shown(&workspace.sources[*source].path),
            reason: reason.clone(),
        }));
        list.sort();
        list.dedup();
        list
    }

    /// Finds out which release a dependency on the family leads to.
    fn dependency(
        &mut self,
        project: &Project,
        workspace: &Workspace,
        knowledge: &Knowledge,
        index: usize,
        manifest: &Manifest,
        dependency: &Dependency,
    ) -> Result<()> {
        let package = workspace.crate_of(dependency);
        let Some(member) = knowledge.family.get(package) else {
            return Ok(());
        };
        if dependency.table == DependencyTable::Workspace {
            return Ok(()); // counted where it is inherited
        }
        if workspace.ignores(manifest, dependency) {
            return Ok(());
        }
        let (stated_in, entry) = match dependency.source {
            DependencySource::Inherited => match workspace.inherited(dependency) {
                Some(entry) => (0, entry),
                None => return Ok(()),
            },
            _ => (index, dependency),
        };
        let mut pass_over = |reason: String| {
            self.passed_over.push(NotLookedAt {
                path: format!(
                    "{}:{}",
                    project.shown(&manifest.path),
                    manifest.position(dependency.key.span.start).line
                ),
                reason,
            });
        };
        let outside = match (entry.origin(), &dependency.table) {
            (_, DependencyTable::Override { name }) => Some(format!(
                "[{name}] replaces `{}`: what the replacement contains is unknown",
                member.name
            )),
            (Some(origin), _) => Some(format!(
                "`{}` comes from {origin}: its version says little about what it contains",
                member.name
            )),
            (None, _) => None,
        };
        if let Some(reason) = outside {
            pass_over(reason);
            return Ok(());
        }
        let stated = &workspace.manifests[stated_in];
        let requirement = entry
            .version_req()
            .map_err(|error| crate::error::Error::Malformed {
                path: stated.path.clone(),
                position: stated.position(entry.key.span.start),
                message: format!("the requirement on `{}` is none: {error}", member.name),
                help: "write it as cargo reads it, such as \"36\"".to_owned(),
            })?;
        let Some((release, basis)) =
            release_for(workspace, knowledge, manifest, member, &requirement)
        else {
            pass_over(format!(
                "no known release of `{}` meets `{requirement}`",
                member.name
            ));
            return Ok(());
        };
        self.uses.push(Use {
            manifest: index,
            package: member.name.clone(),
            extern_name: dependency.extern_name(),
            purpose: dependency.table.purpose(),
            stated_in,
            span: entry
                .requirement
                .as_ref()
                .map_or(entry.key.span, |text| text.span),
            requirement: entry
                .requirement
                .as_ref()
                .map_or("*", |text| &text.value)
                .to_owned(),
            release,
            basis,
            only_locked: false,
        });
        Ok(())
    }

    /// What cargo's own configuration puts in the place of crates of the family.
    fn replaced_by_cargo(
        &mut self,
        world: &dyn World,
        project: &Project,
        workspace: &Workspace,
        knowledge: &Knowledge,
    ) {
        if self.uses.is_empty() {
            return;
        }
        for replaced in cargo_config::replaced(world, workspace.folder()) {
            if knowledge.family.get(&replaced.package).is_some() {
                self.passed_over.push(NotLookedAt {
                    path: format!(
                        "{}:{}",
                        project.shown(&replaced.path),
                        Position::of(&replaced.text, replaced.span.start).line
                    ),
                    reason: format!(
                        "{} replaces `{}`: what the replacement contains is unknown",
                        replaced.by, replaced.package
                    ),
                });
            }
        }
    }

    /// Crates of the family that only the lockfile names, because others of it, or of somebody
    /// else, bring them; also a second copy of a crate that the project requires itself.
    fn locked_siblings(&mut self, workspace: &Workspace, knowledge: &Knowledge) {
        let Some(lockfile) = &workspace.lockfile else {
            return;
        };
        for locked in lockfile
            .packages
            .iter()
            .filter(|package| package.from_registry())
        {
            let Some(member) = knowledge.family.get(&locked.name) else {
                continue;
            };
            let version = CrateVersion(locked.version.clone());
            let Some(release) = member.numbering.release_of(&version) else {
                continue;
            };
            let known = |used: &Use| used.package == locked.name && used.release == release;
            if self.uses.iter().any(known) {
                continue;
            }
            self.uses.push(Use {
                manifest: 0,
                package: member.name.clone(),
                extern_name: String::new(),
                purpose: Purpose::Normal,
                stated_in: 0,
                span: locked.version_span,
                requirement: String::new(),
                release,
                basis: Basis::Locked,
                only_locked: true,
            });
        }
    }
}

/// A source that is no Rust, as reports name it.
fn no_rust(
    project: &Project,
    workspace: &Workspace,
    source: usize,
    failure: &LexFailure,
) -> NotLookedAt {
    let source = &workspace.sources[source];
    let position = Position::of(&source.text, failure.offset);
    NotLookedAt {
        path: project.shown(&source.path),
        reason: format!("{position}: {}", failure.message),
    }
}

fn release_for(
    workspace: &Workspace,
    knowledge: &Knowledge,
    manifest: &Manifest,
    member: &FamilyCrate,
    requirement: &semver::VersionReq,
) -> Option<(FamilyVersion, Basis)> {
    let package = manifest.package.as_deref();
    let locked = workspace
        .lockfile
        .as_ref()
        .and_then(|lockfile| lockfile.chosen_for(package, &member.name, requirement));
    if let Some(locked) = locked {
        let version = CrateVersion(locked.version.clone());
        return Some((member.numbering.release_of(&version)?, Basis::Locked));
    }
    let meets = |release: &&Release| {
        !release.yanked
            && !release.unserved
            && release.unusable.is_none()
            && member.exists_in(release.version.line())
            && requirement.matches(&member.numbering.version_at(&release.version).0)
    };
    let mut admitted = knowledge.releases.iter().filter(meets);
    let oldest = admitted.next()?.version.clone();
    let newest = admitted
        .next_back()
        .map_or_else(|| oldest.clone(), |r| r.version.clone());
    let because = if workspace.lockfile.is_some() {
        "the lockfile has no version that meets it"
    } else {
        "there is no lockfile"
    };
    Some((newest, Basis::Admitted { oldest, because }))
}
