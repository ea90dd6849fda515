//! A move as the body of a pull request: why, what changed, how it was proven, what is left.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{BUDGET, code, fenced, inline, is_web, linked};
use crate::finding::{Exposure, Finding, Level, Location};
use crate::knowledge::Knowledge;
use crate::plan::Plan;
use crate::report::counted;
use crate::report::human::{Style, looked_at};
use crate::upgrade::{LockChange, Outcome, UpgradeReport};
use crate::verify::CheckRun;

/// So many lines of a table are shown; a lockfile can have hundreds.
const LONGEST_TABLE: usize = 60;

/// The report of a move. What would make it longer than a pull request takes is left out from the
/// end, with a line that says so.
#[must_use]
pub fn upgrade(report: &UpgradeReport, knowledge: &Knowledge, style: &Style) -> String {
    let mut text = heading(report);
    let plan = report.plan.as_ref();
    let sections = [
        plan.map_or_else(String::new, reasons_of_choice),
        left(report, style),
        cleared(report),
        behaviour(report),
        plan.map_or_else(String::new, |plan| edits(report, plan)),
        lockfile(&report.lockfile),
        proof(report),
        still_there(report),
        notes(report, style),
    ];
    let mut left_out = 0;
    for section in sections {
        if text.len() + section.len() > BUDGET {
            left_out += 1;
        } else {
            text.push_str(&section);
        }
    }
    if left_out > 0 {
        let _ = writeln!(
            text,
            "{} left out here, the page would be too long; the same command without `--format` \
             shows all.\n",
            counted(left_out, "section")
        );
    }
    let looked_at = looked_at(&report.looked_at, knowledge);
    let _ = writeln!(text, "<sub>{}</sub>", inline(&looked_at, false));
    text
}

fn heading(report: &UpgradeReport) -> String {
    let Some(plan) = &report.plan else {
        return format!("## Wasmtime {}: nothing to do\n\n", report.from);
    };
    let release = &plan.choice.release;
    let outcome = match (report.outcome, &report.verification.after) {
        (Outcome::NothingToDo, _) => "nothing to do",
        (Outcome::Planned, _) => "planned, nothing was written",
        (Outcome::Upgraded, Some(_)) => "it compiles",
        (Outcome::Upgraded, None) => "moved, not compiled",
        (Outcome::Kept, _) => "**it does not compile yet**",
        (Outcome::Restored, _) => "**it does not compile, so nothing was changed**",
    };
    format!("## Wasmtime {} to {release}: {outcome}\n\n", plan.from)
}

fn reasons_of_choice(plan: &Plan) -> String {
    let choice = &plan.choice;
    let mut text = format!("{} is {}", choice.release, inline(&choice.reason, false));
    text.push_str(".\n");
    if !choice.supported {
        text.push_str("Its line gets no fixes any more.\n");
    }
    text.push('\n');
    text
}

/// What nobody has done yet, as a list to tick off.
fn left(report: &UpgradeReport, style: &Style) -> String {
    let mut items = Vec::new();
    for step in &report.remaining {
        items.push(format!(
            "{}: {}",
            code(&place(report, &step.location, style), false),
            inline(&step.what, false)
        ));
    }
    for step in &report.follow_ups {
        let place = match step.line {
            Some(line) => format!("{}:{line}", step.path),
            None => step.path.clone(),
        };
        items.push(format!(
            "{}: {}",
            code(&place, false),
            inline(&step.what, false)
        ));
    }
    if items.is_empty() {
        return String::new();
    }
    let mut text = "### Left to do\n\n".to_owned();
    for item in items {
        let _ = writeln!(text, "- [ ] {item}");
    }
    text.push('\n');
    text
}

fn place(report: &UpgradeReport, location: &Location, style: &Style) -> String {
    let path = style.from_base(&report.project, &location.path);
    format!("{path}:{}:{}", location.line, location.column)
}

/// What was found before and is not found any more.
fn cleared(report: &UpgradeReport) -> String {
    let Some(after) = &report.findings_after else {
        return String::new();
    };
    let still: BTreeSet<&str> = after
        .iter()
        .filter(|finding| finding.level > Level::Note)
        .map(|finding| finding.id.as_str())
        .collect();
    let gone = report
        .findings
        .iter()
        .filter(|finding| finding.level > Level::Note && !still.contains(finding.id.as_str()));
    // Many places of one matter are one line here.
    let mut by_id = BTreeMap::new();
    for finding in gone {
        by_id
            .entry((std::cmp::Reverse(finding.level), finding.id.as_str()))
            .or_insert(finding);
    }
    let gone: Vec<&Finding> = by_id.into_values().collect();
    if gone.is_empty() {
        return String::new();
    }
    let summary = format!("{} gone", counted(gone.len(), "finding"));
    folded(&summary, &bullets(&gone), gone.len() <= 12)
}

fn bullets(findings: &[&Finding]) -> String {
    let mut text = String::new();
    for finding in findings.iter().take(LONGEST_TABLE) {
        let _ = writeln!(
            text,
            "- **{}** {}: {}",
            finding.level.word(),
            linked(finding, false),
            inline(&finding.title, false)
        );
    }
    and_more(&mut text, findings.len());
    text
}

fn and_more(text: &mut String, count: usize) {
    if count > LONGEST_TABLE {
        let _ = writeln!(text, "\nand {} more", count - LONGEST_TABLE);
    }
}

/// A section that is open when it is short.
fn folded(summary: &str, content: &str, is_open: bool) -> String {
    let open = if is_open { " open" } else { "" };
    format!("<details{open}>\n<summary>{summary}</summary>\n\n{content}\n</details>\n\n")
}

/// What no compiler tells.
fn behaviour(report: &UpgradeReport) -> String {
    let certain = report
        .changes
        .iter()
        .filter(|change| change.exposure == Exposure::Affected);
    let mut text = String::new();
    for change in certain {
        let seen = change.evidence.first().map(|seen| &seen.location);
        let seen = seen.unwrap_or(&change.location);
        let _ = writeln!(
            text,
            "- {}: {} ({}); to keep it: {}",
            code(&format!("{}:{}", seen.path, seen.line), false),
            inline(&change.title, false),
            linked(change, false),
            inline(&change.help, false)
        );
    }
    let possible = report
        .changes
        .iter()
        .filter(|change| change.exposure != Exposure::Affected)
        .count();
    if possible > 0 {
        let _ = writeln!(
            text,
            "- and {} that can't be ruled out",
            counted(possible, "change")
        );
    }
    match text.as_str() {
        "" => text,
        _ => format!("### Behaves differently\n\nNo compiler speaks of these.\n\n{text}\n"),
    }
}

fn edits(report: &UpgradeReport, plan: &Plan) -> String {
    if plan.edits.is_empty() {
        return String::new();
    }
    let mut by_file = BTreeMap::<&str, BTreeMap<&str, usize>>::new();
    for edit in &plan.edits {
        let reasons = by_file.entry(&edit.path).or_default();
        *reasons.entry(&edit.reason).or_default() += 1;
    }
    let mut text = "| File | Edits | Why |\n|---|---:|---|\n".to_owned();
    for (path, reasons) in by_file.iter().take(LONGEST_TABLE) {
        let count: usize = reasons.values().sum();
        let why: Vec<String> = reasons.keys().map(|reason| inline(reason, true)).collect();
        let _ = writeln!(
            text,
            "| {} | {count} | {} |",
            code(path, true),
            why.join("<br>")
        );
    }
    and_more(&mut text, by_file.len());
    let verb = match report.outcome {
        Outcome::Planned => "planned",
        Outcome::Restored => "tried",
        _ => "made",
    };
    let summary = format!(
        "{} {verb} in {}",
        counted(plan.edits.len(), "edit"),
        counted(by_file.len(), "file")
    );
    folded(&summary, &text, by_file.len() <= 8)
}

fn lockfile(changes: &[LockChange]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let list = |versions: &[String]| match versions {
        [] => String::new(),
        versions => versions.join(", "),
    };
    let mut text = "| Crate | Was | Is |\n|---|---|---|\n".to_owned();
    for change in changes.iter().take(LONGEST_TABLE) {
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            code(&change.name, true),
            list(&change.from),
            list(&change.to)
        );
    }
    and_more(&mut text, changes.len());
    folded(
        &format!("{} in Cargo.lock", counted(changes.len(), "change")),
        &text,
        false,
    )
}

/// The compiler's word.
fn proof(report: &UpgradeReport) -> String {
    let mut text = String::new();
    let runs = [
        ("before", &report.verification.before),
        ("after", &report.verification.after),
    ];
    for (when, run) in runs {
        let Some(run) = run else { continue };
        let result = match (run.success, &run.failure) {
            (true, _) => "compiles".to_owned(),
            (false, None) => counted(run.errors.len(), "error"),
            (false, Some(_)) => "cargo failed".to_owned(),
        };
        let _ = writeln!(text, "- {when}: {result} ({})", code(&run.command, false));
    }
    if let Some(failure) = &report.verification.failure {
        let _ = writeln!(text, "- {}", inline(failure, false));
    }
    if text.is_empty() {
        return text;
    }
    text = format!("### Proof\n\n{text}\n");
    let failed = report
        .verification
        .after
        .as_ref()
        .filter(|run| !run.success);
    if let Some(after) = failed {
        text.push_str(&errors(after, report.verification.before.as_ref()));
    }
    text
}

fn errors(after: &CheckRun, before: Option<&CheckRun>) -> String {
    let errors = after.new_errors(before);
    let shown: Vec<String> = errors
        .iter()
        .take(10)
        .map(|error| fenced(error.rendered.trim_end()))
        .collect();
    if shown.is_empty() {
        return String::new();
    }
    let summary = format!(
        "{} that were not there before",
        counted(errors.len(), "error")
    );
    folded(&summary, &shown.join("\n"), errors.len() <= 3)
}

/// What the new release does not clear.
fn still_there(report: &UpgradeReport) -> String {
    let Some(after) = &report.findings_after else {
        return String::new();
    };
    let loud: Vec<&Finding> = after
        .iter()
        .filter(|finding| finding.level > Level::Note)
        .collect();
    if loud.is_empty() {
        return String::new();
    }
    let certain = loud.iter().any(|finding| finding.level == Level::Error);
    let summary = format!("{} on the new release", counted(loud.len(), "finding"));
    folded(&summary, &bullets(&loud), certain)
}

fn notes(report: &UpgradeReport, style: &Style) -> String {
    let mut text = String::new();
    for note in &report.notes {
        let _ = writeln!(text, "- {}", inline(note, false));
    }
    let links = report
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Error);
    let known: BTreeSet<&String> = links
        .flat_map(|finding| finding.links.iter().take(1))
        .filter(|link| is_web(link))
        .collect();
    if !known.is_empty() {
        let _ = writeln!(
            text,
            "- more about each: {}",
            code(&format!("{} explain ID", style.program.command()), false)
        );
    }
    match text.as_str() {
        "" => text,
        _ => format!("### Notes\n\n{text}\n"),
    }
}
