//! A result or an error in the place of one of the other type: what is returned, handed over or put into a field.

use super::declared::is_of_text;
use super::errors::{FROM_ANYHOW, Met, TO_ANYHOW, chained, made_wasmtimes, met};
use super::host_functions::{end_of_call, of_block, tail_of, typed_values};
use super::{Repair, Site};
use crate::diagnostics::Label;
use crate::migrate::scopes::Scopes;
use crate::migrate::segments::head;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

const REASON: &str = "`wasmtime::Error` is not anyhow's";

/// A result of the one in the place of a result of the other, or an error in the place of an error.
pub(super) fn returned(site: &Site<'_>) -> Option<Repair> {
    // A function is no result, whatever it gives.
    let is_function = site.speaks_of("expected fn pointer") || site.speaks_of("expected fn item");
    let is_it = site.is("E0308") && !is_function;
    let (label, text) = site.primary().filter(|_| is_it)?;
    // Nor is something that has one in it.
    let is_wanted = |of: &str| label.text.starts_with(&format!("expected `{of}"));
    if ["Box<", "Arc<", "Rc<", "dyn "].into_iter().any(is_wanted) {
        return None;
    }
    let met = met(site)?;
    if let Some(repair) = taken_back(site, label, text, &met) {
        return Some(repair);
    }
    let written = label.span.text(text);
    // Of what is borrowed nothing can be made here.
    if written.starts_with('&') || label.text.contains("`&") {
        return None;
    }
    if written.starts_with('{') {
        return of_asynchronous(site, label, text, &met);
    }
    if is_shorthand(text, label) {
        return Some(shorthand(site, label, written, &met));
    }
    if let Some(edits) = of_cast(text, label, &met) {
        return Some(Repair::of_file(label, edits, "the error is Wasmtime's"));
    }
    if is_container(&label.text) {
        return None;
    }
    // The compiler would coerce a result with `?`; an error stands in `Err(..)` or is an argument.
    // Of what is awaited it speaks of the error alone.
    let is_result = site.speaks_of("use `?` to coerce")
        || label.text.contains("Result<")
        || written.ends_with(".await")
        || is_made_result(written)
        || is_given_back(site);
    match is_result {
        true => of_result(site, label, text, &met),
        false => of_error(site, label, text, &met),
    }
}

/// `Sender<Result<u8, anyhow::Error>>`: what is wanted has a result or an error in it, and is none.
fn is_container(said: &str) -> bool {
    let wanted = said.strip_prefix("expected `");
    let Some((wanted, _)) = wanted.and_then(|it| it.split_once('`')) else {
        return false;
    };
    let Some((name, generics)) = wanted.split_once('<') else {
        return wanted.starts_with(['(', '[']);
    };
    match name.rsplit("::").next() {
        // The error in the place of its error: `Result<Result<(), anyhow::Error>, Elapsed>` has another one.
        Some("Result") => {
            let error = generics.trim_end_matches('>').rsplit(',').next();
            !error.is_some_and(|it| it.ends_with("Error") || it.trim_matches([' ', '.']).is_empty())
        }
        Some("Poll") => false,
        _ => true,
    }
}

/// A field that was its name alone gets a value.
fn shorthand(site: &Site<'_>, label: &Label, written: &str, met: &Met) -> Repair {
    let is_error = !site.speaks_of("use `?` to coerce") && !label.text.contains("Result<");
    let value = match (is_error, met) {
        (true, Met::WasmtimeForAnyhow) => format!("anyhow::Error::from({written})"),
        (true, Met::AnyhowForWasmtime) => format!("wasmtime::Error::from_anyhow({written})"),
        (false, Met::WasmtimeForAnyhow) => format!("{written}{TO_ANYHOW}"),
        (false, Met::AnyhowForWasmtime) => format!("{written}{FROM_ANYHOW}"),
    };
    site.edit(label, label.span, format!("{written}: {value}"), REASON)
}

/// An asynchronous block, which the compiler shows as a whole: what it gives at its end.
fn of_asynchronous(site: &Site<'_>, label: &Label, text: &str, met: &Met) -> Option<Repair> {
    let tokens = Tokens::read(text).ok()?;
    let open = tokens.starting_at(label.span.start)?;
    let before = tokens.text(open.checked_sub(1)?);
    if !matches!(before, "async" | "move" | "|") {
        return None;
    }
    if matches!(met, Met::AnyhowForWasmtime) {
        let edits = of_block(&tokens, text, open)?;
        return Some(Repair::of_file(label, edits, "the error is Wasmtime's"));
    }
    let close = tokens.get(open)?.partner;
    let end = end_of_call(&tokens, tail_of(&tokens, open)?, close)?;
    Some(chained(site, label, text, end, TO_ANYHOW))
}

/// An error in the place of the other one.
fn of_error(site: &Site<'_>, label: &Label, text: &str, met: &Met) -> Option<Repair> {
    let written = label.span.text(text);
    let start = label.span.start.0;
    let of_wasmtime = |len: usize, new: &str| {
        let span = Span::new(start, start + len);
        site.edit(label, span, new.to_owned(), "the error is Wasmtime's")
    };
    if let (Met::AnyhowForWasmtime, Some(path)) = (met, path_of_macro(written)) {
        return Some(of_wasmtime(path.len(), "wasmtime::format_err"));
    }
    let proposed = site.as_proposed(REASON, |suggestion| {
        let into = "call `Into::into` on this expression to convert `wasmtime::Error` into";
        suggestion.message.starts_with(into)
    });
    if proposed.is_some() {
        return proposed;
    }
    if matches!(met, Met::AnyhowForWasmtime) && is_constructed(written) {
        return Some(of_wasmtime("anyhow".len(), "wasmtime"));
    }
    let is_field = || {
        let before = text.get(..start).unwrap_or_default().trim_end();
        let is_error = ["anyhow::Error", "wasmtime::Error", "Error"];
        let is_alone = |it: &&str| label.text.starts_with(&format!("expected `{it}`"));
        before.ends_with(':') && !before.ends_with("::") && is_error.iter().any(is_alone)
    };
    let is_wanted = site.speaks_of("arguments to this ")
        || is_field()
        || site.error.labels.iter().any(|label| {
            let of_result = label.text.contains("Error` because of return type");
            !label.is_primary && (of_result || label.text.starts_with("expected due to this"))
        });
    let function = match met {
        Met::WasmtimeForAnyhow => "anyhow::Error::from",
        Met::AnyhowForWasmtime => "wasmtime::Error::from_anyhow",
    };
    let new = format!("{function}({written})");
    (is_wanted && !has_block(written)).then(|| site.edit(label, label.span, new, REASON))
}

/// A result in the place of one of the other error.
fn of_result(site: &Site<'_>, label: &Label, text: &str, met: &Met) -> Option<Repair> {
    let written = label.span.text(text);
    let call = match met {
        Met::WasmtimeForAnyhow => TO_ANYHOW,
        Met::AnyhowForWasmtime => FROM_ANYHOW,
    };
    // Only what ends in a call or a name can be followed by one more call as it stands.
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let is_postfix = written.ends_with([')', ']', '?'])
        || written.ends_with(".await")
        || written.chars().all(is_name);
    let in_err = written
        .strip_prefix("Err(")
        .and_then(|rest| path_of_macro(rest.strip_suffix(')')?));
    if let (Met::AnyhowForWasmtime, Some(path)) = (met, in_err) {
        let start = label.span.start.0 + "Err(".len();
        let span = Span::new(start, start + path.len());
        let new = "wasmtime::format_err".to_owned();
        return Some(site.edit(label, span, new, "the error is Wasmtime's"));
    }
    if let Some(error) = error_alone(written) {
        let new = match met {
            Met::WasmtimeForAnyhow => format!("Err(anyhow::Error::from({error}))"),
            Met::AnyhowForWasmtime => format!("Err(wasmtime::Error::from_anyhow({error}))"),
        };
        return Some(site.edit(label, label.span, new, REASON));
    }
    if let (Met::AnyhowForWasmtime, true) = (met, written.contains("Ok")) {
        let tokens = Tokens::read(text).ok()?;
        let first = tokens.starting_at(label.span.start)?;
        let end = tokens.starting_at(label.span.end).unwrap_or(tokens.len());
        if let (true, Some(name)) = (is_ok_of_anyhow(&tokens, first), tokens.get(first)) {
            let new = "wasmtime::error::Ok".to_owned();
            return Some(site.edit(label, name.span, new, "the error is Wasmtime's"));
        }
        let edits = match written.starts_with("Ok::<") || written.starts_with("anyhow::Ok(") {
            true => typed_values(&tokens, first, end),
            false => Vec::new(),
        };
        if !edits.is_empty() {
            return Some(Repair::of_file(label, edits, "the error is Wasmtime's"));
        }
    }
    let is_wrapped = ["Ok(", "Err(", "|"]
        .iter()
        .any(|start| written.starts_with(start));
    let end = label.span.end.0;
    (is_postfix && !is_wrapped).then(|| match (met, Tokens::read(text)) {
        (Met::AnyhowForWasmtime, Ok(tokens)) => made_wasmtimes(site, label, text, &tokens, end),
        _ => chained(site, label, text, end, call),
    })
}

/// `Ok(value)` where `use anyhow::Ok;` says whose that is.
fn is_ok_of_anyhow(tokens: &Tokens<'_>, place: usize) -> bool {
    let is_call = tokens.is_ident(place, "Ok") && tokens.text(place + 1) == "(";
    is_call && Scopes::of(tokens).bound("Ok", place) == Some(&["anyhow", "Ok"])
}

/// `value as Box<dyn Future<Output = Result<(), anyhow::Error>> + Send>`: the type that it is made.
fn of_cast(text: &str, label: &Label, met: &Met) -> Option<Vec<(Span, String)>> {
    if matches!(met, Met::WasmtimeForAnyhow) {
        return None;
    }
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let end = tokens.starting_at(label.span.end).unwrap_or(tokens.len());
    let mut index = first;
    let mut cast = None;
    while index < end {
        if tokens.is_ident(index, "as") {
            cast = Some(index);
        }
        index = tokens.after(index);
    }
    let cast = cast.filter(|cast| *cast > first)?;
    let is_error = |place: &usize| {
        (cast..end).contains(place)
            && tokens.is_path_separator(place + 1)
            && matches!(tokens.text(place + 3), "Error" | "Result")
    };
    let places = tokens.places_of("anyhow").filter(is_error);
    let edits = places.filter_map(|place| Some((tokens.get(place)?.span, "wasmtime".to_owned())));
    let edits: Vec<_> = edits.collect();
    (!edits.is_empty()).then_some(edits)
}

/// Whether a place is a field of which a structure has no more than the name: `Failure { source }`.
fn is_shorthand(text: &str, label: &Label) -> bool {
    let Ok(tokens) = Tokens::read(text) else {
        return false;
    };
    let place = tokens.starting_at(label.span.start);
    let Some(place) = place.filter(|place| *place > 1) else {
        return false;
    };
    let is_alone = matches!(tokens.text(place - 1), "{" | ",")
        && matches!(tokens.text(place + 1), "}" | ",")
        && tokens.kind(place) == Some(TokenKind::Ident);
    let around = tokens.around(place).next().filter(|_| is_alone);
    let Some(open) = around.filter(|open| *open > 0 && tokens.text(*open) == "{") else {
        return false;
    };
    let name = tokens.text(open - 1);
    let first = head(&tokens, open - 1);
    let before = first
        .checked_sub(1)
        .map_or("", |before| tokens.text(before));
    let in_front = first.checked_sub(2).map_or("", |it| tokens.text(it));
    // Not a block behind a type or a condition: `-> Type {`, `if a == B {`.
    let is_value = matches!(before, "(" | "," | "{" | ";" | "|" | "return" | "}")
        || before == ">" && in_front == "="
        || before == "=" && !matches!(in_front, "=" | "!" | "<" | ">");
    name.starts_with(char::is_uppercase) && is_value
}

/// The name in `Err(name)`.
fn error_alone(written: &str) -> Option<&str> {
    let name = written.strip_prefix("Err(")?.strip_suffix(')')?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && !name.is_empty()).then_some(name)
}

/// An argument that an earlier round converted the other way round is taken as it is.
fn taken_back(site: &Site<'_>, label: &Label, text: &str, met: &Met) -> Option<Repair> {
    let call = match met {
        Met::WasmtimeForAnyhow => "wasmtime::Error::from_anyhow(",
        Met::AnyhowForWasmtime => "anyhow::Error::from(",
    };
    let before = text.get(..label.span.start.0)?.strip_suffix(call)?;
    text.get(label.span.end.0..)?.strip_prefix(')')?;
    let span = Span::new(before.len(), label.span.end.0 + 1);
    let written = label.span.text(text).to_owned();
    Some(site.edit(label, span, written, REASON))
}

/// Whether the last call of an expression is one that gives a result, whatever it was called on.
fn is_made_result(written: &str) -> bool {
    const METHODS: [&str; 4] = ["map_err", "ok_or", "ok_or_else", "with_context"];
    let Ok(tokens) = Tokens::read(written) else {
        return false;
    };
    let last = tokens
        .len()
        .checked_sub(1)
        .and_then(|last| tokens.get(last));
    let open = last.filter(|last| last.kind == TokenKind::Close);
    open.is_some_and(|open| {
        let open = open.partner;
        open > 1 && tokens.is_punct(open - 2, '.') && METHODS.contains(&tokens.text(open - 1))
    })
}

/// Whether the compiler says that it is what the function or the `match` gives: a result, of which it shows
/// the error alone.
fn is_given_back(site: &Site<'_>) -> bool {
    // Behind `#[async_trait]` the function's result is said in a note.
    let is_inferred = site.speaks_of("return type inferred to be `std::result::Result<");
    if is_inferred && !site.speaks_of("arguments to this ") {
        return true;
    }
    let mut labels = site.error.labels.iter();
    labels.any(|label| {
        // Or what the other arms of a `match` are.
        let is_told = label.text.ends_with("because of return type")
            || label.text.contains("found to be of type `");
        !label.is_primary && label.text.contains("Result<") && is_told
    })
}

/// The path of the macro of anyhow's that makes all of an expression, of a text: see [`is_of_text`].
pub(super) fn path_of_macro(written: &str) -> Option<&str> {
    let (path, _) = written.split_once('!')?;
    let is_it = matches!(
        path,
        "anyhow" | "anyhow::anyhow" | "anyhow::format_err" | "format_err"
    );
    let tokens = Tokens::read(written).ok().filter(|_| is_it)?;
    let open = 1 + (0..tokens.len()).find(|index| tokens.is_punct(*index, '!'))?;
    (tokens.after(open) == tokens.len() && is_of_text(&tokens, open + 1)).then_some(path)
}

/// `anyhow::Error::msg(..)` and `anyhow::Error::new(..)`: Wasmtime's error has the same.
fn is_constructed(written: &str) -> bool {
    let starts = ["anyhow::Error::msg(", "anyhow::Error::new("];
    starts.iter().any(|start| written.starts_with(start)) && written.ends_with(')')
}

/// Whether an expression has a block in it, or more than one statement.
fn has_block(written: &str) -> bool {
    let Ok(tokens) = Tokens::read(written) else {
        return true;
    };
    (0..tokens.len()).any(|index| matches!(tokens.text(index), "{" | ";"))
}
