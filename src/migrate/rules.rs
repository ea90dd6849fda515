//! Rules of the knowledge base and of users, held against sources and against what the compiler says.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::pattern::{Match, Pattern, Source};
use super::scopes::Scopes;
use super::{ErrorStrategy, Ground, LeftOver, Migrated};
use crate::edit::Edit;
use crate::knowledge::Knowledge;
use crate::knowledge::migration::{Grade, Migration};
use crate::knowledge::rule::Rule;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

/// What is applied besides what is safe: asked for on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Included {
    /// Everything of the grade `review`.
    pub review: bool,
    /// These migrations, by id.
    pub ids: BTreeSet<String>,
    /// What becomes of errors.
    #[serde(default)]
    pub errors: ErrorStrategy,
}

impl Included {
    /// Whether nothing more is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.review && self.ids.is_empty() && self.errors == ErrorStrategy::Convert
    }
}

/// A rule on the way of an upgrade.
#[derive(Clone, Copy, Debug)]
pub struct Active<'k> {
    /// The migration that it is of.
    pub migration: &'k Migration,
    /// The rule.
    pub rule: &'k Rule,
    /// Whether it may edit; else its places are listed.
    pub applies: bool,
}

/// The rules of every migration behind `from` and up to `to`. There are none on the way down.
#[must_use]
pub fn active<'k>(
    knowledge: &'k Knowledge,
    from: Line,
    to: Line,
    included: &Included,
) -> Vec<Active<'k>> {
    let on_the_way = knowledge.migrations.iter().filter(|migration| {
        let since = migration.since.line();
        from < since && since <= to
    });
    let rules = on_the_way.flat_map(|migration| {
        let applies = match migration.grade {
            Grade::Safe => true,
            Grade::Review => included.review || included.ids.contains(&migration.id),
            Grade::Manual => false,
        };
        migration.rules.iter().map(move |rule| Active {
            migration,
            rule,
            applies,
        })
    });
    rules.collect()
}

impl Active<'_> {
    /// Whether a source can have a match: for passing over most of them quickly. What the compiler
    /// has to locate is never looked for here.
    #[must_use]
    pub fn may_match(&self, text: &str) -> bool {
        let find = self.rule.find.as_ref();
        self.rule.error.is_none()
            && find.is_some_and(|find| find.may_match(text))
            && self.is_open_to(text)
    }

    /// Whether the rule names something of a crate that `is_it` says, by the name that Rust knows it by.
    pub fn names_crate(&self, is_it: impl Fn(&str) -> bool) -> bool {
        let of_find = self.rule.find.iter().flat_map(Pattern::paths);
        let of_holds = self.rule.holds.values().flatten();
        let mut crates = of_find
            .chain(of_holds.map(Vec::as_slice))
            .filter_map(<[String]>::first);
        crates.any(|name| is_it(name))
    }

    /// Whether what is in the holes of a match is of the types that the rule wants, as far as the
    /// source tells.
    fn holds(&self, found: &Match, source: &Source<'_, '_>) -> bool {
        let mut holes = self.rule.holds.iter();
        holes.all(|(hole, types)| found.is_held(hole, types, source))
    }

    /// Whether a source has none of the words that rule it out.
    #[must_use]
    pub fn is_open_to(&self, text: &str) -> bool {
        let mut unless = self.rule.unless.iter();
        !unless.any(|word| text.contains(word.as_str()))
    }

    /// What is said of an edit.
    fn reason(&self, line: Line) -> String {
        format!("{} (line {line})", lowered(&self.migration.title))
    }

    /// What a person is told about a place.
    #[must_use]
    pub fn advice(&self) -> String {
        let Migration { id, title, .. } = self.migration;
        let what = self.rule.note.as_ref().unwrap_or(title);
        match self.rule.replace.is_some() && !self.applies {
            true => format!("{what}; `--include {id}` edits it"),
            false => format!("{what}; see `explain {id}`"),
        }
    }

    /// The edits of one match.
    #[must_use]
    pub fn edits(&self, found: &Match, source: &Source<'_, '_>, line: Line) -> Vec<Edit> {
        let Some(replace) = &self.rule.replace else {
            return Vec::new();
        };
        let reason = self.reason(line);
        match &self.rule.find {
            Some(find) => replace.edits(find, found, source, &reason),
            None => replace.edits(&Pattern::of_place(), found, source, &reason),
        }
    }
}

/// What one rule makes of a text by its tokens alone.
#[must_use]
pub fn by_tokens(
    active: &Active<'_>,
    tokens: &Tokens<'_>,
    text: &str,
    ground: &Ground<'_>,
) -> Migrated {
    let mut result = Migrated::default();
    let Some(find) = &active.rule.find else {
        return result;
    };
    if find
        .method()
        .is_some_and(|name| ground.own_names.contains(&name))
    {
        return result;
    }
    let scopes = Scopes::of(tokens);
    let source = Source {
        tokens,
        text,
        scopes: &scopes,
        ground,
    };
    let mut end = 0;
    let matches = find.matches(&source).into_iter();
    for found in matches.filter(|found| active.holds(found, &source)) {
        if !active.applies || active.rule.replace.is_none() {
            result.remaining.push(LeftOver {
                span: source.span_of(&found.core(find)),
                what: active.advice(),
            });
            continue;
        }
        let edits = active.edits(&found, &source, ground.to);
        // Of two in each other the outer one waits for the next run of the program.
        if edits.iter().any(|edit| edit.span.start.0 < end) {
            continue;
        }
        let ends = edits.iter().map(|edit| edit.span.end.0);
        end = ends.max().unwrap_or(end);
        result.edits.extend(edits);
    }
    result
}

/// The match that an error is about: the smallest one around its place, or the only one in it.
#[must_use]
pub fn at_error<'m>(
    matches: &'m [Match],
    source: &Source<'_, '_>,
    place: Span,
) -> Option<&'m Match> {
    let span = |found: &Match| source.span_of(&found.tokens());
    let around = matches.iter().filter(|found| {
        let span = span(found);
        span.start <= place.start && place.end <= span.end
    });
    if let Some(smallest) = around.min_by_key(|found| span(found).len()) {
        return Some(smallest);
    }
    only_inside(matches, source, place)
}

/// The only match in a place.
#[must_use]
pub fn only_inside<'m>(
    matches: &'m [Match],
    source: &Source<'_, '_>,
    place: Span,
) -> Option<&'m Match> {
    let mut inside = matches.iter().filter(|found| {
        let span = source.span_of(&found.tokens());
        place.start <= span.start && span.end <= place.end
    });
    let only = inside.next()?;
    inside.next().is_none().then_some(only)
}

/// With a small first letter, unless it begins a name.
fn lowered(title: &str) -> String {
    let mut characters = title.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(title.chars().skip(1)).collect()
        }
        _ => title.to_owned(),
    }
}
