//! `explain` and `list`: the knowledge base, printed.

use std::fmt::Write as _;

use serde::Serialize;

use super::output::Session;
use super::{ExplainArgs, ListArgs, Listing};
use crate::check::built_in::{BUILT_IN, BuiltIn, built_in};
use crate::error::{Error, ExitCode, Result};
use crate::knowledge::migration::Grade;
use crate::knowledge::{Confidence, Entry, Kind, Knowledge, Means, Migration, Release};
use crate::prove;
use crate::suggest::nearest;
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

/// A migration for programs.
#[derive(Serialize)]
struct MigrationDocument<'a> {
    id: &'a str,
    title: &'a str,
    since: &'a FamilyVersion,
    means: Means,
    grade: Grade,
    links: &'a [String],
    prose: &'a str,
    before: &'a str,
    after: &'a str,
}

impl<'a> MigrationDocument<'a> {
    fn new(migration: &'a Migration) -> Self {
        Self {
            id: &migration.id,
            title: &migration.title,
            since: &migration.since,
            means: migration.means,
            grade: migration.grade,
            links: &migration.links,
            prose: &migration.prose,
            before: &migration.before,
            after: &migration.after,
        }
    }
}

fn of_migration(migration: &Migration) -> String {
    let (from, to) = (&migration.proof.from, &migration.proof.to);
    let mut text = format!(
        "{} (migration)\n{}\n\n  since     {}\n  done      {}\n  grade     {}\n\n{}\n\nFor {from}:\n\n{}\nFor {to}, where that is {}:\n\n{}",
        migration.id,
        migration.title,
        migration.since,
        migration.means.word(),
        migration.grade.word(),
        migration.prose,
        indented(&migration.before),
        migration.proof.error.as_deref().unwrap_or("no error"),
        indented(&migration.after),
    );
    for link in &migration.links {
        let _ = write!(text, "\n{link}");
    }
    text.push('\n');
    text
}

fn indented(code: &str) -> String {
    let lines = code.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("    {line}\n"),
    });
    lines.collect()
}

pub(super) fn explain(session: &Session<'_>, args: &ExplainArgs) -> Result<ExitCode> {
    let knowledge = session.knowledge;
    if let Some(rule) = built_in(&args.id) {
        session.result(&of_program(session, rule));
        return Ok(ExitCode::Clean);
    }
    if let Some(migration) = knowledge.migration(&args.id) {
        match session.json() {
            true => session.document(&MigrationDocument::new(migration), false)?,
            false => session.result(&of_migration(migration)),
        }
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
    let (matrix, outcome) = prove::kept(id)?;
    Some(format!(
        "Proven ({}): {}\n\n{}",
        matrix.id,
        matrix.title,
        prove::markdown(&matrix, &outcome)
    ))
}

/// A rule of the program's own; those about support with the table behind them.
fn of_program(session: &Session<'_>, rule: &BuiltIn) -> String {
    let mut text = format!(
        "{} ({})\n{}\n\n{}\n",
        rule.id,
        rule.kind.word(),
        rule.title,
        rule.prose
    );
    if rule.kind != Kind::Support {
        return text;
    }
    let today = session.world.today();
    let _ = writeln!(text, "\nSupported on {today}:");
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
    let ids = knowledge
        .entries
        .iter()
        .map(|entry| entry.id.as_str())
        .chain(BUILT_IN.iter().map(|rule| rule.id))
        .chain(knowledge.migrations.iter().map(|it| it.id.as_str()));
    let help = match nearest(id, ids) {
        Some(other) => format!("did you mean `{other}`?"),
        None => "see `wasmtime-upgrade list` for all ids".to_owned(),
    };
    Error::usage(format!("nothing is known under the id `{id}`"), help)
}

#[derive(Serialize)]
struct ReleaseDocument<'a> {
    version: &'a FamilyVersion,
    published: Option<String>,
    rust_version: String,
    lts: bool,
    supported_until: String,
    supported: bool,
    derived: bool,
    from_registry_cache: bool,
    selectable: bool,
    remark: Option<&'a str>,
}

pub(super) fn list(session: &Session<'_>, args: &ListArgs) -> Result<ExitCode> {
    match args.what {
        Listing::Rules => rules(session),
        Listing::Releases => releases(session),
        Listing::Migrations => migrations(session),
    }
}

fn migrations(session: &Session<'_>) -> Result<ExitCode> {
    let migrations = &session.knowledge.migrations;
    if session.json() {
        let documents: Vec<_> = migrations.iter().map(MigrationDocument::new).collect();
        session.document(&documents, false)?;
        return Ok(ExitCode::Clean);
    }
    let mut text = String::new();
    for migration in migrations.iter() {
        let _ = writeln!(
            text,
            "{}\n  {}, {}, {}: {}",
            migration.id,
            migration.since,
            migration.means.word(),
            migration.grade.word(),
            migration.title
        );
    }
    session.result(&text);
    Ok(ExitCode::Clean)
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
    for rule in BUILT_IN {
        let _ = writeln!(text, "{}\n  {}: {}", rule.id, rule.kind.word(), rule.title);
    }
    session.result(&text);
    Ok(ExitCode::Clean)
}

/// What matters most about a release besides its line.
fn remark(release: &Release) -> Option<&str> {
    let unserved = release.unserved.then_some("not served by the registry");
    let yanked = release.yanked.then_some("taken back from the registry");
    release
        .unusable
        .as_deref()
        .or(unserved)
        .or(yanked)
        .or(release.remark.as_deref())
}

fn releases(session: &Session<'_>) -> Result<ExitCode> {
    let today = session.world.today();
    let knowledge = session.current_knowledge();
    let releases = &knowledge.releases;
    let documents: Vec<ReleaseDocument<'_>> = releases
        .iter()
        .rev()
        .filter_map(|release| {
            let line = releases.line(release.version.line())?;
            Some(ReleaseDocument {
                version: &release.version,
                published: release.published.map(|day| day.to_string()),
                rust_version: line.rust_version.to_string(),
                lts: line.lts,
                supported_until: line.supported_until.to_string(),
                supported: line.supported_on(today),
                derived: line.derived,
                from_registry_cache: knowledge.provenance.newer.contains(&release.version),
                selectable: release.selectable(),
                remark: remark(release),
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
        let newer = if release.from_registry_cache {
            "; newer than this program, from cargo's index"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "{:<12}  {:<10}  {:<4}  {support}{remark}{newer}",
            release.version.to_string(),
            release.published.as_deref().unwrap_or("unknown"),
            release.rust_version
        );
    }
    text.push_str(&knowledge.provenance.remarks(today));
    session.result(&text);
    Ok(ExitCode::Clean)
}
