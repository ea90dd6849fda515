//! From a folder or a manifest to the workspaces that cargo would see.

use std::collections::{BTreeMap, HashMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::lockfile::Lockfile;
use super::manifest::Manifest;
use super::members::{ByFolder, all_members, excluded, names_member};
use super::paths::{in_order, lexical, relative_to};
use super::sources::{self, Homes};
use super::{NotLookedAt, Project, Scope, Workspace};
use crate::error::{Error, Result};
use crate::knowledge::family::Family;
use crate::parallel;
use crate::world::{FileKind, WalkEntry, World};

const MANIFEST: &str = "Cargo.toml";

/// The folders of the members of workspaces, by the folder of the root.
type Members = HashMap<Utf8PathBuf, Vec<Utf8PathBuf>>;

/// Reads everything in `scope`; see [`Project::read`].
pub(super) fn read(world: &dyn World, scope: &Scope, family: &Family) -> Result<Project> {
    let root = match scope {
        Scope::Tree(folder) => folder.clone(),
        Scope::WorkspaceOf(manifest) => workspace_root_of(world, manifest)?,
    };
    let mut found = Found::below(world, &root)?;
    found.settle_broken()?;
    let mut project = Project {
        root: root.clone(),
        workspaces: Vec::new(),
        not_looked_at: found.not_looked_at,
    };
    let mut manifests = found.manifests;
    let mut sources = found.sources;
    sources.extend(members_not_walked(world, &mut manifests)?);
    let mut members = Members::new();
    let roots = match scope {
        Scope::Tree(_) => roots_in_tree(world, &root, &mut manifests, &mut members)?,
        Scope::WorkspaceOf(_) => vec![root.clone()],
    };
    if roots.is_empty() {
        return Err(no_manifest(&project.root));
    }
    let roots = with_members(&root, roots, &manifests, members)?;
    let others = assemble(world, family, &mut project, roots, manifests, sources)?;
    for manifest in others.iter() {
        project
            .not_looked_at
            .extend(left_out(&root, manifest, family));
    }
    project.not_looked_at.sort();
    Ok(project)
}

fn no_manifest(root: &Utf8Path) -> Error {
    Error::usage(
        format!("no Cargo.toml in {root} or below"),
        "name a folder with a cargo project, or use --manifest-path",
    )
}

/// What a walk over the disk brings.
struct Found {
    manifests: ByFolder,
    /// Manifests that can't be understood, by folder.
    broken: BTreeMap<Utf8PathBuf, Error>,
    sources: Vec<Utf8PathBuf>,
    not_looked_at: Vec<NotLookedAt>,
}

impl Found {
    fn below(world: &dyn World, root: &Utf8Path) -> Result<Self> {
        match world
            .kind(root)
            .map_err(|e| Error::io("look at", root, e))?
        {
            None => {
                return Err(Error::usage(
                    format!("{root} does not exist"),
                    "name a folder with a cargo project",
                ));
            }
            Some(FileKind::File) => {
                return Err(Error::usage(
                    format!("{root} is a file"),
                    "name the folder, or use --manifest-path for a manifest",
                ));
            }
            Some(_) => {}
        }
        let mut found = Self {
            manifests: ByFolder::default(),
            broken: BTreeMap::new(),
            sources: Vec::new(),
            not_looked_at: Vec::new(),
        };
        let mut manifests = Vec::new();
        for entry in world.walk(root, &[MANIFEST], &["rs"]) {
            match entry {
                WalkEntry::File(path) if path.file_name() == Some(MANIFEST) => manifests.push(path),
                WalkEntry::File(path) => found.sources.push(path),
                WalkEntry::PassedOver { path, reason } => found.not_looked_at.push(NotLookedAt {
                    path: relative_to(root, Utf8Path::new(&path)),
                    reason,
                }),
            }
        }
        let read = parallel::map(&manifests, |path| read_unless_vendored(world, path));
        for (path, read) in manifests.into_iter().zip(read) {
            found.manifest(root, path.parent().unwrap_or(root), read)?;
        }
        Ok(found)
    }

    /// Puts one manifest where it belongs.
    fn manifest(
        &mut self,
        root: &Utf8Path,
        folder: &Utf8Path,
        read: Result<Option<Manifest>>,
    ) -> Result<()> {
        match read {
            Ok(Some(manifest)) => self.manifests.insert(manifest),
            Ok(None) => self.not_looked_at.push(NotLookedAt {
                path: relative_to(root, folder),
                reason: "a vendored copy of a published crate".to_owned(),
            }),
            Err(error) if folder == root => return Err(error),
            Err(error) => {
                self.broken.insert(folder.to_owned(), error);
            }
        }
        Ok(())
    }

    /// A broken manifest is an error when a workspace claims it as a member; elsewhere it may be a
    /// test's fixture, and is named.
    fn settle_broken(&mut self) -> Result<()> {
        for (folder, error) in std::mem::take(&mut self.broken) {
            let mut roots = folder.ancestors().filter_map(|f| self.manifests.get(f));
            if roots.any(|root| names_member(root, &folder)) {
                return Err(error);
            }
            self.not_looked_at.push(NotLookedAt {
                path: folder.join(MANIFEST).into_string(),
                reason: error.to_string(),
            });
        }
        Ok(())
    }
}

fn read_text(world: &dyn World, path: &Utf8Path) -> Result<String> {
    let bytes = world.read(path).map_err(|e| Error::io("read", path, e))?;
    String::from_utf8(bytes).map_err(|error| Error::Malformed {
        path: path.to_owned(),
        position: crate::span::Position::of(
            &String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]),
            crate::span::ByteOffset(usize::MAX),
        ),
        message: "not UTF-8".to_owned(),
        help: "save the file as UTF-8, which cargo requires".to_owned(),
    })
}

fn read_manifest(world: &dyn World, path: &Utf8Path) -> Result<Manifest> {
    Manifest::parse(path.to_owned(), read_text(world, path)?)
}

/// Reads a manifest; none of a vendored copy of a published crate.
fn read_unless_vendored(world: &dyn World, path: &Utf8Path) -> Result<Option<Manifest>> {
    let vendored = path.with_file_name(".cargo-checksum.json");
    match world.kind(&vendored) {
        Ok(Some(_)) => Ok(None),
        _ => read_manifest(world, path).map(Some),
    }
}

/// The folder of the workspace that `manifest` belongs to.
fn workspace_root_of(world: &dyn World, manifest: &Utf8Path) -> Result<Utf8PathBuf> {
    if manifest.file_name() != Some(MANIFEST) {
        return Err(Error::usage(
            format!("{manifest} is not the path of a Cargo.toml"),
            "give --manifest-path the path of a Cargo.toml",
        ));
    }
    if matches!(world.kind(manifest), Ok(None)) {
        return Err(Error::usage(
            format!("{manifest} does not exist"),
            "give --manifest-path the path of a Cargo.toml",
        ));
    }
    let member = read_manifest(world, manifest)?;
    Ok(enclosing_root(world, &member)?.map_or_else(
        || member.folder().to_owned(),
        |root| root.folder().to_owned(),
    ))
}

/// The root that a package belongs to when it is not one itself: where `package.workspace` points,
/// or the nearest folder above with a `[workspace]` table that does not exclude it.
fn enclosing_root(world: &dyn World, member: &Manifest) -> Result<Option<Manifest>> {
    if member.workspace.is_some() {
        return Ok(None);
    }
    let folder = member.folder();
    if let Some(pointer) = &member.workspace_pointer {
        let path = lexical(&folder.join(pointer)).join(MANIFEST);
        return read_manifest(world, &path).map(Some);
    }
    for ancestor in folder.ancestors().skip(1) {
        let path = ancestor.join(MANIFEST);
        if !matches!(world.kind(&path), Ok(Some(_))) {
            continue;
        }
        let candidate = read_manifest(world, &path)?;
        let Some(table) = &candidate.workspace else {
            continue;
        };
        if excluded(ancestor, table, folder) {
            return Ok(None);
        }
        return Ok(Some(candidate));
    }
    Ok(None)
}

/// The folders of all workspace roots for a tree: those in it, and the one above it that the
/// tree's own package belongs to.
fn roots_in_tree(
    world: &dyn World,
    root: &Utf8Path,
    manifests: &mut ByFolder,
    members: &mut Members,
) -> Result<Vec<Utf8PathBuf>> {
    let mut roots: Vec<Utf8PathBuf> = manifests
        .iter()
        .filter(|manifest| manifest.workspace.is_some())
        .map(|manifest| manifest.folder().to_owned())
        .collect();
    let top = manifests.get(root);
    if let Some(above) = top
        .map(|top| enclosing_root(world, top))
        .transpose()?
        .flatten()
    {
        roots.push(above.folder().to_owned());
        manifests.insert(above);
    }
    // A package that no workspace claims is a workspace of its own.
    for folder in &roots {
        if let Some(manifest) = manifests.get(folder) {
            members.insert(folder.clone(), members_within(manifest, manifests, root)?);
        }
    }
    let claimed: HashSet<&Utf8Path> = members
        .iter()
        .flat_map(|(root, members)| std::iter::once(root).chain(members))
        .map(Utf8PathBuf::as_path)
        .collect();
    let free = manifests
        .folders()
        .filter(|folder| !claimed.contains(folder));
    roots.extend(free.map(Utf8Path::to_owned));
    crate::order::sort_by(&mut roots, |one, other| in_order(one, other));
    Ok(roots)
}

/// Each root with the folders of its members, those that are known by now taken from `known`.
fn with_members(
    tree: &Utf8Path,
    roots: Vec<Utf8PathBuf>,
    manifests: &ByFolder,
    mut known: Members,
) -> Result<Vec<(Utf8PathBuf, Vec<Utf8PathBuf>)>> {
    let mut all = Vec::new();
    for root in roots {
        let Some(manifest) = manifests.get(&root) else {
            continue;
        };
        let members = match known.remove(&root) {
            Some(members) => members,
            None => members_within(manifest, manifests, tree)?,
        };
        all.push((root, members));
    }
    Ok(all)
}

/// Members of a root as far as `manifests` holds them. A root above the tree has members that were
/// not read: that is no mistake of the project's.
fn members_within(
    manifest: &Manifest,
    manifests: &ByFolder,
    tree: &Utf8Path,
) -> Result<Vec<Utf8PathBuf>> {
    if manifest.folder().starts_with(tree) {
        return all_members(manifest, manifests);
    }
    let mut lenient = manifest.clone();
    if let Some(table) = &mut lenient.workspace {
        table.members.retain(|member| {
            let folder = lexical(&manifest.folder().join(&member.value));
            member.value.contains('*') || manifests.has(&folder)
        });
    }
    all_members(&lenient, manifests)
}

/// Reads members that are named and that the walk did not come to, because they lie outside of the
/// root (`members = ["../other"]`), are hidden, or ignored by git; returns their sources.
fn members_not_walked(world: &dyn World, manifests: &mut ByFolder) -> Result<Vec<Utf8PathBuf>> {
    let named: Vec<Utf8PathBuf> = manifests
        .iter()
        .flat_map(|root| {
            let members = root.workspace.iter().flat_map(|table| &table.members);
            members.map(|member| lexical(&root.folder().join(&member.value)))
        })
        .collect();
    let mut sources = Vec::new();
    for folder in named {
        let path = folder.join(MANIFEST);
        if manifests.has(&folder) || !matches!(world.kind(&path), Ok(Some(_))) {
            continue;
        }
        manifests.insert(read_manifest(world, &path)?);
        for entry in world.walk(&folder, &[], &["rs"]) {
            if let WalkEntry::File(path) = entry {
                sources.push(path);
            }
        }
    }
    Ok(sources)
}

/// What to say of a manifest that belongs to none of the workspaces that were asked for, when it
/// requires a crate of the family.
fn left_out(root: &Utf8Path, manifest: &Manifest, family: &Family) -> Option<NotLookedAt> {
    let mut dependencies = manifest.dependencies.iter();
    let needs = dependencies.find(|entry| family.get(&entry.package).is_some())?;
    Some(NotLookedAt {
        path: relative_to(root, &manifest.path),
        reason: format!(
            "requires `{}`, but is of another workspace: name it with --manifest-path",
            needs.package
        ),
    })
}

/// Puts manifests, lockfiles and sources together, one [`Workspace`] a root; returns the manifests
/// that are of none.
fn assemble(
    world: &dyn World,
    family: &Family,
    project: &mut Project,
    roots: Vec<(Utf8PathBuf, Vec<Utf8PathBuf>)>,
    mut manifests: ByFolder,
    sources: Vec<Utf8PathBuf>,
) -> Result<ByFolder> {
    let mut homes = Homes::new();
    let lockfiles = parallel::map_few(&roots, |(root, _)| read_lockfile(world, root));
    for ((root, members), lockfile) in roots.into_iter().zip(lockfiles) {
        let workspace = project.workspaces.len();
        let mut list = Vec::new();
        for folder in std::iter::once(root.clone()).chain(members) {
            if let Some(manifest) = manifests.remove(&folder) {
                homes.insert(folder, (workspace, list.len()));
                list.push(manifest);
            }
        }
        if list.is_empty() {
            continue;
        }
        project.workspaces.push(Workspace::new(list, lockfile?));
    }
    sources::read(world, family, project, &homes, &manifests, sources);
    Ok(manifests)
}

fn read_lockfile(world: &dyn World, root: &Utf8Path) -> Result<Option<Lockfile>> {
    let path = root.join("Cargo.lock");
    match world.kind(&path) {
        Ok(None) => Ok(None),
        Ok(Some(_)) => {
            let text = read_text(world, &path)?;
            Lockfile::parse(path, text).map(Some)
        }
        Err(error) => Err(Error::io("look at", path, error)),
    }
}
