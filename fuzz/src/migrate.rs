//! What moves Rust from one line to another, by tokens and by errors of the compiler.

use std::collections::BTreeMap;

use wasmtime_upgrade::diagnostics::{Diagnostic, Label};
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::migrate::guided::{self, Terms, Texts};
use wasmtime_upgrade::migrate::rules::{self, Active, Included};
use wasmtime_upgrade::migrate::{self, Crates, Ground};
use wasmtime_upgrade::span::Span;
use wasmtime_upgrade::tokens::Tokens;
use wasmtime_upgrade::version::Line;

use super::assert_inside;

/// The lines between which sources move; the first byte of the input chooses two.
const LINES: [u64; 8] = [24, 29, 31, 34, 36, 41, 43, 48];

/// Errors of the compiler: a code and a message; the second byte chooses.
const ERRORS: [(&str, &str); 16] = [
    ("E0310", "the parameter type `T` may not live long enough"),
    (
        "E0061",
        "this function takes 3 arguments but 2 arguments were supplied `&LinkOptions`",
    ),
    (
        "E0425",
        "cannot find function `add_to_linker_get_host` in module `x`",
    ),
    (
        "E0004",
        "non-exhaustive patterns: `&wasmtime::Val::ExnRef(_)` and `Val::ContRef(_)` not covered",
    ),
    (
        "E0195",
        "lifetime parameters or bounds on method `f` do not match the trait declaration",
    ),
    ("E0277", "`Result<(), wasmtime::Error>` is not a future"),
    (
        "E0277",
        "`?` couldn't convert the error: `anyhow::Error: std::error::Error` is not satisfied",
    ),
    (
        "E0277",
        "the trait bound `{closure}: IntoFunc<T, _, _>` is not satisfied anyhow",
    ),
    ("E0277", "`T` cannot be sent between threads safely"),
    (
        "E0308",
        "expected `wasmtime::Error`, found `anyhow::Error` found enum `Result<",
    ),
    ("E0308", "expected `&mut WasiCtx`, found `WasiCtxView<'_>`"),
    (
        "E0271",
        "expected `f` to return `Result<_, wasmtime::Error>`, found `Result<u8, anyhow::Error>`",
    ),
    (
        "E0599",
        "no method named `cache_config_load` found for struct `Config`",
    ),
    (
        "E0599",
        "the method `context` exists for enum `Result<(), wasmtime::Error>` anyhow",
    ),
    (
        "E0593",
        "closure is expected to take 4 arguments, but it takes 3 arguments func_new",
    ),
    (
        "E0053",
        "method `f` has an incompatible type for trait: wasmtime::Error anyhow::Error",
    ),
];

/// Whatever the text is: what is made of it is Rust where the text was, and has nothing left to move.
pub fn hold(data: &[u8]) {
    let [lines, error, rest @ ..] = data else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let line = |index: u8| Line(LINES[usize::from(index) % LINES.len()]);
    let (from, to) = (line(lines & 15), line(lines >> 4));
    let after = moved(text, from, to);
    assert_eq!(
        Tokens::read(text).is_ok(),
        Tokens::read(&after).is_ok(),
        "{text}\n{after}"
    );
    assert_eq!(moved(&after, to, to), after, "{from} -> {to}: {text}");
    repaired(text, usize::from(*error), to);
}

/// The rules on the way, all of them applied that can be.
fn all_rules(from: Line, to: Line) -> Vec<Active<'static>> {
    let included = Included {
        review: true,
        ..Included::default()
    };
    rules::active(Knowledge::embedded(), from, to, &included)
}

fn moved(text: &str, from: Line, to: Line) -> String {
    let crates = ["tokio", "wasmtime", "wasmtime_wasi", "wasmtime_wasi_http"];
    let crates: Crates = crates
        .map(|name| (name.to_owned(), name.replace('_', "-")))
        .into_iter()
        .collect();
    let paths = &Knowledge::embedded().paths;
    let rules = all_rules(from, to);
    let ground = Ground {
        from,
        to,
        paths,
        crates: &crates,
        rules: &rules,
        adopted_errors: None,
        own_names: &[],
        views: &wasmtime_upgrade::migrate::views::NOTHING_ELSEWHERE,
        keeps_perms: false,
    };
    let outcome = migrate::run(text, &ground).unwrap_or_else(|clash| panic!("{clash}: {text}"));
    for (left, at) in &outcome.remaining {
        assert_inside(at, left.span);
    }
    for edit in outcome.edits.iter() {
        assert_inside(text, edit.span);
    }
    outcome.edits.apply(text)
}

/// An error at any token of the text is answered, or not, and what comes out is Rust.
fn repaired(text: &str, choice: usize, line: Line) {
    let Ok(tokens) = Tokens::read(text) else {
        return;
    };
    let rules = all_rules(Line(0), Line(u64::MAX));
    let crates = BTreeMap::new();
    let before = BTreeMap::from([("src/lib.rs".to_owned(), text.to_owned())]);
    let terms = Terms {
        from: Line(0),
        line,
        paths: &Knowledge::embedded().paths,
        rules: &rules,
        before: &before,
        crates: &crates,
    };
    let of_rules = rules.iter().filter_map(|active| {
        let shape = active.rule.error.as_ref()?;
        Some((shape.code.clone(), shape.says.join(" ")))
    });
    let own = ERRORS
        .iter()
        .map(|(code, message)| ((*code).to_owned(), (*message).to_owned()));
    let all: Vec<(String, String)> = own.chain(of_rules).collect();
    let (code, message) = &all[choice % all.len()];
    let step = (tokens.len() / 8).max(1);
    for first in (0..tokens.len()).step_by(step) {
        for last in [first, (first + 5).min(tokens.len() - 1)] {
            let span_of = |index: usize| tokens.get(index).map_or(Span::default(), |it| it.span);
            let label = Label {
                path: "src/lib.rs".to_owned(),
                span: span_of(first).to(span_of(last)),
                is_primary: true,
                of_macro: None,
                text: message.clone(),
            };
            let error = Diagnostic {
                package: "host".to_owned(),
                code: Some(code.clone()),
                message: message.clone(),
                rendered: format!(
                    "{message} HasData add_to_linker func_wrap_async `wasmtime::Error` to implement `From<anyhow::Error>`"
                ),
                labels: vec![label],
                ..Diagnostic::default()
            };
            let texts = Texts::from([("src/lib.rs".to_owned(), text.to_owned())]);
            let repairs = guided::repair(&[&error], &texts, &terms);
            for edits in repairs.edits.values() {
                let after = edits.apply(text);
                assert!(Tokens::read(&after).is_ok(), "{code}: {text}\n{after}");
            }
            for (_, left) in &repairs.remaining {
                assert_inside(text, left.span);
            }
        }
    }
}
