//! `explain` and `list`: the knowledge base, printed.

use std::fmt::Write as _;

use serde::Serialize;

use super::output::Session;
use super::{ExplainArgs, ListArgs, Listing};
use crate::check::SUPPORT_ENDED;
use crate::error::{Error, ExitCode, Result};
use crate::knowledge::{Confidence, Entry, Kind, Knowledge};
use crate::prove::{self, ProofOutcome};
use crate::version::FamilyVersion;

/// An entry for programs.
#[derive(Serialize)]
struct EntryDocument<'a> {
    id: &'a str,
    kind: Kind,
    title: &'a str,
    package: &'a str,
    affected: Vec<String>,
    fixed_in: &'a [FamilyVersion],
    remedy: &'a str,
    confidence: Confidence,
    links: &'a [String],
    prose: &'a str,
}

impl<'a> EntryDocument<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self {
            id: &entry.id,
            kind: entry.kind,
            title: &entry.title,
            package: &entry.package,
            affected: entry.affected.iter().map(ToString::to_string).collect(),
            fixed_in: &entry.fixed_in,
            remedy: &entry.remedy,
            confidence: entry.confidence,
            links: &entry.links,
            prose: &entry.prose,
        }
    }
}

pub(super) fn explain(session: &Session<'_>, args: &ExplainArgs) -> Result<ExitCode> {
    let knowledge = session.knowledge;
    if args.id == SUPPORT_ENDED {
        session.result(&support(session));
        return Ok(ExitCode::Clean);
    }
    let Some(entry) = knowledge.entry(&args.id) else {
        return Err(unknown(knowledge, &args.id));
    };
    if session.json() {
        session.document(&EntryDocument::new(entry), false)?;
    } else {
        session.result(&text(entry));
    }
    Ok(ExitCode::Clean)
}

fn text(entry: &Entry) -> String {
    let affected: Vec<String> = entry.affected.iter().map(ToString::to_string).collect();
    let fixed: Vec<String> = entry.fixed_in.iter().map(ToString::to_string).collect();
    let mut text = format!(
        "{} ({})\n{}\n\n  crate     {}\n  affected  {}\n  fixed in  {}\n  to do     {}\n\n{}\n",
        entry.id,
        entry.kind.word(),
        entry.title,
        entry.package,
        affected.join(" or "),
        fixed.join(", "),
        entry.remedy,
        entry.prose,
    );
    if let Some(table) = entry.proof.as_deref().and_then(proof) {
        let _ = write!(text, "\n{table}");
    }
    for link in &entry.links {
        let _ = write!(text, "\n{link}");
    }
    text.push('\n');
    text
}

/// What the compiler said when the entry was proven, as a table.
fn proof(id: &str) -> Option<String> {
    let matrix = prove::matrices()
        .ok()?
        .into_iter()
        .find(|matrix| matrix.id == id)?;
    let evidence = prove::evidence().ok()?.remove(id)?;
    let outcome = ProofOutcome::of_evidence(&matrix, &evidence);
    Some(format!(
        "Proven ({}): {}\n\n{}",
        matrix.id,
        matrix.title,
        prove::markdown(&matrix, &outcome)
    ))
}

/// The table behind the findings about the end of support.
fn support(session: &Session<'_>) -> String {
    let today = session.world.today();
    let mut text = format!(
        "{SUPPORT_ENDED} (support)\nFixes are made for a line for two months, for every twelfth line (LTS) for two years.\n\nSupported on {today}:\n"
    );
    for line in session
        .knowledge
        .releases
        .lines()
        .filter(|line| line.supported_on(today))
    {
        let lts = if line.lts { ", LTS" } else { "" };
        let _ = writeln!(
            text,
            "  {} until {}{lts}, needs Rust {}",
            line.line, line.supported_until, line.rust_version
        );
    }
    text
}

fn unknown(knowledge: &Knowledge, id: &str) -> Error {
    let likeness = |other: &&str| {
        let diff = similar::TextDiff::from_chars(id, *other);
        (diff.ratio() * 1000.0) as u32
    };
    let ids = knowledge
        .entries
        .iter()
        .map(|entry| entry.id.as_str())
        .chain([SUPPORT_ENDED]);
    let help = match ids
        .max_by_key(likeness)
        .filter(|other| likeness(other) > 600)
    {
        Some(other) => format!("did you mean `{other}`?"),
        None => "see `wasmtime-upgrade list` for all ids".to_owned(),
    };
    Error::usage(format!("nothing is known under the id `{id}`"), help)
}

#[derive(Serialize)]
struct ReleaseDocument<'a> {
    version: &'a FamilyVersion,
    published: String,
    rust_version: String,
    lts: bool,
    supported_until: String,
    supported: bool,
    selectable: bool,
    remark: Option<&'a str>,
}

pub(super) fn list(session: &Session<'_>, args: &ListArgs) -> Result<ExitCode> {
    match args.what {
        Listing::Rules => rules(session),
        Listing::Releases => releases(session),
    }
}

fn rules(session: &Session<'_>) -> Result<ExitCode> {
    let entries = &session.knowledge.entries;
    if session.json() {
        let documents: Vec<_> = entries.iter().map(EntryDocument::new).collect();
        session.document(&documents, false)?;
        return Ok(ExitCode::Clean);
    }
    let mut text = String::new();
    for entry in entries {
        let affected: Vec<String> = entry.affected.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "{}\n  {} {}: {}",
            entry.id,
            entry.package,
            affected.join(" or "),
            entry.title
        );
    }
    let _ = writeln!(
        text,
        "{SUPPORT_ENDED}\n  wasmtime: the line gets no fixes any more"
    );
    session.result(&text);
    Ok(ExitCode::Clean)
}

fn releases(session: &Session<'_>) -> Result<ExitCode> {
    let today = session.world.today();
    let releases = &session.knowledge.releases;
    let documents: Vec<ReleaseDocument<'_>> = releases
        .iter()
        .rev()
        .filter_map(|release| {
            let line = releases.line(release.version.line())?;
            Some(ReleaseDocument {
                version: &release.version,
                published: release.published.to_string(),
                rust_version: line.rust_version.to_string(),
                lts: line.lts,
                supported_until: line.supported_until.to_string(),
                supported: line.supported_on(today),
                selectable: release.selectable(),
                remark: release.unusable.as_deref().or(release.remark.as_deref()),
            })
        })
        .collect();
    if session.json() {
        session.document(&documents, false)?;
        return Ok(ExitCode::Clean);
    }
    let mut text = String::from("version       published   Rust  support\n");
    for release in &documents {
        let support = match (release.supported, release.lts) {
            (true, true) => format!("until {}, LTS", release.supported_until),
            (true, false) => format!("until {}", release.supported_until),
            (false, _) => format!("ended {}", release.supported_until),
        };
        let remark = release
            .remark
            .map(|remark| format!("; {remark}"))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "{:<12}  {}  {:<4}  {support}{remark}",
            release.version.to_string(),
            release.published,
            release.rust_version
        );
    }
    session.result(&text);
    Ok(ExitCode::Clean)
}
