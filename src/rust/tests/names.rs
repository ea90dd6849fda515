//! What names mean.

use super::{Workspace, answer, check};

#[test]
fn stores_under_other_names() {
    check(
        &[
            (
                "use wasmtime::Store; fn f(s: Store<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "use wasmtime::{self, Store as S}; fn f(s: S<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "use wasmtime as wt; fn f(s: &wt::Store<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "extern crate wasmtime as wt; use wt::*; fn f(s: &Store<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "use wasmtime::*; fn f(s: Store<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "fn f(s: ::wasmtime::Store<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "fn f() { use wasmtime::Store; let s: Store<std::rc::Rc<u8>>; }",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "mod p { pub use wasmtime::Store; } use p::Store; fn f(s: Store<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "mod p { pub use wasmtime::*; } use p::*; fn f(s: Store<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "use foreign::wasmtime::Store; fn f(s: Store<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "type Mine<T> = wasmtime::Store<T>; fn f(s: Mine<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at Mine<std::rc::Rc<u8>>",
            ),
            (
                "struct Host<T> { s: wasmtime::Store<T> } fn f(h: Host<std::rc::Rc<u8>>) {}",
                "not Send: `Rc` is never `Send` at Host<std::rc::Rc<u8>>",
            ),
            (
                "type r#type = u8; use wasmtime::Store as r#Store; fn f(s: Store<r#type>) {}",
                "Send",
            ),
        ],
        answer,
    );
}

#[test]
fn stores_that_are_not_wasmtimes() {
    check(
        &[
            (
                "struct Store<T>(T); fn f(s: Store<std::rc::Rc<u8>>) {}",
                "no store",
            ),
            (
                "use redux::Store; fn f(s: Store<std::rc::Rc<u8>>) {}",
                "no store",
            ),
            (
                "use wasmtime::Engine; mod m { pub struct Store<T>(T); } use m::*; fn f(s: Store<std::rc::Rc<u8>>) {}",
                "no store",
            ),
            // A definition hides what a `*` brings in.
            (
                "use wasmtime::*; struct Store<T>(T); fn f(s: Store<std::rc::Rc<u8>>) {}",
                "no store",
            ),
            (
                "use wasmtime::Store; fn f() { struct Store<T>(T); let s: Store<std::rc::Rc<u8>>; }",
                "no store",
            ),
            (
                "use wasmtime::Store; mod m { struct Store<T>(T); fn f(s: Store<std::rc::Rc<u8>>) {} }",
                "no store",
            ),
            (
                "use wasmtime::component::*; struct Other; fn f(s: Other) {}",
                "no store",
            ),
            (
                "use foreign::*; fn f(s: Store<u8>) {}",
                "undecidable: this may be Wasmtime's `Store`: `Store` is not defined in the files at hand at Store<u8>",
            ),
        ],
        answer,
    );
}

#[test]
fn a_dependency_under_another_name() {
    let files = [(
        "src/main.rs",
        "use wt::Store; fn f(s: Store<std::rc::Rc<u8>>) {}",
    )];
    let workspace = Workspace::with_dependencies(&files, &["wt=wasmtime"]);
    assert_eq!(
        workspace.answer(),
        "not Send: `Rc` is never `Send` at std::rc::Rc<u8>"
    );
    let workspace = Workspace::with_dependencies(&files, &["wt=wiretap"]);
    assert_eq!(workspace.answer(), "no store");
}

#[test]
fn modules_and_imports_in_one_file() {
    check(
        &[
            (
                "mod a { pub mod b { pub struct State(super::super::c::P); } } mod c { pub type P = std::rc::Rc<u8>; } fn f(s: wasmtime::Store<a::b::State>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "mod a { pub use self::b::*; mod b { pub use super::super::c::P as Q; } } mod c { pub type P = std::rc::Rc<u8>; } fn f(s: wasmtime::Store<a::Q>) {}",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "use crate::a::{self, b::{self as bb, P}}; mod a { pub mod b { pub type P = bb2::R; use std::rc as bb2; use bb2::Rc; pub struct R2; } } fn f(s: wasmtime::Store<(P, a::b::R2)>) {}",
                "undecidable: `std::rc::R` is not known here to be `Send` or not at bb2::R",
            ),
            (
                "mod m { use super::*; fn f(s: Store<State>) {} } use wasmtime::Store; struct State(std::rc::Rc<u8>);",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            // Modules that import one another round and round.
            (
                "mod a { pub use super::b::*; } mod b { pub use super::a::*; pub struct State(u8); } use a::*; fn f(s: wasmtime::Store<State>) {}",
                "Send",
            ),
            (
                "mod a { pub use super::b::X as Y; } mod b { pub use super::a::Y as X; } fn f(s: wasmtime::Store<a::Y>) {}",
                "undecidable: `a::Y` is not defined in the files at hand at a::Y",
            ),
            (
                "pub use m::State; mod m { use crate::State as S; pub struct State(u8); fn f(s: wasmtime::Store<S>) {} }",
                "Send",
            ),
            // What a block defines is seen in the block only.
            (
                "fn f() { struct State(std::rc::Rc<u8>); let s: wasmtime::Store<State>; }",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "struct State(u8); fn g() { struct State(std::rc::Rc<u8>); } fn f(s: wasmtime::Store<State>) {}",
                "Send",
            ),
            (
                "struct State(u8); fn f() { if true { struct State(std::rc::Rc<u8>); for _ in 0..1 { let s: wasmtime::Store<State>; } } }",
                "not Send: `Rc` is never `Send` at std::rc::Rc<u8>",
            ),
            (
                "#![allow(x)] fn f() { use std::rc::*; let s: wasmtime::Store<Rc<u8>>; }",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            // A type of one's own called like one of the standard library.
            (
                "struct Rc<T>(T); struct State(Rc<u8>); fn f(s: wasmtime::Store<State>) {}",
                "Send",
            ),
            (
                "struct String(*const u8); fn f(s: wasmtime::Store<String>) {}",
                "not Send: a raw pointer is not `Send` at *const u8",
            ),
        ],
        answer,
    );
}

fn files(files: &[(&str, &str)]) -> String {
    Workspace::new(files).answer()
}

#[test]
fn modules_in_files() {
    let main = "mod host; fn f(s: wasmtime::Store<host::State>) {}";
    let held = "pub struct State(std::rc::Rc<u8>);";
    let culprit = "not Send: `Rc` is never `Send` at std::rc::Rc<u8>";
    assert_eq!(
        files(&[("src/main.rs", main), ("src/host.rs", held)]),
        culprit
    );
    assert_eq!(
        files(&[("src/main.rs", main), ("src/host/mod.rs", held)]),
        culprit
    );
    let outer = "pub mod inner; pub use inner::State;";
    assert_eq!(
        files(&[
            ("src/main.rs", main),
            ("src/host.rs", outer),
            ("src/host/inner.rs", held)
        ]),
        culprit
    );
    assert_eq!(
        files(&[
            ("src/main.rs", main),
            ("src/host/mod.rs", outer),
            ("src/host/inner.rs", held)
        ]),
        culprit
    );
    let inline = "mod host { pub mod deep; pub use self::deep::State; } fn f(s: wasmtime::Store<host::State>) {}";
    assert_eq!(
        files(&[("src/main.rs", inline), ("src/host/deep.rs", held)]),
        culprit
    );
    let path = "#[path = \"../other/x.rs\"] mod host; fn f(s: wasmtime::Store<host::State>) {}";
    assert_eq!(
        files(&[
            ("src/main.rs", path),
            ("other/x.rs", outer),
            ("other/inner.rs", held)
        ]),
        culprit
    );
}

#[test]
fn files_that_are_missing_broken_or_in_a_circle() {
    let main = "mod host; fn f(s: wasmtime::Store<host::State>) {}";
    assert_eq!(
        files(&[("src/main.rs", main)]),
        "undecidable: the file of module `host` is not at hand at host::State"
    );
    assert_eq!(
        files(&[
            ("src/main.rs", main),
            ("src/host.rs", "struct State {\n  a: ,\n}")
        ]),
        "undecidable: src/host.rs:2:6 can't be read as Rust: expected a type at host::State"
    );
    let unused = "mod host; fn f(s: wasmtime::Store<u8>) {}";
    assert_eq!(
        files(&[("src/main.rs", unused), ("src/host.rs", "}")]),
        "unread: src/host.rs:1:1 can't be read as Rust: this delimiter closes nothing that is open"
    );
    assert_eq!(
        files(&[
            ("src/main.rs", main),
            (
                "src/host.rs",
                "#[path = \"host.rs\"] mod host; pub use self::host::State;"
            )
        ]),
        "undecidable: module `host` includes itself at host::State"
    );
    assert_eq!(
        files(&[("src/main.rs", "fn main( {")]),
        "unread: src/main.rs:1:10 can't be read as Rust: this delimiter is never closed"
    );
}

#[test]
fn types_of_other_packages() {
    let util = "pub mod state { pub struct State(pub std::rc::Rc<u8>); } pub use state::State; pub struct Plain;
pub type Keep<T> = wasmtime::Store<T>; fn f(s: wasmtime::Store<u8>) {}";
    let culprit = "not Send: `Rc` is never `Send` at std::rc::Rc<u8>";
    let with = |main: &str| files(&[("src/main.rs", main), ("util/src/lib.rs", util)]);
    assert_eq!(with("fn f(s: wasmtime::Store<util::State>) {}"), culprit);
    assert_eq!(
        with("use util::*; fn f(s: wasmtime::Store<State>) {}"),
        culprit
    );
    assert_eq!(
        with("use util::{state as s, Keep}; fn f(s: Keep<s::State>) {}"),
        culprit
    );
    assert_eq!(with("fn f(s: wasmtime::Store<util::Plain>) {}"), "Send");
    // The stores of `util` are no stores of `app`.
    assert_eq!(with("fn main() {}"), "no store");
}

#[test]
fn a_program_uses_its_own_library() {
    let lib = "pub struct State(std::rc::Rc<u8>);";
    let main = "use app::State; fn f(s: wasmtime::Store<State>) {}";
    assert_eq!(
        files(&[("src/lib.rs", lib), ("src/main.rs", main)]),
        "not Send: `Rc` is never `Send` at std::rc::Rc<u8>"
    );
}
