//! What the options mean, however a line spells them: a model written for a line and read again is the
//! same model.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use proptest::prelude::*;
use wasmtime_upgrade::bindgen::flags::Flags;
use wasmtime_upgrade::bindgen::model::{Model, Side};
use wasmtime_upgrade::bindgen::rewrite::rewrite;
use wasmtime_upgrade::bindgen::{self, Invocation};
use wasmtime_upgrade::edit::EditSet;
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::tokens::Tokens;
use wasmtime_upgrade::version::Line;
use wasmtime_upgrade::wit::{WorldShape, inline_shape};

/// Two interfaces that share a name, two versions of one, a resource, an interface of the world's own,
/// an `async func`, functions of the world.
const WIT: &str = r#"inline: "package a:b@1.0.0; package a:b@2.0.0 { interface x { f: func(); } } interface x { resource r { constructor(); m: func(); s: static func(); } f: func(); g: async func(); } interface y { f: func(); } world w { import x; import y; import a:b/x@2.0.0; import z: interface { go: func(); } import top: func(); export run: func(); export y; }", world: "w""#;

/// The keys of rules for imports, as 39 joins them; those of `g` have a prefix up to 39.
const IMPORTS: [&str; 15] = [
    "a:b/x@1.0.0.f",
    "a:b/x@2.0.0.f",
    "a:b/x.f",
    "a:b/x.[constructor]r",
    "a:b/x.[method]r.m",
    "a:b/x@1.0.0.[static]r.s",
    "a:b/x.[drop]r",
    "a:b/x.[async]g",
    "a:b/y.f",
    "z.go",
    "top",
    "a:b/x@1.0.0",
    "a:b/y",
    "a:b",
    "a",
];

const EXPORTS: [&str; 4] = ["run", "a:b/y.f", "a:b/y@1.0.0", "a"];

/// Names of functions in lists up to 35.
const NAMES: [&str; 9] = [
    "f",
    "g",
    "go",
    "top",
    "[constructor]r",
    "[method]r.m",
    "[static]r.s",
    "[drop]r",
    "a:b/y@1.0.0#f",
];

fn flags(line: u64, exports: bool) -> impl Strategy<Value = Vec<&'static str>> {
    let mut all = vec![
        "async",
        "store",
        "tracing",
        "verbose_tracing",
        "trappable",
        "exact",
    ];
    if (36..=46).contains(&line) {
        all.push("ignore_wit");
    }
    if exports && (37..=42).contains(&line) {
        all.push("task_exit");
    }
    let most = all.len();
    prop::sample::subsequence(all, 1..=most)
}

/// One direction as it is written for a line.
fn rules(keys: &'static [&'static str], line: u64, exports: bool) -> impl Strategy<Value = String> {
    let chosen = prop::sample::subsequence(keys, 0..=keys.len());
    let rules = chosen.prop_flat_map(move |keys| {
        let rules: Vec<_> = keys
            .into_iter()
            .map(|key| flags(line, exports).prop_map(move |flags| (key, flags)))
            .collect();
        rules
    });
    let default = prop::option::of(flags(line, exports));
    (rules, default).prop_map(move |(rules, default)| {
        let mut text = String::new();
        for (key, flags) in rules {
            let key = spelled(key, line);
            text.push_str(&format!("\"{key}\": {}, ", flags.join(" | ")));
        }
        if let Some(flags) = default {
            text.push_str(&format!("default: {}", flags.join(" | ")));
        }
        text
    })
}

fn spelled(key: &str, line: u64) -> String {
    let key = match line {
        40.. => key.replace("[async]", ""),
        _ => key.to_owned(),
    };
    let dotted = [".f", ".[", ".g", ".go"];
    let mut joint = dotted.iter().filter_map(|member| key.find(member));
    match joint.next().filter(|_| line < 39) {
        Some(at) => format!("{}/{}", &key[..at], &key[at + 1..]),
        None => key,
    }
}

/// The options that a line up to 35 has for it.
fn globals(line: u64) -> impl Strategy<Value = String> {
    let names = move || {
        let known: Vec<&str> = NAMES
            .iter()
            .copied()
            .filter(|it| line >= 30 || !it.contains('#'))
            .collect();
        prop::sample::subsequence(known, 0..=4).prop_map(|names| format!("{names:?}"))
    };
    let asynchronous = prop_oneof![
        Just(String::new()),
        Just("async: false, ".to_owned()),
        Just("async: true, ".to_owned()),
        names().prop_map(|names| format!("async: {{ only_imports: {names} }}, ")),
        names().prop_map(|names| format!("async: {{ except_imports: {names} }}, ")),
    ];
    // A list names a function of every interface at once, and only those that the world has.
    let known = prop::sample::subsequence(&["f", "go", "top", "[method]r.m"][..], 0..=4);
    let trappable = prop_oneof![
        Just(String::new()),
        Just("trappable_imports: true, ".to_owned()),
        Just("trappable_imports: false, ".to_owned()),
        known.prop_map(|names| format!("trappable_imports: {names:?}, ")),
    ];
    let traced = prop_oneof![
        Just(""),
        Just("tracing: false, "),
        Just("tracing: true, "),
        Just(if line >= 25 {
            "tracing: true, verbose_tracing: true, "
        } else {
            ""
        }),
    ];
    let with = prop_oneof![4 => Just(""), 1 => Just("with: { \"a:b/y\": other::y }, ")];
    (asynchronous, trappable, traced, with).prop_map(|(asynchronous, trappable, traced, with)| {
        [asynchronous.as_str(), &trappable, traced, with].concat()
    })
}

/// The world of that WIT.
fn world() -> &'static WorldShape {
    static WORLD: OnceLock<WorldShape> = OnceLock::new();
    WORLD.get_or_init(|| inline_shape(&invocation(&source("")).wit.unwrap()).unwrap())
}

fn source(options: &str) -> String {
    format!("wasmtime::component::bindgen!({{ {WIT}, {options} }});\n")
}

fn invocation(text: &str) -> Invocation {
    let tokens = Tokens::read(text).unwrap();
    bindgen::find(&tokens, &BTreeSet::from(["wasmtime".to_owned()])).remove(0)
}

/// The text for a line, and what is left to a person.
fn moved(text: &str, line: u64) -> (String, Vec<String>) {
    let invocation = invocation(text);
    let grammar = &Knowledge::embedded().grammar;
    let made = rewrite(&invocation, text, Line(line), grammar, Some(world()));
    let mut edits = EditSet::default();
    made.edits
        .into_iter()
        .for_each(|edit| edits.add(edit).unwrap());
    (
        edits.apply(text),
        made.remaining.into_iter().map(|left| left.what).collect(),
    )
}

fn model(text: &str, line: u64) -> Model {
    let invocation = invocation(text);
    let model = match line {
        36.. => Model::of_rules(&invocation, world()),
        _ => Model::of_globals(&invocation, world()),
    };
    let mut model = model.unwrap();
    normal(&mut model.imports);
    normal(&mut model.exports);
    model
}

/// Of the end of a resource only whether it is asynchronous shows.
fn normal(side: &mut Side) {
    for (function, flags) in &mut side.functions {
        if function.is_drop() {
            *flags = Flags::default().with(Flags::ASYNC, flags.has(Flags::ASYNC));
        }
    }
}

fn without_exits(mut model: Model) -> Model {
    let sides = [&mut model.imports, &mut model.exports];
    for side in sides {
        side.default = side.default.without(Flags::TASK_EXIT);
        let flags = side.functions.values_mut();
        flags.for_each(|flags| *flags = flags.without(Flags::TASK_EXIT));
    }
    model
}

fn with_rules() -> impl Strategy<Value = (u64, String)> {
    (36..51_u64).prop_flat_map(|line| {
        let sides = (rules(&IMPORTS, line, false), rules(&EXPORTS, line, true));
        sides.prop_map(move |(imports, exports)| {
            (
                line,
                format!("imports: {{ {imports} }}, exports: {{ {exports} }}"),
            )
        })
    })
}

fn with_globals() -> impl Strategy<Value = (u64, String)> {
    (22..36_u64).prop_flat_map(|line| globals(line).prop_map(move |options| (line, options)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every flag on every kind of key, between any two lines with rules.
    #[test]
    fn rules_mean_the_same_in_every_line_that_has_rules((from, options) in with_rules(), to in 36..51_u64) {
        let text = source(&options);
        let (after, remaining) = moved(&text, to);
        let ignores = options.contains("ignore_wit") && to > 46;
        // A rule on a prefix that asked for the exit alone can't be said without naming what is below.
        let left = |what: &String| what.contains("asks for nothing else");
        let exits = options.contains("task_exit") && remaining.iter().any(left);
        prop_assert_eq!(remaining.is_empty(), !ignores && !exits, "{}: {:?}", after, remaining);
        if !ignores && !exits {
            let (was, is) = (model(&text, from), model(&after, to));
            match (37..=42).contains(&to) {
                true => prop_assert_eq!(was, is, "{}", after),
                // Where tasks have no exit, there is none to ask for.
                false => prop_assert_eq!(without_exits(was), is, "{}", after),
            }
        }
    }

    /// Whatever the global options can say has rules that say it, and comes back as it was.
    #[test]
    fn global_options_become_rules_and_come_back((from, options) in with_globals(), to in 36..51_u64) {
        let text = source(&options);
        let was = model(&text, from);
        let (up, remaining) = moved(&text, to);
        prop_assert_eq!(&remaining, &Vec::<String>::new(), "{}", up);
        prop_assert_eq!(&was, &model(&up, to), "{}", up);
        let (down, remaining) = moved(&up, from);
        prop_assert_eq!(&remaining, &Vec::<String>::new(), "{}", down);
        prop_assert_eq!(&was, &model(&down, from), "{} {}", up, down);
    }

    /// Options of a line, moved to that line.
    #[test]
    fn a_line_leaves_its_own_options_alone((line, options) in prop_oneof![with_rules(), with_globals()]) {
        let text = source(&options);
        prop_assert_eq!(moved(&text, line), (text, vec![]));
    }
}
