//! The WIT files that a path means, read through [`World`].
//!
//! A path is a single file, or a folder whose `*.wit` files are one package. Beside them a folder
//! `deps` may hold what that package needs: more folders, which have no `deps` of their own, and
//! single files.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::keywords;
use crate::world::{FileKind, World};

/// All files of one invocation together may have this many bytes.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// One invocation may lead to this many files and folders.
const MOST_FILES: usize = 1000;

/// What a compiled package begins with.
const WASM_MAGIC: &[u8] = b"\0asm";

/// One file, or WIT from the invocation itself.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// What messages call it.
    pub(super) name: String,
    /// Where the file really is in the project, when some line reads a word of it otherwise; none
    /// outside of it, and for WIT from the invocation itself.
    pub(super) place: Option<Utf8PathBuf>,
    /// What it holds.
    pub(super) text: String,
}

/// What one path leads to: the files of a package, and those of each package in its `deps`.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub(super) main: Vec<Text>,
    pub(super) deps: Vec<Vec<Text>>,
}

/// The one name that a file has in a project, whatever links lead to it.
pub(super) struct RealNames<'w> {
    world: &'w dyn World,
    /// The folder of the whole project.
    root: &'w Utf8Path,
    /// Folders with all links followed, by the paths that led to them: most files share one.
    folders: BTreeMap<Utf8PathBuf, Option<Utf8PathBuf>>,
}

impl<'w> RealNames<'w> {
    pub(super) fn new(world: &'w dyn World, root: &'w Utf8Path) -> Self {
        Self {
            world,
            root,
            folders: BTreeMap::new(),
        }
    }

    /// The name of a file; none outside of the project.
    fn of(&mut self, place: &Utf8Path, is_link: bool) -> Option<Utf8PathBuf> {
        let real = if is_link {
            self.world.canonical(place).ok()?
        } else {
            self.folder(place.parent()?)?.join(place.file_name()?)
        };
        let root = self.folder(self.root)?;
        Some(self.root.join(real.strip_prefix(root).ok()?))
    }

    fn folder(&mut self, folder: &Utf8Path) -> Option<Utf8PathBuf> {
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let real = self.world.canonical(folder).ok();
        self.folders.insert(folder.to_owned(), real.clone());
        real
    }
}

/// What stands at a path.
#[derive(Clone, Copy, Debug)]
struct Thing {
    /// What it is, links followed.
    kind: FileKind,
    /// Whether a link led to it.
    is_link: bool,
}

/// Reads files until one of the limits is reached.
pub(super) struct Reader<'w, 'n> {
    /// What paths are relative to.
    folder: &'w Utf8Path,
    names: &'n mut RealNames<'w>,
    bytes_left: u64,
    files_left: usize,
}

/// Whether anything stands at a path below `folder`.
pub(super) fn exists(world: &dyn World, folder: &Utf8Path, path: &str) -> bool {
    thing(world, folder, path).is_ok_and(|thing| thing.is_some())
}

/// What stands at a path below `folder`; `None` also for a link that leads nowhere.
fn thing(world: &dyn World, folder: &Utf8Path, path: &str) -> Result<Option<Thing>, String> {
    let place = folder.join(path);
    let kind = match world.kind(&place) {
        Ok(Some(FileKind::Symlink)) => match world.canonical(&place) {
            Ok(target) => world.kind(&target).map(|kind| (kind, true)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((None, true)),
            Err(error) => Err(error),
        },
        other => other.map(|kind| (kind, false)),
    };
    kind.map(|(kind, is_link)| kind.map(|kind| Thing { kind, is_link }))
        .map_err(|error| format!("can't look at `{path}`: {error}"))
}

impl<'w, 'n> Reader<'w, 'n> {
    pub(super) fn new(folder: &'w Utf8Path, names: &'n mut RealNames<'w>) -> Self {
        Self {
            folder,
            names,
            bytes_left: MOST_BYTES,
            files_left: MOST_FILES,
        }
    }

    /// The package that stands at `path`, and its dependencies.
    pub(super) fn package(&mut self, path: &str) -> Result<Package, String> {
        match self.thing(path)? {
            None => Err(format!("`{path}` does not exist")),
            Some(thing) if thing.kind == FileKind::Directory => Ok(Package {
                main: self.folder(path)?,
                deps: self.deps(&below(path, "deps"))?,
            }),
            thing => Ok(Package {
                main: vec![self.file(path, thing)?],
                deps: Vec::new(),
            }),
        }
    }

    fn thing(&self, path: &str) -> Result<Option<Thing>, String> {
        thing(self.names.world, self.folder, path)
    }

    /// The `*.wit` files of a folder, without those of the folders in it.
    fn folder(&mut self, path: &str) -> Result<Vec<Text>, String> {
        let mut texts = Vec::new();
        for name in self.list(path)? {
            let file = below(path, &name);
            if !name.ends_with(".wit") {
                continue;
            }
            let thing = self.thing(&file)?;
            if thing.is_none_or(|thing| thing.kind != FileKind::Directory) {
                texts.push(self.file(&file, thing)?);
            }
        }
        if texts.is_empty() {
            return Err(format!("no `*.wit` file is in `{path}`"));
        }
        Ok(texts)
    }

    fn deps(&mut self, path: &str) -> Result<Vec<Vec<Text>>, String> {
        let mut packages = Vec::new();
        if !exists(self.names.world, self.folder, path) {
            return Ok(packages);
        }
        for name in self.list(path)? {
            let entry = below(path, &name);
            let thing = self.thing(&entry)?;
            if thing.is_some_and(|thing| thing.kind == FileKind::Directory) {
                packages.push(self.folder(&entry)?);
            } else if matches!(
                Utf8Path::new(&name).extension(),
                Some("wit" | "wat" | "wasm")
            ) {
                packages.push(vec![self.file(&entry, thing)?]);
            }
        }
        Ok(packages)
    }

    fn list(&mut self, path: &str) -> Result<Vec<String>, String> {
        self.count(path)?;
        let names = self.names.world.list(&self.folder.join(path));
        names.map_err(|error| format!("can't list `{path}`: {error}"))
    }

    fn file(&mut self, path: &str, thing: Option<Thing>) -> Result<Text, String> {
        self.count(path)?;
        // Nothing else than a file is opened: reading a pipe could wait for ever.
        let thing = thing.filter(|thing| thing.kind == FileKind::File);
        let thing = thing.ok_or_else(|| format!("`{path}` is no file"))?;
        let place = self.folder.join(path);
        let read = self.names.world.read_up_to(&place, self.bytes_left);
        let bytes = read
            .map_err(|error| format!("can't read `{path}`: {error}"))?
            .map_err(|_| {
                format!("`{path}` makes it more than {MOST_BYTES} bytes of WIT, which are not read")
            })?;
        self.bytes_left = self.bytes_left.saturating_sub(bytes.len() as u64);
        if bytes.starts_with(WASM_MAGIC) {
            return Err(format!(
                "`{path}` is a compiled WIT package, which is not read"
            ));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Text {
                name: path.to_owned(),
                place: keywords::has_words(&text)
                    .then(|| self.names.of(&place, thing.is_link))
                    .flatten(),
                text,
            }),
            Err(_) => Err(format!("`{path}` is not UTF-8")),
        }
    }

    fn count(&mut self, path: &str) -> Result<(), String> {
        self.files_left = self.files_left.checked_sub(1).ok_or_else(|| {
            format!("`{path}` makes it more than {MOST_FILES} files and folders of WIT")
        })?;
        Ok(())
    }
}

/// `name` in the folder `path`, with the separator that WIT files use on every system.
fn below(path: &str, name: &str) -> String {
    if path.is_empty() || path.ends_with('/') {
        format!("{path}{name}")
    } else {
        format!("{path}/{name}")
    }
}
