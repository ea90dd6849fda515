//! What the documentation says is what the program does.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use clap::CommandFactory;
use wasmtime_upgrade::cli::Cli;
use wasmtime_upgrade::error::ExitCode;
use wasmtime_upgrade::prove::{self, ProofOutcome};

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
fn every_file_that_the_readme_links_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let links = README
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let mut seen = 0;
    for link in links.filter(|link| !link.starts_with("http")) {
        assert!(root.join(link).exists(), "README.md links {link}");
        seen += 1;
    }
    assert!(seen > 3);
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
