//! Texts that are no Rust, or more of it than anybody writes.

use super::{answer, check, failure};
use crate::rust::source::{FileFacts, MAX_SOURCE_BYTES};

#[test]
fn a_broken_file_fails_at_the_place_that_is_broken() {
    check(
        &[
            ("struct A {\n  a: ,\n}", "2:6 expected a type"),
            (
                "struct A { a }",
                "1:14 expected `:` behind the name of a field",
            ),
            (
                "struct A { a: u8 b: u8 }",
                "1:18 expected `,` between fields",
            ),
            ("struct A", "1:9 expected the fields of the type"),
            ("struct", "1:7 expected a name"),
            ("struct A(u8)", "1:13 expected `;` behind the type"),
            ("enum A { B(u8) C }", "1:16 expected `,` between variants"),
            ("enum A;", "1:7 expected the variants of the enum"),
            (
                "type A = Vec<u8;",
                "1:16 expected `>` or `,` behind a type argument",
            ),
            ("type A = (u8 u8);", "1:14 expected `,` between types"),
            ("use a::;", "1:8 expected a name to import"),
            ("use {a b};", "1:8 expected `,` between imports"),
            ("use a", "1:6 expected `;` behind the import"),
            ("fn f(", "1:5 this delimiter is never closed"),
            ("fn f() }", "1:8 this delimiter closes nothing that is open"),
            ("fn f()", "1:7 expected the body of the function"),
            (
                "fn f<T(x: T) {}",
                "1:7 expected `>` or `,` behind a type parameter",
            ),
            (
                "let x = 1;",
                "1:1 expected an item such as `fn`, `struct` or `use`",
            ),
            (
                "fn f() {}\n  ?",
                "2:3 expected an item such as `fn`, `struct` or `use`",
            ),
            (
                "mod a",
                "1:6 expected `;` or `{` behind the name of a module",
            ),
            ("impl A for {}", "1:12 expected a type"),
            (
                "impl u8 for A { x }",
                "1:17 expected a function, a type or a constant",
            ),
            (
                "impl &A for B {}",
                "1:13 expected the name of a trait before `for`",
            ),
            ("fn f() { \"ü\n\n }", "1:10 this literal does not end"),
            ("fn f() { /* \n }", "1:10 this comment does not end"),
            (
                "fn f() { \u{1} }",
                "1:10 '\\u{1}' does not start a Rust token",
            ),
        ],
        |text| {
            failure(text).map_or("read".to_owned(), |f| {
                format!("{} {}", f.position, f.message)
            })
        },
    );
}

#[test]
fn what_is_no_rust_at_all() {
    for text in [
        "\0",
        "\u{feff}\u{feff}",
        "<html>",
        "{\"a\": 1}",
        "PK\u{3}\u{4}",
        "[package]\nname = \"a\"",
        "'",
        "r#\"",
        "/*",
        "#![",
    ] {
        assert!(failure(text).is_some(), "{text:?}");
    }
}

#[test]
fn new_syntax_in_bodies_does_no_harm() {
    let text = "fn f() { let x = do yeet <- 1 => ~@ `a`; x.call_run(s); }".replace('`', "");
    assert_eq!(
        FileFacts::read("a.rs", &text).unwrap().export_calls().len(),
        1
    );
}

/// Runs on a thread with the stack that threads have by default, 2 MiB.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(work).unwrap().join().unwrap();
}

#[test]
fn types_nested_without_measure_are_refused() {
    for (open, close) in [
        ("Box<", ">"),
        ("(", ",)"),
        ("[", "]"),
        ("&", ""),
        ("*const ", ""),
        ("fn() -> ", ""),
        ("<", " as A>::B"),
        ("impl Fn() -> ", ""),
        ("dyn A<B = ", ">"),
        ("Box<dyn Fn(", ")>"),
    ] {
        on_a_small_stack(move || {
            let ty = format!("{}u8{}", open.repeat(10_000), close.repeat(10_000));
            let failure = failure(&format!("struct A {{ a: {ty} }}")).unwrap();
            assert_eq!(failure.message, "nested deeper than 128 levels", "{open}");
            let inside =
                format!("fn f() {{ let x: wasmtime::Store<{ty}>; g(Store::new(e, {ty})); }}");
            assert!(FileFacts::read("a.rs", &inside).is_ok(), "{open}");
        });
    }
}

#[test]
fn a_hundred_levels_are_fine() {
    on_a_small_stack(|| {
        let ty = format!("{}std::rc::Rc<u8>{}", "Box<".repeat(100), ">".repeat(100));
        let text = format!("struct A({ty}); fn f(s: wasmtime::Store<A>) {{}}");
        assert_eq!(
            answer(&text),
            "not Send: `Rc` is never `Send` at std::rc::Rc<u8>"
        );
    });
}

#[test]
fn code_nested_without_measure_is_read_or_refused() {
    on_a_small_stack(|| {
        let many = 10_000;
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("{", "", "}"),
            ("if a { b } else ", "{}", ""),
            ("!", "a", ""),
            ("&", "a", ""),
            ("a + ", "a", ""),
            ("a.b().", "c", ""),
            ("|x| ", "x", ""),
            ("a(", "", ")"),
            ("vec![", "", "]"),
            ("match a { b => ", "c", "}"),
            ("Some(", "1", ")"),
            ("A { b: ", "1", "}"),
        ] {
            let value = format!("{}{middle}{}", open.repeat(many), close.repeat(many));
            let text = format!(
                "fn f() {{ let x = {value}; wasmtime::Store::new(e, x); wasmtime::Store::new(e, {value}); }}"
            );
            assert!(answer(&text).starts_with("undecidable"), "{open}");
        }
        let items = format!("{}{}", "fn f() { ".repeat(many), "}".repeat(many));
        assert_eq!(
            failure(&items).unwrap().message,
            "nested deeper than 128 levels"
        );
        let blocks = format!(
            "fn f() {{ {}{} }}",
            "{ struct A;".repeat(many),
            "}".repeat(many)
        );
        assert_eq!(
            failure(&blocks).unwrap().message,
            "nested deeper than 128 levels"
        );
        let modules = format!("{}{}", "mod m { ".repeat(many), "}".repeat(many));
        assert_eq!(
            failure(&modules).unwrap().message,
            "nested deeper than 128 levels"
        );
        let imports = format!("use {}a{};", "a::{".repeat(many), "}".repeat(many));
        assert_eq!(
            failure(&imports).unwrap().message,
            "nested deeper than 128 levels"
        );
    });
}

#[test]
fn definitions_that_lead_on_and_on_come_to_an_end() {
    on_a_small_stack(|| {
        let chain: String = (0..20_000)
            .map(|n| format!("struct S{n}(S{});", n + 1))
            .collect();
        let text = format!("{chain} fn f(s: wasmtime::Store<S0>) {{}}");
        assert_eq!(
            answer(&text),
            "undecidable: it has more than 10000 parts at S9999"
        );
        let aliases: String = (0..200)
            .map(|n| format!("type A{n}<T> = A{}<(T, T)>;", n + 1))
            .collect();
        let text = format!("{aliases} type A200<T> = T; fn f(s: wasmtime::Store<A0<u8>>) {{}}");
        assert!(answer(&text).starts_with("undecidable: the type grows without end"));
        assert!(!answer("type A = A; fn f(s: wasmtime::Store<A>) {}").is_empty());
        let variables: String = (0..40)
            .map(|n| format!("let x{} = (x{n}, x{n}, x{n});", n + 1))
            .collect();
        let text = format!("fn f() {{ let x0 = 1; {variables} wasmtime::Store::new(e, x40); }}");
        assert!(answer(&text).starts_with("undecidable"));
    });
}

#[test]
fn modules_that_all_import_one_another_come_to_an_end() {
    let globs: String = (0..30)
        .map(|n| format!("pub use super::m{n}::*;"))
        .collect();
    let modules: String = (0..30)
        .map(|n| format!("pub mod m{n} {{ {globs} }}"))
        .collect();
    let text = format!("{modules} use m0::*; fn f(s: wasmtime::Store<Missing>) {{}}");
    assert_eq!(
        answer(&text),
        "undecidable: `Missing` is not defined in the files at hand at Missing"
    );
}

#[test]
fn a_file_that_is_too_long_is_refused_and_one_below_is_read() {
    let array = |bytes: usize| format!("const A: &[u8] = &[{}];", "1, ".repeat(bytes / 3));
    let failure = failure(&array(50 << 20)).unwrap();
    assert_eq!(
        failure.message,
        "52428819 bytes are too many to read; the limit is 4194304"
    );
    assert!(FileFacts::read("a.rs", &array(MAX_SOURCE_BYTES / 2)).is_ok());
}

/// In quadratic time this would take an hour.
#[test]
fn type_arguments_that_never_close_come_to_an_end() {
    let text = format!("fn f() {{ {} }}", "A<".repeat(100_000));
    assert!(FileFacts::read("a.rs", &text).is_ok());
}
