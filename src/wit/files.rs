//! The WIT files that a path means, read through [`World`].
//!
//! A path is a single file, or a folder whose `*.wit` files are one package. Beside them a folder
//! `deps` may hold what that package needs: more folders, which have no `deps` of their own, and
//! single files.

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

/// Reads files until one of the limits is reached.
pub(super) struct Reader<'w> {
    world: &'w dyn World,
    /// What paths are relative to.
    folder: &'w Utf8Path,
    /// The folder of the whole project.
    root: &'w Utf8Path,
    bytes_left: u64,
    files_left: usize,
}

impl<'w> Reader<'w> {
    pub(super) fn new(world: &'w dyn World, folder: &'w Utf8Path, root: &'w Utf8Path) -> Self {
        Self {
            world,
            folder,
            root,
            bytes_left: MOST_BYTES,
            files_left: MOST_FILES,
        }
    }

    /// Whether anything is there.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.kind(path).is_ok_and(|kind| kind.is_some())
    }

    /// The package that stands at `path`, and its dependencies.
    pub(super) fn package(&mut self, path: &str) -> Result<Package, String> {
        match self.kind(path)? {
            None => Err(format!("`{path}` does not exist")),
            Some(FileKind::Directory) => Ok(Package {
                main: self.folder(path)?,
                deps: self.deps(&below(path, "deps"))?,
            }),
            Some(_) => Ok(Package {
                main: vec![self.file(path)?],
                deps: Vec::new(),
            }),
        }
    }

    /// The `*.wit` files of a folder, without those of the folders in it.
    fn folder(&mut self, path: &str) -> Result<Vec<Text>, String> {
        let mut texts = Vec::new();
        for name in self.list(path)? {
            let file = below(path, &name);
            if name.ends_with(".wit") && self.kind(&file)? != Some(FileKind::Directory) {
                texts.push(self.file(&file)?);
            }
        }
        if texts.is_empty() {
            return Err(format!("no `*.wit` file is in `{path}`"));
        }
        Ok(texts)
    }

    fn deps(&mut self, path: &str) -> Result<Vec<Vec<Text>>, String> {
        let mut packages = Vec::new();
        if !self.exists(path) {
            return Ok(packages);
        }
        for name in self.list(path)? {
            let entry = below(path, &name);
            if self.kind(&entry)? == Some(FileKind::Directory) {
                packages.push(self.folder(&entry)?);
            } else if matches!(
                Utf8Path::new(&name).extension(),
                Some("wit" | "wat" | "wasm")
            ) {
                packages.push(vec![self.file(&entry)?]);
            }
        }
        Ok(packages)
    }

    fn list(&mut self, path: &str) -> Result<Vec<String>, String> {
        self.count(path)?;
        let names = self.world.list(&self.folder.join(path));
        names.map_err(|error| format!("can't list `{path}`: {error}"))
    }

    fn file(&mut self, path: &str) -> Result<Text, String> {
        self.count(path)?;
        // Nothing else than a file is opened: reading a pipe could wait for ever.
        if self.kind(path)? != Some(FileKind::File) {
            return Err(format!("`{path}` is no file"));
        }
        let place = self.folder.join(path);
        let unreadable = |error| format!("can't read `{path}`: {error}");
        let size = self.world.size(&place).map_err(unreadable)?;
        let left = self.bytes_left.checked_sub(size);
        self.bytes_left = left.ok_or_else(|| {
            format!("`{path}` makes it more than {MOST_BYTES} bytes of WIT, which are not read")
        })?;
        let bytes = self.world.read(&place).map_err(unreadable)?;
        if bytes.starts_with(WASM_MAGIC) {
            return Err(format!(
                "`{path}` is a compiled WIT package, which is not read"
            ));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Text {
                name: path.to_owned(),
                place: keywords::has_words(&text)
                    .then(|| self.real(&place))
                    .flatten(),
                text,
            }),
            Err(_) => Err(format!("`{path}` is not UTF-8")),
        }
    }

    /// The one name of a file in the project, whatever links lead to it; none outside.
    fn real(&self, place: &Utf8Path) -> Option<Utf8PathBuf> {
        let root = self.world.canonical(self.root).ok()?;
        let place = self.world.canonical(place).ok()?;
        Some(self.root.join(place.strip_prefix(root).ok()?))
    }

    fn count(&mut self, path: &str) -> Result<(), String> {
        self.files_left = self.files_left.checked_sub(1).ok_or_else(|| {
            format!("`{path}` makes it more than {MOST_FILES} files and folders of WIT")
        })?;
        Ok(())
    }

    /// What stands at `path`, links followed; `None` also for a link that leads nowhere.
    fn kind(&self, path: &str) -> Result<Option<FileKind>, String> {
        let place = self.folder.join(path);
        let found = match self.world.kind(&place) {
            Ok(Some(FileKind::Symlink)) => match self.world.canonical(&place) {
                Ok(target) => self.world.kind(&target),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
            other => other,
        };
        found.map_err(|error| format!("can't look at `{path}`: {error}"))
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
