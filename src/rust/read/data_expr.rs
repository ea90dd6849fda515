//! Expressions that make a store's data, as far as their type can be read off.

use std::cell::Cell;

use super::cursor::Cursor;
use super::tokens::{Delimiter, Kind, Parsed, Token};
use super::type_parser::{PathStyle, parse_path, parse_type};
use super::types::{PathExpr, TypeExpr};
use crate::span::Span;

/// How many steps from variable to variable are followed.
const MAX_STEPS: usize = 16;

/// How many `.method()` and `?` may follow one another.
const MAX_POSTFIXES: usize = 64;

/// How many expressions are read for one store.
pub(crate) const MAX_EXPRESSIONS: usize = 512;

#[derive(Clone, Debug)]
pub(crate) struct DataExpr {
    pub(crate) span: Span,
    pub(crate) kind: DataKind,
}

#[derive(Clone, Debug)]
pub(crate) enum DataKind {
    /// The type stands there: `let x: T`, a parameter, `x as T`.
    Typed(TypeExpr),
    /// `State { .. }`.
    Struct(PathExpr),
    /// `State::new(a)`, `make()`, `Some(a)`.
    Call(PathExpr, Vec<DataExpr>),
    /// `Unit`, `CONSTANT`.
    Path(PathExpr),
    Tuple(Vec<DataExpr>),
    /// A number, a string, a character, a boolean; with its type as the compiler writes it.
    Literal(&'static str),
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
    /// The branches of an `if`, a `match` or a block. All have one type.
    Either(Vec<DataExpr>),
    /// Nothing that can be read off, and why.
    Opaque(&'static str),
}

impl DataExpr {
    /// The expression in short, for messages.
    pub(crate) fn written(&self) -> String {
        match &self.kind {
            DataKind::Typed(ty) => ty.written(),
            DataKind::Struct(path) | DataKind::Path(path) => path.written(),
            DataKind::Call(path, _) => format!("{}(..)", path.written()),
            DataKind::Field(_, name) => format!("..{name}"),
            DataKind::Method(_, name) => format!("..{name}(..)"),
            _ => "?".to_owned(),
        }
    }
}

/// What is known about the function around an expression.
pub(crate) struct Surroundings<'t> {
    pub(crate) tokens: &'t [Token<'t>],
    /// The first token of the body. None outside of functions.
    pub(crate) body: Option<usize>,
    /// The tokens of the parameters.
    pub(crate) parameters: (usize, usize),
    /// How many more expressions are read: variables may be made of variables again and again.
    pub(crate) budget: Cell<usize>,
}

impl<'t> Surroundings<'t> {
    /// Reads the expression in the cursor. Never fails: what is not understood is opaque.
    pub(crate) fn read(&self, c: Cursor<'t>) -> DataExpr {
        self.read_steps(c, MAX_STEPS)
    }

    pub(crate) fn read_steps(&self, mut c: Cursor<'t>, steps: usize) -> DataExpr {
        let start = c.pos;
        let span = c.at(c.end).span_since(start);
        let budget = self.budget.get().checked_sub(1);
        self.budget.set(budget.unwrap_or_default());
        let kind = match steps.checked_sub(1).filter(|_| budget.is_some()) {
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
        if let Some(ty) = literal_type(c) {
            c.bump();
            return Ok(DataKind::Literal(ty));
        }
        if c.is_ident(0, "self") && !c.is_path_separator(1) {
            c.bump();
            return Ok(DataKind::Receiver);
        }
        if let Some(branches) = self.parse_branches(c, steps) {
            return Ok(DataKind::Either(branches));
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
}

/// The type of the literal that stands here.
fn literal_type(c: &Cursor<'_>) -> Option<&'static str> {
    const SUFFIXES: [&str; 14] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64",
    ];
    if c.is_ident(0, "true") || c.is_ident(0, "false") {
        return Some("bool");
    }
    let Some(Kind::Literal(literal)) = c.kind(0) else {
        return None;
    };
    let written = literal;
    let suffix = || {
        SUFFIXES
            .into_iter()
            .find(|suffix| written.ends_with(suffix))
    };
    Some(match written.as_bytes() {
        [b'\'', ..] => "char",
        [b'b', b'\'', ..] => "u8",
        [b'b', ..] => "&[u8]",
        [b'c', ..] => "&CStr",
        [b'"' | b'r', ..] => "&str",
        _ if suffix().is_some() => suffix()?,
        _ if written.contains('.') => "{float}",
        _ => "{integer}",
    })
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
    if let Some(Kind::Literal(number)) = c.kind(0) {
        c.bump();
        return Ok(DataKind::Field(inner, number.to_string()));
    }
    let (name, _) = c.expect_name("a field or a method")?;
    if c.is_path_separator(0) && c.is_punct(2, '<') {
        c.pos += 2;
        super::type_parser::parse_arguments(c)?;
    }
    if c.group(Delimiter::Parenthesis).is_some() {
        return Ok(DataKind::Method(inner, name));
    }
    Ok(DataKind::Field(inner, name))
}

/// The parts between the commas of `c`. Commas in `a::<B, C>()` and `|a, b|` separate nothing.
pub(crate) fn split_arguments(mut c: Cursor<'_>) -> Vec<Cursor<'_>> {
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
    match before.map(|token| token.kind) {
        Some(Kind::Ident(ident)) => ident.starts_with(char::is_uppercase),
        Some(Kind::Punct { ch, .. }) => matches!(ch, ':' | '&'),
        _ => false,
    }
}

/// Whether the `>` here ends a `->` or a `=>`.
fn follows_dash(c: &Cursor<'_>) -> bool {
    let before = c.pos.checked_sub(1).and_then(|index| c.row().get(index));
    matches!(
        before.map(|token| token.kind),
        Some(Kind::Punct {
            ch: '-' | '=',
            joint: true,
        })
    )
}

fn starts_closure(c: &Cursor<'_>, start: usize) -> bool {
    c.pos == start
        || c.row()
            .get(c.pos - 1)
            .is_some_and(|token| token.is_ident("move"))
}
