//! Paths by what stands there before and afterwards.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::migrate::tests::{edited, moving};

fn run(before: &str, from: u64, to: u64) -> (String, Vec<String>) {
    let result = moving(relocate, before, from, to);
    assert!(result.edits.iter().all(|edit| !edit.reason.is_empty()));
    let left = result.remaining.iter().map(|left| left.what.clone());
    (edited(before, result.edits.clone()), left.collect())
}

/// Moves the text and says what came out; a second move changes nothing.
fn moved(before: &str, from: u64, to: u64) -> String {
    let (after, remaining) = run(before, from, to);
    assert_eq!(remaining, [""; 0], "{before}");
    assert_eq!(
        run(&after, to, to),
        (after.clone(), vec![]),
        "again: {before}"
    );
    after
}

#[test]
fn a_declaration_of_one_path_gets_what_is_missing() {
    for (before, from, to, after) in [
        (
            "use wasmtime_wasi::WasiCtx;",
            32,
            33,
            "use wasmtime_wasi::p2::WasiCtx;",
        ),
        (
            "use wasmtime_wasi::p2::WasiCtx;",
            35,
            36,
            "use wasmtime_wasi::WasiCtx;",
        ),
        (
            "use wasmtime_wasi::WasiCtx;",
            24,
            48,
            "use wasmtime_wasi::WasiCtx;",
        ),
        (
            "use ::wasmtime_wasi::WasiCtx as C;",
            32,
            33,
            "use ::wasmtime_wasi::p2::WasiCtx as C;",
        ),
        (
            "use wasi_host::pipe::MemoryOutputPipe;",
            24,
            48,
            "use wasi_host::p2::pipe::MemoryOutputPipe;",
        ),
        (
            "use wasmtime_wasi::stdout;",
            24,
            36,
            "use wasmtime_wasi::cli::stdout;",
        ),
        ("use other::WasiCtx;", 32, 33, "use other::WasiCtx;"),
        (
            "use crate::wasmtime_wasi::WasiCtx;",
            32,
            33,
            "use crate::wasmtime_wasi::WasiCtx;",
        ),
        (
            "use wasmtime_wasi::DirPerms;",
            32,
            33,
            "use wasmtime_wasi::DirPerms;",
        ),
    ] {
        assert_eq!(moved(before, from, to), after, "{before}");
    }
}

#[test]
fn a_group_moves_as_a_whole_or_by_its_parts() {
    for (before, from, to, after) in [
        // Together: only the names in front change.
        (
            "use wasmtime_wasi::{WasiCtx, WasiView};",
            32,
            33,
            "use wasmtime_wasi::p2::{WasiCtx, WasiView};",
        ),
        (
            "use wasmtime_wasi::p2::{WasiCtx, WasiView};",
            33,
            36,
            "use wasmtime_wasi::{WasiCtx, WasiView};",
        ),
        // What goes deeper stays in the group.
        (
            "use wasmtime_wasi::{DirPerms, /* c */ WasiCtx};",
            32,
            33,
            "use wasmtime_wasi::{DirPerms, /* c */ p2::WasiCtx};",
        ),
        (
            "use wasmtime_wasi::{p2::{WasiCtx, pipe::X}, I32Exit};",
            33,
            36,
            "use wasmtime_wasi::{p2::pipe::X, I32Exit};\nuse wasmtime_wasi::WasiCtx;",
        ),
        // What goes higher leaves it.
        (
            "use wasmtime_wasi::p2::{WasiCtx, bindings::Command, WasiView as V};",
            33,
            36,
            "use wasmtime_wasi::p2::bindings::Command;\nuse wasmtime_wasi::{WasiCtx, WasiView as V};",
        ),
        (
            "use wasmtime_wasi::p2::{add_to_linker_async, WasiCtx, add_to_linker_sync};",
            33,
            36,
            "use wasmtime_wasi::p2::{add_to_linker_async, add_to_linker_sync};\nuse wasmtime_wasi::WasiCtx;",
        ),
        (
            "use wasmtime_wasi::p2::{bindings::Command, FsError, WasiCtx,};",
            33,
            36,
            "use wasmtime_wasi::p2::{bindings::Command, FsError,};\nuse wasmtime_wasi::WasiCtx;",
        ),
        // All of it, to different places.
        (
            "use wasmtime_wasi::p2::{WasiCtx, stdout};",
            33,
            36,
            "use wasmtime_wasi::WasiCtx;\nuse wasmtime_wasi::cli::stdout;",
        ),
        (
            "use { wasmtime_wasi::WasiCtx, other::b };",
            32,
            33,
            "use { wasmtime_wasi::p2::WasiCtx, other::b };",
        ),
        (
            "use wasmtime_wasi::{self, WasiCtx};",
            32,
            33,
            "use wasmtime_wasi::{self, p2::WasiCtx};",
        ),
    ] {
        assert_eq!(moved(before, from, to), after, "{before}");
    }
}

#[test]
fn new_declarations_have_the_attributes_and_the_place_of_the_old_one() {
    let before = "mod a {\r\n    #[cfg(unix)]\r\n    pub(crate) use wasmtime_wasi::p2::{\r\n        WasiCtx,\r\n        pipe, // comment\r\n    };\r\n}\r\n";
    let after = "mod a {\r\n    #[cfg(unix)]\r\n    pub(crate) use wasmtime_wasi::p2::{\r\n        pipe, // comment\r\n    };\r\n    #[cfg(unix)]\r\n    pub(crate) use wasmtime_wasi::WasiCtx;\r\n}\r\n";
    assert_eq!(moved(before, 33, 36), after);
}

#[test]
fn paths_in_code_are_found_by_what_their_first_name_means() {
    for (before, from, to, after) in [
        (
            "fn f() { wasmtime_wasi::add_to_linker_sync(&mut l)?; }",
            32,
            33,
            "fn f() { wasmtime_wasi::p2::add_to_linker_sync(&mut l)?; }",
        ),
        (
            "fn f() { let wasmtime_wasi_http::types::HostOutgoingRequest { method, .. } = x; if let wasmtime_wasi_http::HttpError { .. } = e {} }",
            42,
            43,
            "fn f() { let wasmtime_wasi_http::p2::types::HostOutgoingRequest { method, .. } = x; if let wasmtime_wasi_http::p2::HttpError { .. } = e {} }",
        ),
        (
            "impl wasmtime_wasi::WasiView for S {}",
            32,
            34,
            "impl wasmtime_wasi::p2::WasiView for S {}",
        ),
        (
            "fn f(c: ::wasmtime_wasi::WasiCtx) {}",
            32,
            34,
            "fn f(c: ::wasmtime_wasi::p2::WasiCtx) {}",
        ),
        (
            "use wasmtime_wasi as wasi; type A = wasi::WasiCtx;",
            32,
            34,
            "use wasmtime_wasi as wasi; type A = wasi::p2::WasiCtx;",
        ),
        // From here the new path does not go on below the old first name.
        (
            "use wasmtime_wasi::p2; type A = p2::WasiCtx; use p2::pipe;",
            34,
            36,
            "use wasmtime_wasi::p2; type A = wasmtime_wasi::WasiCtx; use p2::pipe;",
        ),
        (
            "use wasmtime_wasi::bindings; fn f(c: bindings::Command) {}",
            32,
            34,
            "use wasmtime_wasi::p2::bindings; fn f(c: bindings::Command) {}",
        ),
        (
            "bindgen!({ with: { \"wasi:io\": wasmtime_wasi::bindings::io } });",
            30,
            40,
            "bindgen!({ with: { \"wasi:io\": wasmtime_wasi::p2::bindings::io } });",
        ),
        (
            "vec![wasmtime_wasi::stdin()]",
            32,
            36,
            "vec![wasmtime_wasi::cli::stdin()]",
        ),
        // Not this crate's.
        (
            "a.wasmtime_wasi::stdin()",
            32,
            36,
            "a.wasmtime_wasi::stdin()",
        ),
        (
            "x::wasmtime_wasi::stdin()",
            32,
            36,
            "x::wasmtime_wasi::stdin()",
        ),
        (
            "mod wasmtime_wasi {} fn f() { wasmtime_wasi::stdin() }",
            32,
            36,
            "mod wasmtime_wasi {} fn f() { wasmtime_wasi::stdin() }",
        ),
    ] {
        assert_eq!(moved(before, from, to), after, "{before}");
    }
}

#[test]
fn a_name_that_changes_changes_wherever_it_is_used() {
    for (before, from, to, after) in [
        (
            "use wasmtime_wasi::preview1; fn f(c: preview1::WasiP1Ctx) { preview1::add_to_linker_sync(); let preview1 = 1; s.preview1; }",
            36,
            37,
            "use wasmtime_wasi::p1; fn f(c: p1::WasiP1Ctx) { p1::add_to_linker_sync(); let preview1 = 1; s.preview1; }",
        ),
        (
            "use wasmtime_wasi::preview1::{self, WasiP1Ctx}; type A = preview1::B;",
            30,
            48,
            "use wasmtime_wasi::p1::{self, WasiP1Ctx}; type A = p1::B;",
        ),
        (
            "use wasmtime_wasi::HostInputStream; impl HostInputStream for S {}",
            29,
            36,
            "use wasmtime_wasi::p2::InputStream; impl InputStream for S {}",
        ),
        // Taken, or known to others: the old name stays.
        (
            "use wasmtime_wasi::preview1; mod p1 {} type A = preview1::B;",
            36,
            37,
            "use wasmtime_wasi::p1 as preview1; mod p1 {} type A = preview1::B;",
        ),
        (
            "pub use wasmtime_wasi::{preview1, I32Exit};",
            36,
            37,
            "pub use wasmtime_wasi::{p1 as preview1, I32Exit};",
        ),
        (
            "pub use wasmtime_wasi::preview1::{self, WasiP1Ctx};",
            36,
            37,
            "pub use wasmtime_wasi::p1::{self as preview1, WasiP1Ctx};",
        ),
        // A name of its own is nobody's business.
        (
            "use wasmtime_wasi::preview1 as p; type A = p::B;",
            36,
            37,
            "use wasmtime_wasi::p1 as p; type A = p::B;",
        ),
        // An alias of a box and the trait in it, renamed at once (30).
        (
            "use wasmtime_wasi::{HostInputStream, InputStream}; fn f() -> InputStream { g::<dyn HostInputStream>() }",
            29,
            31,
            "use wasmtime_wasi::{InputStream, DynInputStream}; fn f() -> DynInputStream { g::<dyn InputStream>() }",
        ),
    ] {
        assert_eq!(moved(before, from, to), after, "{before}");
    }
}

#[test]
fn a_name_that_a_module_takes_from_around_it_stays() {
    for (before, from, to, after) in [
        (
            "use wasmtime_wasi::preview1; mod tests { use super::preview1; fn f(c: preview1::WasiP1Ctx) {} }",
            36,
            48,
            "use wasmtime_wasi::p1 as preview1; mod tests { use super::preview1; fn f(c: preview1::WasiP1Ctx) {} }",
        ),
        // Where something else gets the name, it can't.
        (
            "use wasmtime_wasi::{HostOutputStream, OutputStream}; mod m { use super::OutputStream; }",
            24,
            36,
            "use wasmtime_wasi::{p2::OutputStream, p2::DynOutputStream}; mod m { use super::OutputStream; }",
        ),
    ] {
        assert_eq!(run(before, from, to).0, after, "{before}");
    }
}

#[test]
fn scopes_are_those_of_rust() {
    for (before, after) in [
        // A module does not see what is brought in around it, unless it says so.
        (
            "use wasmtime_wasi as w; mod m { type A = w::WasiCtx; }",
            "use wasmtime_wasi as w; mod m { type A = w::WasiCtx; }",
        ),
        (
            "use wasmtime_wasi as w; mod m { use super::*; type A = w::WasiCtx; }",
            "use wasmtime_wasi as w; mod m { use super::*; type A = w::p2::WasiCtx; }",
        ),
        (
            "fn f() { use wasmtime_wasi as w; w::WasiCtx; } fn g() { w::WasiCtx; }",
            "fn f() { use wasmtime_wasi as w; w::p2::WasiCtx; } fn g() { w::WasiCtx; }",
        ),
        (
            "use wasmtime_wasi as w; fn f() { w::WasiCtx; }",
            "use wasmtime_wasi as w; fn f() { w::p2::WasiCtx; }",
        ),
        (
            "use other as wasmtime_wasi; type A = wasmtime_wasi::WasiCtx;",
            "use other as wasmtime_wasi; type A = wasmtime_wasi::WasiCtx;",
        ),
    ] {
        assert_eq!(moved(before, 32, 33), after, "{before}");
    }
}

#[test]
fn what_a_star_brought_in_gets_a_declaration() {
    for (before, from, to, after) in [
        (
            "use wasmtime_wasi::*;\nfn f(c: WasiCtx) { add_to_linker_sync(l); let stdin = 1; }",
            32,
            33,
            "use wasmtime_wasi::*;\nuse wasmtime_wasi::p2::{WasiCtx, add_to_linker_sync};\nfn f(c: WasiCtx) { add_to_linker_sync(l); let stdin = 1; }",
        ),
        (
            "use wasmtime_wasi::bindings::*; type A = Command;",
            32,
            33,
            "use wasmtime_wasi::p2::bindings::*; type A = Command;",
        ),
        (
            "use wasmtime_wasi::*; struct WasiCtx; type A = WasiCtx;",
            32,
            33,
            "use wasmtime_wasi::*; struct WasiCtx; type A = WasiCtx;",
        ),
    ] {
        assert_eq!(moved(before, from, to), after, "{before}");
    }
}

/// Followed through each other without an end, they would take longer than anybody waits.
#[test]
fn many_stars_beside_each_other_are_read_and_those_that_lead_through_another_one_too() {
    let others: String = (0..20).map(|it| format!("use a{it}::b::*;\n")).collect();
    let before = format!(
        "{others}use wasmtime::*;\nuse component::*;\nfn f(r: ResourceAny, c: wasmtime_wasi::WasiCtx) {{}}\n"
    );
    let after = before.replace("wasmtime_wasi::", "wasmtime_wasi::p2::");
    assert_eq!(moved(&before, 32, 33), after);
}

#[test]
fn a_module_and_a_macro_of_one_name_are_told_apart() {
    for imports in ["{self, anyhow}", "{anyhow, self}"] {
        let before = format!(
            "use wiggle::anyhow::{imports};\nfn f() -> Result<(), anyhow::Error> {{\n    Err(anyhow::anyhow!(\"a\"))?;\n    Err(anyhow!(\"b\"))\n}}\n"
        );
        let (after, remaining) = run(&before, 41, 42);
        assert!(remaining.is_empty(), "{remaining:?}");
        let body = "fn f() -> Result<(), error::Error> {\n    Err(error::format_err!(\"a\"))?;\n    Err(anyhow!(\"b\"))\n}\n";
        assert!(after.ends_with(body), "{after}");
        assert!(after.contains("use wiggle::error;\n"), "{after}");
        assert!(
            after.contains("use wiggle::error::format_err as anyhow;\n"),
            "{after}"
        );
    }
}

#[test]
fn what_is_gone_is_left_to_a_person() {
    let (after, remaining) = run("use wasmtime_wasi::{IoImpl, ResourceTable};", 31, 36);
    assert_eq!(after, "use wasmtime_wasi::{IoImpl, ResourceTable};");
    assert_eq!(
        remaining,
        ["line 36 has no `wasmtime_wasi::IoImpl`: name what takes its place"]
    );
    // The crate that has it is not required.
    let (_, remaining) = run("use wasmtime_wasi::IoView;", 31, 36);
    assert_eq!(
        remaining,
        [
            "`wasmtime_wasi::IoView` is `wasmtime_wasi_io::IoView` in line 36: require `wasmtime-wasi-io` and name that"
        ]
    );
    let (_, remaining) = run(
        "fn f() { wasmtime_wasi_http::types::HostFields::new() }",
        31,
        48,
    );
    assert_eq!(remaining.len(), 1);
}

/// What becomes of a text when `wasi-common`, known as `old`, makes place for `wasmtime-wasi`, known as
/// `new`; and what is left to a person.
fn leaving(text: &str, old: &str, new: &str) -> (String, Vec<String>) {
    let names = [("wasmtime", "wasmtime"), (old, "wasi-common")];
    let names = names.map(|(name, package)| (name.to_owned(), package.to_owned()));
    let mut crates: crate::migrate::Crates = names.into_iter().collect();
    crates.comes("wasmtime-wasi", new, "wasi-common");
    let ground = Ground {
        from: crate::version::Line(46),
        to: crate::version::Line(47),
        paths: &crate::knowledge::Knowledge::embedded().paths,
        crates: &crates,
        rules: &[],
        adopted_errors: None,
        own_names: &[],
        views: &crate::migrate::views::NOTHING_ELSEWHERE,
        keeps_perms: false,
    };
    let outcome = crate::migrate::run(text, &ground).unwrap();
    let left = outcome.remaining.iter().map(|(left, _)| left.what.clone());
    (outcome.edits.apply(text), left.collect())
}

#[test]
fn what_a_crate_had_that_goes_is_named_where_another_one_has_it() {
    for (before, after) in [
        (
            "use wasi_common::sync;\nfn f() { sync::add_to_linker(l, g); sync::WasiCtxBuilder::new(); }\n",
            "fn f() { wasmtime_wasi::p1::add_to_linker_sync(l, g); wasmtime_wasi::WasiCtxBuilder::new(); }\n",
        ),
        (
            "use wasi_common::sync::*;\nfn f(_: WasiCtxBuilder) {}\n",
            "use wasmtime_wasi::WasiCtxBuilder;\nfn f(_: WasiCtxBuilder) {}\n",
        ),
        (
            "use wasi_common::{sync::{Dir, WasiCtxBuilder}, WasiCtx};\nfn f(_: WasiCtxBuilder, _: WasiCtx) {}\n",
            "use wasmtime_wasi::WasiCtxBuilder;\nuse wasmtime_wasi::p1::WasiP1Ctx;\nfn f(_: WasiCtxBuilder, _: WasiP1Ctx) {}\n",
        ),
        // Whoever is outside knows it by its old name.
        (
            "pub use wasi_common::WasiCtx;\n",
            "pub use wasmtime_wasi::p1::WasiP1Ctx as WasiCtx;\n",
        ),
    ] {
        let moved = leaving(before, "wasi_common", "wasmtime_wasi");
        assert_eq!(moved, (after.to_owned(), vec![]));
    }
}

#[test]
fn a_name_of_the_manifest_s_own_goes_on_standing_for_what_came() {
    let before = "use wasi::sync::WasiCtxBuilder;\nfn f(_: wasi::WasiCtx, _: WasiCtxBuilder) {}\n";
    let after = "use wasi::WasiCtxBuilder;\nfn f(_: wasi::p1::WasiP1Ctx, _: WasiCtxBuilder) {}\n";
    assert_eq!(leaving(before, "wasi", "wasi"), (after.to_owned(), vec![]));
}

#[test]
fn what_has_nothing_in_its_place_is_told_where_it_is_used_or_public() {
    for text in [
        "use wasi_common::WasiFile;\nfn f(_: &dyn WasiFile) {}\n",
        "pub use wasi_common::WasiFile;\n",
        "fn f(_: &dyn wasi_common::WasiFile) {}\n",
    ] {
        let (after, left) = leaving(text, "wasi_common", "wasmtime_wasi");
        assert_eq!((after.as_str(), left.len()), (text, 1), "{left:?}");
        assert!(left[0].contains("no `wasi_common::WasiFile`"), "{left:?}");
    }
}

#[test]
fn what_a_star_brings_in_has_its_new_name() {
    assert_eq!(
        moved(
            "use wasmtime::*;\nfn f(r: ManuallyRooted<u8>) { MpkEnabled::Disable; }\n",
            36,
            48
        ),
        "use wasmtime::*;\nfn f(r: OwnedRooted<u8>) { Enabled::Disable; }\n"
    );
    let taken = "use wasmtime::*;\nstruct Enabled;\nfn f() { MpkEnabled::Disable; }\n";
    assert_eq!(run(taken, 36, 48).0, taken);
}

/// The declaration alone would leave calls of what is not there.
#[test]
fn a_function_that_has_another_name_is_called_by_it() {
    let (after, _) = leaving(
        "use wasi_common::sync::add_to_linker;\nfn f() { add_to_linker(&mut linker, |s| s)?; }\n",
        "wasi_common",
        "wasmtime_wasi",
    );
    assert_eq!(
        after,
        "use wasmtime_wasi::p1::add_to_linker_sync;\nfn f() { add_to_linker_sync(&mut linker, |s| s)?; }\n"
    );
    let (after, _) = leaving(
        "use wasi_common::sync::add_to_linker;\nfn f() { add_to_linker(&mut linker, |s| s)?; g(1, add_to_linker); }\n",
        "wasi_common",
        "wasmtime_wasi",
    );
    assert_eq!(
        after,
        "use wasmtime_wasi::p1::add_to_linker_sync as add_to_linker;\nfn f() { add_to_linker(&mut linker, |s| s)?; g(1, add_to_linker); }\n"
    );
}

/// A package that has the crate from another one of its workspace, or from its own root.
#[test]
fn a_crate_that_another_one_hands_on_is_followed() {
    let names = [("core", "my-core")].map(|(name, package)| (name.to_owned(), package.to_owned()));
    let mut crates: crate::migrate::Crates = names.into_iter().collect();
    for by in ["core", "crate"] {
        crates.hands_on(by, "wasmtime_wasi", "wasmtime-wasi");
    }
    let ground = crate::migrate::tests::ground(&crates, 35, 36);
    for (before, after) in [
        (
            "use core::wasmtime_wasi::p2::{WasiCtx, pipe::MemoryOutputPipe};",
            "use core::wasmtime_wasi::p2::pipe::MemoryOutputPipe;\nuse core::wasmtime_wasi::WasiCtx;",
        ),
        (
            "fn f() -> crate::wasmtime_wasi::p2::WasiCtx { core::wasmtime_wasi::p2::WasiCtx::new() }",
            "fn f() -> crate::wasmtime_wasi::WasiCtx { core::wasmtime_wasi::WasiCtx::new() }",
        ),
        (
            "use core::{a, wasmtime_wasi}; fn f(c: wasmtime_wasi::p2::WasiCtx) {}",
            "use core::{a, wasmtime_wasi}; fn f(c: wasmtime_wasi::WasiCtx) {}",
        ),
        (
            "use crate::wasmtime_wasi::p2 as w; fn f(c: w::WasiCtx) {}",
            "use crate::wasmtime_wasi::p2 as w; fn f(c: crate::wasmtime_wasi::WasiCtx) {}",
        ),
        (
            "use crate::wasi::p2::WasiCtx; fn f(c: other::wasmtime_wasi::p2::WasiCtx) {}",
            "use crate::wasi::p2::WasiCtx; fn f(c: other::wasmtime_wasi::p2::WasiCtx) {}",
        ),
    ] {
        let tokens = Tokens::read(before).unwrap();
        let edits = relocate(&tokens, before, &ground).edits;
        assert_eq!(edited(before, edits), after);
    }
}
