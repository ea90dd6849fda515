//! Reading structs, enums, aliases, traits, impls and functions.

use super::cursor::Cursor;
use super::facts::{Field, Impl, Item, ItemId, ItemKind, Param, ScopeId, ScopeKind};
use super::generics::{parse_generics, parse_where};
use super::items::{Attributes, Reader, skip_visibility};
use super::tokens::{Delimiter, Kind, Parsed};
use super::type_parser::{parse_bounds, parse_type};
use super::types::{TypeExpr, TypeKind, written_bounds};

impl<'t> Reader<'t> {
    /// Starts an item of its own scope: its keyword and its name are stepped over.
    fn begin(
        &mut self,
        c: &mut Cursor<'t>,
        owner: ScopeId,
        attributes: &Attributes,
        kind: ItemKind,
    ) -> Parsed<(ItemId, ScopeId)> {
        let start = c.pos;
        c.bump();
        let (name, _) = c.expect_name("a name")?;
        let next = ItemId(self.facts.items.len());
        let scope = self.add_scope(Some(owner), ScopeKind::Item(next), start..start);
        let item = self.add_item(owner, name, scope, kind);
        self.scope_mut(scope).cfg.clone_from(&attributes.cfg);
        self.scope_mut(scope).generics = parse_generics(c)?;
        Ok((item, scope))
    }

    fn finish(&mut self, c: &Cursor<'t>, scope: ScopeId) {
        if let Some(range) = self.ranges.get_mut(scope.0) {
            range.end = c.pos;
        }
    }

    fn item_mut(&mut self, id: ItemId) -> &mut Item {
        &mut self.facts.items[id.0]
    }

    fn parse_where_of(&mut self, c: &mut Cursor<'t>, scope: ScopeId) -> Parsed<()> {
        parse_where(c, &mut self.scope_mut(scope).generics)
    }

    /// A struct or a union.
    pub(crate) fn parse_struct(
        &mut self,
        c: &mut Cursor<'t>,
        owner: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<()> {
        let kind = ItemKind::Data {
            fields: Vec::new(),
            variants: Vec::new(),
        };
        let (item, scope) = self.begin(c, owner, attributes, kind)?;
        self.parse_where_of(c, scope)?;
        let mut parsed = Vec::new();
        let is_braced = c.opens(0, Delimiter::Brace);
        if !self.parse_fields(c, None, &mut parsed)? && !c.is_punct(0, ';') {
            return Err(c.failure("expected the fields of the type"));
        }
        if !is_braced {
            self.parse_where_of(c, scope)?;
            c.expect_punct(';', "behind the type")?;
        }
        if let ItemKind::Data { fields, .. } = &mut self.item_mut(item).kind {
            *fields = parsed;
        }
        self.finish(c, scope);
        Ok(())
    }

    /// Reads `{ a: A }` or `(A, B)`. Says whether one of them was there.
    fn parse_fields(
        &mut self,
        c: &mut Cursor<'t>,
        variant: Option<&str>,
        fields: &mut Vec<Field>,
    ) -> Parsed<bool> {
        let named = c.opens(0, Delimiter::Brace);
        let group = c
            .group(Delimiter::Brace)
            .or_else(|| c.group(Delimiter::Parenthesis));
        let Some(mut inner) = group else {
            return Ok(false);
        };
        let mut number = 0;
        while !inner.is_done() {
            let attributes = self.parse_attributes(&mut inner);
            skip_visibility(&mut inner);
            let name = if named {
                let (name, _) = inner.expect_name("the name of a field")?;
                inner.expect_punct(':', "behind the name of a field")?;
                name
            } else {
                number.to_string()
            };
            let ty = parse_type(&mut inner)?;
            number += 1;
            fields.push(Field {
                name,
                variant: variant.map(str::to_owned),
                ty,
                cfg: attributes.cfg,
            });
            if inner.eat_punct('=') {
                // A default value for the field.
                inner.skip_to(',');
            }
            if !inner.eat_punct(',') && !inner.is_done() {
                return Err(inner.failure("expected `,` between fields"));
            }
        }
        Ok(true)
    }

    pub(crate) fn parse_enum(
        &mut self,
        c: &mut Cursor<'t>,
        owner: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<()> {
        let kind = ItemKind::Data {
            fields: Vec::new(),
            variants: Vec::new(),
        };
        let (item, scope) = self.begin(c, owner, attributes, kind)?;
        self.parse_where_of(c, scope)?;
        let Some(mut inner) = c.group(Delimiter::Brace) else {
            return Err(c.failure("expected the variants of the enum"));
        };
        let mut parsed = Vec::new();
        let mut names = Vec::new();
        while !inner.is_done() {
            self.parse_attributes(&mut inner);
            skip_visibility(&mut inner);
            let (name, _) = inner.expect_name("the name of a variant")?;
            self.parse_fields(&mut inner, Some(&name), &mut parsed)?;
            names.push(name);
            if inner.is_punct(0, '=') {
                inner.skip_to(',');
            }
            if !inner.eat_punct(',') && !inner.is_done() {
                return Err(inner.failure("expected `,` between variants"));
            }
        }
        if let ItemKind::Data { fields, variants } = &mut self.item_mut(item).kind {
            *fields = parsed;
            *variants = names;
        }
        self.finish(c, scope);
        Ok(())
    }

    /// `type A<T> = B<T>;`, also in traits, where the type may be missing.
    pub(crate) fn parse_alias(
        &mut self,
        c: &mut Cursor<'t>,
        owner: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<()> {
        let start = c.pos;
        let placeholder = TypeExpr {
            span: c.span_since(start),
            kind: TypeKind::Projection,
        };
        let (item, scope) = self.begin(c, owner, attributes, ItemKind::Alias(placeholder))?;
        if c.eat_punct(':') {
            parse_bounds(c)?;
        }
        self.parse_where_of(c, scope)?;
        if c.eat_punct('=') {
            let ty = parse_type(c)?;
            self.item_mut(item).kind = ItemKind::Alias(ty);
        }
        self.parse_where_of(c, scope)?;
        c.expect_punct(';', "behind the type")?;
        self.finish(c, scope);
        Ok(())
    }

    pub(crate) fn parse_trait(
        &mut self,
        c: &mut Cursor<'t>,
        owner: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<()> {
        let kind = ItemKind::Trait {
            supertraits: Vec::new(),
        };
        let (item, scope) = self.begin(c, owner, attributes, kind)?;
        self.scope_mut(scope).kind = ScopeKind::Trait(item);
        if c.eat_punct(':') || c.eat_punct('=') {
            let parsed = parse_bounds(c)?;
            if let ItemKind::Trait { supertraits } = &mut self.item_mut(item).kind {
                *supertraits = parsed;
            }
        }
        self.parse_where_of(c, scope)?;
        if c.opens(0, Delimiter::Brace) {
            self.parse_members(c, scope)?;
        } else {
            c.expect_punct(';', "or `{` behind the trait")?;
        }
        self.finish(c, scope);
        Ok(())
    }

    pub(crate) fn parse_impl(
        &mut self,
        c: &mut Cursor<'t>,
        owner: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<()> {
        let start = c.pos;
        c.bump();
        let kind = ScopeKind::Impl(self.facts.impls.len());
        let scope = self.add_scope(Some(owner), kind, start..start);
        self.scope_mut(scope).cfg.clone_from(&attributes.cfg);
        if starts_impl_generics(c) {
            self.scope_mut(scope).generics = parse_generics(c)?;
        }
        c.eat_ident("const");
        let negative = c.eat_punct('!');
        let first = parse_type(c)?;
        let (of, self_ty) = if c.eat_ident("for") {
            let TypeKind::Path(path) = first.kind else {
                return Err(c.failure("expected the name of a trait before `for`"));
            };
            (Some(path), parse_type(c)?)
        } else {
            (None, first)
        };
        self.facts.impls.push(Impl {
            scope,
            of,
            negative,
            self_ty,
        });
        self.parse_where_of(c, scope)?;
        self.parse_members(c, scope)?;
        self.finish(c, scope);
        Ok(())
    }

    /// The braces of a trait or an impl.
    fn parse_members(&mut self, c: &mut Cursor<'t>, scope: ScopeId) -> Parsed<()> {
        let Some(mut inner) = c.group(Delimiter::Brace) else {
            return Err(c.failure("expected `{`"));
        };
        while !inner.is_done() {
            if inner.eat_punct(';') {
                continue;
            }
            let attributes = self.parse_attributes(&mut inner);
            skip_visibility(&mut inner);
            if inner.is_ident(0, "default") && !inner.is_punct(1, '!') {
                inner.bump();
            }
            if inner.is_done() {
                break;
            }
            // Macros stand here as well as items; what they make is not known.
            let is_macro = inner.is_punct(1, '!') || inner.is_path_separator(1);
            if is_macro {
                inner.skip_to('!');
                inner.pos += 1;
                inner.bump_tree();
                continue;
            }
            if !self.parse_member(&mut inner, scope, &attributes)? {
                return Err(inner.failure("expected a function, a type or a constant"));
            }
        }
        Ok(())
    }

    fn parse_member(
        &mut self,
        c: &mut Cursor<'t>,
        scope: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<bool> {
        let is_member = super::items::starts_function(c)
            || c.is_ident(0, "type")
            || c.is_ident(0, "const")
            || c.is_ident(0, "static");
        if !is_member {
            return Ok(false);
        }
        c.nested(|c| self.parse_keyword(c, scope, attributes))
    }

    pub(crate) fn parse_function(
        &mut self,
        c: &mut Cursor<'t>,
        owner: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<()> {
        let start = c.pos;
        while !c.is_ident(0, "fn") {
            c.bump();
        }
        c.bump();
        let (name, _) = c.expect_name("the name of a function")?;
        let scope = self.add_scope(Some(owner), ScopeKind::Function, start..start);
        self.scope_mut(scope).cfg.clone_from(&attributes.cfg);
        let kind = ItemKind::Function { output: None };
        let item = self.add_item(owner, name, scope, kind);
        self.scope_mut(scope).generics = parse_generics(c)?;
        let parameters = c.pos;
        if c.group(Delimiter::Parenthesis).is_none() {
            return Err(c.failure("expected the parameters of the function"));
        }
        self.parameters.insert(scope, parameters + 1..c.pos - 1);
        self.add_anonymous_params(c.part(parameters + 1, c.pos - 1), scope);
        if c.eat_pair('-', '>') {
            let output = Some(parse_type(c)?);
            self.item_mut(item).kind = ItemKind::Function { output };
        }
        self.parse_where_of(c, scope)?;
        let body = c.pos;
        if c.group(Delimiter::Brace).is_none() && !c.eat_punct(';') {
            return Err(c.failure("expected the body of the function"));
        }
        self.finish(c, scope);
        if c.pos > body + 1 {
            self.parse_body(c.at(body + 1), scope, c.pos - 1)?;
        }
        Ok(())
    }

    /// `x: impl A` is a type parameter without a name.
    fn add_anonymous_params(&mut self, mut c: Cursor<'t>, scope: ScopeId) {
        while !c.is_done() {
            if !c.eat_ident("impl") {
                c.bump();
                continue;
            }
            if let Ok(bounds) = parse_bounds(&mut c) {
                self.scope_mut(scope).generics.params.push(Param {
                    name: format!("impl {}", written_bounds(&bounds)),
                    bounds,
                    default: None,
                    is_const: false,
                });
            }
        }
    }
}

/// Whether the `<` behind `impl` opens parameters; in `impl <T as A>::B { .. }` it does not.
fn starts_impl_generics(c: &Cursor<'_>) -> bool {
    if !c.is_punct(0, '<') {
        return false;
    }
    match c.kind(1) {
        Some(Kind::Lifetime) => true,
        Some(Kind::Punct { ch, .. }) => matches!(ch, '#' | '>'),
        Some(Kind::Ident(ident)) => {
            let follows = |ch| c.is_punct(2, ch);
            ident == "const" || [',', '>', '=', ':'].into_iter().any(follows)
        }
        _ => false,
    }
}
