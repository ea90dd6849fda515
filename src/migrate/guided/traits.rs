//! Bounds that belong into the definition of a trait of the project's own: its implementations can't ask
//! for more than it does.

use super::bounds::bound_at;
use super::{Repair, Site, quoted};
use crate::edit::Edit;
use crate::migrate::impls::{self, behind_generics};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// Adds to a trait's own item the bound that an implementation has got.
pub(super) fn of_item(site: &Site<'_>) -> Option<Repair> {
    if !site.is("E0276") {
        return None;
    }
    let (label, text) = site.primary()?;
    let (parameter, bound) = quoted(&label.text).next()?.split_once(": ")?;
    if !matches!(bound, "'static" | "Send" | "Sync") {
        return None;
    }
    let tokens = Tokens::read(text).ok()?;
    let place = tokens.starting_at(label.span.start)?;
    let block = impls::find(&tokens)
        .into_iter()
        .find(|block| (block.open..block.close).contains(&place))?;
    let word = (block.open..place)
        .rev()
        .find(|index| matches!(tokens.text(*index), "fn" | "type"))?;
    let of_trait = tokens.text(*block.trait_path.last()?);
    in_trait(
        site,
        of_trait,
        tokens.text(word),
        tokens.text(word + 1),
        |tokens, name| {
            if parameter.starts_with("impl ") {
                return behind_argument(tokens, name, parameter, bound);
            }
            let open = name + 1;
            let close = behind_generics(tokens, open).filter(|_| tokens.is_punct(open, '<'))? - 1;
            let place = (open + 1..close).find(|index| {
                let starts = *index == open + 1 || tokens.is_punct(*index - 1, ',');
                starts && tokens.is_ident(*index, parameter)
            })?;
            bound_at(tokens, place, close, bound)
        },
    )
}

/// Behind the type `impl Trait` of an argument of a function, whose bound has no name.
fn behind_argument(
    tokens: &Tokens<'_>,
    function: usize,
    of_type: &str,
    bound: &str,
) -> Option<(usize, String)> {
    let open = (function..tokens.len()).find(|index| tokens.text(*index) == "(")?;
    let close = tokens.get(open)?.partner;
    let wanted: String = of_type.split_whitespace().collect();
    let first = (open..close).find(|index| tokens.is_ident(*index, "impl"))?;
    let mut written = String::new();
    for index in first..close {
        written.push_str(tokens.text(index));
        if written == wanted {
            return Some((tokens.get(index)?.span.end.0, format!(" + {bound}")));
        }
    }
    None
}

/// Adds `'static` to an associated type that is data of a store: `<T as a::Trait<U>>::Name`.
pub(super) fn of_associated_type(site: &Site<'_>) -> Option<Repair> {
    let path = quoted(&site.error.message).next()?;
    let (of_trait, name) = path.rsplit_once(">::")?;
    let of_trait = of_trait.rsplit_once(" as ")?.1;
    let of_trait = of_trait.split('<').next()?.rsplit("::").next()?;
    in_trait(site, of_trait, "type", name, |tokens, name| {
        let end_of = |index: usize| tokens.get(index).map(|token| token.span.end.0);
        let end = (name..tokens.len())
            .find(|index| matches!(tokens.text(*index), ";" | "=" | "where"))?;
        if (name..end).any(|index| tokens.text(index) == "'static") {
            return None;
        }
        let joint = if end == name + 1 { ": " } else { " + " };
        Some((end_of(end - 1)?, format!("{joint}'static")))
    })
}

/// Edits the item of a trait that one of the files defines: `at` says where and what, given the place of
/// the item's name. Where two traits have that name, the one of the file that the error is in counts.
fn in_trait(
    site: &Site<'_>,
    of_trait: &str,
    word: &str,
    name: &str,
    at: impl Fn(&Tokens<'_>, usize) -> Option<(usize, String)>,
) -> Option<Repair> {
    let here = site.error.path.as_deref();
    let mut found: Vec<(String, Edit)> = Vec::new();
    for (path, text) in site.texts {
        let Ok(tokens) = Tokens::read(text) else {
            continue;
        };
        let places: Vec<usize> = tokens
            .places_of(of_trait)
            .filter(|place| *place > 0 && tokens.is_ident(*place - 1, "trait"))
            .collect();
        for place in places {
            let open =
                (place..tokens.len()).find(|index| matches!(tokens.text(*index), "{" | ";"))?;
            let close = tokens.get(open)?.partner;
            let item = (open + 1..close).find(|index| {
                tokens.is_ident(*index, word)
                    && tokens.is_ident(index + 1, name)
                    && tokens.kind(*index) == Some(TokenKind::Ident)
            });
            if let Some(item) = item {
                let Some((at, text)) = at(&tokens, item + 1) else {
                    continue;
                };
                let edit = Edit {
                    span: Span::new(at, at),
                    text,
                    reason: format!("it is data of a store (line {})", site.line),
                };
                found.push((path.clone(), edit));
            }
        }
    }
    if found.len() > 1 {
        found.retain(|(path, _)| Some(path.as_str()) == here);
    }
    (found.len() == 1).then(|| Repair {
        edits: found,
        ..Repair::default()
    })
}
