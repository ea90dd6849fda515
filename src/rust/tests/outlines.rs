//! What a file says about its modules is the same whether all of it is read or nothing else.

use crate::rust::source::FileFacts;

/// Every `mod` of a text: its name, where it stands, what its attributes say, whether it has braces.
fn modules(file: &FileFacts) -> Vec<String> {
    let scopes = file.facts().scopes.iter();
    let modules = scopes.flat_map(|scope| &scope.modules);
    let mut shown = Vec::from_iter(modules.map(|module| {
        let (start, inline) = (module.span.start.0, module.inline.is_some());
        format!(
            "{start} {} {:?} {:?} {inline}",
            module.name, module.path, module.cfg
        )
    }));
    shown.sort();
    shown
}

#[test]
fn odd_places_of_modules_are_found() {
    for (text, count) in [
        (
            "mod a; pub(crate) mod b { mod c; } #[cfg(test)] mod d {}",
            4,
        ),
        ("fn f() { if x { mod a; } } impl X { fn g() { mod b; } }", 2),
        ("const A: u8 = { mod a { pub const B: u8 = 1; } a::B };", 1),
        ("macro_rules! m { () => { mod a; } } m! { mod b; }", 0),
        (
            "struct A { a: u8 } enum B { C { d: u8 } } use x::{y, z}; mod e;",
            1,
        ),
        ("#[path = \"x.rs\"] mod a; fn f() {} mod r#mod {}", 2),
        ("fn f() {}mod a;", 1),
    ] {
        let whole = modules(&FileFacts::read("a.rs", text).unwrap());
        assert_eq!(whole.len(), count, "{text}");
        let alone = modules(&FileFacts::read_modules("a.rs", text, None).unwrap());
        assert_eq!(alone, whole, "{text}");
    }
}

#[test]
fn every_source_of_this_project_has_the_same_modules_both_ways() {
    let mut compared = 0;
    for entry in ignore::Walk::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")) {
        let entry = entry.unwrap();
        if entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "rs")
        {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let whole = modules(&FileFacts::read("a.rs", &text).unwrap());
            let alone = modules(&FileFacts::read_modules("a.rs", &text, None).unwrap());
            assert_eq!(alone, whole, "{}", entry.path().display());
            compared += whole.len();
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn what_is_no_rust_has_no_modules_either() {
    for text in [
        "mod a; fn f( {",
        "mod a; {{ name }}",
        "mod ;",
        "mod a; hello",
    ] {
        assert!(FileFacts::read("a.rs", text).is_err(), "{text}");
        assert!(
            FileFacts::read_modules("a.rs", text, None).is_err(),
            "{text}"
        );
    }
}
