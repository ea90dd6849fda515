//! What a method is called on: whether it is something of Wasmtime's.

use super::Ground;
use super::scopes::Scopes;
use super::segments::{head, path_at};
use crate::tokens::{TokenKind, Tokens};

/// What a method is called on, as far as the text tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Receiver {
    /// Something of Wasmtime's: its settings, a function of a component.
    Wasmtime,
    /// Something that is made by a path elsewhere.
    Other,
    Unknown,
}

impl Receiver {
    pub(super) fn of(
        tokens: &Tokens<'_>,
        name: usize,
        scopes: &Scopes<'_>,
        ground: &Ground<'_>,
    ) -> Self {
        let Some(root) = root_of_chain(tokens, name) else {
            return Self::Unknown;
        };
        let names = names_at(tokens, root);
        match names.as_slice() {
            [variable] if *variable != "self" => {
                let mut known = declared(tokens, root, variable)
                    .map(|place| Self::made_by(&names_at(tokens, place), place, scopes, ground));
                let first = known.next().unwrap_or(Self::Unknown);
                if known.all(|other| other == first) {
                    first
                } else {
                    Self::Unknown
                }
            }
            [_] | [] => Self::Unknown,
            _ => Self::made_by(&names, root, scopes, ground),
        }
    }

    /// `Config::new`, or `Config` alone, where a token stands.
    fn made_by(names: &[&str], place: usize, scopes: &Scopes<'_>, ground: &Ground<'_>) -> Self {
        let is_type = |name: &str| name.starts_with(|first: char| first.is_uppercase());
        let Some(last) = names.iter().rposition(|name| is_type(name)) else {
            return Self::Unknown;
        };
        let of_type = &names[..=last];
        match scopes.resolve(of_type, place, ground) {
            Some(resolved) if resolved.path.first().is_some_and(|it| it == "wasmtime") => {
                Self::Wasmtime
            }
            // A name that the project hands on itself may be Wasmtime's.
            None if matches!(names[last], "Config" | "Func" | "TypedFunc") => Self::Unknown,
            _ => Self::Other,
        }
    }
}

/// The first token of `a.b(..).c(..)`, whose last method's name is at a place.
pub(super) fn root_of_chain(tokens: &Tokens<'_>, name: usize) -> Option<usize> {
    let mut place = name.checked_sub(2)?;
    loop {
        if tokens.is_punct(place, '?') {
            place = place.checked_sub(1)?;
            continue;
        }
        if tokens.kind(place) == Some(TokenKind::Close) {
            place = tokens.get(place)?.partner.checked_sub(1)?;
        }
        (tokens.kind(place) == Some(TokenKind::Ident)).then_some(())?;
        match place.checked_sub(1) {
            Some(dot) if tokens.is_punct(dot, '.') => place = dot.checked_sub(1)?,
            _ => break,
        }
    }
    Some(head(tokens, place))
}

/// The names of the path that begins at a token.
pub(super) fn names_at<'t>(tokens: &Tokens<'t>, first: usize) -> Vec<&'t str> {
    let path = path_at(tokens, first);
    let places = path.map_or_else(Vec::new, |path| path.places);
    places.into_iter().map(|place| tokens.text(place)).collect()
}

/// Where it is written what a variable is, in front of a place: behind `let c =` and `c:`.
fn declared<'s>(
    tokens: &'s Tokens<'_>,
    before: usize,
    variable: &'s str,
) -> impl Iterator<Item = usize> + 's {
    tokens.places_of(variable).filter_map(move |place| {
        let is_let = place > 0
            && (tokens.is_ident(place - 1, "let")
                || (place > 1
                    && tokens.is_ident(place - 1, "mut")
                    && tokens.is_ident(place - 2, "let")));
        let is_typed = tokens.is_punct(place + 1, ':') && !tokens.is_path_separator(place + 1);
        let is_declared =
            place < before && (is_typed || (is_let && tokens.is_punct(place + 1, '=')));
        let mut of = place + 2;
        while tokens.is_punct(of, '&')
            || tokens.is_ident(of, "mut")
            || tokens.kind(of) == Some(TokenKind::Lifetime)
        {
            of += 1;
        }
        is_declared.then_some(of)
    })
}
