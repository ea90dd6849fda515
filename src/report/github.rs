//! Workflow commands: findings become annotations at their lines in the changed files.
//!
//! GitHub shows ten errors and ten warnings of a step, so the loudest come first (they do in every
//! report) and notes only with `-v`; the job's summary has all of it, see
//! [`markdown`](super::markdown).

use std::fmt::Write as _;

use super::CheckReport;
use super::human::Style;
use super::place::Excerpt;
use super::words::{subject, summary, verdict, waived};
use crate::error::Error;
use crate::finding::{Finding, Level};
use crate::knowledge::Knowledge;
use crate::workspace::NotLookedAt;

/// The annotations of one root, and what was looked at.
#[must_use]
pub fn check(report: &CheckReport, knowledge: &Knowledge, style: &Style) -> String {
    let mut text = String::new();
    let loud = report
        .findings
        .iter()
        .filter(|finding| style.verbose || finding.level > Level::Note);
    for finding in loud {
        let _ = writeln!(text, "{}", annotation(report, finding, style));
    }
    let shown = match style.verbose {
        true => report.not_looked_at.len(),
        false => report.not_looked_at.len().min(5),
    };
    for NotLookedAt { path, reason } in &report.not_looked_at[..shown] {
        let line = format!("not looked at: {path}: {reason}");
        let _ = writeln!(text, "{}", plain(&line));
    }
    if shown < report.not_looked_at.len() {
        let more = report.not_looked_at.len() - shown;
        let _ = writeln!(text, "not looked at: {more} more (-v shows all)");
    }
    let _ = writeln!(text, "{}", plain(&summary(report, knowledge)));
    text
}

/// The annotation for a root that could not be judged.
#[must_use]
pub fn failed(root: &str, error: &Error) -> String {
    let title = property(&format!("{root} could not be judged"));
    let message = data(&format!("{error}\nTo do: {}", error.help()));
    format!("::error title={title}::{message}\n")
}

fn annotation(report: &CheckReport, finding: &Finding, style: &Style) -> String {
    let place = &finding.location;
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = format!(
        "title={},file={},line={}",
        property(&format!("{} ({})", finding.title, finding.id)),
        property(&style.from_base(&report.project, &place.path)),
        place.line
    );
    if let Some(excerpt) = Excerpt::of(report, place) {
        let _ = write!(properties, ",endLine={}", excerpt.end.line);
        // Columns are refused for a place over several lines.
        if excerpt.end.line == place.line {
            let _ = write!(
                properties,
                ",col={},endColumn={}",
                place.column, excerpt.end.column
            );
        }
    }
    let mut message = format!(
        "{}: {}\nTo do: {}\nFor more: {} explain {}",
        subject(finding),
        verdict(finding),
        finding.help,
        style.program.command(),
        finding.id,
    );
    if let Some(waived) = waived(finding) {
        let _ = write!(message, "\n{waived}");
    }
    format!("::{command} {properties}::{}", data(&message))
}

/// What follows `::`.
fn data(text: &str) -> String {
    plain_marks(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A line that is no command, whatever a file is called: the runner takes `::` at the start of a
/// line and the older `##[` anywhere in it for one.
fn plain(line: &str) -> String {
    plain_marks(line).replace(['\r', '\n'], " ")
}

fn plain_marks(text: &str) -> String {
    text.replace("##[", "# #[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_escaped_as_the_runner_reads_them() {
        assert_eq!(data("100 %\r\na: b, c"), "100 %25%0D%0Aa: b, c");
        assert_eq!(property("a:b, 5 %\n"), "a%3Ab%2C 5 %25%0A");
        assert_eq!(
            plain("x ##[error]y\n::error::z"),
            "x # #[error]y ::error::z"
        );
    }
}
