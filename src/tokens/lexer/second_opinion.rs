//! What `proc-macro2` makes of the same text.

use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree, token_stream};

use super::*;
use crate::span::Span;

/// The kind and the place of each token as `proc-macro2` has them, lifetimes as one and doc comments
/// left out; none when it refuses the text.
fn other(text: &str) -> Option<Vec<(TokenKind, Span)>> {
    proc_macro2::extra::invalidate_current_thread_spans();
    let mut list: Vec<(TokenKind, Span)> = Vec::new();
    let stream = TokenStream::from_str(text).ok()?;
    let mut open: Vec<(token_stream::IntoIter, Option<Span>)> = vec![(stream.into_iter(), None)];
    let mut in_doc_comment = false;
    while let Some((trees, close)) = open.last_mut() {
        let Some(tree) = trees.next() else {
            list.extend(close.map(|span| (TokenKind::Close, span)));
            open.pop();
            continue;
        };
        let span = Span::from(tree.span().byte_range());
        match tree {
            TokenTree::Ident(_) => match list.last_mut() {
                Some((kind, quote))
                    if *kind == TokenKind::Punct('\'') && quote.end == span.start =>
                {
                    *kind = TokenKind::Lifetime;
                    *quote = quote.to(span);
                }
                _ => list.push((TokenKind::Ident, span)),
            },
            TokenTree::Literal(_) => list.push((TokenKind::Literal, span)),
            TokenTree::Punct(_)
                if span.text(text).starts_with('/') && span.end.0 - span.start.0 > 1 =>
            {
                in_doc_comment = true;
            }
            TokenTree::Punct(punct) => list.push((TokenKind::Punct(punct.as_char()), span)),
            TokenTree::Group(_) if std::mem::take(&mut in_doc_comment) => {}
            TokenTree::Group(group) => {
                assert_ne!(group.delimiter(), Delimiter::None);
                list.push((TokenKind::Open, group.span_open().byte_range().into()));
                let close = Span::from(group.span_close().byte_range());
                open.push((group.stream().into_iter(), Some(close)));
            }
        }
    }
    Some(list)
}

fn ours(text: &str) -> Option<Vec<(TokenKind, Span)>> {
    let list = lex(text).ok()?;
    Some(
        list.iter()
            .map(|token| (token.kind, token.span()))
            .collect(),
    )
}

#[test]
fn odd_texts_are_read_alike() {
    for text in [
        "r#\"a\"b\"# r\"\" br##\"\"#\"## b\"\\\"\" c\"x\" cr#\"y\"# b'\\'' 'a' '\\u{1F600}' '\\''",
        "'a: loop { break 'a } fn f<'b, 'static>() {} &'_ r#type r#fn",
        "1 1u8 0xffu64 1.0 1.0f32 1e5 1.e 1..2 x.0.1 1_000_ 0b1 0o7 2.f()",
        "// line\n/* a /* nested */ b */ /// doc\n//! inner\n/** doc */ /*! inner */ fn /**/ f() {}",
        "a::b->c=>d..=e&&f||g<<=h>>=i+=j!=k==l?.m@n#o$p~q%r^s;t,u",
        "macro_rules! m { ($($x:tt)*) => { $($x)* }; (# $a:ident) => {}; }",
        "quote! { ##x #\n\"a\" #x }",
        "étude_1 + 名前 _ __ _x",
        "\u{feff}fn f() {}\r\nfn g() {}\r\n",
        "\"line \\\n   next\" \"\u{1F600}\"",
    ] {
        assert_eq!(ours(text), other(text), "{text}");
        assert!(ours(text).is_some(), "{text}");
    }
}

#[test]
fn broken_texts_are_refused_by_both() {
    for text in [
        "fn f( {", ")", "(]", "\"", "r#\"", "/*", "/* /* */", "b\"", "'\\", "c\"x", "`", "\\",
    ] {
        assert_eq!(ours(text), None, "{text}");
        assert_eq!(other(text), None, "{text}");
    }
}

/// Every source of this project, and with `WASMTIME_UPGRADE_SOURCES=FOLDER` those of any other.
#[test]
fn whole_sources_are_read_alike() {
    let mut folders = vec![env!("CARGO_MANIFEST_DIR").to_owned() + "/src"];
    folders.extend(std::env::var("WASMTIME_UPGRADE_SOURCES"));
    let mut compared = 0;
    let files = folders.iter().flat_map(ignore::Walk::new);
    for path in files
        .filter_map(Result::ok)
        .map(ignore::DirEntry::into_path)
    {
        let is_source = path.extension().is_some_and(|ending| ending == "rs");
        let Some(text) = Some(&path)
            .filter(|_| is_source)
            .and_then(|p| std::fs::read_to_string(p).ok())
        else {
            continue;
        };
        // `proc-macro2` knows no `#!` line.
        if start(&text) > 0 {
            continue;
        }
        if let Some(expected) = other(&text) {
            assert_eq!(ours(&text), Some(expected), "{}", path.display());
            compared += 1;
        }
    }
    println!("{compared} sources compared");
    assert!(compared > 100, "{compared}");
}

/// What texts are put together from: each may begin where another one ends, so that what is read the short
/// way stands beside everything that is not.
const PIECES: [&str; 47] = [
    "a", "r", "b", "c", "br", "_", "x1", "\u{e9}", "1", "1.5", "'", "\"", "#", "##", "r#", "//",
    "/*", "*/", "/", "\n", " ", "\t", "\r\n", "\u{b}", "\u{2028}", "(", ")", "[", "]", "{", "}",
    ";", ",", ".", ":", "=", "-", ">", "!", "?", "@", "~", "$", "%", "^", "\\", "`",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4_000))]

    #[test]
    fn pieces_in_any_order_are_read_alike(
        pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..10)
    ) {
        let text = pieces.concat();
        // `proc-macro2` knows no `#!` line, and refuses what only a later stage of the compiler refuses.
        if let Some(expected) = other(&text).filter(|_| start(&text) == 0) {
            proptest::prop_assert_eq!(ours(&text), Some(expected), "{}", text);
        }
    }
}
