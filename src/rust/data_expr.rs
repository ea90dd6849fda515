//! Expressions that make a store's data, as far as their type can be read off.

use proc_macro2::Delimiter;

use super::cursor::Cursor;
use super::tokens::{Parsed, Token, name_of};
use super::types::{PathExpr, PathStyle, TypeExpr, TypeKind, parse_path, parse_type};
use crate::span::Span;

/// How many steps from variable to variable are followed.
const MAX_STEPS: usize = 16;

/// How many `.method()` and `?` may follow one another.
const MAX_POSTFIXES: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct DataExpr {
    pub(super) span: Span,
    pub(super) kind: DataKind,
}

#[derive(Clone, Debug)]
pub(super) enum DataKind {
    /// The type stands there: `let x: T`, a parameter, `x as T`.
    Typed(TypeExpr),
    /// `State { .. }`.
    Struct(PathExpr),
    /// `State::new(a)`, `make()`, `Some(a)`.
    Call(PathExpr, Vec<DataExpr>),
    /// `Unit`, `CONSTANT`.
    Path(PathExpr),
    Tuple(Vec<DataExpr>),
    /// A number, a string, a character, a boolean.
    Literal,
    Reference {
        mutable: bool,
        inner: Box<DataExpr>,
    },
    /// `a?`.
    Tried(Box<DataExpr>),
    /// `a.b`.
    Field(Box<DataExpr>, String),
    /// `a.b(..)`.
    Method(Box<DataExpr>, String),
    /// The receiver of the function.
    Receiver,
    /// Nothing that can be read off, and why.
    Opaque(&'static str),
}

impl DataExpr {
    /// The expression in short, for messages.
    pub(super) fn written(&self) -> String {
        match &self.kind {
            DataKind::Typed(ty) => ty.written(),
            DataKind::Struct(path) | DataKind::Path(path) => path.written(),
            DataKind::Call(path, _) => format!("{}(..)", path.written()),
            DataKind::Field(_, name) => format!("..{name}"),
            DataKind::Method(_, name) => format!("..{name}(..)"),
            DataKind::Literal => "a literal".to_owned(),
            DataKind::Tuple(_) => "a tuple".to_owned(),
            _ => "?".to_owned(),
        }
    }
}

/// What is known about the function around an expression.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'t> {
    pub(super) tokens: &'t [Token],
    /// The first token of the body. None outside of functions.
    pub(super) body: Option<usize>,
    /// The tokens of the parameters.
    pub(super) parameters: (usize, usize),
}

impl<'t> Surroundings<'t> {
    /// Reads the expression in the cursor. Never fails: what is not understood is opaque.
    pub(super) fn read(&self, c: Cursor<'t>) -> DataExpr {
        self.read_steps(c, MAX_STEPS)
    }

    fn read_steps(&self, mut c: Cursor<'t>, steps: usize) -> DataExpr {
        let start = c.pos;
        let span = c.at(c.end).span_since(start);
        let kind = match steps.checked_sub(1) {
            None => DataKind::Opaque("the expression is too long to follow"),
            Some(steps) => match self.parse_expression(&mut c, steps) {
                Ok(kind) if c.is_done() => kind,
                _ => DataKind::Opaque("the type of this expression can't be read off"),
            },
        };
        DataExpr { span, kind }
    }

    fn parse_expression(&self, c: &mut Cursor<'t>, steps: usize) -> Parsed<DataKind> {
        let start = c.pos;
        if c.eat_punct('&') {
            let mutable = c.eat_ident("mut");
            let inner = Box::new(self.read_steps(*c, steps));
            c.pos = c.end;
            return Ok(DataKind::Reference { mutable, inner });
        }
        let mut kind = self.parse_primary(c, steps)?;
        for _ in 0..MAX_POSTFIXES {
            if c.is_done() {
                break;
            }
            let inner = Box::new(DataExpr {
                span: c.span_since(start),
                kind,
            });
            kind = parse_postfix(c, inner)?;
        }
        Ok(kind)
    }

    fn parse_primary(&self, c: &mut Cursor<'t>, steps: usize) -> Parsed<DataKind> {
        if let Some(inner) = c.group(Delimiter::Parenthesis) {
            return Ok(self.parse_parentheses(inner, steps));
        }
        if matches!(c.peek(0), Some(Token::Literal(_))) || is_boolean(c) {
            c.bump();
            return Ok(DataKind::Literal);
        }
        if c.is_ident(0, "self") && !c.is_path_separator(1) {
            c.bump();
            return Ok(DataKind::Receiver);
        }
        if ["if", "match", "unsafe", "loop", "async", "move"]
            .iter()
            .any(|word| c.is_ident(0, word))
        {
            return Ok(DataKind::Opaque("it is made by a block or a closure"));
        }
        let position = c.pos;
        let path = parse_path(c, PathStyle::Expression)?;
        if c.is_punct(0, '!') {
            c.pos = c.end;
            return Ok(DataKind::Opaque("it is made by a macro"));
        }
        if c.group(Delimiter::Brace).is_some() {
            return Ok(DataKind::Struct(path));
        }
        if let Some(inner) = c.group(Delimiter::Parenthesis) {
            let arguments = split_arguments(inner);
            let arguments = arguments.into_iter().map(|c| self.read_steps(c, steps));
            return Ok(DataKind::Call(path, arguments.collect()));
        }
        Ok(self.local_or_path(path, position, steps))
    }

    fn parse_parentheses(&self, inner: Cursor<'t>, steps: usize) -> DataKind {
        let is_tuple = inner.is_done() || has_comma(inner);
        if !is_tuple {
            return self.read_steps(inner, steps).kind;
        }
        let elements = split_arguments(inner).into_iter();
        DataKind::Tuple(elements.map(|c| self.read_steps(c, steps)).collect())
    }

    /// A single name may be a variable of the function.
    fn local_or_path(&self, path: PathExpr, position: usize, steps: usize) -> DataKind {
        match path.segments.as_slice() {
            [only] if only.arguments.is_empty() && !path.global => self
                .find_local(&only.name, position, steps)
                .unwrap_or(DataKind::Path(path)),
            _ => DataKind::Path(path),
        }
    }

    /// Looks for the variable `name` backwards from `position`, through the blocks around it.
    fn find_local(&self, name: &str, position: usize, steps: usize) -> Option<DataKind> {
        let body = self.body?;
        let mut index = position;
        // The `;` that ends the statement walked through. None in one that `position` is part of.
        let mut end = None;
        while index > body {
            index -= 1;
            let found = match self.tokens.get(index)? {
                Token::Close { open, .. } => {
                    index = *open;
                    None
                }
                Token::Open { .. } => {
                    end = None;
                    None
                }
                Token::Punct { ch: ';', .. } => {
                    end = Some(index);
                    None
                }
                Token::Punct { ch: '|', .. } => self.closure_parameter(name, index, position),
                Token::Punct { ch: '=', .. } if self.is_arrow(index) => self.arm_binds(name, index),
                Token::Ident(ident) if ident == "let" || ident == "for" => {
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
            let start = match self.tokens.get(index)? {
                Token::Punct { ch: ',', .. } | Token::Open { .. } => return None,
                Token::Close { open, .. } => *open,
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

fn is_boolean(c: &Cursor<'_>) -> bool {
    c.is_ident(0, "true") || c.is_ident(0, "false")
}

fn names(tokens: &[Token], name: &str) -> bool {
    let is_name = |token: &Token| matches!(token, Token::Ident(ident) if name_of(ident) == name);
    tokens.iter().any(is_name)
}

fn has_comma(mut c: Cursor<'_>) -> bool {
    c.skip_to(',');
    !c.is_done()
}

/// `?`, `.await`, `.field`, `.method(..)` or `as T` behind an expression.
fn parse_postfix(c: &mut Cursor<'_>, inner: Box<DataExpr>) -> Parsed<DataKind> {
    if c.eat_punct('?') {
        return Ok(DataKind::Tried(inner));
    }
    if c.eat_ident("as") {
        return Ok(DataKind::Typed(parse_type(c)?));
    }
    if !c.eat_punct('.') {
        return Err(c.failure("not the end of the expression"));
    }
    if c.eat_ident("await") {
        return Ok(inner.kind);
    }
    if let Some(Token::Literal(number)) = c.peek(0) {
        c.bump();
        return Ok(DataKind::Field(inner, number.to_string()));
    }
    let (name, _) = c.expect_name("a field or a method")?;
    if c.is_path_separator(0) && c.is_punct(2, '<') {
        c.pos += 2;
        super::types::parse_arguments(c)?;
    }
    if c.group(Delimiter::Parenthesis).is_some() {
        return Ok(DataKind::Method(inner, name));
    }
    Ok(DataKind::Field(inner, name))
}

/// The parts between the commas of `c`. Commas in `a::<B, C>()` and `|a, b|` separate nothing.
pub(super) fn split_arguments(mut c: Cursor<'_>) -> Vec<Cursor<'_>> {
    let mut parts = Vec::new();
    let mut start = c.pos;
    let mut angles = 0_usize;
    let mut in_closure = false;
    while !c.is_done() {
        if c.is_punct(0, '<') && (angles > 0 || opens_arguments(&c)) {
            angles += 1;
        } else if c.is_punct(0, '>') && !follows_dash(&c) {
            angles = angles.saturating_sub(1);
        } else if c.is_punct(0, '|') && (in_closure || starts_closure(&c, start)) {
            in_closure = !in_closure;
        } else if c.is_punct(0, ',') && angles == 0 && !in_closure {
            parts.push(c.part(start, c.pos));
            start = c.pos + 1;
        }
        c.bump_tree();
    }
    if start < c.end {
        parts.push(c.part(start, c.end));
    }
    parts
}

/// Whether the `<` here follows `::`, or the name of a type.
fn opens_arguments(c: &Cursor<'_>) -> bool {
    let before = c.pos.checked_sub(1).and_then(|index| c.row().get(index));
    match before {
        Some(Token::Ident(ident)) => ident.to_string().starts_with(char::is_uppercase),
        Some(token) => token.is_punct(':') || token.is_punct('&'),
        None => false,
    }
}

/// Whether the `>` here ends a `->` or a `=>`.
fn follows_dash(c: &Cursor<'_>) -> bool {
    let before = c.pos.checked_sub(1).and_then(|index| c.row().get(index));
    matches!(
        before,
        Some(Token::Punct {
            ch: '-' | '=',
            joint: true,
            ..
        })
    )
}

fn starts_closure(c: &Cursor<'_>, start: usize) -> bool {
    c.pos == start
        || c.row()
            .get(c.pos - 1)
            .is_some_and(|token| token.is_ident("move"))
}
