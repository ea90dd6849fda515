//! The world as it is: the disk, other programs, the clock.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;

use super::{
    Command, FileKind, FileStatus, Lock, LockGuard, ProcessOutput, TEMPORARY_PREFIX, WalkEntry,
    World,
};

mod process;
mod tracked;
mod walk;

/// Set by Ctrl-C and SIGTERM, for the whole process: a signal has no other address.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How often a lock is tried again when its file is removed while we take it.
const LOCK_ATTEMPTS: u32 = 16;

/// The operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealWorld {
    /// Room to grow without breaking those who build one.
    _private: (),
}

impl RealWorld {
    /// Touches nothing. Signals end the process as usual until [`install_interrupt_handler`] is
    /// called.
    #[must_use]
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

/// From now on Ctrl-C, SIGTERM and SIGHUP no longer end this process: they make
/// [`World::interrupted`] say yes, so that what was begun can be put back first. Only for commands
/// that look at it. Further calls do nothing.
///
/// # Errors
/// When the handler can't be installed; it stays without one then.
pub fn install_interrupt_handler() -> io::Result<()> {
    static INSTALLED: OnceLock<Result<(), String>> = OnceLock::new();
    INSTALLED
        .get_or_init(|| {
            ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst))
                .map_err(|error| error.to_string())
        })
        .clone()
        .map_err(io::Error::other)
}

impl World for RealWorld {
    fn read(&self, path: &Utf8Path) -> io::Result<Vec<u8>> {
        read_up_to(path, u64::MAX).map(Result::unwrap_or_default)
    }

    fn read_up_to(&self, path: &Utf8Path, most: u64) -> io::Result<Result<Vec<u8>, u64>> {
        read_up_to(path, most)
    }

    fn size(&self, path: &Utf8Path) -> io::Result<u64> {
        fs::metadata(path).map(|metadata| metadata.len())
    }

    fn kind(&self, path: &Utf8Path) -> io::Result<Option<FileKind>> {
        let Some(metadata) = found(fs::symlink_metadata(path))? else {
            return Ok(None);
        };
        let kind = metadata.file_type();
        Ok(Some(if kind.is_symlink() {
            FileKind::Symlink
        } else if kind.is_dir() {
            FileKind::Directory
        } else if kind.is_file() {
            FileKind::File
        } else {
            FileKind::Other
        }))
    }

    fn canonical(&self, path: &Utf8Path) -> io::Result<Utf8PathBuf> {
        path.canonicalize_utf8()
    }

    fn list(&self, path: &Utf8Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn walk(&self, root: &Utf8Path, names: &[&str], extensions: &[&str]) -> Vec<WalkEntry> {
        walk::walk(root, names, extensions)
    }

    fn writable(&self, path: &Utf8Path) -> io::Result<bool> {
        // The bits and not an attempt: the superuser may write anything, and still whoever took
        // the bits away meant it.
        fs::metadata(path).map(|metadata| !metadata.permissions().readonly())
    }

    fn current_dir(&self) -> io::Result<Utf8PathBuf> {
        Utf8PathBuf::from_path_buf(std::env::current_dir()?).map_err(|path| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} is not UTF-8", path.display()),
            )
        })
    }

    fn today(&self) -> Date {
        jiff::Zoned::now().date()
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn run(&self, command: &Command, on_line: &mut dyn FnMut(&str)) -> io::Result<ProcessOutput> {
        process::run(command, on_line, &|| self.interrupted())
    }

    fn interrupted(&self) -> bool {
        INTERRUPTED.load(Ordering::SeqCst)
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn write(&self, path: &Utf8Path, content: &[u8]) -> io::Result<()> {
        let is_link = self.kind(path)? == Some(FileKind::Symlink);
        let target = if is_link {
            self.canonical(path)?
        } else {
            path.to_owned()
        };
        let folder = folder_of(&target);
        let old = found(fs::metadata(&target))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY_PREFIX).rand_bytes(8);
        #[cfg(unix)]
        if old.is_none() {
            // A new file gets what any program would give it: the system takes the umask off.
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut temporary = builder.tempfile_in(folder)?;
        temporary.write_all(content)?;
        if let Some(old) = &old {
            keep_owner(temporary.as_file(), old);
            // After the owner: a change of owner takes special bits away.
            temporary.as_file().set_permissions(old.permissions())?;
        }
        temporary.as_file().sync_all()?;
        temporary.persist(&target).map_err(|error| error.error)?;
        sync_folder(folder);
        Ok(())
    }

    fn status(&self, path: &Utf8Path) -> io::Result<FileStatus> {
        let metadata = fs::metadata(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
            Ok(FileStatus {
                mode: Some(metadata.permissions().mode() & 0o7777),
                names: metadata.nlink(),
            })
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            Ok(FileStatus {
                mode: None,
                names: 1,
            })
        }
    }

    fn set_mode(&self, path: &Utf8Path, mode: u32) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(path, fs::Permissions::from_mode(mode))
        }
        #[cfg(not(unix))]
        {
            let _ = (path, mode);
            Ok(())
        }
    }

    fn lock(&self, path: &Utf8Path) -> io::Result<Lock> {
        for _ in 0..LOCK_ATTEMPTS {
            let Some(mut file) = open_locked(path)? else {
                return Ok(Lock::Held {
                    holder: holder(path),
                });
            };
            // Whoever had the lock before may have removed the file while we waited at its door:
            // a lock on a file without a name keeps nobody out.
            if !stands_at(&file, path)? {
                continue;
            }
            file.set_len(0)?;
            writeln!(file, "{}", std::process::id())?;
            return Ok(Lock::Taken(LockGuard::new(LockedFile(file))));
        }
        Err(io::Error::new(
            io::ErrorKind::WouldBlock,
            "the lock file keeps being removed",
        ))
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        fs::rename(from, to)?;
        sync_folder(folder_of(to));
        Ok(())
    }

    fn create_dir(&self, path: &Utf8Path) -> io::Result<()> {
        fs::create_dir_all(path)?;
        sync_folder(folder_of(path));
        Ok(())
    }

    fn remove_file(&self, path: &Utf8Path) -> io::Result<()> {
        if found(fs::remove_file(path))?.is_some() {
            sync_folder(folder_of(path));
        }
        Ok(())
    }

    fn remove_dir(&self, path: &Utf8Path) -> io::Result<()> {
        found(fs::remove_dir_all(path)).map(|_| ())
    }

    fn remove_empty_dir(&self, path: &Utf8Path) -> io::Result<()> {
        found(fs::remove_dir(path)).map(|_| ())
    }
}

/// The content of a file of at most `most` bytes, or its size. The system is asked once for the size,
/// and most often once for the content.
fn read_up_to(path: &Utf8Path, most: u64) -> io::Result<Result<Vec<u8>, u64>> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > most {
        return Ok(Err(size));
    }
    let mut content = Vec::new();
    content.try_reserve_exact(usize::try_from(size).map_err(io::Error::other)?)?;
    // Not the file's own way to its end, which asks for the size again, and for more at the end. Some
    // files say 0.
    let expected = if size == 0 { u64::MAX } else { size };
    io::Read::take(&mut file, expected).read_to_end(&mut content)?;
    Ok(Ok(content))
}

/// "Not found" is an answer here, not a failure.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The folder that `path` lies in.
fn folder_of(path: &Utf8Path) -> &Utf8Path {
    match path.parent() {
        Some(parent) if !parent.as_str().is_empty() => parent,
        _ => Utf8Path::new("."),
    }
}

/// Makes a new name in `folder` survive a power cut. Best effort: the change itself has been made
/// by now and can't be reported as failed, and some file systems don't know how to sync a folder.
fn sync_folder(folder: &Utf8Path) {
    if cfg!(unix) {
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
    }
}

/// Gives `file` the owner of the file it will replace, as far as we may: under `sudo` a file must
/// not end up as the superuser's.
#[cfg(unix)]
fn keep_owner(file: &File, old: &fs::Metadata) {
    use std::os::unix::fs::MetadataExt as _;
    if let Ok(new) = file.metadata() {
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
        }
    }
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _old: &fs::Metadata) {}

/// An open lock file. Closing it would free the lock too, but not while a program that is being
/// started on another thread still has a copy of our open files.
struct LockedFile(#[cfg_attr(not(unix), expect(dead_code, reason = "closing frees"))] File);

impl Drop for LockedFile {
    fn drop(&mut self) {
        #[cfg(unix)]
        let _ = rustix::fs::flock(&self.0, rustix::fs::FlockOperation::Unlock);
    }
}

/// Opens and locks a lock file; none when another process has it locked.
#[cfg(unix)]
fn open_locked(path: &Utf8Path) -> io::Result<Option<File>> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::WOULDBLOCK) => Ok(None),
        // Some network file systems have no locks. Two runs at once are then the user's to avoid,
        // as with cargo.
        Err(Errno::NOSYS | Errno::OPNOTSUPP) => Ok(Some(file)),
        Err(error) => Err(error.into()),
    }
}

/// Opens and locks a lock file; none when another process has it locked.
#[cfg(windows)]
fn open_locked(path: &Utf8Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt as _;

    /// `ERROR_SHARING_VIOLATION`: open elsewhere, and not shared.
    const SHARING_VIOLATION: i32 = 32;
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .share_mode(0)
        .open(path);
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the open `file` is still what `path` names.
#[cfg(unix)]
fn stands_at(file: &File, path: &Utf8Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = file.metadata()?;
    Ok(found(fs::metadata(path))?
        .is_some_and(|named| (named.dev(), named.ino()) == (ours.dev(), ours.ino())))
}

/// Whether the open `file` is still what `path` names: always, because the system does not remove
/// a file that is open unshared.
#[cfg(not(unix))]
fn stands_at(_file: &File, _path: &Utf8Path) -> io::Result<bool> {
    Ok(true)
}

/// The process id in a lock file, when there is one and it may be read.
fn holder(path: &Utf8Path) -> Option<u32> {
    let mut text = String::new();
    File::open(path)
        .ok()?
        .take(32)
        .read_to_string(&mut text)
        .ok()?;
    text.trim().parse().ok()
}

/// A path for people: bytes that are not UTF-8 are replaced.
fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Whether a file of this name was asked for.
pub(super) fn wanted(name: &OsStr, names: &[&str], extensions: &[&str]) -> bool {
    names.iter().any(|wanted| name == OsStr::new(wanted))
        || Path::new(name)
            .extension()
            .is_some_and(|found| extensions.iter().any(|ending| found == OsStr::new(ending)))
}

#[cfg(test)]
mod tests;
