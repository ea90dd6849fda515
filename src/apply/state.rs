//! The folder that the tool keeps in the tree, and the lock in it.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::place;
use crate::error::{Error, Result};
use crate::world::{FileKind, Lock, LockGuard, TEMPORARY_PREFIX, World};

/// The folder below the root in which journals and the lock lie.
pub const STATE_FOLDER: &str = ".wasmtime-upgrade";

/// Name of the file that makes a journal count: a journal without it was never finished being
/// begun, or is half removed.
pub(super) const INDEX: &str = "index.json";

const IGNORE_FILE: &str = ".gitignore";
const LOCK_FILE: &str = "lock";
pub(super) const JOURNALS: &str = "journal";
const RESCUED: &str = "rescued";

/// How often taking the lock is tried again when a run that ends removes the folder meanwhile.
const ATTEMPTS: u32 = 8;

/// The folder, while we have its lock. When dropped, the folder goes if it has nothing to keep.
pub(super) struct State<'w> {
    pub(super) world: &'w dyn World,
    /// The root of the tree, with every link resolved.
    pub(super) root: Utf8PathBuf,
    folder: Utf8PathBuf,
    /// Held until everything else is done.
    _lock: LockGuard,
}

impl<'w> State<'w> {
    /// Takes the lock of the tree at `root`, creating the folder when needed.
    ///
    /// # Errors
    /// When another run has the lock, or the folder can't be created.
    pub(super) fn open(world: &'w dyn World, root: &Utf8Path) -> Result<Self> {
        let root = place::canonical_root(world, root)?;
        let folder = root.join(STATE_FOLDER);
        refuse_links(world, &folder)?;
        let lock = take_lock(world, &root, &folder)?;
        let state = Self {
            world,
            root,
            folder,
            _lock: lock,
        };
        // Once more: the run that had the lock before may have removed it on its way out.
        ignore_itself(world, &state.folder)?;
        state.clear_leftovers()?;
        Ok(state)
    }

    /// Like [`State::open`], but none when there is no folder yet: nothing was ever done here.
    ///
    /// # Errors
    /// As [`State::open`].
    pub(super) fn open_existing(world: &'w dyn World, root: &Utf8Path) -> Result<Option<Self>> {
        let canonical = place::canonical_root(world, root)?;
        for folder in [canonical.join(STATE_FOLDER), leaving_name(&canonical)] {
            match world.kind(&folder) {
                Ok(None) => {}
                Ok(Some(_)) => return Self::open(world, root).map(Some),
                Err(source) => return Err(Error::io("read", folder, source)),
            }
        }
        Ok(None)
    }

    /// The folder of the journal with this number.
    pub(super) fn journal_folder(&self, number: u32) -> Utf8PathBuf {
        self.folder.join(JOURNALS).join(number.to_string())
    }

    /// The folder for bytes of other people that a restoration would have overwritten.
    pub(super) fn rescue_folder(&self) -> Utf8PathBuf {
        self.folder.join(RESCUED)
    }

    /// Numbers of the journals that count, the oldest first.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub(super) fn journals(&self) -> Result<Vec<u32>> {
        let (counting, _) = self.all_journals()?;
        Ok(counting)
    }

    /// Numbers of the journals with an index, and of those without.
    fn all_journals(&self) -> Result<(Vec<u32>, Vec<u32>)> {
        let folder = self.folder.join(JOURNALS);
        let mut numbers: Vec<u32> = match self.world.list(&folder) {
            Ok(names) => names.iter().filter_map(|name| name.parse().ok()).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(Error::io("list", folder, source)),
        };
        numbers.sort_unstable();
        let mut counting = Vec::new();
        let mut leftovers = Vec::new();
        for number in numbers {
            let index = self.journal_folder(number).join(INDEX);
            match self.world.kind(&index) {
                Ok(Some(_)) => counting.push(number),
                Ok(None) => leftovers.push(number),
                Err(source) => return Err(Error::io("read", index, source)),
            }
        }
        Ok((counting, leftovers))
    }

    /// Removes what a killed run can leave that means nothing.
    fn clear_leftovers(&self) -> Result<()> {
        let (_, leftovers) = self.all_journals()?;
        for number in leftovers {
            let folder = self.journal_folder(number);
            self.world
                .remove_dir(&folder)
                .map_err(|source| Error::io("remove", folder, source))?;
        }
        let leaving = leaving_name(&self.root);
        match self.world.kind(&leaving) {
            Ok(None) => Ok(()),
            _ => remove_for_good(self.world, &leaving)
                .map_err(|source| Error::io("remove", leaving, source)),
        }
    }

    /// Removes the folder when it has nothing to keep.
    fn tidy(&self) -> io::Result<()> {
        let has_journals = self.journals().map_or(true, |numbers| !numbers.is_empty());
        if has_journals || self.world.kind(&self.rescue_folder())?.is_some() {
            return Ok(());
        }
        // Under another name first: whoever begins from here on makes a new folder and is not
        // disturbed by us emptying this one. And a folder with its ignore file never shows in git,
        // so that file goes last.
        let leaving = leaving_name(&self.root);
        self.world.rename(&self.folder, &leaving)?;
        remove_for_good(self.world, &leaving)
    }
}

impl Drop for State<'_> {
    fn drop(&mut self) {
        // A folder that stays is invisible to git, and the next run tries again.
        let _ = self.tidy();
    }
}

/// Under which name the folder is emptied.
fn leaving_name(root: &Utf8Path) -> Utf8PathBuf {
    root.join(format!("{TEMPORARY_PREFIX}leaving"))
}

/// Through a link we would write, and remove, somewhere else; and a tree from somebody else could
/// bring one.
fn refuse_links(world: &dyn World, folder: &Utf8Path) -> Result<()> {
    let inside = [LOCK_FILE, IGNORE_FILE, JOURNALS, RESCUED].map(|name| folder.join(name));
    for path in std::iter::once(folder).chain(inside.iter().map(Utf8PathBuf::as_path)) {
        let is_folder = path == folder || path.ends_with(JOURNALS) || path.ends_with(RESCUED);
        let wanted = if is_folder {
            FileKind::Directory
        } else {
            FileKind::File
        };
        match world.kind(path) {
            Ok(Some(kind)) if kind != wanted => {
                return Err(Error::usage(
                    format!("{path} is a link, or something else that does not belong there"),
                    format!("remove it: {folder} is where the tool keeps its journal"),
                ));
            }
            Ok(_) => {}
            Err(source) => return Err(Error::io("read", path, source)),
        }
    }
    Ok(())
}

fn remove_for_good(world: &dyn World, leaving: &Utf8Path) -> io::Result<()> {
    world.remove_dir(&leaving.join(JOURNALS))?;
    for name in world.list(leaving)? {
        if name != IGNORE_FILE && name != JOURNALS {
            world.remove_file(&leaving.join(name))?;
        }
    }
    world.remove_file(&leaving.join(IGNORE_FILE))?;
    world.remove_empty_dir(leaving)
}

fn take_lock(world: &dyn World, root: &Utf8Path, folder: &Utf8Path) -> Result<LockGuard> {
    let path = folder.join(LOCK_FILE);
    let mut attempts = 0;
    loop {
        attempts += 1;
        world
            .create_dir(folder)
            .map_err(|source| Error::io("create", folder, source))?;
        // Before the lock, so that git never sees the lock.
        let locked = ignore_itself(world, folder).and_then(|()| {
            world
                .lock(&path)
                .map_err(|source| Error::io("lock", &path, source))
        });
        match locked {
            Ok(Lock::Taken(guard)) => return Ok(guard),
            Ok(Lock::Held { holder }) => return Err(held(root, holder)),
            Err(Error::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

fn ignore_itself(world: &dyn World, folder: &Utf8Path) -> Result<()> {
    let path = folder.join(IGNORE_FILE);
    match world.kind(&path) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => world.write(&path, b"*\n"),
        Err(source) => Err(source),
    }
    .map_err(|source| Error::io("write", path, source))
}

fn held(root: &Utf8Path, holder: Option<u32>) -> Error {
    let who = holder.map_or_else(
        || "another process".to_owned(),
        |id| format!("process {id}"),
    );
    Error::Process {
        message: format!("{who} is upgrading {root} right now"),
        output: String::new(),
        help: "wait until it is done, or stop it, and run again".to_owned(),
    }
}
