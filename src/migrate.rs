//! Source migrations: what a release has elsewhere, or in another shape, rewritten in the project's
//! own Rust. Pure: a text goes in, edits and what is left to a person come out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use self::rules::Active;
use crate::edit::{Clash, Edit, EditSet};
use crate::knowledge::Paths;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

pub mod caller_types;
pub mod ended;
pub mod ended_types;
pub mod exports;
pub mod forbidden_headers;
pub mod guided;
pub mod impls;
pub mod interfaces;
pub mod io_view;
pub mod macro_bodies;
mod match_arms;
pub mod own_names;
pub mod p3_context;
pub mod pattern;
pub mod perms;
mod receivers;
mod relocate;
pub mod rules;
pub mod scopes;
pub mod segments;
pub mod send_request;
pub mod socket_uses;
pub mod streams;
pub mod twins;
pub mod unwrapped;
mod use_edits;
pub mod use_tree;
pub mod views;
mod whole;

/// What becomes of errors where anyhow's meet Wasmtime's own, from 42 on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorStrategy {
    /// Each is made of the other where they meet: signatures stay as they are
    #[default]
    Convert,
    /// Sources that name Wasmtime have its errors in the place of anyhow's
    Adopt,
}

/// What a migration may know beside the text.
pub struct Ground<'a> {
    /// The line that the sources are made for.
    pub from: Line,
    /// The line that they are to be made for.
    pub to: Line,
    /// Where the items of the family are.
    pub paths: &'a Paths,
    /// The crates that the package knows.
    pub crates: &'a Crates,
    /// The rules of the knowledge base between the two lines.
    pub rules: &'a [Active<'a>],
    /// Where Wasmtime has what is anyhow's, when the project adopts its errors.
    pub adopted_errors: Option<&'a Paths>,
    /// Names that the project declares itself, of those that Wasmtime has, too ([`own_names::own_names`]).
    pub own_names: &'a [&'static str],
    /// What the files of the package implement for the types of its hosts.
    pub views: &'a views::Elsewhere,
    /// Whether permissions of directories are left to a person somewhere in the project ([`perms::leaves`]).
    pub keeps_perms: bool,
}

/// The crates of a package that matter here, by the names that its sources know them by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crates {
    /// The package of each name.
    now: BTreeMap<String, String>,
    /// Names of packages that come in the place of others; such a name may be that of the other.
    coming: BTreeMap<String, String>,
    /// Packages that come beside others.
    beside: BTreeSet<String>,
    /// The packages that make place for those.
    going: BTreeSet<String>,
    /// The packages that others hand on, by the name of the other and the one that it has for them.
    through: BTreeMap<String, BTreeMap<String, String>>,
}

impl Crates {
    /// The package that a name stands for, in the sources as they are.
    #[must_use]
    pub fn package(&self, name: &str) -> Option<&str> {
        let mut coming = self.coming.iter();
        let found = self.now.get(name);
        found
            .or_else(|| Some(coming.find(|(_, known)| *known == name)?.0))
            .map(String::as_str)
    }

    /// The name that the sources know a package by.
    #[must_use]
    pub fn name_of(&self, package: &str) -> Option<&str> {
        if let Some(name) = self.coming.get(package) {
            return Some(name);
        }
        let mut names = self.now.iter();
        let found = names.find(|(_, known)| *known == package);
        found.map(|(name, _)| name.as_str())
    }

    /// Adds a package that the upgrade requires in the place of another one, and its name.
    pub fn comes(&mut self, package: &str, name: &str, in_place_of: &str) {
        self.coming.insert(package.to_owned(), name.to_owned());
        self.going.insert(in_place_of.to_owned());
    }

    /// Adds a package that the upgrade requires beside the others, by the name that the sources get to
    /// know it by if they don't know it yet.
    pub fn comes_beside(&mut self, package: &str, name: &str) {
        if self.name_of(package).is_none() {
            self.now.insert(name.to_owned(), package.to_owned());
        }
        self.beside.insert(package.to_owned());
    }

    /// Notes that a crate, known as `by`, hands a package on by a name.
    pub fn hands_on(&mut self, by: &str, name: &str, package: &str) {
        let of_crate = self.through.entry(by.to_owned()).or_default();
        of_crate.insert(name.to_owned(), package.to_owned());
    }

    /// The package that `by::name` stands for, where a crate of the workspace hands one on.
    #[must_use]
    pub fn handed_on(&self, by: &str, name: &str) -> Option<&str> {
        self.through.get(by)?.get(name).map(String::as_str)
    }

    /// The path by which a crate, known as `by`, hands a package on.
    #[must_use]
    pub fn path_through(&self, by: &str, package: &str) -> Option<String> {
        let mut of_crate = self.through.get(by)?.iter();
        let (name, _) = of_crate.find(|(_, known)| *known == package)?;
        Some(format!("{by}::{name}"))
    }

    /// Whether a text has something that is handed on.
    #[must_use]
    pub fn has_handed_on(&self, text: &str) -> bool {
        let mut through = self.through.iter();
        through.any(|(by, names)| text.contains(by) && names.keys().any(|name| text.contains(name)))
    }

    /// Whether the upgrade requires a package that it did not find, or goes on with one.
    #[must_use]
    pub fn goes_on_with(&self, package: &str) -> bool {
        self.beside.contains(package)
    }

    /// Whether a package makes place for another one; `name` as Rust writes it.
    #[must_use]
    pub fn goes(&self, name: &str) -> bool {
        self.going.contains(&name.replace('_', "-"))
    }

    /// Whether any package makes place for another one.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        !self.going.is_empty()
    }

    /// The crates that the sources know when all of that is done.
    #[must_use]
    pub fn afterwards(&self) -> Self {
        let stays = self
            .now
            .iter()
            .filter(|(_, package)| !self.going.contains(*package));
        let stays = stays.map(|(name, package)| (name.clone(), package.clone()));
        let coming = self.coming.iter();
        let all = stays.chain(coming.map(|(package, name)| (name.clone(), package.clone())));
        Self {
            beside: self.beside.clone(),
            through: self.through.clone(),
            ..all.collect()
        }
    }
}

impl FromIterator<(String, String)> for Crates {
    /// From pairs of a name and the package that it stands for.
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self {
            now: pairs.into_iter().collect(),
            coming: BTreeMap::new(),
            beside: BTreeSet::new(),
            going: BTreeSet::new(),
            through: BTreeMap::new(),
        }
    }
}

/// What a migration makes of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The edits, disjoint.
    pub edits: Vec<Edit>,
    /// What it can't do.
    pub remaining: Vec<LeftOver>,
}

/// Something in a text that a person has to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOver {
    /// Where.
    pub span: Span,
    /// What to do.
    pub what: String,
}

/// A migration that needs nothing but the tokens of a text.
pub type Migration = fn(&Tokens<'_>, &str, &Ground<'_>) -> Migrated;

/// All of them, in the order in which they are made.
pub const ALL: [Migration; 15] = [
    interfaces::interfaces,
    forbidden_headers::forbidden_headers,
    p3_context::p3_context,
    views::views,
    send_request::send_request,
    streams::streams,
    perms::perms,
    socket_uses::socket_uses,
    exports::exports,
    ended::ended,
    unwrapped::unwrapped,
    macro_bodies::macro_bodies,
    caller_types::caller_types,
    twins::twins,
    relocate::relocate,
];

/// What all of them together make of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The edits on the text.
    pub edits: EditSet,
    /// What is left to a person, each with the text that its place is in.
    pub remaining: Vec<(LeftOver, String)>,
}

enum Step<'a> {
    BuiltIn(&'a Migration),
    Rule(&'a Active<'a>),
    Adopt(&'a Paths),
}

/// What is made where a crate goes: its paths lead to the crate that comes in its place.
const LEAVING: [Migration; 2] = [ended_types::ended_types, relocate::relocate];

/// Makes all migrations, one after the other.
///
/// # Errors
/// Edits of one migration that overlap: a defect of it.
pub fn run(text: &str, ground: &Ground<'_>) -> Result<Outcome, Clash> {
    let mut outcome = Outcome::default();
    // Of a crate that goes nothing is left for the others to see: they find what came in its place.
    let is_leaving = |active: &&Active<'_>| active.names_crate(|name| ground.crates.goes(name));
    let (leaving, others): (Vec<_>, Vec<_>) = ground.rules.iter().partition(is_leaving);
    if ground.crates.is_changing() {
        let rules = leaving.into_iter().map(Step::Rule);
        let steps = rules.chain(LEAVING.iter().map(Step::BuiltIn));
        make(steps, text, ground, &mut outcome)?;
    }
    let crates = ground.crates.afterwards();
    let ground = Ground {
        crates: &crates,
        ..*ground
    };
    let built_in = ALL.iter().map(Step::BuiltIn);
    let adopting = ground.adopted_errors.map(Step::Adopt);
    let rules = others.into_iter().map(Step::Rule);
    make(
        built_in.chain(rules).chain(adopting),
        text,
        &ground,
        &mut outcome,
    )?;
    Ok(outcome)
}

/// Makes some steps, each on what those before it left.
fn make<'s>(
    steps: impl Iterator<Item = Step<'s>>,
    text: &str,
    ground: &Ground<'_>,
    outcome: &mut Outcome,
) -> Result<(), Clash> {
    for step in steps {
        let now = outcome.edits.apply(text);
        // What can't be read is left as it is; the report names it.
        let Ok(tokens) = Tokens::read(&now) else {
            break;
        };
        let migrated = match step {
            Step::BuiltIn(migration) => migration(&tokens, &now, ground),
            Step::Rule(rule) if !rule.may_match(&now) => continue,
            Step::Rule(rule) => rules::by_tokens(rule, &tokens, &now, ground),
            Step::Adopt(paths) => {
                let ground = Ground { paths, ..*ground };
                relocate::relocate(&tokens, &now, &ground)
            }
        };
        let edits = outermost(joined(migrated.edits, &now))?;
        let left = migrated.remaining.into_iter();
        outcome
            .remaining
            .extend(left.map(|left| (left, now.clone())));
        outcome.edits = outcome.edits.then(text, &edits);
    }
    Ok(())
}

/// Edits of which those that only take something away are one where they meet: each takes the white space
/// between with it.
fn joined(edits: Vec<Edit>, text: &str) -> Vec<Edit> {
    let (mut gone, mut rest): (Vec<Edit>, Vec<Edit>) =
        edits.into_iter().partition(|edit| edit.text.is_empty());
    crate::order::sort_by_key(&mut gone, |edit| {
        (edit.span.start, std::cmp::Reverse(edit.span.end))
    });
    let mut joined: Vec<Edit> = Vec::new();
    for edit in gone {
        match joined
            .last_mut()
            .filter(|last| edit.span.start < last.span.end)
        {
            Some(last) if edit.span.end > last.span.end => {
                let span = last.span.to(edit.span);
                last.span = Span::new(span.start.0, behind_line(text, span));
            }
            // What lies in what goes, goes with it.
            Some(_) => {}
            None => joined.push(edit),
        }
    }
    rest.extend(joined);
    rest
}

/// Where the next line's text begins, when nothing is left of the line that a place begins on.
fn behind_line(text: &str, gone: Span) -> usize {
    let (before, behind) = (&text[..gone.start.0], &text[gone.end.0..]);
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let is_left = before[line..].trim().is_empty() && behind.starts_with(['\n', '\r']);
    match is_left {
        true => gone.end.0 + (behind.len() - behind.trim_start().len()),
        false => gone.end.0,
    }
}

/// Edits as a set. What lies in something that is taken away or written anew goes with it.
fn outermost(mut edits: Vec<Edit>) -> Result<EditSet, Clash> {
    crate::order::sort_by_key(&mut edits, |edit| std::cmp::Reverse(edit.span.len()));
    let mut set = EditSet::default();
    for edit in edits {
        let span = edit.span.range();
        match set.add(edit) {
            Err(clash) if clash.first.start <= span.start && span.end <= clash.first.end => {}
            added => added?,
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    //! What the tests of migrations share.

    #![allow(clippy::unwrap_used)]

    use super::{Crates, Ground, Migrated, Migration, joined, outermost, run};
    use crate::edit::{Edit, EditSet};
    use crate::knowledge::Knowledge;
    use crate::span::Span;
    use crate::tokens::Tokens;
    use crate::version::Line;

    /// What one migration makes of a text of a package that has all crates by their own names.
    pub(super) fn moving(migration: Migration, text: &str, from: u64, to: u64) -> Migrated {
        let tokens = Tokens::read(text).unwrap();
        let crates = crates();
        let ground = ground(&crates, from, to);
        migration(&tokens, text, &ground)
    }

    /// A declaration in a block that goes: found by fuzzing.
    #[test]
    fn what_lies_in_something_that_goes_goes_with_it() {
        let text = "use wasmtime_wasi::p2::{IoView, WasiView};\nimpl IoView for S {\n    fn table(&mut self) -> &mut T {\n        use wasmtime_wasi::p2::IoView;\n        &mut self.t\n    }\n}\nimpl WasiView for S { fn ctx(&mut self) -> WasiCtxView<'_> { self.view() } }\n";
        let crates = crates();
        let ground = ground(&crates, 35, 36);
        let outcome = run(text, &ground).unwrap();
        let after = outcome.edits.apply(text);
        assert!(!after.contains("IoView"), "{after}");
    }

    /// The first item of a block takes the white space behind it, and the second that in front.
    #[test]
    fn what_goes_together_goes_as_one() {
        let gone = |start: usize, end: usize| Edit {
            span: Span::new(start, end),
            text: String::new(),
            reason: "gone".to_owned(),
        };
        let text = "{\n    fn a() {}\n    let b = 1;\n    c();\n}";
        let edits = joined(vec![gone(15, 30), gone(6, 20)], text);
        assert_eq!(outermost(edits).unwrap().apply(text), "{\n    c();\n}");
        // What is written in the place of something is no matter of this.
        let written = Edit {
            text: "x".to_owned(),
            ..gone(15, 30)
        };
        assert!(outermost(joined(vec![written, gone(6, 20)], text)).is_err());
    }

    /// Both are of no use any more, and stand side by side.
    #[test]
    fn a_getter_and_what_annotates_it_go_together() {
        let text = "use wasmtime_wasi::{IoImpl, IoView};\n\npub fn link<T>(l: &mut wasmtime::component::Linker<T>) -> wasmtime::Result<()>\nwhere\n    T: IoView,\n{\n    fn annotate<T, F>(val: F) -> F\n    where\n        T: IoView,\n        F: Fn(&mut T) -> IoImpl<&mut T>,\n    {\n        val\n    }\n    let getter = annotate::<T, _>(|t| IoImpl(t));\n    wasmtime_wasi::bindings::io::poll::add_to_linker_get_host(l, getter)?;\n    wasmtime_wasi::bindings::io::streams::add_to_linker_get_host(l, getter)?;\n    Ok(())\n}\n";
        let crates = crates();
        let outcome = run(text, &ground(&crates, 31, 38)).unwrap();
        let after = outcome.edits.apply(text);
        assert!(
            !after.contains("annotate") && !after.contains("let getter"),
            "{after}"
        );
        assert!(
            after.contains("{\n    wasmtime_wasi::p2::bindings::io::poll::add_to_linker"),
            "{after}"
        );
    }

    #[test]
    fn a_project_can_adopt_wasmtimes_errors() {
        let text = "use anyhow::{anyhow, bail, Context as _, Result};\nuse wasmtime::Module;\n\nfn f() -> Result<u8> {\n    bail!(\"x\")\n}\n\nfn g() -> anyhow::Result<u8> {\n    anyhow::ensure!(true);\n    f().context(\"f\").map_err(|e: anyhow::Error| anyhow!(e))\n}\n";
        let adopted = "use anyhow::anyhow;\nuse wasmtime::error::{bail, Context as _, Result};\nuse wasmtime::Module;\n\nfn f() -> Result<u8> {\n    bail!(\"x\")\n}\n\nfn g() -> wasmtime::error::Result<u8> {\n    wasmtime::error::ensure!(true);\n    f().context(\"f\").map_err(|e: wasmtime::error::Error| anyhow!(e))\n}\n";
        let crates = crates();
        let knowledge = Knowledge::embedded();
        let mut ground = ground(&crates, 41, 42);
        ground.adopted_errors = Some(&knowledge.adopted_errors);
        let outcome = run(text, &ground).unwrap();
        assert_eq!(outcome.edits.apply(text), adopted);
        ground.adopted_errors = None;
        assert!(run(text, &ground).unwrap().edits.is_empty());
    }

    /// A move without rules.
    pub(super) fn ground(crates: &Crates, from: u64, to: u64) -> Ground<'_> {
        Ground {
            from: Line(from),
            to: Line(to),
            paths: &Knowledge::embedded().paths,
            crates,
            rules: &[],
            adopted_errors: None,
            own_names: &[],
            views: &crate::migrate::views::NOTHING_ELSEWHERE,
            keeps_perms: false,
        }
    }

    /// A package with all crates by their own names, and one by another one too.
    pub(super) fn crates() -> Crates {
        let names = [
            "wasmtime",
            "wasmtime_wasi",
            "wasmtime_wasi_http",
            "wasi_common",
            "wiggle",
        ];
        let own = names.map(|name| (name.to_owned(), name.replace('_', "-")));
        let other = ("wasi_host".to_owned(), "wasmtime-wasi".to_owned());
        let anyhow = ("anyhow".to_owned(), "anyhow".to_owned());
        own.into_iter().chain([other, anyhow]).collect()
    }

    /// A text with edits made, which must not overlap.
    pub(super) fn edited(text: &str, edits: Vec<Edit>) -> String {
        let mut set = EditSet::default();
        edits.into_iter().for_each(|edit| set.add(edit).unwrap());
        set.apply(text)
    }

    /// The text afterwards.
    pub(super) fn moved(migration: Migration, text: &str, from: u64, to: u64) -> String {
        edited(text, moving(migration, text, from, to).edits)
    }
}
