//! Where the facts come from that a project was judged by, and how old they are.

use camino::Utf8PathBuf;
use jiff::civil::Date;

use crate::version::FamilyVersion;

/// From this age on, in days, the facts are called stale: Wasmtime has a release every month, so
/// older ones miss at least one.
pub const STALE_AFTER: i64 = 45;

/// What the facts come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The day of the newest fact that this program was built with.
    pub built_in: Date,
    /// The advisory database that was given.
    pub advisory_db: Option<AdvisoryDb>,
    /// The user's own entries that were given.
    pub own_entries: Option<OwnEntries>,
    /// Releases that only cargo's cached index knows.
    pub newer: Vec<FamilyVersion>,
    /// What was passed over and why, one sentence each.
    pub notes: Vec<String>,
}

/// An advisory database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisoryDb {
    /// Where it is.
    pub path: Utf8PathBuf,
    /// The day of its newest advisory.
    pub date: Date,
    /// Advisories about crates of the family.
    pub read: usize,
    /// Those of them that nothing else here knew.
    pub added: usize,
}

/// A folder of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnEntries {
    /// Where it is.
    pub path: Utf8PathBuf,
    /// How many entries there are.
    pub entries: usize,
    /// How many migrations.
    pub migrations: usize,
}

impl Provenance {
    /// The day up to which advisories are known: a database that is newer than the program makes
    /// up for the program's age.
    #[must_use]
    pub fn date(&self) -> Date {
        let database = self.advisory_db.as_ref().map(|database| database.date);
        database.map_or(self.built_in, |date| date.max(self.built_in))
    }

    /// How old that is on `today`, in days.
    #[must_use]
    pub fn age_days(&self, today: Date) -> i64 {
        let age = today.duration_since(self.date());
        (age.as_hours() / 24).max(0)
    }

    /// Whether too much may have happened since.
    #[must_use]
    pub fn stale(&self, today: Date) -> bool {
        self.age_days(today) > STALE_AFTER
    }

    /// Sources in a few words, for example `knowledge of 2026-11-22, advisories of 2026-12-01`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = format!("knowledge of {}", self.built_in);
        if let Some(database) = &self.advisory_db {
            words.push_str(&format!(
                ", advisories of {} ({} more)",
                database.date, database.added
            ));
        }
        if let Some(own) = &self.own_entries {
            words.push_str(&format!(", {} of your own", own.entries + own.migrations));
        }
        match self.newer.as_slice() {
            [] => {}
            [one] => words.push_str(&format!(", release {one} from cargo's index")),
            many => words.push_str(&format!(
                ", {} newer releases from cargo's index",
                many.len()
            )),
        }
        words
    }

    /// Lines for people, each with its line end: a warning about the age, and what was passed over.
    #[must_use]
    pub fn remarks(&self, today: Date) -> String {
        let mut text = String::new();
        if self.stale(today) {
            text.push_str(&format!(
                "warning: what this was held against is {} days old: what was found since is missing; update this program, or give a newer database with --advisory-db\n",
                self.age_days(today)
            ));
        }
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_age_counts_from_the_newest_source_and_is_never_negative() {
        let mut sources = Provenance {
            built_in: date(2026, 11, 22),
            ..Provenance::default()
        };
        assert_eq!(sources.age_days(date(2026, 11, 1)), 0);
        assert_eq!(sources.age_days(date(2027, 1, 6)), 45);
        assert!(!sources.stale(date(2027, 1, 6)));
        assert!(sources.stale(date(2027, 1, 7)));
        assert!(
            sources
                .remarks(date(2027, 1, 7))
                .starts_with("warning: what this was held against is 46 days old")
        );
        sources.advisory_db = Some(AdvisoryDb {
            path: "db".into(),
            date: date(2027, 1, 2),
            read: 80,
            added: 2,
        });
        assert_eq!(sources.age_days(date(2027, 1, 7)), 5);
        assert_eq!(sources.remarks(date(2027, 1, 7)), "");
        assert_eq!(
            sources.words(),
            "knowledge of 2026-11-22, advisories of 2027-01-02 (2 more)"
        );
    }
}
