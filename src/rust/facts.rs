//! What is remembered of a source file once its tokens are gone: scopes, definitions, imports,
//! the places that may speak of a store, and calls of exports. Everything is owned.

use std::collections::HashMap;

use super::data_expr::DataExpr;
use super::exports::ExportCall;
use super::types::{Bound, PathExpr, TypeExpr};
use crate::span::Span;

/// Index into [`Facts::scopes`]. Scopes stand in the order in which they start; 0 is the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ScopeId(pub(super) usize);

/// Index into [`Facts::items`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ItemId(pub(super) usize);

#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) scopes: Vec<Scope>,
    pub(super) items: Vec<Item>,
    pub(super) impls: Vec<Impl>,
    /// The items of each name, and the scope that each stands in.
    pub(super) by_name: HashMap<String, Vec<(ScopeId, ItemId)>>,
    pub(super) mentions: Vec<Mention>,
    pub(super) constructions: Vec<Construction>,
    pub(super) calls: Vec<ExportCall>,
    /// Where each of the calls stands.
    pub(super) call_scopes: Vec<ScopeId>,
}

/// A part of the text in which names mean the same.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) parent: Option<ScopeId>,
    pub(super) kind: ScopeKind,
    pub(super) generics: Generics,
    pub(super) imports: Vec<Import>,
    pub(super) modules: Vec<ModuleDecl>,
    pub(super) cfg: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ScopeKind {
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
pub(super) struct Generics {
    /// Types and constants, in order; lifetimes are left out.
    pub(super) params: Vec<Param>,
    pub(super) wheres: Vec<Predicate>,
}

#[derive(Clone, Debug)]
pub(super) struct Param {
    pub(super) name: String,
    pub(super) bounds: Vec<Bound>,
    pub(super) default: Option<TypeExpr>,
    pub(super) is_const: bool,
}

/// `T: A + B` behind `where`.
#[derive(Clone, Debug)]
pub(super) struct Predicate {
    pub(super) ty: TypeExpr,
    pub(super) bounds: Vec<Bound>,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) name: String,
    /// The item's own scope, whose parent is where it stands.
    pub(super) scope: ScopeId,
    pub(super) kind: ItemKind,
}

#[derive(Debug)]
pub(super) enum ItemKind {
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
    pub(super) fn is_type(&self) -> bool {
        !matches!(self, Self::Function { .. } | Self::Value(_))
    }
}

impl ItemKind {
    /// The types that a type is made of.
    pub(super) fn types(&self) -> impl Iterator<Item = &TypeExpr> {
        let (fields, target) = match self {
            Self::Data { fields, .. } => (fields.as_slice(), None),
            Self::Alias(target) => (&[][..], Some(target)),
            _ => (&[][..], None),
        };
        fields.iter().map(|field| &field.ty).chain(target)
    }
}

#[derive(Debug)]
pub(super) struct Field {
    /// Its name, or its number.
    pub(super) name: String,
    /// The enum's variant that it is in.
    pub(super) variant: Option<String>,
    pub(super) ty: TypeExpr,
    pub(super) cfg: Option<String>,
}

#[derive(Debug)]
pub(super) struct Impl {
    pub(super) scope: ScopeId,
    /// None for an inherent impl.
    pub(super) of: Option<PathExpr>,
    pub(super) negative: bool,
    pub(super) self_ty: TypeExpr,
}

/// One name that a `use` brings in, or everything behind a `*`.
#[derive(Clone, Debug)]
pub(super) struct Import {
    /// What follows `use`, without aliases; `self` at the end is left out.
    pub(super) path: Vec<String>,
    /// Written with `::` in front.
    pub(super) global: bool,
    pub(super) binding: Binding,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    Name(String),
    Glob,
}

/// `mod x;` or `mod x { .. }`.
#[derive(Clone, Debug)]
pub(super) struct ModuleDecl {
    pub(super) name: String,
    pub(super) span: Span,
    /// The value of `#[path = ".."]`.
    pub(super) path: Option<String>,
    /// The scope of its braces.
    pub(super) inline: Option<ScopeId>,
    pub(super) cfg: Option<String>,
}

/// A path with type arguments, such as `Store<State>`.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) scope: ScopeId,
    pub(super) path: PathExpr,
    /// Whether the arguments could be read. They can't in a macro's `Store<$t>`.
    pub(super) readable: bool,
}

/// A call such as `Store::new(&engine, data)`.
#[derive(Debug)]
pub(super) struct Construction {
    pub(super) scope: ScopeId,
    /// The path in front of `::new`.
    pub(super) path: PathExpr,
    pub(super) data: DataExpr,
}
