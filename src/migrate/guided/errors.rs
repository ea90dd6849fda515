//! `wasmtime::Error` is a type of its own from 42 on (PR #12163): where it meets `anyhow::Error`, one is
//! made of the other.

use super::{Repair, Site};
use crate::span::Span;

/// Converts at the place where the two meet.
pub(super) fn convert(site: &Site<'_>) -> Option<Repair> {
    question_mark(site).or_else(|| returned(site))
}

/// `?` on something of anyhow's in a function that gives Wasmtime's error.
fn question_mark(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0277")
        && site
            .error
            .message
            .starts_with("`?` couldn't convert the error")
        && site.speaks_of("anyhow::Error: std::error::Error");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let at = label.span.start.0;
    let before = text.get(..label.span.end.0)?;
    let mark = before.rfind('?').filter(|mark| *mark >= at)?;
    let call = ".map_err(wasmtime::Error::from_anyhow)".to_owned();
    Some(site.edit(
        label,
        Span::new(mark, mark),
        call,
        "`wasmtime::Error` is not anyhow's",
    ))
}

/// A result of Wasmtime's in the place of one of anyhow's.
fn returned(site: &Site<'_>) -> Option<Repair> {
    let expects = |one: &str, other: &str| {
        site.error.labels.iter().any(|label| {
            label.is_primary && label.text.contains("expected") && {
                let (wanted, found) = label.text.split_once("found").unwrap_or(("", ""));
                wanted.contains(one) && found.contains(other)
            }
        })
    };
    let (label, text) = site.primary().filter(|_| site.is("E0308"))?;
    let written = label.span.text(text);
    let (call, reason) = if expects("anyhow::Error", "wasmtime::Error") {
        (
            ".map_err(anyhow::Error::from)",
            "anyhow's error is made of Wasmtime's",
        )
    } else if expects("wasmtime::Error", "anyhow::Error") {
        (
            ".map_err(wasmtime::Error::from_anyhow)",
            "`wasmtime::Error` is not anyhow's",
        )
    } else {
        return None;
    };
    // Only what ends in a call or a name can be followed by one more call as it stands.
    let is_postfix =
        written.ends_with([')', ']']) || written.chars().all(|c| c.is_alphanumeric() || c == '_');
    let is_result = label.text.contains("Result<");
    if !is_postfix || !is_result {
        return None;
    }
    let at = label.span.end.0;
    Some(site.edit(label, Span::new(at, at), call.to_owned(), reason))
}
