//! Where a path really leads, and that this is inside the tree.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};
use crate::world::{FileKind, World};

/// A file of the tree, or a place in it where a file could be. Two names of one file (links) make
/// the same place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// From the root, with `/` on every system.
    pub(super) relative: String,
    /// With every link resolved.
    pub(super) absolute: Utf8PathBuf,
}

/// The root of the tree with every link resolved.
///
/// # Errors
/// When there is no such folder.
pub(super) fn canonical_root(world: &dyn World, root: &Utf8Path) -> Result<Utf8PathBuf> {
    let canonical = world
        .canonical(root)
        .map_err(|source| Error::io("find", root, source))?;
    match world.kind(&canonical) {
        Ok(Some(FileKind::Directory)) => Ok(canonical),
        Ok(_) => Err(Error::usage(
            format!("{root} is not a folder"),
            "name the folder of the workspace",
        )),
        Err(source) => Err(Error::io("read", root, source)),
    }
}

/// Finds the place that `path` leads to, below the canonical `root`.
///
/// # Errors
/// When it leads outside of `root`, to a folder, or nowhere through a broken link.
pub(super) fn resolve(world: &dyn World, root: &Utf8Path, path: &Utf8Path) -> Result<Place> {
    let path = root.join(path);
    let absolute = real_path(world, &path).map_err(|source| Error::io("find", &path, source))?;
    let Some(relative) = below(root, &absolute) else {
        let what = match path == absolute {
            true => format!("{path} is outside of {root}"),
            false => format!("{path} leads to {absolute}, which is outside of {root}"),
        };
        return Err(Error::usage(
            what,
            "only files below the workspace's own folder are changed: move its root to a folder \
             that holds both, or change that file by hand",
        ));
    };
    if in_git(&relative) {
        return Err(Error::usage(
            format!("{path} belongs to git"),
            "only files of the project are changed",
        ));
    }
    match world.kind(&absolute) {
        Ok(None | Some(FileKind::File)) => Ok(Place { relative, absolute }),
        Ok(Some(_)) => Err(Error::usage(
            format!("{path} is not a file"),
            "only regular files are changed: look at what stands there",
        )),
        Err(source) => Err(Error::io("read", absolute, source)),
    }
}

/// Finds the place of a path that the journal remembers.
///
/// # Errors
/// When it leads elsewhere by now, or never was a path inside the tree: journals can come with a
/// tree from somebody else.
pub(super) fn remembered(
    world: &dyn World,
    root: &Utf8Path,
    relative: &str,
) -> Result<Utf8PathBuf> {
    let path = from_relative(root, relative);
    let real = real_path(world, &path).map_err(|source| Error::io("find", &path, source))?;
    let is_plain = Utf8Path::new(relative)
        .components()
        .all(|part| matches!(part, Utf8Component::Normal(_)));
    if !is_plain || real != path || in_git(relative) {
        return Err(Error::usage(
            format!("the journal names {path}, which is not a place that an upgrade changes"),
            "look at the links on that path: it led to another place before",
        ));
    }
    Ok(path)
}

/// Whether a path lies in a `.git`, whose files can make git run programs.
fn in_git(relative: &str) -> bool {
    relative
        .split('/')
        .any(|part| part.eq_ignore_ascii_case(".git"))
}

/// A path relative to `root`, for people.
pub(super) fn shown<'a>(root: &Utf8Path, path: &'a Utf8Path) -> &'a Utf8Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// Joins a path that is written with `/` in the system's own way.
pub(super) fn from_relative(root: &Utf8Path, relative: &str) -> Utf8PathBuf {
    let mut path = root.to_owned();
    path.extend(relative.split('/'));
    path
}

/// Every link resolved, also when the last part of the path does not exist yet.
fn real_path(world: &dyn World, path: &Utf8Path) -> std::io::Result<Utf8PathBuf> {
    if world.kind(path)?.is_some() {
        return world.canonical(path);
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok(real_path(world, parent)?.join(name)),
        // `a/..` where `a` does not exist, or a root that does not.
        _ => Err(std::io::ErrorKind::NotFound.into()),
    }
}

/// `path` from `root` on, with `/` between its parts; none when it is not below.
fn below(root: &Utf8Path, path: &Utf8Path) -> Option<String> {
    let rest = path.strip_prefix(root).ok()?;
    let parts: Vec<&str> = rest.components().map(|part| part.as_str()).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Writes a file in one step, in a folder that may be missing.
///
/// # Errors
/// As the operating system says; an old content is then still whole.
pub(super) fn put(world: &dyn World, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        if matches!(world.kind(folder), Ok(None)) {
            world
                .create_dir(folder)
                .map_err(|source| Error::io("create", folder, source))?;
        }
    }
    world
        .write(path, bytes)
        .map_err(|source| Error::io("write", path, source))
}
