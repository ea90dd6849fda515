//! After the last round: what the upgrade left that nothing uses any more.

use std::collections::BTreeMap;

use super::Rounds;
use crate::apply::{FileChange, Transaction};
use crate::edit::EditSet;
use crate::error::{Error, Result};
use crate::migrate::guided::{self, Texts, Unused};
use crate::verify::CheckRun;

/// The sources as they were before imports and `mut`s were taken away.
pub(in crate::upgrade) struct Untidied {
    /// What goes, in words.
    pub(in crate::upgrade) what: String,
    texts: Texts,
    edits: BTreeMap<String, (String, EditSet)>,
    changes: Vec<FileChange>,
}

impl Rounds<'_> {
    /// Takes away the imports and `mut`s that the upgrade left without a use, now that everything compiles. What to
    /// take back should it not compile without them; none when there was nothing to do.
    ///
    /// # Errors
    /// What kept the edits from being written, but for files that must not be changed: what has no
    /// use is no more than a warning.
    pub(in crate::upgrade) fn tidy(
        &mut self,
        run: &CheckRun,
        transaction: &mut Transaction<'_>,
    ) -> Result<Option<Untidied>> {
        let unused = guided::unused(&run.unused, &self.texts, &self.terms());
        let changes = self.changes(&unused.edits);
        if changes.is_empty() {
            return Ok(None);
        }
        match transaction.write(&changes) {
            Ok(()) => {}
            Err(Error::Usage { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        let untidied = Untidied {
            what: named(&unused),
            texts: self.texts.clone(),
            edits: self.edits.clone(),
            changes: changes.into_iter().filter_map(back).collect(),
        };
        self.made(unused.edits);
        Ok(Some(untidied))
    }

    /// Back to what compiled.
    ///
    /// # Errors
    /// When it can't be written.
    pub(in crate::upgrade) fn untidy(
        &mut self,
        untidied: Untidied,
        transaction: &mut Transaction<'_>,
    ) -> Result<()> {
        transaction.write(&untidied.changes)?;
        self.texts = untidied.texts;
        self.edits = untidied.edits;
        Ok(())
    }
}

/// The change that takes this one back.
fn back(change: FileChange) -> Option<FileChange> {
    Some(FileChange {
        path: change.path,
        after: change.before?,
        before: Some(change.after),
    })
}

/// "1 import that nothing uses any more", "2 imports and 1 `mut` that nothing uses any more"
fn named(unused: &Unused) -> String {
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {one}s")),
    };
    let parts = [
        counted(unused.imports, "import"),
        counted(unused.muts, "`mut`"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{} that nothing uses any more", parts.join(" and "))
}
