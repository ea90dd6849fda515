//! Reading `use` and `extern crate`.

use super::cursor::Cursor;
use super::facts::{Binding, Import};
use super::tokens::{Delimiter, Parsed};

/// Reads everything between `use` and `;`, and the `;`.
pub(crate) fn parse_use(c: &mut Cursor<'_>) -> Parsed<Vec<Import>> {
    let global = c.eat_pair(':', ':');
    let mut tree = UseTree {
        global,
        imports: Vec::new(),
    };
    tree.parse(c, &[])?;
    c.expect_punct(';', "behind the import")?;
    Ok(tree.imports)
}

/// Reads `extern crate a as b;` from the name on, as the import that it amounts to.
pub(crate) fn parse_extern_crate(c: &mut Cursor<'_>) -> Parsed<Import> {
    let (name, _) = c.expect_name("the name of a crate")?;
    let (path, global) = if name == "self" {
        (vec!["crate".to_owned()], false)
    } else {
        (vec![name.clone()], true)
    };
    let binding = parse_alias(c)?.unwrap_or(name);
    c.expect_punct(';', "behind the crate")?;
    Ok(Import {
        path,
        global,
        binding: Binding::Name(binding),
    })
}

struct UseTree {
    global: bool,
    imports: Vec<Import>,
}

impl UseTree {
    fn parse(&mut self, c: &mut Cursor<'_>, prefix: &[String]) -> Parsed<()> {
        let mut path = prefix.to_vec();
        loop {
            // `use {::a, ::b};` is the only place for `::` inside of braces.
            self.global |= path.is_empty() && c.eat_pair(':', ':');
            if c.eat_punct('*') {
                self.push(path, Binding::Glob);
                return Ok(());
            }
            if let Some(mut group) = c.group(Delimiter::Brace) {
                return self.parse_group(&mut group, &path);
            }
            let (name, _) = c.expect_name("a name to import")?;
            // `a::{self}` imports `a`.
            if name != "self" || path.is_empty() {
                path.push(name);
            }
            if !c.eat_pair(':', ':') {
                break;
            }
        }
        let alias = parse_alias(c)?;
        if let Some(name) = alias.or_else(|| path.last().cloned()) {
            self.push(path, Binding::Name(name));
        }
        Ok(())
    }

    fn parse_group(&mut self, c: &mut Cursor<'_>, path: &[String]) -> Parsed<()> {
        while !c.is_done() {
            c.nested(|c| self.parse(c, path))?;
            if !c.eat_punct(',') && !c.is_done() {
                return Err(c.failure("expected `,` between imports"));
            }
        }
        Ok(())
    }

    fn push(&mut self, path: Vec<String>, binding: Binding) {
        self.imports.push(Import {
            path,
            global: self.global,
            binding,
        });
    }
}

fn parse_alias(c: &mut Cursor<'_>) -> Parsed<Option<String>> {
    if !c.eat_ident("as") {
        return Ok(None);
    }
    let (name, _) = c.expect_name("a name behind `as`")?;
    Ok(Some(name))
}
