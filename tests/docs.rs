//! What the documentation says is what the program does.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use clap::CommandFactory;
use wasmtime_upgrade::bindgen::{self, grammar::OptionFacts};
use wasmtime_upgrade::cli::Cli;
use wasmtime_upgrade::error::ExitCode;
use wasmtime_upgrade::knowledge::{Kind, Knowledge};
use wasmtime_upgrade::prove::{self, ProofOutcome};
use wasmtime_upgrade::tokens::Tokens;

const README: &str = include_str!("../README.md");

#[test]
fn the_readme_shows_the_evidence_as_it_is() {
    let evidence = prove::evidence().unwrap();
    let matrices = prove::matrices().unwrap();
    let matrix = matrices.iter().find(|m| m.id == "store-data-send").unwrap();
    let outcome = ProofOutcome::of_evidence(matrix, &evidence[&matrix.id]);
    let table = prove::markdown(matrix, &outcome);
    assert!(
        README.contains(table.trim()),
        "README.md should have\n{table}"
    );
}

#[test]
fn the_readme_names_every_command_and_every_exit_code() {
    for command in Cli::command().get_subcommands() {
        let row = format!("| `{}", command.get_name());
        assert!(
            README.contains(&row),
            "README.md has no row for {}",
            command.get_name()
        );
    }
    for (code, meaning) in ExitCode::ALL {
        let row = format!("| {} | {meaning} |", code as u8);
        assert!(README.contains(&row), "README.md should have {row}");
    }
}

#[test]
fn the_numbers_of_entries_are_those_of_the_files() {
    let knowledge = Knowledge::embedded();
    let (advisories, others): (Vec<_>, Vec<_>) = knowledge
        .entries
        .iter()
        .partition(|entry| entry.kind == Kind::Advisory);
    for (page, text, word) in [
        ("README.md", README, "security advisories"),
        (
            "CHANGELOG.md",
            include_str!("../CHANGELOG.md"),
            "advisories",
        ),
    ] {
        let said = format!(
            "{} {word} and {} regressions",
            advisories.len(),
            others.len()
        );
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&said), "{page} should say {said}");
    }
}

/// The part of a link that leads to a heading.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = letters.replace(|c: char| !c.is_alphanumeric() && !" -_".contains(c), "");
    kept.replace(' ', "-")
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for entry in std::fs::read_dir(root.join("docs")).unwrap() {
        pages.push(entry.unwrap().path());
    }
    pages.retain(|page| page.extension().is_some_and(|ending| ending == "md"));
    let mut seen = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1);
        let links = links.filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            let name = page.display();
            assert!(target.exists(), "{name} links {link}");
            if !heading.is_empty() {
                let text = std::fs::read_to_string(target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|line| anchor(line) == heading),
                    "{name} links {link}"
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn the_documented_layout_is_the_one_there_is() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = include_str!("../docs/architecture.md");
    let places = text
        .split('`')
        .filter(|part| part.starts_with("src/") || part.starts_with("knowledge/"));
    for place in places.filter(|place| !place.contains('*')) {
        assert!(
            root.join(place).exists(),
            "docs/architecture.md names {place}"
        );
    }
}

const BINDGEN: &str = include_str!("../docs/bindgen.md");

/// The options of `bindgen!` that not every line has.
fn changed_options() -> impl Iterator<Item = &'static OptionFacts> {
    let options = Knowledge::embedded().grammar.options().iter();
    options.filter(|option| option.since.is_some() || option.until.is_some())
}

#[test]
fn the_table_of_the_options_of_bindgen_is_the_one_that_counts() {
    let mut table = "| option | lines | proof |\n|---|---|---|\n".to_owned();
    for option in changed_options() {
        let lines = match (option.since, option.until) {
            (None, Some(until)) => format!("to {until}"),
            (Some(since), None) => format!("from {since}"),
            (Some(since), Some(until)) => format!("{since} to {until}"),
            (None, None) => unreachable!("it is in every line"),
        };
        let proof = match (&option.proof, &option.not_compiled) {
            (Some(proof), None) => format!("`{proof}`"),
            (None, Some(why)) => format!("not compiled: {why}"),
            both => panic!("{}: one of the two: {both:?}", option.name),
        };
        table.push_str(&format!("| `{}` | {lines} | {proof} |\n", option.name));
    }
    let all = Knowledge::embedded().grammar.options().iter();
    let in_all = all.filter(|option| option.since.is_none() && option.until.is_none());
    let in_all: Vec<String> = in_all.map(|option| format!("`{}`", option.name)).collect();
    table.push_str(&format!(
        "\nIn all lines from 22 to 50: {}.\n",
        in_all.join(", ")
    ));
    assert!(
        BINDGEN.contains(&table),
        "docs/bindgen.md should have\n{table}"
    );
}

#[test]
fn the_table_of_the_proofs_of_the_rewriter_is_that_of_the_files() {
    let mut table =
        "| proof | options of | compiled in lines | programs |\n|---|---|---|---:|\n".to_owned();
    for matrix in prove::matrices().unwrap() {
        let Some(line) = matrix.options_of else {
            continue;
        };
        let lines: Vec<u64> = matrix.releases.iter().map(|it| it.line().0).collect();
        let programs: usize = matrix
            .releases
            .iter()
            .map(|it| matrix.cases(it).len())
            .sum();
        table.push_str(&format!(
            "| `{}` | {line} | {} | {programs} |\n",
            matrix.id,
            in_ranges(&lines)
        ));
    }
    assert!(
        BINDGEN.contains(&table),
        "docs/bindgen.md should have\n{table}"
    );
}

/// `24 to 36, 48` for lines in their order.
fn in_ranges(lines: &[u64]) -> String {
    let ranges = lines.chunk_by(|one, next| one + 1 == *next);
    let written = ranges.map(|range| match range {
        [only] => only.to_string(),
        [first, .., last] => format!("{first} to {last}"),
        [] => String::new(),
    });
    written.collect::<Vec<_>>().join(", ")
}

/// The case that is named beside an option has it, and moves it to a line that does not.
#[test]
fn options_of_bindgen_are_proven_on_both_sides() {
    let matrices = prove::matrices().unwrap();
    let proofs =
        changed_options().filter_map(|option| option.proof.as_ref().map(|it| (option, it)));
    for (option, proof) in proofs {
        let (id, case) = proof.split_once('/').unwrap();
        let matrix = matrices
            .iter()
            .find(|it| it.id == id)
            .unwrap_or_else(|| panic!("no {id}"));
        assert!(
            matrix.options_of.is_some(),
            "{id} is no proof of the rewriter"
        );
        let has = |release| {
            let cases = matrix.cases(release);
            let case = cases
                .iter()
                .find(|it| it.name == case)
                .unwrap_or_else(|| panic!("no {proof}"));
            let tokens = Tokens::read(&case.source).unwrap();
            let found = bindgen::find(&tokens, &BTreeSet::from(["wasmtime".to_owned()]));
            found.iter().any(|it| it.option(&option.name).is_some())
        };
        let grammar = &Knowledge::embedded().grammar;
        let (with, without): (Vec<_>, Vec<_>) = matrix
            .releases
            .iter()
            .partition(|it| grammar.accepts(&option.name, it.line()));
        assert!(
            with.iter().any(|release| has(release)),
            "{proof}: no {}",
            option.name
        );
        assert!(!without.is_empty(), "{proof} moves {} nowhere", option.name);
        assert!(
            !without.iter().any(|release| has(release)),
            "{proof}: {} stays",
            option.name
        );
    }
    let in_text = BINDGEN
        .split('`')
        .filter(|part| part.starts_with("bindgen-") && part.contains('/'));
    for proof in in_text {
        let (id, case) = proof.split_once('/').unwrap();
        let matrix = matrices
            .iter()
            .find(|it| it.id == id)
            .unwrap_or_else(|| panic!("no {id}"));
        let cases = matrix.cases(&matrix.releases[0]);
        assert!(
            cases.iter().any(|it| it.name == case),
            "docs/bindgen.md: no {proof}"
        );
    }
}
