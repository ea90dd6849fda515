//! The comparison itself. `RUSTSEC_DB` names a checkout of RustSec's advisory-db.

use std::path::PathBuf;

use camino::Utf8Path;
use rustsec_compat::{Outcome, compare, open, reasons};
use wasmtime_upgrade::advisory_db;
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::world::RealWorld;

fn database() -> Option<PathBuf> {
    let path = std::env::var_os("RUSTSEC_DB").map(PathBuf::from);
    if path.is_none() {
        eprintln!(
            "\n*** SKIPPED: RUSTSEC_DB is not set, so the advisories' ranges were held against NOTHING.\n*** Clone RustSec's advisory-db and run again with RUSTSEC_DB=<its folder>.\n"
        );
    }
    path
}

#[test]
fn every_answer_agrees_or_has_a_reason() {
    let Some(path) = database() else { return };
    let database = open(&path).unwrap();
    let reasons = reasons(include_str!("../reasons.toml")).unwrap();
    let outcome = compare(Knowledge::embedded(), &database, &reasons).unwrap();
    println!(
        "{} advisories in both, {} answers compared: {} agree, {} differ for a written reason (in {} advisories), {} differ without one",
        outcome.shared.len(),
        outcome.questions,
        outcome.agreements,
        outcome.reasoned,
        outcome.reasoned_ids.len(),
        outcome.questions - outcome.agreements - outcome.reasoned,
    );
    println!("only in the database: {:?}", outcome.only_there);
    println!("only here: {}", outcome.only_here.len());
    assert!(!outcome.shared.is_empty(), "nothing was compared");
    assert!(
        outcome.unexplained.is_empty(),
        "no reason is written for:\n{}",
        outcome.unexplained.join("\n")
    );
    assert!(
        outcome.unused.is_empty(),
        "no answer needs the reasons for:\n{}",
        outcome.unused.join("\n")
    );
}

/// The program reads the same format with a reader of its own, which must not be of another opinion.
#[test]
fn the_programs_own_reader_reads_the_same_ranges() {
    let Some(path) = database() else { return };
    let known = Knowledge::embedded();
    let ours = advisory_db::Database::read(
        &RealWorld::new(),
        Utf8Path::from_path(&path).unwrap(),
        &known.family,
    )
    .unwrap();
    let theirs = open(&path).unwrap();
    let mut questions = 0;
    for entry in &ours.entries {
        let advisory = theirs.get(&entry.id.parse().unwrap()).unwrap();
        let member = known.family.get(&entry.package).unwrap();
        let releases = known.releases.iter().map(|release| &release.version);
        for release in releases.filter(|release| !release.is_prerelease()) {
            let version = member.numbering.version_at(release).0;
            assert_eq!(
                entry.affects(release),
                advisory.versions.is_vulnerable(&version),
                "{} {release}",
                entry.id
            );
            questions += 1;
        }
    }
    println!(
        "{} advisories read, {questions} answers compared, database of {}",
        ours.entries.len(),
        ours.date
    );
    assert!(questions > 0);
}

/// A database with one advisory that everybody knows, with other ranges than it has.
fn with_reasons(text: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("crates/wasmtime");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(
        place.join("RUSTSEC-2024-0439.md"),
        "```toml\n[advisory]\nid = \"RUSTSEC-2024-0439\"\npackage = \"wasmtime\"\ndate = \"2024-10-03\"\naliases = []\n\n[versions]\npatched = [\"< 36.0.20\", \"> 36.0.20\"]\n```\n\n# A race\n\nText.\n",
    )
    .unwrap();
    let database = open(folder.path()).unwrap();
    compare(Knowledge::embedded(), &database, &reasons(text).unwrap()).unwrap()
}

#[test]
fn a_difference_needs_a_reason_and_a_reason_a_difference() {
    let outcome = with_reasons("");
    assert_eq!(outcome.unexplained.len(), 2, "{:?}", outcome.unexplained);
    assert!(outcome.unexplained[1].ends_with("Rustsec says affected: 36.0.20"));
    let reason = |side: &str, range: &str| {
        format!(
            "[[reason]]\nid = \"RUSTSEC-2024-0439\"\nrange = \"{range}\"\naffected = \"{side}\"\nreason = \"so\"\n"
        )
    };
    let both = reason("here", "<25.0.2") + &reason("rustsec", "=36.0.20");
    let outcome = with_reasons(&both);
    assert_eq!((outcome.unexplained.len(), outcome.unused.len()), (0, 0));
    assert_eq!(outcome.questions, outcome.agreements + outcome.reasoned);
    let outcome = with_reasons(&(both + &reason("rustsec", "=48.0.0")));
    assert_eq!(outcome.unused, ["RUSTSEC-2024-0439 =48.0.0"]);
}
