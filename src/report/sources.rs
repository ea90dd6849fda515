//! What a judgement rests on, and how old it is, for programs.

use jiff::civil::Date;
use serde::Serialize;

use crate::knowledge::Provenance;

/// The sources of a judgement.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SourcesDocument {
    knowledge_date: String,
    knowledge_age_days: i64,
    stale: bool,
    advisory_db: Option<AdvisoryDbDocument>,
    own_entries: Option<OwnEntriesDocument>,
    newer_releases: Vec<String>,
    knowledge_notes: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct AdvisoryDbDocument {
    path: String,
    date: String,
    read: usize,
    added: usize,
}

#[derive(Clone, Debug, Serialize)]
struct OwnEntriesDocument {
    path: String,
    entries: usize,
    migrations: usize,
}

impl SourcesDocument {
    /// The sources, and their age on `today`.
    pub(super) fn new(sources: &Provenance, today: Date) -> Self {
        let database = sources.advisory_db.as_ref();
        let own = sources.own_entries.as_ref();
        Self {
            knowledge_date: sources.built_in.to_string(),
            knowledge_age_days: sources.age_days(today),
            stale: sources.stale(today),
            advisory_db: database.map(|database| AdvisoryDbDocument {
                path: database.path.to_string(),
                date: database.date.to_string(),
                read: database.read,
                added: database.added,
            }),
            own_entries: own.map(|own| OwnEntriesDocument {
                path: own.path.to_string(),
                entries: own.entries,
                migrations: own.migrations,
            }),
            newer_releases: sources.newer.iter().map(ToString::to_string).collect(),
            knowledge_notes: sources.notes.clone(),
        }
    }
}
