//! Which packages a workspace is made of, by cargo's rules: the `members` globs, without
//! `exclude`, and every path dependency below the root's folder.

use std::collections::{BTreeMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobMatcher};

use super::manifest::{DependencySource, Manifest, WorkspaceTable};
use super::paths::lexical;
use crate::error::{Error, Result};

/// Manifests by the folder that they stand in.
pub(super) type ByFolder = BTreeMap<Utf8PathBuf, Manifest>;

/// Which folders are excluded from a workspace.
struct Excluded {
    excluded: Vec<Utf8PathBuf>,
    named: Vec<Utf8PathBuf>,
}

impl Excluded {
    fn from(root: &Utf8Path, table: &WorkspaceTable) -> Self {
        let members = table.members.iter().map(|member| &member.value);
        let named = members.map(|member| lexical(&root.join(member)));
        let excluded = table.exclude.iter().map(|path| lexical(&root.join(path)));
        Self {
            excluded: excluded.collect(),
            // Only asked about what is excluded.
            named: match table.exclude.is_empty() {
                true => Vec::new(),
                false => named.collect(),
            },
        }
    }

    /// An entry that is also a member is not excluded, as in cargo.
    fn has(&self, folder: &Utf8Path) -> bool {
        let is_in = |paths: &[Utf8PathBuf]| paths.iter().any(|path| folder.starts_with(path));
        is_in(&self.excluded) && !is_in(&self.named)
    }
}

/// Whether `folder` is excluded from the workspace at `root`.
pub(super) fn excluded(root: &Utf8Path, table: &WorkspaceTable, folder: &Utf8Path) -> bool {
    Excluded::from(root, table).has(folder)
}

/// The folders of the members that `members` names, in the order of the entries.
///
/// # Errors
/// An entry without wildcards whose manifest does not exist, a glob that can't be understood.
fn named_members(
    root: &Manifest,
    table: &WorkspaceTable,
    excluded: &Excluded,
    manifests: &ByFolder,
) -> Result<Vec<Utf8PathBuf>> {
    let mut folders = Vec::new();
    for member in &table.members {
        let pattern = lexical(&root.folder().join(&member.value));
        if !member.value.contains(['*', '?', '[', '{']) {
            if !manifests.contains_key(&pattern) {
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
        let matching = manifests.keys().filter(|folder| glob.is_match(folder));
        folders.extend(matching.filter(|folder| !excluded.has(folder)).cloned());
    }
    Ok(folders)
}

/// Whether the `members` of `root` name `folder`, whatever stands there.
pub(super) fn names_member(root: &Manifest, folder: &Utf8Path) -> bool {
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
    let home = root.folder();
    let excluded = Excluded::from(home, table);
    let mut seen = HashSet::from([home.to_owned()]);
    let mut todo = vec![(home.to_owned(), root)];
    for folder in named_members(root, table, &excluded, manifests)? {
        if let Some(manifest) = manifests.get(&folder) {
            if seen.insert(folder.clone()) {
                todo.push((folder, manifest));
            }
        }
    }
    let mut members = Vec::new();
    while let Some((folder, manifest)) = todo.pop() {
        for reached in path_dependencies(manifest) {
            // Most are reached many times over, and comparing paths takes time.
            if !seen.insert(reached.clone()) {
                continue;
            }
            let Some(manifest) = manifests.get(&reached) else {
                continue;
            };
            let inside = reached.starts_with(home) && !excluded.has(&reached);
            if inside && manifest.workspace.is_none() {
                todo.push((reached, manifest));
            }
        }
        if folder != home {
            members.push(folder);
        }
    }
    members.sort();
    Ok(members)
}

/// Folders that a manifest depends on by path.
pub(super) fn path_dependencies(manifest: &Manifest) -> impl Iterator<Item = Utf8PathBuf> + '_ {
    manifest
        .dependencies
        .iter()
        .filter_map(|d| match &d.source {
            DependencySource::Path(path) => Some(lexical(&manifest.folder().join(path))),
            _ => None,
        })
}
