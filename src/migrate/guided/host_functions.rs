//! Functions that Wasmtime calls, where they say nothing of what they give, or say it elsewhere: from 42 on an
//! error of anyhow's is not what it wants of them (PR #12163).

use super::declared::{macros_of_anyhow, result_of_closure, retyped};
use super::elsewhere::{elsewhere, given_by_macro};
use super::errors::{FROM_ANYHOW, Met, TO_ANYHOW, chained, met};
use super::{Repair, Site};
use crate::diagnostics::Label;
use crate::migrate::impls::{self, arguments};
use crate::migrate::match_arms;
use crate::migrate::segments::path_at;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// What is edited in one text.
pub(super) type Edits = Vec<(Span, String)>;

/// A function that has a name, a closure without a result of its own, an asynchronous block.
pub(super) fn host_functions(site: &Site<'_>) -> Option<Repair> {
    let is_crossed = site.terms.from < Line(42) && site.line >= Line(42);
    let of_function = site.is("E0277") && site.speaks_of("IntoFunc<");
    let of_result = site.is("E0277") && site.speaks_of("anyhow::Error>: WasmRet` is not");
    if is_crossed && of_function {
        if let Some(repair) = given_by_macro(site) {
            return Some(repair);
        }
    }
    let (label, text) = site.primary().filter(|_| is_crossed)?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    if of_function || is_other_result(site) {
        let path = function_path(&tokens, label, first);
        if let Some(repair) = path.and_then(|path| elsewhere(site, label, &tokens, &path)) {
            return Some(repair);
        }
    }
    let edits = if of_function {
        of_callable(&tokens, text, label, first)
    } else if is_other_result(site) {
        let of_type = || retyped(&tokens, first, tokens.len());
        match tokens.kind(first + 1) {
            Some(TokenKind::Punct('<' | ':')) => of_type(),
            _ => named(&tokens, text, tokens.text(first), first),
        }
    } else if of_result {
        retyped(&tokens, first, tokens.len()).or_else(|| of_asynchronous(&tokens, text, first))
    } else if is_future(site) {
        // `impl Future<Output = anyhow::Result<()>>`
        let declared = retyped(&tokens, first, tokens.len());
        declared.or_else(|| in_block(&tokens, text, first, end_of(&tokens, label)))
    } else {
        None
    };
    let edits = edits.filter(|edits| !edits.is_empty())?;
    let reason = format!("Wasmtime wants its own error (line {})", site.line);
    Some(Repair::of_file(label, edits, &reason))
}

/// A function or closure that is asked for with Wasmtime's result, and declared with another one.
fn is_other_result(site: &Site<'_>) -> bool {
    site.is("E0271")
        && site.error.message.contains("` to return `")
        && matches!(met(site), Some(Met::AnyhowForWasmtime))
}

fn is_future(site: &Site<'_>) -> bool {
    site.is("E0271")
        && site.speaks_of("to be a future that resolves to")
        && matches!(met(site), Some(Met::AnyhowForWasmtime))
}

fn end_of(tokens: &Tokens<'_>, label: &Label) -> usize {
    tokens.starting_at(label.span.end).unwrap_or(tokens.len())
}

/// What is given to Wasmtime: `name`, or a closure, maybe at the end of a block.
fn of_callable(tokens: &Tokens<'_>, text: &str, label: &Label, first: usize) -> Option<Edits> {
    let is_name =
        first + 1 == end_of(tokens, label) && tokens.kind(first) == Some(TokenKind::Ident);
    if is_name {
        return named(tokens, text, tokens.text(first), first);
    }
    let first = match tokens.text(first) == "{" {
        true => last_closure(tokens, first)?,
        false => first,
    };
    of_closure(tokens, text, first)
}

/// The nearest `let name = |..| ..` in front of a place, or `fn name`.
pub(super) fn named(tokens: &Tokens<'_>, text: &str, name: &str, place: usize) -> Option<Edits> {
    let bound = tokens.places_of(name).filter(|it| {
        let before = it.saturating_sub(1);
        let is_let = tokens.is_ident(before, "let") || tokens.is_ident(before, "mut");
        *it < place && is_let && tokens.is_punct(it + 1, '=') && reaches(tokens, *it, place)
    });
    if let Some(bound) = bound.last() {
        let value = bound + 2;
        return of_closure(tokens, text, handed_through(tokens, value).unwrap_or(value));
    }
    let only = function_of(tokens, name)?;
    let open = (only..tokens.len()).find(|index| tokens.text(*index) == "(")?;
    let arrow = tokens.after(open);
    let is_arrow = tokens.is_punct(arrow, '-') && tokens.is_punct(arrow + 1, '>');
    retyped(tokens, arrow + 2, tokens.len()).filter(|_| is_arrow)
}

/// The closure of `hinted(|..| ..)`, a call that does nothing but give a closure its type.
fn handed_through(tokens: &Tokens<'_>, value: usize) -> Option<usize> {
    let open = path_at(tokens, value)?.end;
    let first = open + 1;
    let word = (first..first + 2).find(|index| !tokens.is_ident(*index, "move"))?;
    let body = closed(tokens, word)? + 1;
    let only = match tokens.is_punct(body, '-') {
        // The result that is declared may have commas of its own.
        true => tokens.after((body..).find(|index| matches!(tokens.text(*index), "{" | ""))?),
        false => end_of_expression(tokens, body)?,
    };
    let is_all = tokens.text(open) == "(" && tokens.get(open)?.partner == only;
    is_all.then_some(first)
}

/// The `|` that ends the parameters of a closure, which begin with the other one.
fn closed(tokens: &Tokens<'_>, bar: usize) -> Option<usize> {
    let mut end = bar + 1;
    tokens.is_punct(bar, '|').then_some(())?;
    while !tokens.is_punct(end, '|') {
        tokens.kind(end)?;
        end = tokens.after(end);
    }
    Some(end)
}

/// The name of the only function of a text that is called so.
fn function_of(tokens: &Tokens<'_>, name: &str) -> Option<usize> {
    let mut functions = tokens
        .places_of(name)
        .filter(|it| *it > 0 && tokens.is_ident(it - 1, "fn"));
    functions.next().filter(|_| functions.next().is_none())
}

/// The names of what is given to Wasmtime, when it is `host::log`, `Self::log`, `log::<T>` or `log` and no more.
fn function_path(tokens: &Tokens<'_>, label: &Label, first: usize) -> Option<Vec<usize>> {
    let path = path_at(tokens, first)?;
    let end = end_of(tokens, label);
    let has_arguments = tokens.is_path_separator(path.end) && tokens.is_punct(path.end + 2, '<');
    let behind = match has_arguments {
        true => impls::behind_generics(tokens, path.end + 2)?,
        false => path.end,
    };
    (behind == end).then_some(path.places)
}

/// Whether what is declared at one place is known at another: the block around it has both.
pub(super) fn reaches(tokens: &Tokens<'_>, declared: usize, place: usize) -> bool {
    let around = tokens.around(declared).next();
    around.is_none_or(|open| tokens.get(open).is_some_and(|open| open.partner > place))
}

/// The closure at the end of a block.
fn last_closure(tokens: &Tokens<'_>, open: usize) -> Option<usize> {
    let close = tokens.get(open)?.partner;
    let mut first = open + 1;
    let mut index = first;
    while index < close {
        if tokens.is_punct(index, ';') {
            first = index + 1;
        }
        index = tokens.after(index);
    }
    Some(first)
}

/// A closure: the result that it declares, the macros that make its errors, or a result that it is given.
fn of_closure(tokens: &Tokens<'_>, text: &str, first: usize) -> Option<Edits> {
    if let Some(range) = result_of_closure(tokens, first) {
        return retyped(tokens, range.start, range.end);
    }
    let bar = (first..first + 3).find(|index| tokens.is_punct(*index, '|'))?;
    let end = closed(tokens, bar)?;
    let body = end + 1;
    let behind = match tokens.text(body) {
        "{" => tokens.after(body),
        _ => end_of_expression(tokens, body)?,
    };
    let whole = tokens.get(body)?.span.to(tokens.get(behind - 1)?.span);
    let macros = macros_of_anyhow(tokens, whole, text);
    if !macros.is_empty() {
        return Some(macros);
    }
    if tokens.text(body) == "{" {
        let at = tokens.get(end)?.span.end.0;
        return Some(vec![(
            Span::new(at, at),
            " -> wasmtime::Result<_>".to_owned(),
        )]);
    }
    converted(tokens, body, behind)
}

/// Behind an expression that stands as an argument, in a block or in a statement.
fn end_of_expression(tokens: &Tokens<'_>, first: usize) -> Option<usize> {
    let mut index = first;
    while !matches!(tokens.text(index), "," | ";") && tokens.kind(index)? != TokenKind::Close {
        index = tokens.after(index);
    }
    (index > first).then_some(index)
}

/// `Box::new(async move { .. })` in the arguments of a call whose name is at a place.
fn of_asynchronous(tokens: &Tokens<'_>, text: &str, name: usize) -> Option<Edits> {
    let open = name + 1;
    let arguments = arguments(tokens, open).filter(|_| tokens.text(open) == "(")?;
    let is_closure = |first: usize| tokens.is_punct(first, '|') || tokens.is_ident(first, "move");
    // What is between the bars has commas of its own.
    let closure = arguments.iter().find(|it| is_closure(it.start));
    if let Some(declared) = closure.and_then(|it| result_of_closure(tokens, it.start)) {
        return retyped(tokens, declared.start, declared.end);
    }
    let first = closure.or(arguments.last())?.start;
    in_block(tokens, text, first, tokens.get(open)?.partner)
}

/// The error that the last asynchronous block between two places gives, as Wasmtime's.
fn in_block(tokens: &Tokens<'_>, text: &str, first: usize, end: usize) -> Option<Edits> {
    let word = (first..end).find(|index| {
        let next = match tokens.is_ident(index + 1, "move") {
            true => index + 2,
            false => index + 1,
        };
        tokens.is_ident(*index, "async") && tokens.text(next) == "{"
    })?;
    let open = (word..end).find(|index| tokens.text(*index) == "{")?;
    of_block(tokens, text, open)
}

/// The error that the asynchronous block at `open` gives, as Wasmtime's.
pub(super) fn of_block(tokens: &Tokens<'_>, text: &str, open: usize) -> Option<Edits> {
    let close = tokens.get(open)?.partner;
    let whole = tokens.get(open)?.span.to(tokens.get(close)?.span);
    let mut edits = macros_of_anyhow(tokens, whole, text);
    edits.extend(typed_values(tokens, open, close));
    if !edits.is_empty() {
        return Some(edits);
    }
    converted(tokens, tail_of(tokens, open)?, close)
}

/// The first token of the last expression of the block at `open`.
pub(super) fn tail_of(tokens: &Tokens<'_>, open: usize) -> Option<usize> {
    let close = tokens.get(open)?.partner;
    let mut tail = open + 1;
    let mut index = tail;
    while index < close {
        let ends = tokens.is_punct(index, ';')
            || tokens.text(index) == "{" && !tokens.is_punct(index + 1, '.');
        let next = tokens.after(index);
        if ends && next < close && !tokens.is_punct(next, '.') && !tokens.is_punct(next, '?') {
            tail = next;
        }
        index = next;
    }
    (tail < close).then_some(tail)
}

/// `Ok::<_, anyhow::Error>(..)` and `anyhow::Ok(..)`, as Wasmtime's.
pub(super) fn typed_values(tokens: &Tokens<'_>, open: usize, close: usize) -> Edits {
    let mut edits = Edits::new();
    for place in tokens
        .places_of("anyhow")
        .filter(|it| (open..close).contains(it))
    {
        let is_path = tokens.is_path_separator(place + 1);
        let Some(crate_name) = tokens.get(place).filter(|_| is_path) else {
            continue;
        };
        let last = place + 3;
        if tokens.is_ident(last, "Ok") && tokens.text(last + 1) == "(" {
            edits.push((crate_name.span, "wasmtime::error".to_owned()));
        }
        // Behind the comma of `Ok::<_, ..>` or `Err::<_, ..>`.
        let is_second = place > open + 4 && tokens.is_punct(place - 1, ',');
        let generics = (open..place).rev().find(|it| tokens.is_punct(*it, '<'));
        let is_value = generics.is_some_and(|it| {
            it > 2
                && tokens.is_path_separator(it - 2)
                && matches!(tokens.text(it - 3), "Ok" | "Err")
        });
        if tokens.is_ident(last, "Error") && is_second && is_value {
            edits.push((crate_name.span, "wasmtime".to_owned()));
        }
    }
    edits
}

/// An expression with its error made Wasmtime's, where one more call can follow it or it is a `match`.
fn converted(tokens: &Tokens<'_>, first: usize, end: usize) -> Option<Edits> {
    if tokens.is_ident(first, "match") {
        return of_arms(tokens, first, end);
    }
    let at = end_of_call(tokens, first, end)?;
    Some(vec![(Span::new(at, at), FROM_ANYHOW.to_owned())])
}

/// What the arms of a `match` give that is all of an expression.
fn of_arms(tokens: &Tokens<'_>, word: usize, end: usize) -> Option<Edits> {
    let open = (word..end).find(|index| tokens.text(*index) == "{")?;
    let is_all = tokens.after(open) == end;
    let mut edits = Edits::new();
    for arm in match_arms::read(tokens, open).filter(|_| is_all)? {
        let mut first = arm.body;
        let mut end = arm.end;
        if tokens.text(first) == "{" && tokens.after(first) == end {
            end -= 1;
            first = tail_of(tokens, first)?;
        }
        let is_call = tokens.text(first + 1) == "(" && tokens.after(first + 1) == end;
        match tokens.text(first) {
            "Ok" if is_call => {}
            "return" | "continue" | "break" => {}
            _ if tokens.is_punct(end - 1, '?') => {}
            "Err" if is_call => edits.extend(of_error(tokens, first + 2, end - 1)?),
            _ => edits.extend(converted(tokens, first, end)?),
        }
    }
    Some(edits)
}

/// An error of anyhow's between two places as Wasmtime's, or as what it was before it was made anyhow's.
fn of_error(tokens: &Tokens<'_>, first: usize, end: usize) -> Option<Edits> {
    const MADE: [&str; 8] = ["anyhow", ":", ":", "Error", ":", ":", "from", "("];
    let (start, last) = (tokens.get(first)?.span, tokens.get(end - 1)?.span);
    let inner = first + MADE.len();
    let is_made = (first..)
        .zip(MADE)
        .all(|(at, text)| tokens.text(at) == text);
    if is_made && tokens.after(inner - 1) == end {
        let front = Span::new(start.start.0, tokens.get(inner)?.span.start.0);
        return Some(vec![(front, String::new()), (last, String::new())]);
    }
    let (before, behind) = (start.start.0, last.end.0);
    let call = "wasmtime::Error::from_anyhow(".to_owned();
    Some(vec![
        (Span::new(before, before), call),
        (Span::new(behind, behind), ")".to_owned()),
    ])
}

/// Where an expression ends, in bytes, that one more call can follow.
pub(super) fn end_of_call(tokens: &Tokens<'_>, first: usize, end: usize) -> Option<usize> {
    let last = end.checked_sub(1).filter(|last| *last >= first)?;
    let is_wrapped = matches!(
        tokens.text(first),
        "Ok" | "Err" | "if" | "match" | "loop" | "for" | "while"
    );
    let is_name = last == first && tokens.kind(first) == Some(TokenKind::Ident);
    let is_call = tokens.text(last) == ")" || tokens.is_ident(last, "await") || is_name;
    let at = tokens.get(last)?.span.end.0;
    (is_call && !is_wrapped).then_some(at)
}

/// A function that is given to one of the project's that asks for one which gives anyhow's result, such as
/// `fn linker(f: impl Fn(&mut Linker<S>) -> anyhow::Result<()>)` for the `add_to_linker` of bindings.
pub(super) fn function_values(site: &Site<'_>) -> Option<Repair> {
    let of_bound = site.is("E0271") && site.error.message.contains("to return `Result<");
    let of_pointer = site.is("E0308") && site.speaks_of("expected fn pointer");
    let is_given = of_bound && matches!(met(site), Some(Met::WasmtimeForAnyhow));
    if !is_given && !of_pointer {
        return None;
    }
    let mut labels = site.error.labels.iter().filter(|label| !label.is_primary);
    let callee = labels.find(|label| {
        label
            .text
            .starts_with("required by a bound introduced by this call")
            || label.text.starts_with("arguments to this ")
    })?;
    let name = callee.span.text(site.text_at(callee)?);
    let name = name.rsplit("::").next()?.trim();
    let mut found = site.texts.iter().filter_map(|(path, text)| {
        let tokens = Tokens::read(text).ok().filter(|_| text.contains(name))?;
        let edits = asked_for(&tokens, function_of(&tokens, name)?)?;
        Some((path, edits))
    });
    let (path, edits) = found.next().filter(|_| found.next().is_none())?;
    let label = Label {
        path: path.clone(),
        ..callee.clone()
    };
    let reason = format!(
        "it is given functions that give Wasmtime's error (line {})",
        site.line
    );
    Some(Repair::of_file(&label, edits, &reason))
}

/// The result of the only `Fn(..) ->` or `fn(..) ->` in the head of a function.
fn asked_for(tokens: &Tokens<'_>, function: usize) -> Option<Edits> {
    let body = (function..tokens.len()).find(|index| matches!(tokens.text(*index), "{" | ";"))?;
    let mut found = (function + 1..body).filter_map(|index| {
        let is_it = matches!(tokens.text(index), "Fn" | "FnMut" | "FnOnce" | "fn");
        let arrow = tokens.after(index + 1);
        let gives = tokens.is_punct(arrow, '-') && tokens.is_punct(arrow + 1, '>');
        let is_whole = is_it && tokens.text(index + 1) == "(" && gives;
        is_whole.then(|| retyped(tokens, arrow + 2, body))?
    });
    found.next().filter(|_| found.next().is_none())
}

/// A parameter that is an error: `fn memory_grow_failed(&mut self, error: anyhow::Error)`.
pub(super) fn parameter(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0053");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let is_error = matches!(met(site), Some(Met::AnyhowForWasmtime));
    let new = match label.span.text(text) {
        "anyhow::Error" | "Error" => "wasmtime::Error",
        "Resource<anyhow::Error>" | "Resource<Error>" => "Resource<wasmtime::Error>",
        _ => return None,
    };
    let reason = "Wasmtime gives its own error";
    is_error.then(|| site.edit(label, label.span, new.to_owned(), reason))
}

/// A function of an implementation under `#[async_trait]`: the compiler points to the attribute.
pub(super) fn of_async_trait(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0053") && matches!(met(site), Some(Met::AnyhowForWasmtime));
    let mut labels = site.error.labels.iter().filter(|_| is_it);
    let label = labels.find(|label| {
        let of_macro = label.of_macro.as_deref().unwrap_or_default();
        label.is_primary && of_macro.contains("async_trait")
    })?;
    let text = site.texts.get(&label.path)?;
    let name = super::quoted(&site.error.message).next()?;
    let tokens = Tokens::read(text).ok()?;
    let blocks = impls::find(&tokens);
    let is_its = |block: &&impls::ImplBlock| {
        let start = tokens.get(block.start).map(|token| token.span.start);
        start.is_some_and(|start| start <= label.span.start)
            && tokens
                .get(block.open)
                .is_some_and(|open| label.span.end <= open.span.start)
    };
    let block = blocks.iter().find(is_its)?;
    let result = block.function(&tokens, name)?.result.clone();
    let edits = retyped(&tokens, result.start, result.end)?;
    let reason = format!("Wasmtime wants its own error (line {})", site.line);
    Some(Repair::of_file(label, edits, &reason))
}

/// A function of a trait of the project's own, which it implements for anyhow's error or result.
pub(super) fn of_own_trait(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    let name = message
        .strip_prefix("no method named `")?
        .split('`')
        .next()?;
    let of_error = message.contains("found for struct `wasmtime::Error`");
    let of_result =
        site.speaks_of("method not found in `") && site.speaks_of(", wasmtime::Error>`");
    let is_it = site.is("E0599") && (of_error || of_result);
    let (label, text) = site.primary().filter(|_| is_it)?;
    let wanted = if of_error { "Error" } else { "Result" };
    let mut texts = site.texts.values().filter(|text| text.contains(name));
    let is_implemented = texts.any(|text| {
        let tokens = Tokens::read(text);
        tokens.is_ok_and(|tokens| implements(&tokens, text, name, wanted))
    });
    let tokens = Tokens::read(text).ok().filter(|_| is_implemented)?;
    let place = tokens.starting_at(label.span.start)?;
    let dot = place
        .checked_sub(1)
        .filter(|dot| tokens.is_punct(*dot, '.'))?;
    let before = dot.checked_sub(1)?;
    let end = tokens.get(before)?.span.end.0;
    if !of_error {
        return Some(chained(site, label, text, end, TO_ANYHOW));
    }
    let is_name = tokens.kind(before) == Some(TokenKind::Ident)
        && !(before > 0 && matches!(tokens.text(before - 1), "." | ":"));
    let span = tokens.get(before)?.span;
    let new = format!("anyhow::Error::from({})", span.text(text));
    is_name.then(|| site.edit(label, span, new, "`wasmtime::Error` is not anyhow's"))
}

/// `impl Trait for anyhow::Error { fn name .. }`, `impl<T> Trait for anyhow::Result<T> { fn name .. }`.
fn implements(tokens: &Tokens<'_>, text: &str, name: &str, wanted: &str) -> bool {
    impls::find(tokens).iter().any(|block| {
        let Some(last) = block
            .of_type
            .clone()
            .find(|index| tokens.is_ident(*index, wanted))
        else {
            return false;
        };
        let is_path = last >= 3 && tokens.is_ident(last - 3, "anyhow");
        let is_imported = last == block.of_type.start && text.contains("use anyhow::");
        block.function(tokens, name).is_some() && (is_path || is_imported)
    })
}
