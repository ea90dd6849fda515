//! Finding the items of a file: at its top, in modules, and between the statements of bodies.

use std::collections::HashMap;
use std::ops::Range;

use super::cursor::Cursor;
use super::facts::{
    Facts, Generics, Item, ItemId, ItemKind, ModuleDecl, Scope, ScopeId, ScopeKind,
};
use super::imports::{parse_extern_crate, parse_use};
use super::tokens::{Delimiter, Kind, Parsed, Token};
use super::type_parser::parse_type;

/// Reads items from tokens into [`Facts`].
pub(crate) struct Reader<'t> {
    pub(crate) text: &'t str,
    pub(crate) tokens: &'t [Token<'t>],
    pub(crate) facts: Facts,
    /// The tokens of each scope.
    pub(crate) ranges: Vec<Range<usize>>,
    /// For each function's scope, the tokens of its parameters.
    pub(crate) parameters: HashMap<ScopeId, Range<usize>>,
    /// Tokens that were read as type arguments and turned out to be none.
    pub(crate) wasted: usize,
}

/// What the attributes in front of an item say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) cfg: Option<String>,
    path: Option<String>,
}

impl<'t> Reader<'t> {
    /// Reads a whole file.
    pub(crate) fn read(text: &'t str, tokens: &'t [Token<'t>]) -> Parsed<Self> {
        let mut reader = Self {
            text,
            tokens,
            facts: Facts::default(),
            ranges: Vec::new(),
            parameters: HashMap::new(),
            wasted: 0,
        };
        let file = reader.add_scope(None, ScopeKind::Module, 0..tokens.len());
        let mut c = Cursor::new(tokens, 0, tokens.len());
        reader.parse_items(&mut c, file)?;
        Ok(reader)
    }

    pub(crate) fn add_scope(
        &mut self,
        parent: Option<ScopeId>,
        kind: ScopeKind,
        range: Range<usize>,
    ) -> ScopeId {
        let id = ScopeId(self.facts.scopes.len());
        self.facts.scopes.push(Scope {
            parent,
            kind,
            generics: Generics::default(),
            imports: Vec::new(),
            modules: Vec::new(),
            cfg: None,
        });
        self.ranges.push(range);
        id
    }

    pub(crate) fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.facts.scopes[id.0]
    }

    /// Registers an item in the scope that it stands in.
    pub(crate) fn add_item(
        &mut self,
        owner: ScopeId,
        name: String,
        scope: ScopeId,
        kind: ItemKind,
    ) -> ItemId {
        let id = ItemId(self.facts.items.len());
        let namesakes = self.facts.by_name.entry(name.clone()).or_default();
        namesakes.push((owner, id));
        self.facts.items.push(Item { name, scope, kind });
        id
    }

    /// Reads items up to the end of the cursor; anything else there is a failure.
    fn parse_items(&mut self, c: &mut Cursor<'t>, scope: ScopeId) -> Parsed<()> {
        while !c.is_done() {
            if c.eat_punct(';') || self.parse_item(c, scope)? {
                continue;
            }
            self.parse_attributes(c);
            if !c.is_done() && !skip_macro_item(c) {
                return Err(c.failure("expected an item such as `fn`, `struct` or `use`"));
            }
        }
        Ok(())
    }

    /// Reads the item that starts here, attributes included. When none does, the cursor stays.
    pub(crate) fn parse_item(&mut self, c: &mut Cursor<'t>, scope: ScopeId) -> Parsed<bool> {
        let start = c.pos;
        let attributes = self.parse_attributes(c);
        skip_visibility(c);
        let found = c.nested(|c| self.parse_keyword(c, scope, &attributes))?;
        if !found {
            c.pos = start;
        }
        Ok(found)
    }

    /// Reads the item whose keyword stands here.
    pub(crate) fn parse_keyword(
        &mut self,
        c: &mut Cursor<'t>,
        scope: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<bool> {
        if starts_function(c) {
            self.parse_function(c, scope, attributes)?;
            return Ok(true);
        }
        let Some(keyword) = c.ident(0).map(ToString::to_string) else {
            return Ok(false);
        };
        match keyword.as_str() {
            "struct" => self.parse_struct(c, scope, attributes)?,
            "union" if c.ident(1).is_some() => self.parse_struct(c, scope, attributes)?,
            "enum" => self.parse_enum(c, scope, attributes)?,
            "type" => self.parse_alias(c, scope, attributes)?,
            "trait" => self.parse_trait(c, scope, attributes)?,
            "impl" => self.parse_impl(c, scope, attributes)?,
            "mod" => self.parse_module(c, scope, attributes)?,
            "const" | "static" => return self.parse_value(c, scope),
            "use" => {
                c.bump();
                let imports = parse_use(c)?;
                self.scope_mut(scope).imports.extend(imports);
            }
            "extern" => self.parse_extern(c, scope)?,
            "unsafe" | "auto" | "default" => {
                if !is_qualified_item(c) {
                    return Ok(false);
                }
                c.bump();
                return c.nested(|c| self.parse_keyword(c, scope, attributes));
            }
            _ => return Ok(skip_macro_definition(c)),
        }
        Ok(true)
    }

    /// `const X: T = ..;` or `static X: T = ..;`, but not `const { .. }` or `static || ..`.
    fn parse_value(&mut self, c: &mut Cursor<'t>, scope: ScopeId) -> Parsed<bool> {
        let start = c.pos;
        let mut ahead = *c;
        ahead.bump();
        ahead.eat_ident("mut");
        let is_value = ahead.ident(0).is_some()
            && (ahead.is_punct(1, ':') || ahead.is_punct(1, '=') || ahead.is_punct(1, ';'));
        if !is_value {
            return Ok(false);
        }
        *c = ahead;
        let (name, _) = c.expect_name("a name")?;
        let ty = if c.eat_punct(':') {
            Some(parse_type(c)?)
        } else {
            None
        };
        let body = c.pos;
        c.skip_to(';');
        let own = self.add_scope(Some(scope), ScopeKind::Block, start..c.pos);
        let kind = ItemKind::Value(ty);
        self.add_item(scope, name, own, kind);
        self.parse_body(c.at(body), own, c.pos)?;
        c.eat_punct(';');
        Ok(true)
    }

    /// `extern crate a;` or `extern "C" { .. }`.
    fn parse_extern(&mut self, c: &mut Cursor<'t>, scope: ScopeId) -> Parsed<()> {
        if c.is_ident(1, "crate") {
            c.pos += 2;
            let import = parse_extern_crate(c)?;
            self.scope_mut(scope).imports.push(import);
            return Ok(());
        }
        c.bump();
        if matches!(c.kind(0), Some(Kind::Literal(_))) {
            c.bump();
        }
        // Foreign functions and statics hold no data of ours.
        if c.group(Delimiter::Brace).is_none() {
            return Err(c.failure("expected `{` behind `extern`"));
        }
        Ok(())
    }

    fn parse_module(
        &mut self,
        c: &mut Cursor<'t>,
        scope: ScopeId,
        attributes: &Attributes,
    ) -> Parsed<()> {
        c.bump();
        let (name, span) = c.expect_name("the name of a module")?;
        let start = c.pos;
        let mut decl = ModuleDecl {
            name,
            span,
            path: attributes.path.clone(),
            inline: None,
            cfg: attributes.cfg.clone(),
        };
        if let Some(mut inner) = c.group(Delimiter::Brace) {
            let own = self.add_scope(Some(scope), ScopeKind::Module, start..c.pos);
            self.scope_mut(own).cfg.clone_from(&attributes.cfg);
            decl.inline = Some(own);
            self.parse_items(&mut inner, own)?;
        } else {
            c.expect_punct(';', "or `{` behind the name of a module")?;
        }
        self.scope_mut(scope).modules.push(decl);
        Ok(())
    }

    /// Reads and steps over `#[..]` and `#![..]`.
    pub(crate) fn parse_attributes(&self, c: &mut Cursor<'t>) -> Attributes {
        let mut attributes = Attributes::default();
        while c.is_punct(0, '#') {
            let inner = usize::from(c.is_punct(1, '!'));
            if !c.opens(1 + inner, Delimiter::Bracket) {
                break;
            }
            c.pos += 1 + inner;
            let Some(content) = c.group(Delimiter::Bracket) else {
                break;
            };
            self.note_attribute(content, &mut attributes);
        }
        attributes
    }

    fn note_attribute(&self, mut c: Cursor<'t>, attributes: &mut Attributes) {
        if c.is_ident(0, "cfg") {
            let start = c.pos;
            c.pos = c.end;
            let written = c.span_since(start).text(self.text);
            attributes.cfg = Some(match attributes.cfg.take() {
                Some(other) => format!("{other}, {written}"),
                None => written.to_owned(),
            });
        } else if c.is_ident(0, "path") && c.is_punct(1, '=') {
            attributes.path = c.peek(2).and_then(string_value);
        }
    }
}

/// The value of a string literal without escapes, which a path has no use for.
fn string_value(token: &Token) -> Option<String> {
    let Kind::Literal(written) = token.kind else {
        return None;
    };
    let raw = written.strip_prefix('r').map(|raw| raw.trim_matches('#'));
    let quoted = raw.unwrap_or(written);
    let value = quoted.strip_prefix('"')?.strip_suffix('"')?;
    (!value.contains('\\')).then(|| value.to_owned())
}

pub(crate) fn skip_visibility(c: &mut Cursor<'_>) {
    if c.eat_ident("pub") && c.opens(0, Delimiter::Parenthesis) && names_a_place(c) {
        c.bump_tree();
    }
}

/// Whether the parentheses belong to `pub(..)`; in `struct S(pub (crate::A, u8));` they don't.
fn names_a_place(c: &Cursor<'_>) -> bool {
    let is_alone = matches!(c.kind(2), Some(Kind::Close { .. }));
    let names = ["crate", "super", "self"];
    c.is_ident(1, "in") || (is_alone && names.iter().any(|word| c.is_ident(1, word)))
}

/// Whether a function starts here, qualifiers such as `async` included.
pub(crate) fn starts_function(c: &Cursor<'_>) -> bool {
    const QUALIFIERS: [&str; 7] = [
        "const", "async", "unsafe", "safe", "extern", "default", "gen",
    ];
    let mut ahead = 0;
    loop {
        if c.is_ident(ahead, "fn") {
            return c.ident(ahead + 1).is_some();
        }
        let is_qualifier = QUALIFIERS.iter().any(|word| c.is_ident(ahead, word));
        let is_abi = ahead > 0
            && c.is_ident(ahead - 1, "extern")
            && matches!(c.kind(ahead), Some(Kind::Literal(_)));
        if !is_qualifier && !is_abi {
            return false;
        }
        ahead += 1;
    }
}

/// `unsafe impl`, `unsafe auto trait`, `default impl`, `unsafe extern "C"`, `unsafe mod`.
fn is_qualified_item(c: &Cursor<'_>) -> bool {
    ["impl", "trait", "auto", "extern", "mod"]
        .iter()
        .any(|word| c.is_ident(1, word))
}

/// Steps over `macro_rules! name { .. }` or `macro name(..) { .. }`.
fn skip_macro_definition(c: &mut Cursor<'_>) -> bool {
    let is_rules = c.is_ident(0, "macro_rules") && c.is_punct(1, '!') && c.ident(2).is_some();
    let is_macro = c.is_ident(0, "macro")
        && c.ident(1).is_some()
        && matches!(c.kind(2), Some(Kind::Open { .. }));
    if !is_rules && !is_macro {
        return false;
    }
    c.pos += if is_rules { 3 } else { 2 };
    while matches!(c.kind(0), Some(Kind::Open { .. })) {
        c.bump_tree();
    }
    true
}

/// Steps over `path::name! { .. }`.
fn skip_macro_item(c: &mut Cursor<'_>) -> bool {
    let mut ahead = *c;
    ahead.eat_pair(':', ':');
    loop {
        if ahead.ident(0).is_none() {
            return false;
        }
        ahead.bump();
        if !ahead.eat_pair(':', ':') {
            break;
        }
    }
    if !ahead.eat_punct('!') {
        return false;
    }
    if ahead.ident(0).is_some() {
        ahead.bump();
    }
    if !matches!(ahead.kind(0), Some(Kind::Open { .. })) {
        return false;
    }
    ahead.bump_tree();
    ahead.eat_punct(';');
    *c = ahead;
    true
}
