//! The only door to the outside: files, processes, git (as a process), the clock, the environment.
//!
//! Everything between reading and writing is pure and takes what it needs as values; whatever has
//! an effect takes a [`World`]. Tests use [`memory::MemoryWorld`], which can also fail on purpose.

use std::any::Any;
use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;

use crate::workspace::in_order;

pub mod memory;
pub mod real;

pub use memory::MemoryWorld;
pub use real::RealWorld;

/// What stands at a path, links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link, wherever it leads.
    Symlink,
    /// A socket, a pipe, a device.
    Other,
}

/// One thing found by [`World::walk`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WalkEntry {
    /// A file whose name or ending was asked for.
    File(Utf8PathBuf),
    /// Something that was passed over, and why: an unreadable folder, a link, a name that is not
    /// UTF-8.
    PassedOver {
        /// Where, as well as it can be written.
        path: String,
        /// Why it was not looked at.
        reason: String,
    },
}

impl WalkEntry {
    /// The order of a walk: files by path, what was passed over behind them.
    pub(crate) fn in_order(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::File(one), Self::File(other)) => in_order(one, other),
            _ => self.cmp(other),
        }
    }
}

/// Another program to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The program, looked up like a shell would.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Where it runs.
    pub dir: Utf8PathBuf,
    /// Environment variables set for it, on top of ours.
    pub env: Vec<(String, String)>,
    /// Whether it gets nothing of our environment but `env`.
    pub clean_env: bool,
    /// What it reads from standard input; nothing when empty.
    pub input: String,
    /// It is stopped after this long.
    pub timeout: Option<Duration>,
    /// It is stopped when one of its outputs is longer than this, in bytes.
    pub most_output: Option<usize>,
}

impl Command {
    /// `program` with `args`, to be run in `dir`.
    pub fn new<A: Into<String>>(
        program: impl Into<String>,
        args: impl IntoIterator<Item = A>,
        dir: impl Into<Utf8PathBuf>,
    ) -> Self {
        Self {
            program: program.into(),
            args: args.into_iter().map(Into::into).collect(),
            dir: dir.into(),
            ..Self::default()
        }
    }

    /// The command as a user would type it.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = self.program.clone();
        for arg in &self.args {
            line.push(' ');
            if arg.is_empty() || arg.contains([' ', '"', '\'']) {
                line.push_str(&format!("'{arg}'"));
            } else {
                line.push_str(arg);
            }
        }
        line
    }
}

/// How a program ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessOutput {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it, where the system has such things.
    pub signal: Option<i32>,
    /// Standard output. Bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// Whether our time limit ended it.
    pub timed_out: bool,
    /// Whether our limit of its output ended it.
    pub flooded: bool,
}

impl ProcessOutput {
    /// Whether it exited with 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

/// How the names of the temporary files begin that [`World::write`] makes beside the file it
/// replaces. A process that is killed can leave one behind; whoever cleans up knows it by this.
pub const TEMPORARY_PREFIX: &str = ".wasmtime-upgrade-tmp-";

/// What the file system knows about a file besides its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStatus {
    /// The permission bits, as `chmod` takes them; none where the system has no such thing.
    pub mode: Option<u32>,
    /// Under how many names the file is known, 1 for nearly all (hard links).
    pub names: u64,
}

/// Keeps a lock for as long as it lives. The end of the process, however it comes, frees it too.
pub struct LockGuard(
    #[expect(dead_code, reason = "it is only there to be dropped")] Box<dyn Any + Send>,
);

impl LockGuard {
    /// A guard that frees the lock by being dropped with `held`.
    pub fn new(held: impl Any + Send) -> Self {
        Self(Box::new(held))
    }
}

impl std::fmt::Debug for LockGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LockGuard")
    }
}

/// What came of [`World::lock`].
#[derive(Debug)]
pub enum Lock {
    /// The lock is ours until the guard is dropped.
    Taken(LockGuard),
    /// A process that is alive has it.
    Held {
        /// Its process id, when it can be read.
        holder: Option<u32>,
    },
}

/// The outside world. Reading methods come first, then the writing ones, which only `apply` and
/// `prove` call.
pub trait World: Sync {
    /// The content of a file, links followed.
    ///
    /// # Errors
    /// As the operating system says.
    fn read(&self, path: &Utf8Path) -> io::Result<Vec<u8>>;

    /// Size of a file in bytes, links followed, without reading it.
    ///
    /// # Errors
    /// As the operating system says.
    fn size(&self, path: &Utf8Path) -> io::Result<u64>;

    /// The content of a file, links followed; of one of more than `most` bytes its size instead.
    ///
    /// # Errors
    /// As the operating system says.
    fn read_up_to(&self, path: &Utf8Path, most: u64) -> io::Result<Result<Vec<u8>, u64>> {
        let size = self.size(path)?;
        if size > most {
            return Ok(Err(size));
        }
        self.read(path).map(Ok)
    }

    /// What stands at `path`, links not followed; `None` when nothing does.
    ///
    /// # Errors
    /// As the operating system says, except that "not found" is `Ok(None)`.
    fn kind(&self, path: &Utf8Path) -> io::Result<Option<FileKind>>;

    /// The path with every link resolved.
    ///
    /// # Errors
    /// As the operating system says; also when the result is not UTF-8.
    fn canonical(&self, path: &Utf8Path) -> io::Result<Utf8PathBuf>;

    /// Names in a folder, sorted.
    ///
    /// # Errors
    /// As the operating system says.
    fn list(&self, path: &Utf8Path) -> io::Result<Vec<String>>;

    /// Every file below `root` that is called one of `names` or ends in one of `extensions` (without
    /// the dot), sorted by path. Links are not followed; what git ignores and does not keep, hidden folders and
    /// folders that hold a `CACHEDIR.TAG` (cargo's target folders) are left out.
    fn walk(&self, root: &Utf8Path, names: &[&str], extensions: &[&str]) -> Vec<WalkEntry>;

    /// Whether `path` may be written, as far as its permissions tell.
    ///
    /// # Errors
    /// As the operating system says.
    fn writable(&self, path: &Utf8Path) -> io::Result<bool>;

    /// The current folder.
    ///
    /// # Errors
    /// As the operating system says; also when it is not UTF-8.
    fn current_dir(&self) -> io::Result<Utf8PathBuf>;

    /// Today's date, in the system's time zone.
    fn today(&self) -> Date;

    /// An environment variable, when it is set and UTF-8.
    fn env(&self, name: &str) -> Option<String>;

    /// Runs a program to its end. `on_line` sees every line of its standard error as it comes.
    ///
    /// # Errors
    /// When it can't be started.
    fn run(&self, command: &Command, on_line: &mut dyn FnMut(&str)) -> io::Result<ProcessOutput>;

    /// Whether somebody asked us to stop (Ctrl-C, SIGTERM).
    fn interrupted(&self) -> bool;

    /// Does nothing for a while.
    fn pause(&self, time: Duration);

    /// Replaces (or creates) a file in one step: a temporary file in the same folder, synced,
    /// given the old file's permissions, renamed over it. A link is kept: its target is replaced.
    ///
    /// # Errors
    /// As the operating system says; the old content is then still whole.
    fn write(&self, path: &Utf8Path, content: &[u8]) -> io::Result<()>;

    /// Permission bits and hard links of a file, links followed.
    ///
    /// # Errors
    /// As the operating system says.
    fn status(&self, path: &Utf8Path) -> io::Result<FileStatus>;

    /// Gives a file (links followed) the permission bits `mode`; does nothing where the system
    /// has no such thing.
    ///
    /// # Errors
    /// As the operating system says.
    fn set_mode(&self, path: &Utf8Path, mode: u32) -> io::Result<()>;

    /// Takes the lock that the file `path` stands for, without waiting, and writes our process id
    /// into that file. The file is created when missing; its folder must exist. It stays when the
    /// lock is freed.
    ///
    /// # Errors
    /// As the operating system says. That somebody else has the lock is not an error.
    fn lock(&self, path: &Utf8Path) -> io::Result<Lock>;

    /// Gives a file or a folder another name on the same file system.
    ///
    /// # Errors
    /// As the operating system says.
    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()>;

    /// Creates a folder and its parents.
    ///
    /// # Errors
    /// As the operating system says.
    fn create_dir(&self, path: &Utf8Path) -> io::Result<()>;

    /// Removes a file; fine when there is none.
    ///
    /// # Errors
    /// As the operating system says.
    fn remove_file(&self, path: &Utf8Path) -> io::Result<()>;

    /// Removes a folder with all it holds; fine when there is none.
    ///
    /// # Errors
    /// As the operating system says.
    fn remove_dir(&self, path: &Utf8Path) -> io::Result<()>;

    /// Removes a folder when it is empty; fine when there is none.
    ///
    /// # Errors
    /// As the operating system says, also when the folder holds something.
    fn remove_empty_dir(&self, path: &Utf8Path) -> io::Result<()>;
}
