//! A source text as one flat row of tokens, each group's ends knowing one another.
//!
//! Flat, because generated code nests deeper than a stack is high: nothing that walks this row
//! recurses.

use crate::span::Span;
use crate::tokens::{self, TokenKind, Tokens};

/// What is wrong with a text, and where, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// Result of reading a part of a text.
pub(crate) type Parsed<T> = Result<T, Failure>;

/// What encloses a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Parenthesis,
    Bracket,
    Brace,
}

/// One token. Lifetimes are one token here, the two ends of a group are one token each.
#[derive(Clone, Copy)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind<'t>,
    pub(crate) span: Span,
}

/// What a token is.
#[derive(Clone, Copy)]
pub(crate) enum Kind<'t> {
    /// A name or keyword; raw names keep their `r#`.
    Ident(&'t str),
    Lifetime,
    Punct {
        ch: char,
        /// Whether more punctuation follows without a gap.
        joint: bool,
    },
    Literal(&'t str),
    Open {
        delimiter: Delimiter,
        close: usize,
    },
    Close {
        open: usize,
    },
}

impl Token<'_> {
    pub(crate) fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Ident(_))
    }

    pub(crate) fn is_ident(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Ident(ident) if ident == text)
    }

    pub(crate) fn is_punct(&self, expected: char) -> bool {
        matches!(self.kind, Kind::Punct { ch, .. } if ch == expected)
    }

    pub(crate) fn opens(&self, expected: Delimiter) -> bool {
        matches!(self.kind, Kind::Open { delimiter, .. } if delimiter == expected)
    }
}

/// An identifier as its owner calls it: `r#type` and `type` are the same name.
pub(crate) fn name_of(ident: &str) -> String {
    ident.strip_prefix("r#").unwrap_or(ident).to_owned()
}

/// Longest row of literals and commas that is kept. Tables of millions of numbers say nothing
/// about types, and would only cost memory.
const LITERAL_RUN: usize = 64;

/// The tokens of `text`, in order.
pub(crate) fn lex(text: &str) -> Parsed<Tokens<'_>> {
    Tokens::read(text).map_err(|failure| Failure {
        at: failure.offset.0,
        message: failure.message,
    })
}

/// The tokens that were read of `text`, as a row.
pub(crate) fn row<'t>(text: &'t str, read: &Tokens<'_>) -> Vec<Token<'t>> {
    let row = Vec::with_capacity(read.len());
    fill(row, text, read, |_| false)
}

/// The same without what stands in braces, where no module is declared in them: most of a file, and no
/// matter for the modules that it has. What is left reads as items without fields, members and statements.
pub(crate) fn outline<'t>(text: &'t str, read: &Tokens<'_>) -> Vec<Token<'t>> {
    let modules = Vec::from_iter(read.places_of("mod"));
    let is_hollow = |open: usize| {
        let next = modules.partition_point(|module| *module < open);
        read.text(open) == "{"
            && modules
                .get(next)
                .is_none_or(|next| *next >= read.after(open))
    };
    fill(Vec::new(), text, read, is_hollow)
}

/// Puts tokens into a row, of groups for which `is_hollow` holds only the two ends.
fn fill<'t>(
    mut row: Vec<Token<'t>>,
    text: &'t str,
    read: &Tokens<'_>,
    is_hollow: impl Fn(usize) -> bool,
) -> Vec<Token<'t>> {
    let mut open = Vec::new();
    let mut run = 0;
    let mut next = 0;
    while let Some(token) = read.get(next) {
        let place = next;
        next += 1;
        run = match token.kind {
            TokenKind::Literal | TokenKind::Punct(',' | '-') => run + 1,
            _ => 0,
        };
        if run > LITERAL_RUN {
            continue;
        }
        let kind = match token.kind {
            TokenKind::Ident => Kind::Ident(token.span.text(text)),
            TokenKind::Literal => Kind::Literal(token.span.text(text)),
            TokenKind::Lifetime => Kind::Lifetime,
            TokenKind::Punct(ch) => Kind::Punct {
                ch,
                joint: goes_on(&token, read.get(place + 1).as_ref()),
            },
            TokenKind::Open => {
                open.push(row.len());
                if is_hollow(place) {
                    next = token.partner;
                }
                Kind::Open {
                    delimiter: delimiter(token.span.text(text)),
                    close: row.len(),
                }
            }
            TokenKind::Close => {
                let start = open.pop().unwrap_or_default();
                let end = row.len();
                if let Some(Token {
                    kind: Kind::Open { close, .. },
                    ..
                }) = row.get_mut(start)
                {
                    *close = end;
                }
                Kind::Close { open: start }
            }
        };
        row.push(Token {
            kind,
            span: token.span,
        });
    }
    row
}

fn goes_on(token: &tokens::Token, next: Option<&tokens::Token>) -> bool {
    next.is_some_and(|next| {
        matches!(next.kind, TokenKind::Punct(_)) && next.span.start == token.span.end
    })
}

fn delimiter(opening: &str) -> Delimiter {
    match opening {
        "(" => Delimiter::Parenthesis,
        "[" => Delimiter::Bracket,
        _ => Delimiter::Brace,
    }
}
