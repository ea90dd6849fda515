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
use tempfile::TempDir;
use wasmtime_upgrade::diagnostics;
use wasmtime_upgrade::knowledge::{self, Knowledge, Means, Migration};
use wasmtime_upgrade::migrate::rules::{self, Included};
use wasmtime_upgrade::migrate::{self, Crates, Ground};
use wasmtime_upgrade::version::FamilyVersion;

fn migrations() -> &'static [Migration] {
    &Knowledge::embedded().migrations
}

/// What the program makes of a text without a compiler; how much it leaves to a person.
fn moved(text: &str, from: &FamilyVersion, to: &FamilyVersion) -> (String, usize) {
    let family = &Knowledge::embedded().family;
    let of_family = family
        .iter()
        .filter(|it| it.replaced_by.is_some() && it.exists_in(from.line()));
    let ended: Vec<String> = of_family.map(|it| it.name.clone()).collect();
    let crates = [
        "tokio",
        "wasmtime",
        "wasmtime-wasi",
        "wasmtime-wasi-http",
        "wasmtime-wasi-io",
        "wiggle",
    ];
    let names = crates.map(str::to_owned).into_iter().chain(ended.clone());
    let mut crates: Crates = names.map(|name| (name.replace('-', "_"), name)).collect();
    for name in &ended {
        if let Some(replaced) = family.replacement_in(name, to.line()) {
            let new = &replaced.new.name;
            crates.comes(new, &new.replace('-', "_"), name);
        }
    }
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
        adopted_errors: None,
        own_names: &[],
        views: &wasmtime_upgrade::migrate::views::NOTHING_ELSEWHERE,
        keeps_perms: false,
    };
    let outcome = migrate::run(text, &ground).unwrap();
    (outcome.edits.apply(text), outcome.remaining.len())
}

#[test]
fn every_file_is_where_its_release_and_its_id_say() {
    let files: BTreeSet<&str> = knowledge::files()
        .filter_map(|(path, _)| path.strip_prefix("migrations/"))
        .collect();
    let expected: Vec<String> = migrations()
        .iter()
        .map(|it| format!("{}/{}.md", it.since.line(), it.id))
        .collect();
    assert_eq!(files, expected.iter().map(String::as_str).collect());
    assert_eq!(
        Knowledge::embedded().migrations.try_read().map(|_| ()),
        Ok(())
    );
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
        let is_code = |code: &str| {
            let number = code.strip_prefix('E').expect("a code of the compiler");
            number.len() == 4 && number.parse::<u16>().is_ok()
        };
        assert!(
            proof.error.as_deref().is_none_or(is_code),
            "{}",
            migration.id
        );
    }
}

/// How many steps a migration by tokens tells a person beside its edits: guests of WASIp3 get no stream
/// of a host that had none for them.
fn told_beside(id: &str) -> usize {
    usize::from(id == "wasi-stdio-cli-module")
}

#[test]
fn what_tokens_tell_makes_the_second_block_of_the_first_and_nothing_of_the_third() {
    for migration in migrations() {
        let (from, to) = (&migration.proof.from, &migration.proof.to);
        if migration.means == Means::Tokens {
            let expected = (migration.after.clone(), told_beside(&migration.id));
            assert_eq!(
                moved(&migration.before, from, to),
                expected,
                "{}",
                migration.id
            );
        }
        if migration.means == Means::Person {
            let (_, places) = moved(&migration.before, from, to);
            let by_tokens = migration.rules.iter().any(|rule| rule.error.is_none());
            assert_eq!(places > 0, by_tokens, "{}", migration.id);
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

/// The lines of the manifest.
fn dependencies(migration: &Migration) -> String {
    let from = &migration.proof.from;
    let mut text = String::new();
    for (name, mut features) in migration.packages() {
        // Not every crate has a feature of that name.
        let defaults = features.iter().any(|feature| feature == "default");
        features.retain(|feature| feature != "default");
        let version = match Knowledge::embedded().family.get(&name) {
            Some(_) => format!("={from}"),
            None => "*".to_owned(),
        };
        let _ = writeln!(
            text,
            "{name} = {{ version = \"{version}\", default-features = {defaults}, features = {features:?} }}"
        );
    }
    text
}

/// The examples of the package, each with a `main`.
fn write_examples(folder: &Path, of: &[&Migration], block: impl Fn(&Migration) -> &str) {
    std::fs::create_dir_all(folder.join("examples")).unwrap();
    for migration in of {
        let path = folder.join(format!("examples/{}.rs", migration.id));
        std::fs::write(path, example(block(migration))).unwrap();
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

/// One package on two releases.
struct Bench {
    folder: TempDir,
    target: PathBuf,
    manifest: String,
}

impl Bench {
    fn new(dependencies: &str) -> Self {
        let manifest = format!(
            "[package]\nname = \"proof\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n[workspace]\n"
        );
        Self {
            folder: project(&[("Cargo.toml", &manifest), ("src/lib.rs", "")]),
            target: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("migrations"),
            manifest,
        }
    }

    /// The package as it was, with a block of each migration as an example.
    fn set(&self, of: &[&Migration], block: impl Fn(&Migration) -> &str) {
        let folder = self.folder.path();
        std::fs::write(folder.join("Cargo.toml"), &self.manifest).unwrap();
        let _ = std::fs::remove_file(folder.join("Cargo.lock"));
        self.write(of, block);
    }

    fn write(&self, of: &[&Migration], block: impl Fn(&Migration) -> &str) {
        let examples = self.folder.path().join("examples");
        let _ = std::fs::remove_dir_all(&examples);
        write_examples(self.folder.path(), of, block);
    }

    fn errors(&self) -> BTreeMap<String, BTreeSet<String>> {
        errors(self.folder.path(), &self.target)
    }

    /// What the program reports of the move, everything applied that can be.
    fn upgrade(&self, to: &FamilyVersion) -> serde_json::Value {
        let to = to.to_string();
        let ran = run(program(self.folder.path())
            .args(["upgrade", "--to", &to, "--include", "review"])
            .args(["--allow-dirty", "--keep", "--format", "json"])
            .env("CARGO_TARGET_DIR", &self.target));
        ran.json()
    }

    fn text(&self, of: &Migration) -> String {
        let path = format!("examples/{}.rs", of.id);
        std::fs::read_to_string(self.folder.path().join(path)).unwrap()
    }
}

fn example(text: &str) -> String {
    format!("{text}\nfn main() {{}}\n")
}

/// What is wrong with the migrations of one package.
fn disproved(bench: &Bench, to: &FamilyVersion, of: &[&Migration]) -> String {
    let mut wrong = String::new();
    let (by_hand, made): (Vec<&Migration>, Vec<&Migration>) =
        of.iter().partition(|it| it.means == Means::Person);
    bench.set(of, |it| &it.before);
    let old = bench.errors();
    if !old.is_empty() {
        return format!("`before` does not compile: {old:?}\n");
    }
    bench.set(&made, |it| &it.before);
    let report = bench.upgrade(to);
    if !made.is_empty() && report["verification"]["after"]["success"] != true {
        let _ = writeln!(wrong, "-> {to}: {}", report["verification"]);
    }
    for migration in &made {
        let text = bench.text(migration);
        if text != example(&migration.after) {
            let _ = writeln!(wrong, "{}: it made:\n{text}", migration.id);
        }
    }
    bench.set(&by_hand, |it| &it.before);
    let left = bench.upgrade(to)["remaining"].to_string();
    for migration in &by_hand {
        if !left.contains(&format!("explain {}`", migration.id)) {
            let _ = writeln!(wrong, "{}: nobody is told: {left}", migration.id);
        }
    }
    bench.write(of, |it| &it.before);
    let failing = bench.errors();
    for migration in of {
        let codes = failing.get(&migration.id).cloned().unwrap_or_default();
        let agrees = match &migration.proof.error {
            Some(code) => codes.contains(code),
            None => codes.is_empty(),
        };
        if !agrees {
            let _ = writeln!(wrong, "{}: `before` in {to} has {codes:?}", migration.id);
        }
    }
    bench.write(&by_hand, |it| &it.after);
    let still = bench.errors();
    if !still.is_empty() {
        let _ = writeln!(wrong, "`after` in {to} has {still:?}");
    }
    wrong
}

const HOST_WITH_ANYHOW: &str = r#"use anyhow::{Context as _, Result, anyhow, bail};
use wasmtime::{Caller, Engine, Linker, Module};

fn path() -> anyhow::Result<String> {
    Ok(std::env::var("MODULE")?)
}

pub fn load(engine: &Engine) -> Result<Module> {
    let path = path().context("the path")?;
    let first = path.split(':').next().ok_or_else(|| anyhow!("no path"))?;
    Module::from_file(engine, first).with_context(|| format!("load {first}"))
}

pub fn link(linker: &mut Linker<()>) -> Result<()> {
    linker.func_wrap("host", "ask", |_: Caller<'_, ()>, n: i32| -> Result<i32> {
        if n < 0 {
            bail!("negative");
        }
        Ok(n)
    })?;
    Ok(())
}

fn main() {}
"#;

/// One host, both ways: signatures stay anyhow's, or become Wasmtime's.
#[test]
#[ignore = "compiles two releases of Wasmtime"]
fn errors_are_converted_or_adopted() {
    let migration = Knowledge::embedded()
        .migration("error-anyhow-macros")
        .unwrap();
    let to = migration.proof.to.to_string();
    for (how, expected) in [
        (
            "convert",
            "use anyhow::{Context as _, Result, anyhow, bail};",
        ),
        (
            "adopt",
            "use wasmtime::error::{Context as _, Result, bail};",
        ),
    ] {
        let bench = Bench::new(&dependencies(migration));
        let path = bench.folder.path().join("examples/host.rs");
        bench.set(&[], |_| "");
        std::fs::write(&path, HOST_WITH_ANYHOW).unwrap();
        let ran = run(program(bench.folder.path())
            .args(["upgrade", "--to", &to, "--errors", how, "--allow-dirty"])
            .env("CARGO_TARGET_DIR", &bench.target));
        assert_eq!(ran.code, 0, "{how}: {}{}", ran.stdout, ran.stderr);
        let after = std::fs::read_to_string(path).unwrap();
        assert!(after.contains(expected), "{how}: {after}");
    }
}

#[test]
#[ignore = "compiles a dozen releases of Wasmtime"]
fn the_compiler_agrees_with_every_migration() {
    let mut wrong = String::new();
    for ((from, to, dependencies), of) in groups() {
        let ids: Vec<&str> = of.iter().map(|it| it.id.as_str()).collect();
        let found = disproved(&Bench::new(&dependencies), &to, &of);
        let verdict = if found.is_empty() { "ok" } else { "disproved" };
        eprintln!("{from} -> {to}: {verdict}: {}", ids.join(", "));
        if !found.is_empty() {
            let _ = writeln!(wrong, "{from} -> {to}:\n{found}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
