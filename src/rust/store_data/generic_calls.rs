//! Calls of exports in code that is generic over the store's data.

use std::collections::HashSet;

use super::finder::{Called, Context, Finder, Found, data_argument};
use super::is_unbounded_param;
use crate::rust::judge::known::{Auto, DataPosition};
use crate::rust::judge::lower::Env;
use crate::rust::judge::ty::{Kind, Promise, Site, Ty};
use crate::rust::program::At;
use crate::rust::read::facts::{Facts, Param, ScopeId, ScopeKind};
use crate::rust::read::types::{PathExpr, TypeExpr, TypeKind};

impl Finder<'_> {
    /// Type parameters of the code around a call, when a store holds them there and they have no
    /// `Send` bound: the call does not compile, whatever they stand for.
    pub(super) fn around_call(&self, at: At, called: Called, found: &mut Vec<Found>) {
        let program = self.lowering.program;
        let facts = program.facts(at.module);
        let scopes = enclosing(facts, at.scope);
        let held: HashSet<Ty> = found
            .iter()
            .filter(|found| is_unbounded_param(&found.ty) && found.at.module == at.module)
            .filter(|found| scopes.contains(&found.at.scope))
            .map(|found| found.ty.clone())
            .collect();
        for found in found.iter_mut() {
            if held.contains(&found.ty) && scopes.contains(&found.at.scope) {
                found.called = found.called.max(called);
            }
        }
        let mut more = Vec::new();
        for scope in scopes {
            let here = At { scope, ..at };
            self.in_self_type(here, at, &mut more);
            let params = facts.scopes[scope.0].generics.params.iter();
            more.extend(params.filter_map(|param| self.generic_context(param, here, at)));
        }
        found.extend(more.into_iter().map(|found| Found { called, ..found }));
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

fn enclosing(facts: &Facts, scope: ScopeId) -> Vec<ScopeId> {
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
