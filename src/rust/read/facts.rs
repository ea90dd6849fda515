//! What is remembered of a source file once its tokens are gone: scopes, definitions, imports,
//! the places that may speak of a store, and calls of exports. Everything is owned.

use std::collections::HashMap;

use super::data_expr::DataExpr;
use super::types::{Bound, PathExpr, TypeExpr};
use crate::rust::exports::ExportCall;
use crate::span::Span;

/// Index into [`Facts::scopes`]. Scopes stand in the order in which they start; 0 is the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScopeId(pub(crate) usize);

/// Index into [`Facts::items`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ItemId(pub(crate) usize);

#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) scopes: Vec<Scope>,
    pub(crate) items: Vec<Item>,
    pub(crate) impls: Vec<Impl>,
    /// The items of each name, and the scope that each stands in.
    pub(crate) by_name: HashMap<String, Vec<(ScopeId, ItemId)>>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) constructions: Vec<Construction>,
    pub(crate) calls: Vec<ExportCall>,
    /// Where each of the calls stands.
    pub(crate) call_scopes: Vec<ScopeId>,
    /// What stands in each module of the file, by the module's scope.
    pub(crate) homes: HashMap<ScopeId, Home>,
}

/// What stands in one module, the modules in it left out: indices into the lists of [`Facts`].
#[derive(Debug, Default)]
pub(crate) struct Home {
    pub(crate) scopes: Vec<usize>,
    pub(crate) impls: Vec<usize>,
    pub(crate) mentions: Vec<usize>,
    pub(crate) constructions: Vec<usize>,
    pub(crate) calls: Vec<usize>,
}

impl Facts {
    /// Sorts what was found by the module that it stands in.
    pub(crate) fn fill_homes(&mut self) {
        let mut homes = HashMap::new();
        let scopes = (0..self.scopes.len()).map(ScopeId);
        self.sort(scopes, &mut homes, |home| &mut home.scopes);
        let impls = self.impls.iter().map(|found| found.scope);
        self.sort(impls, &mut homes, |home| &mut home.impls);
        let mentions = self.mentions.iter().map(|found| found.scope);
        self.sort(mentions, &mut homes, |home| &mut home.mentions);
        let constructions = self.constructions.iter().map(|found| found.scope);
        self.sort(constructions, &mut homes, |home| &mut home.constructions);
        let calls = self.call_scopes.iter().copied();
        self.sort(calls, &mut homes, |home| &mut home.calls);
        self.homes = homes;
    }

    /// Puts the number of each place into one list of the module that it is in.
    fn sort(
        &self,
        places: impl Iterator<Item = ScopeId>,
        homes: &mut HashMap<ScopeId, Home>,
        list: impl Fn(&mut Home) -> &mut Vec<usize>,
    ) {
        for (index, scope) in places.enumerate() {
            let home = homes.entry(self.module_scope(scope)).or_default();
            list(home).push(index);
        }
    }

    /// The names of functions in impls and traits.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &str> {
        let is_method = |(owner, item): &(ScopeId, ItemId)| {
            let owner = &self.scopes[owner.0].kind;
            matches!(owner, ScopeKind::Impl(_) | ScopeKind::Trait(_))
                && matches!(self.items[item.0].kind, ItemKind::Function { .. })
        };
        let names = self.by_name.iter();
        names
            .filter(move |(_, items)| items.iter().any(is_method))
            .map(|(name, _)| name.as_str())
    }

    /// The innermost module around a scope.
    fn module_scope(&self, scope: ScopeId) -> ScopeId {
        let mut current = scope;
        loop {
            let inner = &self.scopes[current.0];
            match inner.parent {
                Some(parent) if inner.kind != ScopeKind::Module => current = parent,
                _ => return current,
            }
        }
    }
}

/// A part of the text in which names mean the same.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) parent: Option<ScopeId>,
    pub(crate) kind: ScopeKind,
    pub(crate) generics: Generics,
    pub(crate) imports: Vec<Import>,
    pub(crate) modules: Vec<ModuleDecl>,
    pub(crate) cfg: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// A file, or the braces of `mod x { .. }`.
    Module,
    /// A struct, enum, union or alias: holds its generics.
    Item(ItemId),
    /// Index into [`Facts::impls`].
    Impl(usize),
    Trait(ItemId),
    Function,
    /// Braces in a body, with items of their own.
    Block,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Generics {
    /// Types and constants, in order; lifetimes are left out.
    pub(crate) params: Vec<Param>,
    pub(crate) wheres: Vec<Predicate>,
}

#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) bounds: Vec<Bound>,
    pub(crate) default: Option<TypeExpr>,
    pub(crate) is_const: bool,
}

/// `T: A + B` behind `where`.
#[derive(Clone, Debug)]
pub(crate) struct Predicate {
    pub(crate) ty: TypeExpr,
    pub(crate) bounds: Vec<Bound>,
}

#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) name: String,
    /// The item's own scope, whose parent is where it stands.
    pub(crate) scope: ScopeId,
    pub(crate) kind: ItemKind,
}

#[derive(Debug)]
pub(crate) enum ItemKind {
    /// A struct, an enum or a union.
    Data {
        fields: Vec<Field>,
        variants: Vec<String>,
    },
    Alias(TypeExpr),
    Trait {
        supertraits: Vec<Bound>,
    },
    Function {
        output: Option<TypeExpr>,
    },
    /// A constant or a static.
    Value(Option<TypeExpr>),
}

impl ItemKind {
    /// Whether its name is a type's or a trait's.
    pub(crate) fn is_type(&self) -> bool {
        !matches!(self, Self::Function { .. } | Self::Value(_))
    }
}

impl ItemKind {
    /// The types that a type is made of.
    pub(crate) fn types(&self) -> impl Iterator<Item = &TypeExpr> {
        let (fields, target) = match self {
            Self::Data { fields, .. } => (fields.as_slice(), None),
            Self::Alias(target) => (&[][..], Some(target)),
            _ => (&[][..], None),
        };
        fields.iter().map(|field| &field.ty).chain(target)
    }
}

#[derive(Debug)]
pub(crate) struct Field {
    /// Its name, or its number.
    pub(crate) name: String,
    /// The enum's variant that it is in.
    pub(crate) variant: Option<String>,
    pub(crate) ty: TypeExpr,
    pub(crate) cfg: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Impl {
    pub(crate) scope: ScopeId,
    /// None for an inherent impl.
    pub(crate) of: Option<PathExpr>,
    pub(crate) negative: bool,
    pub(crate) self_ty: TypeExpr,
}

/// One name that a `use` brings in, or everything behind a `*`.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    /// What follows `use`, without aliases; `self` at the end is left out.
    pub(crate) path: Vec<String>,
    /// Written with `::` in front.
    pub(crate) global: bool,
    pub(crate) binding: Binding,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    Name(String),
    Glob,
}

/// `mod x;` or `mod x { .. }`.
#[derive(Clone, Debug)]
pub(crate) struct ModuleDecl {
    pub(crate) name: String,
    pub(crate) span: Span,
    /// The value of `#[path = ".."]`.
    pub(crate) path: Option<String>,
    /// The scope of its braces.
    pub(crate) inline: Option<ScopeId>,
    pub(crate) cfg: Option<String>,
}

/// A path with type arguments, such as `Store<State>`.
#[derive(Debug)]
pub(crate) struct Mention {
    pub(crate) scope: ScopeId,
    pub(crate) path: PathExpr,
    /// Whether the arguments could be read. They can't in a macro's `Store<$t>`.
    pub(crate) readable: bool,
}

/// A call such as `Store::new(&engine, data)`.
#[derive(Debug)]
pub(crate) struct Construction {
    pub(crate) scope: ScopeId,
    /// The path in front of `::new`.
    pub(crate) path: PathExpr,
    pub(crate) data: DataExpr,
}
