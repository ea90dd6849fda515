//! Reports for people: findings look like rustc's errors, and each ends with a command to paste.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Level as Shown, Origin, Renderer, Snippet};
use camino::Utf8PathBuf;

use super::{CheckReport, LookedAt, counted, knowledge_date};
use crate::finding::{Evidence, Finding, Level, Location};
use crate::knowledge::Knowledge;
use crate::plan::Plan;
use crate::upgrade::{Outcome, UpgradeReport};
use crate::verify::CheckRun;
use crate::version::FamilyVersion;
use crate::workspace::{NotLookedAt, Project, lexical, relative_to};

/// How the reader wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Also notes, and everything that was not looked at.
    pub verbose: bool,
    /// How the user started this program, for commands to paste.
    pub program: Program,
    /// Where the user stands: paths are shown from there, so that they can be followed.
    pub here: Utf8PathBuf,
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
}

impl Program {
    /// What to type in front of a subcommand.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Installed => "wasmtime-upgrade",
            Self::CargoSubcommand => "cargo wasmtime-upgrade",
            Self::Xtask => "cargo xtask",
        }
    }
}

/// The report of `check` for one root.
#[must_use]
pub fn check(report: &CheckReport, knowledge: &Knowledge, style: &Style) -> String {
    let mut text = findings(&report.project, &report.findings, style);
    text.push_str(&not_looked_at(&report.not_looked_at, style));
    let _ = writeln!(text, "{}", summary(report, knowledge, style));
    text
}

/// All findings, notes only when asked for.
#[must_use]
pub fn findings(project: &Project, findings: &[Finding], style: &Style) -> String {
    let loud = findings
        .iter()
        .filter(|f| style.verbose || f.level > Level::Note);
    loud.fold(String::new(), |mut text, found| {
        let _ = writeln!(text, "{}\n", finding(project, found, style));
        text
    })
}

fn level(level: Level) -> Shown<'static> {
    match level {
        Level::Error => Shown::ERROR,
        Level::Warning => Shown::WARNING,
        Level::Note => Shown::NOTE,
    }
}

fn text_of<'a>(project: &'a Project, path: &str) -> Option<&'a str> {
    project.workspaces.iter().find_map(|workspace| {
        let manifest = workspace
            .manifests
            .iter()
            .find(|m| project.shown(&m.path) == path);
        let source = || {
            workspace
                .sources
                .iter()
                .find(|s| project.shown(&s.path) == path)
        };
        let lockfile = || {
            workspace
                .lockfile
                .as_ref()
                .filter(|l| project.shown(&l.path) == path)
        };
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

fn finding(project: &Project, finding: &Finding, style: &Style) -> String {
    let label = format!("{} {}", finding.package, finding.version);
    let mut group = level(finding.level)
        .primary_title(&finding.title)
        .id(&finding.id)
        .elements(snippet(
            project,
            &finding.location,
            label,
            AnnotationKind::Primary,
            style,
        ));
    for Evidence { label, location } in &finding.evidence {
        let kind = AnnotationKind::Context;
        group = group.elements(snippet(project, location, label.clone(), kind, style));
    }
    let mut help = finding.help.clone();
    if finding.level > Level::Note {
        let manifest = style.path(project, &format!("{}/Cargo.toml", finding.root));
        let _ = write!(
            help,
            ": {} upgrade --manifest-path {manifest}",
            style.program.command()
        );
    }
    let verdict = format!("{}: {}", finding.exposure.word(), finding.why);
    let more = format!("{} explain {}", style.program.command(), finding.id);
    group = group
        .element(Shown::NOTE.message(verdict))
        .element(Shown::HELP.message(help))
        .element(Shown::HELP.message(format!("for more: {more}")));
    Renderer::styled().render(&[group])
}

fn snippet<'a>(
    project: &'a Project,
    location: &'a Location,
    label: String,
    kind: AnnotationKind,
    style: &Style,
) -> Vec<annotate_snippets::Element<'a>> {
    let shown = style.path(project, &location.path);
    let excerpt = text_of(project, &location.path).and_then(|text| excerpt(text, location));
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
        "looked at {}, {}, {} on the Wasmtime family, {}; held against {} (knowledge of {})",
        counted(looked_at.manifests, "manifest"),
        counted(looked_at.lockfiles, "lockfile"),
        counted(looked_at.family_requirements, "requirement"),
        counted(looked_at.bindgen_invocations, "`bindgen!` invocation"),
        counted(looked_at.rules, "rule"),
        knowledge_date(knowledge),
    )
}

fn summary(report: &CheckReport, knowledge: &Knowledge, style: &Style) -> String {
    let count = |level| report.findings.iter().filter(|f| f.level == level).count();
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
    format!("{verdict}; {}", looked_at(&report.looked_at, knowledge))
}

/// The report of `upgrade`.
#[must_use]
pub fn upgrade(report: &UpgradeReport, style: &Style) -> String {
    let mut text = short_findings(report, style);
    text.push_str(&not_looked_at(&report.not_looked_at, style));
    let Some(plan) = &report.plan else {
        let _ = writeln!(text, "wasmtime {}: nothing to do", report.from);
        return text;
    };
    text.push_str(&target(
        plan,
        style.verbose || report.outcome == Outcome::Planned,
    ));
    if style.verbose || matches!(report.outcome, Outcome::Planned | Outcome::Upgraded) {
        let _ = write!(
            text,
            "\n{}",
            plan.diff(&|path| style.path(&report.project, &report.project.shown(path)))
        );
    }
    text.push('\n');
    text.push_str(&lockfile(report, style));
    text.push_str(&outcome(report, plan, style));
    text
}

/// A line or two a finding: what is wrong is the reason for the upgrade here, not the result.
fn short_findings(report: &UpgradeReport, style: &Style) -> String {
    let mut text = String::new();
    for finding in report
        .findings
        .iter()
        .filter(|f| style.verbose || f.level > Level::Note)
    {
        let place = &finding.location;
        let path = style.path(&report.project, &place.path);
        let _ = writeln!(
            text,
            "{}[{}]: {}\n  --> {path}:{}:{}\n  {}: {}\n",
            finding.level.word(),
            finding.id,
            finding.title,
            place.line,
            place.column,
            finding.exposure.word(),
            finding.why
        );
    }
    text
}

fn target(plan: &Plan, with_reasons: bool) -> String {
    let choice = &plan.choice;
    let mut text = format!(
        "wasmtime {} -> {}: {}\n",
        plan.from, choice.release, choice.reason
    );
    if !choice.still_open.is_empty() {
        let _ = writeln!(text, "  still open there: {}", choice.still_open.join(", "));
    }
    if !choice.supported {
        let _ = writeln!(text, "  its line gets no fixes any more");
    }
    for passed in choice.passed_over.iter().filter(|_| with_reasons) {
        let _ = writeln!(text, "  not {}: {}", passed.release, passed.reason);
    }
    text
}

fn lockfile(report: &UpgradeReport, style: &Style) -> String {
    let mut text = String::new();
    if report.lockfile.is_empty() {
        return text;
    }
    let moved = report
        .lockfile
        .iter()
        .filter(|c| !c.from.is_empty() && !c.to.is_empty())
        .count();
    let new = report.lockfile.iter().filter(|c| c.from.is_empty()).count();
    let gone = report.lockfile.iter().filter(|c| c.to.is_empty()).count();
    let hint = if style.verbose {
        ""
    } else {
        " (-v shows them)"
    };
    let _ = writeln!(
        text,
        "Cargo.lock: {moved} crates moved, {new} new, {gone} gone{hint}"
    );
    if style.verbose {
        for change in &report.lockfile {
            let list = |versions: &[String]| match versions {
                [] => "none".to_owned(),
                versions => versions.join(", "),
            };
            let _ = writeln!(
                text,
                "  {}: {} -> {}",
                change.name,
                list(&change.from),
                list(&change.to)
            );
        }
    }
    text
}

/// `5 errors (E0277)`.
fn errors(run: &CheckRun) -> String {
    let codes: BTreeSet<&str> = run
        .errors
        .iter()
        .filter_map(|e| e.code.as_deref())
        .collect();
    let count = counted(run.errors.len(), "error");
    if codes.is_empty() {
        return count;
    }
    format!(
        "{count} ({})",
        codes.into_iter().collect::<Vec<_>>().join(", ")
    )
}

/// What is found on the new release, in a line each.
fn findings_after(report: &UpgradeReport, release: &FamilyVersion) -> String {
    let Some(findings) = &report.findings_after else {
        return String::new();
    };
    let loud: Vec<&Finding> = findings.iter().filter(|f| f.level > Level::Note).collect();
    if loud.is_empty() {
        return format!("findings on {release}: none\n");
    }
    let mut text = format!("findings on {release}:\n");
    for finding in loud {
        let _ = writeln!(
            text,
            "  {}[{}]: {}",
            finding.level.word(),
            finding.id,
            finding.title
        );
    }
    text
}

fn outcome(report: &UpgradeReport, plan: &Plan, style: &Style) -> String {
    let mut text = String::new();
    let runs = [
        ("before", &report.verification.before),
        ("after", &report.verification.after),
    ];
    for (when, run) in runs {
        let Some(run) = run else { continue };
        let result = match (run.success, &run.failure) {
            (true, _) => "compiles".to_owned(),
            (false, None) => errors(run),
            (false, Some(_)) => "cargo failed".to_owned(),
        };
        let _ = writeln!(
            text,
            "{when}: {result}, {:.1} s ({})",
            run.seconds, run.command
        );
    }
    if let Some(after) = report
        .verification
        .after
        .as_ref()
        .filter(|run| !run.success)
    {
        for error in after.new_errors(report.verification.before.as_ref()) {
            let _ = writeln!(text, "\n{}", error.rendered.trim_end());
        }
        if let Some(failure) = &after.failure {
            let _ = writeln!(text, "\n{failure}");
        }
    }
    for step in &report.remaining {
        let place = &step.location;
        let _ = writeln!(
            text,
            "left to do: {}:{}:{}: {}",
            place.path, place.line, place.column, step.what
        );
    }
    for note in &report.notes {
        let _ = writeln!(text, "note: {note}");
    }
    let release = &plan.choice.release;
    text.push_str(&findings_after(report, release));
    let manifest = style.path(&report.project, &format!("{}/Cargo.toml", plan.root));
    let undo = match manifest.as_str() {
        "Cargo.toml" => format!("{} undo", style.program.command()),
        _ => format!(
            "{} undo --manifest-path {manifest}",
            style.program.command()
        ),
    };
    let _ = match (report.outcome, &report.verification.failure) {
        (Outcome::NothingToDo, _) => writeln!(text, "nothing to do"),
        (Outcome::Planned, _) => writeln!(text, "planned only, nothing was written"),
        (Outcome::Upgraded, _) => writeln!(text, "moved to {release}; `{undo}` takes it back"),
        (Outcome::Kept, Some(why)) => {
            writeln!(text, "{why}; kept as asked, `{undo}` takes it back")
        }
        (Outcome::Kept, None) => writeln!(
            text,
            "moved to {release}; the errors that were there before are still there; `{undo}` takes it back"
        ),
        (Outcome::Restored, why) => writeln!(
            text,
            "{}; everything is as it was before",
            why.as_deref().unwrap_or("the verification failed")
        ),
    };
    text.push_str(&ways_out(report, plan, style, &manifest));
    text
}

/// What can be tried when the chosen release does not compile.
fn ways_out(report: &UpgradeReport, plan: &Plan, style: &Style, manifest: &str) -> String {
    if report.outcome != Outcome::Restored {
        return String::new();
    }
    let command = format!(
        "{} upgrade --manifest-path {manifest}",
        style.program.command()
    );
    let mut text = format!("try `{command} --keep` to go on from there by hand\n");
    if let Some(step) = &plan.choice.smaller_step {
        let _ = writeln!(
            text,
            "or `{command} --to {step}`: a smaller step that clears the same, although its line gets no fixes any more"
        );
    }
    text
}
