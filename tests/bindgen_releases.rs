//! The options of `bindgen!`, moved between real releases and compiled there: every form of the global
//! options up to 35 becomes rules that compile in 36, 39 and 48, and from 48 they come back to 35. One
//! example implements the host, so that a function whose asynchronous or trapping nature changed on the
//! way would not compile.
//!
//! It compiles Wasmtime once a release, some minutes in all, and is left out of the usual run:
//! `cargo test --test bindgen_releases -- --ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::vendor::{commit, succeed};
use support::{program, project, run, write};
use tempfile::TempDir;

const MANIFEST: &str = r#"[package]
name = "forms"
version = "0.1.0"
edition = "2021"

[dependencies]
tracing = "0.1"
wasmtime = { version = "35", default-features = false, features = ["runtime", "component-model", "async", "std"] }

[workspace]
"#;

const WIT: &str = r#"package a:b@1.0.0;

interface types {
  resource r { constructor(); m: func() -> u32; s: static func(); }
  variant e { bad(string), worse }
  record pair { left: u32, right: string }
}

interface x {
  use types.{e, pair};
  f: func() -> result<pair, e>;
  g: func(p: pair);
}

interface y {
  f: func(l: list<u8>) -> list<string>;
}

world w {
  import types;
  import x;
  import y;
  import top: func(s: string) -> string;
  export run: func() -> u32;
  export y;
}
"#;

/// Options that line 35 accepts, and the item beside the macro that they need.
const FORMS: [(&str, &str); 13] = [
    ("world: \"w\"", ""),
    ("async: true", ""),
    ("async: { only_imports: [\"f\", \"[method]r.m\"] }", ""),
    ("async: { only_imports: [\"a:b/y#f\"] }", ""),
    (
        "async: { except_imports: [\"top\", \"[constructor]r\", \"[drop]r\"] }",
        "",
    ),
    ("async: { only_imports: [] }", ""),
    ("trappable_imports: true", ""),
    ("trappable_imports: [\"f\", \"top\"]", ""),
    (
        "trappable_imports: true, trappable_error_type: { \"a:b/types/e\" => super::Item }",
        "pub struct Item;",
    ),
    ("tracing: true, verbose_tracing: true, async: true", ""),
    (
        "async: true, with: { \"a:b/types/r\": super::Item }",
        "pub struct Item;",
    ),
    ("require_store_data_send: true, async: true", ""),
    (
        "async: true, concurrent_imports: false, additional_derives: [Clone]",
        "",
    ),
];

/// A host for one of them.
const HOSTED: &str = r#"mod b {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "w",
        // Only these wait for something.
        async: { only_imports: ["f", "[method]r.m"] },
        trappable_imports: ["top", "[static]r.s"],
        with: { "a:b/types/r": super::R },
    });
}
use b::a::b::types::{E, Pair};
use wasmtime::component::Resource;
pub struct R;
struct H;
impl b::a::b::types::Host for H {}
impl b::a::b::types::HostR for H {
    fn new(&mut self) -> Resource<R> { Resource::new_own(1) }
    async fn m(&mut self, _: Resource<R>) -> u32 { 1 }
    fn s(&mut self) -> wasmtime::Result<()> { Ok(()) }
    fn drop(&mut self, _: Resource<R>) -> wasmtime::Result<()> { Ok(()) }
}
impl b::a::b::x::Host for H {
    async fn f(&mut self) -> Result<Pair, E> { Err(E::Worse) }
    fn g(&mut self, _: Pair) {}
}
impl b::a::b::y::Host for H {
    async fn f(&mut self, _: Vec<u8>) -> Vec<String> { vec![] }
}
impl b::WImports for H {
    fn top(&mut self, s: String) -> wasmtime::Result<String> { Ok(s) }
}
async fn drive(store: &mut wasmtime::Store<H>, w: &b::W) -> wasmtime::Result<u32> { w.call_run(store).await }
fn main() { let _ = drive; }
"#;

fn forms() -> TempDir {
    let folder = project(&[
        ("Cargo.toml", MANIFEST),
        ("wit/w.wit", WIT),
        ("src/lib.rs", ""),
        ("examples/hosted.rs", HOSTED),
        (".gitignore", "target/\n"),
    ]);
    for (number, (options, item)) in FORMS.iter().enumerate() {
        let mut text = String::new();
        writeln!(
            text,
            "mod b {{ wasmtime::component::bindgen!({{ path: \"wit\", {options} }}); }}"
        )
        .unwrap();
        writeln!(text, "{item}\nfn main() {{}}").unwrap();
        write(
            folder.path(),
            &format!("examples/form_{number}.rs"),
            text.as_bytes(),
        );
    }
    succeed(folder.path(), "cargo", &["generate-lockfile"]);
    commit(folder.path());
    folder
}

/// One for all releases, so that each is compiled once.
fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bindgen-releases")
}

/// Moves the project and has the tool prove by the compiler that it came through.
fn moved(folder: &Path, release: &str) {
    let ran = run(program(folder)
        .args(["upgrade", "--to", release, "--format", "json"])
        .env("CARGO_TARGET_DIR", target()));
    let report = ran.json();
    assert_eq!(report["outcome"], "upgraded", "{release}: {}", ran.stderr);
    let run = &report["verification"]["after"];
    assert_eq!(run["success"], true, "{release}: {run}\n{}", ran.stderr);
}

#[test]
#[ignore = "compiles four releases of Wasmtime"]
fn every_form_of_the_options_compiles_where_it_is_moved_to() {
    let before = forms();
    let checked = Command::new("cargo")
        .args(["check", "--examples"])
        .current_dir(before.path())
        .env("CARGO_TARGET_DIR", target())
        .status()
        .unwrap();
    assert!(checked.success(), "line 35");
    for target in ["36.0.20", "39.0.2", "48.0.8"] {
        let folder = forms();
        moved(folder.path(), target);
        if target == "48.0.8" {
            succeed(
                folder.path(),
                "git",
                &["commit", "--all", "--quiet", "--message", "up"],
            );
            moved(folder.path(), "35.0.0");
        }
    }
}

/// Words that a line from 26 on reads otherwise, in a file, in a vendored package and in the invocation.
const OLD_WIT: &str = "package a:b;

interface map {
  record point { x: float32, y: float64 }
  async: func(map: list<point>) -> float32;
}

world w {
  use map.{point};
  import map;
  export run: func(at: point) -> float64;
}
";

#[test]
#[ignore = "compiles two releases of Wasmtime"]
fn wit_of_an_older_line_is_read_by_a_newer_one() {
    let manifest = MANIFEST.replace("\"35\"", "\"24\"");
    let source = "mod file { wasmtime::component::bindgen!(\"w\"); }\n\
                  mod inline { wasmtime::component::bindgen!({ inline: \"package c:d; world v { import map: func(of: float32); }\", world: \"c:d/v\" }); }\n\
                  pub struct H;\n\
                  impl file::a::b::map::Host for H { fn async_(&mut self, map: Vec<file::Point>) -> f32 { map[0].x } }\n\
                  impl inline::VImports for H { fn map(&mut self, _: f32) {} }\n";
    let folder = project(&[
        ("Cargo.toml", &manifest),
        ("wit/w.wit", OLD_WIT),
        ("src/lib.rs", source),
        (".gitignore", "target/\n"),
    ]);
    let check = || {
        let checked = Command::new("cargo")
            .args(["check", "--quiet"])
            .current_dir(folder.path())
            .env("CARGO_TARGET_DIR", target())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&checked.stderr).into_owned();
        (checked.status.success(), text)
    };
    succeed(folder.path(), "cargo", &["generate-lockfile"]);
    commit(folder.path());
    let (compiles, errors) = check();
    assert!(compiles, "line 24: {errors}");

    // A raised number alone is not enough.
    let raised = manifest.replace("\"24\"", "\"=48.0.8\"");
    write(folder.path(), "Cargo.toml", raised.as_bytes());
    let (compiles, errors) = check();
    assert!(!compiles && errors.contains("map"), "line 48: {errors}");
    succeed(folder.path(), "git", &["checkout", "--quiet", "."]);

    moved(folder.path(), "48.0.8");
    let wit = std::fs::read_to_string(folder.path().join("wit/w.wit")).unwrap();
    assert!(
        wit.contains("%async: func(%map: list<point>) -> f32;"),
        "{wit}"
    );
}
