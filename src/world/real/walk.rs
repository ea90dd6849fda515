//! Finding files in a tree, and saying what was not looked at.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use camino::{Utf8Path, Utf8PathBuf};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{shown, tracked, wanted};
use crate::world::WalkEntry;

/// Marks a folder that holds nothing but what can be made again, by a convention of backup
/// programs that cargo's target folders follow.
const CACHE_MARK: &str = "CACHEDIR.TAG";

/// See [`crate::world::World::walk`].
///
/// One thread does it: in a tree of some thousand files two are no faster (6 ms each way for 1500
/// sources among 2500 files). It is the parallel walk all the same: that one looks for `.gitignore` and
/// `.git` in the list of a folder, while the other one asks the system for each in every folder.
pub(super) fn walk(root: &Utf8Path, names: &[&str], extensions: &[&str]) -> Vec<WalkEntry> {
    let passed_folders = Arc::new(Mutex::new(Vec::new()));
    let caches = Arc::new(Caches::default());
    let (sender, receiver) = mpsc::channel();
    let walk = builder(root, &passed_folders, &caches)
        .threads(1)
        .build_parallel();
    walk.run(|| {
        let sender = sender.clone();
        let caches = &caches;
        Box::new(move |entry| {
            let found = match entry {
                Ok(entry) if caches.hold(&entry) => return WalkState::Skip,
                Ok(entry) => judge(&entry, names, extensions),
                Err(error) => Some(unreadable(root, &error)),
            };
            // The receiver lives as long as the walk.
            let _ = found.map(|found| sender.send(found));
            WalkState::Continue
        })
    });
    drop(sender);
    let mut found: Vec<WalkEntry> = receiver.into_iter().collect();
    found.append(
        &mut passed_folders
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    );
    found.extend(tracked(root, &found, names, extensions));
    found.retain(|found| !caches.have(found));
    crate::order::sort_by(&mut found, WalkEntry::in_order);
    found
}

/// The files that git keeps though a pattern ignores them, as is `bindings.rs` in many a `.gitignore`.
fn tracked(
    root: &Utf8Path,
    found: &[WalkEntry],
    names: &[&str],
    extensions: &[&str],
) -> Vec<WalkEntry> {
    let known: HashSet<&str> = found
        .iter()
        .map(|found| match found {
            WalkEntry::File(path) => path.as_str(),
            WalkEntry::PassedOver { path, .. } => path,
        })
        .collect();
    let is_hidden = |path: &Path| {
        path.components()
            .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
    };
    let is_wanted = |path: &Path| {
        let name = path.file_name();
        name.is_some_and(|name| wanted(name, names, extensions)) && !is_hidden(path)
    };
    let kept = tracked::below(root.as_std_path(), is_wanted).into_iter();
    let kept = kept.filter_map(|path| Some(root.join(Utf8PathBuf::from_path_buf(path).ok()?)));
    let is_new = |path: &Utf8PathBuf| {
        !known.contains(path.as_str())
            && fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
    };
    kept.filter(is_new).map(WalkEntry::File).collect()
}

/// The folders that are marked as caches, by the lists that the walk goes through as it is: to ask the
/// system for the mark in each folder is a tenth of what a walk costs. A folder is listed whole before
/// anything in it is gone into, so that what is in a cache is hardly ever looked at. A mark that git ignores
/// counts no more than anything else that it ignores.
#[derive(Default)]
struct Caches(Mutex<HashSet<PathBuf>>);

impl Caches {
    fn known(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of the mark. One in the folder that was named says nothing: it was named.
    fn note(&self, entry: &DirEntry) {
        if entry.file_name() == CACHE_MARK && entry.depth() > 1 {
            let folder = entry.path().parent().unwrap_or(Path::new(""));
            self.known().insert(folder.to_owned());
        }
    }

    /// Whether it is a folder in a cache that is known by now.
    fn hold(&self, entry: &DirEntry) -> bool {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let folder = entry.path().parent().filter(|_| is_folder);
        folder.is_some_and(|folder| self.known().contains(folder))
    }

    /// Whether something that was found is in a cache, at whatever depth.
    fn have(&self, found: &WalkEntry) -> bool {
        let path = match found {
            WalkEntry::File(path) => path.as_std_path(),
            WalkEntry::PassedOver { path, .. } => Path::new(path),
        };
        let known = self.known();
        !known.is_empty()
            && path
                .ancestors()
                .skip(1)
                .any(|folder| known.contains(folder))
    }
}

/// A walk that leaves out what [`crate::world::World::walk`] says; the folders among it that
/// deserve a word go to `passed`.
fn builder(
    root: &Utf8Path,
    passed: &Arc<Mutex<Vec<WalkEntry>>>,
    caches: &Arc<Caches>,
) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    let passed = Arc::clone(passed);
    let caches = Arc::clone(caches);
    let in_repository = in_repository(root);
    builder
        .follow_links(false)
        .hidden(true)
        // `.gitignore` says what is generated, with git around it or not (an unpacked archive).
        // But without a repository nothing says where the search upwards must end, and a stray
        // file in somebody's home would hide the whole project.
        .require_git(in_repository)
        .parents(in_repository)
        // Not git's: made for search tools.
        .ignore(false)
        .filter_entry(move |entry| {
            caches.note(entry);
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            if entry.depth() == 0 || !is_folder {
                return true;
            }
            if entry.file_name().to_str().is_none() {
                // Here and not with the others: nothing below it can be named either.
                passed
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(passed_over(entry.path(), "the name is not UTF-8"));
                return false;
            }
            true
        });
    builder
}

/// Whether a git repository is at `root` or around it.
fn in_repository(root: &Utf8Path) -> bool {
    root.canonicalize()
        .is_ok_and(|root| root.ancestors().any(|folder| folder.join(".git").exists()))
}

/// What becomes of one thing that the walk came by.
fn judge(entry: &DirEntry, names: &[&str], extensions: &[&str]) -> Option<WalkEntry> {
    let kind = entry.file_type()?;
    let wanted = wanted(entry.file_name(), names, extensions);
    if kind.is_symlink() && entry.depth() > 0 {
        return link(entry.path(), wanted);
    }
    if kind.is_dir() || !wanted {
        return None;
    }
    if !kind.is_file() {
        return Some(passed_over(entry.path(), "not a regular file"));
    }
    Some(match Utf8PathBuf::from_path_buf(entry.path().to_owned()) {
        Ok(path) => WalkEntry::File(path),
        Err(path) => passed_over(&path, "the name is not UTF-8"),
    })
}

/// Links are not followed, which is worth a word when we would have looked at what they lead to.
fn link(path: &Path, wanted: bool) -> Option<WalkEntry> {
    let reason = match fs::metadata(path) {
        Ok(target) if target.is_dir() => "a link to a folder; links are not followed",
        Ok(_) if wanted => "a link to a file; links are not followed",
        Err(error) if error.kind() == io::ErrorKind::NotFound && wanted => {
            "a link that leads nowhere"
        }
        // A loop has no end, so nobody can tell what it would have led to.
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Some(passed_over(
                path,
                &format!("a link that can't be followed ({error})"),
            ));
        }
        _ => return None,
    };
    Some(passed_over(path, reason))
}

fn passed_over(path: &Path, reason: &str) -> WalkEntry {
    WalkEntry::PassedOver {
        path: shown(path),
        reason: reason.to_owned(),
    }
}

/// A folder that could not be listed.
fn unreadable(root: &Utf8Path, error: &ignore::Error) -> WalkEntry {
    let path = path_in(error).map_or_else(|| root.to_string(), shown);
    let reason = error
        .io_error()
        .map_or_else(|| error.to_string(), ToString::to_string);
    WalkEntry::PassedOver { path, reason }
}

/// The path that an error is about.
fn path_in(error: &ignore::Error) -> Option<&Path> {
    use ignore::Error;
    match error {
        Error::WithPath { path, .. } => Some(path),
        Error::WithDepth { err, .. } | Error::WithLineNumber { err, .. } => path_in(err),
        Error::Loop { child, .. } => Some(child),
        Error::Partial(errors) => errors.iter().find_map(path_in),
        _ => None,
    }
}
