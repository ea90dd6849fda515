//! Options that a release no longer accepts, rewritten to what it accepts with the same meaning.
//!
//! Up to 35 there were global options (`async`, `tracing`, `trappable_imports`, ...); from 36 on
//! there are rules of flags a function, `imports: { .. }` and `exports: { .. }` (PR #11328).

use super::grammar::Grammar;
use super::invocation::{Invocation, OptionEntry, OptionValue};
use crate::edit::Edit;
use crate::span::Span;
use crate::version::Line;

/// The global options that became flags.
const FOLDED: [&str; 6] = [
    "async",
    "tracing",
    "verbose_tracing",
    "trappable_imports",
    "concurrent_imports",
    "concurrent_exports",
];

/// A place that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Where.
    pub span: Span,
    /// What is wrong there and what to write instead.
    pub what: String,
}

/// What to do with one invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// Byte edits on the file.
    pub edits: Vec<Edit>,
    /// What could not be rewritten.
    pub remaining: Vec<Remaining>,
}

/// Rewrites one invocation in `text` for `target`; nothing happens when the line accepts all its
/// options.
#[must_use]
pub fn rewrite(invocation: &Invocation, text: &str, target: Line, grammar: &Grammar) -> Rewrite {
    let mut result = Rewrite::default();
    let refused: Vec<&OptionEntry> = invocation
        .options
        .iter()
        .filter(|option| grammar.option(&option.name).is_some())
        .filter(|option| !grammar.accepts(&option.name, target))
        .collect();
    if let Some(option) = refused.first().filter(|_| invocation.templated) {
        result.remaining.push(Remaining {
            span: option.span(),
            what: format!(
                "Wasmtime {target} does not accept `{}`; it stands in a macro body, so its meaning is decided elsewhere",
                option.name
            ),
        });
        return result;
    }
    let (folded, others): (Vec<_>, Vec<_>) = refused
        .into_iter()
        .partition(|option| FOLDED.contains(&option.name.as_str()) && target >= Line(36));
    let mut removed: Vec<&OptionEntry> = Vec::new();
    for option in others {
        if option.name == "features" && target >= Line(27) {
            removed.push(option);
        } else if option.value == OptionValue::Bool(false) {
            removed.push(option); // the default, so its absence means the same
        } else {
            result.remaining.push(Remaining {
                span: option.span(),
                what: format!("Wasmtime {target} does not accept `{}`", option.name),
            });
        }
    }
    fold(invocation, &folded, text, target, &mut removed, &mut result);
    for option in &removed {
        result.edits.push(removal(invocation, option, text));
        result.edits.extend(comma_apart(option, text));
    }
    result.edits.extend(last_comma(invocation, &removed));
    result
}

/// The flags of one direction, in the order of Wasmtime's documentation.
struct Flags {
    direction: &'static str,
    flags: Vec<&'static str>,
}

impl Flags {
    fn rule(&self) -> Option<String> {
        (!self.flags.is_empty()).then(|| {
            format!(
                "{}: {{ default: {} }}",
                self.direction,
                self.flags.join(" | ")
            )
        })
    }
}

/// Folds global options into rules: the first one is replaced, the others go.
fn fold<'i>(
    invocation: &Invocation,
    folded: &[&'i OptionEntry],
    text: &str,
    target: Line,
    removed: &mut Vec<&'i OptionEntry>,
    result: &mut Rewrite,
) {
    let Some(first) = folded.first() else { return };
    if let Some(problem) = not_foldable(invocation, folded, target) {
        result.remaining.push(problem);
        return;
    }
    let on = |name: &str| {
        folded
            .iter()
            .rev()
            .find(|option| option.name == name)
            .is_some_and(|option| option.value == OptionValue::Bool(true))
    };
    let chosen = |pairs: &[(&'static str, bool)]| {
        pairs
            .iter()
            .filter(|(_, on)| *on)
            .map(|(flag, _)| *flag)
            .collect()
    };
    // `verbose_tracing` alone generated nothing, and the flag alone does not either.
    let tracing = on("tracing");
    let traced = [
        ("tracing", tracing),
        ("verbose_tracing", tracing && on("verbose_tracing")),
    ];
    let mut imports = vec![("async", on("async"))];
    imports.extend(traced);
    imports.push(("trappable", on("trappable_imports")));
    let mut exports = vec![("async", on("async"))];
    exports.extend(traced);
    let mut rules: Vec<String> = [
        Flags {
            direction: "imports",
            flags: chosen(&imports),
        },
        Flags {
            direction: "exports",
            flags: chosen(&exports),
        },
    ]
    .iter()
    .filter_map(Flags::rule)
    .collect();
    // Issue #11752: on 36 and 37 the generated `add_to_linker` lacks a bound when every
    // asynchronous import is remapped by `with`.
    let remapped = on("async") && invocation.option("with").is_some();
    if remapped
        && matches!(target, Line(36 | 37))
        && invocation.option("require_store_data_send").is_none()
    {
        rules.push("require_store_data_send: true".to_owned());
    }
    if rules.is_empty() {
        removed.extend(folded);
        return;
    }
    removed.extend(&folded[1..]);
    let between = match own_line_indent(text, first.span()) {
        Some(indent) => format!(",{}{indent}", line_end(text)),
        None => ", ".to_owned(),
    };
    result.edits.push(Edit {
        span: first.span(),
        text: rules.join(&between),
        reason: format!(
            "{} became flags a function in 36",
            folded
                .iter()
                .map(|o| format!("`{}`", o.name))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    });
}

/// Why a set of options can't be folded by its text alone.
fn not_foldable(
    invocation: &Invocation,
    folded: &[&OptionEntry],
    target: Line,
) -> Option<Remaining> {
    let remaining = |option: &OptionEntry, what: String| Remaining {
        span: option.span(),
        what,
    };
    if let Some(list) = folded
        .iter()
        .find(|o| !matches!(o.value, OptionValue::Bool(_)))
    {
        return Some(remaining(
            list,
            format!(
                "Wasmtime {target} does not accept `{}`: its list becomes one rule a function, `imports: {{ \"ns:pkg/interface{}function\": async, .. }}`",
                list.name,
                if target < Line(39) { "/" } else { "." },
            ),
        ));
    }
    let concurrent = folded.iter().find(|option| {
        option.name.starts_with("concurrent_") && option.value == OptionValue::Bool(true)
    });
    if let Some(option) = concurrent {
        return Some(remaining(
            option,
            format!(
                "Wasmtime {target} does not accept `{}`: write the flags `async | store`, and move the implementations to `HostWithStore`",
                option.name
            ),
        ));
    }
    let rules = invocation
        .options
        .iter()
        .find(|o| o.name == "imports" || o.name == "exports");
    rules.map(|rules| remaining(rules, format!(
        "`{}` and the options that it replaces stand side by side, which no release accepts",
        rules.name
    )))
}

/// Takes an option out, with its comma and, where nothing else stands there, its line. Comments
/// stay.
fn removal(invocation: &Invocation, option: &OptionEntry, text: &str) -> Edit {
    let mut span = option.span();
    if let Some(comma) = option
        .comma
        .filter(|comma| blank(text, span.end.0, comma.start.0))
    {
        span = span.to(comma);
    }
    let line_start = text[..span.start.0]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line_end = text[span.end.0..]
        .find('\n')
        .map(|newline| span.end.0 + newline + 1);
    let alone = blank(text, line_start, span.start.0)
        && line_end.is_some_and(|end| blank(text, span.end.0, end));
    let edit = |span| Edit {
        span,
        text: String::new(),
        reason: format!("`{}` is no longer accepted", option.name),
    };
    if let (true, Some(end)) = (alone, line_end) {
        return edit(Span::new(line_start, end));
    }
    let inside = invocation.block.unwrap_or(invocation.span);
    let before = &text[inside.start.0.min(span.start.0)..span.start.0];
    let spaces = before.len() - before.trim_end_matches([' ', '\t']).len();
    edit(Span::new(span.start.0 - spaces, span.end.0))
}

/// The comma of an option that goes, where a comment between the two keeps them apart.
fn comma_apart(option: &OptionEntry, text: &str) -> Option<Edit> {
    let comma = option.comma?;
    (!blank(text, option.span().end.0, comma.start.0)).then(|| Edit {
        span: comma,
        text: String::new(),
        reason: format!("the comma of `{}`", option.name),
    })
}

/// When the last option goes and had no comma behind it, the last one that stays keeps this habit.
fn last_comma(invocation: &Invocation, removed: &[&OptionEntry]) -> Option<Edit> {
    let last = invocation.options.last()?;
    if last.comma.is_some() || !removed.contains(&last) {
        return None;
    }
    let kept = invocation
        .options
        .iter()
        .rev()
        .find(|option| !removed.contains(option))?;
    Some(Edit {
        span: kept.comma?,
        text: String::new(),
        reason: format!("`{}` comes last now", kept.name),
    })
}

fn blank(text: &str, from: usize, to: usize) -> bool {
    text.get(from..to)
        .is_some_and(|part| part.trim().is_empty())
}

/// The indentation of an option that has its line to itself, comments behind it aside.
fn own_line_indent(text: &str, span: Span) -> Option<&str> {
    let start = text[..span.start.0].rfind('\n')? + 1;
    let indent = text.get(start..span.start.0)?;
    indent.trim().is_empty().then_some(indent)
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::edit::EditSet;
    use crate::knowledge;
    use crate::tokens::Tokens;

    fn run(options: &str, target: u64) -> (String, Vec<String>) {
        let text = format!("wasmtime::component::bindgen!({options});\n");
        let tokens = Tokens::read(&text).unwrap();
        let crates = BTreeSet::from(["wasmtime".to_owned()]);
        let invocation = super::super::find(&tokens, &crates).remove(0);
        let grammar = Grammar::parse(knowledge::file("bindgen-options.toml").unwrap()).unwrap();
        let result = rewrite(&invocation, &text, Line(target), &grammar);
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

    #[test]
    fn options_that_were_removed_or_are_not_there_yet() {
        assert_eq!(
            run("{ features: [\"x\"], world: \"w\" }", 27).0,
            "{ world: \"w\" }"
        );
        assert_eq!(run("{ debug: false }", 29).0, "{ }");
        assert_eq!(run("{ anyhow: true }", 36).1.len(), 1);
    }
}
