//! The migrations of the knowledge base: their blocks, held against the program, and, where that is
//! asked for, against the compiler on real releases.
//!
//! `cargo test --test migrations -- --ignored` compiles Wasmtime and its WASI crates for every pair of
//! releases that a migration names: some three minutes a release. `MIGRATIONS=id,id` names a few.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{program, project, run};
use wasmtime_upgrade::diagnostics;
use wasmtime_upgrade::knowledge::{FILES, Knowledge, Means, Migration};
use wasmtime_upgrade::migrate::rules::{self, Included};
use wasmtime_upgrade::migrate::{self, Crates, Ground};
use wasmtime_upgrade::version::FamilyVersion;

fn migrations() -> &'static [Migration] {
    &Knowledge::embedded().migrations
}

/// What the program makes of a text without a compiler; how much it leaves to a person.
fn moved(text: &str, from: &FamilyVersion, to: &FamilyVersion) -> (String, usize) {
    let crates = ["wasmtime", "wasmtime_wasi", "wasmtime_wasi_http"];
    let crates: Crates = crates
        .map(|name| (name.to_owned(), name.replace('_', "-")))
        .into_iter()
        .collect();
    let included = Included {
        review: true,
        ..Included::default()
    };
    let rules = rules::active(Knowledge::embedded(), from.line(), to.line(), &included);
    let ground = Ground {
        from: from.line(),
        to: to.line(),
        paths: &Knowledge::embedded().paths,
        crates: &crates,
        rules: &rules,
    };
    let outcome = migrate::run(text, &ground).unwrap();
    (outcome.edits.apply(text), outcome.remaining.len())
}

#[test]
fn every_file_is_where_its_release_and_its_id_say() {
    let files: BTreeSet<&str> = FILES
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("migrations/"))
        .collect();
    let expected: Vec<String> = migrations()
        .iter()
        .map(|it| format!("{}/{}.md", it.since.line(), it.id))
        .collect();
    assert_eq!(files, expected.iter().map(String::as_str).collect());
    assert!(files.len() > 15);
    let releases = &Knowledge::embedded().releases;
    for migration in migrations() {
        let proof = &migration.proof;
        assert!(
            proof.from < proof.to && proof.from < migration.since,
            "{}",
            migration.id
        );
        assert!(migration.since <= proof.to, "{}", migration.id);
        for release in [&proof.from, &proof.to, &migration.since] {
            assert!(
                releases.get(release).is_some(),
                "{}: {release}",
                migration.id
            );
        }
        assert!(
            !migration.links.is_empty() && migration.prose.len() > 30,
            "{}",
            migration.id
        );
        assert_ne!(migration.before, migration.after, "{}", migration.id);
        let code = proof
            .error
            .strip_prefix('E')
            .expect("a code of the compiler");
        assert!(
            code.len() == 4 && code.parse::<u16>().is_ok(),
            "{}",
            migration.id
        );
    }
}

#[test]
fn what_tokens_tell_makes_the_second_block_of_the_first_and_nothing_of_the_third() {
    for migration in migrations() {
        let (from, to) = (&migration.proof.from, &migration.proof.to);
        if migration.means == Means::Tokens {
            let expected = (migration.after.clone(), 0);
            assert_eq!(
                moved(&migration.before, from, to),
                expected,
                "{}",
                migration.id
            );
        }
        let untouched = (migration.untouched.clone(), 0);
        assert_eq!(
            moved(&migration.untouched, from, to),
            untouched,
            "{}",
            migration.id
        );
        assert_eq!(
            moved(&migration.after, to, to),
            (migration.after.clone(), 0),
            "{}",
            migration.id
        );
    }
}

/// Every migration on every block of every other one: what is made for a release stays what it is on
/// the way to it, and nothing fires in code that is not Wasmtime's.
#[test]
fn no_migration_touches_what_another_one_made() {
    for one in migrations() {
        for other in migrations() {
            let (from, to) = (&one.proof.from, &one.proof.to);
            let untouched = moved(&other.untouched, from, to);
            assert_eq!(
                untouched,
                (other.untouched.clone(), 0),
                "{} on {}",
                one.id,
                other.id
            );
            let made = moved(&other.after, &other.proof.to, &other.proof.to);
            assert_eq!(made.0, other.after, "{} on {}", one.id, other.id);
            let (once, _) = moved(&other.before, from, to);
            assert_eq!(
                moved(&once, to, to).0,
                once,
                "{} twice on {}",
                one.id,
                other.id
            );
        }
    }
}

/// One package for what is compiled with the same releases and the same crates.
type Groups = BTreeMap<(FamilyVersion, FamilyVersion, String), Vec<&'static Migration>>;

fn groups() -> Groups {
    let wanted = std::env::var("MIGRATIONS").unwrap_or_default();
    let wanted: Vec<&str> = wanted.split(',').filter(|id| !id.is_empty()).collect();
    let mut groups = Groups::new();
    for migration in migrations() {
        if wanted.is_empty() || wanted.contains(&migration.id.as_str()) {
            let proof = &migration.proof;
            let key = (
                proof.from.clone(),
                proof.to.clone(),
                dependencies(migration),
            );
            groups.entry(key).or_default().push(migration);
        }
    }
    assert!(!groups.is_empty(), "no migration is called that");
    groups
}

fn dependencies(migration: &Migration) -> String {
    let from = &migration.proof.from;
    let others = &migration.proof.dependencies;
    let mut text = format!("wasmtime = {{ version = \"={from}\", ");
    // Conversions between errors are a feature of their own, which older releases don't have.
    if !others.contains_key("anyhow") {
        text.push_str("default-features = false, ");
    }
    text.push_str("features = [\"runtime\", \"component-model\", \"async\", \"std\"] }\n");
    for (name, features) in others {
        let version = match name.as_str() {
            "anyhow" => "1".to_owned(),
            "async-trait" => "0.1".to_owned(),
            _ => format!("={from}"),
        };
        let _ = writeln!(
            text,
            "{name} = {{ version = \"{version}\", features = {features:?} }}"
        );
    }
    text
}

/// The examples of the package, each with a `main`.
fn write_examples(folder: &Path, of: &[&Migration], block: impl Fn(&Migration) -> &str) {
    std::fs::create_dir_all(folder.join("examples")).unwrap();
    for migration in of {
        let text = format!("{}\nfn main() {{}}\n", block(migration));
        std::fs::write(folder.join(format!("examples/{}.rs", migration.id)), text).unwrap();
    }
}

/// The codes of the errors in each example.
fn errors(folder: &Path, target: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new("cargo")
        .args([
            "check",
            "--examples",
            "--keep-going",
            "--message-format=json",
        ])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let messages = diagnostics::parse(&stdout);
    assert!(
        output.status.success() || !messages.errors.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut codes = BTreeMap::<String, BTreeSet<String>>::new();
    for error in messages.errors {
        let example = error.target.trim_start_matches("example ").to_owned();
        codes
            .entry(example)
            .or_default()
            .insert(error.code.unwrap_or_default());
    }
    codes
}

#[test]
#[ignore = "compiles a dozen releases of Wasmtime"]
fn the_compiler_agrees_with_every_migration() {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("migrations");
    let mut wrong = String::new();
    for ((from, to, dependencies), of) in groups() {
        let manifest = format!(
            "[package]\nname = \"proof\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n[workspace]\n"
        );
        let folder = project(&[("Cargo.toml", &manifest), ("src/lib.rs", "")]);
        let folder = folder.path();
        write_examples(folder, &of, |it| &it.before);
        let old = errors(folder, &target);
        if !old.is_empty() {
            let _ = writeln!(wrong, "{from}: `before` does not compile: {old:?}");
            continue;
        }
        let to_text = to.to_string();
        let ran = run(program(folder)
            .args([
                "upgrade",
                "--to",
                &to_text,
                "--allow-dirty",
                "--keep",
                "--format",
                "json",
            ])
            .env("CARGO_TARGET_DIR", &target));
        let compiled = ran.json()["verification"]["after"]["success"] == true;
        for migration in &of {
            let path = folder.join(format!("examples/{}.rs", migration.id));
            let text = std::fs::read_to_string(path).unwrap();
            if text != format!("{}\nfn main() {{}}\n", migration.after) {
                let _ = writeln!(wrong, "{}: it made:\n{text}", migration.id);
            }
        }
        if !compiled {
            let _ = writeln!(wrong, "{from} -> {to}: {}", ran.json()["verification"]);
        }
        write_examples(folder, &of, |it| &it.before);
        let failing = errors(folder, &target);
        for migration in &of {
            let codes = failing.get(&migration.id).cloned().unwrap_or_default();
            if !codes.contains(&migration.proof.error) {
                let _ = writeln!(wrong, "{}: `before` in {to} has {codes:?}", migration.id);
            }
        }
        eprintln!(
            "{from} -> {to}: {}",
            of.iter()
                .map(|it| it.id.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    assert!(wrong.is_empty(), "{wrong}");
}
