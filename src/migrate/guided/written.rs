//! Rules of the knowledge base whose places the compiler tells.

use super::host_functions::reaches;
use super::{Repair, Site};
use crate::migrate::impls::span_of;
use crate::migrate::pattern::{Match, Source};
use crate::migrate::rules::{Active, at_error, only_inside};
use crate::migrate::scopes::Scopes;
use crate::migrate::{Crates, Ground, LeftOver};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// The first rule that has an answer gives it.
pub(super) fn written(site: &Site<'_>) -> Option<Repair> {
    let rules = site.terms.rules.iter();
    rules
        .filter(|active| active.applies && about(active, site))
        .find_map(|active| answer(active, site))
}

/// What a rule that edits nothing says about the error.
pub(super) fn explained(site: &Site<'_>) -> Option<(String, LeftOver)> {
    // It is told also of what a macro wrote.
    let label = site.error.labels.iter().find(|label| label.is_primary)?;
    let text = site.texts.get(&label.path)?;
    let mut rules = site.terms.rules.iter();
    let active = rules.find(|active| {
        let edits = active.applies && active.rule.replace.is_some();
        !edits && about(active, site) && is_there(active, site, text)
    })?;
    let left = LeftOver {
        span: label.span,
        what: active.advice(),
    };
    Some((label.path.clone(), left))
}

/// Whether the compiler says what the rule waits for.
fn about(active: &Active<'_>, site: &Site<'_>) -> bool {
    active.rule.error.as_ref().is_some_and(|shape| {
        site.is(&shape.code) && shape.says.iter().all(|part| site.speaks_of(part))
    })
}

fn is_there(active: &Active<'_>, site: &Site<'_>, text: &str) -> bool {
    active.rule.find.is_none() || found(active, site, text, |_, _| Some(())).is_some()
}

fn answer(active: &Active<'_>, site: &Site<'_>) -> Option<Repair> {
    let (label, text) = site.primary()?;
    if !active.is_open_to(text) {
        return None;
    }
    let edits = found(active, site, text, |at, source| {
        Some(active.edits(at, source, site.line))
    })?;
    if edits.is_empty() {
        return None;
    }
    let edits = edits.into_iter();
    let look_at = active.rule.note.as_ref().map(|_| {
        let left = LeftOver {
            span: label.span,
            what: active.advice(),
        };
        (label.path.clone(), left)
    });
    Some(Repair {
        edits: edits.map(|edit| (label.path.clone(), edit)).collect(),
        feature: None,
        look_at,
    })
}

/// The match that the error is about.
fn found<R>(
    active: &Active<'_>,
    site: &Site<'_>,
    text: &str,
    then: impl FnOnce(&Match, &Source<'_, '_>) -> Option<R>,
) -> Option<R> {
    let label = site.error.labels.iter().find(|label| label.is_primary)?;
    let tokens = Tokens::read(text).ok()?;
    let nothing = Crates::default();
    let ground = Ground {
        from: site.terms.from,
        to: site.line,
        paths: site.terms.paths,
        crates: site.terms.crates.get(&label.path).unwrap_or(&nothing),
        rules: &[],
        adopted_errors: None,
        own_names: &[],
        views: &crate::migrate::views::NOTHING_ELSEWHERE,
        keeps_perms: false,
    };
    let scopes = Scopes::of(&tokens);
    let source = Source {
        tokens: &tokens,
        text,
        scopes: &scopes,
        ground: &ground,
    };
    let Some(find) = &active.rule.find else {
        return then(&Match::of_place(&tokens, label.span)?, &source);
    };
    let matches = find.matches(&source);
    let of_variable = || {
        let values = values_of(&tokens, label.span).into_iter();
        let values = values.filter(|_| site.is("E0308"));
        let mut found = values.filter_map(|value| only_inside(&matches, &source, value));
        found.next().filter(|_| found.next().is_none())
    };
    let at = at_error(&matches, &source, label.span).or_else(of_variable);
    then(at?, &source)
}

/// The values that the variables in a place were declared with.
fn values_of(tokens: &Tokens<'_>, place: Span) -> Vec<Span> {
    let Some(first) = tokens.starting_at(place.start) else {
        return Vec::new();
    };
    let is_inside = |index: &usize| {
        tokens
            .get(*index)
            .is_some_and(|token| token.span.end <= place.end)
    };
    let is_variable = |index: &usize| {
        let behind = index + 1;
        let is_part = *index > 0 && matches!(tokens.text(index - 1), "." | ":");
        // A function or a path, or something that has a field.
        let is_more = match tokens.text(behind) {
            "." => tokens.text(behind + 2) != "(",
            next => matches!(next, "(" | ":" | "!"),
        };
        tokens.kind(*index) == Some(TokenKind::Ident) && !is_part && !is_more
    };
    let inside = (first..).take_while(is_inside).filter(is_variable);
    inside.filter_map(|used| value_of(tokens, used)).collect()
}

/// The value that the variable at a token was declared with.
fn value_of(tokens: &Tokens<'_>, used: usize) -> Option<Span> {
    let name = tokens.text(used);
    let is_let = |at: &usize| {
        let before = at.saturating_sub(1);
        let word = before.saturating_sub(usize::from(tokens.is_ident(before, "mut")));
        let is_let = *at > 0 && tokens.is_ident(word, "let");
        *at < used && is_let && reaches(tokens, *at, used)
    };
    let declared = tokens.places_of(name).filter(is_let).last()?;
    let end_of = |from: usize, mark: char| {
        let mut index = from;
        while index < used && !tokens.is_punct(index, mark) {
            index = tokens.after(index);
        }
        (index < used).then_some(index)
    };
    let first = end_of(declared, '=')? + 1;
    span_of(tokens, &(first..end_of(first, ';')?))
}
