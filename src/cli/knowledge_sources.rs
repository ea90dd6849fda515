//! What projects are judged by: what is built in, what was named on the command line, and what
//! cargo's cached index adds when it is needed.

use std::borrow::Cow;
use std::sync::OnceLock;

use camino::Utf8PathBuf;
use clap::Args;

use super::output::Session;
use crate::advisory_db::Database;
use crate::error::Result;
use crate::knowledge::{FamilyCrate, Knowledge, own};
use crate::registry::RegistryCache;
use crate::version::{CrateVersion, FamilyVersion};
use crate::workspace::{DependencySource, DependencyTable, Project, Workspace};
use crate::world::World;

/// Sources of knowledge besides what is built in.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Newer knowledge")]
pub struct KnowledgeArgs {
    /// A checkout of RustSec's advisory-db, for advisories that are newer than this program
    #[arg(long, value_name = "PATH", global = true)]
    pub advisory_db: Option<Utf8PathBuf>,
    /// A folder with entries of your own, in `advisories/`, `regressions/` and `migrations/`
    #[arg(long, value_name = "DIR", global = true)]
    pub knowledge: Option<Utf8PathBuf>,
    /// Know only the releases that are built in, not those in cargo's cached index
    #[arg(long, global = true)]
    pub no_registry_cache: bool,
}

/// The knowledge of one run.
#[derive(Debug)]
pub(super) struct Sources {
    /// What is built in, and what was named.
    given: Cow<'static, Knowledge>,
    /// The same with what cargo's cached index knows, read when it is first needed.
    current: OnceLock<Knowledge>,
    use_registry_cache: bool,
}

impl Sources {
    /// What is built in alone.
    pub(super) fn built_in() -> Self {
        Self {
            given: Cow::Borrowed(Knowledge::embedded()),
            current: OnceLock::new(),
            use_registry_cache: false,
        }
    }

    /// What the command line asks for.
    ///
    /// # Errors
    /// A path that leads to nothing of the kind, an entry that is not valid.
    pub(super) fn of(session: &Session<'_>) -> Result<Self> {
        let args = &session.global.sources;
        let mut sources = Self {
            use_registry_cache: !args.no_registry_cache,
            ..Self::built_in()
        };
        // The user's own first: what they say of an advisory counts for more than the database.
        if let Some(folder) = &args.knowledge {
            let own = own::read(session.world, folder)?;
            let with = sources.given.into_owned().with_own(folder, own)?;
            sources.given = Cow::Owned(with);
        }
        if let Some(path) = &args.advisory_db {
            let database = Database::read(session.world, path, &sources.given.family)?;
            sources.given = Cow::Owned(sources.given.into_owned().with_advisories(database));
        }
        Ok(sources)
    }

    /// Without cargo's cached index: enough wherever no release is judged or chosen.
    pub(super) fn given(&self) -> &Knowledge {
        &self.given
    }

    /// With what cargo's cached index knows.
    pub(super) fn current(&self, world: &dyn World) -> &Knowledge {
        if !self.use_registry_cache {
            return &self.given;
        }
        self.current.get_or_init(|| {
            let cache = RegistryCache::read(world, &self.given.releases);
            self.given.as_ref().clone().with_published(&cache)
        })
    }

    /// With what cargo's cached index knows, if that can matter to the project: a gate reads
    /// nothing that it does not need.
    pub(super) fn for_project(&self, world: &dyn World, project: &Project) -> &Knowledge {
        let mut workspaces = project.workspaces.iter();
        if workspaces.any(|workspace| has_news(workspace, &self.given)) {
            self.current(world)
        } else {
            &self.given
        }
    }
}

/// Whether the workspace locks a release that is not in the table, or requires something that is
/// not locked, which leads to the newest release that there is.
fn has_news(workspace: &Workspace, knowledge: &Knowledge) -> bool {
    let locked = workspace.lockfile.iter().flat_map(|lock| &lock.packages);
    let unknown = locked
        .filter(|package| package.from_registry())
        .filter_map(|package| Some((knowledge.family.get(&package.name)?, package)))
        .filter_map(|(member, package)| release(member, &package.version))
        .any(|release| match knowledge.releases.get(&release) {
            // It is locked, so the registry had it.
            Some(known) => known.unserved,
            None => is_newer_than_the_table(&release, knowledge),
        });
    unknown || has_unlocked(workspace, knowledge)
}

fn release(member: &FamilyCrate, version: &semver::Version) -> Option<FamilyVersion> {
    let version = CrateVersion(version.clone());
    member.numbering.release_of(&version)
}

fn is_newer_than_the_table(release: &FamilyVersion, knowledge: &Knowledge) -> bool {
    let oldest = knowledge.releases.iter().next();
    oldest.is_some_and(|oldest| *release > oldest.version)
}

fn has_unlocked(workspace: &Workspace, knowledge: &Knowledge) -> bool {
    workspace.manifests.iter().any(|manifest| {
        manifest
            .dependencies
            .iter()
            .filter(|dependency| dependency.table != DependencyTable::Workspace)
            .any(|dependency| {
                let stated = match dependency.source {
                    DependencySource::Inherited => workspace.inherited(dependency),
                    _ => Some(dependency),
                };
                let Some(stated) = stated else { return false };
                let Some(member) = knowledge.family.get(&stated.package) else {
                    return false;
                };
                let Ok(requirement) = stated.version_req() else {
                    return false;
                };
                let package = manifest.package.as_deref();
                let lockfile = workspace.lockfile.as_ref();
                lockfile
                    .and_then(|lock| lock.chosen_for(package, &member.name, &requirement))
                    .is_none()
            })
    })
}
