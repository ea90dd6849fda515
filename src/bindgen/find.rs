//! Where the macro is invoked, told apart from other macros of the same name by imports.

use std::collections::{BTreeMap, BTreeSet};

use super::invocation::Invocation;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

const MACRO: &str = "bindgen";

/// Every invocation of Wasmtime's `bindgen!` in one file.
///
/// `crates` are the names by which this package knows the `wasmtime` crate, usually just
/// `wasmtime`. An invocation counts when its path leads to `<crate>::component::bindgen` through
/// the file's imports, or when nothing in the file leads elsewhere (a prelude, `super::*`).
#[must_use]
pub fn find(tokens: &Tokens<'_>, crates: &BTreeSet<String>) -> Vec<Invocation> {
    let imports = Imports::read(tokens);
    let mut found = Vec::new();
    for index in 0..tokens.len() {
        let call = tokens.kind(index) == Some(TokenKind::Ident)
            && tokens.is_punct(index + 1, '!')
            && tokens.kind(index + 2) == Some(TokenKind::Open);
        if !call {
            continue;
        }
        let (path, path_span) = path_ending_at(tokens, index);
        if imports.is_wasmtimes(&path, crates) {
            found.extend(Invocation::read(tokens, path_span, index + 2));
        }
    }
    found
}

/// The path whose last segment is the token `last`, and its span.
fn path_ending_at<'t>(tokens: &Tokens<'t>, last: usize) -> (Vec<&'t str>, Span) {
    let mut path = vec![tokens.text(last)];
    let mut first = last;
    while first >= 3
        && tokens.is_path_separator(first - 2)
        && tokens.kind(first - 3) == Some(TokenKind::Ident)
    {
        first -= 3;
        path.push(tokens.text(first));
    }
    path.reverse();
    let span_of = |index: usize| {
        tokens
            .get(index)
            .map(|token| token.span)
            .unwrap_or_default()
    };
    (path, span_of(first).to(span_of(last)))
}

/// What `use` declarations of a file say, all modules taken together.
#[derive(Debug, Default)]
struct Imports {
    /// Local name to the paths that it was imported from.
    names: BTreeMap<String, Vec<Vec<String>>>,
    /// Paths imported with `*`.
    globs: Vec<Vec<String>>,
    /// Macros that the file defines itself.
    own_macros: BTreeSet<String>,
}

impl Imports {
    fn read(tokens: &Tokens<'_>) -> Self {
        let mut imports = Self::default();
        let mut index = 0;
        while index < tokens.len() {
            if tokens.is_ident(index, "use") {
                index = imports.tree(tokens, index + 1, &[]);
                continue;
            }
            if tokens.is_ident(index, "macro_rules") && tokens.is_punct(index + 1, '!') {
                imports.own_macros.insert(tokens.text(index + 2).to_owned());
            }
            index += 1;
        }
        imports
    }

    /// One use tree from `index` on, below `prefix`; returns the place behind it. Nested groups
    /// are put on a list of their own, so that depth costs no stack.
    fn tree(&mut self, tokens: &Tokens<'_>, index: usize, prefix: &[String]) -> usize {
        let mut behind = None;
        let mut todo = vec![(index, prefix.to_vec())];
        while let Some((mut index, mut path)) = todo.pop() {
            if tokens.is_path_separator(index) {
                index += 2;
            }
            loop {
                match tokens.kind(index) {
                    Some(TokenKind::Ident) => {
                        path.push(tokens.text(index).to_owned());
                        index += 1;
                        if tokens.is_path_separator(index) {
                            index += 2;
                            continue;
                        }
                        index = self.named(tokens, index, std::mem::take(&mut path));
                    }
                    Some(TokenKind::Punct('*')) => {
                        self.globs.push(std::mem::take(&mut path));
                        index += 1;
                    }
                    Some(TokenKind::Open) if tokens.text(index) == "{" => {
                        let end = tokens.after(index) - 1;
                        let mut part = index + 1;
                        while part < end {
                            todo.push((part, path.clone()));
                            while part < end && !tokens.is_punct(part, ',') {
                                part = tokens.after(part);
                            }
                            part += 1;
                        }
                        index = end + 1;
                    }
                    _ => {}
                }
                break;
            }
            behind.get_or_insert(index);
        }
        behind.unwrap_or(index).max(index)
    }

    /// The end of a path: `as other` or nothing. Returns the place behind it.
    fn named(&mut self, tokens: &Tokens<'_>, index: usize, mut path: Vec<String>) -> usize {
        let renamed = tokens.is_ident(index, "as");
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = if renamed {
            tokens.text(index + 1).to_owned()
        } else {
            path.last().cloned().unwrap_or_default()
        };
        self.names.entry(name).or_default().push(path);
        if renamed { index + 2 } else { index }
    }

    /// Whether the path of a macro call leads to Wasmtime's macro.
    fn is_wasmtimes(&self, path: &[&str], crates: &BTreeSet<String>) -> bool {
        let full = |path: &[String]| {
            path.len() == 3
                && crates.contains(&path[0])
                && path[1] == "component"
                && path[2] == MACRO
        };
        let (first, rest) = match path {
            [] => return false,
            [first, rest @ ..] => (*first, rest),
        };
        let mut path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        if full(&path) {
            return true;
        }
        if let Some(origins) = self.names.get(first) {
            return origins.iter().any(|origin| {
                path.splice(..path.len() - rest.len(), origin.iter().cloned());
                let found = full(&path) || is_own_reexport(&path);
                path.drain(..path.len() - rest.len());
                path.insert(0, first.to_owned());
                found
            });
        }
        if path.len() > 1 {
            return is_own_reexport(&path);
        }
        // An unqualified call without an import of its own: a glob or a prelude brings it.
        first == MACRO
            && !self.own_macros.contains(MACRO)
            && !self
                .globs
                .iter()
                .any(|glob| glob.iter().any(|part| part == "wit_bindgen"))
    }
}

/// `crate::some::bindgen`, `super::bindgen`: the package re-exports the macro under its own name.
fn is_own_reexport(path: &[String]) -> bool {
    let own = path
        .first()
        .is_some_and(|first| matches!(first.as_str(), "crate" | "self" | "super"));
    own && path.last().is_some_and(|last| last == MACRO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(source: &str) -> usize {
        let crates = BTreeSet::from(["wasmtime".to_owned(), "wt".to_owned()]);
        find(&Tokens::read(source).unwrap(), &crates).len()
    }

    #[test]
    fn every_way_to_name_the_macro_is_found() {
        for source in [
            "wasmtime::component::bindgen!();",
            "::wasmtime::component::bindgen!(\"w\");",
            "wt::component::bindgen!(in \"wit\");",
            "use wasmtime::component::bindgen; bindgen!({ world: \"w\" });",
            "use wasmtime::component::{self, Linker}; component::bindgen![{ world: \"w\" }];",
            "use wasmtime::{component::{bindgen as generate, Linker}, Store}; generate!{{ world: \"w\" }}",
            "use wasmtime::component::*; mod m { bindgen!(); }",
            "use wasmtime as w; w::component::bindgen!();",
            "use crate::prelude::*; bindgen!();",
            "use crate::engine::bindgen; bindgen!();",
            "macro_rules! host { ($w:literal) => { wasmtime::component::bindgen!({ world: $w }); } }",
            "some_macro! { mod bindings { wasmtime::component::bindgen!(\"w\"); } }",
        ] {
            assert_eq!(count(source), 1, "{source}");
        }
    }

    #[test]
    fn other_macros_of_the_name_are_not() {
        for source in [
            "use wit_bindgen::bindgen; bindgen!();",
            "wit_bindgen::generate!({ world: \"w\" });",
            "macro_rules! bindgen { () => {} } bindgen!();",
            "use other::component::bindgen; bindgen!();",
            "other::bindgen!();",
            "fn f() { let s = \"bindgen!()\"; } // bindgen!()",
            "/// bindgen!({ world: \"w\" });\nfn f() {}",
        ] {
            assert_eq!(count(source), 0, "{source}");
        }
    }

    #[test]
    fn options_have_spans_in_the_original_text() {
        let source = "\u{feff}// ä\r\nwasmtime::component::bindgen!({\r\n    path: \"wit\", // here\r\n    async: { only_imports: [\"f\"] },\r\n    with: { \"a:b/c\": x::y },\r\n    tracing: true\r\n});";
        let tokens = Tokens::read(source).unwrap();
        let found = find(&tokens, &BTreeSet::from(["wasmtime".to_owned()]));
        let options: Vec<_> = found[0]
            .options
            .iter()
            .map(|o| {
                (
                    o.name_span.text(source),
                    o.value_span.text(source),
                    o.comma.is_some(),
                )
            })
            .collect();
        assert_eq!(
            options,
            [
                ("path", "\"wit\"", true),
                ("async", "{ only_imports: [\"f\"] }", true),
                ("with", "{ \"a:b/c\": x::y }", true),
                ("tracing", "true", false),
            ]
        );
        assert_eq!(found[0].options[1].value_idents, ["only_imports"]);
    }

    #[test]
    fn options_of_an_unknown_shape_are_reported_and_not_guessed() {
        let source = "wasmtime::component::bindgen!({ path = \"wit\" });";
        let found = find(
            &Tokens::read(source).unwrap(),
            &BTreeSet::from(["wasmtime".to_owned()]),
        );
        assert!(found[0].unread.is_some());
    }
}
