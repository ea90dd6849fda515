//! What a workspace really uses: the releases it gets, its `bindgen!` invocations, the exports it
//! calls, the data in its stores. Facts with places; judging them is `check`'s job.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::bindgen::{self, Invocation, Meaning};
use crate::error::Result;
use crate::knowledge::{Condition, Family, FamilyCrate, Knowledge, Release};
use crate::span::{Position, Span};
use crate::tokens::LexFailure;
use crate::version::{CrateVersion, FamilyVersion};
use crate::wit::{self, WitAnswer};
use crate::workspace::{
    Dependency, DependencySource, DependencyTable, LockedPackage, Lockfile, Manifest, NotLookedAt,
    Project, Workspace,
};
use crate::world::World;

mod followed;
pub mod graph;
pub mod mentions;
mod program;
mod words;

pub use followed::{CallFacts, Followed};

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

/// One `bindgen!` invocation.
#[derive(Clone, Debug)]
pub struct InvocationFacts {
    /// Place of the file in [`Workspace::sources`].
    pub source: usize,
    /// What stands there.
    pub invocation: Invocation,
    /// What its options mean.
    pub meaning: Meaning,
    /// The world that it is about.
    pub wit: WitAnswer,
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
    outsiders: OnceLock<Vec<String>>,
    below_family: OnceLock<BTreeSet<usize>>,
}

impl Analysis {
    /// Every invocation of the workspace.
    pub fn invocations(&self) -> impl Iterator<Item = &InvocationFacts> {
        self.invocations.values().flatten()
    }

    /// The oldest release that anything in the workspace leads to.
    #[must_use]
    pub fn oldest_release(&self) -> Option<&FamilyVersion> {
        self.required().map(|used| &used.release).min()
    }

    /// The uses that a manifest of the workspace states.
    pub fn required(&self) -> impl Iterator<Item = &Use> {
        self.uses.iter().filter(|used| !used.only_locked)
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
        let mut analysis = Self {
            tokens: mentions::TokenCache::new(workspace, knowledge),
            ..Self::default()
        };
        for (index, manifest) in workspace.manifests.iter().enumerate() {
            for dependency in &manifest.dependencies {
                analysis.dependency(project, workspace, knowledge, index, manifest, dependency)?;
            }
        }
        analysis.locked_siblings(workspace, knowledge);
        if analysis.uses.is_empty() {
            return Ok(analysis);
        }
        analysis.sources(world, project, workspace, knowledge);
        Ok(analysis)
    }

    /// What following types and calls through the packages brings; done once, when it is first
    /// asked for.
    pub fn followed(&self, project: &Project, workspace: &Workspace) -> &Followed {
        self.followed.get_or_init(|| {
            let users = self.required().filter(|used| used.package == "wasmtime");
            let users = users.map(|used| used.manifest).collect();
            Followed::through(project, workspace, &users)
        })
    }

    /// See [`graph::outsiders`].
    pub fn outsiders(&self, workspace: &Workspace, family: &Family) -> &[String] {
        self.outsiders
            .get_or_init(|| graph::outsiders(workspace, family))
    }

    /// The copies of a crate that the family's own crates depend on, however indirectly: the only
    /// ones through which a defect of that crate is one of Wasmtime's.
    pub fn below_family<'l>(
        &self,
        lockfile: &'l Lockfile,
        family: &Family,
        name: &str,
    ) -> Vec<&'l LockedPackage> {
        let below = self
            .below_family
            .get_or_init(|| graph::below_family(lockfile, family));
        let places = below
            .iter()
            .filter_map(|place| lockfile.packages.get(*place));
        places.filter(|package| package.name == name).collect()
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
        list.extend(unread.map(|(_, passed_over)| passed_over.clone()));
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
        let Some(member) = knowledge
            .family
            .get(&dependency.package)
            .or_else(|| inherited_member(workspace, dependency, &knowledge.family))
        else {
            return Ok(());
        };
        if dependency.table == DependencyTable::Workspace {
            return Ok(()); // counted where it is inherited
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
        let outside = match (&entry.source, &dependency.table) {
            (_, DependencyTable::Override { name }) => Some(format!(
                "[{name}] replaces `{}`: what the replacement contains is unknown",
                member.name
            )),
            (DependencySource::Git(address), _) => Some(format!(
                "`{}` comes from git ({address}): its version says little about what it contains",
                member.name
            )),
            (DependencySource::Path(path), _) => Some(format!(
                "`{}` comes from the folder {path}: its version says little about what it contains",
                member.name
            )),
            _ => None,
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

    /// Crates of the family that only the lockfile names, because others of it, or of somebody
    /// else, bring them.
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
            if self.uses.iter().any(|used| used.package == locked.name) {
                continue;
            }
            let version = CrateVersion(locked.version.clone());
            let Some(release) = member.numbering.release_of(&version) else {
                continue;
            };
            self.uses.push(Use {
                manifest: 0,
                package: member.name.clone(),
                extern_name: String::new(),
                stated_in: 0,
                span: locked.version_span,
                requirement: String::new(),
                release,
                basis: Basis::Locked,
                only_locked: true,
            });
        }
    }

    /// Finds the invocations in the sources of all packages.
    fn sources(
        &mut self,
        world: &dyn World,
        project: &Project,
        workspace: &Workspace,
        knowledge: &Knowledge,
    ) {
        let reads_worlds = self.may_be_asked_about_worlds(knowledge);
        let mut crates = BTreeMap::<usize, BTreeSet<String>>::new();
        for used in self.required().filter(|used| used.package == "wasmtime") {
            crates
                .entry(used.manifest)
                .or_default()
                .insert(used.extern_name.clone());
        }
        for (manifest, passed_over) in &workspace.unread {
            self.passed_over.push(passed_over.clone());
            self.unread_source(*manifest, passed_over.path.clone());
        }
        for (index, source) in workspace.sources.iter().enumerate() {
            let names = crates.get(&source.manifest);
            let Some(names) = names.filter(|_| source.text.contains("bindgen")) else {
                continue;
            };
            let Ok(tokens) = self.tokens.read(workspace, index) else {
                self.unread_source(source.manifest, project.shown(&source.path));
                continue;
            };
            let folder = workspace.manifests[source.manifest].folder();
            let invocations = bindgen::find(&tokens, names).into_iter();
            let facts = invocations.map(|invocation| InvocationFacts {
                source: index,
                meaning: Meaning::of(&invocation),
                wit: match reads_worlds {
                    true => wit::read(world, folder, &invocation),
                    false => WitAnswer::Unknown {
                        reason: "nothing that is known of these releases depends on it".to_owned(),
                    },
                },
                invocation,
            });
            self.invocations
                .entry(source.manifest)
                .or_default()
                .extend(facts);
        }
    }

    /// Whether a known entry asks about the worlds of invocations on a release in use, or on a newer
    /// one that may be chosen. If none does, the WIT need not be read: that costs more than all other
    /// reading together.
    fn may_be_asked_about_worlds(&self, knowledge: &Knowledge) -> bool {
        let Some(oldest) = self.oldest_release() else {
            return false;
        };
        let known = knowledge.releases.iter().map(|release| &release.version);
        let releases: Vec<_> = known
            .filter(|release| *release >= oldest)
            .chain(self.uses.iter().map(|used| &used.release))
            .collect();
        let mut asking = knowledge.entries.iter().filter(|entry| {
            let mut asks = false;
            entry
                .condition
                .each(&mut |leaf| asks |= *leaf == Condition::ImportsInterface);
            asks
        });
        asking.any(|entry| releases.iter().any(|release| entry.affects(release)))
    }

    fn unread_source(&mut self, manifest: usize, path: String) {
        self.unread.entry(manifest).or_default().push(path);
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

/// For `wt = { workspace = true }` the root's entry says which crate it is.
fn inherited_member<'k>(
    workspace: &Workspace,
    dependency: &Dependency,
    family: &'k Family,
) -> Option<&'k FamilyCrate> {
    if dependency.source != DependencySource::Inherited {
        return None;
    }
    family.get(&workspace.inherited(dependency)?.package)
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
