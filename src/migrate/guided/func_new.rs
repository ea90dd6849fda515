//! Functions of components that are made at run time.

use super::{Repair, Site};
use crate::diagnostics::Label;
use crate::migrate::impls::{arguments, behind_generics};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// A function of a component that is made at run time is told its type first (39, PR #11944).
pub(super) fn function_type(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0593")
        && site
            .error
            .message
            .contains("expected to take 4 arguments, but it takes 3")
        && site.speaks_of("func_new");
    // Some compilers point to the function first, and to the closure too.
    let is_closure = |text: &str| {
        let mut words = ["|", "move", "async"].iter();
        words.any(|word| text.starts_with(*word))
    };
    let labels = || site.error.labels.iter().filter(|_| is_it);
    let written = |label: &Label| label.span.text(site.text_at(label).unwrap_or_default());
    let closure = labels().find(|label| is_closure(written(label)));
    let Some(label) = closure else {
        // One that has a name, with its parameters.
        let declared = labels().find(|label| label.text.starts_with("takes 3 arguments"))?;
        return type_of_declared(site, declared);
    };
    let text = site.text_at(label)?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let bar = (first..first + 3).find(|index| tokens.is_punct(*index, '|'))?;
    let mut index = bar + 1;
    while !tokens.is_punct(index, ',') {
        index = match tokens.text(index) {
            "|" | "" => return None,
            "<" => behind_generics(&tokens, index)?,
            _ => tokens.after(index),
        };
    }
    let at = tokens.get(index)?.span.end.0;
    Some(site.edit(
        label,
        Span::new(at, at),
        " _ty,".to_owned(),
        "the function is told its type",
    ))
}

/// The same for a function: its second parameter is the type.
fn type_of_declared(site: &Site<'_>, label: &Label) -> Option<Repair> {
    let text = site.text_at(label)?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let word = (first..first + 6).find(|index| tokens.is_ident(*index, "fn"))?;
    let name = word + 1;
    let open = match tokens.is_punct(name + 1, '<') {
        true => behind_generics(&tokens, name + 1)?,
        false => name + 1,
    };
    let parameters = arguments(&tokens, open).filter(|_| tokens.text(open) == "(")?;
    let mut store = parameters.first()?.start;
    let mut depth = 0_usize;
    // `Store<'_, A, B>` has commas of its own.
    let close = tokens.get(open)?.partner;
    while store < close {
        match tokens.kind(store)? {
            TokenKind::Punct('<') => depth += 1,
            TokenKind::Punct('>') if !tokens.is_punct(store - 1, '-') => {
                depth = depth.checked_sub(1)?;
            }
            TokenKind::Punct(',') if depth == 0 => break,
            _ => {}
        }
        store = tokens.after(store);
    }
    let at = tokens.get(store).filter(|_| store < close)?.span.end.0;
    Some(site.edit(
        label,
        Span::new(at, at),
        " _ty: wasmtime::component::types::ComponentFunc,".to_owned(),
        "the function is told its type",
    ))
}
