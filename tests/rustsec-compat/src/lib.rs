//! Compares what this repository says about the advisories of the Wasmtime family with what the
//! `rustsec` crate makes of a RustSec database.
//!
//! Both are asked the same question: is this release affected by that advisory? Every answer that
//! differs must have its reason in `reasons.toml`, and every reason must be needed.

#![warn(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rustsec::Database;
use rustsec::advisory::Advisory;
use serde::Deserialize;
use wasmtime_upgrade::knowledge::{Entry, Kind, Knowledge};
use wasmtime_upgrade::version::FamilyVersion;

/// Why the two differ about one advisory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The id that RustSec gave it.
    pub id: String,
    /// The releases that they differ about, as a requirement on versions.
    pub range: String,
    /// Who says "affected": `here` or `rustsec`.
    pub affected: Side,
    /// Why, in our own words.
    pub reason: String,
}

/// One of the two.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// This repository.
    Here,
    /// The database.
    Rustsec,
}

/// All reasons.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    /// In the order of the file.
    #[serde(default, rename = "reason")]
    pub reasons: Vec<Reason>,
}

/// The figures of a comparison.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Advisories that both know.
    pub shared: Vec<String>,
    /// Questions that were asked: one a release and advisory.
    pub questions: usize,
    /// Answers that are the same.
    pub agreements: usize,
    /// Answers that differ for a reason that is written down.
    pub reasoned: usize,
    /// Advisories with such answers.
    pub reasoned_ids: BTreeSet<String>,
    /// Answers that differ and nobody knows why: the advisory, the releases, who says "affected".
    pub unexplained: Vec<String>,
    /// Reasons that no answer needs.
    pub unused: Vec<String>,
    /// Advisories about the family that only the database knows.
    pub only_there: Vec<String>,
    /// Advisories that only this repository knows.
    pub only_here: Vec<String>,
}

/// Asks both about every release.
///
/// # Errors
/// A reason whose range is none.
pub fn compare(
    knowledge: &Knowledge,
    database: &Database,
    reasons: &Reasons,
) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    let mut used = vec![false; reasons.reasons.len()];
    let ranges = ranges(reasons)?;
    let mut known = BTreeSet::new();
    for advisory in database.iter() {
        let id = advisory.id().to_string();
        let Some(member) = knowledge.family.get(advisory.metadata.package.as_str()) else {
            continue;
        };
        if advisory.metadata.withdrawn.is_some() {
            continue;
        }
        let Some(entry) = entry_about(knowledge, advisory) else {
            if concerns(knowledge, advisory) {
                outcome.only_there.push(id);
            }
            continue;
        };
        known.insert(entry.id.clone());
        let mut differences = BTreeMap::<Side, Vec<&FamilyVersion>>::new();
        for release in knowledge.releases.iter() {
            let version = member.numbering.version_at(&release.version).0;
            let here = entry.affects(&release.version);
            let there = advisory.versions.is_vulnerable(&version);
            outcome.questions += 1;
            if here == there {
                outcome.agreements += 1;
                continue;
            }
            let side = if here { Side::Here } else { Side::Rustsec };
            let reason = reasons
                .reasons
                .iter()
                .zip(&ranges)
                .position(|(reason, range)| {
                    reason.id == id && reason.affected == side && range.matches(&release.version.0)
                });
            match reason {
                Some(place) => {
                    used[place] = true;
                    outcome.reasoned += 1;
                    outcome.reasoned_ids.insert(id.clone());
                }
                None => differences.entry(side).or_default().push(&release.version),
            }
        }
        for (side, releases) in differences {
            let releases: Vec<String> = releases.iter().map(ToString::to_string).collect();
            outcome.unexplained.push(format!(
                "{id} ({}): {side:?} says affected: {}",
                entry.id,
                releases.join(" ")
            ));
        }
        outcome.shared.push(id);
    }
    outcome.unused = reasons
        .reasons
        .iter()
        .zip(used)
        .filter(|(_, used)| !used)
        .map(|(reason, _)| format!("{} {}", reason.id, reason.range))
        .collect();
    outcome.only_here = knowledge
        .entries
        .iter()
        .filter(|entry| entry.kind == Kind::Advisory && !known.contains(&entry.id))
        .map(|entry| entry.id.clone())
        .collect();
    Ok(outcome)
}

fn ranges(reasons: &Reasons) -> Result<Vec<rustsec::VersionReq>, String> {
    let range = |reason: &Reason| {
        reason
            .range
            .parse()
            .map_err(|error| format!("{}: `{}` is no range: {error}", reason.id, reason.range))
    };
    reasons.reasons.iter().map(range).collect()
}

/// Our entry on the matter of an advisory, by its id or any other name it has.
fn entry_about<'a>(knowledge: &'a Knowledge, advisory: &Advisory) -> Option<&'a Entry> {
    let aliases = advisory.metadata.aliases.iter();
    std::iter::once(advisory.id())
        .chain(aliases)
        .find_map(|id| knowledge.about(id.as_str()))
}

/// Whether any release that is known here is affected, in the database's opinion.
fn concerns(knowledge: &Knowledge, advisory: &Advisory) -> bool {
    let Some(member) = knowledge.family.get(advisory.metadata.package.as_str()) else {
        return false;
    };
    knowledge.releases.iter().any(|release| {
        let version = member.numbering.version_at(&release.version).0;
        advisory.versions.is_vulnerable(&version)
    })
}

/// Opens a database.
///
/// # Errors
/// What is wrong with the folder.
pub fn open(path: &Path) -> Result<Database, String> {
    Database::open(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Reads `reasons.toml`.
///
/// # Errors
/// What is wrong with the text.
pub fn reasons(text: &str) -> Result<Reasons, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}
