//! Paths in `with` and `trappable_error_type` that the target's line has elsewhere, such as
//! `wasmtime_wasi::bindings`, which is `wasmtime_wasi::p2::bindings` from 33 on (PR #10073).

use super::{Remaining, Rewrite};
use crate::bindgen::{Invocation, NamedPath};
use crate::edit::Edit;
use crate::knowledge::{KnownPath, Paths};
use crate::version::Line;

/// Moves the paths of one invocation in `text`. `package_of` says which crate of the family the
/// package knows by a name.
#[must_use]
pub fn repoint(
    invocation: &Invocation,
    text: &str,
    target: Line,
    paths: &Paths,
    package_of: &dyn Fn(&str) -> Option<String>,
) -> Rewrite {
    let mut result = Rewrite::default();
    if invocation.templated {
        return result;
    }
    let named = invocation.paths.iter();
    for path in named.filter(|path| path.option != "wasmtime_crate") {
        let Some(known) = missing(path, target, paths, package_of) else {
            continue;
        };
        match known.instead_in(target) {
            Some(instead) if is_written_out(path, text) => result.edits.push(Edit {
                span: path.span,
                text: moved(path, text, known, instead),
                reason: format!("`{}` is `{instead}` in line {target}", known.name),
            }),
            instead => result.remaining.push(Remaining {
                span: path.span,
                what: format!(
                    "line {target} has no `{}`: {}",
                    known.name,
                    match instead {
                        Some(instead) => format!("import `{instead}` in its place"),
                        None => "name what takes its place".to_owned(),
                    }
                ),
            }),
        }
    }
    result
}

fn missing<'p>(
    path: &NamedPath,
    target: Line,
    paths: &'p Paths,
    package_of: &dyn Fn(&str) -> Option<String>,
) -> Option<&'p KnownPath> {
    let mut segments = path.segments.clone();
    let first = segments.first_mut()?;
    *first = package_of(first)?.replace('-', "_");
    paths.missing_in(&segments, target)
}

/// Whether the whole path stands there, and not its end behind an import.
fn is_written_out(path: &NamedPath, text: &str) -> bool {
    let written = path.span.text(text);
    written.trim_start_matches("::") == path.segments.join("::")
}

/// The path with the part that is elsewhere exchanged, the name of the crate as the package has it.
fn moved(path: &NamedPath, text: &str, known: &KnownPath, instead: &str) -> String {
    let root = match path.span.text(text).starts_with("::") {
        true => "::",
        false => "",
    };
    let rest = path.segments.iter().skip(known.name.split("::").count());
    let own = path.segments.first().map_or("", String::as_str);
    let inner = instead.split("::").skip(1);
    let parts = std::iter::once(own)
        .chain(inner)
        .chain(rest.map(String::as_str));
    format!("{root}{}", Vec::from_iter(parts).join("::"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::*;
    use crate::edit::EditSet;
    use crate::knowledge::Knowledge;
    use crate::tokens::Tokens;

    fn run(before: &str, target: u64) -> (String, Vec<String>) {
        let tokens = Tokens::read(before).unwrap();
        let crates = BTreeSet::from(["wasmtime".to_owned()]);
        let invocation = crate::bindgen::find(&tokens, &crates).remove(0);
        let package_of = |name: &str| match name {
            "wasmtime_wasi" | "wasi_host" => Some("wasmtime-wasi".to_owned()),
            _ => None,
        };
        let paths = &Knowledge::embedded().paths;
        let result = repoint(&invocation, before, Line(target), paths, &package_of);
        let mut edits = EditSet::default();
        result
            .edits
            .into_iter()
            .for_each(|edit| edits.add(edit).unwrap());
        let remaining = result.remaining.into_iter().map(|step| step.what);
        (edits.apply(before), remaining.collect())
    }

    fn with(path: &str) -> String {
        format!("wasmtime::component::bindgen!({{ with: {{ \"wasi:io/error\": {path} }} }});")
    }

    #[test]
    fn a_path_goes_where_the_line_has_it_up_and_down() {
        let old = "wasmtime_wasi::bindings::io::error";
        let new = "wasmtime_wasi::p2::bindings::io::error";
        for (before, line, after) in [
            (old, 32, old),
            (old, 33, new),
            (old, 48, new),
            (new, 48, new),
            (new, 32, old),
            (
                "::wasmtime_wasi::bindings::io::error",
                36,
                "::wasmtime_wasi::p2::bindings::io::error",
            ),
            ("wasi_host::bindings", 36, "wasi_host::p2::bindings"),
            (
                "crate::bindings::io::error",
                36,
                "crate::bindings::io::error",
            ),
            ("other::bindings", 36, "other::bindings"),
        ] {
            assert_eq!(
                run(&with(before), line),
                (with(after), vec![]),
                "{before} {line}"
            );
        }
    }

    #[test]
    fn a_path_behind_an_import_is_left_to_a_person() {
        let before = format!(
            "use wasmtime_wasi::bindings;\n{}",
            with("bindings::io::error")
        );
        let (after, remaining) = run(&before, 36);
        assert_eq!(after, before);
        assert!(
            remaining[0].contains("import `wasmtime_wasi::p2::bindings`"),
            "{remaining:?}"
        );
    }
}
