//! Places are bytes of the text as it was given.

use super::{Workspace, answer};
use crate::rust::source::FileFacts;

const CODE: &str = "use std::rc::Rc;\nstruct Zustand { größe: Rc<u8> }\nfn f(s: wasmtime::Store<Zustand>) { x.call_run(s); }\n";
const CULPRIT: &str = "not Send: `Rc` is never `Send` at Rc<u8>";

#[test]
fn what_stands_in_front_of_the_code_moves_nothing() {
    let inner = format!("#![allow(dead_code)]\n{CODE}");
    let commented = format!("#! /* a */ // b\n [allow(dead_code)]\n{CODE}");
    for text in [
        CODE.to_owned(),
        format!("\u{feff}{CODE}"),
        format!("#!/usr/bin/env rust-script é\n{CODE}"),
        format!("\u{feff}#!/usr/bin/env rust-script é\r\n{CODE}"),
        format!("\u{feff}{inner}"),
        CODE.replace('\n', "\r\n"),
        format!("//! “Anführung”\r\n/* /* ü */ */{CODE}"),
        inner,
        commented,
    ] {
        assert_eq!(answer(&text), CULPRIT, "{text}");
        let facts = FileFacts::read("a.rs", &text).unwrap();
        let call = &facts.export_calls()[0];
        assert_eq!(call.span.text(&text), "call_run", "{text}");
    }
}

#[test]
fn a_file_that_is_nothing_but_a_shebang() {
    for text in [
        "#!",
        "#!/bin/sh",
        "\u{feff}#!/bin/sh",
        "#!\n",
        "",
        "\u{feff}",
        "#![x]",
    ] {
        assert!(FileFacts::read("a.rs", text).is_ok(), "{text:?}");
    }
}

#[test]
fn raw_names_are_the_names() {
    let source =
        "struct r#struct { r#type: std::rc::Rc<u8> } fn f(s: wasmtime::Store<r#struct>) {}";
    let workspace = Workspace::new(&[("src/main.rs", source)]);
    assert_eq!(
        workspace.answer(),
        "not Send: `Rc` is never `Send` at std::rc::Rc<u8>"
    );
    assert_eq!(
        workspace.via(),
        ["field `type` of `struct` at std::rc::Rc<u8>"]
    );
}

#[test]
fn reading_one_file_does_not_disturb_another() {
    let first = FileFacts::read("a.rs", "fn f() { x.call_a(s); }").unwrap();
    let second = FileFacts::read("b.rs", "\n\nfn f() { x.call_b(s); }").unwrap();
    assert_eq!(first.export_calls()[0].span.start.0, 11);
    assert_eq!(second.export_calls()[0].span.start.0, 13);
}
