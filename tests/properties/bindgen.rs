//! How the options of `bindgen!` move between lines.

use proptest::prelude::*;
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::version::Line;

use crate::invariants::bindgen::hold_for;

/// Options that a project may have, with the values that the macro's parser takes.
const OPTIONS: [&str; 24] = [
    "world: \"w\"",
    "path: \"wit\"",
    "path: [\"a\", r\"b\",]",
    "inline: r#\"package a:b; world w { import \"f\": func(); }\"#",
    "async: true",
    "async: false",
    "async: { only_imports: [\"f\", \"g\"] }",
    "async: { except_imports: [] }",
    "tracing: true",
    "tracing: false",
    "verbose_tracing: true",
    "trappable_imports: true",
    "trappable_imports: [\"f\"]",
    "concurrent_imports: false",
    "concurrent_exports: true",
    "features: [\"x\"]",
    "with: { \"a:b/c\": crate::x, \"a:b/d/e\": y::Z }",
    "trappable_error_type: { \"a:b/c/e\" => crate::E }",
    "require_store_data_send: true",
    "imports: { default: async | trappable, \"a:b/c.f\": store }",
    "exports: { default: async }",
    "additional_derives: [Clone, PartialEq]",
    "debug: true",
    "anyhow: true",
];

/// Where an option stands: what is in front of it, behind it and behind its comma.
type Layout = (&'static str, &'static str, &'static str);

const LAYOUTS: [Layout; 6] = [
    (" ", "", ""),
    ("\n    ", "", ""),
    ("\r\n\t", "", " // why"),
    ("\n    // above, with a comma\n    ", "", ""),
    (" /* { */ ", " /* a, b */ ", ""),
    ("", " ", " /* } */"),
];

/// The arguments of a call, and the options in it.
fn arguments() -> impl Strategy<Value = (String, Vec<&'static str>)> {
    let option = (
        prop::sample::select(&OPTIONS[..]),
        prop::sample::select(&LAYOUTS[..]),
    );
    let end = prop_oneof![Just(""), Just(","), Just(",\n")];
    (prop::collection::vec(option, 0..7), end, any::<bool>()).prop_map(|(options, end, bare)| {
        let last = options.len().saturating_sub(1);
        let mut text = String::new();
        for (index, (option, (before, behind, comment))) in options.iter().enumerate() {
            let comma = if index == last { end } else { "," };
            text.push_str(&format!("{before}{option}{behind}{comma}{comment}"));
            if comment.starts_with(" //") {
                text.push('\n');
            }
        }
        let bare = bare && !options.is_empty();
        let text = if bare { text } else { format!("{{{text} }}") };
        (
            text,
            options.into_iter().map(|(option, _)| option).collect(),
        )
    })
}

fn is_accepted(option: &str, line: Line) -> bool {
    let name = option.split(':').next().unwrap();
    Knowledge::embedded().grammar.accepts(name, line)
}

/// An option with its keys as the line joins them: with `/` up to 38, with `.` from then on.
fn spelled(text: &str, line: u64) -> String {
    let keys = [
        ("a:b/d/e", "a:b/d.e"),
        ("a:b/c/e", "a:b/c.e"),
        ("a:b/c/f", "a:b/c.f"),
    ];
    keys.iter()
        .fold(text.to_owned(), |text, (old, new)| match line < 39 {
            true => text.replace(new, old),
            false => text.replace(old, new),
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// From a line to itself, that is: to any line that accepts all that is there.
    #[test]
    fn a_rewrite_for_a_line_that_accepts_everything_changes_no_byte_but_in_keys((arguments, options) in arguments(), line in 22..51_u64) {
        let after = hold_for(&arguments, Line(line)).expect("these are tokens");
        let before = format!("wasmtime::component::bindgen!({arguments});\n");
        if options.iter().all(|option| is_accepted(option, Line(line))) {
            prop_assert_eq!(spelled(&before, line), after);
        }
    }

    /// Comments and the options that a line accepts come through, in their order.
    #[test]
    fn what_is_accepted_and_every_comment_comes_through((arguments, options) in arguments(), line in 22..51_u64) {
        let after = hold_for(&arguments, Line(line)).expect("these are tokens");
        let mut rest = after.as_str();
        for option in options.iter().filter(|option| is_accepted(option, Line(line))) {
            let option = spelled(option, line);
            let at = rest.find(&option);
            prop_assert!(at.is_some(), "{} went: {}", option, after);
            rest = &rest[at.unwrap() + option.len()..];
        }
        for comment in ["// why", "// above, with a comma", "/* { */", "/* a, b */", "/* } */"] {
            prop_assert_eq!(arguments.matches(comment).count(), after.matches(comment).count(), "{}", after);
        }
    }
}
