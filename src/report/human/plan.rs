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
        text.push('\n');
        match (&row.prospect, &row.refused) {
            (Some(prospect), _) => text.push_str(&details(row, prospect)),
            (None, refused) => {
                let reason = refused.as_deref().unwrap_or("not to be had");
                let _ = writeln!(text, "{}: {reason}", row.target);
            }
        }
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

fn details(row: &TargetRow, prospect: &Prospect) -> String {
    let mut text = format!(
        "{}: {}, {}\n",
        row.target, prospect.release, prospect.reason
    );
    for (word, ids) in [
        ("clears", &prospect.clears),
        ("still open", &prospect.still_open),
    ] {
        if !ids.is_empty() {
            let _ = writeln!(text, "  {word}: {}", ids.join(", "));
        }
    }
    text
}
