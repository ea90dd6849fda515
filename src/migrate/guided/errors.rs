//! `wasmtime::Error` is a type of its own from 42 on (PR #12163): where it meets `anyhow::Error`, one is
//! made of the other, and what Wasmtime asks for is declared as Wasmtime's.

use super::declared::{declared, is_of_text, returned as returned_early};
use super::host_functions::{
    function_values, host_functions, of_async_trait, of_own_trait, parameter,
};
use super::into_error::{into_error, lent, result_after_all};
use super::own_errors::in_front_of_call;
use super::returned::returned;
use super::siblings::{only_macro, siblings};
use super::{Feature, Repair, Site};
use crate::diagnostics::Label;
use crate::migrate::LeftOver;
use crate::migrate::impls::{arguments, span_of};
use crate::span::{ByteOffset, Span};
use crate::tokens::Tokens;
use crate::version::Line;

/// Makes a Wasmtime error of one of anyhow's.
pub(super) const FROM_ANYHOW: &str = ".map_err(wasmtime::Error::from_anyhow)";

/// Makes an error of anyhow's of one of Wasmtime's.
pub(super) const TO_ANYHOW: &str = ".map_err(anyhow::Error::from)";

/// Converts at the place where the two meet.
pub(super) fn convert(site: &Site<'_>) -> Option<Repair> {
    // The compiler shows only some lines: an imported `Result` may be anyhow's as well.
    let primary = site.error.labels.iter().find(|label| label.is_primary);
    let text = primary.and_then(|label| site.texts.get(&label.path));
    if !site.speaks_of("anyhow") && !text.is_some_and(|text| text.contains("anyhow")) {
        return None;
    }
    let recipes = [
        feature,
        question_mark,
        into_error,
        lent,
        result_after_all,
        returned,
        collected,
        handed_on,
        function_values,
        context,
        of_own_trait,
        of_async_trait,
        of_macro,
        parameter,
        declared,
        host_functions,
    ];
    let repair = recipes.iter().find_map(|recipe| recipe(site))?;
    Some(Repair {
        look_at: hidden_payload(site, &repair),
        ..repair
    })
}

/// In 42 nothing is found by a downcast in an error of anyhow's that was made Wasmtime's (PR #12705), nor the
/// other way round (PR #12689); both are mended in 43.
fn hidden_payload(site: &Site<'_>, repair: &Repair) -> Option<(String, LeftOver)> {
    let downcasts = || site.texts.values().any(|text| text.contains("downcast"));
    let (path, edit) = repair.edits.iter().find(|(_, edit)| {
        let made = ["anyhow::Error::from", "Error::from_anyhow", ".into()"];
        made.iter().any(|made| edit.text.contains(made))
    })?;
    (site.line == Line(42) && downcasts()).then(|| {
        let what = "in line 42 a `downcast` finds nothing in an error of anyhow's that was made one of Wasmtime's, \
                    or the other way round: downcast before, or move on to 43";
        let left = LeftOver {
            span: edit.span,
            what: what.to_owned(),
        };
        (path.clone(), left)
    })
}

/// The conversions are a feature of their own, which a package without default features has to ask for.
fn feature(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    // By `?`, and by `anyhow::Error::from`.
    let no_from = site.is("E0277")
        && (message.starts_with("`?` couldn't convert the error: `wasmtime::Error: ")
            || message.starts_with("the trait bound `wasmtime::Error: ")
                && site.speaks_of("`anyhow::Error` to implement `From<wasmtime::Error>`"));
    let no_function = site.is("E0599") && site.error.message.contains("named `from_anyhow` found");
    (no_from || no_function).then(|| Repair {
        feature: Some(Feature {
            of_crate: "wasmtime",
            name: "anyhow",
            reason: "errors of anyhow and of Wasmtime are converted with it",
        }),
        ..Repair::default()
    })
}

/// `?` on something of anyhow's in a function that gives Wasmtime's error.
fn question_mark(site: &Site<'_>) -> Option<Repair> {
    // The trait is called by the path that the compiler finds first: `std::error::Error`, `snafu::Error`.
    let is_it = site.is("E0277")
        && site
            .error
            .message
            .starts_with("`?` couldn't convert the error: `anyhow::Error: ")
        && site.speaks_of("`wasmtime::Error` to implement `From<anyhow::Error>`");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let at = label.span.start.0;
    let before = text.get(..label.span.end.0)?;
    let mark = before.rfind('?').filter(|mark| *mark >= at)?;
    let tokens = Tokens::read(text).ok()?;
    let mut repair = made_wasmtimes(site, label, text, &tokens, mark);
    for other in siblings(&tokens, mark) {
        let other = made_wasmtimes(site, label, text, &tokens, other);
        repair.edits.extend(other.edits);
    }
    Some(repair)
}

/// Makes the error of the expression that ends at byte `at` Wasmtime's: by the macro that makes it, or of
/// what it gives.
pub(super) fn made_wasmtimes(
    site: &Site<'_>,
    label: &Label,
    text: &str,
    tokens: &Tokens<'_>,
    at: usize,
) -> Repair {
    let behind = tokens.starting_at(ByteOffset(at));
    match behind.and_then(|behind| only_macro(tokens, behind)) {
        Some(path) => {
            let new = "wasmtime::format_err".to_owned();
            site.edit(label, path, new, "the error is Wasmtime's")
        }
        None => chained(site, label, text, at, FROM_ANYHOW),
    }
}

/// `.and_then(f)`, where `f` gives the other error.
fn handed_on(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0271") && site.error.message.contains("to return `Result<");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let call = match met(site)? {
        Met::AnyhowForWasmtime => TO_ANYHOW,
        Met::WasmtimeForAnyhow => FROM_ANYHOW,
    };
    let tokens = Tokens::read(text).ok()?;
    let open = tokens.starting_at(label.span.start)?.checked_sub(1)?;
    let is_next_step = matches!(tokens.text(open.checked_sub(1)?), "and_then" | "or_else");
    let end = in_front_of_call(&tokens, open).filter(|_| is_next_step)?;
    Some(chained(site, label, text, end, call))
}

/// `.collect::<anyhow::Result<Vec<_>>>()` of results of the other one.
fn collected(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    let (wanted, found) =
        message.split_once("` cannot be built from an iterator over elements of type `")?;
    let call = match (wanted, found) {
        (wanted, found)
            if wanted.contains("anyhow::Error") && found.contains("wasmtime::Error") =>
        {
            "anyhow::Error::from"
        }
        (wanted, found)
            if wanted.contains("wasmtime::Error") && found.contains("anyhow::Error") =>
        {
            "wasmtime::Error::from_anyhow"
        }
        _ => return None,
    };
    // The method, or what it is told in its generic arguments: then the method has a label of its own.
    let mut labels = site.error.labels.iter().filter(|_| site.is("E0277"));
    let (dot, label, text, tokens) = labels.find_map(|label| {
        let text = site.text_at(label)?;
        let tokens = Tokens::read(text).ok()?;
        let name = tokens.starting_at(label.span.start)?;
        let dot = name.checked_sub(1)?;
        tokens
            .is_punct(dot, '.')
            .then_some((dot, label, text, tokens))
    })?;
    let end = tokens.get(dot.checked_sub(1)?)?.span.end.0;
    let call = format!(".map(|it| it.map_err({call}))");
    Some(chained(site, label, text, end, &call))
}

/// `.context(..)` of anyhow's on a result of Wasmtime's.
fn context(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    let is_context = site.is("E0599")
        && (message.starts_with("the method `context` exists")
            || message.starts_with("the method `with_context` exists"));
    // Wasmtime's own trait is in scope where a project has adopted its errors.
    let is_adopted = site.speaks_of("wasmtime::error::Context<");
    let (is_it, call) = match is_adopted {
        true => (message.contains("anyhow::Error"), FROM_ANYHOW),
        // Of a long type the message has the last names alone, and what is not satisfied is said below.
        false => {
            let is_refused = site.speaks_of("`wasmtime::Error: anyhow::context::");
            (message.contains("wasmtime::Error") || is_refused, TO_ANYHOW)
        }
    };
    let is_it = is_context && is_it;
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let dot = tokens
        .starting_at(label.span.start)?
        .checked_sub(1)
        .filter(|dot| tokens.is_punct(*dot, '.'))?;
    let end = tokens.get(dot.checked_sub(1)?)?.span.end.0;
    Some(chained(site, label, text, end, call))
}

/// `bail!` and its like of anyhow's, where Wasmtime's error is wanted: Wasmtime has the same macros.
fn of_macro(site: &Site<'_>) -> Option<Repair> {
    if !site.is("E0308") || !matches!(met(site)?, Met::AnyhowForWasmtime) {
        return None;
    }
    let label = site.error.labels.iter().find(|label| label.is_primary)?;
    let text = site.texts.get(&label.path)?;
    let of_macro = label.of_macro.as_deref()?.trim_end_matches('!');
    let of_macro = of_macro.rsplit("::").next().unwrap_or(of_macro);
    let new = match of_macro {
        "bail" | "ensure" => of_macro,
        "anyhow" | "format_err" => "format_err",
        _ => return None,
    };
    let written = label.span.text(text);
    let path = written.split('!').next()?;
    let is_it = path == of_macro || path == format!("anyhow::{of_macro}");
    let reason = "the error is Wasmtime's";
    let tokens = Tokens::read(written).ok().filter(|_| is_it)?;
    let open = 1 + (0..tokens.len()).find(|index| tokens.is_punct(*index, '!'))?;
    let given = arguments(&tokens, open)?;
    let error = given.get(usize::from(new == "ensure"));
    if error.is_none_or(|error| is_of_text(&tokens, error.start)) {
        let span = Span::new(label.span.start.0, label.span.start.0 + path.len());
        return Some(site.edit(label, span, format!("wasmtime::{new}"), reason));
    }
    let error = span_of(&tokens, error?)?.text(written);
    let made = match new {
        "bail" => returned_early(error),
        "format_err" => format!("wasmtime::Error::from_anyhow({written})"),
        _ => return None,
    };
    Some(site.edit(label, label.span, made, reason))
}

/// Which error stands where the other one is wanted.
pub(super) enum Met {
    WasmtimeForAnyhow,
    AnyhowForWasmtime,
}

/// What the compiler says of the two types, in its label or in the note that shows them in full.
pub(super) fn met(site: &Site<'_>) -> Option<Met> {
    let labels = site
        .error
        .labels
        .iter()
        .filter(|label| label.is_primary)
        .map(|label| label.text.as_str());
    let mut said: Vec<String> = labels.map(str::to_owned).collect();
    let lines: Vec<&str> = site.error.rendered.lines().collect();
    said.extend(lines.windows(2).map(|pair| pair.join(" ")));
    let in_full = said.iter().find_map(|text| {
        let (wanted, found) = text.split_once("expected")?.1.split_once("found")?;
        let has = |text: &str, name: &str| text.contains(name);
        if has(wanted, "anyhow::Error") && has(found, "wasmtime::Error") {
            Some(Met::WasmtimeForAnyhow)
        } else if has(wanted, "wasmtime::Error") && has(found, "anyhow::Error") {
            Some(Met::AnyhowForWasmtime)
        } else {
            None
        }
    });
    in_full.or_else(|| {
        // What was found is named first.
        let alike =
            |first, second| site.speaks_of(&format!("`{first}` and `{second}` have similar names"));
        let (wasmtime, anyhow) = ("wasmtime::Error", "anyhow::Error");
        if alike(wasmtime, anyhow) {
            Some(Met::WasmtimeForAnyhow)
        } else {
            alike(anyhow, wasmtime).then_some(Met::AnyhowForWasmtime)
        }
    })
}

/// One more call behind an expression, on a line of its own where the last one has one. A conversion that
/// an earlier round made the other way round is taken back instead.
pub(super) fn chained(site: &Site<'_>, label: &Label, text: &str, at: usize, call: &str) -> Repair {
    let before = &text[..at];
    let reason = "`wasmtime::Error` is not anyhow's";
    let opposite = if call == TO_ANYHOW {
        FROM_ANYHOW
    } else {
        TO_ANYHOW
    };
    if let Some(kept) = before.strip_suffix(opposite) {
        let span = Span::new(kept.trim_end().len(), at);
        return site.edit(label, span, String::new(), reason);
    }
    let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
    let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let call = match rest.starts_with(['.', ')']) {
        true => format!("{newline}{indent}{call}"),
        false => call.to_owned(),
    };
    site.edit(label, Span::new(at, at), call, reason)
}
