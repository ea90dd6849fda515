//! One invocation: its form and its options, with byte spans.

use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// The value of an option, as far as this library looks into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// `true` or `false`.
    Bool(bool),
    /// Any string literal, with its quotes.
    Text(String),
    /// `{ key: value, .. }`, for example of `imports`.
    Block(Vec<OptionEntry>),
    /// A path, a list, flags joined by `|`, or something unknown.
    Other,
}

/// `name: value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionEntry {
    /// The name; for rules of `imports` it may be a string literal with its quotes.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The value.
    pub value: OptionValue,
    /// Where the value stands.
    pub value_span: Span,
    /// The names in the value (`async` and `trappable` of `async | trappable`), at any depth.
    pub value_idents: Vec<String>,
    /// The comma behind it, when there is one.
    pub comma: Option<Span>,
}

impl OptionEntry {
    /// From the first byte of the name to the last of the value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.name_span.to(self.value_span)
    }
}

/// One invocation of the macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The whole call, from the path to the closing bracket.
    pub span: Span,
    /// The path in front of the `!`.
    pub path_span: Span,
    /// The options of the `{ .. }` form; empty for the short forms.
    pub options: Vec<OptionEntry>,
    /// The inside of the option block, brackets left out; none for the short forms.
    pub block: Option<Span>,
    /// Whether a `$` stands in it, as in the body of a `macro_rules!`: then what it means is
    /// decided elsewhere, and it is not edited.
    pub templated: bool,
    /// What could not be read, when the options do not have the macro's shape.
    pub unread: Option<String>,
}

impl Invocation {
    /// The option of that name. The macro lets the last one win.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&OptionEntry> {
        self.options.iter().rev().find(|option| option.name == name)
    }

    /// Reads the arguments of a call whose opening bracket is the token `open`.
    pub(super) fn read(tokens: &Tokens<'_>, path_span: Span, open: usize) -> Option<Self> {
        let close = tokens.get(open)?.partner;
        let end = tokens.get(close)?.span;
        let mut invocation = Self {
            span: path_span.to(end),
            path_span,
            options: Vec::new(),
            block: None,
            templated: (open..close).any(|index| tokens.is_punct(index, '$')),
            unread: None,
        };
        let first = open + 1;
        let (from, to) = if tokens.kind(first) == Some(TokenKind::Open) {
            (first, tokens.get(first)?.partner)
        } else if tokens.is_punct(first + 1, ':') && !tokens.is_punct(first + 2, ':') {
            (open, close) // `bindgen! { world: "x" }`
        } else {
            return Some(invocation); // `bindgen!()`, `bindgen!("world")`, `bindgen!(in "path")`
        };
        let inside = Span {
            start: tokens.get(from)?.span.end,
            end: tokens.get(to)?.span.start,
        };
        invocation.block = Some(inside);
        match entries(tokens, from + 1, to) {
            Ok(options) => invocation.options = options,
            Err(index) => {
                invocation.unread = Some(format!(
                    "`{}` is not expected there",
                    tokens.text(index)
                ));
            }
        }
        Some(invocation)
    }
}

/// `name: value, ..` between two places of the list.
///
/// # Errors
/// The place of the token that does not fit.
fn entries(tokens: &Tokens<'_>, from: usize, to: usize) -> Result<Vec<OptionEntry>, usize> {
    let mut found = Vec::new();
    let mut index = from;
    while index < to {
        let named = matches!(
            tokens.kind(index),
            Some(TokenKind::Ident | TokenKind::Literal)
        );
        if !named || !tokens.is_punct(index + 1, ':') || index + 2 >= to {
            return Err(index);
        }
        let first = index + 2;
        let mut behind = first;
        while behind < to && !tokens.is_punct(behind, ',') {
            behind = tokens.after(behind);
        }
        if behind == first || behind > to {
            return Err(first);
        }
        let span_at = |place: usize| tokens.get(place).map(|token| token.span).ok_or(place);
        let comma = if behind < to { Some(span_at(behind)?) } else { None };
        found.push(OptionEntry {
            name: tokens.text(index).to_owned(),
            name_span: span_at(index)?,
            value: value(tokens, first, behind),
            value_span: span_at(first)?.to(span_at(behind - 1)?),
            value_idents: (first..behind)
                .filter(|place| tokens.kind(*place) == Some(TokenKind::Ident))
                .map(|place| tokens.text(place).to_owned())
                .collect(),
            comma,
        });
        index = behind + 1;
    }
    Ok(found)
}

fn value(tokens: &Tokens<'_>, from: usize, to: usize) -> OptionValue {
    let text = tokens.text(from);
    match tokens.kind(from) {
        Some(TokenKind::Ident) if to == from + 1 && text == "true" => OptionValue::Bool(true),
        Some(TokenKind::Ident) if to == from + 1 && text == "false" => OptionValue::Bool(false),
        Some(TokenKind::Literal) if to == from + 1 => OptionValue::Text(text.to_owned()),
        Some(TokenKind::Open) if text == "{" && tokens.after(from) == to => {
            // `with` and `trappable_error_type` have other shapes inside: they stay `Other`.
            entries(tokens, from + 1, to - 1).map_or(OptionValue::Other, OptionValue::Block)
        }
        _ => OptionValue::Other,
    }
}
