//! `use` declarations as trees, every part with its place in the list of tokens.

use std::ops::Range;

use super::impls::attribute_before;
use crate::tokens::{TokenKind, Tokens};

/// A tree that nests deeper is left alone: nobody writes one by hand.
const MAX_DEPTH: usize = 16;

/// One `use ..;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseItem {
    /// The first token of it: of its attributes, its visibility, or `use` itself.
    pub start: usize,
    /// The token `use`.
    pub keyword: usize,
    /// The `;` at its end.
    pub end: usize,
    /// Whether the path begins with `::`.
    pub is_global: bool,
    /// What it brings in.
    pub tree: UseTree,
}

/// A part of a declaration: names joined by `::`, and what stands behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseTree {
    /// The names, each a token.
    pub prefix: Vec<usize>,
    /// All tokens of it.
    pub range: Range<usize>,
    /// What follows the names.
    pub kind: UseKind,
}

/// What stands behind the names of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UseKind {
    /// Nothing, or `as` and a name.
    Leaf {
        /// The token of the other name.
        alias: Option<usize>,
    },
    /// `*`.
    Glob,
    /// `{..}`.
    Group {
        /// The token `{`.
        open: usize,
        /// The token `}`.
        close: usize,
        /// What stands between them.
        items: Vec<UseTree>,
    },
}

/// One thing that a declaration brings in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf<'t> {
    /// Its path, as the tree spells it; `self` at the end left out.
    pub path: Vec<&'t str>,
    /// The name under which it is known; none for a `*`.
    pub name: Option<&'t str>,
}

impl UseTree {
    /// The names of the prefix.
    pub fn names<'t>(&self, tokens: &Tokens<'t>) -> Vec<&'t str> {
        self.prefix
            .iter()
            .map(|index| tokens.text(*index))
            .collect()
    }

    /// Everything that it brings in, in the order of the text, with `above` in front of each path.
    pub fn leaves<'t>(&self, tokens: &Tokens<'t>, above: &[&'t str]) -> Vec<Leaf<'t>> {
        let mut path = above.to_vec();
        path.extend(self.names(tokens));
        match &self.kind {
            UseKind::Group { items, .. } => items
                .iter()
                .flat_map(|item| item.leaves(tokens, &path))
                .collect(),
            UseKind::Glob => vec![Leaf { path, name: None }],
            UseKind::Leaf { alias } => {
                if path.last() == Some(&"self") {
                    path.pop();
                }
                let name = alias.map(|alias| tokens.text(alias));
                let name = name.or_else(|| path.last().copied());
                vec![Leaf { path, name }]
            }
        }
    }
}

/// Every declaration of a text, in order.
#[must_use]
pub fn find(tokens: &Tokens<'_>) -> Vec<UseItem> {
    tokens
        .places_of("use")
        .filter_map(|keyword| read(tokens, keyword))
        .collect()
}

fn read(tokens: &Tokens<'_>, keyword: usize) -> Option<UseItem> {
    let start = start_of_item(tokens, keyword)?;
    let is_global = tokens.is_path_separator(keyword + 1);
    let first = keyword + 1 + if is_global { 2 } else { 0 };
    let tree = tree(tokens, first, 0)?;
    let end = tree.range.end;
    tokens.is_punct(end, ';').then_some(UseItem {
        start,
        keyword,
        end,
        is_global,
        tree,
    })
}

fn tree(tokens: &Tokens<'_>, first: usize, depth: usize) -> Option<UseTree> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut prefix = Vec::new();
    let mut index = first;
    while tokens.kind(index) == Some(TokenKind::Ident) {
        prefix.push(index);
        index += 1;
        if !tokens.is_path_separator(index) {
            let alias = tokens.is_ident(index, "as").then_some(index + 1);
            if alias.is_some_and(|alias| tokens.kind(alias) != Some(TokenKind::Ident)) {
                return None;
            }
            let end = alias.map_or(index, |alias| alias + 1);
            let kind = UseKind::Leaf { alias };
            return Some(UseTree {
                prefix,
                range: first..end,
                kind,
            });
        }
        index += 2;
    }
    if tokens.is_punct(index, '*') {
        let kind = UseKind::Glob;
        return Some(UseTree {
            prefix,
            range: first..index + 1,
            kind,
        });
    }
    if tokens.kind(index) != Some(TokenKind::Open) || tokens.text(index) != "{" {
        return None;
    }
    let (open, close) = (index, tokens.get(index)?.partner);
    let items = group(tokens, open, close, depth)?;
    let kind = UseKind::Group { open, close, items };
    Some(UseTree {
        prefix,
        range: first..close + 1,
        kind,
    })
}

fn group(tokens: &Tokens<'_>, open: usize, close: usize, depth: usize) -> Option<Vec<UseTree>> {
    let mut items = Vec::new();
    let mut index = open + 1;
    while index < close {
        let item = tree(tokens, index, depth + 1)?;
        index = item.range.end;
        items.push(item);
        if index < close {
            index = tokens.is_punct(index, ',').then_some(index + 1)?;
        }
    }
    Some(items)
}

/// The first token of the item that the `use` at `keyword` belongs to; none when it can't be one.
fn start_of_item(tokens: &Tokens<'_>, keyword: usize) -> Option<usize> {
    let mut start = keyword;
    // `pub`, `pub(crate)`, `pub(in a::b)`
    if start > 0
        && tokens.kind(start - 1) == Some(TokenKind::Close)
        && tokens.text(start - 1) == ")"
    {
        let open = tokens.get(start - 1)?.partner;
        start = open
            .checked_sub(1)
            .filter(|index| tokens.is_ident(*index, "pub"))?;
    } else if start > 0 && tokens.is_ident(start - 1, "pub") {
        start -= 1;
    }
    while let Some(hash) = attribute_before(tokens, start) {
        start = hash;
    }
    let Some(before) = start.checked_sub(1) else {
        return Some(start);
    };
    let begins = tokens.is_punct(before, ';')
        || matches!(tokens.text(before), "{" | "}")
        || is_inner_attribute(tokens, before);
    begins.then_some(start)
}

fn is_inner_attribute(tokens: &Tokens<'_>, close: usize) -> bool {
    let is_bracket = tokens.kind(close) == Some(TokenKind::Close) && tokens.text(close) == "]";
    let open = tokens.get(close).map_or(0, |token| token.partner);
    is_bracket && open >= 2 && tokens.is_punct(open - 1, '!') && tokens.is_punct(open - 2, '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought_in(text: &str) -> Vec<String> {
        let tokens = Tokens::read(text).unwrap();
        let found = find(&tokens);
        let leaves = found.iter().flat_map(|item| item.tree.leaves(&tokens, &[]));
        let shown = leaves.map(|leaf| {
            let path = leaf.path.join("::");
            format!("{path} = {}", leaf.name.unwrap_or("*"))
        });
        shown.collect()
    }

    #[test]
    fn a_name_that_is_missing_makes_it_no_declaration() {
        assert_eq!(brought_in("use a::{b, c as };"), [""; 0]);
    }

    #[test]
    fn a_tree_brings_in_what_it_says() {
        let text = "#![allow(x)] use a; pub use b::c as d; #[cfg(x)] pub(crate) use e::{self, f::{g, *}, h as _,};
            fn x() { use ::i::j; }";
        assert_eq!(
            brought_in(text),
            [
                "a = a",
                "b::c = d",
                "e = e",
                "e::f::g = g",
                "e::f = *",
                "e::h = _",
                "i::j = j"
            ]
        );
    }

    #[test]
    fn what_is_no_declaration_is_none() {
        for text in [
            "fn f<'a>() -> impl Sized + use<'a> {}",
            "macro_rules! m { () => { use $crate::a; } }",
            "let x = a.r#use;",
            "m!(use a)",
        ] {
            assert_eq!(brought_in(text), [""; 0], "{text}");
        }
        let deep = format!("use {}a{};", "a::{".repeat(5000), "}".repeat(5000));
        assert_eq!(brought_in(&deep), [""; 0]);
    }

    #[test]
    fn an_item_begins_with_its_attributes() {
        let text = "struct A; #[cfg(a)] #[allow(b)] pub(in crate::x) use c::d;";
        let tokens = Tokens::read(text).unwrap();
        let item = &find(&tokens)[0];
        let start = tokens.get(item.start).unwrap().span.start.0;
        assert!(text[start..].starts_with("#[cfg(a)]"), "{}", &text[start..]);
    }
}
