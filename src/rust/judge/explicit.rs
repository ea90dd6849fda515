//! What a program says itself about `Send` and `Sync`: `unsafe impl Send for X`, and impls of
//! traits that ask for it.

use std::collections::HashMap;

use super::known::Auto;
use super::lower::{Env, Lowering};
use super::send::{Judge, Outcome, next};
use super::ty::{Kind, Promise, Ty};
use crate::rust::program::{At, DefId, ModuleId};
use crate::rust::read::facts::Impl;
use crate::rust::read::types::{Bound, PathExpr};

/// How many aliases of a type are looked through.
const MAX_ALIASES: usize = 16;

impl Judge<'_> {
    /// What `unsafe impl Send for X` and `impl !Send for X` say. Where they hold only under a
    /// `cfg`, the fields are looked at, but they settle nothing.
    pub(crate) fn explicit(
        &self,
        auto: Auto,
        def: DefId,
        args: &[Ty],
    ) -> (Option<Outcome>, Option<String>) {
        let program = self.lowering.program;
        let Some(impls) = self.lowering.impls().get(&def) else {
            return (None, None);
        };
        let item = program.item(def);
        let own_cfg = program.cfg(At {
            module: def.module,
            scope: item.scope,
        });
        let mut only_if = None;
        for (module, index) in impls {
            let written = &program.facts(*module).impls[*index];
            let at = At {
                module: *module,
                scope: written.scope,
            };
            if !self.asks_for(written, at, auto) {
                continue;
            }
            let cfg = program.cfg(at);
            let holds = cfg == own_cfg;
            if !is_direct(written) {
                let has_params = !program.scope(at).generics.params.is_empty();
                if holds && args.is_empty() && !has_params {
                    return (Some(Outcome::Yes), None);
                }
                continue;
            }
            if !holds {
                only_if = cfg;
                continue;
            }
            if written.negative {
                let because = format!(
                    "`{}` says itself that it is not `{}`",
                    item.name,
                    auto.name()
                );
                return (Some(Outcome::No(because)), None);
            }
            return (Some(self.conditions(auto, *module, written, args)), None);
        }
        (None, only_if)
    }

    /// Whether the impl is of `Send`, or of a trait that asks for it.
    fn asks_for(&self, written: &Impl, at: At, auto: Auto) -> bool {
        let Some(path) = written.of.clone() else {
            return false;
        };
        let bound = Bound {
            path,
            relaxed: false,
        };
        self.lowering.promise(&[bound], at, auto) == Promise::Kept
    }

    /// What an explicit impl asks of the type's arguments: the `T: Send` and `T: Sync` in it.
    fn conditions(&self, auto: Auto, module: ModuleId, written: &Impl, args: &[Ty]) -> Outcome {
        let at = At {
            module,
            scope: written.scope,
        };
        let Some(env) = self.lowering.impl_arguments(at, written, args) else {
            let name = auto.name();
            let because = format!("the impl of `{name}` is for some type arguments only");
            return Outcome::Unknown(because);
        };
        let generics = &self.lowering.program.scope(at).generics;
        let mut parts = Vec::new();
        for auto in [Auto::Send, Auto::Sync] {
            let asks = |bounds: &[_]| self.lowering.promise(bounds, at, auto) == Promise::Kept;
            for param in generics.params.iter().filter(|param| asks(&param.bounds)) {
                if let Some(arg) = env.argument(&param.name) {
                    parts.push(next(
                        auto,
                        arg,
                        format!("the argument for `{}`", param.name),
                    ));
                }
            }
            for predicate in generics.wheres.iter().filter(|p| asks(&p.bounds)) {
                let step = format!("`{}`, as the impl asks", predicate.ty.written());
                parts.push(next(auto, &self.lowering.lower(&predicate.ty, &env), step));
            }
        }
        Outcome::Parts(parts)
    }
}

/// The impls for each type of the program.
pub(crate) type Impls = HashMap<DefId, Vec<(ModuleId, usize)>>;

/// Every impl in the program, by the type that it is for.
pub(crate) fn impls_by_type(lowering: &Lowering<'_>) -> Impls {
    let mut found = Impls::new();
    for module in lowering.program.all_modules() {
        let facts = lowering.program.facts(module);
        let home = lowering.program.home(module);
        for index in home.into_iter().flat_map(|home| &home.impls) {
            let written = &facts.impls[*index];
            let at = At {
                module,
                scope: written.scope,
            };
            let mut ty = lowering.lower(&written.self_ty, &Env::open(at));
            for _ in 0..MAX_ALIASES {
                match lowering.expand(&ty) {
                    Some(target) => ty = target,
                    None => break,
                }
            }
            if let Kind::Local { def, .. } = &*ty.kind {
                found.entry(*def).or_default().push((module, *index));
            }
        }
    }
    found
}

/// Whether the impl is of `Send` or `Sync` itself. An impl of another trait that asks for `Send`
/// proves that the type is `Send`, but does not make it so.
fn is_direct(written: &Impl) -> bool {
    let name = written.of.as_ref().map(PathExpr::last_name);
    matches!(name, Some("Send" | "Sync"))
}
