//! The options of `bindgen!`, from the table that its parser has.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Item, Type};

/// What a release's `bindgen!` understands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The options: what may stand before a `:` in the braces.
    pub options: BTreeSet<String>,
    /// The other words that it knows: flags of functions, values.
    pub words: BTreeSet<String>,
}

/// Reads `src/bindgen.rs` of the macro's crate.
///
/// # Errors
/// The file, and what is wrong with it: a parser that is written in another way is one that this
/// reader has to learn.
pub fn read(folder: &Path) -> Result<Options, String> {
    let path = folder.join("src/bindgen.rs");
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|error| failed(&error))?;
    let file = syn::parse_file(&text).map_err(|error| failed(&error))?;
    let mut found = Options::default();
    for item in &file.items {
        match item {
            Item::Impl(written) if is_parser(written) => {
                peeked(written.to_token_stream(), &mut found.options);
            }
            Item::Mod(module) if module.ident == "kw" => {
                let items = module.content.iter().flat_map(|(_, items)| items);
                for item in items {
                    if let Item::Macro(called) = item {
                        found.words.insert(called.mac.tokens.to_string());
                    }
                }
            }
            _ => {}
        }
    }
    if found.options.is_empty() {
        return Err(failed(&"no `impl Parse for Opt` with options in it"));
    }
    found.words = &found.words - &found.options;
    Ok(found)
}

/// `impl Parse for Opt`.
fn is_parser(written: &syn::ItemImpl) -> bool {
    let of = super::shape::trait_of(written).and_then(|path| path.segments.last());
    let opt = matches!(&*written.self_ty, Type::Path(path) if path.path.is_ident("Opt"));
    opt && of.is_some_and(|step| step.ident == "Parse")
}

/// The words of `peek(kw::word)` and `peek(Token![word])` at any depth.
fn peeked(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let mut peek = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if peek {
                let inner = group.stream().to_string();
                let word = inner
                    .strip_prefix("kw :: ")
                    .or_else(|| inner.strip_prefix("kw::"))
                    .or_else(|| Some(inner.split_once('[')?.1.strip_suffix(']')?.trim()));
                let is_word = |word: &&str| word.chars().all(|c| c.is_alphanumeric() || c == '_');
                found.extend(word.filter(is_word).map(str::to_owned));
            } else {
                peeked(group.stream(), found);
            }
        }
        peek = matches!(&token, TokenTree::Ident(name) if name == "peek");
    }
}
