//! Which packages a workspace is made of, by cargo's rules: the `members` globs, without
//! `exclude`, and every path dependency below the root's folder.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobMatcher};

use super::manifest::{DependencySource, Manifest, WorkspaceTable};
use super::paths::{in_order, lexical, lexical_below};
use crate::error::{Error, Result};

/// Manifests by the folder that they stand in. The keys are paths of the standard library, which
/// compares them far quicker.
#[derive(Default)]
pub(super) struct ByFolder(BTreeMap<PathBuf, Manifest>);

impl ByFolder {
    pub(super) fn get(&self, folder: &Utf8Path) -> Option<&Manifest> {
        self.0.get(folder.as_std_path())
    }

    pub(super) fn has(&self, folder: &Utf8Path) -> bool {
        self.0.contains_key(folder.as_std_path())
    }

    pub(super) fn insert(&mut self, manifest: Manifest) {
        let folder = manifest.folder().as_std_path().to_owned();
        self.0.insert(folder, manifest);
    }

    pub(super) fn remove(&mut self, folder: &Utf8Path) -> Option<Manifest> {
        self.0.remove(folder.as_std_path())
    }

    /// All of them, by the path of their folder.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Manifest> {
        self.0.values()
    }

    pub(super) fn folders(&self) -> impl Iterator<Item = &Utf8Path> {
        self.iter().map(Manifest::folder)
    }
}

/// Whether `folder` is excluded from the workspace at `root`. An entry that is also a member is
/// not, as in cargo.
pub(super) fn excluded(root: &Utf8Path, table: &WorkspaceTable, folder: &Utf8Path) -> bool {
    let below = |path: &str| folder.starts_with(lexical_below(root, path));
    let named = || table.members.iter().any(|member| below(&member.value));
    table.exclude.iter().any(|path| below(path)) && !named()
}

/// The folders of the members that `members` names, in the order of the entries.
///
/// # Errors
/// An entry without wildcards whose manifest does not exist, a glob that can't be understood.
pub(super) fn named_members(
    root: &Manifest,
    table: &WorkspaceTable,
    manifests: &ByFolder,
) -> Result<Vec<Utf8PathBuf>> {
    let mut folders = Vec::new();
    for member in &table.members {
        let pattern = lexical(&root.folder().join(&member.value));
        if !member.value.contains(['*', '?', '[', '{']) {
            if !manifests.has(&pattern) {
                return Err(Error::Malformed {
                    path: root.path.clone(),
                    position: root.position(member.span.start),
                    message: format!("the workspace member `{}` has no Cargo.toml", member.value),
                    help: "create it, or take the entry out of `members`".to_owned(),
                });
            }
            folders.push(pattern);
            continue;
        }
        let glob = glob(&pattern).map_err(|error| Error::Malformed {
            path: root.path.clone(),
            position: root.position(member.span.start),
            message: format!("`{}` is no glob: {error}", member.value),
            help: "mend the entry of `members`".to_owned(),
        })?;
        let matching = manifests.folders().filter(|folder| glob.is_match(folder));
        let matching = matching.filter(|folder| !excluded(root.folder(), table, folder));
        folders.extend(matching.map(Utf8Path::to_owned));
    }
    Ok(folders)
}

/// Whether the `members` of `root` name `folder`, whatever stands there.
pub(crate) fn names_member(root: &Manifest, folder: &Utf8Path) -> bool {
    let Some(table) = &root.workspace else {
        return false;
    };
    let named = table.members.iter().any(|member| {
        let pattern = lexical(&root.folder().join(&member.value));
        pattern == folder || glob(&pattern).is_ok_and(|glob| glob.is_match(folder))
    });
    named && !excluded(root.folder(), table, folder)
}

fn glob(pattern: &Utf8Path) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern.as_str())
        .literal_separator(true)
        .build()?
        .compile_matcher())
}

/// All members of the workspace at `root`: the named ones and what they reach by path below it.
///
/// # Errors
/// As [`named_members`].
pub(super) fn all_members(root: &Manifest, manifests: &ByFolder) -> Result<Vec<Utf8PathBuf>> {
    let default = WorkspaceTable::default();
    let table = root.workspace.as_ref().unwrap_or(&default);
    let home = root.folder().to_owned();
    let mut seen: HashSet<Utf8PathBuf> = HashSet::from([home.clone()]);
    let mut todo = vec![home.clone()];
    for folder in named_members(root, table, manifests)? {
        if seen.insert(folder.clone()) {
            todo.push(folder);
        }
    }
    let mut members = Vec::new();
    while let Some(folder) = todo.pop() {
        let manifest = if folder == home {
            Some(root)
        } else {
            manifests.get(&folder)
        };
        let Some(manifest) = manifest else { continue };
        for reached in path_dependencies(manifest) {
            if seen.contains(&reached) {
                continue;
            }
            let is_package = manifests
                .get(&reached)
                .is_some_and(|manifest| manifest.workspace.is_none());
            if is_package && reached.starts_with(&home) && !excluded(&home, table, &reached) {
                seen.insert(reached.clone());
                todo.push(reached);
            }
        }
        if folder != home {
            members.push(folder);
        }
    }
    crate::order::sort_by(&mut members, |one, other| in_order(one, other));
    Ok(members)
}

/// Folders that a manifest depends on by path.
pub(super) fn path_dependencies(manifest: &Manifest) -> impl Iterator<Item = Utf8PathBuf> + '_ {
    manifest
        .dependencies
        .iter()
        .filter_map(|d| match &d.source {
            DependencySource::Path(path) => Some(lexical_below(manifest.folder(), path)),
            _ => None,
        })
}
