//! The report of `upgrade` for people.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Style, not_looked_at, short};
use crate::finding::{Exposure, Finding, Level};
use crate::plan::{ManualStep, Plan};
use crate::report::counted;
use crate::upgrade::{Outcome, UpgradeReport};
use crate::verify::CheckRun;
use crate::version::FamilyVersion;

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
    let certain = |found: &&Finding| style.verbose || found.level == Level::Error;
    for found in report.findings.iter().filter(certain) {
        let _ = writeln!(text, "{}\n", short(&report.project, found, style));
    }
    let warnings = report
        .findings
        .iter()
        .filter(|f| f.level == Level::Warning)
        .count();
    if warnings > 0 && !style.verbose {
        let _ = writeln!(
            text,
            "and {} of what can't be ruled out (`{} check` shows them)\n",
            counted(warnings, "warning"),
            style.program.command()
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
    if !choice.not_ruled_out.is_empty() {
        let count = counted(choice.not_ruled_out.len(), "matter");
        let _ = writeln!(text, "  {count} can't be ruled out there");
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
        "Cargo.lock: {} moved, {new} new, {gone} gone{hint}",
        counted(moved, "crate")
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
    let count = |level| findings.iter().filter(|f| f.level == level).count();
    let mut text = format!(
        "findings on {release}: {}, {}\n",
        counted(count(Level::Error), "error"),
        counted(count(Level::Warning), "warning")
    );
    for finding in findings.iter().filter(|f| f.level == Level::Error) {
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

/// What no compiler tells: a place and the way back, each.
fn changes(report: &UpgradeReport, release: &FamilyVersion, style: &Style) -> String {
    let mut text = String::new();
    let is_certain = |change: &&Finding| change.exposure == Exposure::Affected;
    let told = |change: &&Finding| style.verbose || is_certain(change);
    for change in report.changes.iter().filter(told) {
        let certain = is_certain(&change);
        let may = if certain { "" } else { " may" };
        let verb = if certain { "behaves" } else { "behave" };
        let place = change.evidence.first().map(|seen| &seen.location);
        let place = place.unwrap_or(&change.location);
        let _ = writeln!(
            text,
            "on {release} this{may} {verb} differently: {}:{}:{}: {} ({})\n  to keep it: {}",
            place.path, place.line, place.column, change.title, change.id, change.help
        );
    }
    let untold = report.changes.iter().filter(|change| !told(change)).count();
    if untold > 0 {
        let _ = writeln!(
            text,
            "and {} of behaviour on {release} that can't be ruled out (-v shows them)",
            counted(untold, "change")
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
    for step in &report.steps {
        let result = match (step.outcome, step.errors) {
            (Outcome::Restored, errors) => {
                format!("{}, so it was taken back", counted(errors, "error"))
            }
            (_, 0) => "compiles".to_owned(),
            (_, errors) => counted(errors, "error"),
        };
        let _ = writeln!(text, "  {}: {result}, {:.1} s", step.release, step.seconds);
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
    text.push_str(&left_to_do(&report.remaining));
    for step in &report.follow_ups {
        let line = step
            .line
            .map_or_else(String::new, |line| format!(":{line}"));
        let _ = writeln!(text, "outside of cargo: {}{line}: {}", step.path, step.what);
    }
    text.push_str(&changes(report, &plan.choice.release, style));
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

/// What is left to a person, each matter once: where it is first, and below it the other places, those of a
/// file together.
fn left_to_do(steps: &[ManualStep]) -> String {
    let mut text = String::new();
    for (index, step) in steps.iter().enumerate() {
        let is_same = |other: &&ManualStep| other.what == step.what;
        if steps[..index].iter().any(|other| is_same(&other)) {
            continue;
        }
        let place = &step.location;
        let _ = write!(
            text,
            "left to do: {}:{}:{}: {}",
            place.path, place.line, place.column, step.what
        );
        let mut file = None;
        for other in steps[index + 1..].iter().filter(is_same) {
            let place = &other.location;
            let _ = match file.replace(&place.path) {
                Some(before) if *before == place.path => {
                    write!(text, ", {}:{}", place.line, place.column)
                }
                _ => write!(
                    text,
                    "\n  also at {}:{}:{}",
                    place.path, place.line, place.column
                ),
            };
        }
        text.push('\n');
    }
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
    let mut text = String::new();
    // Where cargo could not make the family one, there is nothing to go on from.
    if report.verification.after.is_some() {
        let _ = writeln!(
            text,
            "try `{command} --to {} --keep` to go on from there by hand",
            plan.choice.release
        );
    }
    if let Some(step) = &plan.choice.smaller_step {
        let _ = writeln!(
            text,
            "a way out is `{command} --to {step}`: a smaller step to less exposure than now, although its line gets no fixes any more"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Location;

    #[test]
    fn one_matter_is_said_once() {
        let step = |path: &str, line: usize, what: &str| ManualStep {
            what: what.to_owned(),
            location: Location {
                path: path.to_owned(),
                line,
                column: 7,
                start: 0,
                end: 0,
            },
        };
        let steps = [
            step("Cargo.toml", 2, "raise it"),
            step("ci/a.yml", 4, "raise it"),
            step("src/a.rs", 1, "decide"),
            step("ci/a.yml", 9, "raise it"),
            step("ci/b.yml", 3, "raise it"),
        ];
        assert_eq!(
            left_to_do(&steps),
            "left to do: Cargo.toml:2:7: raise it\n  also at ci/a.yml:4:7, 9:7\n  also at ci/b.yml:3:7\nleft to do: src/a.rs:1:7: decide\n"
        );
    }
}
