//! Rust source as a flat list of tokens with byte ranges.
//!
//! Tokens, not a syntax tree: they reach into macro arguments and `macro_rules!` bodies, they do
//! not care about syntax newer than this library, and they never tempt anyone to reprint code.
//! Groups are written as an opening and a closing token that know each other's place, so that no
//! walk over them needs recursion, however deep the source nests.

use std::sync::Arc;

use crate::span::{ByteOffset, Span};

mod lexer;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword; raw names keep their `r#`.
    Ident,
    /// A lifetime or a label, its quote included.
    Lifetime,
    /// One character of punctuation.
    Punct(char),
    /// A number, string, character or byte string.
    Literal,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
    /// For an opening or closing token the place of the other one in the list; else its own.
    pub partner: usize,
}

/// A token as it is kept: a workspace has hundreds of thousands.
#[derive(Clone, Copy, Debug)]
struct Packed {
    kind: TokenKind,
    start: u32,
    end: u32,
    partner: u32,
}

impl Packed {
    fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }

    fn token(self) -> Token {
        Token {
            kind: self.kind,
            span: self.span(),
            partner: self.partner as usize,
        }
    }
}

/// The tokens of a text without the text, to be kept.
#[derive(Clone, Debug)]
pub struct TokenList(Arc<Vec<Packed>>);

/// Why a text can't be read as Rust tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexFailure {
    /// The first byte that makes no sense.
    pub offset: ByteOffset,
    /// What is wrong there.
    pub message: String,
}

/// The tokens of one text, comments and white space left out.
#[derive(Clone, Debug)]
pub struct Tokens<'t> {
    text: &'t str,
    /// As it was filled: a slice of its own would be a copy.
    list: Arc<Vec<Packed>>,
}

impl<'t> Tokens<'t> {
    /// Reads a whole source file. A byte-order mark and a `#!` line are passed over without
    /// moving any offset.
    ///
    /// # Errors
    /// Unbalanced brackets, unfinished strings and the like, with their place.
    pub fn read(text: &'t str) -> Result<Self, LexFailure> {
        Ok(Self {
            text,
            list: Arc::new(lexer::lex(text)?),
        })
    }

    /// The tokens without their text, to be kept.
    #[must_use]
    pub fn list(&self) -> TokenList {
        TokenList(Arc::clone(&self.list))
    }

    /// What [`Tokens::list`] kept of a text, put together with it again.
    #[must_use]
    pub fn of_list(text: &'t str, list: TokenList) -> Self {
        Self { text, list: list.0 }
    }

    /// How many tokens there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Token> + '_ {
        self.list.iter().map(|token| token.token())
    }

    // What is never inlined here is called from thousands of places, of which hardly one is hot: in each of them
    // it would be a good part of the program's code.

    /// The token at a place of the list.
    #[must_use]
    #[inline(never)]
    pub fn get(&self, index: usize) -> Option<Token> {
        self.list.get(index).map(|token| token.token())
    }

    /// The text of the token at a place; empty behind the end.
    #[must_use]
    #[inline(never)]
    pub fn text(&self, index: usize) -> &'t str {
        self.list
            .get(index)
            .map_or("", |token| token.span().text(self.text))
    }

    /// Whether the token at `index` is this name or keyword.
    #[must_use]
    #[inline(never)]
    pub fn is_ident(&self, index: usize, name: &str) -> bool {
        self.kind(index) == Some(TokenKind::Ident) && self.text(index) == name
    }

    /// Whether the token at `index` is this character of punctuation.
    #[must_use]
    #[inline(never)]
    pub fn is_punct(&self, index: usize, character: char) -> bool {
        self.kind(index) == Some(TokenKind::Punct(character))
    }

    /// Whether `::` starts at `index`.
    #[must_use]
    #[inline(never)]
    pub fn is_path_separator(&self, index: usize) -> bool {
        self.is_punct(index, ':') && self.is_punct(index + 1, ':')
    }

    /// The places of a name or keyword, in order. Searching the text is far quicker than looking at
    /// every token.
    pub fn places_of<'s>(&'s self, name: &'s str) -> impl Iterator<Item = usize> + 's {
        memchr::memmem::find_iter(self.text.as_bytes(), name).filter_map(move |offset| {
            let place = self
                .list
                .partition_point(|token| (token.start as usize) < offset);
            let token = self.list.get(place)?;
            (token.start as usize == offset && self.is_ident(place, name)).then_some(place)
        })
    }

    /// The place of the first token that begins at `offset` or behind it.
    #[must_use]
    #[inline(never)]
    pub fn starting_at(&self, offset: ByteOffset) -> Option<usize> {
        let place = self
            .list
            .partition_point(|token| (token.start as usize) < offset.0);
        (place < self.list.len()).then_some(place)
    }

    /// What the token at `index` is.
    #[must_use]
    pub fn kind(&self, index: usize) -> Option<TokenKind> {
        self.list.get(index).map(|token| token.kind)
    }

    /// The opening tokens of the groups that the token at `place` is in, from the inside out. Neither an
    /// opening nor a closing token is in its own group.
    pub fn around(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        let before = |place: usize| {
            let mut place = place;
            loop {
                place = place.checked_sub(1)?;
                let token = self.list.get(place)?;
                match token.kind {
                    TokenKind::Close => place = token.partner as usize,
                    TokenKind::Open => return Some(place),
                    _ => {}
                }
            }
        };
        let is_end = self.kind(place) == Some(TokenKind::Close);
        let first = self.get(place).filter(|_| is_end);
        let first = before(first.map_or(place, |end| end.partner));
        std::iter::successors(first, move |open| before(*open))
    }

    /// Behind the token at `index`; for an opening token behind its whole group.
    #[must_use]
    #[inline(never)]
    pub fn after(&self, index: usize) -> usize {
        match self.list.get(index) {
            Some(token) if token.kind == TokenKind::Open => token.partner as usize + 1,
            _ => index + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let tokens = Tokens::read(source).unwrap();
        (0..tokens.len())
            .map(|i| tokens.text(i).to_owned())
            .collect()
    }

    #[test]
    fn tokens_are_slices_of_the_original_text() {
        let source = "#!/usr/bin/env run\r\n//! doc\r\n/// more\r\nfn r#é() { m!['\u{1F600}', 1u8] } /* x */";
        let expected = [
            "fn",
            "r#é",
            "(",
            ")",
            "{",
            "m",
            "!",
            "[",
            "'\u{1F600}'",
            ",",
            "1u8",
            "]",
            "}",
        ];
        assert_eq!(texts(source), expected);
        assert_eq!(texts(&format!("\u{feff}{source}")), expected);
    }

    #[test]
    fn what_is_around_a_token_goes_from_the_inside_out() {
        let tokens = Tokens::read("a { (b) [c d] } e").unwrap();
        let around = |name: &str| {
            let place = (0..tokens.len()).find(|it| tokens.text(*it) == name);
            let opens = tokens.around(place.unwrap());
            opens.map(|open| tokens.text(open)).collect::<String>()
        };
        assert_eq!(around("d"), "[{");
        assert_eq!(around("b"), "({");
        assert_eq!((around("["), around("]")), ("{".into(), "{".into()));
        assert_eq!((around("}"), around("e")), (String::new(), String::new()));
    }

    #[test]
    fn a_name_is_found_where_it_is_a_token() {
        let text = "fn new() { renew(new_one); \"new\"; r#new; x.new() } // new";
        let tokens = Tokens::read(text).unwrap();
        let places: Vec<usize> = tokens.places_of("new").collect();
        assert_eq!(places.len(), 2);
        assert!(places.iter().all(|place| tokens.is_ident(*place, "new")));
    }

    #[test]
    fn inner_attributes_are_no_shebang() {
        assert_eq!(texts("#![allow(x)]")[..3], ["#", "!", "["]);
    }

    #[test]
    fn groups_know_their_ends() {
        let tokens = Tokens::read("a ( b [ c ] ) d").unwrap();
        assert_eq!(tokens.after(1), 7);
        assert_eq!(tokens.text(tokens.after(1)), "d");
        assert_eq!(tokens.get(6).unwrap().partner, 1);
    }

    #[test]
    fn broken_text_names_the_place() {
        let failure = Tokens::read("fn main() { ( }").unwrap_err();
        assert!(failure.offset.0 <= 15, "{failure:?}");
        assert!(Tokens::read("\"unfinished").is_err());
    }

    #[test]
    fn deep_nesting_needs_no_deep_stack() {
        let deep = format!("{}{}", "(".repeat(200_000), ")".repeat(200_000));
        assert_eq!(Tokens::read(&deep).unwrap().len(), 400_000);
    }
}
