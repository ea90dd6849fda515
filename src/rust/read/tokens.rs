//! A source text as one flat row of tokens, each group's ends knowing one another.
//!
//! Flat, because generated code nests deeper than a stack is high: nothing that walks this row
//! recurses. Byte ranges are asked of `proc-macro2` only for the few tokens that become facts; it
//! takes longer to convert a position than to read the token.

use proc_macro2::{Delimiter, Ident, Literal, Spacing, TokenStream, TokenTree};

use crate::span::Span;
use crate::tokens::stream;

/// What is wrong with a text, and where, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// Result of reading a part of a text.
pub(crate) type Parsed<T> = Result<T, Failure>;

/// One token. Lifetimes are one token here, the two ends of a group are one token each.
pub(crate) enum Token {
    Ident(Ident),
    /// Its quote, and its name.
    Lifetime(proc_macro2::Span, proc_macro2::Span),
    Punct {
        ch: char,
        joint: bool,
        span: proc_macro2::Span,
    },
    Literal(Literal),
    Open {
        delimiter: Delimiter,
        close: usize,
        span: proc_macro2::Span,
    },
    Close {
        open: usize,
        span: proc_macro2::Span,
    },
}

impl Token {
    pub(crate) fn span(&self) -> Span {
        let span = match self {
            Self::Ident(ident) => ident.span(),
            Self::Literal(literal) => literal.span(),
            Self::Lifetime(quote, name) => {
                return Span::from(quote.byte_range()).to(name.byte_range().into());
            }
            Self::Punct { span, .. } | Self::Open { span, .. } | Self::Close { span, .. } => *span,
        };
        span.byte_range().into()
    }

    pub(crate) fn is_ident(&self, text: &str) -> bool {
        matches!(self, Self::Ident(ident) if ident == text)
    }

    pub(crate) fn is_punct(&self, expected: char) -> bool {
        matches!(self, Self::Punct { ch, .. } if *ch == expected)
    }

    pub(crate) fn opens(&self, expected: Delimiter) -> bool {
        matches!(self, Self::Open { delimiter, .. } if *delimiter == expected)
    }
}

/// An identifier as its owner calls it: `r#type` and `type` are the same name.
pub(crate) fn name_of(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map_or(text.clone(), str::to_owned)
}

/// Longest row of literals and commas that is kept. Tables of millions of numbers say nothing
/// about types, and would only cost memory.
const LITERAL_RUN: usize = 64;

/// The tokens of `text`, in order.
pub(crate) fn lex(text: &str) -> Parsed<Vec<Token>> {
    let stream = stream(text).map_err(|failure| Failure {
        at: failure.offset.0,
        message: failure.message,
    })?;
    Ok(flatten(stream))
}

fn flatten(stream: TokenStream) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut open: Vec<(
        usize,
        proc_macro2::Span,
        proc_macro2::token_stream::IntoIter,
    )> = Vec::new();
    let mut current = stream.into_iter();
    let mut run = 0;
    loop {
        let Some(tree) = current.next() else {
            let Some((start, span, outer)) = open.pop() else {
                return tokens;
            };
            let end = tokens.len();
            if let Some(Token::Open { close, .. }) = tokens.get_mut(start) {
                *close = end;
            }
            tokens.push(Token::Close { open: start, span });
            current = outer;
            run = 0;
            continue;
        };
        run = match &tree {
            TokenTree::Literal(_) => run + 1,
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | '-') => run + 1,
            _ => 0,
        };
        if run > LITERAL_RUN {
            continue;
        }
        match tree {
            TokenTree::Ident(ident) => push_ident(&mut tokens, ident),
            TokenTree::Literal(literal) => tokens.push(Token::Literal(literal)),
            TokenTree::Punct(punct) => tokens.push(Token::Punct {
                ch: punct.as_char(),
                joint: punct.spacing() == Spacing::Joint,
                span: punct.span(),
            }),
            TokenTree::Group(group) => {
                let start = tokens.len();
                tokens.push(Token::Open {
                    delimiter: group.delimiter(),
                    close: start,
                    span: group.span_open(),
                });
                let inner = group.stream().into_iter();
                let outer = std::mem::replace(&mut current, inner);
                open.push((start, group.span_close(), outer));
            }
        }
    }
}

/// `proc-macro2` gives a lifetime as a quote and an identifier.
fn push_ident(tokens: &mut Vec<Token>, ident: Ident) {
    if let Some(Token::Punct {
        ch: '\'',
        joint: true,
        span,
    }) = tokens.last()
    {
        let span = *span;
        tokens.pop();
        tokens.push(Token::Lifetime(span, ident.span()));
    } else {
        tokens.push(Token::Ident(ident));
    }
}
