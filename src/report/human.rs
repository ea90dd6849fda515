//! Reports for people: findings look like rustc's errors, and each ends with a command to paste.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Level as Shown, Origin, Renderer, Snippet};
use camino::{Utf8Path, Utf8PathBuf};

use super::{CheckReport, LookedAt, counted};
use crate::config::{Applied, EXPIRING_DAYS};
use crate::finding::{Evidence, Finding, Level, Location};
use crate::knowledge::{Kind, Knowledge};
use crate::workspace::{NotLookedAt, Project, lexical, lexical_below, relative_to};

mod init;
mod plan;
mod upgrade;

pub use init::init;
pub use plan::comparison;
pub use upgrade::upgrade;

/// How the reader wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Also notes, and everything that was not looked at.
    pub verbose: bool,
    /// How the user started this program, for commands to paste.
    pub program: Program,
    /// Where the user stands: paths are shown from there, so that they can be followed.
    pub here: Utf8PathBuf,
    /// What paths are relative to for those who have another copy of the project, as a code host
    /// has: the root of the repository.
    pub base: Utf8PathBuf,
}

impl Style {
    /// A path that is relative to the project's root, as seen from where the user stands.
    #[must_use]
    pub fn path(&self, project: &Project, path: &str) -> String {
        if self.here.as_str().is_empty() {
            return path.to_owned();
        }
        relative_to(&self.here, &lexical(&project.root.join(path)))
    }

    /// A path that is relative to the project's root, as a code host knows the file; as it is when
    /// the file is not in the repository.
    #[must_use]
    pub fn from_base(&self, project: &Project, path: &str) -> String {
        let whole = lexical(&project.root.join(path));
        match whole.starts_with(&self.base) {
            true => relative_to(&self.base, &whole),
            false => path.to_owned(),
        }
    }
}

/// How the user started this program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Program {
    /// `wasmtime-upgrade`.
    #[default]
    Installed,
    /// `cargo wasmtime-upgrade`.
    CargoSubcommand,
    /// `cargo xtask`.
    Xtask,
    /// `cargo xtask wasmtime`: in an xtask that has other commands of its own.
    NestedXtask,
}

impl Program {
    /// What to type in front of a subcommand.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Installed => "wasmtime-upgrade",
            Self::CargoSubcommand => "cargo wasmtime-upgrade",
            Self::Xtask => "cargo xtask",
            Self::NestedXtask => "cargo xtask wasmtime",
        }
    }
}

/// The report of `check` for one root.
#[must_use]
pub fn check(report: &CheckReport, knowledge: &Knowledge, style: &Style) -> String {
    let mut text = findings(report, style);
    text.push_str(&not_looked_at(&report.not_looked_at, style));
    text.push_str(&knowledge.provenance.remarks(report.today));
    let _ = writeln!(text, "{}", summary(report, knowledge, style));
    text
}

/// All findings, notes only when asked for.
#[must_use]
pub fn findings(report: &CheckReport, style: &Style) -> String {
    let loud = report
        .findings
        .iter()
        .filter(|f| style.verbose || f.level > Level::Note);
    loud.fold(String::new(), |mut text, found| {
        // What is certain gets all its places; what can't be ruled out is many, and a line. Drift
        // is about the project itself: rare, and the way out differs.
        if style.verbose || found.level == Level::Error || found.kind == Kind::Drift {
            let _ = writeln!(text, "{}\n", finding(report, found, style));
        } else {
            let _ = writeln!(text, "{}\n", short(&report.project, found, style));
        }
        text
    })
}

/// A finding without its places: what, where, why.
pub(super) fn short(project: &Project, finding: &Finding, style: &Style) -> String {
    let place = &finding.location;
    format!(
        "{}[{}]: {}\n  --> {}:{}:{}\n  {}: {}",
        finding.level.word(),
        finding.id,
        finding.title,
        style.path(project, &place.path),
        place.line,
        place.column,
        finding.exposure.word(),
        finding.why
    )
}

fn level(level: Level) -> Shown<'static> {
    match level {
        Level::Error => Shown::ERROR,
        Level::Warning => Shown::WARNING,
        Level::Note => Shown::NOTE,
    }
}

/// The text of a file of the project, as it was read.
pub(super) fn text_of<'a>(project: &'a Project, path: &str) -> Option<&'a str> {
    let whole = lexical_below(&project.root, path);
    let is_it = |file: &Utf8Path| file.as_str() == whole.as_str();
    project.workspaces.iter().find_map(|workspace| {
        let manifest = workspace.manifests.iter().find(|m| is_it(&m.path));
        let source = || workspace.sources.iter().find(|s| is_it(&s.path));
        let lockfile = || workspace.lockfile.as_ref().filter(|l| is_it(&l.path));
        manifest
            .map(|manifest| manifest.text.as_str())
            .or_else(|| source().map(|source| source.text.as_str()))
            .or_else(|| lockfile().map(|lockfile| lockfile.text.as_str()))
    })
}

/// The lines around a place and its offsets in them: a snippet needs no whole generated file.
fn excerpt<'a>(
    text: &'a str,
    location: &Location,
) -> Option<(&'a str, usize, std::ops::Range<usize>)> {
    let from = text
        .get(..location.start)?
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let last = location.end.max(location.start + 1).min(text.len());
    let to = text
        .get(last..)?
        .find('\n')
        .map_or(text.len(), |newline| last + newline);
    let lines = text.get(from..to)?.trim_end_matches('\r');
    // A multi-line place is shown by its first line.
    let first = lines.find('\n').map_or(lines, |newline| &lines[..newline]);
    let start = location.start - from;
    let end = (location.end - from).min(first.trim_end().len()).max(start);
    Some((first, location.line, start..end))
}

fn finding(report: &CheckReport, finding: &Finding, style: &Style) -> String {
    let label = match finding.kind {
        Kind::Policy => String::new(),
        _ => format!("{} {}", finding.package, finding.version),
    };
    let mut group = level(finding.level)
        .primary_title(&finding.title)
        .id(&finding.id)
        .elements(snippet(
            report,
            &finding.location,
            label,
            AnnotationKind::Primary,
            style,
        ));
    for Evidence { label, location } in &finding.evidence {
        let kind = AnnotationKind::Context;
        group = group.elements(snippet(report, location, label.clone(), kind, style));
    }
    let mut help = finding.help.clone();
    // Drift has commands of its own: which one helps depends on who holds what.
    let has_command = matches!(finding.kind, Kind::Policy | Kind::Drift);
    if finding.level > Level::Note && !has_command {
        let manifest = style.path(&report.project, &format!("{}/Cargo.toml", finding.root));
        let _ = write!(
            help,
            ": {} upgrade --manifest-path {manifest}",
            style.program.command()
        );
    }
    let verdict = match finding.kind {
        // A policy is not exposed to anything.
        Kind::Policy => finding.why.clone(),
        _ => format!("{}: {}", finding.exposure.word(), finding.why),
    };
    let waived = finding
        .waived
        .as_ref()
        .map(|waived| format!("waived through {}: {}", waived.until, waived.reason));
    let more = format!("{} explain {}", style.program.command(), finding.id);
    group = group
        .element(Shown::NOTE.message(verdict))
        .elements(waived.map(|waived| Shown::NOTE.message(waived)))
        .element(Shown::HELP.message(help))
        .element(Shown::HELP.message(format!("for more: {more}")));
    Renderer::styled().render(&[group])
}

fn snippet<'a>(
    report: &'a CheckReport,
    location: &'a Location,
    label: String,
    kind: AnnotationKind,
    style: &Style,
) -> Vec<annotate_snippets::Element<'a>> {
    let shown = style.path(&report.project, &location.path);
    let excerpt = report
        .text_of(&location.path)
        .and_then(|text| excerpt(text, location));
    match excerpt {
        Some((line, number, range)) => vec![
            Snippet::source(line)
                .line_start(number)
                .path(shown)
                .annotation(kind.span(range).label(label))
                .into(),
        ],
        None => vec![
            Origin::path(shown)
                .line(location.line)
                .char_column(location.column)
                .into(),
        ],
    }
}

fn not_looked_at(list: &[NotLookedAt], style: &Style) -> String {
    let mut text = String::new();
    if list.is_empty() {
        return text;
    }
    let shown = if style.verbose {
        list.len()
    } else {
        list.len().min(5)
    };
    let _ = writeln!(text, "not looked at:");
    for NotLookedAt { path, reason } in &list[..shown] {
        let _ = writeln!(text, "  {path}: {reason}");
    }
    if shown < list.len() {
        let _ = writeln!(text, "  and {} more (-v shows all)", list.len() - shown);
    }
    text.push('\n');
    text
}

/// What was looked at, in one line.
#[must_use]
pub fn looked_at(looked_at: &LookedAt, knowledge: &Knowledge) -> String {
    format!(
        "looked at {}, {}, {} on the Wasmtime family, {}; held against {} ({})",
        counted(looked_at.manifests, "manifest"),
        counted(looked_at.lockfiles, "lockfile"),
        counted(looked_at.family_requirements, "requirement"),
        counted(looked_at.bindgen_invocations, "`bindgen!` invocation"),
        counted(looked_at.rules, "rule"),
        knowledge.provenance.words(),
    )
}

fn summary(report: &CheckReport, knowledge: &Knowledge, style: &Style) -> String {
    let count = |level| {
        let counted = report.findings.iter();
        counted
            .filter(|f| f.level == level && f.waived.is_none())
            .count()
    };
    let notes = count(Level::Note);
    let hidden = if notes > 0 && !style.verbose {
        " (-v shows them)"
    } else {
        ""
    };
    let verdict = format!(
        "{}, {}, {}{hidden}",
        counted(count(Level::Error), "error"),
        counted(count(Level::Warning), "warning"),
        counted(notes, "note")
    );
    let (waived, policy) = match &report.policy {
        Some(applied) => (waived(applied), format!("; policy {}", applied.shown)),
        None => (String::new(), String::new()),
    };
    let looked_at = looked_at(&report.looked_at, knowledge);
    format!("{verdict}{waived}; {looked_at}{policy}")
}

/// How much is put up with, and for how much of it not for long.
fn waived(applied: &Applied) -> String {
    let soon = match applied.expiring {
        0 => String::new(),
        1 => format!(" (1 waiver ends within {EXPIRING_DAYS} days)"),
        many => format!(" ({many} waivers end within {EXPIRING_DAYS} days)"),
    };
    match applied.waived {
        0 => String::new(),
        count => format!(", {count} waived{soon}"),
    }
}
