//! The index of a component's export: `get_export` of an instance gives a pair from 33 on, and what it
//! gave before is `get_export_index` (PR #10597).
//!
//! Instances of core modules have a `get_export` too, with two arguments: only the one of components
//! takes three, the second of which is an `Option`.

use super::impls::arguments;
use super::receivers::Receiver;
use super::scopes::Scopes;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::tokens::Tokens;
use crate::version::Line;

const SINCE: Line = Line(33);

/// Renames the calls.
#[must_use]
pub fn exports(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    if ground.from >= SINCE || ground.to < SINCE || !text.contains("component") {
        return result;
    }
    let scopes = Scopes::of(tokens);
    for name in tokens.places_of("get_export") {
        let is_theirs = match Receiver::of(tokens, name, &scopes, ground) {
            Receiver::Wasmtime => true,
            Receiver::Unknown => !ground.own_names.contains(&"get_export"),
            Receiver::Other => false,
        };
        let is_call = name > 0 && tokens.is_punct(name - 1, '.') && tokens.text(name + 1) == "(";
        let Some(arguments) = arguments(tokens, name + 1).filter(|_| is_call) else {
            continue;
        };
        let [_, parent, _] = arguments.as_slice() else {
            continue;
        };
        let is_option = matches!(tokens.text(parent.start), "None" | "Some")
            || tokens.is_ident(parent.end.saturating_sub(3), "as_ref");
        if let Some(token) = tokens.get(name).filter(|_| is_option && is_theirs) {
            result.edits.push(Edit {
                span: token.span,
                text: "get_export_index".to_owned(),
                reason: format!("`get_export` gives a pair in line {}", ground.to),
            });
        }
    }
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::migrate::tests::{moved, moving};

    #[test]
    fn only_those_of_components_are_renamed() {
        let text = "use wasmtime::component::Instance; fn f() { i.get_export(&mut s, None, \"a\"); i.get_export(s, Some(&x), n)?; i.get_export(s, x.as_ref(), n); m.get_export(&mut s, \"a\"); x.get_export(a, b, c); }";
        let after = "use wasmtime::component::Instance; fn f() { i.get_export_index(&mut s, None, \"a\"); i.get_export_index(s, Some(&x), n)?; i.get_export_index(s, x.as_ref(), n); m.get_export(&mut s, \"a\"); x.get_export(a, b, c); }";
        assert_eq!(moved(exports, text, 32, 33), after);
        for (from, to) in [(33, 48), (30, 32)] {
            assert_eq!(moving(exports, text, from, to), Migrated::default());
        }
    }
}
