//! A world in memory, for tests: nothing outside is touched, and it can fail on purpose.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;

use super::{Command, ProcessOutput, World};

mod calls;
mod tree;

use tree::{Node, Tree};

/// What happens at a writing call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails with this error and changes nothing; later calls work again.
    Fail(io::ErrorKind),
    /// The process dies in the middle of it. What it would have changed is half done, as far as
    /// the operating system allows (a temporary file, a folder half removed), and from now on
    /// every writing call and every program fails.
    Crash,
    /// It works, and then [`World::interrupted`] says yes, as after Ctrl-C.
    Interrupt,
}

/// Answers the commands that are run: what the program prints, after it has changed what it
/// changes with [`MemoryWorld::put`] and [`MemoryWorld::delete`].
type Answer = dyn Fn(&MemoryWorld, &Command) -> io::Result<ProcessOutput> + Send + Sync;

/// A tree of files, programs that follow a script, a fixed date, and faults on demand.
///
/// Paths begin with `/`; others count from [`World::current_dir`]. Folders of a file appear with
/// it. Every call that writes counts, from 1 ([`MemoryWorld::writes`]), and any of them can be made
/// to fail ([`MemoryWorld::with_fault`]), so that a test can go through all of them.
///
/// # Panics
/// The methods that set the scene (`with_..`, [`MemoryWorld::put`], [`MemoryWorld::delete`]) panic
/// when that makes no sense, such as a file below a file.
#[derive(Debug)]
pub struct MemoryWorld {
    state: Mutex<State>,
    locks: Arc<Mutex<BTreeSet<Utf8PathBuf>>>,
}

struct State {
    tree: Tree,
    today: Date,
    current_dir: Utf8PathBuf,
    env: BTreeMap<String, String>,
    queue: VecDeque<ProcessOutput>,
    answer: Option<Arc<Answer>>,
    commands: Vec<Command>,
    operations: Vec<String>,
    writes: usize,
    faults: BTreeMap<usize, Fault>,
    crashed: bool,
    interrupted: bool,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("tree", &self.tree)
            .field("operations", &self.operations)
            .finish_non_exhaustive()
    }
}

impl Default for MemoryWorld {
    fn default() -> Self {
        Self::with_tree(Tree::default())
    }
}

impl MemoryWorld {
    /// An empty world, in the folder `/`, on 2026-01-31, without a single program or variable.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with_tree(tree: Tree) -> Self {
        Self {
            state: Mutex::new(State {
                tree,
                today: Date::constant(2026, 1, 31),
                current_dir: Utf8PathBuf::from("/"),
                env: BTreeMap::new(),
                queue: VecDeque::new(),
                answer: None,
                commands: Vec::new(),
                operations: Vec::new(),
                writes: 0,
                faults: BTreeMap::new(),
                crashed: false,
                interrupted: false,
            }),
            locks: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// With a file at `path`, and the folders around it.
    #[must_use]
    pub fn with_file(self, path: impl AsRef<Utf8Path>, content: impl AsRef<[u8]>) -> Self {
        self.put(path, content);
        self
    }

    /// With these permission bits (as `chmod` takes them) on an existing file.
    #[must_use]
    pub fn with_mode(self, path: impl AsRef<Utf8Path>, mode: u32) -> Self {
        let done = self.state().chmod(path.as_ref(), mode);
        planted(path.as_ref(), done);
        self
    }

    /// With a symbolic link at `path`, and the folders around it.
    #[must_use]
    pub fn with_link(self, path: impl AsRef<Utf8Path>, target: impl Into<Utf8PathBuf>) -> Self {
        {
            let mut state = self.state();
            let path = state.absolute(path.as_ref());
            if let Some(folder) = path.parent() {
                planted(folder, state.tree.create_dir(folder));
            }
            state.tree.0.insert(path, Node::Link(target.into()));
        }
        self
    }

    /// With an empty folder at `path`.
    #[must_use]
    pub fn with_dir(self, path: impl AsRef<Utf8Path>) -> Self {
        {
            let mut state = self.state();
            let path = state.absolute(path.as_ref());
            planted(&path, state.tree.create_dir(&path));
        }
        self
    }

    /// With an environment variable.
    #[must_use]
    pub fn with_env(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.state().env.insert(name.into(), value.into());
        self
    }

    /// On another day.
    #[must_use]
    pub fn with_today(self, today: Date) -> Self {
        self.state().today = today;
        self
    }

    /// In another folder.
    #[must_use]
    pub fn with_current_dir(self, path: impl Into<Utf8PathBuf>) -> Self {
        self.state().current_dir = path.into();
        self
    }

    /// With an answer for the next program that is run, whichever it is. Queued answers are used
    /// up before [`MemoryWorld::with_programs`] is asked.
    #[must_use]
    pub fn with_output(self, output: ProcessOutput) -> Self {
        self.state().queue.push_back(output);
        self
    }

    /// With programs: `answer` is called for every command. Without it none is installed, and
    /// running one fails with "not found".
    #[must_use]
    pub fn with_programs(
        self,
        answer: impl Fn(&Self, &Command) -> io::Result<ProcessOutput> + Send + Sync + 'static,
    ) -> Self {
        self.state().answer = Some(Arc::new(answer));
        self
    }

    /// With a fault at the writing call number `at`, counted from 1.
    #[must_use]
    pub fn with_fault(self, at: usize, fault: Fault) -> Self {
        self.state().faults.insert(at, fault);
        self
    }

    /// Replaces or creates a file (links followed), and the folders around it, as another program
    /// or a person would: it is not counted and can't fail on purpose.
    pub fn put(&self, path: impl AsRef<Utf8Path>, content: impl AsRef<[u8]>) {
        let mut state = self.state();
        let path = state.absolute(path.as_ref());
        if let Some(folder) = path.parent() {
            planted(folder, state.tree.create_dir(folder));
        }
        planted(&path, state.tree.write(&path, content.as_ref()));
    }

    /// Removes a file, as another program or a person would.
    pub fn delete(&self, path: impl AsRef<Utf8Path>) {
        let mut state = self.state();
        let path = state.absolute(path.as_ref());
        planted(&path, state.tree.remove_file(&path));
    }

    /// From now on [`World::interrupted`] says yes.
    pub fn interrupt(&self) {
        self.state().interrupted = true;
    }

    /// The content of a file; none when there is no such file.
    pub fn file(&self, path: impl AsRef<Utf8Path>) -> Option<Vec<u8>> {
        self.read(path.as_ref()).ok()
    }

    /// The content of a file as text; none when there is no such file or it is not UTF-8.
    pub fn text(&self, path: impl AsRef<Utf8Path>) -> Option<String> {
        self.file(path)
            .and_then(|bytes| String::from_utf8(bytes).ok())
    }

    /// Every file with its content, links left out.
    #[must_use]
    pub fn files(&self) -> BTreeMap<Utf8PathBuf, Vec<u8>> {
        let state = self.state();
        let files = state.tree.0.iter().filter_map(|(path, node)| match node {
            Node::File { bytes, .. } => Some((path.clone(), bytes.clone())),
            _ => None,
        });
        files.collect()
    }

    /// Everything that was run so far.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        self.state().commands.clone()
    }

    /// Every writing call and every command so far, one line each, such as `write /w/Cargo.toml`.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.state().operations.clone()
    }

    /// How many writing calls there were, failed ones included.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.state().writes
    }

    /// Whether a [`Fault::Crash`] has happened.
    #[must_use]
    pub fn crashed(&self) -> bool {
        self.state().crashed
    }

    /// The world after this one's process has ended: the same files, date, variables and programs,
    /// but no lock is held, no fault is planned, nothing is counted.
    #[must_use]
    pub fn survivor(&self) -> Self {
        let state = self.state();
        let survivor = Self::with_tree(state.tree.clone());
        {
            let mut new = survivor.state();
            new.today = state.today;
            new.current_dir.clone_from(&state.current_dir);
            new.env.clone_from(&state.env);
            new.answer.clone_from(&state.answer);
        }
        survivor
    }

    /// Counts a writing call and lets it happen, unless a fault is planned for it; `half` is what
    /// a crash in the middle of it leaves.
    fn writing(
        &self,
        operation: String,
        half: impl FnOnce(&mut Tree),
        whole: impl FnOnce(&mut State) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut state = self.state();
        if state.crashed {
            return Err(dead());
        }
        state.writes += 1;
        state.operations.push(operation);
        match state.faults.get(&state.writes).copied() {
            None => whole(&mut state),
            Some(Fault::Fail(kind)) => Err(kind.into()),
            Some(Fault::Crash) => {
                state.crashed = true;
                half(&mut state.tree);
                Err(dead())
            }
            Some(Fault::Interrupt) => {
                state.interrupted = true;
                whole(&mut state)
            }
        }
    }
}

/// A scene that can't be set is a mistake in the test.
fn planted(path: &Utf8Path, done: io::Result<()>) {
    if let Err(error) = done {
        panic!("can't set the scene at {path}: {error}");
    }
}

/// What a dead process gets, which in truth gets nothing.
fn dead() -> io::Error {
    io::Error::other("the process is dead")
}

impl State {
    fn absolute(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.current_dir.join(path)
    }

    fn chmod(&mut self, path: &Utf8Path, new: u32) -> io::Result<()> {
        let path = self.tree.resolve(&self.absolute(path), true)?;
        match self.tree.0.get_mut(&path) {
            Some(Node::File { mode, .. }) => {
                *mode = new;
                Ok(())
            }
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

#[cfg(test)]
mod tests;
