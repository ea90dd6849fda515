//! Options in, options out.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;
use crate::bindgen::flags::Flags;
use crate::bindgen::model::Model;
use crate::edit::EditSet;
use crate::knowledge;
use crate::tokens::Tokens;
use crate::wit::Wits;
use crate::world::MemoryWorld;

fn run(options: &str, target: u64) -> (String, Vec<String>) {
    let text = format!("wasmtime::component::bindgen!({options});\n");
    let tokens = Tokens::read(&text).unwrap();
    let crates = BTreeSet::from(["wasmtime".to_owned()]);
    let invocation = crate::bindgen::find(&tokens, &crates).remove(0);
    let files = MemoryWorld::new();
    let wit = Wits::new(&files, camino::Utf8Path::new("/p"))
        .read(camino::Utf8Path::new("/p"), &invocation);
    let grammar = Grammar::parse(knowledge::file("bindgen-options.toml").unwrap()).unwrap();
    let result = rewrite(
        &invocation,
        &text,
        Line(target),
        &grammar,
        wit.answer().shape(),
    );
    let mut edits = EditSet::default();
    for edit in result.edits {
        edits.add(edit).unwrap();
    }
    let new = edits.apply(&text);
    let new = new
        .strip_prefix("wasmtime::component::bindgen!(")
        .and_then(|new| new.strip_suffix(");\n"))
        .unwrap();
    (
        new.to_owned(),
        result.remaining.into_iter().map(|r| r.what).collect(),
    )
}

#[test]
fn global_options_become_flags_from_36_on() {
    for (before, after) in [
        (
            "{ path: \"wit\", /* keep */ tracing: true, trappable_imports: true }",
            "{ path: \"wit\", /* keep */ imports: { default: tracing | trappable }, exports: { default: tracing } }",
        ),
        (
            "{ async: true }",
            "{ imports: { default: async }, exports: { default: async } }",
        ),
        (
            "{ async: { only_imports: [] }, trappable_imports: [] }",
            "{ exports: { default: async } }",
        ),
        (
            "{ async: { except_imports: [] } }",
            "{ imports: { default: async }, exports: { default: async } }",
        ),
        // What is said about them goes with them.
        (
            "{\n    // Everything.\n    async: { // as the guests do\n        // but for none\n        except_imports: [],\n    },\n}",
            "{\n    // Everything.\n    // as the guests do\n    // but for none\n    imports: { default: async },\n    exports: { default: async },\n}",
        ),
        (
            "{ async: /* all of it */ true }",
            "{ /* all of it */ imports: { default: async }, exports: { default: async } }",
        ),
        ("{ async: false, world: \"w\" }", "{ world: \"w\" }"),
        ("{ world: \"w\", async: false }", "{ world: \"w\" }"),
        ("{ world: \"w\", async: false, }", "{ world: \"w\", }"),
        (
            "{ world: \"w\", async: false, tracing: false }",
            "{ world: \"w\" }",
        ),
        (
            "{ async: true, with: { \"a:b/c\": x } }",
            "{ imports: { default: async }, exports: { default: async }, require_store_data_send: true, with: { \"a:b/c\": x } }",
        ),
    ] {
        assert_eq!(run(before, 36), (after.to_owned(), vec![]), "{before}");
    }
}

/// The bound is missing only where no asynchronous import is generated here (issue #11752).
#[test]
fn a_bound_is_asked_for_where_all_imports_are_taken_from_elsewhere() {
    let wit =
        "inline: \"package a:b; interface c { resource r; f: func(); } world w { import c; }\"";
    for (taken, asked) in [
        ("a:b/c", "require_store_data_send: true, "),
        ("a:b/c/r", ""),
    ] {
        let before = format!("{{ {wit}, async: true, with: {{ \"{taken}\": x }} }}");
        let after = format!(
            "{{ {wit}, imports: {{ default: async }}, exports: {{ default: async }}, {asked}with: {{ \"{taken}\": x }} }}"
        );
        assert_eq!(run(&before, 36), (after, vec![]));
    }
}

#[test]
fn layout_line_ends_and_comments_stay() {
    let before = "{\r\n    path: \"wit\", // where\r\n    async: true, // all of it\r\n    // why\r\n    tracing: false,\r\n    trappable_imports: true,\r\n}";
    let after = "{\r\n    path: \"wit\", // where\r\n    imports: { default: async | trappable },\r\n    exports: { default: async }, // all of it\r\n    // why\r\n}";
    assert_eq!(run(before, 48), (after.to_owned(), vec![]));
}

#[test]
fn a_comment_in_front_of_a_comma_stays_without_it() {
    for (before, after) in [
        (
            "{ world: \"w\", async: false /* why */ , }",
            "{ world: \"w\", /* why */  }",
        ),
        (
            "{ async: false // why\n, world: \"w\" }",
            "{ // why\n world: \"w\" }",
        ),
    ] {
        assert_eq!(run(before, 36), (after.to_owned(), vec![]), "{before}");
    }
}

#[test]
fn a_line_that_accepts_all_options_changes_nothing() {
    for (options, line) in [
        ("{ async: true, tracing: true }", 35),
        ("{ imports: { default: async } }", 36),
        ("\"world\" in \"wit\"", 48),
        (
            "{ require_store_data_send: false, async : { only_imports: [\"f\"] } }",
            33,
        ),
    ] {
        assert_eq!(
            run(options, line),
            (options.to_owned(), vec![]),
            "{options}"
        );
    }
}

#[test]
fn what_needs_the_wit_is_left_to_a_person_and_named() {
    for options in [
        "{ async: { only_imports: [\"f\"] } }",
        "{ async: true, trappable_imports: [\"f\"] }",
        "{ async: true, concurrent_imports: true }",
        "{ async: $flag }",
    ] {
        let (after, remaining) = run(options, 36);
        assert_eq!((after.as_str(), remaining.len()), (options, 1), "{options}");
    }
}

/// Found by fuzzing: an edit on options that are half understood made another mistake of them.
#[test]
fn options_that_are_not_in_the_macros_shape_are_left_alone() {
    let options = "features: [\"x\"]o trappabl#_imports: [\"f\"],ind::b";
    assert_eq!(run(options, 36), (options.to_owned(), vec![]));
}

/// Found by fuzzing: a second rewrite took the key for another one.
#[test]
fn a_key_that_is_no_name_in_wit_is_left_alone() {
    for key in ["`b/le: a/c | x", "a/b: c/d", "a:b/c: x/d"] {
        let options = format!("{{ with: {{ \"{key}\": x }} }}");
        let (once, remaining) = run(&options, 42);
        assert_eq!(remaining, Vec::<String>::new());
        assert_eq!(run(&once, 42).0, once);
    }
}

#[test]
fn options_that_were_removed_or_are_not_there_yet() {
    assert_eq!(
        run("{ features: [\"x\"], world: \"w\" }", 27).0,
        "{ world: \"w\" }"
    );
    assert_eq!(run("{ debug: false }", 29).0, "{ }");
    // Up to 41 errors are those of `anyhow` in any case.
    assert_eq!(run("{ anyhow: true }", 36), ("{ }".to_owned(), vec![]));
    assert_eq!(run("{ debug: true }", 29).1.len(), 1);
    let (same, remaining) = run("{ path: [\"a\", \"b\"], world: \"w\" }", 25);
    assert_eq!(same, "{ path: [\"a\", \"b\"], world: \"w\" }");
    assert_eq!(remaining, ["Wasmtime 25 does not accept a list as `path`"]);
    assert_eq!(run("{ path: [\"a\", \"b\"] }", 26).1, [""; 0]);
}

/// Two interfaces that share a function's name, a resource, a function of the world itself.
const WIT: &str = "inline: \"package a:b@1.0.0; interface x { f: func(); g: func(); resource r { m: func(); } } interface y { f: func(); } world w { import x; import y; import top: func(); export run: func(); }\"";

fn with_wit(options: &str, target: u64) -> (String, Vec<String>) {
    let (text, remaining) = run(&format!("{{ {WIT}, {options} }}"), target);
    let inside = text
        .strip_prefix(&format!("{{ {WIT}, "))
        .and_then(|rest| rest.strip_suffix(" }"));
    (inside.unwrap_or(&text).to_owned(), remaining)
}

#[test]
fn lists_of_functions_become_rules_with_the_help_of_the_wit() {
    for (before, target, after) in [
        (
            "async: { only_imports: [\"g\", \"[method]r.m\"] }",
            36,
            "imports: { \"a:b/x/[method]r.m\": async, \"a:b/x/g\": async }, exports: { default: async }",
        ),
        (
            "async: { only_imports: [\"f\"] }",
            48,
            "imports: { \"a:b/x.f\": async, \"a:b/y.f\": async }, exports: { default: async }",
        ),
        (
            "async: { except_imports: [\"top\"] }",
            48,
            "imports: { \"top\": exact, default: async }, exports: { default: async }",
        ),
        (
            "async: { only_imports: [\"a:b/y@1.0.0#f\"] }",
            48,
            "imports: { \"a:b/y.f\": async }, exports: { default: async }",
        ),
        // Without the version that the interface has, it is a name of nothing.
        (
            "async: { only_imports: [\"a:b/y#f\"] }",
            48,
            "exports: { default: async }",
        ),
        // What `with` takes from elsewhere is generated there, and a rule about it is refused.
        (
            "async: { only_imports: [\"f\"] }, with: { \"a:b/x\": z }",
            48,
            "imports: { \"a:b/y.f\": async }, exports: { default: async }, with: { \"a:b/x\": z }",
        ),
        (
            "trappable_imports: [\"f\", \"top\"], with: { \"a\": z }",
            48,
            "imports: { \"top\": trappable }, with: { \"a\": z }",
        ),
        (
            "async: true, trappable_imports: [\"f\"], tracing: true",
            48,
            "imports: { \"a:b/x.f\": async | tracing | trappable, \"a:b/y.f\": async | tracing | trappable, default: async | tracing }, exports: { default: async | tracing }",
        ),
        (
            "async: { only_imports: [\"nothing-of-the-kind\"] }",
            48,
            "exports: { default: async }",
        ),
    ] {
        assert_eq!(
            with_wit(before, target),
            (after.to_owned(), vec![]),
            "{before}"
        );
    }
}

#[test]
fn long_rules_stand_on_lines_of_their_own() {
    let before = format!(
        "{{\n    {WIT},\n    async: {{ only_imports: [\"f\", \"g\"] }},\n    trappable_imports: [\"top\"],\n}}"
    );
    let after = format!(
        "{{\n    {WIT},\n    imports: {{\n        \"top\": trappable,\n        \"a:b/x.f\": async,\n        \"a:b/x.g\": async,\n        \"a:b/y.f\": async,\n    }},\n    exports: {{ default: async }},\n}}"
    );
    assert_eq!(run(&before, 48), (after, vec![]));
}

#[test]
fn rules_beside_the_options_that_they_replaced_are_left_to_a_person() {
    for (options, line) in [
        ("{ async: true, exports: { default: async } }", 22),
        ("{ async: true, exports: { default: async } }", 48),
        ("{ async: true, imports: false }", 36), // found by fuzzing
    ] {
        let (after, remaining) = run(options, line);
        assert_eq!(after, options);
        assert!(remaining[0].contains("side by side"), "{remaining:?}");
    }
}

#[test]
fn keys_are_spelled_as_the_line_does_it() {
    for (before, target, after) in [
        (
            "imports: { \"a:b/x/f\": async, default: trappable }",
            39,
            "imports: { \"a:b/x.f\": async, default: trappable }",
        ),
        (
            "imports: { \"a:b/x.f\": async }",
            38,
            "imports: { \"a:b/x/f\": async }",
        ),
        (
            "with: { \"a:b/x/r\": crate::R, \"a:b/y\": other }",
            48,
            "with: { \"a:b/x.r\": crate::R, \"a:b/y\": other }",
        ),
        (
            "trappable_error_type: { \"a:b/x/e\" => crate::E }",
            40,
            "trappable_error_type: { \"a:b/x.e\" => crate::E }",
        ),
        (
            "exports: { default: async | task_exit }",
            43,
            "exports: { default: async }",
        ),
    ] {
        assert_eq!(
            with_wit(before, target),
            (after.to_owned(), vec![]),
            "{before}"
        );
    }
    // `exact` stops at its key: what is below would get the default.
    let prefix = "exports: { \"a\": task_exit, default: async }";
    let (same, remaining) = with_wit(prefix, 45);
    assert_eq!((same.as_str(), remaining.len()), (prefix, 1));
    let alone = with_wit("exports: { \"a\": task_exit }", 45);
    assert_eq!(alone, ("exports: { \"a\": exact }".to_owned(), vec![]));
    let (same, remaining) = with_wit("imports: { default: async | ignore_wit }", 47);
    assert_eq!(same, "imports: { default: async | ignore_wit }");
    assert!(remaining[0].contains("no `ignore_wit`"), "{remaining:?}");
}

#[test]
fn rules_become_global_options_where_they_can() {
    for (before, target, after) in [
        (
            "imports: { default: async | tracing }, exports: { default: async | tracing }",
            35,
            "async: true, tracing: true",
        ),
        (
            "imports: { default: async }, exports: { default: async }, async: false, tracing: false",
            32,
            "async: true",
        ),
        (
            "imports: { default: trappable }",
            32,
            "trappable_imports: true",
        ),
        (
            "imports: { \"a:b/x.g\": async }, exports: { default: async }",
            32,
            "async: { only_imports: [\"g\"] }",
        ),
        (
            "imports: { \"a:b/y.f\": async }, exports: { default: async }",
            30,
            "async: { only_imports: [\"a:b/y@1.0.0#f\"] }",
        ),
        (
            "exports: { default: async }",
            35,
            "async: { only_imports: [] }",
        ),
        (
            "imports: { \"top\": trappable }",
            32,
            "trappable_imports: [\"top\"]",
        ),
    ] {
        assert_eq!(
            with_wit(before, target),
            (after.to_owned(), vec![]),
            "{before}"
        );
    }
    for (options, why) in [
        ("imports: { default: async }", "all exports asynchronous"),
        ("imports: { default: store }", "no option for what"),
        (
            "imports: { default: tracing }",
            "`tracing` is for all or for none",
        ),
        (
            "imports: { \"a:b/y.f\": trappable }",
            "means more than one function",
        ),
    ] {
        let (text, remaining) = with_wit(options, 32);
        assert_eq!((text.as_str(), remaining.len()), (options, 1), "{options}");
        assert!(remaining[0].contains(why), "{remaining:?}");
    }
}

/// What names no function is as asynchronous tomorrow as it is today.
#[test]
fn lists_of_exceptions_stay_lists_of_exceptions() {
    let before = "async: { except_imports: [\"f\", \"g\"] }";
    let rules = "imports: { \"a:b/x.f\": exact, \"a:b/x.g\": exact, \"a:b/y.f\": exact, default: async }, exports: { default: async }";
    assert_eq!(with_wit(before, 48), (rules.to_owned(), vec![]));
    assert_eq!(with_wit(rules, 35), (before.to_owned(), vec![]));
}

/// Whatever the way there, the functions have the flags that they had.
#[test]
fn the_meaning_survives_the_way_up_and_down() {
    let model = |options: &str, rules: bool| {
        let text = format!("wasmtime::component::bindgen!({options});\n");
        let tokens = Tokens::read(&text).unwrap();
        let crates = BTreeSet::from(["wasmtime".to_owned()]);
        let invocation = crate::bindgen::find(&tokens, &crates).remove(0);
        let folder = camino::Utf8Path::new("/p");
        let files = MemoryWorld::new();
        let wit = Wits::new(&files, folder).read(folder, &invocation);
        let world = wit.answer().shape().unwrap();
        let model = if rules {
            Model::of_rules(&invocation, world)
        } else {
            Model::of_globals(&invocation, world)
        };
        model.unwrap()
    };
    for options in [
        "async: true",
        "async: { only_imports: [\"f\"] }, trappable_imports: [\"g\", \"top\"]",
        "async: { except_imports: [\"g\", \"[drop]r\"] }, tracing: true, verbose_tracing: true",
        "trappable_imports: true, tracing: true",
        "async: { only_imports: [] }",
    ] {
        let before = format!("{{ {WIT}, {options} }}");
        for line in [36, 39, 48] {
            let (up, remaining) = run(&before, line);
            assert!(remaining.is_empty(), "{options}: {remaining:?}");
            let (old, new) = (model(&before, false), model(&up, true));
            assert_eq!(old.exports.functions, new.exports.functions, "{options}");
            for (function, flags) in &old.imports.functions {
                // That the end of a resource can trap is no option's matter.
                let seen = |flags: Flags| match function.name.starts_with("[drop]") {
                    true => Flags::default().with(Flags::ASYNC, flags.has(Flags::ASYNC)),
                    false => flags,
                };
                assert_eq!(
                    seen(*flags),
                    seen(new.imports.functions[function]),
                    "{options} {function:?}"
                );
            }
            let (down, remaining) = run(&up, 35);
            assert!(remaining.is_empty(), "{up}: {remaining:?}");
            assert_eq!(model(&down, false).exports, old.exports, "{options}");
            assert_eq!(
                model(&down, false).imports,
                old.imports,
                "{options}: {down}"
            );
        }
    }
}

/// 26 to 36 look for the world in every package that they read.
#[test]
fn a_world_of_several_packages_gets_its_full_name_where_a_line_wants_it() {
    let options = "{ inline: \"package a:b@1.0.0; world w { import f: func(); }\", path: \"x\", world: \"w\" }";
    let text = format!("wasmtime::component::bindgen!({options});");
    let tokens = Tokens::read(&text).unwrap();
    let crates = BTreeSet::from(["wasmtime".to_owned()]);
    let invocation = crate::bindgen::find(&tokens, &crates).remove(0);
    let world = crate::wit::inline_shape(invocation.wit.as_ref().unwrap()).unwrap();
    for (line, name) in [
        (25, "w"),
        (26, "a:b/w@1.0.0"),
        (36, "a:b/w@1.0.0"),
        (37, "w"),
    ] {
        let grammar = &crate::knowledge::Knowledge::embedded().grammar;
        let made = rewrite(&invocation, &text, Line(line), grammar, Some(&world));
        let mut edits = crate::edit::EditSet::default();
        made.edits
            .into_iter()
            .for_each(|edit| edits.add(edit).unwrap());
        let after = text.replace("world: \"w\"", &format!("world: \"{name}\""));
        assert_eq!(
            (edits.apply(&text), made.remaining),
            (after, vec![]),
            "{line}"
        );
    }
}
