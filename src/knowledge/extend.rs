//! Knowledge that is newer than this program: releases from cargo's index, advisories from a
//! database, a user's own entries.

use camino::{Utf8Path, Utf8PathBuf};
use semver::Op;

use super::own::{Own, OwnEntry, OwnMigration};
use super::provenance::{AdvisoryDb, OwnEntries};
use super::{Entry, Knowledge};
use crate::advisory_db::Database;
use crate::error::{Error, Result};
use crate::registry::RegistryCache;

impl Knowledge {
    /// The entry that is about the matter of that id, or has it as an alias.
    #[must_use]
    pub fn about(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.goes_by(id))
    }

    /// With a user's own entries and migrations, read from `folder`.
    ///
    /// # Errors
    /// Two about the same matter; both are named.
    pub fn with_own(mut self, folder: &Utf8Path, own: Own) -> Result<Self> {
        let count = own.entries.len();
        let migrations = own.migrations.len();
        self = self.with_own_migrations(own.migrations)?;
        let mut places: Vec<(String, Utf8PathBuf)> = Vec::new();
        for OwnEntry { path, entry } in own.entries {
            let ids = std::iter::once(&entry.id).chain(&entry.aliases);
            if let Some(other) = ids.clone().find_map(|id| self.about(id)) {
                let place = places.iter().find(|(id, _)| *id == other.id);
                let other = match place {
                    Some((_, other)) => other.to_string(),
                    None => format!("the built-in entry `{}`", other.id),
                };
                return Err(Error::usage(
                    format!("{path} is about the same matter as {other}"),
                    "keep one of the two; a built-in entry is silenced by the policy file",
                ));
            }
            places.push((entry.id.clone(), path));
            self.entries.push(entry);
        }
        self.provenance.own_entries = Some(OwnEntries {
            path: folder.to_owned(),
            entries: count,
            migrations,
        });
        self.sort();
        Ok(self)
    }

    fn with_own_migrations(mut self, own: Vec<OwnMigration>) -> Result<Self> {
        let mut places: Vec<(String, Utf8PathBuf)> = Vec::new();
        for OwnMigration { path, migration } in own {
            if self.migration(&migration.id).is_some() {
                let place = places.iter().find(|(id, _)| *id == migration.id);
                let other = match place {
                    Some((_, other)) => other.to_string(),
                    None => format!("the built-in migration `{}`", migration.id),
                };
                return Err(Error::usage(
                    format!("{path} has the name of {other}"),
                    "give it another one",
                ));
            }
            places.push((migration.id.clone(), path));
            self.migrations.add_own(migration);
        }
        Ok(self)
    }

    /// With the advisories of a database that nothing here knows, by id or alias. Those about
    /// releases that are all older than the table are left out.
    #[must_use]
    pub fn with_advisories(mut self, database: Database) -> Self {
        let read = database.entries.len();
        let before = self.entries.len();
        for entry in database.entries {
            let known = std::iter::once(&entry.id)
                .chain(&entry.aliases)
                .any(|id| self.about(id).is_some());
            if !known && !self.is_past(&entry) {
                self.entries.push(entry);
            }
        }
        self.provenance.advisory_db = Some(AdvisoryDb {
            path: database.path,
            date: database.date,
            read,
            added: self.entries.len() - before,
        });
        self.sort();
        self
    }

    /// With the releases that cargo's cached index knows.
    #[must_use]
    pub fn with_published(mut self, cache: &RegistryCache) -> Self {
        self.provenance.newer = self.releases.absorb(&cache.news);
        self.provenance.notes.extend_from_slice(&cache.notes);
        self
    }

    /// Whether every range of the entry ends before the oldest release of the table.
    fn is_past(&self, entry: &Entry) -> bool {
        let Some(oldest) = self.releases.iter().next() else {
            return false;
        };
        let oldest = &oldest.version.0;
        entry.affected.iter().all(|range| {
            range.comparators.iter().any(|bound| {
                let end = (
                    bound.major,
                    bound.minor.unwrap_or(0),
                    bound.patch.unwrap_or(0),
                );
                bound.op == Op::Less && end <= (oldest.major, oldest.minor, oldest.patch)
            })
        })
    }

    pub(super) fn sort(&mut self) {
        crate::order::sort_by(&mut self.entries, |a, b| a.id.cmp(&b.id));
    }
}
