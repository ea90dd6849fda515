//! Edits in code that this build may leave out: nobody proved those.

use std::collections::BTreeMap;

use crate::plan::Plan;
use crate::span::{ByteOffset, Position};
use crate::tokens::{TokenKind, Tokens};

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
