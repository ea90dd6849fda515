//! The reader of `bindgen!`'s options, and what moves them to another line.

use std::collections::BTreeSet;

use wasmtime_upgrade::bindgen::rewrite::{Rewrite, rewrite};
use wasmtime_upgrade::bindgen::{self, Invocation, Meaning, OptionEntry};
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::tokens::Tokens;
use wasmtime_upgrade::version::Line;

use super::{applied, assert_inside};

/// The lines between which options are moved; the first byte of the input chooses.
const LINES: [u64; 12] = [22, 24, 26, 27, 29, 30, 35, 36, 38, 42, 46, 50];

/// Whatever stands in the brackets: a rewrite for a line reads again, has the same invocations, and
/// has nothing left to do; where the line accepts everything, no more than keys change.
pub fn hold(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let Ok(arguments) = std::str::from_utf8(rest) else {
        return;
    };
    let _ = hold_for(arguments, Line(LINES[usize::from(*choice) % LINES.len()]));
}

/// The same for one line; the text afterwards, or none for what is no Rust.
pub fn hold_for(arguments: &str, target: Line) -> Option<String> {
    let text = format!("wasmtime::component::bindgen!({arguments});\n");
    let found = invocations(&text)?;
    let (edits, remaining) = rewritten(&found, &text, target);
    let after = applied(&text, edits);
    let again = invocations(&after).expect("a rewritten source reads again");
    assert_eq!(found.len(), again.len(), "{after}");
    let (edits, remaining_again) = rewritten(&again, &after, target);
    assert_eq!(edits, [], "a second rewrite has nothing to do: {after}");
    assert_eq!(remaining, remaining_again, "{after}");
    for (before, after) in found.iter().zip(&again) {
        assert_same_but_for(before, after);
    }
    Some(after)
}

fn invocations(text: &str) -> Option<Vec<Invocation>> {
    let tokens = Tokens::read(text).ok()?;
    let found = bindgen::find(&tokens, &BTreeSet::from(["wasmtime".to_owned()]));
    for invocation in &found {
        assert_inside(text, invocation.span);
        assert_inside(text, invocation.path_span);
        for option in &invocation.options {
            assert_eq!(option.name_span.text(text), option.name);
            assert_inside(text, option.value_span);
            assert!(option.comma.is_none_or(|comma| comma.text(text) == ","));
        }
    }
    Some(found)
}

/// The edits of all invocations and how many steps are left to a person, which together must leave
/// no refused option unmentioned.
fn rewritten(
    found: &[Invocation],
    text: &str,
    target: Line,
) -> (Vec<wasmtime_upgrade::edit::Edit>, usize) {
    let grammar = &Knowledge::embedded().grammar;
    let (mut edits, mut remaining) = (Vec::new(), 0);
    for invocation in found {
        let is_refused = invocation
            .options
            .iter()
            .any(|option| grammar.option(&option.name).is_some() && !grammar.takes(option, target));
        let Rewrite {
            edits: own,
            remaining: left,
        } = rewrite(invocation, text, target, grammar, None);
        assert!(
            !(is_refused && own.is_empty() && left.is_empty()),
            "{target}: {text}"
        );
        if !is_refused {
            // What the line accepts may have keys and flags that it spells otherwise.
            let places = own.iter().map(|edit| edit.span);
            for place in places.chain(left.iter().map(|step| step.span)) {
                let mut keyed = invocation.options.iter().filter(|option| is_keyed(option));
                assert!(
                    keyed.any(|option| option.span().to(place) == option.span()),
                    "{target}: {text}"
                );
            }
        }
        left.iter().for_each(|step| assert_inside(text, step.span));
        edits.extend(own);
        remaining += left.len();
    }
    (edits, remaining)
}

/// Whether the names of functions and types are keys in an option.
fn is_keyed(option: &OptionEntry) -> bool {
    ["imports", "exports", "with", "trappable_error_type"].contains(&option.name.as_str())
}

/// What a rewrite is not about stays; what it says about asynchronous calls means the same.
fn assert_same_but_for(before: &Invocation, after: &Invocation) {
    assert_eq!(before.wit, after.wit);
    assert_eq!(before.templated, after.templated);
    let (was, is) = (Meaning::of(before), Meaning::of(after));
    assert_eq!(was.async_imports, is.async_imports);
    assert_eq!(was.async_exports, is.async_exports);
}
