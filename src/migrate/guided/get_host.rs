//! Hosts are reached through a type that implements `HasData` (34, PR #10770), where the getter's type
//! told it before: `add_to_linker_get_host(linker, getter)` is `add_to_linker::<_, HasView>(linker, getter)`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Repair, Site};
use crate::migrate::impls::{arguments, behind_generics, span_of};
use crate::migrate::whole::whole_item;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// The functions that are gone, and what has their place.
const MOVED: [(&str, &str); 2] = [
    ("add_to_linker_get_host", "add_to_linker"),
    ("add_to_linker_imports_get_host", "add_to_linker_imports"),
];

/// Every call in the file whose getter is the one of the call that the error is about.
pub(super) fn get_host(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.line >= Line(34) && (site.is("E0425") || site.is("E0599"));
    let (label, text) = site.primary().filter(|_| is_it)?;
    let is_moved = MOVED.iter().any(|(old, _)| *old == label.span.text(text));
    let tokens = Tokens::read(text).ok().filter(|_| is_moved)?;
    let place = tokens.starting_at(label.span.start)?;
    let call = Call::read(&tokens, place)?;
    let getter = Getter::of(&tokens, text, &call.getter)?;
    // `wasmtime-wasi` has these wrappers no more, and what takes their place is another for each module.
    let is_gone = |name| site.line >= Line(36) && getter.data.contains(name);
    if is_gone("WasiImpl") || is_gone("IoImpl") {
        return None;
    }
    let edits = edits(&tokens, text, &call, &getter)?;
    let reason = format!("a type says what the getter gives (line {})", site.line);
    Some(Repair::of_file(label, edits, &reason))
}

/// `..::add_to_linker_get_host(linker, getter)`.
struct Call {
    name: usize,
    getter: Range<usize>,
}

impl Call {
    fn read(tokens: &Tokens<'_>, name: usize) -> Option<Self> {
        let open = name + 1;
        let arguments = arguments(tokens, open).filter(|_| tokens.text(open) == "(")?;
        let getter = arguments.last().filter(|_| arguments.len() > 1)?.clone();
        Some(Self { name, getter })
    }
}

/// A type parameter.
struct Parameter {
    name: String,
    /// What the function that declares it wants of it, joined by `+`.
    bounds: String,
}

/// What is given to the function that is gone.
struct Getter {
    /// The type that it gives, with a lifetime `'a` where it borrows.
    data: String,
    /// Parameters of the function that declares it, of those that are in `data`.
    parameters: Vec<Parameter>,
    /// The closure that takes its place.
    inlined: Option<String>,
    /// What is of no use then.
    gone: Vec<Span>,
}

impl Getter {
    fn of(tokens: &Tokens<'_>, text: &str, argument: &Range<usize>) -> Option<Self> {
        let name = tokens.text(argument.start);
        if tokens.is_punct(argument.start, '|') {
            return Self::of_closure(tokens, argument);
        }
        if argument.len() > 1 {
            let closure = annotated(tokens, argument)?;
            let mut getter = Self::declared_with(tokens, text, name)?;
            getter.inlined = Some(span_of(tokens, &closure)?.text(text).to_owned());
            getter.gone = unused(tokens, text, name, 1);
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
            getter.gone = unused(tokens, text, annotation, 1);
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
    fn marker(&self) -> Option<String> {
        let head = self.data.split('<').next()?;
        let name = head.rsplit("::").next()?.trim();
        let is_name = name
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_');
        (is_name && !name.is_empty()).then(|| format!("Has{name}"))
    }
}

/// All edits of the file for one getter.
fn edits(
    tokens: &Tokens<'_>,
    text: &str,
    call: &Call,
    getter: &Getter,
) -> Option<Vec<(Span, String)>> {
    let mut edits = Vec::new();
    let data = match getter.data.is_empty() {
        true => "wasmtime::component::HasSelf<_>".to_owned(),
        false => {
            let name = getter.marker()?;
            if tokens.places_of(&name).next().is_none() {
                edits.push(declaration(tokens, getter, &name, call.name)?);
            }
            let holes: Vec<&str> = getter.parameters.iter().map(|_| "_").collect();
            match holes.is_empty() {
                true => name,
                false => format!("{name}<{}>", holes.join(", ")),
            }
        }
    };
    let written = span_of(tokens, &call.getter)?.text(text);
    for (old, new) in MOVED {
        let calls = tokens
            .places_of(old)
            .filter_map(|name| Call::read(tokens, name));
        for other in calls {
            let span = span_of(tokens, &other.getter)?;
            if span.text(text) != written {
                continue;
            }
            edits.push((tokens.get(other.name)?.span, format!("{new}::<_, {data}>")));
            if let Some(closure) = &getter.inlined {
                edits.push((span, closure.clone()));
            }
        }
    }
    let gone = joined(&getter.gone, text).into_iter();
    edits.extend(gone.map(|span| (span, String::new())));
    Some(edits)
}

/// The type that implements `HasData`, behind the item that the call is in.
fn declaration(
    tokens: &Tokens<'_>,
    getter: &Getter,
    name: &str,
    call: usize,
) -> Option<(Span, String)> {
    let is_around = |open: &usize| {
        tokens
            .get(*open)
            .is_some_and(|token| token.kind == TokenKind::Open && token.partner > call)
    };
    let is_module = |open: &usize| *open > 1 && tokens.is_ident(open - 2, "mod");
    let mut around = (0..call).filter(is_around);
    let item = around.find(|open| !is_module(open))?;
    let at = tokens.get(tokens.get(item)?.partner)?.span.end.0;
    let data = &getter.data;
    let parameters = getter.parameters.iter();
    let names: Vec<&str> = parameters.map(|it| it.name.as_str()).collect();
    let (of_type, of_impl, holds) = match names.join(", ") {
        none if none.is_empty() => (String::new(), String::new(), String::new()),
        names => {
            let bounds: Vec<String> = getter
                .parameters
                .iter()
                .map(|Parameter { name, bounds }| match bounds.is_empty() {
                    true => format!("{name}: 'static"),
                    false => format!("{name}: {bounds} + 'static"),
                })
                .collect();
            let held = match getter.parameters.len() {
                1 => names.clone(),
                _ => format!("({names})"),
            };
            (
                format!("<{names}>"),
                format!("<{}>", bounds.join(", ")),
                format!("(std::marker::PhantomData<{held}>)"),
            )
        }
    };
    let text = format!(
        "\n\nstruct {name}{of_type}{holds};\n\nimpl{of_impl} wasmtime::component::HasData for {name}{of_type} {{\n    type Data<'a> = {data};\n}}"
    );
    Some((Span::new(at, at), text))
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

/// Spans that share white space, as one; at the start of a block with the white space behind it.
fn joined(spans: &[Span], text: &str) -> Vec<Span> {
    let mut spans = spans.to_vec();
    spans.sort_by_key(|span| span.start);
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        let Some(last) = all.last_mut().filter(|last| span.start < last.end) else {
            all.push(span);
            continue;
        };
        let end = last.end.max(span.end).0;
        let leads = text[..last.start.0].trim_end().ends_with('{');
        let white = text[end..].len() - text[end..].trim_start().len();
        *last = Span::new(last.start.0, if leads { end + white } else { end });
    }
    all
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

/// The function of that name as a whole, when nothing but so many calls uses it.
fn unused(tokens: &Tokens<'_>, text: &str, name: &str, calls: usize) -> Vec<Span> {
    let places: Vec<usize> = tokens.places_of(name).collect();
    let declared = places
        .iter()
        .find(|place| **place > 0 && tokens.is_ident(*place - 1, "fn"));
    let Some(declared) = declared.filter(|_| places.len() == calls + 1) else {
        return Vec::new();
    };
    let body = (*declared..tokens.len()).find(|index| tokens.text(*index) == "{");
    let Some(last) = body
        .and_then(|open| tokens.get(open))
        .map(|open| open.partner)
    else {
        return Vec::new();
    };
    let first = declared - 1;
    // With a visibility or an attribute it is more than this file's own.
    let is_alone = first == 0 || matches!(tokens.text(first - 1), "}" | ";" | "{");
    match is_alone {
        true => vec![whole_item(tokens, text, first, last)],
        false => Vec::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::migrate::guided::tests::{error, terms};

    /// The text after the repair of its first call.
    fn repaired(text: &str) -> Option<String> {
        let message = "cannot find function `add_to_linker_get_host` in module `x`";
        let marked = text.replacen("add_to_linker_get_host", "«add_to_linker_get_host»", 1);
        let (error, texts) = error("E0425", message, &marked);
        let repairs = super::super::repair(&[&error], &texts, &terms(36));
        let edits = repairs.edits.get("src/lib.rs")?;
        Some(edits.apply(text))
    }

    #[test]
    fn a_wrapper_that_an_annotation_gives_has_its_type_declared() {
        let before = "\
struct Wrap<T>(T);

fn annotate<T, F>(getter: F) -> F
where
    F: Fn(&mut T) -> Wrap<&mut T>,
{
    getter
}

pub fn link<T: View>(linker: &mut Linker<T>) -> Result<()> {
    let getter = annotate::<T, _>(|it| Wrap(it));
    x::add_to_linker_get_host(linker, getter).context(\"x\")?;
    y::add_to_linker_get_host(linker, &options, getter)?;
    Ok(())
}
";
        let after = "\
struct Wrap<T>(T);

pub fn link<T: View>(linker: &mut Linker<T>) -> Result<()> {
    x::add_to_linker::<_, HasWrap<_>>(linker, |it| Wrap(it)).context(\"x\")?;
    y::add_to_linker::<_, HasWrap<_>>(linker, &options, |it| Wrap(it))?;
    Ok(())
}

struct HasWrap<T>(std::marker::PhantomData<T>);

impl<T: 'static> wasmtime::component::HasData for HasWrap<T> {
    type Data<'a> = Wrap<&'a mut T>;
}
";
        assert_eq!(repaired(before).as_deref(), Some(after));
    }

    #[test]
    fn bounds_that_the_wrapper_needs_are_declared_and_what_is_next_to_each_other_goes_at_once() {
        let before = "\
pub fn link<T: 'static>(linker: &mut Linker<T>) -> Result<()>
where
    T: View,
{
    fn annotate<T: Sized, F>(getter: F) -> F
    where
        T: View + views::Other<u8>,
        F: Fn(&mut T) -> Wrap<&mut T>,
    {
        getter
    }
    let getter = annotate::<T, _>(|it| Wrap(it));
    x::add_to_linker_get_host(linker, getter)
}
";
        let after = "\
pub fn link<T: 'static>(linker: &mut Linker<T>) -> Result<()>
where
    T: View,
{
    x::add_to_linker::<_, HasWrap<_>>(linker, |it| Wrap(it))
}

struct HasWrap<T>(std::marker::PhantomData<T>);

impl<T: Sized + View + views::Other<u8> + 'static> wasmtime::component::HasData for HasWrap<T> {
    type Data<'a> = Wrap<&'a mut T>;
}
";
        assert_eq!(repaired(before).as_deref(), Some(after));
    }

    #[test]
    fn what_a_function_gives_is_declared_once() {
        let before = "\
fn wrap(state: &mut State) -> views::View<'_, u8> { state.view() }
fn link(l: &mut Linker<State>) { x::add_to_linker_get_host(l, wrap); y::add_to_linker_get_host(l, wrap); }
";
        let after = "\
fn wrap(state: &mut State) -> views::View<'_, u8> { state.view() }
fn link(l: &mut Linker<State>) { x::add_to_linker::<_, HasView>(l, wrap); y::add_to_linker::<_, HasView>(l, wrap); }

struct HasView;

impl wasmtime::component::HasData for HasView {
    type Data<'a> = views::View<'a, u8>;
}
";
        assert_eq!(repaired(before).as_deref(), Some(after));
    }

    #[test]
    fn parameters_casts_and_references_say_it_too() {
        let declared = "\n\nstruct HasView;\n\nimpl wasmtime::component::HasData for HasView {\n    type Data<'a> = View<'a>;\n}";
        for (before, after) in [
            (
                "fn f<T>(l: L<T>, get: fn(&mut T) -> View<'_>) { x::add_to_linker_get_host(l, get); }",
                "fn f<T>(l: L<T>, get: fn(&mut T) -> View<'_>) { x::add_to_linker::<_, HasView>(l, get); }",
            ),
            (
                "fn f() { let get = g as fn(&mut S) -> View<'_>; x::add_to_linker_get_host(l, get); }",
                "fn f() { let get = g as fn(&mut S) -> View<'_>; x::add_to_linker::<_, HasView>(l, get); }",
            ),
        ] {
            assert_eq!(repaired(before), Some(format!("{after}{declared}")));
        }
        let of_trait = "fn annotate<F>(f: F) -> F where F: Fn(&mut S) -> &mut dyn Host { f } fn f() { let get = annotate::<_>(|s| s); x::add_to_linker_get_host(l, get)?; }";
        assert_eq!(
            repaired(of_trait).as_deref().map(str::trim),
            Some("fn f() { x::add_to_linker::<_, wasmtime::component::HasSelf<_>>(l, |s| s)?; }")
        );
        assert_eq!(
            repaired("fn f() { x::add_to_linker_get_host(l, |s| &mut s.host); }").as_deref(),
            Some(
                "fn f() { x::add_to_linker::<_, wasmtime::component::HasSelf<_>>(l, |s| &mut s.host); }"
            )
        );
    }

    #[test]
    fn what_nobody_says_is_left() {
        for text in [
            "fn f() { x::add_to_linker_get_host(l, |s| View(s)); }",
            "fn f() { x::add_to_linker_get_host(l, elsewhere); }",
            "fn f() { link(x::add_to_linker_get_host); }",
            "fn w(s: &mut S) -> WasiImpl<&mut S> { WasiImpl(s) } fn f() { x::add_to_linker_get_host(l, w); }",
        ] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }
}
