//! Which world is chosen, and what is said about it. Each test is one rule.

use super::*;

#[test]
fn interfaces_bring_the_ones_whose_types_they_use() {
    let shape = shape(&empty(), &inline(GREETER));
    assert_eq!(
        names(&shape.imports),
        ["demo:greeter/names@1.2.0", "demo:greeter/log@1.2.0"]
    );
    assert!(shape.imports[0].is_only_types());
    assert_eq!(
        shape.imports[1],
        WorldItem::Interface {
            name: "demo:greeter/log@1.2.0".to_owned(),
            functions: vec![sync("write")],
            resources: Vec::new(),
            types: vec!["name".to_owned()],
        }
    );
}

#[test]
fn a_world_is_named_short_or_in_full() {
    let wit = "package a:b@1.0.0; world v {} world w { import f: func(); }";
    let files = empty().with_file("/p/wit/w.wit", wit);
    for name in ["w", "a:b/w", "a:b/w@1.0.0"] {
        assert_eq!(shape(&files, &format!("({name:?})")).world, "a:b/w@1.0.0");
    }
    for (name, wrong) in [
        ("x", "World `x` not found in package `a:b@1.0.0`"),
        ("a:c/w", "unknown package `a:c`"),
        ("a:b/w@2.0.0", "unknown package `a:b@2.0.0`"),
        ("", "failed to parse world specifier ``"),
    ] {
        assert!(
            reason(&files, &format!("({name:?})")).starts_with(wrong),
            "{name}"
        );
    }
    assert!(reason(&files, "()").starts_with("There are multiple worlds in `a:b@1.0.0`"));
}

#[test]
fn of_several_packages_the_world_is_named_in_full() {
    let files = empty()
        .with_file("/p/a.wit", "package a:a; world w {}")
        .with_file("/p/b.wit", "package b:b; world w { import f: func(); }")
        .with_file("/p/c.wit", "package c:c; interface i {}");
    let both = |world: &str| format!("({{ path: [\"a.wit\", \"b.wit\"]{world} }})");
    assert_eq!(shape(&files, &both(", world: \"b:b/w\"")).world, "b:b/w");
    for world in ["", ", world: \"w\""] {
        assert!(reason(&files, &both(world)).starts_with("There are multiple main packages"));
    }
    // Up to release 36 the only world there is needs no name.
    assert_eq!(
        shape(&files, "({ path: [\"c.wit\", \"b.wit\"] })").world,
        "b:b/w"
    );
}

#[test]
fn inline_wit_beside_a_path_holds_the_world() {
    let files = empty().with_file("/p/dep/i.wit", "package a:b; interface i {} world other {}");
    let arguments = "({ path: \"dep\", inline: \"package c:d; world w { import a:b/i; }\" })";
    assert_eq!(shape(&files, arguments).world, "c:d/w");
    let arguments = "({ path: \"dep\", inline: \"package c:d;\", world: \"a:b/other\" })";
    assert_eq!(shape(&files, arguments).world, "a:b/other");
}

#[test]
fn the_option_interfaces_makes_a_world_of_its_own() {
    let files = empty().with_file("/p/wit/i.wit", "package a:b; interface i { f: func(); }");
    let made = shape(&files, "({ path: \"wit\", interfaces: \"import a:b/i;\" })");
    assert_eq!(
        made.world,
        "wasmtime:component-macro-synthesized/interfaces"
    );
    assert_eq!(names(&made.imports), ["a:b/i"]);
    assert_eq!(
        made,
        shape(&files, "({ interfaces: \"import a:b/i; // here\" })")
    );
}

#[test]
fn an_included_world_counts_as_if_it_stood_there() {
    let wit =
        "package a:b; interface i {} world base { import i; import f: func(); export g: func(); }
        world w { include base with { f as h } import k: func(); }";
    let shape = shape(&empty(), &inline(wit).replace("})", ", world: \"w\" })"));
    assert_eq!(names(&shape.imports), ["a:b/i", "k", "h"]);
    assert_eq!(names(&shape.exports), ["g"]);
}

#[test]
fn functions_of_resources_are_spelled_as_in_the_options() {
    let wit = "package a:b; interface i { resource r {
            constructor(); f: func(); g: static func(); h: async func(); k: static async func(); } }
        world w { import i; use i.{r}; import s: func(x: borrow<r>); resource file { f: func(); } }";
    let shape = shape(&empty(), &inline(wit));
    let WorldItem::Interface {
        functions,
        resources,
        types,
        ..
    } = &shape.imports[0]
    else {
        panic!("{shape:?}");
    };
    let spelled: Vec<_> = functions
        .iter()
        .map(|f| (f.name.as_str(), f.is_async))
        .collect();
    assert_eq!(
        spelled,
        [
            ("[constructor]r", false),
            ("[method]r.f", false),
            ("[static]r.g", false),
            ("[method]r.h", true),
            ("[static]r.k", true),
        ]
    );
    assert_eq!(
        (resources.as_slice(), types.as_slice()),
        (&["r".to_owned()][..], &[][..])
    );
    // A type that is used stands in the world under its name, a resource of the world's own too.
    assert!(
        shape.imports.contains(&WorldItem::Type("r".to_owned())),
        "{shape:?}"
    );
    assert!(
        shape
            .imports
            .contains(&WorldItem::Resource("file".to_owned())),
        "{shape:?}"
    );
    assert!(
        shape
            .imports
            .contains(&WorldItem::Function(sync("[method]file.f"))),
        "{shape:?}"
    );
}

#[test]
fn an_async_func_is_known_by_its_plain_name() {
    let wit =
        "package a:b; world w { import f: async func(); export g: async func() -> stream<u8>; }";
    let shape = shape(&empty(), &inline(wit));
    let asynchronous = |name: &str| {
        WorldItem::Function(WitFunction {
            name: name.to_owned(),
            is_async: true,
        })
    };
    assert_eq!(shape.imports, [asynchronous("f")]);
    assert_eq!(shape.exports, [asynchronous("g")]);
    assert!(!shape.imports_interface());
}

#[test]
fn an_interface_inside_the_world_has_its_name_there() {
    let wit = "package a:b@1.0.0; interface far { g: func(); }
        world w { import x: interface { f: func(); } import y: far; export x: interface { f: func(); } }";
    let shape = shape(&empty(), &inline(wit));
    assert_eq!(names(&shape.imports), ["x", "y"]);
    assert_eq!(names(&shape.exports), ["x"]);
    assert!(shape.imports_interface() && !shape.imports[0].is_only_types());
}

#[test]
fn unstable_items_count_as_present() {
    let wit = "package a:b; interface i { @unstable(feature = x) f: func(); g: func(); }
        world w { import i; @unstable(feature = y) import h: func(); }";
    let shape = shape(&empty(), &inline(wit));
    assert_eq!(names(&shape.imports), ["a:b/i", "h"]);
    assert!(
        matches!(&shape.imports[0], WorldItem::Interface { functions, .. } if functions.len() == 2)
    );
}
