//! The calls of [`World`], answered from memory.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;

use super::tree::Node;
use super::{MemoryWorld, dead};
use crate::world::{
    Command, FileKind, FileStatus, Lock, LockGuard, ProcessOutput, TEMPORARY_PREFIX, WalkEntry,
    World,
};

/// The process id that this world's own locks carry.
const OWN_ID: u32 = 1;

impl World for MemoryWorld {
    fn read(&self, path: &Utf8Path) -> io::Result<Vec<u8>> {
        let state = self.state();
        let (bytes, _) = state.tree.file(&state.absolute(path))?;
        Ok(bytes.to_vec())
    }

    fn size(&self, path: &Utf8Path) -> io::Result<u64> {
        Ok(self.read(path)?.len() as u64)
    }

    fn kind(&self, path: &Utf8Path) -> io::Result<Option<FileKind>> {
        let state = self.state();
        let path = match state.tree.resolve(&state.absolute(path), false) {
            Ok(path) => path,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        Ok(state.tree.0.get(&path).map(|node| match node {
            Node::File { .. } => FileKind::File,
            Node::Folder => FileKind::Directory,
            Node::Link(_) => FileKind::Symlink,
        }))
    }

    fn canonical(&self, path: &Utf8Path) -> io::Result<Utf8PathBuf> {
        let state = self.state();
        let path = state.tree.resolve(&state.absolute(path), true)?;
        state.tree.node(&path).map(|_| path)
    }

    fn list(&self, path: &Utf8Path) -> io::Result<Vec<String>> {
        let state = self.state();
        state.tree.list(&state.absolute(path))
    }

    fn walk(&self, root: &Utf8Path, names: &[&str], extensions: &[&str]) -> Vec<WalkEntry> {
        let state = self.state();
        state.tree.walk(&state.absolute(root), names, extensions)
    }

    fn writable(&self, path: &Utf8Path) -> io::Result<bool> {
        let state = self.state();
        let (_, mode) = state.tree.file(&state.absolute(path))?;
        Ok(mode & 0o222 != 0)
    }

    fn current_dir(&self) -> io::Result<Utf8PathBuf> {
        Ok(self.state().current_dir.clone())
    }

    fn today(&self) -> Date {
        self.state().today
    }

    fn env(&self, name: &str) -> Option<String> {
        self.state().env.get(name).cloned()
    }

    fn run(&self, command: &Command, on_line: &mut dyn FnMut(&str)) -> io::Result<ProcessOutput> {
        let (queued, answer) = {
            let mut state = self.state();
            if state.crashed {
                return Err(dead());
            }
            state.commands.push(command.clone());
            state.operations.push(format!("run {}", command.line()));
            (state.queue.pop_front(), state.answer.clone())
        };
        let output = match (queued, answer) {
            (Some(output), _) => output,
            (None, Some(answer)) => answer(self, command)?,
            (None, None) => return Err(io::ErrorKind::NotFound.into()),
        };
        output.stderr.lines().for_each(on_line);
        Ok(output)
    }

    fn interrupted(&self) -> bool {
        self.state().interrupted
    }

    /// Takes no time, in which whoever holds a lock lets go of it.
    fn pause(&self, _: Duration) {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.clear();
    }

    fn write(&self, path: &Utf8Path, content: &[u8]) -> io::Result<()> {
        let path = self.state().absolute(path);
        self.writing(
            format!("write {path}"),
            |tree| {
                let target = tree.resolve(&path, true).unwrap_or_else(|_| path.clone());
                let temporary = target.with_file_name(format!("{TEMPORARY_PREFIX}0"));
                let half = &content[..content.len() / 2];
                tree.write(&temporary, half).unwrap_or_default();
            },
            |state| state.tree.write(&path, content),
        )
    }

    fn status(&self, path: &Utf8Path) -> io::Result<FileStatus> {
        let state = self.state();
        let (_, mode) = state.tree.file(&state.absolute(path))?;
        Ok(FileStatus {
            mode: Some(mode),
            names: 1,
        })
    }

    fn set_mode(&self, path: &Utf8Path, mode: u32) -> io::Result<()> {
        self.writing(
            format!("chmod {mode:o} {path}"),
            |_| {},
            |state| state.chmod(path, mode),
        )
    }

    fn lock(&self, path: &Utf8Path) -> io::Result<Lock> {
        let path = self.state().absolute(path);
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        if locks.contains(&path) {
            let holder = self.text(&path).and_then(|text| text.trim().parse().ok());
            return Ok(Lock::Held { holder });
        }
        self.writing(
            format!("lock {path}"),
            |tree| tree.write(&path, b"").unwrap_or_default(),
            |state| state.tree.write(&path, format!("{OWN_ID}\n").as_bytes()),
        )?;
        locks.insert(path.clone());
        Ok(Lock::Taken(LockGuard::new(HeldLock {
            locks: Arc::clone(&self.locks),
            path,
        })))
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        let (from, to) = {
            let state = self.state();
            (state.absolute(from), state.absolute(to))
        };
        self.writing(
            format!("rename {from} {to}"),
            |_| {},
            |state| state.tree.rename(&from, &to),
        )
    }

    fn create_dir(&self, path: &Utf8Path) -> io::Result<()> {
        let path = self.state().absolute(path);
        self.writing(
            format!("create {path}"),
            |tree| {
                let mut missing = path.ancestors().skip(1);
                let first = missing.find(|at| !at.as_str().is_empty());
                first
                    .map(|at| tree.create_dir(at))
                    .unwrap_or(Ok(()))
                    .unwrap_or_default();
            },
            |state| state.tree.create_dir(&path),
        )
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        let path = self.state().absolute(path);
        self.writing(
            format!("remove {path}"),
            |_| {},
            |state| state.tree.remove_file(&path),
        )
    }

    fn remove_dir(&self, path: &Utf8Path) -> io::Result<()> {
        let path = self.state().absolute(path);
        self.writing(
            format!("remove {path}/"),
            |tree| tree.remove_dir(&path, true).unwrap_or_default(),
            |state| state.tree.remove_dir(&path, false),
        )
    }

    fn remove_empty_dir(&self, path: &Utf8Path) -> io::Result<()> {
        let path = self.state().absolute(path);
        self.writing(
            format!("remove {path}/"),
            |_| {},
            |state| state.tree.remove_empty_dir(&path),
        )
    }
}

/// Frees a lock when it goes.
struct HeldLock {
    locks: Arc<Mutex<BTreeSet<Utf8PathBuf>>>,
    path: Utf8PathBuf,
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.remove(&self.path);
    }
}
