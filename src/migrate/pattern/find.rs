//! Where a pattern matches in a source.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Part, Pattern, is_closing};
use crate::migrate::Ground;
use crate::migrate::scopes::Scopes;
use crate::migrate::segments::{WrittenPath, path_at};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// A source that is searched.
pub struct Source<'a, 't> {
    /// Its tokens.
    pub tokens: &'a Tokens<'t>,
    /// Its text.
    pub text: &'t str,
    /// What names mean in it.
    pub scopes: &'a Scopes<'t>,
    /// What is known beside the text.
    pub ground: &'a Ground<'a>,
}

/// One place that a pattern matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The tokens of each part of the pattern; an empty range for a hole that stands for nothing.
    pub(super) parts: Vec<Range<usize>>,
    /// The tokens of each hole.
    pub(super) holes: BTreeMap<String, Range<usize>>,
}

impl Match {
    /// The tokens of all of it.
    #[must_use]
    pub fn tokens(&self) -> Range<usize> {
        let first = self.parts.first().map_or(0, |range| range.start);
        first..self.parts.last().map_or(first, |range| range.end)
    }

    /// The tokens that the pattern spells out, from the first to the last: without what stands in
    /// holes at its ends.
    #[must_use]
    pub fn core(&self, pattern: &Pattern) -> Range<usize> {
        let spelled = |place: &usize| {
            let part = &pattern.elements[*place].part;
            matches!(part, Part::Token(_) | Part::Path(_))
        };
        let mut places = (0..self.parts.len()).filter(spelled);
        let first = places.next().map_or(0, |place| self.parts[place].start);
        let last = places.next_back();
        let end = last.map_or(first + 1, |place| self.parts[place].end);
        first..end
    }

    /// All of some bytes, as the pattern of a place sees them; none when they are not whole tokens.
    #[must_use]
    pub fn of_place(tokens: &Tokens<'_>, place: Span) -> Option<Self> {
        let first = tokens.starting_at(place.start)?;
        let end = tokens.starting_at(place.end).unwrap_or(tokens.len());
        let last = end.checked_sub(1)?;
        let is_whole =
            tokens.get(first)?.span.start == place.start && tokens.get(last)?.span.end == place.end;
        let range = first..end;
        is_whole.then(|| Self {
            parts: vec![range.clone()],
            holes: BTreeMap::from([("it".to_owned(), range)]),
        })
    }
}

impl Pattern {
    /// Every place that it matches, in order; two of them may overlap.
    #[must_use]
    pub fn matches(&self, source: &Source<'_, '_>) -> Vec<Match> {
        if !self.may_match(source.text) {
            return Vec::new();
        }
        let behind_receiver = match self.elements.as_slice() {
            [first, point, ..] => {
                matches!(first.part, Part::One(_)) && point.part == Part::Token(".".to_owned())
            }
            _ => false,
        };
        let mut uses = source.scopes.uses.iter().peekable();
        let mut found = Vec::new();
        for index in 0..source.tokens.len() {
            // What `use` declarations name is the business of paths.
            while uses.next_if(|item| item.end < index).is_some() {}
            if uses.peek().is_some_and(|item| item.keyword <= index) {
                continue;
            }
            let mut matched = Match {
                parts: Vec::new(),
                holes: BTreeMap::new(),
            };
            let mut place = 0;
            if behind_receiver {
                if !source.tokens.is_punct(index, '.') {
                    continue;
                }
                let Some(start) = chain_start(source.tokens, index) else {
                    continue;
                };
                if let Part::One(name) = &self.elements[0].part {
                    matched.holes.insert(name.clone(), start..index);
                }
                matched.parts.push(start..index);
                place = 1;
            }
            if self.go_on(source, place, index, &mut matched) {
                found.push(matched);
            }
        }
        found
    }

    /// Matches the parts from `place` on against the tokens from `index` on.
    fn go_on(
        &self,
        source: &Source<'_, '_>,
        place: usize,
        index: usize,
        matched: &mut Match,
    ) -> bool {
        let Some(element) = self.elements.get(place) else {
            return true;
        };
        let tokens = source.tokens;
        match &element.part {
            Part::Token(text) => {
                // `f(a, b,)`
                let is_spare = is_closing(text) && tokens.is_punct(index, ',');
                let index = index + usize::from(is_spare);
                tokens.text(index) == text && self.with(source, place, index..index + 1, matched)
            }
            Part::Path(names) => source
                .path(names, index)
                .is_some_and(|end| self.with(source, place, index..end, matched)),
            Part::Failure(name) => {
                let Some(end) = behind_failure(tokens, index) else {
                    return false;
                };
                matched.holes.insert(name.clone(), index..end);
                self.with(source, place, index..end, matched)
            }
            Part::Rest(name) => {
                let mut end = index;
                while end < tokens.len() && tokens.kind(end) != Some(TokenKind::Close) {
                    end = tokens.after(end);
                }
                matched.holes.insert(name.clone(), index..end);
                self.with(source, place, index..end, matched)
            }
            Part::One(name) => {
                let before = matched.holes.get(name).cloned();
                let is_type = self.is_argument_of_type(place);
                let is_open = |end: usize| {
                    is_type && (ends_arrow(tokens, end) || !is_balanced(tokens, index..end))
                };
                let ends = |end: usize| {
                    ends_hole(tokens, end) && !(tokens.is_punct(end, ',') && is_open(end))
                };
                let mut end = index;
                while end < tokens.len() && !ends(end) {
                    end = tokens.after(end);
                    let is_same = before.as_ref().is_none_or(|before| {
                        source.text_of(before) == source.text_of(&(index..end))
                    });
                    if !is_same {
                        continue;
                    }
                    matched.holes.insert(name.clone(), index..end);
                    // At the end of a pattern a hole takes all that there is.
                    let is_last = place + 1 == self.elements.len();
                    let is_whole = (!is_last || ends(end)) && !is_open(end);
                    if is_whole && self.with(source, place, index..end, matched) {
                        return true;
                    }
                    matched.holes.remove(name);
                    matched
                        .holes
                        .extend(before.clone().map(|range| (name.clone(), range)));
                }
                false
            }
        }
    }

    /// Whether the hole at a place stands between `<` and `>`.
    fn is_argument_of_type(&self, place: usize) -> bool {
        let before = self.elements[..place].iter();
        let depth = before.fold(0_usize, |depth, element| match &element.part {
            Part::Token(text) if text == "<" => depth + 1,
            Part::Token(text) if text == ">" => depth.saturating_sub(1),
            _ => depth,
        });
        let mut behind = self.elements[place..].iter();
        depth > 0 && behind.any(|element| element.part == Part::Token(">".to_owned()))
    }

    fn with(
        &self,
        source: &Source<'_, '_>,
        place: usize,
        range: Range<usize>,
        matched: &mut Match,
    ) -> bool {
        let end = range.end;
        matched.parts.push(range);
        let goes_on = self.go_on(source, place + 1, end, matched);
        if !goes_on {
            matched.parts.pop();
        }
        goes_on
    }
}

/// Whether as many generic arguments end in a range as begin in it; the `>` of an arrow ends none.
fn is_balanced(tokens: &Tokens<'_>, mut range: Range<usize>) -> bool {
    let depth = range.try_fold(0_usize, |depth, index| match tokens.kind(index) {
        Some(TokenKind::Punct('<')) => Some(depth + 1),
        Some(TokenKind::Punct('>')) if !ends_arrow(tokens, index) => depth.checked_sub(1),
        _ => Some(depth),
    });
    depth == Some(0)
}

fn ends_arrow(tokens: &Tokens<'_>, index: usize) -> bool {
    tokens.is_punct(index, '>') && index > 0 && matches!(tokens.text(index - 1), "-" | "=")
}

/// Whether an expression can't go on with the token.
fn ends_hole(tokens: &Tokens<'_>, index: usize) -> bool {
    match tokens.kind(index) {
        Some(TokenKind::Close) | None => true,
        Some(TokenKind::Punct(character)) => matches!(character, ',' | ';'),
        Some(_) => false,
    }
}

impl Source<'_, '_> {
    /// The text of some tokens.
    #[must_use]
    pub fn text_of(&self, range: &Range<usize>) -> &str {
        self.span_of(range).text(self.text)
    }

    /// The bytes of some tokens; of none, the place in front of the next.
    #[must_use]
    pub fn span_of(&self, range: &Range<usize>) -> Span {
        let span = |index: usize| self.tokens.get(index).map(|token| token.span);
        match (span(range.start), range.end.checked_sub(1).and_then(span)) {
            (Some(first), Some(last)) if !range.is_empty() => first.to(last),
            (Some(next), _) => Span::new(next.start.0, next.start.0),
            _ => Span::new(self.text.len(), self.text.len()),
        }
    }

    /// Where the path that begins at a token ends, when it means the item of that name, or something
    /// in it: then the rest is left.
    fn path(&self, names: &[String], index: usize) -> Option<usize> {
        let path = path_at(self.tokens, index)?;
        let more = match self.scopes.meaning(self.tokens, &path, self.ground) {
            Some(resolved) => {
                let is_it = resolved.path.starts_with(names);
                is_it.then(|| resolved.path.len() - names.len())?
            }
            // `use wasmtime::*` brings in what nobody told us about.
            None => self.behind_star(names, &path, index)?,
        };
        let last = path.places.len().checked_sub(more + 1)?;
        path.places.get(last).map(|place| place + 1)
    }

    fn behind_star(&self, names: &[String], path: &WrittenPath, index: usize) -> Option<usize> {
        let written = path.places.iter().map(|place| self.tokens.text(*place));
        let written: Vec<&str> = written.collect();
        let (first, _) = written.split_first()?;
        let place = names.iter().position(|name| name == first)?;
        let (module, item) = names.split_at(place);
        let is_item = written.len() >= item.len() && item.iter().zip(&written).all(|(a, b)| a == b);
        let is_there = !module.is_empty()
            && is_item
            && !self.scopes.is_defined(first)
            && self.scopes.has_star(module, index, self.ground);
        is_there.then(|| written.len() - item.len())
    }
}

/// Where that ends which deals with a failure and begins at a token.
fn behind_failure(tokens: &Tokens<'_>, mut index: usize) -> Option<usize> {
    loop {
        if tokens.is_punct(index, '?') {
            return Some(index + 1);
        }
        let is_call = tokens.is_punct(index, '.') && tokens.text(index + 2) == "(";
        let end = is_call.then(|| tokens.after(index + 2))?;
        match tokens.text(index + 1) {
            "unwrap" | "expect" => return Some(end),
            "map_err" | "context" | "with_context" | "wrap_err" | "wrap_err_with" => index = end,
            _ => return None,
        }
    }
}

/// Where the chain of calls, fields and indices begins that ends in front of the point at `point`.
fn chain_start(tokens: &Tokens<'_>, point: usize) -> Option<usize> {
    let mut index = point.checked_sub(1)?;
    loop {
        match tokens.kind(index)? {
            TokenKind::Punct('?') => {
                index = index.checked_sub(1)?;
                continue;
            }
            TokenKind::Close if matches!(tokens.text(index), ")" | "]") => {
                index = tokens.get(index)?.partner;
                match index.checked_sub(1).and_then(|before| head(tokens, before)) {
                    Some(before) => index = before,
                    // A group of its own, or an array.
                    None => return Some(index),
                }
                if matches!(
                    tokens.kind(index),
                    Some(TokenKind::Close | TokenKind::Punct('?'))
                ) {
                    continue; // `f(a)(b)`, `f(a)[0]`, `f(a)?[0]`
                }
            }
            TokenKind::Ident | TokenKind::Literal => {}
            _ => return None,
        }
        index = path_start(tokens, index)?;
        match index.checked_sub(1) {
            Some(before) if tokens.is_punct(before, '.') && !is_range(tokens, before) => {
                index = before.checked_sub(1)?;
            }
            _ => return Some(index),
        }
    }
}

/// Whether the point at `index` is one of a range's.
fn is_range(tokens: &Tokens<'_>, index: usize) -> bool {
    index > 0 && tokens.is_punct(index - 1, '.')
}

/// What is called or indexed, when the group behind `before` belongs to something.
fn head(tokens: &Tokens<'_>, before: usize) -> Option<usize> {
    const WORDS: [&str; 13] = [
        "return", "in", "if", "match", "while", "let", "mut", "move", "else", "for", "loop",
        "break", "as",
    ];
    match tokens.kind(before)? {
        TokenKind::Ident => (!WORDS.contains(&tokens.text(before))).then_some(before),
        TokenKind::Punct('!') => {
            let name = before.checked_sub(1)?;
            (tokens.kind(name) == Some(TokenKind::Ident)).then_some(name)
        }
        TokenKind::Punct('?') => Some(before),
        TokenKind::Punct('>') => Some(before),
        TokenKind::Close if tokens.text(before) != "}" => Some(before),
        _ => None,
    }
}

/// The first token of the path that ends at `index`, generic arguments included.
fn path_start(tokens: &Tokens<'_>, index: usize) -> Option<usize> {
    let mut first = index;
    loop {
        if tokens.is_punct(first, '>') {
            let mut depth = 0_usize;
            loop {
                match tokens.kind(first)? {
                    TokenKind::Punct('>') if !tokens.is_punct(first.checked_sub(1)?, '-') => {
                        depth += 1;
                    }
                    TokenKind::Punct('<') => depth -= 1,
                    TokenKind::Close => first = tokens.get(first)?.partner,
                    TokenKind::Punct(';') => return None,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                first = first.checked_sub(1)?;
            }
            let is_turbofish = first >= 2 && tokens.is_path_separator(first - 2);
            first = if is_turbofish {
                first.checked_sub(3)?
            } else {
                first.checked_sub(1)?
            };
        }
        let is_in_path = first >= 3
            && tokens.is_path_separator(first - 2)
            && (tokens.kind(first - 3) == Some(TokenKind::Ident)
                || tokens.is_punct(first - 3, '>'));
        if !is_in_path {
            return Some(first);
        }
        first -= 3;
    }
}
