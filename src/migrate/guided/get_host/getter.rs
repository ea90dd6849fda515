//! What a getter gives, read from the file that it stands in.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Call, MOVED};
use crate::migrate::impls::{behind_generics, span_of};
use crate::migrate::whole::{unused_function, whole_item};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// A type parameter.
pub(super) struct Parameter {
    pub(super) name: String,
    /// What the function that declares it wants of it, joined by `+`.
    pub(super) bounds: String,
}

/// What is given to the function that is gone.
pub(super) struct Getter {
    /// The type that it gives, with a lifetime `'a` where it borrows.
    pub(super) data: String,
    /// Parameters of the function that declares it, of those that are in `data`.
    pub(super) parameters: Vec<Parameter>,
    /// The closure that takes its place.
    pub(super) inlined: Option<String>,
    /// What is of no use then.
    pub(super) gone: Vec<Span>,
}

impl Getter {
    pub(super) fn of(tokens: &Tokens<'_>, text: &str, argument: &Range<usize>) -> Option<Self> {
        let name = tokens.text(argument.start);
        if tokens.is_punct(argument.start, '|') {
            return Self::of_closure(tokens, argument);
        }
        if argument.len() > 1 {
            let closure = annotated(tokens, argument)?;
            let mut getter = Self::declared_with(tokens, text, name)?;
            getter.inlined = Some(span_of(tokens, &closure)?.text(text).to_owned());
            getter.gone = unused_function(tokens, text, name, 1);
            return Some(getter);
        }
        let function = tokens
            .places_of(name)
            .find(|place| *place > 0 && tokens.is_ident(place - 1, "fn"));
        if let Some(function) = function {
            let parameters = behind_name(tokens, function)?;
            return Self::new(tokens, text, result(tokens, parameters)?, function);
        }
        if let Some(place) = typed_parameter(tokens, name, argument.start) {
            return Self::new(
                tokens,
                text,
                result(tokens, place)?,
                function_around(tokens, place)?,
            );
        }
        Self::of_binding(tokens, text, name, argument.start)
    }

    /// `let name = annotate(|it| ..);`, or `let name = f as fn(&mut T) -> V;`.
    fn of_binding(tokens: &Tokens<'_>, text: &str, name: &str, before: usize) -> Option<Self> {
        let is_bound = |place: &usize| {
            let is_let = *place > 0 && tokens.is_ident(place - 1, "let");
            *place < before && is_let && tokens.is_punct(place + 1, '=')
        };
        let bound = tokens.places_of(name).filter(is_bound).last()?;
        let first = bound + 2;
        let mut end = first;
        while !tokens.is_punct(end, ';') {
            tokens.kind(end).filter(|kind| *kind != TokenKind::Close)?;
            end = tokens.after(end);
        }
        let cast = (first..end).find(|index| tokens.is_ident(*index, "as"));
        if let Some(cast) = cast.filter(|cast| tokens.is_ident(cast + 1, "fn")) {
            return Self::new(
                tokens,
                text,
                result(tokens, cast + 2)?,
                function_around(tokens, cast)?,
            );
        }
        let closure = annotated(tokens, &(first..end))?;
        let annotation = tokens.text(first);
        let mut getter = Self::declared_with(tokens, text, annotation)?;
        getter.inlined = Some(span_of(tokens, &closure)?.text(text).to_owned());
        let mut uses = tokens.places_of(name).filter(|place| *place > bound);
        let are_all = uses.all(|place| is_getter(tokens, place));
        if are_all {
            getter.gone = unused_function(tokens, text, annotation, 1);
            getter.gone.push(whole_item(tokens, text, bound - 1, end));
        }
        Some(getter)
    }

    /// A closure that gives a part of the store's data itself.
    fn of_closure(tokens: &Tokens<'_>, closure: &Range<usize>) -> Option<Self> {
        let parameter = tokens.text(closure.start + 1);
        let bar = (closure.start + 1..closure.end).find(|index| tokens.is_punct(*index, '|'))?;
        let gives = bar + 1;
        let is_itself = tokens.is_ident(gives, parameter) && gives + 1 == closure.end;
        let is_part = tokens.is_punct(gives, '&') && tokens.is_ident(gives + 1, "mut");
        (is_itself || is_part).then(|| Self {
            data: String::new(),
            parameters: Vec::new(),
            inlined: None,
            gone: Vec::new(),
        })
    }

    /// What a function wants of its argument: `fn annotate<T, F: Fn(&mut T) -> V<'_>>(getter: F) -> F`.
    fn declared_with(tokens: &Tokens<'_>, text: &str, annotation: &str) -> Option<Self> {
        let function = tokens
            .places_of(annotation)
            .find(|place| *place > 0 && tokens.is_ident(place - 1, "fn"))?;
        let body = (function..tokens.len()).find(|index| tokens.text(*index) == "{")?;
        let bound = (function..body).find(|index| {
            matches!(tokens.text(*index), "Fn" | "FnMut" | "fn") && tokens.text(index + 1) == "("
        })?;
        Self::new(tokens, text, result(tokens, bound + 1)?, function)
    }

    fn new(tokens: &Tokens<'_>, text: &str, gives: Range<usize>, function: usize) -> Option<Self> {
        let names = |name: &str| gives.clone().any(|index| tokens.is_ident(index, name));
        let is_reference = tokens.is_punct(gives.start, '&');
        // A reference is inferred, whatever it is to.
        if !is_reference && (names("Self") || names("impl") || names("dyn")) {
            return None;
        }
        let parameters = parameters(tokens, function);
        Some(Self {
            data: if is_reference {
                String::new()
            } else {
                borrowed(tokens, text, &gives)?
            },
            parameters: parameters
                .into_iter()
                .filter(|name| names(name))
                .map(|name| Parameter {
                    bounds: bounds(tokens, text, function, &name),
                    name,
                })
                .collect(),
            inlined: None,
            gone: Vec::new(),
        })
    }

    /// The name of the type that says it: `View<'a>` is said by `HasView`.
    pub(super) fn marker(&self) -> Option<String> {
        let head = self.data.split('<').next()?;
        let name = head.rsplit("::").next()?.trim();
        let is_name = name
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_');
        (is_name && !name.is_empty()).then(|| format!("Has{name}"))
    }
}

/// The closure in `annotate::<..>(|it| ..)`.
fn annotated(tokens: &Tokens<'_>, expression: &Range<usize>) -> Option<Range<usize>> {
    let open = behind_name(tokens, expression.start)?;
    let close = tokens.get(open)?.partner;
    let is_all = tokens.text(open) == "(" && close + 1 == expression.end;
    let inside = open + 1..close;
    (is_all && tokens.is_punct(open + 1, '|')).then_some(inside)
}

/// Behind a name and its generic arguments or parameters.
fn behind_name(tokens: &Tokens<'_>, name: usize) -> Option<usize> {
    let mut index = name + 1;
    if tokens.is_path_separator(index) {
        index += 2;
    }
    if tokens.is_punct(index, '<') {
        index = behind_generics(tokens, index)?;
    }
    (tokens.text(index) == "(").then_some(index)
}

/// The type behind `(..) ->`.
fn result(tokens: &Tokens<'_>, open: usize) -> Option<Range<usize>> {
    let arrow = tokens.after(open);
    if !(tokens.is_punct(arrow, '-') && tokens.is_punct(arrow + 1, '>')) {
        return None;
    }
    let first = arrow + 2;
    let (mut index, mut depth) = (first, 0_usize);
    while let Some(kind) = tokens.kind(index) {
        let ends = match kind {
            TokenKind::Close | TokenKind::Punct(',' | ';' | '+' | '=' | '>') => true,
            _ => matches!(tokens.text(index), "{" | "where"),
        };
        if depth == 0 && ends {
            break;
        }
        match kind {
            TokenKind::Punct('<') => depth += 1,
            TokenKind::Punct('>') => depth -= 1,
            _ => {}
        }
        index = tokens.after(index);
    }
    (first < index).then_some(first..index)
}

/// A type with `'a` for what it borrows from the store.
fn borrowed(tokens: &Tokens<'_>, text: &str, of_type: &Range<usize>) -> Option<String> {
    let whole = span_of(tokens, of_type)?;
    let mut written = String::new();
    let mut at = whole.start.0;
    for index in of_type.clone() {
        let token = tokens.get(index)?;
        let is_lifetime = token.kind == TokenKind::Lifetime && tokens.text(index) != "'static";
        written.push_str(text.get(at..token.span.start.0)?);
        at = token.span.end.0;
        if is_lifetime {
            written.push_str("'a");
        } else {
            written.push_str(tokens.text(index));
        }
        let is_bare =
            tokens.is_punct(index, '&') && tokens.kind(index + 1) != Some(TokenKind::Lifetime);
        if is_bare {
            written.push_str("'a ");
        }
    }
    Some(written)
}

/// The names of a function's type parameters.
fn parameters(tokens: &Tokens<'_>, function: usize) -> BTreeSet<String> {
    let open = function + 1;
    let close = behind_generics(tokens, open).filter(|_| tokens.is_punct(open, '<'));
    let places = open + 1..close.unwrap_or(open + 1);
    let starts = |index: &usize| tokens.is_punct(index - 1, ',') || index - 1 == open;
    let named =
        places.filter(|index| tokens.kind(*index) == Some(TokenKind::Ident) && starts(index));
    named.map(|index| tokens.text(index).to_owned()).collect()
}

/// What a function wants of one of its type parameters, in its generics and behind `where`, joined
/// by `+`; its lifetime apart.
fn bounds(tokens: &Tokens<'_>, text: &str, function: usize, name: &str) -> String {
    let end = (function..tokens.len()).find(|index| matches!(tokens.text(*index), "{" | ";"));
    let end = end.unwrap_or(function);
    let is_start = |index: &usize| {
        let before = index.saturating_sub(1);
        let begins = matches!(tokens.text(before), "<" | "," | "where");
        begins && tokens.is_punct(index + 1, ':') && !tokens.is_path_separator(index + 1)
    };
    let places = tokens.places_of(name);
    let places = places.filter(|index| (function..end).contains(index) && is_start(index));
    let mut all = Vec::new();
    for place in places {
        let first = place + 2;
        let (mut index, mut depth) = (first, 0_usize);
        while index < end {
            match tokens.kind(index) {
                Some(TokenKind::Punct(',')) if depth == 0 => break,
                Some(TokenKind::Punct('>')) if depth == 0 => break,
                Some(TokenKind::Punct('<')) => depth += 1,
                Some(TokenKind::Punct('>')) if !tokens.is_punct(index - 1, '-') => depth -= 1,
                _ => {}
            }
            index = tokens.after(index);
        }
        let written = (first < index).then(|| span_of(tokens, &(first..index)));
        let written = written.flatten().map_or("", |span| span.text(text));
        all.extend(written.split('+').map(str::trim));
    }
    all.retain(|bound| !bound.is_empty() && *bound != "'static");
    all.join(" + ")
}

/// The `(` of `name: fn(..) -> V`, a parameter of the function that the call is in.
fn typed_parameter(tokens: &Tokens<'_>, name: &str, call: usize) -> Option<usize> {
    let declares = |place: &usize| {
        *place < call && tokens.is_punct(place + 1, ':') && tokens.is_ident(place + 2, "fn")
    };
    let place = tokens.places_of(name).filter(declares).last()?;
    (tokens.text(place + 3) == "(").then_some(place + 3)
}

/// The name of the function that a place is in.
fn function_around(tokens: &Tokens<'_>, place: usize) -> Option<usize> {
    let mut names = tokens
        .places_of("fn")
        .filter(|keyword| *keyword < place)
        .map(|keyword| keyword + 1);
    let is_name = |name: &usize| tokens.kind(*name) == Some(TokenKind::Ident);
    names.by_ref().filter(is_name).last()
}

/// Whether a name is the last argument of one of the calls.
fn is_getter(tokens: &Tokens<'_>, place: usize) -> bool {
    let calls = MOVED.iter().flat_map(|(old, _)| tokens.places_of(old));
    let mut calls = calls.filter_map(|name| Call::read(tokens, name));
    calls.any(|call| call.getter == (place..place + 1))
}
