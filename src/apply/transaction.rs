//! The transaction: the only place from which files of the user are written.

use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::journal::{self, Fingerprint, Journal, Phase, read_if_any};
use super::place::{self, Place};
use super::restore::{Restoration, restore};
use super::state::State;
use super::{FileChange, GuardOptions, guard};
use crate::error::{Error, Result};
use crate::world::World;

/// What a transaction has changed for good. Paths are relative to the root of the tree, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Files that are not what they were, by us or by the programs they were protected from.
    pub changed: Vec<Utf8PathBuf>,
    /// What the user should know, in sentences: hard links that were cut, files that no version
    /// control watches.
    pub notes: Vec<String>,
}

/// Changes to files that happen together or not at all.
///
/// It may be written to several times, with other programs in between: manifests first, then cargo
/// moves the (protected) lockfile, then sources. It ends with [`Transaction::commit`], or with
/// [`Transaction::restore`]; dropping it restores too. When the process is killed instead,
/// [`super::undo`] makes the tree what it was.
pub struct Transaction<'w> {
    journal: Journal,
    options: GuardOptions,
    /// Places that the guard has let through.
    admitted: BTreeSet<Place>,
    notes: Vec<String>,
    finished: bool,
    // Last, because it frees the lock when it is dropped.
    state: State<'w>,
}

impl<'w> Transaction<'w> {
    /// Takes the lock of the tree at `root` and checks that the files in `guarded`, which may be
    /// missing still, can be changed. `description` says for people what is going to happen, such
    /// as `wasmtime 32.0.0 -> 36.0.20`; [`super::undo`] repeats it. Nothing is changed yet.
    ///
    /// # Errors
    /// [`Error::Process`] when another run has the lock or git fails; [`Error::Usage`] when a run
    /// that was killed left the tree half done, when a file has uncommitted changes, is under no
    /// version control, is read-only, or lies outside of `root`; [`Error::Interrupted`].
    pub fn begin(
        world: &'w dyn World,
        root: &Utf8Path,
        description: &str,
        guarded: &[Utf8PathBuf],
        options: &GuardOptions,
    ) -> Result<Self> {
        if world.interrupted() {
            return Err(Error::Interrupted);
        }
        let state = State::open(world, root)?;
        if let Some(earlier) = Journal::newest(&state)? {
            if earlier.index.state == Phase::InProgress {
                return Err(unfinished(&earlier, &state.root));
            }
        }
        let number = state.journals()?.last().map_or(1, |last| last + 1);
        let journal = Journal::new(&state, number, description);
        let mut transaction = Self {
            journal,
            options: *options,
            admitted: BTreeSet::new(),
            notes: Vec::new(),
            finished: false,
            state,
        };
        transaction.admit(guarded)?;
        Ok(transaction)
    }

    /// What the user should know so far; see [`Committed::notes`].
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Replaces or creates these files. Files that were not named to [`Transaction::begin`] are
    /// guarded now. A change that changes nothing is checked, but not written.
    ///
    /// # Errors
    /// When a file on disk is no longer what the change was made for, when a guard refuses, or the
    /// journal can't be written, nothing of this call has been written. After any other error, and
    /// after [`Error::Interrupted`], some of it has. Either way everything so far is still in the
    /// journal: end with [`Transaction::abort`], or by dropping the transaction.
    pub fn write(&mut self, changes: &[FileChange]) -> Result<()> {
        let paths: Vec<Utf8PathBuf> = changes.iter().map(|change| change.path.clone()).collect();
        let places = self.admit(&paths)?;
        let changes: Vec<(Place, &FileChange)> = places.into_iter().zip(changes).collect();
        refuse_twice(&changes)?;
        self.check_unchanged(&changes)?;
        let changes: Vec<(Place, &FileChange)> = changes
            .into_iter()
            .filter(|(_, change)| change.before.as_ref() != Some(&change.after))
            .collect();
        let planned: Vec<(&Place, Option<&[u8]>)> = changes
            .iter()
            .map(|(place, change)| (place, Some(change.after.as_slice())))
            .collect();
        self.refuse_interrupted()?;
        self.journal.remember(self.state.world, &planned)?;
        // Once more: keeping the originals took a moment, and an editor may have saved meanwhile.
        self.check_unchanged(&changes)?;
        for (place, change) in &changes {
            self.refuse_interrupted()?;
            place::put(self.state.world, &place.absolute, &change.after)?;
        }
        Ok(())
    }

    /// Makes sure that these files can be put back, whatever another program does to them, such as
    /// cargo to `Cargo.lock`. They may be missing. They are guarded like those that we write.
    ///
    /// # Errors
    /// When a guard refuses or the journal can't be written.
    pub fn protect(&mut self, paths: &[Utf8PathBuf]) -> Result<()> {
        let places = self.admit(paths)?;
        let planned: Vec<(&Place, Option<&[u8]>)> =
            places.iter().map(|place| (place, None)).collect();
        self.journal.remember(self.state.world, &planned)
    }

    /// Puts everything back and forgets it.
    ///
    /// # Errors
    /// When a file can't be put back. The journal then stays, and [`super::undo`] tries again.
    pub fn restore(mut self) -> Result<Restoration> {
        self.put_everything_back()
    }

    /// Puts everything back because of `cause`. Returns what to tell the user: `cause`, or, when
    /// putting back failed, both.
    #[must_use]
    pub fn abort(mut self, cause: Error) -> Error {
        match self.put_everything_back() {
            Ok(restored) => {
                let kept = restored.rescued.iter().map(|(path, kept)| {
                    format!("{path} was edited meanwhile, and that text is kept in {kept}")
                });
                kept.fold(cause, |cause, kept| cause.with_help(&kept))
            }
            Err(error) => Error::Process {
                message: format!("the tree could not be put back as it was: {error}"),
                output: match &error {
                    Error::Process { output, .. } => format!("{output}\nit began with: {cause}"),
                    _ => format!("it began with: {cause}"),
                },
                help: "mend what is named, then run `wasmtime-upgrade undo`".to_owned(),
            },
        }
    }

    /// Ends with everything as it is now. The journal stays for [`super::undo`], in the place of
    /// the one of the upgrade before; without any change there is none.
    ///
    /// # Errors
    /// When the journal can't be written. Everything has been put back then, or, should that have
    /// failed too, the error says so as [`Transaction::abort`] does.
    pub fn commit(mut self) -> Result<Committed> {
        match self.seal() {
            Ok(changed) => Ok(Committed {
                changed,
                notes: std::mem::take(&mut self.notes),
            }),
            Err(error) => Err(self.abort(error)),
        }
    }

    /// Writes down what is left, so that undoing can tell it from what somebody does later.
    fn seal(&mut self) -> Result<Vec<Utf8PathBuf>> {
        let world = self.state.world;
        let mut index = self.journal.index.clone();
        let mut changed = Vec::new();
        for entry in &mut index.files {
            let path = self.journal.path(world, entry)?;
            // Of a file that only we wrote, what we wrote: if it is something else by now, that
            // came from somebody whose work undoing must not take away.
            let left = match entry.written.last() {
                Some(written) if !entry.protected => written.clone(),
                _ => Fingerprint::of(read_if_any(world, &path)?.as_deref()),
            };
            if left != entry.original {
                changed.push(Utf8PathBuf::from(&entry.path));
            }
            entry.left = Some(left);
        }
        changed.sort();
        if changed.is_empty() {
            self.put_everything_back()?;
            return Ok(changed);
        }
        index.state = Phase::Committed;
        self.journal.replace_index(world, index)?;
        self.finished = true;
        // From here on it is done, whatever happens. An older journal that can't be removed does
        // no harm: it could be undone after this one.
        for number in self.state.journals().unwrap_or_default() {
            let folder = self.state.journal_folder(number);
            if !self.journal.is_at(&folder) {
                let _ = journal::discard(world, &folder);
            }
        }
        Ok(changed)
    }

    fn put_everything_back(&mut self) -> Result<Restoration> {
        // Also when it fails: trying the same again when dropped would hide what was reported.
        self.finished = true;
        if self.journal.is_empty() {
            return Ok(Restoration::default());
        }
        let restoration = restore(&self.state, &self.journal)?;
        self.journal.discard(self.state.world)?;
        Ok(restoration)
    }

    /// Finds these files and lets the guard look at those that it has not seen.
    fn admit(&mut self, paths: &[Utf8PathBuf]) -> Result<Vec<Place>> {
        let State { world, root, .. } = &self.state;
        let places = paths
            .iter()
            .map(|path| place::resolve(*world, root, path))
            .collect::<Result<Vec<Place>>>()?;
        let unseen: BTreeSet<Place> = places
            .iter()
            .filter(|place| !self.admitted.contains(place))
            .cloned()
            .collect();
        let unseen: Vec<Place> = unseen.into_iter().collect();
        let notes = guard::check(*world, root, &unseen, self.options)?;
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        self.admitted.extend(unseen);
        Ok(places)
    }

    fn check_unchanged(&self, changes: &[(Place, &FileChange)]) -> Result<()> {
        let mut other = Vec::new();
        for (place, change) in changes {
            if read_if_any(self.state.world, &place.absolute)? != change.before {
                other.push(place);
            }
        }
        let Some(first) = other.first() else {
            return Ok(());
        };
        let mut reason = "it changed on disk after it was read, so nothing was written".to_owned();
        for place in &other[1..] {
            reason.push_str(&format!("; so did {}", place.relative));
        }
        Err(Error::io(
            "write",
            first.relative.as_str(),
            io::Error::other(reason),
        ))
    }

    fn refuse_interrupted(&self) -> Result<()> {
        if self.state.world.interrupted() {
            return Err(Error::Interrupted);
        }
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.finished {
            // Nobody is left to tell. What can't be put back stays in the journal, the next run
            // says so, and `undo` does it.
            let _ = self.put_everything_back();
        }
    }
}

/// Two changes of one file can't both be made for what is on disk.
fn refuse_twice(changes: &[(Place, &FileChange)]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for (place, change) in changes {
        if !seen.insert(place) {
            return Err(Error::usage(
                format!(
                    "{} is {}, which is to be changed too",
                    change.path, place.relative
                ),
                "two paths lead to the same file: make one of them a file of its own",
            ));
        }
    }
    Ok(())
}

fn unfinished(earlier: &Journal, root: &Utf8Path) -> Error {
    Error::usage(
        format!(
            "an earlier run ({}, {}) was killed and left {root} half done",
            earlier.index.description, earlier.index.date
        ),
        "run `wasmtime-upgrade undo` first: it puts the files back as they were",
    )
}
