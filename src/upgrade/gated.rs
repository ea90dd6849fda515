//! Code that this build may leave out, edited or not: nobody proved it.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Plan;
use crate::span::{ByteOffset, Position};
use crate::tokens::{TokenKind, Tokens};
use crate::workspace::{Dependency, Manifest, Workspace};

/// A remark for every package with code behind features of its own that are off by default, in sources
/// that name a crate of the family: a build of the default features says nothing of it.
pub(super) fn left_out(workspace: &Workspace, is_family: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut remarks = Vec::new();
    for (index, manifest) in workspace.manifests.iter().enumerate() {
        let Some(package) = manifest.package.as_deref() else {
            continue;
        };
        let entries = manifest.dependencies.iter();
        let of_family = entries.filter(|entry| is_family(workspace.crate_of(entry)));
        let names: BTreeSet<String> = of_family.map(Dependency::extern_name).collect();
        let members = workspace.manifests.iter().flat_map(|it| &it.dependencies);
        let asking = members.filter(|entry| workspace.crate_of(entry) == package);
        let asked = asking.flat_map(|entry| entry.features.iter().map(|it| it.value.as_str()));
        let off = off_by_default(manifest, asked);
        if names.is_empty() || off.is_empty() {
            continue;
        }
        let own = workspace.sources.iter().filter(|it| it.manifest == index);
        let naming = own.filter(|source| {
            let names_one = names.iter().any(|name| source.text.contains(name));
            names_one && source.text.contains("feature")
        });
        let mut found = BTreeSet::new();
        for source in naming {
            if let Ok(tokens) = Tokens::read(&source.text) {
                found.extend(asked_for(&tokens).filter(|name| off.contains(name)));
            }
        }
        if !found.is_empty() {
            let names: Vec<String> = found.iter().map(|name| format!("`{name}`")).collect();
            remarks.push(format!(
                "{package}: code behind {} was not compiled; `[upgrade] feature-sets` in the policy compiles it too",
                names.join(", ")
            ));
        }
    }
    remarks
}

/// The features of a package that neither `default` turns on nor those that others ask for.
fn off_by_default<'m>(
    manifest: &'m Manifest,
    asked: impl Iterator<Item = &'m str>,
) -> BTreeSet<String> {
    let lists = manifest.feature_names.iter().zip(&manifest.feature_lists);
    let lists: BTreeMap<&str, Vec<&str>> = lists
        .map(|(name, list)| {
            (
                name.as_str(),
                list.iter().map(|it| it.value.as_str()).collect(),
            )
        })
        .collect();
    let mut on = BTreeSet::new();
    let mut next: Vec<&str> = asked.chain(["default"]).collect();
    while let Some(name) = next.pop() {
        if on.insert(name) {
            next.extend(lists.get(name).into_iter().flatten().copied());
        }
    }
    let off = lists.keys().filter(|name| !on.contains(*name));
    off.map(|name| (*name).to_owned()).collect()
}

/// A remark for every package that requires a crate of the family and that the compiler never came to,
/// because something that it leans on has errors: of those nothing was proven.
pub(super) fn never_compiled(
    workspace: &Workspace,
    is_family: &dyn Fn(&str) -> bool,
    compiled: &BTreeSet<String>,
) -> Vec<String> {
    let packages = workspace.manifests.iter().filter(|manifest| {
        let mut entries = manifest.dependencies.iter();
        entries.any(|entry| is_family(workspace.crate_of(entry)))
    });
    let names = packages.filter_map(|manifest| manifest.package.as_deref());
    let left = names.filter(|name| !compiled.contains(*name));
    left.map(|name| {
        format!(
            "{name}: was not compiled, for something that it leans on has errors; mend those, and check it again"
        )
    })
    .collect()
}

/// The features that attributes `cfg(..)` ask for, but for those that they ask to be off.
fn asked_for<'t>(tokens: &'t Tokens<'_>) -> impl Iterator<Item = String> + 't {
    let is_in_cfg = move |place: usize| {
        let mut names = tokens
            .around(place)
            .map(|open| tokens.text(open.saturating_sub(1)));
        names
            .by_ref()
            .take_while(|name| matches!(*name, "cfg" | "all" | "any"))
            .any(|name| name == "cfg")
    };
    let places = tokens.places_of("feature");
    let asked = places.filter(move |place| tokens.is_punct(place + 1, '=') && is_in_cfg(*place));
    asked.map(|place| tokens.text(place + 2).trim_matches('"').to_owned())
}

/// A remark for every `#[cfg(..)]` with edits behind it that may not have been compiled.
pub(super) fn remarks(plan: &Plan, shown: &dyn Fn(&camino::Utf8Path) -> String) -> Vec<String> {
    let mut remarks = Vec::new();
    for file in &plan.files {
        let path = shown(&file.path);
        let Ok(tokens) = Tokens::read(&file.before) else {
            continue;
        };
        let of_file = plan.edits.iter().filter(|edit| edit.path == path);
        let mut gates = BTreeMap::<String, usize>::new();
        for edit in of_file {
            if let Some(gate) = gate(&tokens, &file.before, ByteOffset(edit.start)) {
                let line = Position::of(&file.before, ByteOffset(edit.start)).line;
                gates.entry(gate).or_insert(line);
            }
        }
        remarks.extend(gates.into_iter().map(|(gate, line)| {
            format!("{path}:{line}: code behind `{gate}` was edited too; only a build that has it proves it")
        }));
    }
    remarks
}

/// The innermost `cfg(..)` around a place that may leave it out here.
fn gate(tokens: &Tokens<'_>, text: &str, place: ByteOffset) -> Option<String> {
    let mut found: Option<(usize, String)> = None;
    for name in tokens.places_of("cfg") {
        let is_attribute = name >= 2
            && tokens.text(name - 1) == "["
            && (tokens.is_punct(name - 2, '#') || tokens.is_punct(name - 2, '!'));
        if !is_attribute || tokens.text(name + 1) != "(" {
            continue;
        }
        let predicate = name + 2..tokens.after(name + 1) - 1;
        if holds(tokens, predicate.clone()) == Some(true) {
            continue;
        }
        let of_file = tokens.is_punct(name - 2, '!');
        let start = tokens.get(name - 1)?.span.start;
        let end = match of_file {
            true => ByteOffset(text.len()),
            false => item_end(tokens, tokens.after(name - 1)),
        };
        if place < start || end <= place || found.as_ref().is_some_and(|(at, _)| *at > start.0) {
            continue;
        }
        let close = tokens.get(name + 1)?.partner;
        let span = tokens.get(name)?.span.to(tokens.get(close)?.span);
        found = Some((start.0, span.text(text).to_owned()));
    }
    found.map(|(_, gate)| gate)
}

/// Where the item, statement, field or arm that begins at a token ends.
fn item_end(tokens: &Tokens<'_>, first: usize) -> ByteOffset {
    let mut index = first;
    let end_of = |index: usize| {
        tokens
            .get(index)
            .map_or(ByteOffset(usize::MAX), |it| it.span.end)
    };
    while index < tokens.len() {
        let is_attribute = tokens.is_punct(index, '#') && tokens.text(index + 1) == "[";
        if is_attribute {
            index = tokens.after(index + 1);
            continue;
        }
        match tokens.kind(index) {
            Some(TokenKind::Punct(';' | ',')) => return end_of(index),
            Some(TokenKind::Close) | None => return end_of(index.saturating_sub(1)),
            Some(TokenKind::Open) if tokens.text(index) == "{" => {
                return end_of(tokens.after(index) - 1);
            }
            Some(_) => index = tokens.after(index),
        }
    }
    ByteOffset(usize::MAX)
}

/// Whether a predicate holds in the build that was proven, which has tests and the host's system; none
/// where that can't be told from here.
fn holds(tokens: &Tokens<'_>, predicate: std::ops::Range<usize>) -> Option<bool> {
    let first = predicate.start;
    let of_list = |all: bool| {
        let mut unsure = false;
        let mut start = first + 2;
        let end = tokens.after(first + 1) - 1;
        while start < end {
            let mut behind = start;
            while behind < end && !tokens.is_punct(behind, ',') {
                behind = tokens.after(behind);
            }
            match holds(tokens, start..behind) {
                Some(one) if one != all => return Some(one),
                Some(_) => {}
                None => unsure = true,
            }
            start = behind + 1;
        }
        (!unsure).then_some(all)
    };
    match tokens.text(first) {
        "test" | "debug_assertions" => Some(true),
        "unix" => Some(cfg!(unix)),
        "windows" => Some(cfg!(windows)),
        "target_os" => Some(tokens.text(first + 2) == format!("{:?}", std::env::consts::OS)),
        "target_arch" => Some(tokens.text(first + 2) == format!("{:?}", std::env::consts::ARCH)),
        "not" => holds(tokens, first + 2..tokens.after(first + 1) - 1).map(|it| !it),
        "all" => of_list(true),
        "any" => of_list(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_that_are_asked_for_are_those_of_attributes() {
        let text = r#"
            #[cfg(feature = "a")] fn f() {}
            #[cfg(all(unix, any(feature = "b", not(feature = "c"))))] fn g() {}
            cfg_if! { if #[cfg(feature = "d")] {} }
            const X: &str = cfg!(feature = "e"); #[doc(feature = "f")] fn h() {}
        "#;
        let tokens = Tokens::read(text).unwrap();
        let found: Vec<String> = asked_for(&tokens).collect();
        assert_eq!(found, ["a", "b", "d"]);
    }

    #[test]
    fn what_default_turns_on_is_not_off() {
        let text = "[package]\nname = \"a\"\n[features]\ndefault = [\"b\"]\nb = [\"c\", \"dep:x\"]\nc = []\nd = [\"c\"]\n";
        let manifest = Manifest::parse("/w/Cargo.toml".into(), text.to_owned()).unwrap();
        let off = |asked: &[&'static str]| off_by_default(&manifest, asked.iter().copied());
        assert_eq!(off(&[]), BTreeSet::from(["d".to_owned()]));
        assert_eq!(off(&["d"]), BTreeSet::new());
    }

    #[test]
    fn what_a_build_may_leave_out_is_known_by_what_stands_in_front() {
        for (text, expected) in [
            (
                "#[cfg(feature = \"x\")]\nuse a::here;",
                Some("cfg(feature = \"x\")"),
            ),
            ("#[cfg(feature = \"x\")]\nuse a::b; use here;", None),
            (
                "#[cfg(target_os = \"plan9\")] mod m { fn f() { here(); } }",
                Some("cfg(target_os = \"plan9\")"),
            ),
            ("#[cfg(test)] mod m { fn f() { here(); } }", None),
            (
                "#[cfg(not(test))] mod m { fn f() { here(); } }",
                Some("cfg(not(test))"),
            ),
            (
                "#[cfg(any(test, feature = \"x\"))] fn f() { here(); }",
                None,
            ),
            (
                "#[cfg(all(test, feature = \"x\"))] fn f() { here(); }",
                Some("cfg(all(test, feature = \"x\"))"),
            ),
            (
                "#![cfg(feature = \"x\")] fn f() { here(); }",
                Some("cfg(feature = \"x\")"),
            ),
            ("struct S { #[cfg(feature = \"x\")] a: A, b: here }", None),
            (
                "struct S { #[cfg(feature = \"x\")] #[doc(a)] a: here, b: B }",
                Some("cfg(feature = \"x\")"),
            ),
            (
                "#[cfg(feature = \"x\")] mod m { #[cfg(miri)] fn f() { here(); } }",
                Some("cfg(miri)"),
            ),
            (
                "#[cfg(feature = \"x\")] fn f<T>() -> T where T: A { here() }",
                Some("cfg(feature = \"x\")"),
            ),
        ] {
            let tokens = Tokens::read(text).unwrap();
            let place = ByteOffset(text.find("here").unwrap());
            assert_eq!(gate(&tokens, text, place).as_deref(), expected, "{text}");
        }
    }
}
