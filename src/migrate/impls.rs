//! `impl Trait for Type` blocks, their functions, and the arguments of calls, by tokens.

use std::ops::Range;

use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// One block. All places are tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImplBlock {
    /// The first token, attributes included.
    pub start: usize,
    /// The word `impl`.
    pub keyword: usize,
    /// The names of the trait's path, generic arguments left out.
    pub trait_path: Vec<usize>,
    /// All of the trait, arguments included.
    pub of_trait: Range<usize>,
    /// The type.
    pub of_type: Range<usize>,
    /// The `{`.
    pub open: usize,
    /// The `}`.
    pub close: usize,
    /// Its functions.
    pub functions: Vec<Function>,
    /// Whether it has something beside them.
    pub has_others: bool,
}

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The first token, attributes included.
    pub start: usize,
    /// Its name.
    pub name: usize,
    /// The type behind `->`; empty when there is none.
    pub result: Range<usize>,
    /// The `{` of its body.
    pub open: usize,
    /// The `}` of its body.
    pub close: usize,
}

impl ImplBlock {
    /// The function of that name.
    #[must_use]
    pub fn function(&self, tokens: &Tokens<'_>, name: &str) -> Option<&Function> {
        self.functions
            .iter()
            .find(|function| tokens.is_ident(function.name, name))
    }
}

/// Every block of a text that implements a trait, in order.
#[must_use]
pub fn find(tokens: &Tokens<'_>) -> Vec<ImplBlock> {
    tokens
        .places_of("impl")
        .filter_map(|keyword| read(tokens, keyword))
        .collect()
}

/// The text of a range of tokens.
#[must_use]
pub fn span_of(tokens: &Tokens<'_>, range: &Range<usize>) -> Option<Span> {
    let first = tokens.get(range.start)?.span;
    Some(first.to(tokens.get(range.end.checked_sub(1)?)?.span))
}

/// The arguments of a call, each by its tokens.
pub(super) fn arguments(tokens: &Tokens<'_>, open: usize) -> Option<Vec<Range<usize>>> {
    let close = tokens.get(open)?.partner;
    let mut found = Vec::new();
    let (mut start, mut index) = (open + 1, open + 1);
    while index < close {
        if tokens.is_punct(index, ',') {
            found.push(start..index);
            start = index + 1;
        }
        index = tokens.after(index);
    }
    if start < close {
        found.push(start..close);
    }
    Some(found)
}

fn read(tokens: &Tokens<'_>, keyword: usize) -> Option<ImplBlock> {
    let start = item_start(tokens, keyword)?;
    let mut index = keyword + 1;
    if tokens.is_punct(index, '<') {
        index = behind_generics(tokens, index)?;
    }
    let first = index;
    let mut trait_path = Vec::new();
    if tokens.is_path_separator(index) {
        index += 2;
    }
    while tokens.kind(index) == Some(TokenKind::Ident) && !tokens.is_ident(index, "for") {
        trait_path.push(index);
        index += 1;
        if !tokens.is_path_separator(index) {
            break;
        }
        index += 2;
    }
    if tokens.is_punct(index, '<') {
        index = behind_generics(tokens, index)?;
    }
    if trait_path.is_empty() || !tokens.is_ident(index, "for") {
        return None;
    }
    let of_trait = first..index;
    let type_start = index + 1;
    index = type_start;
    let mut type_end = None;
    while tokens.text(index) != "{" {
        if tokens.is_ident(index, "where") {
            type_end.get_or_insert(index);
        }
        tokens
            .kind(index)
            .filter(|kind| !matches!(kind, TokenKind::Close | TokenKind::Punct(';')))?;
        index = tokens.after(index);
    }
    let (open, close) = (index, tokens.get(index)?.partner);
    let (functions, has_others) = functions(tokens, open, close);
    Some(ImplBlock {
        start,
        keyword,
        trait_path,
        of_trait,
        of_type: type_start..type_end.unwrap_or(open),
        open,
        close,
        functions,
        has_others,
    })
}

/// The first token of the item, when an item can begin there.
fn item_start(tokens: &Tokens<'_>, keyword: usize) -> Option<usize> {
    let mut start = keyword;
    if start > 0 && tokens.is_ident(start - 1, "unsafe") {
        start -= 1;
    }
    while let Some(hash) = attribute_before(tokens, start) {
        start = hash;
    }
    match start.checked_sub(1) {
        None => Some(start),
        Some(before) => matches!(tokens.text(before), ";" | "{" | "}" | "]").then_some(start),
    }
}

/// The `#` of an outer attribute that ends in front of `index`.
pub(super) fn attribute_before(tokens: &Tokens<'_>, index: usize) -> Option<usize> {
    let close = index.checked_sub(1)?;
    if tokens.kind(close) != Some(TokenKind::Close) || tokens.text(close) != "]" {
        return None;
    }
    let hash = tokens.get(close)?.partner.checked_sub(1)?;
    tokens.is_punct(hash, '#').then_some(hash)
}

/// Behind the `>` that belongs to the `<` at `open`; the `>` of `->` is none.
pub(super) fn behind_generics(tokens: &Tokens<'_>, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut index = open;
    loop {
        match tokens.kind(index)? {
            TokenKind::Punct('<') => depth += 1,
            TokenKind::Punct('>') if !(index > 0 && tokens.is_punct(index - 1, '-')) => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            TokenKind::Punct(';') | TokenKind::Close => return None,
            _ => {}
        }
        index = tokens.after(index);
    }
}

fn functions(tokens: &Tokens<'_>, open: usize, close: usize) -> (Vec<Function>, bool) {
    let mut found = Vec::new();
    let mut has_others = false;
    let mut start = open + 1;
    let mut index = start;
    let mut word = None;
    while index < close {
        if tokens.is_ident(index, "fn") && word.is_none() {
            word = Some(index);
        }
        let ends = tokens.is_punct(index, ';') || tokens.text(index) == "{";
        let next = tokens.after(index);
        if ends {
            let read = word.and_then(|word| function(tokens, start, word, index));
            match read {
                Some(function) => found.push(function),
                None => has_others = true,
            }
            (start, word) = (next, None);
        }
        index = next;
    }
    (found, has_others || start < close)
}

/// The function whose body begins at `open`; none for a `;`.
fn function(tokens: &Tokens<'_>, start: usize, word: usize, open: usize) -> Option<Function> {
    if tokens.text(open) != "{" {
        return None;
    }
    let mut index = word + 2;
    if tokens.is_punct(index, '<') {
        index = behind_generics(tokens, index)?;
    }
    index = tokens.after(index); // the parameters
    let result = match tokens.is_punct(index, '-') && tokens.is_punct(index + 1, '>') {
        true => {
            let first = index + 2;
            let end = (first..open).find(|place| tokens.is_ident(*place, "where"));
            first..end.unwrap_or(open)
        }
        false => index..index,
    };
    let close = tokens.get(open)?.partner;
    Some(Function {
        start,
        name: word + 1,
        result,
        open,
        close,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_knows_its_parts() {
        let text = "#[x] unsafe impl<T: Fn() -> u8> a::View<T> for S<T> where T: Clone { const A: u8 = 1; #[y] async fn f<U>(&self) -> Vec<u8> { 1 } fn g() {} }";
        let tokens = Tokens::read(text).unwrap();
        let block = &find(&tokens)[0];
        let text_of = |range: &Range<usize>| span_of(&tokens, range).unwrap().text(text);
        assert_eq!(block.start, 0);
        assert_eq!(text_of(&block.of_trait), "a::View<T>");
        assert_eq!(text_of(&block.of_type), "S<T>");
        assert!(block.has_others);
        let f = block.function(&tokens, "f").unwrap();
        assert_eq!(text_of(&f.result), "Vec<u8>");
        assert_eq!(tokens.text(f.start), "#");
        assert_eq!(block.functions.len(), 2);
    }

    #[test]
    fn what_implements_no_trait_is_none() {
        for text in [
            "impl S { fn f() {} }",
            "fn f() -> impl A for B {}",
            "fn f(x: impl Fn()) {}",
            "impl<T A for B {}",
            "impl A for",
            "impl A for B;",
        ] {
            assert!(find(&Tokens::read(text).unwrap()).is_empty(), "{text}");
        }
    }
}
