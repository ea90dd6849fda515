//! The state before the upgrade, compiled for comparison.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::Progress;
use super::execute::{lockfile_of, summary};
use super::rounds::Rounds;
use crate::apply::{FileChange, Transaction};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::verify::{Cargo, CheckRun, Selection};
use crate::workspace::Workspace;
use crate::world::World;

/// What it takes to go back for a while.
pub(super) struct Baseline<'a> {
    pub(super) world: &'a dyn World,
    pub(super) workspace: &'a Workspace,
    pub(super) plan: &'a Plan,
    pub(super) cargo: &'a Cargo<'a>,
}

impl Baseline<'_> {
    /// `cargo check` of the project as it was: what did not compile before either is not the upgrade's
    /// doing. Everything is put back for it, and then forward again.
    pub(super) fn check(
        &self,
        transaction: &mut Transaction<'_>,
        rounds: &Rounds<'_>,
        of: &Selection,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<CheckRun> {
        let lockfile_path = lockfile_of(self.workspace);
        progress(Progress::Step(
            "Checking",
            &format!("{} as it was, for comparison", self.plan.from),
        ));
        let mut originals: BTreeMap<Utf8PathBuf, Vec<u8>> = self
            .plan
            .files
            .iter()
            .chain(&self.plan.pinned)
            .map(|file| (file.path.clone(), file.before.clone().into_bytes()))
            .chain(rounds.originals())
            .collect();
        if let Some(lockfile) = &self.workspace.lockfile {
            let text = lockfile.text.clone().into_bytes();
            originals.insert(lockfile_path.clone(), text);
        }
        // Cargo may write the lockfile, whether there was one or not.
        let mut paths: BTreeSet<&Utf8PathBuf> = originals.keys().collect();
        paths.insert(&lockfile_path);
        let read_all = || -> Result<BTreeMap<Utf8PathBuf, Vec<u8>>> {
            let texts = paths.iter().map(|path| {
                let bytes = self.world.read(path);
                let bytes = bytes.map_err(|error| Error::io("read", (*path).clone(), error))?;
                Ok(((*path).clone(), bytes))
            });
            texts.collect()
        };
        let results = read_all()?;
        let to = |now: &BTreeMap<Utf8PathBuf, Vec<u8>>, then: &BTreeMap<Utf8PathBuf, Vec<u8>>| {
            let changes = then.iter().map(|(path, after)| FileChange {
                path: path.clone(),
                before: now.get(path).cloned(),
                after: after.clone(),
            });
            changes.collect::<Vec<_>>()
        };
        transaction.write(&to(&results, &originals))?;
        let run = self
            .cargo
            .check(of, false, &mut |line| progress(Progress::Cargo(line)))?;
        transaction.write(&to(&read_all()?, &results))?;
        progress(Progress::Step("Baseline", &summary(&run)));
        Ok(run)
    }
}
