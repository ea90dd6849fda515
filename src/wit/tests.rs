//! Which WIT is read, and what comes of WIT that can't be. Each test is one rule.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::*;
use crate::tokens::Tokens;
use crate::world::MemoryWorld;

mod worlds;

const GREETER: &str = "package demo:greeter@1.2.0;
interface names { type name = string; record visit { who: name } }
interface log { use names.{name}; write: func(who: name); }
world host { import log; export greet: func(who: string); }
";

/// The answer for the invocation `bindgen!<arguments>` in the package at `/p`.
fn answer(files: &MemoryWorld, arguments: &str) -> WitAnswer {
    let source = format!("wasmtime::component::bindgen!{arguments};");
    let crates = BTreeSet::from(["wasmtime".to_owned()]);
    let found = crate::bindgen::find(&Tokens::read(&source).unwrap(), &crates);
    Wits::new(files, Utf8Path::new("/p"))
        .read(Utf8Path::new("/p"), &found[0])
        .answer()
        .clone()
}

fn shape(files: &MemoryWorld, arguments: &str) -> WorldShape {
    match answer(files, arguments) {
        WitAnswer::Read(shape) => shape,
        WitAnswer::Unknown { reason } => panic!("{arguments}: {reason}"),
    }
}

fn reason(files: &MemoryWorld, arguments: &str) -> String {
    match answer(files, arguments) {
        WitAnswer::Read(shape) => panic!("{arguments}: {shape:?}"),
        WitAnswer::Unknown { reason } => reason,
    }
}

/// The arguments of an invocation with nothing but `inline`.
fn inline(wit: &str) -> String {
    format!("({{ inline: {wit:?} }})")
}

fn empty() -> MemoryWorld {
    MemoryWorld::new().with_dir("/p")
}

fn names(items: &[WorldItem]) -> Vec<&str> {
    items.iter().map(WorldItem::name).collect()
}

fn sync(name: &str) -> WitFunction {
    WitFunction {
        name: name.to_owned(),
        is_async: false,
    }
}

#[test]
fn inline_wit_needs_no_file() {
    let shape = shape(&empty(), &inline(GREETER));
    assert_eq!(shape.world, "demo:greeter/host@1.2.0");
    assert_eq!(shape.exports, [WorldItem::Function(sync("greet"))]);
    assert!(shape.imports_interface());
}

#[test]
fn a_raw_string_is_read_as_the_macro_reads_it() {
    let arguments =
        "({ inline: r#\"package a:b; /* \"quoted\" \\ */ world w { import f: func(); }\"# })";
    assert_eq!(names(&shape(&empty(), arguments).imports), ["f"]);
    let continued = "({ inline: \"package a:b; \\\n   world \\u{77} {}\" })";
    assert_eq!(shape(&empty(), continued).world, "a:b/w");
}

#[test]
fn a_folder_is_one_package_and_its_deps() {
    let files = MemoryWorld::new()
        .with_file(
            "/p/wit/world.wit",
            "package a:b; world w { import i; import clock:c/now@0.1.0; import log:l/out; }",
        )
        .with_file("/p/wit/more.wit", "interface i { f: func(); }")
        .with_file("/p/wit/README.md", "no WIT")
        .with_file(
            "/p/wit/deps/clock/now.wit",
            "package clock:c@0.1.0; interface now { type time = u64; }",
        )
        .with_file("/p/wit/deps/clock/deps/x/x.wit", "not looked at")
        .with_file(
            "/p/wit/deps/log.wit",
            "package log:l; interface out { use clock:c/now@0.1.0.{time}; put: func(at: time); }",
        )
        .with_file("/p/wit/deps/.DS_Store", [0xff]);
    for arguments in [
        "()",
        "(\"w\")",
        "(in \"wit\")",
        "(\"w\" in \"wit/\")",
        "({ path: \"./wit\" })",
    ] {
        let shape = shape(&files, arguments);
        assert_eq!(
            names(&shape.imports),
            ["a:b/i", "clock:c/now@0.1.0", "log:l/out"]
        );
    }
}

#[test]
fn a_path_may_lead_to_one_file_or_out_of_the_package() {
    let files = empty()
        .with_file("/shared/host.wit", GREETER)
        .with_link("/p/linked", "/shared")
        .with_link("/p/one.wit", "../shared/host.wit");
    for path in [
        "../shared/host.wit",
        "/shared",
        "../shared",
        "linked",
        "one.wit",
        "linked/host.wit",
    ] {
        let shape = shape(&files, &format!("(\"host\" in {path:?})"));
        assert_eq!(shape.world, "demo:greeter/host@1.2.0", "{path}");
    }
}

#[test]
fn paths_are_read_in_order_and_later_ones_see_earlier_ones() {
    let files = empty()
        .with_file(
            "/p/base/i.wit",
            "package a:base; interface i { f: func(); }",
        )
        .with_file("/p/app.wit", "package a:app; world w { import a:base/i; }");
    let shape = shape(
        &files,
        "({ path: [\"base\", \"app.wit\"], world: \"a:app/w\" })",
    );
    assert_eq!(names(&shape.imports), ["a:base/i"]);
    let wrong = reason(
        &files,
        "({ path: [\"app.wit\", \"base\"], world: \"a:app/w\" })",
    );
    assert!(
        wrong.starts_with("app.wit:1:33: package 'a:base' not found"),
        "{wrong}"
    );
}

#[test]
fn inline_wit_alone_may_need_the_default_folder_and_may_not() {
    let needs = inline("package c:d; world w { import a:b/i; }");
    let files = empty().with_file("/p/wit/i.wit", "package a:b; interface i {}");
    assert_eq!(names(&shape(&files, &needs).imports), ["a:b/i"]);
    let broken = empty().with_file("/p/wit/i.wit", "no WIT");
    assert_eq!(
        shape(&broken, &inline("package c:d; world w {}")).world,
        "c:d/w"
    );
    let wrong = reason(&broken, &needs);
    assert!(
        wrong.contains("inline WIT:1:31: package 'a:b' not found"),
        "{wrong}"
    );
    assert!(wrong.contains("wit/i.wit:1:1"), "{wrong}");
}

#[test]
fn broken_wit_names_the_place() {
    let files = empty()
        .with_file(
            "/p/wit/a.wit",
            "package a:b;\nworld w {\n  import f func();\n}",
        )
        .with_file(
            "/p/late.wit",
            "package a:b;\nworld w {\n  import missing;\n}",
        );
    let wrong = reason(&files, "()");
    assert!(wrong.starts_with("wit/a.wit:3:12: expected"), "{wrong}");
    let wrong = reason(&files, "(in \"late.wit\")");
    assert!(
        wrong.starts_with("late.wit:3:10: ") && wrong.contains("missing"),
        "{wrong}"
    );
    let wrong = reason(&files, &inline("package a:b;\nworld w {"));
    assert!(wrong.contains("inline WIT:2:10"), "{wrong}");
}

#[test]
fn what_is_missing_is_named_as_the_invocation_names_it() {
    let files = empty()
        .with_dir("/p/empty")
        .with_dir("/p/deep/deps/hollow")
        .with_file("/p/deep/a.wit", "package a:b; world w {}")
        .with_link("/p/dangling", "nowhere")
        .with_file("/p/latin.wit", b"package a:b; // \xe4");
    for (arguments, wrong) in [
        ("()", "`wit` does not exist"),
        ("(in \"../wit\")", "`../wit` does not exist"),
        ("(in \"dangling\")", "`dangling` does not exist"),
        ("(in \"empty\")", "no `*.wit` file is in `empty`"),
        ("(in \"deep\")", "no `*.wit` file is in `deep/deps/hollow`"),
        ("(in \"latin.wit\")", "`latin.wit` is not UTF-8"),
        ("({ path: PATH })", "`PATH` is not expected there"),
    ] {
        assert_eq!(reason(&files, arguments), wrong, "{arguments}");
    }
}

#[test]
fn compiled_packages_are_not_read() {
    let wasm = b"\0asm\x0d\0\x01\0";
    let files = empty()
        .with_file("/p/w.wasm", wasm)
        .with_file("/p/wit/w.wit", "package a:b; world w {}")
        .with_file("/p/wit/deps/io.wasm", wasm);
    let compiled = |path: &str| format!("`{path}` is a compiled WIT package, which is not read");
    assert_eq!(reason(&files, "(in \"w.wasm\")"), compiled("w.wasm"));
    assert_eq!(reason(&files, "()"), compiled("wit/deps/io.wasm"));
}

#[test]
fn a_template_is_not_guessed() {
    let source =
        "macro_rules! m { ($w:literal) => { wasmtime::component::bindgen!({ world: $w }); } }";
    let crates = BTreeSet::from(["wasmtime".to_owned()]);
    let found = crate::bindgen::find(&Tokens::read(source).unwrap(), &crates);
    let answer = Wits::new(&empty(), Utf8Path::new("/p"))
        .read(Utf8Path::new("/p"), &found[0])
        .answer()
        .clone();
    assert!(
        matches!(&answer, WitAnswer::Unknown { reason } if reason.contains('$')),
        "{answer:?}"
    );
    assert_eq!(answer.shape(), None);
}

#[test]
fn too_much_is_not_read() {
    let files = MemoryWorld::new().with_file("/p/wit/a.wit", vec![b' '; 8 * 1024 * 1024 + 1]);
    assert!(reason(&files, "()").contains("8388608 bytes"));
    let files = empty().with_file("/p/wit/a.wit", "package a:b;");
    for number in 0..1000 {
        files.put(format!("/p/wit/{number}.wit"), "");
    }
    assert!(reason(&files, "()").contains("1000 files"));
    let long = "x".repeat(10_000);
    assert!(reason(&files, &format!("(in \"{long}\")")).len() < 500);
}

#[test]
fn long_chains_need_no_deep_stack() {
    let chain = |length: usize, link: &dyn Fn(usize) -> String| {
        let links: String = (1..length).map(link).collect();
        format!("package a:b; interface i0 {{ type t = u8; }}\n{links}")
    };
    let uses = |k: usize| format!("interface i{k} {{ use i{}.{{t}}; }}\n", k - 1);
    let world = "world w { import i1990; export i1991; }";
    let files = empty().with_file("/p/a.wit", chain(1995, &uses) + world);
    let shape = shape(&files, "(in \"a.wit\")");
    assert_eq!((shape.imports.len(), shape.exports.len()), (1991, 1));
    files.put("/p/a.wit", chain(2000, &uses) + world);
    assert_eq!(
        reason(&files, "(in \"a.wit\")"),
        "it is more WIT than is read"
    );

    let types = |k: usize| format!("type t{k} = option<t{}>;", k - 1);
    let types: String = (1..19_000).map(types).collect();
    files.put(
        "/p/a.wit",
        format!("package a:b; world w {{ type t0 = u8; {types} export f: func() -> t18999; }}"),
    );
    assert!(answer(&files, "(in \"a.wit\")").shape().is_some());
}

#[test]
fn a_package_is_there_once() {
    let files = empty()
        .with_file("/p/a/a.wit", "package a:b; world w {}")
        .with_file("/p/b/b.wit", "package c:d;")
        .with_file("/p/b/deps/a.wit", "package a:b;");
    let arguments = "({ path: [\"a\", \"b\"], world: \"a:b/w\" })";
    assert_eq!(
        reason(&files, arguments),
        "the package `a:b` is there twice"
    );
    // In one folder the place is known.
    files.put("/p/b/deps/b.wit", "package a:b;");
    assert!(reason(&files, "(in \"b\")").contains("package `a:b` is defined in two"));
}

#[test]
fn a_parser_that_fails_is_an_answer() {
    let twice =
        "package a:b; world w { @unstable(feature = x) @unstable(feature = x) import c:d/e; }";
    assert!(reason(&empty(), &inline(twice)).starts_with("the WIT parser failed: "));
}

#[test]
fn no_text_makes_it_panic() {
    let files = empty();
    let wit = GREETER.replace(
        "world host {",
        "world host { include x:y/z; import n: interface { resource r { constructor(); } }",
    );
    for end in 0..wit.len() {
        let cut = &wit[..end];
        for text in [
            cut.to_owned(),
            format!("{cut}\u{0}{}", &wit[end..]),
            format!("{}{cut}", &wit[end..]),
        ] {
            files.put("/p/wit/a.wit", &text);
            files.put("/p/wit/deps/b.wit", &text);
            for arguments in ["()".to_owned(), format!("({text:?})"), inline(&text)] {
                if let WitAnswer::Unknown { reason } = answer(&files, &arguments) {
                    assert!(!reason.is_empty() && !reason.contains('\n'), "{reason}");
                    assert!(!reason.starts_with("the WIT parser failed"), "{reason}");
                }
            }
        }
    }
}
