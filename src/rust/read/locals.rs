//! Looking for the variable that a name in an expression stands for.

use super::cursor::Cursor;
use super::data_expr::{DataKind, Surroundings, split_arguments};
use super::tokens::{Kind, Token, name_of};
use super::type_parser::parse_type;
use super::types::TypeKind;

/// How many tokens back a variable is looked for.
const MAX_WALK: usize = 20_000;

impl<'t> Surroundings<'t> {
    /// Looks for the variable `name` backwards from `position`, through the blocks around it.
    pub(crate) fn find_local(&self, name: &str, position: usize, steps: usize) -> Option<DataKind> {
        let body = self.body?;
        let mut index = position;
        // The `;` that ends the statement walked through. None in one that `position` is part of.
        let mut end = None;
        let mut walked = 0;
        while index > body {
            index -= 1;
            walked += 1;
            if walked > MAX_WALK {
                return Some(DataKind::Opaque("it is too far from where it is made"));
            }
            let found = match self.tokens.get(index)?.kind {
                Kind::Close { open, .. } => {
                    index = open;
                    None
                }
                Kind::Open { .. } => {
                    end = None;
                    None
                }
                Kind::Punct { ch: ';', .. } => {
                    end = Some(index);
                    None
                }
                Kind::Punct { ch: '|', .. } => self.closure_parameter(name, index, position),
                Kind::Punct { ch: '=', .. } if self.is_arrow(index) => self.arm_binds(name, index),
                Kind::Ident(ident) if ident == "let" || ident == "for" => {
                    self.binding(name, index, end, position, steps)
                }
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        self.parameter(name)
    }

    fn is_arrow(&self, index: usize) -> bool {
        self.tokens
            .get(index + 1)
            .is_some_and(|token| token.is_punct('>'))
    }

    /// The variable when the pattern in front of the `=>` at `arrow` names it.
    fn arm_binds(&self, name: &str, arrow: usize) -> Option<DataKind> {
        let mut index = arrow;
        while index > self.body? {
            index -= 1;
            let start = match self.tokens.get(index)?.kind {
                Kind::Punct { ch: ',', .. } | Kind::Open { .. } => return None,
                Kind::Close { open, .. } => open,
                _ => index,
            };
            if names(self.tokens.get(start..=index)?, name) {
                return Some(DataKind::Opaque("it is bound by a pattern"));
            }
            index = start;
        }
        None
    }

    /// The variable when the `let` or `for` at `index` makes it. `end` is the `;` behind, when
    /// `position` comes after it.
    fn binding(
        &self,
        name: &str,
        index: usize,
        end: Option<usize>,
        position: usize,
        steps: usize,
    ) -> Option<DataKind> {
        let mut c = Cursor::new(self.tokens, index + 1, end.unwrap_or(position));
        c.eat_ident("mut");
        let is_named = c.ident(0).is_some_and(|ident| name_of(ident) == name);
        let is_typed = c.is_punct(1, ':') && !c.is_path_separator(1);
        if end.is_some() && is_named && (is_typed || c.is_punct(1, '=')) {
            c.bump();
            return Some(self.initial(c, steps));
        }
        // In `let a = f(a);` the inner `a` is an older one, but `if let` and `for` bind it.
        if end.is_none() && !self.is_conditional(index) {
            return None;
        }
        let start = c.pos;
        while !c.is_done() && !c.is_punct(0, '=') && !c.is_ident(0, "in") {
            c.bump_tree();
        }
        let is_bound = names(self.tokens.get(start..c.pos.min(c.end))?, name);
        is_bound.then_some(DataKind::Opaque("it is bound by a pattern"))
    }

    /// What follows the name in `let name: T = value`.
    fn initial(&self, mut c: Cursor<'t>, steps: usize) -> DataKind {
        if c.eat_punct(':') {
            match parse_type(&mut c) {
                Ok(ty) if !matches!(ty.kind, TypeKind::Inferred) => return DataKind::Typed(ty),
                Ok(_) => {}
                Err(_) => return DataKind::Opaque("its type can't be read"),
            }
        }
        if !c.eat_punct('=') {
            return DataKind::Opaque("it gets its value later");
        }
        self.read_steps(c, steps).kind
    }

    /// Whether the keyword at `index` is a `for`, or belongs to `if let` or `while let`.
    fn is_conditional(&self, index: usize) -> bool {
        let is_for = self
            .tokens
            .get(index)
            .is_some_and(|token| token.is_ident("for"));
        let before = index
            .checked_sub(1)
            .and_then(|before| self.tokens.get(before));
        is_for
            || before.is_some_and(|token| {
                token.is_ident("if") || token.is_ident("while") || token.is_punct('&')
            })
    }

    /// The closure parameter `name` between the bar at `index` and a bar behind it.
    fn closure_parameter(&self, name: &str, index: usize, end: usize) -> Option<DataKind> {
        let mut c = Cursor::new(self.tokens, index + 1, end);
        let mut found = None;
        while !c.is_punct(0, '|') {
            if c.is_done() || c.is_punct(0, ';') || c.is_punct(0, '=') {
                return None;
            }
            let is_named = c.ident(0).is_some_and(|ident| name_of(ident) == name);
            if is_named && c.is_punct(1, ':') && !c.is_path_separator(1) {
                let mut ty = c.at(c.pos + 2);
                found = parse_type(&mut ty).ok().map(DataKind::Typed);
            } else if is_named && found.is_none() {
                found = Some(DataKind::Opaque("it is a parameter of a closure"));
            }
            c.bump_tree();
        }
        found
    }

    fn parameter(&self, name: &str) -> Option<DataKind> {
        let (start, end) = self.parameters;
        for mut c in split_arguments(Cursor::new(self.tokens, start, end)) {
            c.eat_ident("mut");
            let is_named = c.ident(0).is_some_and(|ident| name_of(ident) == name);
            if is_named && c.is_punct(1, ':') {
                c.pos += 2;
                return parse_type(&mut c).ok().map(DataKind::Typed);
            }
            if names(self.tokens.get(c.pos..c.end)?, name) {
                return Some(DataKind::Opaque("it is bound by a pattern"));
            }
        }
        None
    }
}

fn names(tokens: &[Token], name: &str) -> bool {
    let is_name =
        |token: &Token<'_>| matches!(token.kind, Kind::Ident(ident) if name_of(ident) == name);
    tokens.iter().any(is_name)
}
