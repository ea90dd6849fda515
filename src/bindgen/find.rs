//! Where the macro is invoked, told apart from other macros of the same name by imports.

use std::collections::{BTreeMap, BTreeSet};

use super::invocation::Invocation;
use super::paths::{self, NamedPath};
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
    let mut found: Vec<Invocation> = Vec::new();
    for index in 0..tokens.len() {
        let call = tokens.is_punct(index + 1, '!')
            && tokens.kind(index) == Some(TokenKind::Ident)
            && tokens.kind(index + 2) == Some(TokenKind::Open);
        if !call {
            continue;
        }
        // What stands in the options of another one is that one's business: an edit on both would
        // clash.
        let start = tokens.get(index).map(|token| token.span.start);
        if start < found.last().map(|outer| outer.span.end) {
            continue;
        }
        let (path, path_span) = path_ending_at(tokens, index);
        let Some(origin) = imports.origin(&path, crates) else {
            continue;
        };
        let Some(mut invocation) = Invocation::read(tokens, path_span, index + 2) else {
            continue;
        };
        invocation.of_crate = match origin {
            Origin::Crate(name) => Some(name),
            Origin::Unknown => None,
        };
        let paths = paths::read(tokens, &invocation, index + 2);
        invocation.paths = paths
            .into_iter()
            .filter_map(|path| imports.followed(path))
            .collect();
        found.push(invocation);
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
    /// Modules that the file defines or declares.
    own_modules: BTreeSet<String>,
}

/// Where a macro comes from.
enum Origin {
    /// A crate, by the name that the package gives it.
    Crate(String),
    /// Wasmtime, by ways that the file does not show.
    Unknown,
}

impl Imports {
    fn read(tokens: &Tokens<'_>) -> Self {
        let mut imports = Self::default();
        let mut behind = 0;
        for index in tokens.places_of("use") {
            if index >= behind {
                behind = imports.tree(tokens, index + 1, &[]);
            }
        }
        for index in tokens.places_of("macro_rules") {
            if tokens.is_punct(index + 1, '!') {
                imports.own_macros.insert(tokens.text(index + 2).to_owned());
            }
        }
        for index in tokens.places_of("mod") {
            if tokens.kind(index + 1) == Some(TokenKind::Ident) {
                let name = tokens.text(index + 1).to_owned();
                imports.own_modules.insert(name);
            }
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

    /// Where the path of a macro call leads to, when that is Wasmtime's macro.
    fn origin(&self, path: &[&str], crates: &BTreeSet<String>) -> Option<Origin> {
        let (first, rest) = path.split_first()?;
        if let Some(found) = macro_of(path, crates) {
            return Some(found);
        }
        if let Some(origins) = self.names.get(*first) {
            return origins.iter().find_map(|origin| {
                let path = origin
                    .iter()
                    .map(String::as_str)
                    .chain(rest.iter().copied());
                let path = Vec::from_iter(path);
                macro_of(&path, crates).or(is_own_reexport(&path).then_some(Origin::Unknown))
            });
        }
        if !rest.is_empty() {
            return is_own_reexport(path).then_some(Origin::Unknown);
        }
        // An unqualified call without an import of its own: a glob or a prelude brings it.
        let imported = *first == MACRO
            && !self.own_macros.contains(MACRO)
            && !self
                .globs
                .iter()
                .any(|glob| glob.iter().any(|part| part == "wit_bindgen"));
        imported.then(|| self.origin_of_glob(crates))
    }

    /// A glob of Wasmtime's module names the crate.
    fn origin_of_glob(&self, crates: &BTreeSet<String>) -> Origin {
        let mut globs = self.globs.iter();
        let named = globs
            .find(|glob| glob.len() == 2 && crates.contains(&glob[0]) && glob[1] == "component");
        named.map_or(Origin::Unknown, |glob| Origin::Crate(glob[0].clone()))
    }

    /// A path with its first name replaced by what the file imports under it; none when it leads
    /// into the package itself, or to more than one place.
    fn followed(&self, mut path: NamedPath) -> Option<NamedPath> {
        let first = path.segments.first()?;
        match self.names.get(first).map(Vec::as_slice) {
            None => {}
            Some([origin]) => {
                path.segments.splice(..1, origin.iter().cloned());
            }
            Some(_) => return None,
        }
        let first = path.segments.first()?;
        let own = self.own_modules.contains(first)
            || matches!(first.as_str(), "crate" | "self" | "super");
        (!own).then_some(path)
    }
}

/// The crate whose macro a whole path names.
fn macro_of(path: &[&str], crates: &BTreeSet<String>) -> Option<Origin> {
    let &[package, "component", MACRO] = path else {
        return None;
    };
    let is_it = crates.contains(package);
    is_it.then(|| Origin::Crate(package.to_owned()))
}

/// `crate::some::bindgen`, `super::bindgen`: the package re-exports the macro under its own name.
fn is_own_reexport(path: &[&str]) -> bool {
    matches!(path, ["crate" | "self" | "super", ..]) && path.last() == Some(&MACRO)
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

    /// (crate of the macro, paths in its options)
    fn paths(source: &str) -> (Option<String>, Vec<String>) {
        let crates = BTreeSet::from(["wasmtime".to_owned(), "wt".to_owned()]);
        let found = find(&Tokens::read(source).unwrap(), &crates).remove(0);
        let paths = found.paths.iter().map(|path| path.segments.join("::"));
        (found.of_crate, paths.collect())
    }

    #[test]
    fn the_crate_of_the_macro_is_named_where_the_file_says_it() {
        for (source, expected) in [
            ("wt::component::bindgen!();", Some("wt")),
            ("use wt::component::bindgen; bindgen!();", Some("wt")),
            ("use wt as w; w::component::bindgen!();", Some("wt")),
            ("use wt::component::*; bindgen!();", Some("wt")),
            ("use crate::prelude::*; bindgen!();", None),
        ] {
            assert_eq!(paths(source).0.as_deref(), expected, "{source}");
        }
    }

    #[test]
    fn paths_in_options_are_followed_through_imports() {
        let call = |prelude: &str, value: &str| {
            let source = format!("{prelude} wt::component::bindgen!({{ with: {{ {value} }} }});");
            paths(&source).1
        };
        for (prelude, value, expected) in [
            (
                "",
                "\"a:b/c\": x::y::Z, \"d\": ::w::v",
                vec!["x::y::Z", "w::v"],
            ),
            ("use wasi as x;", "\"a:b/c\": x::y", vec!["wasi::y"]),
            (
                "use wasi::{p2 as x};",
                "\"a:b/c\": x::y",
                vec!["wasi::p2::y"],
            ),
            ("mod x {}", "\"a:b/c\": x::y", vec![]),
            ("use crate::x;", "\"a:b/c\": x::y", vec![]),
            ("use a::x; mod m { use b::x; }", "\"a:b/c\": x::y", vec![]),
            ("", "\"a:b/c\": crate::y, key: Z", vec![]),
        ] {
            assert_eq!(call(prelude, value), expected, "{prelude} {value}");
        }
        let more = "wt::component::bindgen!({ wasmtime_crate: w, trappable_error_type: { \"a/b\" => x::E }, path: \"p::q\" });";
        assert_eq!(paths(more).1, ["w", "x::E"]);
    }

    #[test]
    fn one_in_the_options_of_another_is_part_of_its_value() {
        let nested = "wasmtime::component::bindgen!({ with: { \"a:b/c\": wasmtime::component::bindgen!({ async: true }) } });";
        assert_eq!(count(nested), 1);
        assert_eq!(count(&format!("{nested}\n{nested}")), 2);
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
