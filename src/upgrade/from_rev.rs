//! The release that the sources were made for, as a revision of git has it: a version bot has raised
//! the numbers since.

use std::time::Duration;

use camino::Utf8Path;

use crate::error::{Error, Result};
use crate::knowledge::{FamilyCrate, Knowledge};
use crate::version::{CrateVersion, FamilyVersion};
use crate::workspace::{DependencyTable, Lockfile, Manifest, Workspace, relative_to};
use crate::world::{Command, World};

/// How long git may take for one file.
const LIMIT: Duration = Duration::from_secs(60);

/// The oldest release of what the workspace's manifests require, in the lockfile of the revision `rev`,
/// or, where there was none, in its manifests.
///
/// # Errors
/// No git, no such revision, or nothing of the family in it.
pub(super) fn release(
    world: &dyn World,
    knowledge: &Knowledge,
    workspace: &Workspace,
    rev: &str,
) -> Result<FamilyVersion> {
    if rev.is_empty() || rev.starts_with('-') {
        return Err(Error::usage(
            format!("--from-rev {rev}: that is no revision"),
            "name a branch, a tag or a commit, such as origin/main",
        ));
    }
    let repository = Repository {
        world,
        folder: workspace.folder(),
        rev,
    };
    repository.verify()?;
    let required = required(knowledge, workspace);
    let locked = repository.lockfile()?.and_then(|lockfile| {
        let versions = required.iter().flat_map(|member| {
            let locked = lockfile.versions_of(&member.name).collect::<Vec<_>>();
            locked.into_iter().filter_map(|package| {
                let version = CrateVersion(package.version.clone());
                member.numbering.release_of(&version)
            })
        });
        versions.min()
    });
    let oldest = match locked {
        Some(release) => Some(release),
        None => oldest_required(&repository, knowledge, workspace)?,
    };
    oldest.ok_or_else(|| {
        Error::usage(
            format!("--from-rev {rev}: nothing of the Wasmtime family was required there"),
            "name a revision from before the numbers were raised, or the release with --from",
        )
    })
}

/// The crates of the family that are required now.
fn required<'k>(knowledge: &'k Knowledge, workspace: &Workspace) -> Vec<&'k FamilyCrate> {
    let of_manifests = workspace.manifests.iter().flat_map(|it| &it.dependencies);
    let mut crates: Vec<&FamilyCrate> = of_manifests
        .filter_map(|dependency| knowledge.family.get(workspace.crate_of(dependency)))
        .collect();
    crates.sort_by_key(|member| &member.name);
    crates.dedup_by_key(|member| &member.name);
    crates
}

/// The oldest release that a requirement admitted then.
fn oldest_required(
    repository: &Repository<'_>,
    knowledge: &Knowledge,
    workspace: &Workspace,
) -> Result<Option<FamilyVersion>> {
    let mut oldest: Option<FamilyVersion> = None;
    for manifest in &workspace.manifests {
        let path = relative_to(workspace.folder(), &manifest.path);
        let Some(text) = repository.file(&path)? else {
            continue;
        };
        let then = Manifest::parse(manifest.path.clone(), text)?;
        for dependency in &then.dependencies {
            if matches!(dependency.table, DependencyTable::Override { .. }) {
                continue;
            }
            let Some(member) = knowledge.family.get(&dependency.package) else {
                continue;
            };
            let requirement = dependency.version_req().unwrap_or_default();
            let lowest = requirement.comparators.iter().map(|it| {
                let (minor, patch) = (it.minor.unwrap_or(0), it.patch.unwrap_or(0));
                CrateVersion(semver::Version::new(it.major, minor, patch))
            });
            let release = lowest
                .filter_map(|version| member.numbering.release_of(&version))
                .min();
            oldest = match (oldest, release) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    Ok(oldest)
}

/// One revision.
struct Repository<'a> {
    world: &'a dyn World,
    folder: &'a Utf8Path,
    rev: &'a str,
}

impl Repository<'_> {
    fn verify(&self) -> Result<()> {
        let commit = format!("{}^{{commit}}", self.rev);
        let (is_there, said) = self.git(&["rev-parse", "--verify", "--quiet", &commit])?;
        if is_there {
            return Ok(());
        }
        Err(Error::Process {
            message: format!("git knows no revision {} in {}", self.rev, self.folder),
            output: said,
            help:
                "fetch it first (a shallow checkout has one commit only), or name the release with \
                   --from"
                    .to_owned(),
        })
    }

    fn lockfile(&self) -> Result<Option<Lockfile>> {
        let text = self.file("Cargo.lock")?;
        let path = self.folder.join("Cargo.lock");
        text.map(|text| Lockfile::parse(path, text)).transpose()
    }

    /// The text of a file, by its path from the workspace's folder; none when there was none.
    fn file(&self, path: &str) -> Result<Option<String>> {
        let object = format!("{}:./{path}", self.rev);
        let (is_there, text) = self.git(&["show", &object])?;
        Ok(is_there.then_some(text))
    }

    /// Whether git succeeded, and what it said.
    fn git(&self, args: &[&str]) -> Result<(bool, String)> {
        let mut command = Command::new("git", args.iter().copied(), self.folder);
        command.timeout = Some(LIMIT);
        let output = self
            .world
            .run(&command, &mut |_| {})
            .map_err(|error| Error::Process {
                message: format!("can't start `git`: {error}"),
                output: String::new(),
                help: "install git, or name the release with --from".to_owned(),
            })?;
        let success = output.success();
        Ok((
            success,
            if success {
                output.stdout
            } else {
                output.stderr
            },
        ))
    }
}
