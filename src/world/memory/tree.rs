//! The files of a [`super::MemoryWorld`].

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::world::WalkEntry;
use crate::world::real::wanted;

/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    File { bytes: Vec<u8>, mode: u32 },
    Folder,
    Link(Utf8PathBuf),
}

/// Absolute paths without links in their folders, to what stands there. Paths are ordered by
/// component, so what a folder holds follows right behind it.
#[derive(Clone, Debug)]
pub(super) struct Tree(pub(super) BTreeMap<Utf8PathBuf, Node>);

impl Default for Tree {
    fn default() -> Self {
        Self(BTreeMap::from([(Utf8PathBuf::from("/"), Node::Folder)]))
    }
}

impl Tree {
    /// `path` with the links in it resolved, the last component's only when `follow` is set. The
    /// last component need not exist.
    pub(super) fn resolve(&self, path: &Utf8Path, follow: bool) -> io::Result<Utf8PathBuf> {
        let mut done = Utf8PathBuf::from("/");
        let mut ahead = reversed(path);
        let mut links = 0;
        while let Some(name) = ahead.pop() {
            match name.as_str() {
                "." => continue,
                "/" => {
                    done = Utf8PathBuf::from("/");
                    continue;
                }
                ".." => {
                    done.pop();
                    continue;
                }
                _ => {}
            }
            let next = done.join(&name);
            let is_last = ahead.is_empty();
            match self.0.get(&next) {
                Some(Node::Link(target)) if follow || !is_last => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::other("too many levels of symbolic links"));
                    }
                    ahead.extend(reversed(target));
                }
                Some(Node::File { .. }) if !is_last => {
                    return Err(io::ErrorKind::NotADirectory.into());
                }
                None if !is_last => return Err(io::ErrorKind::NotFound.into()),
                _ => done = next,
            }
        }
        Ok(done)
    }

    /// What `path` leads to, links followed.
    pub(super) fn node(&self, path: &Utf8Path) -> io::Result<&Node> {
        self.0
            .get(&self.resolve(path, true)?)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Content and permission bits of a file, links followed.
    pub(super) fn file(&self, path: &Utf8Path) -> io::Result<(&[u8], u32)> {
        match self.node(path)? {
            Node::File { bytes, mode } => Ok((bytes, *mode)),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    /// Replaces or creates a file, whose folder must exist; an old one's permissions stay.
    pub(super) fn write(&mut self, path: &Utf8Path, content: &[u8]) -> io::Result<()> {
        let target = self.resolve(path, true)?;
        let mode = match self.0.get(&target) {
            Some(Node::File { mode, .. }) => *mode,
            Some(_) => return Err(io::ErrorKind::IsADirectory.into()),
            None => 0o644,
        };
        self.must_be_folder(target.parent())?;
        let bytes = content.to_vec();
        self.0.insert(target, Node::File { bytes, mode });
        Ok(())
    }

    /// Creates a folder and its parents.
    pub(super) fn create_dir(&mut self, path: &Utf8Path) -> io::Result<()> {
        let mut folders: Vec<_> = path
            .ancestors()
            .filter(|at| !at.as_str().is_empty())
            .collect();
        folders.reverse();
        for folder in folders {
            let folder = self.resolve(folder, true)?;
            match self.0.get(&folder) {
                Some(Node::Folder) => {}
                Some(_) => return Err(io::ErrorKind::AlreadyExists.into()),
                None => {
                    self.0.insert(folder, Node::Folder);
                }
            }
        }
        Ok(())
    }

    pub(super) fn remove_file(&mut self, path: &Utf8Path) -> io::Result<()> {
        let path = self.resolve(path, false)?;
        match self.0.get(&path) {
            Some(Node::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            Some(_) => {
                self.0.remove(&path);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Removes a folder with all it holds; only every other thing in it when `half` is set.
    pub(super) fn remove_dir(&mut self, path: &Utf8Path, half: bool) -> io::Result<()> {
        let path = self.resolve(path, false)?;
        let mut doomed = self.below(&path);
        if half {
            doomed = doomed.into_iter().skip(1).step_by(2).collect();
            doomed.retain(|at| !matches!(self.0.get(at), Some(Node::Folder)));
        }
        for at in doomed {
            self.0.remove(&at);
        }
        Ok(())
    }

    pub(super) fn remove_empty_dir(&mut self, path: &Utf8Path) -> io::Result<()> {
        let path = self.resolve(path, false)?;
        match self.below(&path).len() {
            0 => Ok(()),
            1 => {
                self.0.remove(&path);
                Ok(())
            }
            _ => Err(io::ErrorKind::DirectoryNotEmpty.into()),
        }
    }

    pub(super) fn rename(&mut self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let from = self.resolve(from, false)?;
        let to = self.resolve(to, false)?;
        self.must_be_folder(to.parent())?;
        if !self.0.contains_key(&from) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if self.below(&to).len() > 1 {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        for old in self.below(&from) {
            let new = match old.strip_prefix(&from) {
                Ok(rest) if !rest.as_str().is_empty() => to.join(rest),
                _ => to.clone(),
            };
            if let Some(node) = self.0.remove(&old) {
                self.0.insert(new, node);
            }
        }
        Ok(())
    }

    /// Names in a folder, sorted.
    pub(super) fn list(&self, path: &Utf8Path) -> io::Result<Vec<String>> {
        let folder = self.resolve(path, true)?;
        self.node(&folder)?;
        self.must_be_folder(Some(&folder))?;
        let inside = self.0.keys().filter(|at| at.parent() == Some(&folder));
        let mut names: Vec<String> = inside
            .filter_map(|at| at.file_name().map(str::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }

    /// See [`crate::world::World::walk`].
    pub(super) fn walk(
        &self,
        root: &Utf8Path,
        names: &[&str],
        extensions: &[&str],
    ) -> Vec<WalkEntry> {
        let mut found = Vec::new();
        let mut rules: Vec<Gitignore> = Vec::new();
        let mut left_out: Option<&Utf8Path> = None;
        for (path, node) in self.0.iter().filter(|(path, _)| path.starts_with(root)) {
            if left_out.is_some_and(|folder| path.starts_with(folder)) {
                continue;
            }
            let is_folder = *node == Node::Folder;
            if path != root && self.is_left_out(path, is_folder, &rules) {
                left_out = Some(path);
                continue;
            }
            if is_folder {
                rules.extend(self.rules(path));
            }
            let name = path.file_name().unwrap_or_default();
            let wanted = wanted(OsStr::new(name), names, extensions);
            match node {
                Node::File { .. } if wanted => found.push(WalkEntry::File(path.clone())),
                Node::Link(_) => found.extend(self.passed_link(path, wanted)),
                _ => {}
            }
        }
        found.sort();
        found
    }

    fn is_left_out(&self, path: &Utf8Path, is_folder: bool, rules: &[Gitignore]) -> bool {
        let hidden = path.file_name().is_some_and(|name| name.starts_with('.'));
        let cache = is_folder && self.0.contains_key(&path.join("CACHEDIR.TAG"));
        let rule = rules
            .iter()
            .rev()
            .filter(|rules| path.as_std_path().starts_with(rules.path()))
            .map(|rules| rules.matched(path, is_folder))
            .find(|matched| !matched.is_none());
        hidden || cache || rule.is_some_and(|matched| matched.is_ignore())
    }

    /// The `.gitignore` of a folder.
    fn rules(&self, folder: &Utf8Path) -> Option<Gitignore> {
        let (bytes, _) = self.file(&folder.join(".gitignore")).ok()?;
        let mut builder = GitignoreBuilder::new(folder);
        for line in String::from_utf8_lossy(bytes).lines() {
            let _ = builder.add_line(None, line);
        }
        builder.build().ok()
    }

    fn passed_link(&self, path: &Utf8Path, wanted: bool) -> Option<WalkEntry> {
        let reason = match self.node(path) {
            Ok(Node::Folder) => "a link to a folder; links are not followed",
            Ok(_) if wanted => "a link to a file; links are not followed",
            Err(_) if wanted => "a link that leads nowhere",
            _ => return None,
        };
        Some(WalkEntry::PassedOver {
            path: path.to_string(),
            reason: reason.to_owned(),
        })
    }

    /// `path` and all that is below it.
    fn below(&self, path: &Utf8Path) -> Vec<Utf8PathBuf> {
        let paths = self.0.keys().filter(|at| at.starts_with(path));
        paths.cloned().collect()
    }

    fn must_be_folder(&self, path: Option<&Utf8Path>) -> io::Result<()> {
        match path.map(|path| self.0.get(path)) {
            None | Some(Some(Node::Folder)) => Ok(()),
            Some(Some(_)) => Err(io::ErrorKind::NotADirectory.into()),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// The components of a path, the last one first.
fn reversed(path: &Utf8Path) -> Vec<String> {
    let mut names: Vec<String> = path
        .components()
        .map(|component| component.as_str().to_owned())
        .collect();
    names.reverse();
    names
}
