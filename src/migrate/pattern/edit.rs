//! What takes the place of a match: as few bytes as can be.

use std::ops::Range;

use similar::algorithms::{Capture, Compact, Replace, lcs};
use similar::{DiffOp, DiffTag};

use super::find::{Match, Source};
use super::{Element, Part, Pattern, elements, is_closing};
use crate::edit::Edit;
use crate::migrate::whole::whole_item;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// What a rule writes, with the holes of its pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    elements: Vec<Element>,
}

impl Template {
    /// Reads what is to be written in the place of `pattern`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, pattern: &Pattern) -> Result<Self, String> {
        let elements = elements(text)?;
        for element in &elements {
            let (Part::One(name) | Part::Rest(name) | Part::Failure(name)) = &element.part else {
                continue;
            };
            if !pattern.holes().any(|hole| hole == name) {
                return Err(format!("`replace` has `${name}`, and `find` has not"));
            }
        }
        Ok(Self {
            text: text.to_owned(),
            elements,
        })
    }

    /// The edits that write it in the place of one match; what stays the same is not touched.
    #[must_use]
    pub fn edits(
        &self,
        pattern: &Pattern,
        found: &Match,
        source: &Source<'_, '_>,
        reason: &str,
    ) -> Vec<Edit> {
        if self.elements.is_empty() {
            // What the chain in front of the call says stays.
            let has_more = pattern.is_of_receiver() && !is_name(found, source);
            let gone = || statement(found, source, reason);
            return (!has_more).then(gone).flatten().into_iter().collect();
        }
        if self.is_receiver_of(pattern) && !is_link(found, source) {
            return Vec::new();
        }
        let key = |element: &Element, place: Option<usize>| match place {
            // It is written anew.
            Some(place) if self.is_bracketed(place, found, source) => (Some(place), None),
            _ => (None, Some(element.part.clone())),
        };
        let old: Vec<_> = pattern.elements.iter().map(|it| key(it, None)).collect();
        let new = self.elements.iter().enumerate();
        let new: Vec<_> = new.map(|(place, it)| key(it, Some(place))).collect();
        let steps = steps(&old, &new);
        let changes = steps.iter().filter(|step| step.tag() != DiffTag::Equal);
        let edits = changes.map(|step| {
            let change = Change {
                gone: step.old_range(),
                comes: step.new_range(),
            };
            let (span, text) = self.change(&change, pattern, found, source);
            Edit {
                span,
                text,
                reason: reason.to_owned(),
            }
        });
        edits.collect()
    }

    /// `$config` in the place of `$config.method(..)`.
    fn is_receiver_of(&self, pattern: &Pattern) -> bool {
        let first = pattern.elements.first().map(|it| &it.part);
        let is_it = matches!(self.elements.as_slice(), [only] if Some(&only.part) == first);
        is_it && pattern.is_of_receiver()
    }

    fn change(
        &self,
        change: &Change,
        pattern: &Pattern,
        found: &Match,
        source: &Source<'_, '_>,
    ) -> (Span, String) {
        let Change { gone, comes } = change;
        if let Some(only) = self.tail_of_path(change, pattern, found, source) {
            return only;
        }
        let new = &self.elements;
        let part = |place: usize| source.span_of(&found.parts[place]);
        if gone.is_empty() {
            return self.insertion(change, found, source);
        }
        let mut span = part(gone.start).to(part(gone.end - 1));
        if comes.is_empty() {
            // The blank in front of what is gone goes with it; of what comes first, the one behind.
            let opens = |place: &usize| matches!(part(*place).text(source.text), "(" | "[" | "{");
            let before = gone.start.checked_sub(1).filter(|place| !opens(place));
            // Where there is none behind it, that blank goes on to stand in front of what stays.
            let next = found.parts.get(gone.end);
            let touches = next.is_some_and(|next| source.span_of(next).start == span.end);
            let apart = comes.start.checked_sub(1).is_some_and(|before| {
                let stays = new.get(comes.start);
                stays.is_some_and(|stays| new[before].span.end != stays.span.start)
            });
            span = match before {
                Some(_) if touches && apart => span,
                Some(before) => Span::new(part(before).end.0, span.end.0),
                None => {
                    let next = found.parts.get(gone.end).map(|next| source.span_of(next));
                    Span::new(span.start.0, next.map_or(span.end.0, |next| next.start.0))
                }
            };
            return (span, String::new());
        }
        let mut end = new[comes.end - 1].span.end;
        // A blank that stood behind what is gone is not one in front of what stays.
        if let (true, Some(stays)) = (gone.len() > 1, new.get(comes.end)) {
            let blank = Span::new(span.end.0, part(gone.end).start.0);
            if !blank.is_empty() && blank.text(source.text).trim_matches(' ').is_empty() {
                span.end = blank.end;
                end = stays.span.start;
            }
        }
        // Where what is gone had no blank in front of it, that of the template is written: `$it as T`.
        let before = |place: usize| place.checked_sub(1);
        let is_joined = before(gone.start).is_some_and(|before| part(before).end == span.start);
        let stays = before(comes.start).filter(|_| is_joined);
        let start = stays.map_or(new[comes.start].span.start, |before| new[before].span.end);
        let bytes = Span::new(start.0, end.0);
        (span, self.written(bytes, found, source))
    }

    /// What comes between two parts that stay. It is written where the template has no blank in between:
    /// behind the one, or in front of the other, whose blank it then stands behind.
    fn insertion(
        &self,
        Change { gone, comes }: &Change,
        found: &Match,
        source: &Source<'_, '_>,
    ) -> (Span, String) {
        let new = &self.elements;
        let part = |place: usize| found.parts.get(place).map(|part| source.span_of(part));
        let before = gone.start.checked_sub(1).and_then(part);
        let next = part(gone.end).zip(new.get(comes.end));
        let (first, last) = (new[comes.start].span, new[comes.end - 1].span);
        let touches = next.is_some_and(|(_, next)| next.span.start == last.end);
        let stands_off = comes
            .start
            .checked_sub(1)
            .is_none_or(|before| new[before].span.end != first.start);
        let is_apart = before
            .zip(next)
            .is_some_and(|(before, (at, _))| before.end < at.start);
        match (before, next) {
            (_, Some((at, next))) if stands_off && touches && is_apart => {
                let bytes = Span::new(first.start.0, next.span.start.0);
                let at = Span::new(at.start.0, at.start.0);
                (at, self.written(bytes, found, source))
            }
            (Some(before), _) => {
                let blank = comes.start.checked_sub(1);
                let start = blank.map_or(first.start, |before| new[before].span.end);
                // Where no blank is in between, the one of the template is written: `&mut it`.
                let joined = next.filter(|_| !is_apart);
                let end = joined.map_or(last.end, |(_, next)| next.span.start);
                let bytes = Span::new(start.0, end.0);
                let at = Span::new(before.end.0, before.end.0);
                (at, self.written(bytes, found, source))
            }
            (None, next) => {
                let end = next.map_or(self.text.len(), |(_, next)| next.span.start.0);
                let at = next.map_or(0, |(at, _)| at.start.0);
                let bytes = Span::new(first.start.0, end);
                (Span::new(at, at), self.written(bytes, found, source))
            }
        }
    }

    /// Of a path that another one follows only the names that differ, when they are written: a `use`
    /// may stand for those in front.
    fn tail_of_path(
        &self,
        change: &Change,
        pattern: &Pattern,
        found: &Match,
        source: &Source<'_, '_>,
    ) -> Option<(Span, String)> {
        let one = change.gone.len() == 1 && change.comes.len() == 1;
        let old = &pattern.elements.get(change.gone.start)?.part;
        let new = &self.elements.get(change.comes.start)?.part;
        let (Part::Path(old), Part::Path(new)) = (old, new) else {
            return None;
        };
        let tokens = found.parts[change.gone.start].clone();
        let is_name = |index: &usize| source.tokens.kind(*index) == Some(TokenKind::Ident);
        let names: Vec<usize> = tokens.clone().filter(is_name).collect();
        let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        // The first name that is written stands for this many.
        let head = old.len().checked_sub(names.len())? + 1;
        let first = names.get((same + names.len()).checked_sub(old.len())?)?;
        (one && same >= head).then(|| {
            let span = source.span_of(&(*first..tokens.end));
            (span, new[same..].join("::"))
        })
    }

    /// The bytes of the template with its holes filled, and its paths as the package spells them.
    fn written(&self, bytes: Span, found: &Match, source: &Source<'_, '_>) -> String {
        let mut text = String::new();
        let mut at = bytes.start;
        for (place, element) in self.elements.iter().enumerate() {
            if element.span.start < bytes.start || element.span.end > bytes.end {
                continue;
            }
            text.push_str(Span::new(at.0, element.span.start.0).text(&self.text));
            at = element.span.end;
            match &element.part {
                Part::One(name) | Part::Rest(name) | Part::Failure(name) => {
                    let range = found.holes.get(name).cloned().unwrap_or(0..0);
                    let held = source.text_of(&range);
                    if range.is_empty() {
                        continue;
                    }
                    match self.is_bracketed(place, found, source) {
                        true => text.push_str(&format!("({held})")),
                        false => text.push_str(held),
                    }
                }
                Part::Path(names) => text.push_str(&spelled(names, source)),
                Part::Token(_) => text.push_str(element.span.text(&self.text)),
            }
        }
        text.push_str(Span::new(at.0, bytes.end.0).text(&self.text));
        text
    }

    /// Whether what is in a hole has to be written in brackets.
    fn is_bracketed(&self, place: usize, found: &Match, source: &Source<'_, '_>) -> bool {
        let Part::One(name) = &self.elements[place].part else {
            return false;
        };
        let range = found.holes.get(name).cloned().unwrap_or(0..0);
        self.needs_brackets(place) && !is_closed(source.tokens, &range)
    }

    /// Whether what is written around a hole could take the expression in it apart.
    fn needs_brackets(&self, place: usize) -> bool {
        let token = |place: Option<usize>| {
            let element = place.and_then(|place| self.elements.get(place))?;
            match &element.part {
                Part::Token(text) => Some(text.as_str()),
                _ => None,
            }
        };
        let binds = |text: &str| {
            !is_closing(text) && !matches!(text, "(" | "[" | "{" | "," | ";" | "=" | ">")
        };
        let before = token(place.checked_sub(1)).is_some_and(binds);
        let behind = token(Some(place + 1)).is_some_and(binds);
        before || behind
    }
}

/// The steps that lead from one sequence to another and keep as much of it as can be.
fn steps<T: Eq + std::hash::Hash>(old: &[T], new: &[T]) -> Vec<DiffOp> {
    let mut steps = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = lcs::diff(&mut steps, old, 0..old.len(), new, 0..new.len());
    steps.into_inner().into_inner().into_ops()
}

/// Parts of a pattern that go, and parts of a template that come in their place.
struct Change {
    gone: Range<usize>,
    comes: Range<usize>,
}

/// Whether what a method is called on is a name, or a field by its path.
fn is_name(found: &Match, source: &Source<'_, '_>) -> bool {
    let receiver = found.parts.first().cloned().unwrap_or_default();
    receiver.into_iter().all(|index| {
        let is_part = |character| source.tokens.is_punct(index, character);
        source.tokens.kind(index) == Some(TokenKind::Ident) || is_part('.') || is_part(':')
    })
}

/// Whether the last call of a chain can go: one more follows, or the one in front of it ends the statement as
/// well. Elsewhere the value itself would stand where a reference to it did.
fn is_link(found: &Match, source: &Source<'_, '_>) -> bool {
    let tokens = source.tokens;
    let range = found.tokens();
    if tokens.is_punct(range.end, '.') {
        return true;
    }
    let begins = range
        .start
        .checked_sub(1)
        .is_none_or(|before| matches!(tokens.text(before), ";" | "{" | "}"));
    let receiver = found.parts.first().cloned().unwrap_or_default();
    let last = receiver
        .end
        .checked_sub(1)
        .and_then(|last| tokens.get(last));
    let open = last
        .filter(|last| last.kind == TokenKind::Close)
        .map(|last| last.partner);
    let is_call = open.is_some_and(|open| open > 1 && tokens.is_punct(open - 2, '.'));
    begins && is_call && tokens.is_punct(range.end, ';')
}

/// Takes a whole statement or function away, with its line.
fn statement(found: &Match, source: &Source<'_, '_>, reason: &str) -> Option<Edit> {
    let range = found.tokens();
    let begins = range
        .start
        .checked_sub(1)
        .is_none_or(|before| matches!(source.tokens.text(before), ";" | "{" | "}"));
    let last = range.end.checked_sub(1)?;
    let is_function = source.tokens.is_ident(range.start, "fn") && source.tokens.text(last) == "}";
    let is_whole = begins && (is_function || source.tokens.is_punct(last, ';'));
    is_whole.then(|| Edit {
        span: whole_item(source.tokens, source.text, range.start, last),
        text: String::new(),
        reason: reason.to_owned(),
    })
}

/// A path as the package writes it: it may know the crate by another name.
fn spelled(names: &[String], source: &Source<'_, '_>) -> String {
    let mut names = names.to_vec();
    if let Some(first) = names.first_mut() {
        let known = source.ground.crates.name_of(&first.replace('_', "-"));
        if let Some(known) = known {
            known.clone_into(first);
        }
    }
    names.join("::")
}

/// Whether some tokens are one chain of calls, fields and indices, which nothing around takes apart.
fn is_closed(tokens: &Tokens<'_>, range: &Range<usize>) -> bool {
    let mut index = range.start;
    while index < range.end {
        let is_part = match tokens.kind(index) {
            Some(TokenKind::Ident) => !matches!(
                tokens.text(index),
                "as" | "if" | "match" | "move" | "return"
            ),
            Some(TokenKind::Literal | TokenKind::Open) => true,
            Some(TokenKind::Punct(character)) => matches!(character, '.' | ':' | '?'),
            _ => false,
        };
        // `..` is an operator.
        let is_range = tokens.is_punct(index, '.') && tokens.is_punct(index + 1, '.');
        if !is_part || is_range {
            return false;
        }
        index = tokens.after(index);
    }
    true
}
