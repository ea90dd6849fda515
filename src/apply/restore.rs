//! Putting back what a journal holds.

use camino::{Utf8Path, Utf8PathBuf};

use super::journal::{Entry, Fingerprint, Journal, read_if_any};
use super::place;
use super::state::State;
use crate::error::{Error, Result};
use crate::world::{FileKind, TEMPORARY_PREFIX, World};

/// What was done to put the tree back. Paths are relative to its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restoration {
    /// Files that have their old bytes again.
    pub restored: Vec<Utf8PathBuf>,
    /// Files that were not there before, and are gone again.
    pub removed: Vec<Utf8PathBuf>,
    /// Files that held what neither we nor cargo had written: somebody edited them meanwhile. Each
    /// with the place where those bytes are kept now.
    pub rescued: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// Folders that were not there before and stay, because they hold something else by now: each with
    /// the names in it.
    pub kept: Vec<(Utf8PathBuf, Vec<String>)>,
}

/// Makes every file in the journal what it was. A file that can't be put back does not keep the
/// others from it. The journal stays.
///
/// # Errors
/// When any file could not be put back; the message names all of them, and doing it again is fine.
pub(super) fn restore(state: &State<'_>, journal: &Journal) -> Result<Restoration> {
    let world = state.world;
    let mut done = Restoration::default();
    let mut problems = Vec::new();
    for (number, entry) in journal.index.files.iter().enumerate() {
        if let Err(error) = restore_file(state, journal, number, entry, &mut done) {
            problems.push(error);
        }
    }
    for relative in journal.index.folders.iter().rev() {
        // Only an empty one goes: somebody may have put a file of their own there.
        let folder = place::from_relative(&state.root, relative);
        match world.list(&folder) {
            Ok(names) if names.is_empty() => {
                if let Err(source) = world.remove_empty_dir(&folder) {
                    problems.push(Error::io("remove", folder, source));
                }
            }
            Ok(names) => done.kept.push((Utf8PathBuf::from(relative), names)),
            Err(_) => {}
        }
    }
    combine(problems).map_or(Ok(done), Err)
}

/// One error that names all.
fn combine(mut problems: Vec<Error>) -> Option<Error> {
    if problems.len() <= 1 {
        return problems.pop();
    }
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Some(Error::Process {
        message: format!("{} files could not be put back", lines.len()),
        output: lines.join("\n"),
        help: "mend what is named, then run `wasmtime-upgrade undo`".to_owned(),
    })
}

fn restore_file(
    state: &State<'_>,
    journal: &Journal,
    number: usize,
    entry: &Entry,
    done: &mut Restoration,
) -> Result<()> {
    let world = state.world;
    let path = journal.path(world, entry)?;
    remove_temporaries(world, &path)?;
    let current = read_if_any(world, &path)?;
    let fingerprint = Fingerprint::of(current.as_deref());
    if fingerprint != entry.original {
        let original = journal.original(world, number)?;
        let relative = place::shown(&state.root, &path).to_owned();
        if let Some(current) = current.filter(|_| !entry.knows(&fingerprint)) {
            let kept = rescue(state, &path, &fingerprint, &current)?;
            done.rescued.push((relative.clone(), kept));
        }
        put_back(world, &path, original.as_deref())?;
        match original {
            Some(_) => done.restored.push(relative),
            None => done.removed.push(relative),
        }
    }
    match entry.mode {
        Some(mode) => restore_mode(world, &path, mode),
        None => Ok(()),
    }
}

fn put_back(world: &dyn World, path: &Utf8Path, original: Option<&[u8]>) -> Result<()> {
    let Some(bytes) = original else {
        return world
            .remove_file(path)
            .map_err(|source| Error::io("remove", path, source));
    };
    place::put(world, path, bytes)
}

/// Replacing a file keeps its permissions, but a file that had gone meanwhile got fresh ones.
fn restore_mode(world: &dyn World, path: &Utf8Path, mode: u32) -> Result<()> {
    let status = world
        .status(path)
        .map_err(|source| Error::io("read", path, source))?;
    if status.mode.is_none_or(|current| current == mode) {
        return Ok(());
    }
    world
        .set_mode(path, mode)
        .map_err(|source| Error::io("change the permissions of", path, source))
}

/// Keeps bytes that came from somebody else; where, relative to the root.
fn rescue(
    state: &State<'_>,
    path: &Utf8Path,
    fingerprint: &Fingerprint,
    bytes: &[u8],
) -> Result<Utf8PathBuf> {
    let folder = state.rescue_folder();
    // Named by content: doing it again overwrites nothing else.
    let digest = match fingerprint {
        Fingerprint::Sha256(digest) => digest.get(..12).unwrap_or(digest),
        Fingerprint::Absent => "absent",
    };
    let name = path.file_name().unwrap_or("file");
    let kept = folder.join(format!("{digest}-{name}"));
    state
        .world
        .create_dir(&folder)
        .and_then(|()| state.world.write(&kept, bytes))
        .map_err(|source| Error::io("write", &kept, source))?;
    Ok(place::shown(&state.root, &kept).to_owned())
}

/// A killed run can leave the temporary file that was to replace `path`.
fn remove_temporaries(world: &dyn World, path: &Utf8Path) -> Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    // A folder that is gone holds nothing; one that can't be listed shows when it is written to.
    for name in world.list(folder).unwrap_or_default() {
        let temporary = folder.join(&name);
        if name.starts_with(TEMPORARY_PREFIX)
            && matches!(world.kind(&temporary), Ok(Some(FileKind::File)))
        {
            world
                .remove_file(&temporary)
                .map_err(|source| Error::io("remove", temporary, source))?;
        }
    }
    Ok(())
}
