//! What a program says itself about `Send` and `Sync`: `unsafe impl Send for X`, and impls of
//! traits that ask for it.

use std::collections::HashMap;

use super::known::Auto;
use super::lower::Lowering;
use super::resolve::{Meaning, Space};
use super::send::{Judge, Outcome, next};
use super::ty::{Promise, Ty};
use crate::rust::program::{At, DefId, ModuleId};
use crate::rust::read::facts::Impl;
use crate::rust::read::types::{Bound, PathExpr, TypeKind};

impl Judge<'_> {
    /// What `unsafe impl Send for X` and `impl !Send for X` say. Where they hold only under a
    /// `cfg`, the fields are looked at, but they settle nothing.
    pub(crate) fn explicit(
        &self,
        auto: Auto,
        def: DefId,
        args: &[Ty],
    ) -> (Option<Outcome>, Option<String>) {
        let Some(impls) = self.explicit.get(&(def, auto)) else {
            return (None, None);
        };
        let program = self.lowering.program;
        let item = program.item(def);
        let own_cfg = program.cfg(At {
            module: def.module,
            scope: item.scope,
        });
        let mut only_if = None;
        for (module, index) in impls {
            let written = &program.facts(*module).impls[*index];
            if !is_direct(written) {
                if self.is_proof(*module, written, args) {
                    return (Some(Outcome::Yes), None);
                }
                continue;
            }
            let cfg = program.cfg(At {
                module: *module,
                scope: written.scope,
            });
            if cfg != own_cfg {
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

    /// Whether an impl of a trait that asks for `Send` is for this very type.
    fn is_proof(&self, module: ModuleId, written: &Impl, args: &[Ty]) -> bool {
        let at = At {
            module,
            scope: written.scope,
        };
        let generics = &self.lowering.program.scope(at).generics;
        args.is_empty() && generics.params.is_empty() && self.lowering.program.cfg(at).is_none()
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

/// Impls that say that a type is `Send` or `Sync`, or that it is not.
pub(crate) type Explicit = HashMap<(DefId, Auto), Vec<(ModuleId, usize)>>;

/// Every impl of `Send`, of `Sync`, and of traits that ask for them, by the type that it is for.
pub(crate) fn explicit_impls(lowering: &Lowering<'_>) -> Explicit {
    let mut found = Explicit::new();
    for module in lowering.program.all_modules() {
        let facts = lowering.program.facts(module);
        let home = lowering.program.module(module).scope;
        for (index, written) in facts.impls.iter().enumerate() {
            let at = At {
                module,
                scope: written.scope,
            };
            let (Some(of), TypeKind::Path(path)) = (&written.of, &written.self_ty.kind) else {
                continue;
            };
            if facts.module_scope(written.scope) != home {
                continue;
            }
            let bound = Bound {
                path: of.clone(),
                relaxed: false,
            };
            for auto in [Auto::Send, Auto::Sync] {
                if lowering.promise(std::slice::from_ref(&bound), at, auto) != Promise::Kept {
                    continue;
                }
                for meaning in lowering.meanings(path, at, Space::Type) {
                    if let Meaning::Def(def) = meaning {
                        found.entry((def, auto)).or_default().push((module, index));
                    }
                }
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
