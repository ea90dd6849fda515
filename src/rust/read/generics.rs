//! Reading `<T: A = B>` and `where T: A`.

use super::cursor::Cursor;
use super::facts::{Generics, Param, Predicate};
use super::tokens::{Delimiter, Parsed};
use super::type_parser::{parse_bounds, parse_type, skip_attributes};

/// Reads the parameters behind a name, if there are any.
pub(crate) fn parse_generics(c: &mut Cursor<'_>) -> Parsed<Generics> {
    let mut generics = Generics::default();
    if !c.eat_punct('<') {
        return Ok(generics);
    }
    loop {
        skip_attributes(c);
        if c.eat_punct('>') {
            return Ok(generics);
        }
        if c.eat_lifetime() {
            if c.eat_punct(':') {
                parse_bounds(c)?;
            }
        } else {
            generics.params.push(parse_param(c)?);
        }
        if !c.eat_punct(',') {
            c.expect_punct('>', "or `,` behind a type parameter")?;
            return Ok(generics);
        }
    }
}

fn parse_param(c: &mut Cursor<'_>) -> Parsed<Param> {
    let is_const = c.eat_ident("const");
    let (name, _) = c.expect_name("a type parameter")?;
    let mut param = Param {
        name,
        bounds: Vec::new(),
        default: None,
        is_const,
    };
    if c.eat_punct(':') {
        if is_const {
            parse_type(c)?;
        } else {
            param.bounds = parse_bounds(c)?;
        }
    }
    if c.eat_punct('=') {
        if is_const {
            c.eat_punct('-');
            c.bump_tree();
        } else {
            param.default = Some(parse_type(c)?);
        }
    }
    Ok(param)
}

/// Reads a where clause, if there is one, into `generics`.
pub(crate) fn parse_where(c: &mut Cursor<'_>, generics: &mut Generics) -> Parsed<()> {
    if !c.eat_ident("where") {
        return Ok(());
    }
    while !ends_where(c) {
        if c.eat_lifetime() {
            c.expect_punct(':', "behind a lifetime")?;
            parse_bounds(c)?;
        } else {
            let ty = parse_type(c)?;
            c.expect_punct(':', "behind the type of a where clause")?;
            let bounds = parse_bounds(c)?;
            generics.wheres.push(Predicate { ty, bounds });
        }
        if !c.eat_punct(',') {
            break;
        }
    }
    Ok(())
}

fn ends_where(c: &Cursor<'_>) -> bool {
    c.is_done() || c.opens(0, Delimiter::Brace) || c.is_punct(0, ';') || c.is_punct(0, '=')
}
