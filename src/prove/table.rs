//! The outcome of a proof as a table.

use super::matrix::Matrix;
use super::outcome::{CaseOutcome, Judgement, ProofOutcome, ReleaseOutcome, Source};

/// One column of the full table: the values of a case from the first axis to the last.
type Head = Vec<String>;

/// Releases by cases in plain text, one word a cell, `!` behind an answer that was not expected.
/// Wider than `width` it is cut into several, one for each value of the first axis.
#[must_use]
pub fn text(matrix: &Matrix, outcome: &ProofOutcome, width: usize) -> String {
    let Some(newest) = matrix.releases.last() else {
        return String::new();
    };
    let cases = matrix.cases(newest);
    let heads: Vec<Head> = cases
        .iter()
        .map(|case| case.values.iter().map(|(_, value)| value.clone()).collect())
        .collect();
    let all: Vec<usize> = (0..heads.len()).collect();
    let whole = block(outcome, &heads, &all);
    if whole.lines().all(|line| line.chars().count() <= width) {
        return whole;
    }
    let groups: Vec<_> = all
        .chunk_by(|a, b| heads[*a].first() == heads[*b].first())
        .map(|group| block(outcome, &heads, group))
        .collect();
    groups.join("\n")
}

/// The table of some columns.
fn block(outcome: &ProofOutcome, heads: &[Head], columns: &[usize]) -> String {
    let axes = outcome.axes.len();
    let mut lines: Vec<Vec<String>> = (0..axes)
        .map(|axis| {
            let head = columns.iter().enumerate().map(|(position, column)| {
                let before = position
                    .checked_sub(1)
                    .map(|before| &heads[columns[before]]);
                // A value stands over the first of its columns alone.
                let repeats =
                    before.is_some_and(|before| before[..=axis] == heads[*column][..=axis]);
                if repeats {
                    String::new()
                } else {
                    heads[*column][axis].clone()
                }
            });
            std::iter::once(outcome.axes[axis].clone())
                .chain(head)
                .collect()
        })
        .collect();
    for release in &outcome.releases {
        let name = release.release.to_string();
        let cells = columns.iter().map(|column| cell(release, &heads[*column]));
        lines.push(std::iter::once(name).chain(cells).collect());
    }
    aligned(&lines, axes)
}

/// Columns of equal width; the values of the first axes are wider than a column and hang over.
fn aligned(lines: &[Vec<String>], axes: usize) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            // The name of an axis belongs to the first column as well.
            let from = if column == 0 {
                0
            } else {
                axes.saturating_sub(1)
            };
            let cells = lines[from..]
                .iter()
                .map(|line| line[column].chars().count());
            cells.max().unwrap_or_default()
        })
        .collect();
    let mut out = String::new();
    for line in lines {
        let mut text = String::new();
        let mut start = 0;
        for (cell, width) in line.iter().zip(&widths) {
            let missing = start - text.chars().count().min(start);
            text.push_str(&" ".repeat(missing));
            text.push_str(cell);
            start += width + 2;
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn cell(release: &ReleaseOutcome, head: &Head) -> String {
    let name = head.join("/");
    match (
        release.cases.iter().find(|case| case.case == name),
        &release.source,
    ) {
        (Some(case), _) if case.judgement == Judgement::Mismatch => {
            format!("{}!", case.verdict.word())
        }
        (Some(case), _) => case.verdict.word().to_owned(),
        (None, Source::Skipped { .. }) => "skipped".to_owned(),
        (None, _) => "-".to_owned(),
    }
}

/// The table of the documentation: the columns of the proof's `[table]`, neighbouring releases with
/// the same answers in one row. Empty when the proof has no such table.
///
/// The words are those of the rules; they are used for answers that fit. Anything else stands there
/// as it came out.
#[must_use]
pub fn markdown(matrix: &Matrix, outcome: &ProofOutcome) -> String {
    let Some(table) = &matrix.table else {
        return String::new();
    };
    let mut out = String::from("| release |");
    for column in &table.columns {
        out.push_str(&format!(" {} |", column.title));
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(table.columns.len()));
    out.push('\n');
    let rows: Vec<(String, Vec<String>)> = outcome
        .releases
        .iter()
        .map(|release| (release.release.to_string(), summed_up(matrix, release)))
        .collect();
    for group in rows.chunk_by(|a, b| a.1 == b.1) {
        let releases: Vec<_> = group.iter().map(|(release, _)| release.as_str()).collect();
        let cells = group.first().map(|(_, cells)| cells.join(" | "));
        out.push_str(&format!(
            "| {} | {} |\n",
            releases.join(", "),
            cells.unwrap_or_default()
        ));
    }
    out
}

/// The cells of one release, in words.
fn summed_up(matrix: &Matrix, release: &ReleaseOutcome) -> Vec<String> {
    let Some(table) = &matrix.table else {
        return Vec::new();
    };
    let cases = matrix.cases(&release.release);
    let sum_up = |when: &super::Selector| {
        let mut words: Vec<String> = Vec::new();
        for case in cases
            .iter()
            .filter(|case| table.when.selects(case) && when.selects(case))
        {
            let outcome = release
                .cases
                .iter()
                .find(|outcome| outcome.case == case.name);
            let said = in_words(matrix, outcome);
            if !words.contains(&said) {
                words.push(said);
            }
        }
        words.join("; ").replace('|', "\\|")
    };
    table
        .columns
        .iter()
        .map(|column| sum_up(&column.when))
        .collect()
}

fn in_words(matrix: &Matrix, outcome: Option<&CaseOutcome>) -> String {
    match outcome {
        None => "not run".to_owned(),
        Some(case) => match (case.judgement, matrix.rules.get(case.rule)) {
            (Judgement::Fits, Some(rule)) => rule.says.clone(),
            (Judgement::NotRun, _) => "not run".to_owned(),
            _ => format!("**unexpected**: {}", case.verdict),
        },
    }
}
