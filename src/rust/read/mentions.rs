//! Finding every place that may speak of a store: paths with type arguments, calls of `new`, and
//! calls of exports.
//!
//! The whole row of tokens is gone through, bodies and the arguments of macros included. What a
//! name means is decided later, when all files are known.

use std::cell::Cell;
use std::ops::Range;

use super::cursor::Cursor;
use super::data_expr::{MAX_EXPRESSIONS, Surroundings, split_arguments};
use super::facts::{Construction, Mention, ScopeId, ScopeKind};
use super::items::Reader;
use super::tokens::{Delimiter, Token, name_of};
use super::type_parser::{PathStyle, parse_path, parse_type};
use super::types::{PathExpr, PathSegment};
use crate::rust::exports::call_at;

/// How many tokens may be read in vain. Behind that, what was read in vain is not read again
/// from its second token on, so that a text made of nothing but `A<A<A<` takes no quadratic time.
const MAX_WASTED: usize = 1 << 20;

/// The longest `let x: Type =` that is looked back for, in tokens.
const MAX_LET: usize = 128;

/// Constructors of a store.
const CONSTRUCTORS: [&str; 2] = ["new", "try_new"];

impl Reader<'_> {
    /// Fills in the places that may speak of a store.
    pub(crate) fn find_mentions(&mut self) {
        let ranges = std::mem::take(&mut self.ranges);
        let mut position = ScopePosition::new(&ranges);
        let mut read_to = 0;
        for index in 0..self.tokens.len() {
            let scope = position.advance(index);
            let cursor = Cursor::new(self.tokens, index, self.tokens.len());
            if let Some(call) = call_at(cursor) {
                self.facts.calls.push(call);
                self.facts.call_scopes.push(scope);
            }
            if index >= read_to && self.starts_path(index) {
                read_to = self.look_at(index, scope, &ranges);
            }
        }
        self.ranges = ranges;
    }

    /// Whether a path starts here, and not in the middle of one.
    fn starts_path(&self, index: usize) -> bool {
        if !self.tokens.get(index).is_some_and(Token::is_name) {
            return false;
        }
        let c = Cursor::new(self.tokens, index.saturating_sub(2), self.tokens.len());
        let follows_separator = index >= 2 && c.is_path_separator(0);
        let follows_name =
            index >= 3 && matches!(self.tokens.get(index - 3), Some(token) if ends_segment(token));
        !(follows_separator && follows_name)
    }

    /// Remembers what stands at `index`, and says where to look on.
    fn look_at(&mut self, index: usize, scope: ScopeId, ranges: &[Range<usize>]) -> usize {
        let c = Cursor::new(self.tokens, index, self.tokens.len());
        let Some(plain) = plain_path(c) else {
            return index;
        };
        let name = name_of(plain.last);
        let has_arguments = plain.end.is_punct(0, '<')
            || (plain.end.is_path_separator(0) && plain.end.is_punct(2, '<'));
        if has_arguments && name.starts_with(char::is_uppercase) && !self.is_defined_at(index) {
            return self.note_mention(c, scope, ranges);
        }
        if CONSTRUCTORS.contains(&name.as_str()) {
            self.note_construction(c, scope, ranges);
        }
        index
    }

    /// Whether the name at `index` is being defined, so that what follows are parameters.
    fn is_defined_at(&self, index: usize) -> bool {
        const KEYWORDS: [&str; 6] = ["struct", "enum", "union", "trait", "type", "fn"];
        let before = index
            .checked_sub(1)
            .and_then(|index| self.tokens.get(index));
        before.is_some_and(|token| KEYWORDS.iter().any(|word| token.is_ident(word)))
    }

    fn note_mention(&mut self, c: Cursor<'_>, scope: ScopeId, ranges: &[Range<usize>]) -> usize {
        let start = self.global_start(c.pos);
        let mut read = Cursor::new(self.tokens, start, self.tokens.len());
        let Ok(path) = parse_path(&mut read, PathStyle::Type) else {
            // In `a::B < c` the `<` is an operator; in a macro's `Store<$t>` it is not.
            self.facts
                .mentions
                .extend(without_arguments(c.at(start)).map(|path| Mention {
                    scope,
                    path,
                    readable: false,
                }));
            self.wasted += read.pos - start;
            return if self.wasted < MAX_WASTED {
                c.pos
            } else {
                read.pos
            };
        };
        if CONSTRUCTORS.contains(&path.last_name()) {
            self.note_construction(c, scope, ranges);
        }
        self.facts.mentions.push(Mention {
            scope,
            path,
            readable: true,
        });
        read.pos
    }

    /// Includes a `::` in front.
    fn global_start(&self, index: usize) -> usize {
        let Some(start) = index.checked_sub(2) else {
            return index;
        };
        let c = Cursor::new(self.tokens, start, self.tokens.len());
        if c.is_path_separator(0) { start } else { index }
    }

    fn note_construction(&mut self, mut c: Cursor<'_>, scope: ScopeId, ranges: &[Range<usize>]) {
        let start = self.global_start(c.pos);
        c = c.at(start);
        let Ok(path) = parse_path(&mut c, PathStyle::Expression) else {
            return;
        };
        let is_type = path.segments.iter().rev().nth(1);
        if !is_type.is_some_and(|segment| segment.name.starts_with(char::is_uppercase)) {
            return;
        }
        let Some(arguments) = c.group(Delimiter::Parenthesis) else {
            return;
        };
        let [_, data] = split_arguments(arguments)[..] else {
            return;
        };
        if self.has_declared_type(start) {
            // `let store: Store<State> = Store::new(..)` says it all by itself.
            return;
        }
        let surroundings = self.surroundings(scope, ranges);
        self.facts.constructions.push(Construction {
            scope,
            path: path.parent(),
            data: surroundings.read(Cursor::new(self.tokens, data.pos, data.end)),
        });
    }

    /// Whether the expression at `start` is the value of a `let` with a type and no `_` in it.
    fn has_declared_type(&self, start: usize) -> bool {
        let before = start
            .checked_sub(1)
            .and_then(|index| self.tokens.get(index));
        if !before.is_some_and(|token| token.is_punct('=')) {
            return false;
        }
        let head = self.tokens[..start].iter().rev().take(MAX_LET);
        let length = head.take_while(|token| !token.is_ident("let")).count();
        let mut c = Cursor::new(self.tokens, start - length, start);
        c.eat_ident("mut");
        c.bump();
        if !c.eat_punct(':') {
            return false;
        }
        let ty = c.pos;
        let is_whole = parse_type(&mut c).is_ok() && c.is_punct(0, '=') && c.pos + 1 == start;
        let has_gap = |token: &Token| token.is_ident("_");
        is_whole && !self.tokens[ty..c.pos].iter().any(has_gap)
    }

    /// The function that `scope` is in.
    fn surroundings(&self, scope: ScopeId, ranges: &[Range<usize>]) -> Surroundings<'_> {
        let mut current = Some(scope);
        while let Some(id) = current {
            let inner = &self.facts.scopes[id.0];
            if let (ScopeKind::Function, Some(parameters)) = (&inner.kind, self.parameters.get(&id))
            {
                return Surroundings {
                    tokens: self.tokens,
                    body: ranges.get(id.0).map(|_| parameters.end),
                    parameters: (parameters.start, parameters.end),
                    budget: Cell::new(MAX_EXPRESSIONS),
                };
            }
            current = inner.parent;
        }
        Surroundings {
            tokens: self.tokens,
            body: None,
            parameters: (0, 0),
            budget: Cell::new(MAX_EXPRESSIONS),
        }
    }
}

/// Follows the innermost scope while the tokens are gone through in order.
struct ScopePosition<'r> {
    ranges: &'r [Range<usize>],
    next: usize,
    open: Vec<usize>,
}

impl<'r> ScopePosition<'r> {
    fn new(ranges: &'r [Range<usize>]) -> Self {
        Self {
            ranges,
            next: 0,
            open: Vec::new(),
        }
    }

    fn advance(&mut self, index: usize) -> ScopeId {
        while self
            .open
            .last()
            .is_some_and(|open| self.ranges[*open].end <= index)
        {
            self.open.pop();
        }
        while let Some(range) = self.ranges.get(self.next) {
            if range.start > index {
                break;
            }
            if index < range.end {
                self.open.push(self.next);
            }
            self.next += 1;
        }
        ScopeId(self.open.last().copied().unwrap_or_default())
    }
}

struct PlainPath<'t> {
    last: &'t str,
    end: Cursor<'t>,
}

/// Steps over `a::b::C`, arguments not included.
fn plain_path(mut c: Cursor<'_>) -> Option<PlainPath<'_>> {
    let mut last = c.ident(0)?;
    c.bump();
    while c.is_path_separator(0) {
        let Some(ident) = c.ident(2) else {
            break;
        };
        last = ident;
        c.pos += 3;
    }
    Some(PlainPath { last, end: c })
}

/// `a::b::C` of `a::b::C<..>`, when the arguments can't be read.
fn without_arguments(mut c: Cursor<'_>) -> Option<PathExpr> {
    let start = c.pos;
    let global = c.eat_pair(':', ':');
    let mut segments = Vec::new();
    loop {
        let name = name_of(c.ident(0)?);
        c.bump();
        segments.push(PathSegment {
            name,
            arguments: Vec::new(),
        });
        if !(c.is_path_separator(0) && c.ident(2).is_some()) {
            break;
        }
        c.pos += 2;
    }
    Some(PathExpr {
        span: c.span_since(start),
        global,
        segments,
    })
}

fn ends_segment(token: &Token) -> bool {
    token.is_name() || token.is_punct('>')
}
