//! A page for each entry of the knowledge base, and one for each kind.

use wasmtime_upgrade::knowledge::{Confidence, Entry, Kind, Knowledge, Migration, Severity};
use wasmtime_upgrade::prove;
use wasmtime_upgrade::version::Line;

use super::condition;
use super::pages::{Page, links, table};

/// The kinds of entries that have a chapter: the folder, the name, what it says at its top.
const CHAPTERS: [(Kind, &str, &str, &str); 4] = [
    (
        Kind::Advisory,
        "advisories",
        "Advisories",
        "Published security advisories about the family, by id. Ranges are those that the \
         sources show, which are not always the published ones.",
    ),
    (
        Kind::Regression,
        "regressions",
        "Regressions",
        "What worked and does not, or what never worked in some releases, and is no advisory.",
    ),
    (
        Kind::BrokenRelease,
        "broken-releases",
        "Broken releases",
        "Releases that can't be built, or lack a part, for some projects or for all.",
    ),
    (
        Kind::BehaviourChange,
        "changes",
        "Changes of behaviour",
        "What means something else from a release on, and compiles all the same.",
    ),
];

/// All of them.
pub fn chapters(knowledge: &Knowledge) -> Vec<Page> {
    let mut pages: Vec<Page> = CHAPTERS
        .iter()
        .map(|(kind, folder, name, says)| {
            let entries = knowledge.entries.iter().filter(|entry| entry.kind == *kind);
            chapter(entries.collect(), folder, name, says)
        })
        .collect();
    pages.push(migrations(knowledge));
    pages
}

fn chapter(entries: Vec<&Entry>, folder: &str, name: &str, says: &str) -> Page {
    let rows = entries.iter().map(|entry| {
        vec![
            format!("[`{}`]({folder}/{}.md)", entry.id, entry.id),
            entry.title.clone(),
            severity(entry),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let rated = entries.iter().any(|entry| entry.severity.is_some());
    let listed = match rated {
        true => table(&["id", "", "severity"], rows),
        false => table(
            &["id", ""],
            rows.into_iter().map(|mut row| {
                row.pop();
                row
            }),
        ),
    };
    Page {
        path: format!("knowledge/{folder}.md"),
        name: format!("{name} ({})", entries.len()),
        text: format!("# {name}\n\n{says}\n\n{listed}"),
        below: entries
            .iter()
            .map(|entry| of_entry(entry, folder))
            .collect(),
    }
}

fn severity(entry: &Entry) -> String {
    let word = match entry.severity {
        Some(Severity::Critical) => "critical",
        Some(Severity::High) => "high",
        Some(Severity::Moderate) => "moderate",
        Some(Severity::Low) => "low",
        Some(Severity::None) => "none",
        None => "",
    };
    word.to_owned()
}

fn of_entry(entry: &Entry, folder: &str) -> Page {
    let listed = |versions: Vec<String>, none: &str| match &versions[..] {
        [] => none.to_owned(),
        versions => versions.join(" or "),
    };
    let affected = entry
        .affected
        .iter()
        .map(|range| format!("`{range}`"))
        .collect();
    let fixed = entry
        .fixed_in
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    let mut rows = vec![
        vec!["id".to_owned(), format!("`{}`", entry.id)],
        vec!["crate".to_owned(), format!("`{}`", entry.package)],
        vec![
            "affected".to_owned(),
            listed(affected, "nothing that is published"),
        ],
        vec![
            "fixed in".to_owned(),
            match &fixed[..] {
                [] => "nowhere: it is meant so, or there is no fix".to_owned(),
                fixed => fixed.join(", "),
            },
        ],
        vec!["to do".to_owned(), entry.remedy.clone()],
        vec![
            "founded".to_owned(),
            confidence(entry.confidence).to_owned(),
        ],
    ];
    if !entry.aliases.is_empty() {
        rows.insert(1, vec!["also".to_owned(), entry.aliases.join(", ")]);
    }
    if entry.severity.is_some() {
        rows.insert(1, vec!["severity".to_owned(), severity(entry)]);
    }
    if entry.moves_only {
        let says = "by `upgrade`, to who moves into these releases; `check` is silent";
        rows.push(vec!["told".to_owned(), says.to_owned()]);
    }
    let proven = entry.proof.as_deref().and_then(proof).unwrap_or_default();
    let text = format!(
        "# {}\n\n{}\n{}\n\n## Who is exposed\n\n{}\n{proven}{}",
        heading(&entry.title),
        table(&["", ""], rows),
        entry.prose.trim(),
        condition::told(&entry.condition),
        links(&entry.links),
    );
    Page {
        path: format!("knowledge/{folder}/{}.md", entry.id),
        name: entry.id.clone(),
        text,
        below: Vec::new(),
    }
}

/// A title as the heading of a page: with a capital.
fn heading(title: &str) -> String {
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Proven => {
            "a compiler or a run showed it, and the evidence is in the repository"
        }
        Confidence::Sourced => "read in Wasmtime's sources, changes or advisories",
        Confidence::Inferred => "a judgement",
    }
}

/// What the compiler said, as a table.
fn proof(id: &str) -> Option<String> {
    let (matrix, outcome) = prove::kept(id)?;
    Some(format!(
        "## What the compiler says\n\n{}\n",
        prove::markdown(&matrix, &outcome)
    ))
}

fn migrations(knowledge: &Knowledge) -> Page {
    let all: Vec<&Migration> = knowledge.migrations.iter().collect();
    let mut lines: Vec<Line> = all.iter().map(|migration| migration.since.line()).collect();
    lines.dedup();
    let mut text = String::from(
        "# Migrations\n\nWhat releases changed in sources, and what `upgrade` does about it. `tokens` needs the text alone, \
         `compiler` answers an error, `person` lists the places. `safe` is applied, `review` with `--include review` \
         or by its id, `manual` never.\n",
    );
    for line in lines {
        text.push_str(&format!("\n## {line}\n\n"));
        let of_line = all
            .iter()
            .filter(|migration| migration.since.line() == line);
        text.push_str(&table(
            &["id", "", "done by", "grade"],
            of_line.map(|migration| {
                vec![
                    format!("[`{}`](migrations/{}.md)", migration.id, migration.id),
                    migration.title.clone(),
                    migration.means.word().to_owned(),
                    migration.grade.word().to_owned(),
                ]
            }),
        ));
    }
    Page {
        path: "knowledge/migrations.md".to_owned(),
        name: format!("Migrations ({})", all.len()),
        text,
        below: all
            .iter()
            .map(|migration| of_migration(migration))
            .collect(),
    }
}

fn of_migration(migration: &Migration) -> Page {
    let (from, to) = (&migration.proof.from, &migration.proof.to);
    let rows = vec![
        vec!["id".to_owned(), format!("`{}`", migration.id)],
        vec!["since".to_owned(), migration.since.to_string()],
        vec!["done by".to_owned(), migration.means.word().to_owned()],
        vec!["grade".to_owned(), migration.grade.word().to_owned()],
    ];
    let fails = match &migration.proof.error {
        Some(error) => format!("It compiles on {from}, and fails on {to} with {error}."),
        None => format!("It compiles on {from}, and on {to} too."),
    };
    let text = format!(
        "# {}\n\n{}\n{}\n\n## Before\n\n{fails}\n\n```rust\n{}```\n\n## After\n\nIt compiles on {to}.\n\n```rust\n{}```\n\n{}",
        migration.title,
        table(&["", ""], rows),
        migration.prose.trim(),
        migration.before,
        migration.after,
        links(&migration.links),
    );
    Page {
        path: format!("knowledge/migrations/{}.md", migration.id),
        name: migration.id.clone(),
        text,
        below: Vec::new(),
    }
}
