//! Walking a part of the token row.

use super::tokens::{Delimiter, Failure, Kind, Parsed, Token, name_of};
use crate::span::Span;

/// How deep types and items may nest. `rustc` gives up on types at its recursion limit of 128 too.
pub(crate) const MAX_NESTING: usize = 128;

/// A place in a row of tokens, and where the part that may be read ends.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'t> {
    tokens: &'t [Token<'t>],
    pub(crate) pos: usize,
    pub(crate) end: usize,
    /// Whether a `+` behind a type goes on with that type.
    pub(crate) joins_bounds: bool,
    depth: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(tokens: &'t [Token<'t>], pos: usize, end: usize) -> Self {
        Self {
            tokens,
            pos,
            end: end.min(tokens.len()),
            joins_bounds: true,
            depth: 0,
        }
    }

    /// All tokens, for whoever has to look around.
    pub(crate) fn row(&self) -> &'t [Token<'t>] {
        self.tokens
    }

    /// The same part, from another place on.
    pub(crate) fn at(self, pos: usize) -> Self {
        Self { pos, ..self }
    }

    /// The tokens from `pos` to `end`.
    pub(crate) fn part(self, pos: usize, end: usize) -> Self {
        Self {
            pos,
            end: end.min(self.tokens.len()),
            ..self
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.pos >= self.end
    }

    /// The token `ahead` of the current one.
    pub(crate) fn peek(&self, ahead: usize) -> Option<&'t Token<'t>> {
        let index = self.pos + ahead;
        (index < self.end).then(|| self.tokens.get(index)).flatten()
    }

    /// What the token `ahead` of the current one is.
    pub(crate) fn kind(&self, ahead: usize) -> Option<Kind<'t>> {
        self.peek(ahead).map(|token| token.kind)
    }

    pub(crate) fn is_ident(&self, ahead: usize, text: &str) -> bool {
        self.peek(ahead).is_some_and(|token| token.is_ident(text))
    }

    pub(crate) fn is_punct(&self, ahead: usize, ch: char) -> bool {
        self.peek(ahead).is_some_and(|token| token.is_punct(ch))
    }

    pub(crate) fn opens(&self, ahead: usize, delimiter: Delimiter) -> bool {
        self.peek(ahead).is_some_and(|token| token.opens(delimiter))
    }

    pub(crate) fn ident(&self, ahead: usize) -> Option<&'t str> {
        match self.kind(ahead) {
            Some(Kind::Ident(ident)) => Some(ident),
            _ => None,
        }
    }

    /// Whether two punctuation marks stand here without a gap, such as `::` or `->`.
    pub(crate) fn is_pair(&self, ahead: usize, first: char, second: char) -> bool {
        matches!(self.kind(ahead), Some(Kind::Punct { ch, joint: true }) if ch == first)
            && self.is_punct(ahead + 1, second)
    }

    pub(crate) fn is_path_separator(&self, ahead: usize) -> bool {
        self.is_pair(ahead, ':', ':')
    }

    pub(crate) fn bump(&mut self) {
        self.pos += 1;
    }

    /// Steps over one token, or over a whole group.
    pub(crate) fn bump_tree(&mut self) {
        self.pos = match self.kind(0) {
            Some(Kind::Open { close, .. }) => close + 1,
            _ => self.pos + 1,
        };
    }

    pub(crate) fn eat_ident(&mut self, text: &str) -> bool {
        let found = self.is_ident(0, text);
        self.pos += usize::from(found);
        found
    }

    pub(crate) fn eat_punct(&mut self, ch: char) -> bool {
        let found = self.is_punct(0, ch);
        self.pos += usize::from(found);
        found
    }

    pub(crate) fn eat_pair(&mut self, first: char, second: char) -> bool {
        let found = self.is_pair(0, first, second);
        self.pos += if found { 2 } else { 0 };
        found
    }

    /// Steps over a lifetime such as `'a`.
    pub(crate) fn eat_lifetime(&mut self) -> bool {
        let found = matches!(self.kind(0), Some(Kind::Lifetime));
        self.pos += usize::from(found);
        found
    }

    pub(crate) fn expect_punct(&mut self, ch: char, after: &str) -> Parsed<()> {
        if self.eat_punct(ch) {
            Ok(())
        } else {
            Err(self.failure(format!("expected `{ch}` {after}")))
        }
    }

    /// The name that must stand here.
    pub(crate) fn expect_name(&mut self, what: &str) -> Parsed<(String, Span)> {
        let Some(ident) = self.ident(0) else {
            return Err(self.failure(format!("expected {what}")));
        };
        let span = self.span();
        self.pos += 1;
        Ok((name_of(ident), span))
    }

    /// The inside of the group that starts here; the cursor goes behind it.
    pub(crate) fn group(&mut self, delimiter: Delimiter) -> Option<Self> {
        let close = match self.kind(0)? {
            Kind::Open {
                delimiter: found,
                close,
            } if found == delimiter => close,
            _ => return None,
        };
        let inner = Self {
            pos: self.pos + 1,
            end: close,
            joins_bounds: true,
            ..*self
        };
        self.pos = close + 1;
        Some(inner)
    }

    /// Goes to the next `stop` outside of groups, or to the end.
    pub(crate) fn skip_to(&mut self, stop: char) {
        while !self.is_done() && !self.is_punct(0, stop) {
            self.bump_tree();
        }
    }

    /// Runs `parse` one level deeper, unless that is too deep.
    pub(crate) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_NESTING {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    pub(crate) fn too_deep(&self) -> Failure {
        self.failure(format!("nested deeper than {MAX_NESTING} levels"))
    }

    /// The span of the token here; behind the last token when there is none.
    pub(crate) fn span(&self) -> Span {
        if let Some(token) = self.peek(0) {
            return token.span;
        }
        // What is missing is missing in front of what closes this part.
        match (self.tokens.get(self.end), self.tokens.last()) {
            (Some(next), _) => {
                let start = next.span.start.0;
                Span::new(start, start)
            }
            (None, Some(last)) => {
                let end = last.span.end.0;
                Span::new(end, end)
            }
            (None, None) => Span::default(),
        }
    }

    /// From the token at `start` to the one in front of the cursor.
    pub(crate) fn span_since(&self, start: usize) -> Span {
        let first = self.tokens.get(start).map(|token| token.span);
        let last = self
            .pos
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last));
        match (first, last.map(|token| token.span)) {
            (Some(first), Some(last)) if first.start <= last.end => first.to(last),
            (Some(first), _) => first,
            _ => Span::default(),
        }
    }

    pub(crate) fn failure(&self, message: impl Into<String>) -> Failure {
        Failure {
            at: self.span().start.0,
            message: message.into(),
        }
    }
}
