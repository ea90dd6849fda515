//! What is told about small programs, as tables of a source and the answer.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::program::{Dependency, Package, PackageKey, Program};
use super::source::{FileFacts, ParseFailure, Place};
use super::store_data::{Culprit, Summary, Verdict};

mod bad_sources;
mod calls;
mod compiler;
mod names;
mod outlines;
mod spans;
mod stores;
mod types;

/// The packages of a small workspace: `app`, which is asked about, and `util`, which it uses.
struct Workspace {
    texts: BTreeMap<Utf8PathBuf, String>,
    program: Program,
}

const APP: PackageKey = PackageKey(0);
const UTIL: PackageKey = PackageKey(1);

impl Workspace {
    /// Files of `app` stand in `src`, those of `util` in `util/src`.
    fn new(files: &[(&str, &str)]) -> Self {
        Self::with_dependencies(files, &["wasmtime", "anyhow", "tokio", "foreign"])
    }

    fn with_dependencies(files: &[(&str, &str)], external: &[&str]) -> Self {
        let mut dependencies: BTreeMap<_, _> = external
            .iter()
            .map(|name| match name.split_once('=') {
                Some((name, real)) => (name, real),
                None => (*name, *name),
            })
            .map(|(name, real)| (name.to_owned(), Dependency::External(real.to_owned())))
            .collect();
        let util = package(UTIL, "util", "util/src/lib.rs", &dependencies);
        dependencies.insert("util".to_owned(), Dependency::Package(UTIL));
        let mut app = package(APP, "app", "src/lib.rs", &dependencies);
        let has = |path: &str| files.iter().any(|(file, _)| *file == path);
        if !has("src/lib.rs") {
            app.library = None;
        }
        if has("src/main.rs") {
            app.others.push("src/main.rs".into());
        }
        let packages = if has("util/src/lib.rs") {
            vec![app, util]
        } else {
            vec![app]
        };
        let read = files
            .iter()
            .map(|(path, text)| FileFacts::read(*path, text));
        Self {
            program: Program::new(packages, read),
            texts: files
                .iter()
                .map(|(path, text)| (Utf8PathBuf::from(path), (*text).to_owned()))
                .collect(),
        }
    }

    /// The answer in one line.
    fn answer(&self) -> String {
        let data = self.program.store_data(APP);
        match data.summary() {
            Summary::NotSend(_, culprit) => format!("not Send: {}", self.short(culprit)),
            Summary::Undecidable(_, culprit) => format!("undecidable: {}", self.short(culprit)),
            Summary::Unread(gap) => format!("unread: {}", gap.because),
            Summary::Send => "Send".to_owned(),
            Summary::NoStore => "no store".to_owned(),
        }
    }

    fn short(&self, culprit: &Culprit) -> String {
        format!("{} at {}", culprit.because, self.text(&culprit.place))
    }

    /// Every type that a store holds, with its verdict in a word.
    fn stores(&self) -> Vec<String> {
        let data = self.program.store_data(APP);
        let types = data.types.iter().map(|ty| {
            let verdict = match ty.verdict {
                Verdict::Send => "Send",
                Verdict::NotSend(_) => "not Send",
                Verdict::Undecidable(_) => "undecidable",
            };
            format!("{}: {verdict}", ty.written)
        });
        types.collect()
    }

    /// The way to the culprit.
    fn via(&self) -> Vec<String> {
        let data = self.program.store_data(APP);
        let (Summary::NotSend(_, culprit) | Summary::Undecidable(_, culprit)) = data.summary()
        else {
            return Vec::new();
        };
        let steps = culprit.via.iter();
        steps
            .map(|step| format!("{} at {}", step.what, self.text(&step.place)))
            .collect()
    }

    fn text(&self, place: &Place) -> &str {
        place.span.text(&self.texts[&place.path])
    }
}

fn package(
    key: PackageKey,
    name: &str,
    library: &str,
    dependencies: &BTreeMap<String, Dependency>,
) -> Package {
    Package {
        key,
        crate_name: name.to_owned(),
        library: Some(library.into()),
        others: Vec::new(),
        dependencies: dependencies.clone(),
    }
}

/// The answer for a program of one file.
fn answer(source: &str) -> String {
    Workspace::new(&[("src/main.rs", source)]).answer()
}

/// Holds every source of a table against its answer, and shows all that differ.
fn check(table: &[(&str, &str)], answer: impl Fn(&str) -> String) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(source, expected)| (source, expected, answer(source)))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(source, expected, found)| {
            format!("{source}\n  expected {expected}\n  found    {found}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn failure(text: &str) -> Option<ParseFailure> {
    FileFacts::read("src/main.rs", text).err()
}
