//! Reading types, paths, bounds and type arguments from tokens.

use super::cursor::Cursor;
use super::tokens::{Delimiter, Kind, Parsed};
use super::types::{Bound, GenericArgument, PathExpr, PathSegment, TypeExpr, TypeKind};

/// Where a path stands decides what `<` and `(` behind it mean.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathStyle {
    /// `Vec<u8>`.
    Type,
    /// `Fn(u8) -> u8`.
    Bound,
    /// `Vec::<u8>::new`.
    Expression,
}

/// Reads one type.
pub(crate) fn parse_type(c: &mut Cursor<'_>) -> Parsed<TypeExpr> {
    c.nested(|c| {
        let start = c.pos;
        let kind = parse_kind(c)?;
        Ok(TypeExpr {
            span: c.span_since(start),
            kind,
        })
    })
}

fn parse_kind(c: &mut Cursor<'_>) -> Parsed<TypeKind> {
    skip_binder(c);
    if c.eat_punct('&') {
        c.eat_lifetime();
        let mutable = c.eat_ident("mut");
        let inner = Box::new(parse_type(c)?);
        return Ok(TypeKind::Reference { mutable, inner });
    }
    if c.is_punct(0, '*') && (c.is_ident(1, "const") || c.is_ident(1, "mut")) {
        c.pos += 2;
        parse_type(c)?;
        return Ok(TypeKind::Pointer);
    }
    if c.eat_punct('!') {
        return Ok(TypeKind::Never);
    }
    if c.eat_ident("_") {
        return Ok(TypeKind::Inferred);
    }
    if let Some(mut inner) = c.group(Delimiter::Parenthesis) {
        return parse_tuple(&mut inner);
    }
    if let Some(mut inner) = c.group(Delimiter::Bracket) {
        return Ok(TypeKind::Sequence(Box::new(parse_type(&mut inner)?)));
    }
    if c.is_punct(0, '<') {
        return parse_projection(c);
    }
    parse_named(c)
}

/// Types that start with a name or a keyword.
fn parse_named(c: &mut Cursor<'_>) -> Parsed<TypeKind> {
    let is_object = c.is_ident(0, "dyn") && !c.is_path_separator(1) && !c.is_punct(1, '<');
    if is_object || c.is_ident(0, "impl") {
        c.bump();
        let bounds = parse_bounds(c)?;
        return Ok(if is_object {
            TypeKind::Object(bounds)
        } else {
            TypeKind::Opaque(bounds)
        });
    }
    if starts_function_pointer(c) {
        return parse_function_pointer(c);
    }
    let path = parse_path(c, PathStyle::Type)?;
    if c.is_punct(0, '!') && matches!(c.kind(1), Some(Kind::Open { .. })) {
        c.bump();
        c.bump_tree();
        return Ok(TypeKind::Macro);
    }
    if c.joins_bounds && c.is_punct(0, '+') {
        // `Trait + Send` without `dyn`, as old editions allow.
        let mut bounds = vec![Bound {
            path,
            relaxed: false,
        }];
        c.bump();
        bounds.extend(parse_bounds(c)?);
        return Ok(TypeKind::Object(bounds));
    }
    Ok(TypeKind::Path(path))
}

/// The inside of a pair of parentheses: nothing, one type, or a tuple.
fn parse_tuple(c: &mut Cursor<'_>) -> Parsed<TypeKind> {
    let mut elements = Vec::new();
    let mut trailing_comma = true;
    while !c.is_done() {
        elements.push(parse_type(c)?);
        trailing_comma = c.eat_punct(',');
        if !trailing_comma {
            break;
        }
    }
    if !c.is_done() {
        return Err(c.failure("expected `,` between types"));
    }
    match elements.pop() {
        Some(only) if elements.is_empty() && !trailing_comma => Ok(only.kind),
        Some(last) => {
            elements.push(last);
            Ok(TypeKind::Tuple(elements))
        }
        None => Ok(TypeKind::Tuple(elements)),
    }
}

/// `<T as Trait>::Item`.
fn parse_projection(c: &mut Cursor<'_>) -> Parsed<TypeKind> {
    c.expect_punct('<', "before a type")?;
    parse_type(c)?;
    if c.eat_ident("as") {
        parse_path(c, PathStyle::Type)?;
    }
    c.expect_punct('>', "behind the type")?;
    while c.eat_pair(':', ':') {
        parse_segment(c, PathStyle::Type)?;
    }
    Ok(TypeKind::Projection)
}

fn starts_function_pointer(c: &Cursor<'_>) -> bool {
    c.is_ident(0, "fn")
        || c.is_ident(0, "extern")
        || (c.is_ident(0, "unsafe") && (c.is_ident(1, "fn") || c.is_ident(1, "extern")))
}

fn parse_function_pointer(c: &mut Cursor<'_>) -> Parsed<TypeKind> {
    c.eat_ident("unsafe");
    if c.eat_ident("extern") && matches!(c.kind(0), Some(Kind::Literal(_))) {
        c.bump();
    }
    let parameters = c.eat_ident("fn").then(|| c.group(Delimiter::Parenthesis));
    let Some(Some(parameters)) = parameters else {
        return Err(c.failure("expected a function type"));
    };
    let mut types = parse_parameters(parameters)?;
    if c.eat_pair('-', '>') {
        types.push(parse_type(c)?);
    }
    Ok(TypeKind::Function(types))
}

/// The types in the parentheses of a function type. They may have names.
fn parse_parameters(mut c: Cursor<'_>) -> Parsed<Vec<TypeExpr>> {
    let mut types = Vec::new();
    while !c.is_done() && !c.is_punct(0, '.') {
        skip_attributes(&mut c);
        if c.ident(0).is_some() && c.is_punct(1, ':') && !c.is_path_separator(1) {
            c.pos += 2;
        }
        if c.is_punct(0, '.') {
            break;
        }
        types.push(parse_type(&mut c)?);
        if !c.eat_punct(',') && !c.is_done() {
            return Err(c.failure("expected `,` between parameters"));
        }
    }
    Ok(types)
}

/// Steps over `#[..]`.
pub(crate) fn skip_attributes(c: &mut Cursor<'_>) {
    while c.is_punct(0, '#') && matches!(c.kind(1), Some(Kind::Open { .. })) {
        c.bump();
        c.bump_tree();
    }
}

/// Steps over `for<'a>`.
fn skip_binder(c: &mut Cursor<'_>) {
    if !(c.is_ident(0, "for") && c.is_punct(1, '<')) {
        return;
    }
    c.pos += 2;
    while !c.is_done() && !c.eat_punct('>') {
        c.bump();
    }
}

/// Reads `A + 'a + ?Sized`, also when there is nothing to read.
pub(crate) fn parse_bounds(c: &mut Cursor<'_>) -> Parsed<Vec<Bound>> {
    let mut bounds = Vec::new();
    while starts_bound(c) {
        if !c.eat_lifetime() {
            bounds.extend(parse_bound(c)?);
        }
        if !c.joins_bounds || !c.eat_punct('+') {
            break;
        }
    }
    Ok(bounds)
}

fn starts_bound(c: &Cursor<'_>) -> bool {
    match c.kind(0) {
        Some(Kind::Ident(ident)) => ident != "where",
        Some(Kind::Lifetime) => true,
        Some(Kind::Punct { ch, .. }) => matches!(ch, '?' | '~' | '!') || c.is_path_separator(0),
        Some(Kind::Open { delimiter, .. }) => {
            matches!(delimiter, Delimiter::Parenthesis | Delimiter::Bracket)
        }
        _ => false,
    }
}

fn parse_bound(c: &mut Cursor<'_>) -> Parsed<Option<Bound>> {
    if let Some(mut inner) = c.group(Delimiter::Parenthesis) {
        return inner.nested(parse_bound);
    }
    // `[const] Trait` and `~const Trait`.
    if c.opens(0, Delimiter::Bracket) {
        c.bump_tree();
    }
    if c.eat_punct('~') || c.is_ident(0, "const") {
        c.eat_ident("const");
    }
    let relaxed = c.eat_punct('?') || c.eat_punct('!');
    skip_binder(c);
    c.eat_ident("async");
    if c.is_ident(0, "use") && c.is_punct(1, '<') {
        // `use<'a, T>` says what is captured; it is no trait.
        c.bump();
        while !c.is_done() && !c.eat_punct('>') {
            c.bump();
        }
        return Ok(None);
    }
    let path = parse_path(c, PathStyle::Bound)?;
    Ok(Some(Bound { path, relaxed }))
}

/// Reads `a::b<C>::d`.
pub(crate) fn parse_path(c: &mut Cursor<'_>, style: PathStyle) -> Parsed<PathExpr> {
    let start = c.pos;
    let global = c.eat_pair(':', ':');
    let mut segments = vec![parse_segment(c, style)?];
    while c.is_path_separator(0) && c.ident(2).is_some() {
        c.pos += 2;
        segments.push(parse_segment(c, style)?);
    }
    Ok(PathExpr {
        span: c.span_since(start),
        global,
        segments,
    })
}

fn parse_segment(c: &mut Cursor<'_>, style: PathStyle) -> Parsed<PathSegment> {
    if c.ident(0).is_some_and(is_keyword) {
        return Err(c.failure("expected a type"));
    }
    let (name, _) = c.expect_name("a type")?;
    let mut arguments = Vec::new();
    if c.is_path_separator(0) && c.is_punct(2, '<') {
        c.pos += 2;
        arguments = parse_arguments(c)?;
    } else if style != PathStyle::Expression && c.is_punct(0, '<') {
        arguments = parse_arguments(c)?;
    } else if let Some(inner) = parentheses(c, style) {
        let mut types = parse_parameters(inner)?;
        if c.eat_pair('-', '>') {
            types.push(parse_without_bounds(c)?);
        }
        arguments.extend(types.into_iter().map(GenericArgument::Type));
    }
    Ok(PathSegment { name, arguments })
}

fn parentheses<'t>(c: &mut Cursor<'t>, style: PathStyle) -> Option<Cursor<'t>> {
    match style {
        PathStyle::Bound => c.group(Delimiter::Parenthesis),
        _ => None,
    }
}

/// What `Fn() -> T` returns: a `+` behind it belongs to the bounds around.
fn parse_without_bounds(c: &mut Cursor<'_>) -> Parsed<TypeExpr> {
    let outer = std::mem::replace(&mut c.joins_bounds, false);
    let result = parse_type(c);
    c.joins_bounds = outer;
    result
}

/// Reads `<A, 'a, 3, Item = B>`.
pub(crate) fn parse_arguments(c: &mut Cursor<'_>) -> Parsed<Vec<GenericArgument>> {
    c.expect_punct('<', "before type arguments")?;
    let mut arguments = Vec::new();
    loop {
        if c.eat_punct('>') {
            return Ok(arguments);
        }
        if !c.eat_lifetime() {
            arguments.push(parse_argument(c)?);
        }
        if !c.eat_punct(',') {
            c.expect_punct('>', "or `,` behind a type argument")?;
            return Ok(arguments);
        }
    }
}

fn parse_argument(c: &mut Cursor<'_>) -> Parsed<GenericArgument> {
    if eat_constant(c) {
        return Ok(GenericArgument::Constant);
    }
    let outer = std::mem::replace(&mut c.joins_bounds, true);
    let argument = parse_type_argument(c);
    c.joins_bounds = outer;
    argument
}

fn eat_constant(c: &mut Cursor<'_>) -> bool {
    c.eat_punct('-');
    let is_literal = matches!(c.kind(0), Some(Kind::Literal(_)));
    if is_literal || c.opens(0, Delimiter::Brace) {
        c.bump_tree();
        return true;
    }
    c.eat_ident("true") || c.eat_ident("false")
}

/// `T`, `Item = T` or `Item: Bounds`.
fn parse_type_argument(c: &mut Cursor<'_>) -> Parsed<GenericArgument> {
    let start = c.pos;
    let ty = parse_type(c)?;
    let TypeKind::Path(path) = &ty.kind else {
        return Ok(GenericArgument::Type(ty));
    };
    let name = path.last_name().to_owned();
    if c.eat_punct('=') {
        if eat_constant(c) {
            return Ok(GenericArgument::Constant);
        }
        return Ok(GenericArgument::Associated(name, parse_type(c)?));
    }
    if c.is_punct(0, ':') && !c.is_path_separator(0) {
        c.bump();
        let kind = TypeKind::Opaque(parse_bounds(c)?);
        let span = c.span_since(start);
        return Ok(GenericArgument::Associated(name, TypeExpr { span, kind }));
    }
    Ok(GenericArgument::Type(ty))
}

/// Words that can't name a type.
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 30] = [
        "as", "async", "await", "break", "const", "continue", "else", "enum", "extern", "false",
        "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
        "ref", "return", "static", "struct", "trait", "type", "use", "where",
    ];
    KEYWORDS.contains(&word) || matches!(word, "true" | "unsafe" | "while" | "_")
}
