//! Calls of exports in code that is generic over the store's data.

use std::collections::{HashMap, HashSet};

use super::finder::{Called, Context, Finder, Found, data_argument};
use super::is_unbounded_param;
use crate::rust::judge::known::{Auto, DataPosition};
use crate::rust::judge::lower::Env;
use crate::rust::judge::ty::{Kind, Promise, Site, Ty};
use crate::rust::program::At;
use crate::rust::read::facts::{Facts, Param, ScopeId, ScopeKind};
use crate::rust::read::types::{PathExpr, TypeExpr, TypeKind};

/// Types found that are nothing but a type parameter without a `Send` bound, by their scope. A
/// call of an export in that scope does not compile, whatever the parameter stands for.
pub(super) struct GenericTypes {
    by_scope: HashMap<ScopeId, Vec<usize>>,
}

impl GenericTypes {
    /// Of `found`, whose first is number `first` of all.
    pub(super) fn new(found: &[Found], first: usize) -> Self {
        let mut by_scope: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, found) in found.iter().enumerate() {
            if is_unbounded_param(&found.ty) {
                by_scope
                    .entry(found.at.scope)
                    .or_default()
                    .push(first + index);
            }
        }
        Self { by_scope }
    }

    /// Notes that an export is called in all of `scopes`.
    pub(super) fn mark(&self, scopes: &[ScopeId], called: Called, found: &mut [Found]) {
        let indices = scopes.iter().filter_map(|scope| self.by_scope.get(scope));
        for index in indices.flatten() {
            if let Some(found) = found.get_mut(*index) {
                found.called = found.called.max(called);
            }
        }
    }
}

impl Finder<'_> {
    /// Type parameters of the code around a call that a store holds there, though neither the
    /// store nor its type is named: they are in the type of `self`, or behind `AsContextMut`.
    pub(super) fn around_call(&self, at: At, called: Called) -> Vec<Found> {
        let facts = self.lowering.program.facts(at.module);
        let mut found = Vec::new();
        for scope in enclosing(facts, at.scope) {
            let here = At { scope, ..at };
            self.in_self_type(here, at, &mut found);
            let params = facts.scopes[scope.0].generics.params.iter();
            found.extend(params.filter_map(|param| self.generic_context(param, here, at)));
        }
        for found in &mut found {
            found.called = called;
        }
        found
    }

    /// `impl<T> Host<T>`, where `Host<T>` has a field of type `Store<T>`.
    fn in_self_type(&self, scope: At, call: At, found: &mut Vec<Found>) {
        let program = self.lowering.program;
        let ScopeKind::Impl(index) = program.scope(scope).kind else {
            return;
        };
        let self_ty = &program.facts(scope.module).impls[index].self_ty;
        let mut context = Context {
            at: scope,
            found,
            wrappers: HashSet::new(),
            site: None,
        };
        let env = Env::open(At {
            scope: call.scope,
            ..scope
        });
        self.in_type(self_ty, &env, &mut context);
        found.retain(|found| is_unbounded_param(&found.ty));
    }

    /// `S: AsContextMut` without a word about `S::Data`.
    fn generic_context(&self, param: &Param, scope: At, call: At) -> Option<Found> {
        let program = self.lowering.program;
        let facts = program.facts(scope.module);
        let wheres = enclosing(facts, call.scope)
            .into_iter()
            .flat_map(|scope| facts.scopes[scope.0].generics.wheres.iter());
        let (own, others): (Vec<_>, Vec<_>) =
            wheres.partition(|predicate| is_named(&predicate.ty, &param.name));
        let own = own.into_iter().flat_map(|predicate| &predicate.bounds);
        let is_open = |path: &PathExpr| {
            self.is_store(path, scope) && data_argument(path, DataPosition::Associated).is_none()
        };
        let mut bounds = param.bounds.iter().chain(own);
        let bound = bounds.find(|bound| is_open(&bound.path))?;
        let is_send = |bounds| self.lowering.promise(bounds, scope, Auto::Send);
        let speaks_of_data = others.iter().any(|predicate| {
            let is_data = match &predicate.ty.kind {
                TypeKind::Projection => true,
                TypeKind::Path(path) => path.names() == [param.name.as_str(), "Data"],
                _ => false,
            };
            is_data && is_send(&predicate.bounds) == Promise::Kept
        });
        if speaks_of_data {
            return None;
        }
        let site = Site {
            module: scope.module,
            span: bound.path.span,
        };
        let name = format!("{}::Data", param.name);
        let kind = Kind::Param {
            name: name.clone(),
            send: Promise::Missing,
            sync: Promise::Missing,
        };
        Some(Found {
            ty: Ty::new(kind, site),
            written: name,
            at: scope,
            called: Called::No,
        })
    }
}

/// A scope and those around it, up to its module.
pub(super) fn enclosing(facts: &Facts, scope: ScopeId) -> Vec<ScopeId> {
    let mut scopes = vec![scope];
    let mut current = scope;
    while facts.scopes[current.0].kind != ScopeKind::Module {
        let Some(parent) = facts.scopes[current.0].parent else {
            break;
        };
        scopes.push(parent);
        current = parent;
    }
    scopes
}

fn is_named(ty: &TypeExpr, name: &str) -> bool {
    matches!(&ty.kind, TypeKind::Path(path) if path.names() == [name])
}
