//! What a run of `draft-release` tells.

use std::collections::BTreeMap;

use super::Found;
use super::tables::Row;

/// The report, on standard output.
pub fn report(found: &Found, all: bool, in_full: bool) {
    let [from, to] = &found.releases;
    let fresh = |known: bool| all || !known;
    for draft in &found.drafts {
        if !fresh(!draft.known.is_empty()) {
            continue;
        }
        let known = match &draft.known[..] {
            [] => String::new(),
            names => format!("   known: {}", names.join(", ")),
        };
        println!("{}   {}{known}", draft.path, draft.title);
    }
    if in_full {
        for draft in found
            .drafts
            .iter()
            .filter(|draft| fresh(!draft.known.is_empty()))
        {
            println!("\n----- {}\n{}", draft.path, draft.text.trim_end());
        }
    }
    for row in found.rows.iter().filter(|row| fresh(row.known)) {
        let known = if row.known { "   known" } else { "" };
        println!("{}   {}{known}", row.file, row.says);
    }
    if in_full {
        let rows = rows(&found.rows, all);
        if !rows.is_empty() {
            println!("\n----- tables.md\n{}", rows.trim_end());
        }
    }
    let known = found
        .drafts
        .iter()
        .filter(|draft| !draft.known.is_empty())
        .count();
    let rows = found.rows.iter().filter(|row| row.known).count();
    println!(
        "\n{from} -> {to}: {} public items, {} new paths; {} drafts ({known} about what is known), {} rows ({rows} known), {} notes without a draft",
        found.items.0,
        found.items.1,
        found.drafts.len(),
        found.rows.len(),
        found.aside.len(),
    );
    let (entries, missed) = &found.recall;
    println!(
        "of {entries} entries about line {} the drafts find {}",
        to.line(),
        entries - missed.len()
    );
    for name in missed {
        println!("  not found: {name}");
    }
    if all {
        for note in &found.aside {
            println!("  without a draft: {note}");
        }
    }
    if !found.unread.is_empty() {
        println!("not looked into: {}", found.unread.join(", "));
    }
}

/// The rows that tables lack, by table.
pub fn rows(rows: &[Row], all: bool) -> String {
    let mut tables: BTreeMap<&str, String> = BTreeMap::new();
    for row in rows.iter().filter(|row| all || !row.known) {
        let text = tables.entry(row.file).or_default();
        text.push_str(&format!("\n{}:\n", row.says));
        if !row.text.is_empty() {
            text.push_str(&format!("\n```toml\n{}```\n", row.text));
        }
    }
    let parts = tables
        .iter()
        .map(|(file, text)| format!("# `{file}`\n{text}\n"));
    parts.collect()
}
