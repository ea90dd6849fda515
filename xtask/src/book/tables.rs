//! The tables of the knowledge base as pages: releases, options of `bindgen!`.

use serde::Deserialize;
use wasmtime_upgrade::knowledge::{self, Kind, Knowledge, LineFacts, Release};
use wasmtime_upgrade::version::Line;

use super::pages::{Page, table};

/// Every line with its newest release, and every release.
pub fn releases(knowledge: &Knowledge) -> Page {
    let lines: Vec<&LineFacts> = knowledge.releases.lines().rev().collect();
    let rows = lines.iter().map(|facts| {
        let newest = newest(knowledge, facts.line);
        let open = newest.map_or(0, |release| open(knowledge, release));
        vec![
            format!("[{}](#{})", facts.line, facts.line),
            if facts.lts {
                "yes".to_owned()
            } else {
                String::new()
            },
            newest.map_or_else(String::new, |release| release.version.to_string()),
            facts.rust_version.to_string(),
            facts.supported_until.to_string(),
            open.to_string(),
        ]
    });
    let mut text = format!(
        "# Releases\n\nEvery line that is known (as of {}), the newest first. \"Open\" counts the advisories that the newest \
         release of the line is affected by; whether a project is exposed to one is another question, which \
         `check` answers. Support ends on the day named.\n\n{}",
        knowledge.releases.date,
        table(
            &["line", "LTS", "newest", "Rust", "supported until", "open"],
            rows
        ),
    );
    for facts in &lines {
        text.push_str(&format!("\n## {}\n\n", facts.line));
        let releases = knowledge.releases.iter().rev();
        let of_line = releases.filter(|release| release.version.line() == facts.line);
        text.push_str(&table(
            &["release", "published", "open", ""],
            of_line.map(|release| {
                vec![
                    release.version.to_string(),
                    release
                        .published
                        .map_or_else(String::new, |day| day.to_string()),
                    open(knowledge, release).to_string(),
                    remark(release),
                ]
            }),
        ));
    }
    Page {
        path: "knowledge/releases.md".to_owned(),
        name: "Releases".to_owned(),
        text,
        below: Vec::new(),
    }
}

fn newest(knowledge: &Knowledge, line: Line) -> Option<&Release> {
    let releases = knowledge.releases.iter().rev();
    let mut of_line = releases.filter(|release| release.version.line() == line);
    of_line.find(|release| release.selectable())
}

/// How many advisories affect a release.
fn open(knowledge: &Knowledge, release: &Release) -> usize {
    let affecting = knowledge.affecting(&release.version);
    affecting
        .filter(|entry| entry.kind == Kind::Advisory)
        .count()
}

fn remark(release: &Release) -> String {
    let mut parts = Vec::new();
    if release.yanked {
        parts.push("taken back".to_owned());
    }
    if release.unserved {
        parts.push("not to be had from the registry".to_owned());
    }
    parts.extend(release.unusable.clone());
    parts.extend(release.remark.clone());
    parts.join("; ")
}

#[derive(Deserialize)]
struct OptionsFile {
    option: Vec<OptionRow>,
}

#[derive(Deserialize)]
struct OptionRow {
    name: String,
    since: Option<Line>,
    until: Option<Line>,
}

/// The options of `bindgen!` and the lines that take them.
///
/// # Errors
/// When the table is not what it was when this was written.
pub fn options(knowledge: &Knowledge) -> Result<Page, String> {
    let text = knowledge::file("bindgen-options.toml").unwrap_or_default();
    let file: OptionsFile =
        toml::from_str(text).map_err(|error| format!("bindgen-options.toml: {error}"))?;
    let lines: Vec<Line> = knowledge.releases.lines().map(|facts| facts.line).collect();
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Err("no line is known".to_owned());
    };
    let rows = file.option.iter().map(|option| {
        vec![
            format!("`{}`", option.name),
            option
                .since
                .map_or_else(|| format!("{first} or earlier"), |line| line.to_string()),
            option
                .until
                .map_or_else(|| format!("{last} and on"), |line| line.to_string()),
        ]
    });
    let mut text = format!(
        "# Options of `bindgen!`\n\nWhat `wasmtime::component::bindgen!` takes, by line, from {first} to {last}. `upgrade` rewrites \
         invocations for the line that it goes to.\n\n{}\n## By line\n\n",
        table(&["option", "from", "to"], rows),
    );
    let mut before: Option<Line> = None;
    for line in lines {
        if let Some(before) = before {
            let names = |came: bool| -> Vec<String> {
                let changed = file.option.iter().filter(|option| {
                    let (was, is) = (
                        knowledge.grammar.accepts(&option.name, before),
                        knowledge.grammar.accepts(&option.name, line),
                    );
                    was != is && is == came
                });
                changed.map(|option| format!("`{}`", option.name)).collect()
            };
            let (came, went) = (names(true), names(false));
            if !came.is_empty() {
                text.push_str(&format!(
                    "- **{line}** takes {} for the first time\n",
                    came.join(", ")
                ));
            }
            if !went.is_empty() {
                text.push_str(&format!("- **{line}** refuses {}\n", went.join(", ")));
            }
        }
        before = Some(line);
    }
    Ok(Page {
        path: "knowledge/bindgen-options.md".to_owned(),
        name: "Options of bindgen!".to_owned(),
        text,
        below: Vec::new(),
    })
}
