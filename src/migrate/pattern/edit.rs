//! What takes the place of a match: as few bytes as can be.

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
            if let Part::One(name) | Part::Rest(name) = &element.part
                && !pattern.holes().any(|hole| hole == name)
            {
                return Err(format!("`replace` has `${name}`, and `find` has not"));
            }
        }
        Ok(Self {
            text: text.to_owned(),
            elements,
        })
    }

    /// The edit that writes it in the place of one match. None when it is written there already.
    #[must_use]
    pub fn edit(
        &self,
        pattern: &Pattern,
        found: &Match,
        source: &Source<'_, '_>,
        reason: String,
    ) -> Option<Edit> {
        let (old, new) = (&pattern.elements, &self.elements);
        let shorter = old.len().min(new.len());
        let stays =
            |a: usize, b: usize| old[a].part == new[b].part && !self.is_bracketed(b, found, source);
        let in_front = (0..shorter)
            .take_while(|place| stays(*place, *place))
            .count();
        let behind = (1..=shorter - in_front)
            .take_while(|back| stays(old.len() - back, new.len() - back))
            .count();
        let gone = in_front..old.len() - behind;
        let comes = in_front..new.len() - behind;
        let part = |place: usize| source.span_of(&found.parts[place]);
        let mut span = if gone.is_empty() {
            match gone.start.checked_sub(1) {
                Some(before) => Span::new(part(before).end.0, part(before).end.0),
                None => Span::new(part(0).start.0, part(0).start.0),
            }
        } else if comes.is_empty() {
            return self.removal(pattern, found, source, gone, reason);
        } else {
            part(gone.start).to(part(gone.end - 1))
        };
        if comes.is_empty() {
            return None;
        }
        // What stands between two parts of the template is written with them.
        let is_insertion = gone.is_empty();
        let start = match comes.start.checked_sub(1) {
            Some(before) if is_insertion => new[before].span.end.0,
            _ => new[comes.start].span.start.0,
        };
        let mut end = match new.get(comes.end) {
            Some(next) if is_insertion && comes.start == 0 => next.span.start.0,
            _ => new[comes.end - 1].span.end.0,
        };
        // A blank that stood behind what is gone is not one in front of what stays.
        if let (true, Some(stays)) = (gone.len() > 1, new.get(comes.end)) {
            let blank = Span::new(span.end.0, part(gone.end).start.0);
            if !blank.is_empty() && blank.text(source.text).trim_matches(' ').is_empty() {
                span.end = blank.end;
                end = stays.span.start.0;
            }
        }
        let text = self.written(Span::new(start, end), found, source);
        Some(Edit { span, text, reason })
    }

    /// Takes the parts `gone` of a match away; a whole statement with its line.
    fn removal(
        &self,
        pattern: &Pattern,
        found: &Match,
        source: &Source<'_, '_>,
        gone: std::ops::Range<usize>,
        reason: String,
    ) -> Option<Edit> {
        let part = |place: usize| source.span_of(&found.parts[place]);
        let whole = gone.len() == pattern.elements.len();
        let span = if whole {
            let range = found.tokens();
            let begins = range
                .start
                .checked_sub(1)
                .is_none_or(|before| matches!(source.tokens.text(before), ";" | "{" | "}"));
            let last = range.end.checked_sub(1)?;
            let ends = source.tokens.is_punct(last, ';');
            if !begins || !ends {
                return None;
            }
            whole_item(source.tokens, source.text, range.start, last)
        } else {
            match gone.start.checked_sub(1) {
                Some(before) => Span::new(part(before).end.0, part(gone.end - 1).end.0),
                None => Span::new(part(gone.start).start.0, part(gone.end).start.0),
            }
        };
        let text = String::new();
        Some(Edit { span, text, reason })
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
                Part::One(name) | Part::Rest(name) => {
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
fn is_closed(tokens: &Tokens<'_>, range: &std::ops::Range<usize>) -> bool {
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
