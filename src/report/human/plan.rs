//! The comparison of targets for people.

use std::fmt::Write as _;

use super::{Style, not_looked_at};
use crate::upgrade::compare::{Comparison, Prospect, TargetRow};

/// The columns, and whether they hold numbers.
const HEAD: [(&str, bool); 9] = [
    ("target", false),
    ("release", false),
    ("rust", false),
    ("clears", true),
    ("open", true),
    ("unsure", true),
    ("edits", true),
    ("by hand", true),
    ("support", false),
];

/// The comparison: a table, then what is behind its numbers.
#[must_use]
pub fn comparison(comparison: &Comparison, style: &Style) -> String {
    let manifest = style.path(
        &comparison.project,
        &format!("{}/Cargo.toml", comparison.workspace),
    );
    let mut text = format!("wasmtime {} in {manifest}\n\n", comparison.from);
    text.push_str(&table(&comparison.targets));
    for row in &comparison.targets {
        if row.prospect.is_none() {
            let reason = row.refused.as_deref().unwrap_or("not to be had");
            let _ = writeln!(text, "\n{}: {reason}", row.target);
        }
    }
    for rows in by_release(&comparison.targets) {
        text.push('\n');
        text.push_str(&details(&rows));
    }
    text.push('\n');
    text.push_str(&not_looked_at(&comparison.not_looked_at, style));
    let _ = writeln!(
        text,
        "`{} upgrade --to TARGET --dry-run` shows the diff, `{} plan --to TARGET -o FILE` writes the plan",
        style.program.command(),
        style.program.command()
    );
    text
}

fn table(rows: &[TargetRow]) -> String {
    let mut cells: Vec<[String; 9]> = vec![HEAD.map(|(name, _)| name.to_owned())];
    cells.extend(rows.iter().map(|row| match &row.prospect {
        Some(prospect) => filled(&row.target, prospect),
        None => {
            let mut empty = HEAD.map(|_| "-".to_owned());
            empty[0].clone_from(&row.target);
            empty
        }
    }));
    let width = |column: usize| cells.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for ((cell, width), (_, number)) in row.iter().zip(&widths).zip(HEAD) {
            let _ = if number {
                write!(line, "{cell:>width$}  ")
            } else {
                write!(line, "{cell:width$}  ")
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn filled(target: &str, prospect: &Prospect) -> [String; 9] {
    let support = match (&prospect.supported_until, prospect.supported) {
        (Some(day), true) => format!("until {day}"),
        (Some(day), false) => format!("ended {day}"),
        (None, _) => "unknown".to_owned(),
    };
    [
        target.to_owned(),
        prospect.release.to_string(),
        prospect.rust_version.to_string(),
        prospect.clears.len().to_string(),
        prospect.still_open.len().to_string(),
        prospect.not_ruled_out.len().to_string(),
        prospect.edits.to_string(),
        prospect.by_hand.to_string(),
        support,
    ]
}

/// Targets that lead to one release, together: all that is to be said of it is said once.
fn by_release(rows: &[TargetRow]) -> Vec<Vec<(&str, &Prospect)>> {
    let mut groups: Vec<Vec<(&str, &Prospect)>> = Vec::new();
    for row in rows {
        let Some(prospect) = &row.prospect else {
            continue;
        };
        let entry = (row.target.as_str(), prospect);
        match groups
            .iter_mut()
            .find(|group| group[0].1.release == prospect.release)
        {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups
}

/// What is known of the release that a group of targets leads to.
fn details(group: &[(&str, &Prospect)]) -> String {
    let Some((_, prospect)) = group.first() else {
        return String::new();
    };
    let mut text = format!("{}:\n", prospect.release);
    for (target, prospect) in group {
        let _ = writeln!(text, "  {target}: {}", prospect.reason);
    }
    for (word, ids) in [
        ("clears", &prospect.clears),
        ("still open", &prospect.still_open),
    ] {
        if !ids.is_empty() {
            text.push_str(&listed(word, ids));
        }
    }
    text
}

/// Widest line of a list, in characters.
const WIDTH: usize = 100;

/// A list behind its word, over as many lines as it takes.
fn listed(word: &str, ids: &[String]) -> String {
    let mut text = String::new();
    let mut line = format!("  {word}: ");
    let indent = " ".repeat(line.len());
    for (place, id) in ids.iter().enumerate() {
        let comma = if place + 1 < ids.len() { "," } else { "" };
        if place > 0 && line.len() + id.len() + comma.len() > WIDTH {
            let _ = writeln!(text, "{}", line.trim_end());
            line.clone_from(&indent);
        }
        let _ = write!(line, "{id}{comma} ");
    }
    let _ = writeln!(text, "{}", line.trim_end());
    text
}
