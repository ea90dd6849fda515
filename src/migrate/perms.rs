//! `DirPerms` and `FilePerms` of a directory that guests see: one `FsPerms` from 48 on (PR #14010).
//!
//! What a guest may do is mapped only where both say exactly what the one says: everything, or reading
//! and nothing else. Any other pair is left to a person.

mod merged;
mod named;
mod paired;

use std::ops::Range;

use merged::merged;
use named::Search;

use super::impls::{arguments, span_of};
use super::scopes::{Resolved, Scopes};
use super::segments::head;
use super::use_edits::{self, Fate};
use super::use_tree::UseItem;
use super::{Ground, LeftOver, Migrated};
use crate::edit::Edit;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// The first line with `FsPerms` and without the other two.
const SINCE: Line = Line(48);

/// Rewrites the permissions in calls of `preopened_dir`.
#[must_use]
pub fn perms(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    let is_about = text.contains("Perms") || text.contains("preopened_dir");
    if ground.from >= SINCE || ground.to < SINCE || !is_about {
        return result;
    }
    // What it has by its name alone may be of the file that keeps both.
    if ground.keeps_perms && !names_both(text) {
        return result;
    }
    let scopes = Scopes::of(tokens);
    let mut done: Vec<Range<usize>> = scopes
        .uses
        .iter()
        .map(|item| item.start..item.end)
        .collect();
    let search = Search {
        tokens,
        text,
        scopes: &scopes,
        ground,
    };
    if let Some(paired) = search.paired() {
        done.extend(paired.done);
        result.edits.extend(paired.edits);
    } else {
        for name in tokens.places_of("preopened_dir") {
            if let Some((range, edits)) = call(tokens, name, &scopes, ground) {
                done.push(range);
                result.edits.extend(edits);
            }
        }
        for named in search.named() {
            done.extend(named.done);
            result.edits.extend(named.edits);
        }
    }
    let mut left = false;
    for name in ["DirPerms", "FilePerms"] {
        for place in tokens
            .places_of(name)
            .filter(|place| !done.iter().any(|range| range.contains(place)))
        {
            let of_wasi = scopes
                .resolve(&path_to(tokens, place), place, ground)
                .is_some_and(|resolved| is_perms(&resolved));
            if let Some(token) = tokens.get(place).filter(|_| of_wasi) {
                left = true;
                let what = format!(
                    "line {} has `FsPerms::ReadOnly` and `FsPerms::ReadWrite` in place of `DirPerms` and `FilePerms`: choose what the guest may do",
                    ground.to
                );
                result.remaining.push(LeftOver {
                    span: token.span,
                    what,
                });
            }
        }
    }
    if left {
        for edit in &mut result.edits {
            spelled_out(edit, ground);
        }
    }
    if !left && !result.edits.is_empty() {
        let fate = |item: &UseItem, path: &[&str]| {
            let resolved = scopes.resolve_in(item, path, ground).filter(is_perms);
            match resolved
                .as_ref()
                .and_then(|resolved| resolved.path.last())
                .map(String::as_str)
            {
                Some("DirPerms") => Fate::Becomes("FsPerms"),
                Some(_) => Fate::Goes,
                None => Fate::Stays,
            }
        };
        let reason = format!("`FsPerms` is in place of both in line {}", ground.to);
        let edits = use_edits::change_all(tokens, text, &scopes.uses, &reason, fate);
        result.edits.extend(edits);
    }
    result
}

/// Whether a text names one of the types.
fn names_both(text: &str) -> bool {
    text.contains("DirPerms") || text.contains("FilePerms")
}

/// Whether permissions that a text names are left to a person.
#[must_use]
pub fn leaves(text: &str, ground: &Ground<'_>) -> bool {
    let is_crossed = ground.from < SINCE && ground.to >= SINCE;
    let tokens = Tokens::read(text)
        .ok()
        .filter(|_| is_crossed && names_both(text));
    tokens.is_some_and(|tokens| !perms(&tokens, text, ground).remaining.is_empty())
}

fn is_perms(resolved: &Resolved) -> bool {
    let path: Vec<&str> = resolved.path.iter().map(String::as_str).collect();
    matches!(path.as_slice(), ["wasmtime_wasi", "DirPerms" | "FilePerms"])
}

/// Names the crate in what an edit writes: where something stays, the import of both stays as it is.
fn spelled_out(edit: &mut Edit, ground: &Ground<'_>) {
    const NAME: &str = "FsPerms";
    let Some(wasi) = ground.crates.name_of("wasmtime-wasi") else {
        return;
    };
    let mut parts = edit.text.split(NAME);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if !text.ends_with("::") {
            text.push_str(wasi);
            text.push_str("::");
        }
        text.push_str(NAME);
        text.push_str(part);
    }
    edit.text = text;
}

/// The names of the path that ends at a token.
fn path_to<'t>(tokens: &Tokens<'t>, last: usize) -> Vec<&'t str> {
    let places = (head(tokens, last)..=last).step_by(3);
    places.map(|place| tokens.text(place)).collect()
}

/// The edits of one call, and the tokens that they are about.
fn call(
    tokens: &Tokens<'_>,
    name: usize,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> Option<(Range<usize>, Vec<Edit>)> {
    let is_call = name > 0 && tokens.is_punct(name - 1, '.') && tokens.text(name + 1) == "(";
    let arguments = arguments(tokens, name + 1).filter(|_| is_call)?;
    let [_, _, of_dirs, of_files] = arguments.as_slice() else {
        return None;
    };
    let both = merged(tokens, of_dirs, of_files, scopes, ground)?;
    let mut changes: Vec<(Range<usize>, String)> =
        both.into_iter().map(|it| (it.dirs, it.text)).collect();
    // Together with the comma in front.
    changes.push((of_dirs.end..of_files.end, String::new()));
    let reason = format!("`FsPerms` is in place of both in line {}", ground.to);
    let edits = changes.into_iter().map(|(range, text)| {
        let (span, reason) = (span_of(tokens, &range)?, reason.clone());
        Some(Edit { span, text, reason })
    });
    Some((of_dirs.start..of_files.end, edits.collect::<Option<_>>()?))
}

/// What says exactly the same as both.
fn exactly(dirs: &Set<'_>, files: &Set<'_>) -> Option<String> {
    let new = match (dirs.is_all("MUTATE"), files.is_all("WRITE")) {
        (true, true) => "ReadWrite",
        _ if dirs.is_reading() && files.is_reading() => "ReadOnly",
        _ => return None,
    };
    Some(format!("{}FsPerms::{new}", dirs.in_front))
}

/// Permissions that are written out.
struct Set<'t> {
    /// The path in front of the type, with its last `::`.
    in_front: String,
    flags: Vec<&'t str>,
}

impl Set<'_> {
    fn is_all(&self, writing: &str) -> bool {
        self.flags.contains(&"all")
            || (self.flags.contains(&"READ") && self.flags.contains(&writing))
    }

    fn is_reading(&self) -> bool {
        self.flags == ["READ"]
    }
}

/// `DirPerms::all()`, or flags joined by `|`.
fn set<'t>(
    tokens: &Tokens<'t>,
    of: &Range<usize>,
    name: &str,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> Option<Set<'t>> {
    let mut set: Option<Set<'t>> = None;
    let mut index = of.start;
    while index < of.end {
        let mut places = Vec::new();
        while tokens.kind(index) == Some(TokenKind::Ident) {
            places.push(index);
            index += 1;
            if !tokens.is_path_separator(index) {
                break;
            }
            index += 2;
        }
        let (flag, path) = places.split_last()?;
        let names: Vec<&str> = path.iter().map(|place| tokens.text(*place)).collect();
        let resolved = scopes.resolve(&names, of.start, ground)?;
        if !is_perms(&resolved) || resolved.path.last().map(String::as_str) != Some(name) {
            return None;
        }
        let flag = tokens.text(*flag);
        if flag == "all" {
            (tokens.text(index) == "(" && tokens.after(index) == index + 2).then_some(())?;
            index += 2;
        }
        let in_front: String = names[..names.len() - 1]
            .iter()
            .map(|name| format!("{name}::"))
            .collect();
        set.get_or_insert(Set {
            in_front,
            flags: Vec::new(),
        })
        .flags
        .push(flag);
        if index < of.end {
            tokens.is_punct(index, '|').then_some(())?;
            index += 1;
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::{edited, moving};

    fn run(before: &str) -> (String, usize) {
        let result = moving(perms, before, 40, 48);
        (edited(before, result.edits.clone()), result.remaining.len())
    }

    #[test]
    fn what_is_the_same_is_mapped() {
        for (before, after) in [
            (
                "use wasmtime_wasi::{DirPerms, FilePerms, WasiCtx};\nfn f() { b.preopened_dir(h, \"/\", DirPerms::all(), FilePerms::all())?; }",
                "use wasmtime_wasi::{FsPerms, WasiCtx};\nfn f() { b.preopened_dir(h, \"/\", FsPerms::ReadWrite)?; }",
            ),
            (
                "fn f() { b.preopened_dir(h, g, wasmtime_wasi::DirPerms::READ, wasmtime_wasi::FilePerms::READ,) }",
                "fn f() { b.preopened_dir(h, g, wasmtime_wasi::FsPerms::ReadOnly,) }",
            ),
            (
                "use wasmtime_wasi::{DirPerms, FilePerms};\nfn f() { b.preopened_dir(h, g, if m.ro { DirPerms::READ } else { DirPerms::all() }, if m.ro { FilePerms::READ } else { FilePerms::all() })?; }",
                "use wasmtime_wasi::FsPerms;\nfn f() { b.preopened_dir(h, g, if m.ro { FsPerms::ReadOnly } else { FsPerms::ReadWrite })?; }",
            ),
            (
                "use wasmtime_wasi as w; fn f() { b.preopened_dir(h, g, w::DirPerms::READ | w::DirPerms::MUTATE, w::FilePerms::WRITE | w::FilePerms::READ) }",
                "use wasmtime_wasi as w; fn f() { b.preopened_dir(h, g, w::FsPerms::ReadWrite) }",
            ),
        ] {
            assert_eq!(run(before), (after.to_owned(), 0));
        }
    }

    #[test]
    fn permissions_with_a_name_become_one() {
        for (before, after) in [
            (
                "use wasmtime_wasi::{DirPerms, FilePerms};\nfn f() {\n    let (dirs, files) = match writable {\n        true => (DirPerms::all(), FilePerms::all()),\n        false => (DirPerms::READ, FilePerms::READ),\n    };\n    b.preopened_dir(h, g, dirs, files)?;\n}\n",
                "use wasmtime_wasi::FsPerms;\nfn f() {\n    let fs_perms = match writable {\n        true => FsPerms::ReadWrite,\n        false => FsPerms::ReadOnly,\n    };\n    b.preopened_dir(h, g, fs_perms)?;\n}\n",
            ),
            (
                "fn f() {\n    let files = wasmtime_wasi::FilePerms::all();\n    let dirs = wasmtime_wasi::DirPerms::all();\n    for h in hosts {\n        b.preopened_dir(h, h, dirs, files)?;\n    }\n}\nfn g(dirs: u8) { dirs }\n",
                "fn f() {\n    let fs_perms = wasmtime_wasi::FsPerms::ReadWrite;\n    for h in hosts {\n        b.preopened_dir(h, h, fs_perms)?;\n    }\n}\nfn g(dirs: u8) { dirs }\n",
            ),
        ] {
            assert_eq!(run(before), (after.to_owned(), 0));
        }
    }

    #[test]
    fn where_some_are_left_what_is_written_names_the_crate() {
        let before = "use wasmtime_wasi::{DirPerms, FilePerms};\nstruct M { d: DirPerms }\nfn f() { b.preopened_dir(h, g, DirPerms::all(), FilePerms::all())?; }";
        // The package of the tests knows the crate by two names.
        let after = "use wasmtime_wasi::{DirPerms, FilePerms};\nstruct M { d: DirPerms }\nfn f() { b.preopened_dir(h, g, wasi_host::FsPerms::ReadWrite)?; }";
        assert_eq!(run(before), (after.to_owned(), 1));
    }

    #[test]
    fn permissions_that_are_chosen_alike_become_one() {
        for (before, after) in [
            (
                "use wasmtime_wasi::{DirPerms, FilePerms};\nfn f() {\n    let dirs = if m.read_only() { DirPerms::READ } else { DirPerms::READ | DirPerms::MUTATE };\n    let files = if m.read_only() { FilePerms::READ } else { FilePerms::READ | FilePerms::WRITE };\n    b.preopened_dir(h, g, dirs, files)?;\n}\n",
                "use wasmtime_wasi::FsPerms;\nfn f() {\n    let fs_perms = if m.read_only() { FsPerms::ReadOnly } else { FsPerms::ReadWrite };\n    b.preopened_dir(h, g, fs_perms)?;\n}\n",
            ),
            (
                "use wasmtime_wasi::{DirPerms, FilePerms};\nfn f() {\n    let files = match a {\n        A::Rw => FilePerms::all(),\n        _ => FilePerms::READ,\n    };\n    let dirs = match a {\n        A::Rw => DirPerms::all(),\n        _ => DirPerms::READ,\n    };\n    b.preopened_dir(h, g, dirs, files)?;\n}\n",
                "use wasmtime_wasi::FsPerms;\nfn f() {\n    let fs_perms = match a {\n        A::Rw => FsPerms::ReadWrite,\n        _ => FsPerms::ReadOnly,\n    };\n    b.preopened_dir(h, g, fs_perms)?;\n}\n",
            ),
        ] {
            assert_eq!(run(before), (after.to_owned(), 0));
        }
    }

    #[test]
    fn calls_in_front_of_what_has_the_same_names_are_of_something_else() {
        let before = "use wasmtime_wasi::{DirPerms, FilePerms};\nfn f() { let dirs = if w { DirPerms::all() } else { DirPerms::READ }; let files = if x { FilePerms::all() } else { FilePerms::READ }; b.preopened_dir(a, c, dirs, files)?; let (dirs, files) = (DirPerms::READ, FilePerms::READ); b.preopened_dir(d, e, dirs, files)?; }";
        let (after, _) = run(before);
        assert!(
            after.contains("b.preopened_dir(a, c, dirs, files)?;"),
            "{after}"
        );
        assert!(
            after.contains("FsPerms::ReadOnly; b.preopened_dir(d, e, fs_perms)?;"),
            "{after}"
        );
    }

    #[test]
    fn permissions_with_a_name_that_is_used_otherwise_are_left() {
        for body in [
            "let (dirs, files) = (DirPerms::all(), FilePerms::all()); log(dirs); b.preopened_dir(h, g, dirs, files);",
            "let (dirs, files) = if a { (DirPerms::all(), FilePerms::READ) } else { (DirPerms::all(), FilePerms::all()) }; b.preopened_dir(h, g, dirs, files);",
            "let (dirs, files) = (DirPerms::all(), FilePerms::all()); b.preopened_dir(h, g, files, dirs);",
            "let dirs = DirPerms::all(); let files = FilePerms::READ; b.preopened_dir(h, g, dirs, files);",
            "let dirs = DirPerms::all(); { let files = FilePerms::all(); b.preopened_dir(h, g, dirs, files); }",
            "let fs_perms = 1; let (d, e) = (DirPerms::all(), FilePerms::all()); b.preopened_dir(h, g, d, e);",
            "let dirs = DirPerms::all(); let files = FilePerms::all();",
            "let d = if a { DirPerms::READ } else { DirPerms::all() }; let e = if b { FilePerms::READ } else { FilePerms::all() }; b.preopened_dir(h, g, d, e);",
            "let d = if a { DirPerms::READ } else { DirPerms::all() }; let e = if a { FilePerms::all() } else { FilePerms::READ }; b.preopened_dir(h, g, d, e);",
            // What is asked may have become something else in between, or by being asked.
            "let d = if a { DirPerms::READ } else { DirPerms::all() }; let a = c; let e = if a { FilePerms::READ } else { FilePerms::all() }; b.preopened_dir(h, g, d, e);",
            "let d = if a.next() { DirPerms::READ } else { DirPerms::all() }; let e = if a.next() { FilePerms::READ } else { FilePerms::all() }; b.preopened_dir(h, g, d, e);",
            "let d = if f::<u8>(1) { DirPerms::READ } else { DirPerms::all() }; let e = if f::<u8>(1) { FilePerms::READ } else { FilePerms::all() }; b.preopened_dir(h, g, d, e);",
            "let d = if m![a] { DirPerms::READ } else { DirPerms::all() }; let e = if m![a] { FilePerms::READ } else { FilePerms::all() }; b.preopened_dir(h, g, d, e);",
            "let d = if ask(1) { DirPerms::READ } else { DirPerms::all() }; let e = if ask(1) { FilePerms::READ } else { FilePerms::all() }; b.preopened_dir(h, g, d, e);",
        ] {
            let text = format!("use wasmtime_wasi::{{DirPerms, FilePerms}}; fn f() {{ {body} }}");
            let (after, left) = run(&text);
            assert_eq!(after, text);
            assert!(left > 0, "{text}");
        }
    }

    #[test]
    fn what_is_not_the_same_is_left_to_a_person() {
        for (dirs, files) in [
            ("DirPerms::READ", "FilePerms::all()"),
            ("DirPerms::all()", "FilePerms::READ"),
            ("DirPerms::MUTATE", "FilePerms::WRITE"),
            ("DirPerms::empty()", "FilePerms::READ"),
            ("perms", "FilePerms::all()"),
            ("DirPerms::READ & DirPerms::READ", "FilePerms::READ"),
        ] {
            let text = format!(
                "use wasmtime_wasi::{{DirPerms, FilePerms}}; fn f() {{ b.preopened_dir(h, g, {dirs}, {files}) }}"
            );
            let (after, left) = run(&text);
            assert_eq!(after, text);
            assert!(left > 0, "{text}");
        }
        let theirs = "use other::{DirPerms, FilePerms}; fn f() { b.preopened_dir(h, g, DirPerms::all(), FilePerms::all()) }";
        assert_eq!(run(theirs), (theirs.to_owned(), 0));
    }
}
