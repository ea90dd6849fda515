//! The transcripts of the documentation: a project is written as the page shows it, the commands that
//! need no compiler are run in it, and they print what the page says.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use support::{TODAY, lockfile, program, project, run};
use tempfile::TempDir;

const FIRST: &str = include_str!("../docs/first-upgrade.md");
const PLAN: &str = include_str!("../docs/reading-a-plan.md");

/// The text of the block of a language that follows some words.
fn block<'a>(page: &'a str, after: &str, language: &str) -> &'a str {
    let (_, rest) = page.split_once(after).unwrap();
    let (_, rest) = rest.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

/// The project of the page.
fn shop() -> TempDir {
    let text = |after, language| format!("{}\n", block(FIRST, after, language));
    project(&[
        ("Cargo.toml", &text("`Cargo.toml`:", "toml")),
        ("src/main.rs", &text("`src/main.rs`:", "rust")),
        (
            "Cargo.lock",
            &lockfile("32.0.0").replace("\"host\"", "\"shop\""),
        ),
    ])
}

/// Whether `shown` is `printed`, where `...` in a line stands for any words, and a line of it alone for
/// any lines.
fn is_shown(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|at| is_shown(rest, &printed[at..])),
        Some((line, rest)) => printed.split_first().is_some_and(|(first, others)| {
            let mut parts = line.split("...");
            let start = parts.next().unwrap_or_default();
            let mut left = first.strip_prefix(start);
            let mut elided = false;
            for part in parts {
                elided = true;
                left = left.and_then(|left| Some(left.split_once(part)?.1));
            }
            let whole = left.is_some_and(|left| elided && line.ends_with("...") || left.is_empty());
            whole && is_shown(rest, others)
        }),
    }
}

/// Every transcript of a page: the arguments, what is printed.
fn transcripts(page: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let blocks = page.split("```console\n$ wasmtime-upgrade ").skip(1);
    let shown = blocks.map(|rest| {
        let (command, output) = rest
            .split_once("\n```")
            .unwrap()
            .0
            .split_once('\n')
            .unwrap_or((rest.split_once("\n```").unwrap().0, ""));
        (command.split(' ').collect(), output.lines().collect())
    });
    shown.collect()
}

#[test]
fn what_the_pages_show_is_what_is_printed() {
    let mut seen = Vec::new();
    for (args, shown) in [transcripts(FIRST), transcripts(PLAN)].concat() {
        // These compile Wasmtime, or write a file; the others decide, and that is quick.
        if args == ["upgrade"] || args == ["undo"] || args.contains(&"-o") {
            continue;
        }
        let folder = shop();
        let mut command = program(folder.path());
        command.args(&args);
        if args[0] == "check" {
            command.args(["--as-of", TODAY]);
        }
        let ran = run(&mut command);
        let printed: Vec<&str> = ran.stdout.lines().collect();
        assert!(
            is_shown(&shown, &printed),
            "{args:?} printed\n{}\nand the page has\n{}",
            ran.stdout,
            shown.join("\n")
        );
        seen.push(args[0]);
    }
    assert_eq!(seen, ["check", "explain", "upgrade", "plan"]);
}

#[test]
fn left_out_words_and_lines_match_and_others_do_not() {
    let printed = ["one 1 two", "b", "c"];
    for (shown, holds) in [
        (&["one ... two", "...", "c"][..], true),
        (&["...", "c"], true),
        (&["one ...", "b", "c"], true),
        (&["one ... three", "..."], false),
        (&["one 1 two", "c"], false),
        (&["one 1 two", "b"], false),
    ] {
        assert_eq!(is_shown(shown, &printed), holds, "{shown:?}");
    }
}

#[test]
fn many_roots_end_with_a_table_of_those_that_have_something() {
    let shop = shop();
    let clean = project(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/lib.rs", ""),
    ]);
    let broken = project(&[("Cargo.toml", "[package")]);
    let roots = [shop.path(), clean.path(), broken.path()];
    let mut command = program(shop.path());
    let ran = run(command.arg("check").args(roots).args(["--as-of", TODAY]));
    let (_, table) = ran.stdout.split_once("3 roots, 1 without").unwrap();
    assert!(table.contains("5 errors"), "{table}");
    assert!(table.contains("could not be judged"), "{table}");
    assert_eq!(table.lines().count(), 3, "{table}");
    // One root needs no table.
    let ran = run(program(shop.path()).args(["check", "--as-of", TODAY]));
    assert!(!ran.stdout.contains("1 root,"), "{}", ran.stdout);
}
