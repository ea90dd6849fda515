//! The journal: the originals of what is changed, and the index that says so.
//!
//! `journal/<number>/originals/<n>` holds the bytes of file number `n` of `index.json`. Originals
//! are written first and the index last, each in one step and synced, so an index never names an
//! original that is not there.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::place::{self, Place};
use super::state::{INDEX, State};
use crate::error::{Error, Result};
use crate::world::World;

/// What this code writes. An index with another number is left alone.
const VERSION: u32 = 1;

/// How far the run has come that the journal belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    /// It is at work, or was killed: the tree is somewhere between before and after.
    InProgress,
    /// It is done, and can be undone.
    Committed,
}

/// Enough to tell whether a file is what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Fingerprint {
    /// There is no file.
    Absent,
    /// The SHA-256 of its bytes, in hexadecimal.
    Sha256(String),
}

impl Fingerprint {
    pub(super) fn of(content: Option<&[u8]>) -> Self {
        content.map_or(Self::Absent, |bytes| {
            let digest = Sha256::digest(bytes);
            Self::Sha256(digest.iter().map(|byte| format!("{byte:02x}")).collect())
        })
    }
}

/// One file in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// From the root, with `/`.
    pub(super) path: String,
    /// What stood there before.
    pub(super) original: Fingerprint,
    /// Its permission bits, where the system has them.
    pub(super) mode: Option<u32>,
    /// What we have written there, or were about to write, in this order.
    pub(super) written: Vec<Fingerprint>,
    /// Whether another program (cargo) may have written there too.
    pub(super) protected: bool,
    /// What the run left there when it was done.
    pub(super) left: Option<Fingerprint>,
}

impl Entry {
    /// Whether `current` can be taken away without asking: it came from us, or from a program that
    /// we had let do it.
    pub(super) fn knows(&self, current: &Fingerprint) -> bool {
        *current == self.original
            || self.written.contains(current)
            || self
                .left
                .as_ref()
                .map_or(self.protected, |left| left == current)
    }
}

/// The file `index.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    version: u32,
    pub(super) state: Phase,
    /// What the run is, for people.
    pub(super) description: String,
    /// The day it began, as in 2026-01-31.
    pub(super) date: String,
    pub(super) files: Vec<Entry>,
    /// Folders that were created for new files, outer ones first, from the root.
    pub(super) folders: Vec<String>,
}

/// Only as much of any index as tells whether we can read the rest.
#[derive(Deserialize)]
struct AnyIndex {
    version: u32,
}

/// One journal, on disk and in memory.
pub(super) struct Journal {
    folder: Utf8PathBuf,
    root: Utf8PathBuf,
    /// What the disk holds, once there is something in it.
    pub(super) index: Index,
}

impl Journal {
    /// A journal with nothing in it, which is not on disk yet.
    pub(super) fn new(state: &State<'_>, number: u32, description: &str) -> Self {
        Self {
            folder: state.journal_folder(number),
            root: state.root.clone(),
            index: Index {
                version: VERSION,
                state: Phase::InProgress,
                description: description.to_owned(),
                date: state.world.today().to_string(),
                files: Vec::new(),
                folders: Vec::new(),
            },
        }
    }

    /// Reads the journal with this number.
    ///
    /// # Errors
    /// When its index can't be read, or was written by another version of the tool.
    pub(super) fn load(state: &State<'_>, number: u32) -> Result<Self> {
        let folder = state.journal_folder(number);
        let path = folder.join(INDEX);
        let bytes = state
            .world
            .read(&path)
            .map_err(|source| Error::io("read", &path, source))?;
        let index = parse(&bytes).map_err(|reason| {
            Error::usage(
                format!("{path} can't be understood: {reason}"),
                format!(
                    "use the release of this tool that wrote it; or copy what you need out of \
                     {folder} (the files as they were are in `originals`) and remove that folder"
                ),
            )
        })?;
        Ok(Self {
            folder,
            root: state.root.clone(),
            index,
        })
    }

    /// The newest journal.
    ///
    /// # Errors
    /// As [`Journal::load`].
    pub(super) fn newest(state: &State<'_>) -> Result<Option<Self>> {
        let numbers = state.journals()?;
        numbers
            .last()
            .map(|number| Self::load(state, *number))
            .transpose()
    }

    /// Whether anything is in it, on disk too.
    pub(super) fn is_empty(&self) -> bool {
        self.index.files.is_empty()
    }

    /// Where the file of `entry` is in the tree.
    ///
    /// # Errors
    /// When its path leads elsewhere by now.
    pub(super) fn path(&self, world: &dyn World, entry: &Entry) -> Result<Utf8PathBuf> {
        place::remembered(world, &self.root, &entry.path)
    }

    /// Makes sure that each of these places can be put back, and remembers what is going to be
    /// written there; no bytes means that another program does it. On disk when this returns.
    ///
    /// # Errors
    /// When an original can't be read, or the journal not be written. It is then as before.
    pub(super) fn remember(
        &mut self,
        world: &dyn World,
        planned: &[(&Place, Option<&[u8]>)],
    ) -> Result<()> {
        let mut index = self.index.clone();
        for (place, after) in planned {
            let position = index
                .files
                .iter()
                .position(|entry| entry.path == place.relative);
            let entry = match position {
                Some(position) => &mut index.files[position],
                None => {
                    let entry = self.keep_original(world, place, index.files.len())?;
                    index.files.push(entry);
                    self.note_missing_folders(world, place, &mut index.folders)?;
                    let last = index.files.len() - 1;
                    &mut index.files[last]
                }
            };
            match after {
                None => entry.protected = true,
                Some(after) => entry.written.push(Fingerprint::of(Some(after))),
            }
        }
        self.replace_index(world, index)
    }

    /// Copies what stands at `place` into the journal.
    fn keep_original(&self, world: &dyn World, place: &Place, number: usize) -> Result<Entry> {
        let content = read_if_any(world, &place.absolute)?;
        let mut mode = None;
        if let Some(content) = &content {
            let status = world
                .status(&place.absolute)
                .map_err(|source| Error::io("read", &place.absolute, source))?;
            mode = status.mode;
            let copy = self.original_path(number);
            if let Some(folder) = copy.parent() {
                world
                    .create_dir(folder)
                    .map_err(|source| Error::io("create", folder, source))?;
            }
            world
                .write(&copy, content)
                .map_err(|source| Error::io("write", copy, source))?;
        }
        Ok(Entry {
            path: place.relative.clone(),
            original: Fingerprint::of(content.as_deref()),
            mode,
            written: Vec::new(),
            protected: false,
            left: None,
        })
    }

    /// Notes the folders that will have to be created for a new file.
    fn note_missing_folders(
        &self,
        world: &dyn World,
        place: &Place,
        folders: &mut Vec<String>,
    ) -> Result<()> {
        let mut missing = Vec::new();
        let parts: Vec<&str> = place.relative.split('/').collect();
        for end in 1..parts.len() {
            let relative = parts[..end].join("/");
            let path = place::from_relative(&self.root, &relative);
            let kind = world
                .kind(&path)
                .map_err(|source| Error::io("read", path, source))?;
            if kind.is_none() && !folders.contains(&relative) {
                missing.push(relative);
            }
        }
        folders.append(&mut missing);
        Ok(())
    }

    /// The bytes that file number `number` had; none when there was no such file.
    ///
    /// # Errors
    /// When the journal no longer holds them, or others.
    pub(super) fn original(&self, world: &dyn World, number: usize) -> Result<Option<Vec<u8>>> {
        let entry = &self.index.files[number];
        if entry.original == Fingerprint::Absent {
            return Ok(None);
        }
        let path = self.original_path(number);
        let bytes = world
            .read(&path)
            .map_err(|source| Error::io("read", &path, source))?;
        if Fingerprint::of(Some(&bytes)) != entry.original {
            return Err(Error::io(
                "use",
                path,
                std::io::Error::other(format!(
                    "it should hold {} as it was, but it has been changed",
                    entry.path
                )),
            ));
        }
        Ok(Some(bytes))
    }

    /// Writes the index anew, in one step.
    ///
    /// # Errors
    /// When that fails; the old index then still holds, in memory too.
    pub(super) fn replace_index(&mut self, world: &dyn World, index: Index) -> Result<()> {
        if index == self.index {
            return Ok(());
        }
        let path = self.folder.join(INDEX);
        let mut text = serde_json::to_vec_pretty(&index)
            .map_err(|error| Error::io("write", &path, error.into()))?;
        text.push(b'\n');
        world
            .create_dir(&self.folder)
            .and_then(|()| world.write(&path, &text))
            .map_err(|source| Error::io("write", path, source))?;
        self.index = index;
        Ok(())
    }

    /// Removes the journal.
    ///
    /// # Errors
    /// As [`discard`].
    pub(super) fn discard(&self, world: &dyn World) -> Result<()> {
        discard(world, &self.folder)
    }

    /// Whether this is the journal in `folder`.
    pub(super) fn is_at(&self, folder: &Utf8Path) -> bool {
        self.folder == folder
    }

    fn original_path(&self, number: usize) -> Utf8PathBuf {
        self.folder.join("originals").join(number.to_string())
    }
}

/// Removes the journal in `folder`. It stops counting in one step.
///
/// # Errors
/// When its index can't be removed. What remains without it means nothing, and the next run
/// removes it.
pub(super) fn discard(world: &dyn World, folder: &Utf8Path) -> Result<()> {
    let path = folder.join(INDEX);
    world
        .remove_file(&path)
        .map_err(|source| Error::io("remove", path, source))?;
    let _ = world.remove_dir(folder);
    Ok(())
}

/// The content of a file, links followed; none when there is nothing.
///
/// # Errors
/// When there is something that can't be read.
pub(super) fn read_if_any(world: &dyn World, path: &Utf8Path) -> Result<Option<Vec<u8>>> {
    match world.read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::io("read", path, source)),
    }
}

/// Reads the text of an index.
///
/// # Errors
/// Why it can't be understood.
pub(super) fn parse(bytes: &[u8]) -> Result<Index, String> {
    let any: AnyIndex = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if any.version != VERSION {
        return Err(format!(
            "it has format {}, and this release knows format {VERSION}",
            any.version
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}
