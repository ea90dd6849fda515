//! From types as they are written to types whose names are looked up.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::explicit::{Impls, impls_by_type};
use super::known::{self, Auto};
use super::resolve::{Meaning, Resolver, Space};
use super::ty::{Kind, Promise, Site, Ty};
use crate::rust::program::{At, DefId, Program};
use crate::rust::read::facts::{Generics, Impl, ItemKind, ScopeKind};
use crate::rust::read::types::{
    Bound, GenericArgument, PathExpr, TypeExpr, TypeKind, written_bounds,
};

/// Where a type is written, and what the type parameters there stand for.
#[derive(Clone, Debug)]
pub(crate) struct Env {
    pub(crate) at: At,
    arguments: Rc<HashMap<String, Ty>>,
}

impl Env {
    /// Type parameters stand for themselves.
    pub(crate) fn open(at: At) -> Self {
        Self {
            at,
            arguments: Rc::default(),
        }
    }

    /// The parameters of `generics` stand for `args`.
    pub(crate) fn with(at: At, generics: &Generics, args: &[Ty]) -> Self {
        let names = generics.params.iter().map(|param| param.name.clone());
        Self {
            at,
            arguments: Rc::new(names.zip(args.iter().cloned()).collect()),
        }
    }
}

impl Env {
    /// The parameters of `generics` that stand for nothing yet are left to be inferred.
    pub(crate) fn closed(mut self, generics: &Generics, site: Site) -> Self {
        let arguments = Rc::make_mut(&mut self.arguments);
        for param in &generics.params {
            let open = || {
                let why = format!("the type for `{}` is left to be inferred", param.name);
                Ty::unknown(why, site)
            };
            arguments.entry(param.name.clone()).or_insert_with(open);
        }
        self
    }

    /// The same, in another scope.
    pub(crate) fn at(self, at: At) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn argument(&self, name: &str) -> Option<&Ty> {
        self.arguments.get(name)
    }
}

/// How deep `Self`, defaults and supertraits may lead from one type to the next.
const MAX_STEPS: usize = 64;

/// How many definitions under one name, for different `cfg`s, are compared.
const MAX_MEANINGS: usize = 32;

/// Looks up the names in types.
#[derive(Clone, Copy)]
pub(crate) struct Lowering<'p> {
    pub(crate) program: &'p Program,
    steps: usize,
}

impl<'p> Lowering<'p> {
    pub(crate) fn new(program: &'p Program) -> Self {
        Self { program, steps: 0 }
    }

    /// The impls for each type of the program.
    pub(crate) fn impls(&self) -> &'p Impls {
        let cache = self.program.cache();
        cache.impls.get_or_init(|| impls_by_type(self))
    }

    /// Every meaning of a path.
    pub(crate) fn meanings(&self, path: &PathExpr, at: At, space: Space) -> Vec<Meaning> {
        let names = path.names();
        Resolver::new(self.program).resolve(at, &names, path.global, space)
    }

    pub(crate) fn lower(&self, ty: &TypeExpr, env: &Env) -> Ty {
        let site = Site {
            module: env.at.module,
            span: ty.span,
        };
        let kind = match &ty.kind {
            TypeKind::Path(path) => return self.lower_path(path, env, site),
            TypeKind::Projection => Kind::Unknown("an associated type is not followed".to_owned()),
            TypeKind::Reference { mutable, inner } => Kind::Reference {
                mutable: *mutable,
                inner: self.lower(inner, env),
            },
            TypeKind::Pointer => Kind::Pointer,
            TypeKind::Tuple(parts) => {
                Kind::Tuple(parts.iter().map(|part| self.lower(part, env)).collect())
            }
            TypeKind::Sequence(inner) => Kind::Sequence(self.lower(inner, env)),
            TypeKind::Function(_) | TypeKind::Never => Kind::Plain(ty.written()),
            TypeKind::Object(bounds) => self.object(bounds, env.at),
            TypeKind::Opaque(bounds) => self.opaque(bounds, env.at),
            TypeKind::Inferred => Kind::Unknown("the type is left to be inferred".to_owned()),
            TypeKind::Macro => Kind::Unknown("the type is made by a macro".to_owned()),
        };
        Ty::new(kind, site)
    }

    fn lower_path(&self, path: &PathExpr, env: &Env, site: Site) -> Ty {
        let meanings = self.meanings(path, env.at, Space::Type);
        if meanings.len() > MAX_MEANINGS {
            return Ty::unknown("too many definitions depend on `cfg`", site);
        }
        let lowered = meanings
            .into_iter()
            .map(|meaning| self.lower_meaning(meaning, path, env, site));
        let mut lowered: Vec<Ty> = lowered.collect();
        match (lowered.pop(), lowered.is_empty()) {
            (Some(only), true) => only,
            (Some(last), false) => {
                lowered.push(last);
                Ty::new(Kind::Choice(lowered), site)
            }
            (None, _) => Ty::unknown("the path is empty", site),
        }
    }

    fn lower_meaning(&self, meaning: Meaning, path: &PathExpr, env: &Env, site: Site) -> Ty {
        let kind = match meaning {
            Meaning::Def(def) => return self.lower_def(def, path, env, site),
            Meaning::External(segments) => Kind::External {
                path: known::canonical(&segments),
                args: self.type_arguments(path, env),
            },
            Meaning::Primitive => Kind::Plain(path.last_name().to_owned()),
            Meaning::Param(at, name) => match env.arguments.get(&name) {
                Some(argument) => return argument.clone(),
                None => self.param(at, &name, env.at),
            },
            Meaning::SelfType(at) => return self.self_type(at, env, site),
            Meaning::Module(_) => Kind::Unknown(format!("`{}` is a module", path.written())),
            Meaning::Variant(_) => Kind::Unknown(format!("`{}` is no type", path.written())),
            Meaning::Unknown(why) => Kind::Unknown(why),
            Meaning::Round => Kind::Unknown("its imports lead nowhere".to_owned()),
        };
        Ty::new(kind, site)
    }

    /// A definition, with the arguments that `path` gives it.
    pub(crate) fn lower_def(&self, def: DefId, path: &PathExpr, env: &Env, site: Site) -> Ty {
        match &self.program.item(def).kind {
            ItemKind::Data { .. } | ItemKind::Alias(_) => {
                let args = self.arguments_for(def, path, env, site);
                Ty::new(Kind::Local { def, args }, site)
            }
            // `Box<Trait>`, as old editions write `Box<dyn Trait>`.
            ItemKind::Trait { .. } => {
                let bound = Bound {
                    path: path.clone(),
                    relaxed: false,
                };
                Ty::new(self.object(&[bound], env.at), site)
            }
            _ => Ty::unknown(format!("`{}` is no type", path.written()), site),
        }
    }

    fn type_arguments(&self, path: &PathExpr, env: &Env) -> Vec<Ty> {
        let arguments = path
            .arguments()
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(self.lower(ty, env)),
                _ => None,
            });
        arguments.collect()
    }

    /// One argument for each parameter of the definition: given, by default, or not known.
    fn arguments_for(&self, def: DefId, path: &PathExpr, env: &Env, site: Site) -> Vec<Ty> {
        let scope = At {
            module: def.module,
            scope: self.program.item(def).scope,
        };
        let generics = &self.program.scope(scope).generics;
        let mut given = path
            .arguments()
            .iter()
            .filter(|argument| !matches!(argument, GenericArgument::Associated(..)));
        let mut args = Vec::with_capacity(generics.params.len());
        for param in &generics.params {
            let arg = match (given.next(), &param.default) {
                (Some(GenericArgument::Type(ty)), _) if !param.is_const => self.lower(ty, env),
                (None, Some(default)) => {
                    let inner = Env::with(scope, generics, &args);
                    self.deeper(site, |lowering| lowering.lower(default, &inner))
                }
                _ => {
                    let why = format!("the type for `{}` is left to be inferred", param.name);
                    Ty::unknown(why, site)
                }
            };
            args.push(arg);
        }
        args
    }

    /// The type that the definition gives itself: its parameters stand for themselves, or for
    /// what they stand for in `env`.
    fn self_type(&self, at: At, env: &Env, site: Site) -> Ty {
        let program = self.program;
        let inner = Env {
            at,
            arguments: Rc::clone(&env.arguments),
        };
        match program.scope(at).kind {
            ScopeKind::Impl(index) => {
                let self_ty = &program.facts(at.module).impls[index].self_ty;
                self.deeper(site, |lowering| lowering.lower(self_ty, &inner))
            }
            ScopeKind::Item(item) => {
                let def = DefId {
                    module: at.module,
                    item,
                };
                let params = program.scope(at).generics.params.iter();
                let args = params.map(|param| match env.arguments.get(&param.name) {
                    Some(argument) => argument.clone(),
                    None => Ty::new(self.param(at, &param.name, env.at), site),
                });
                let args = args.collect();
                Ty::new(Kind::Local { def, args }, site)
            }
            ScopeKind::Trait(item) => {
                let module = at.module;
                Ty::new(self.self_of_trait(DefId { module, item }), site)
            }
            _ => Ty::unknown("`Self` has no meaning here", site),
        }
    }

    fn self_of_trait(&self, def: DefId) -> Kind {
        let bounds = self.supertraits(def);
        Kind::Param {
            name: "Self".to_owned(),
            send: self.promise_of(bounds.clone(), Auto::Send),
            sync: self.promise_of(bounds, Auto::Sync),
        }
    }

    /// What the parameters of an impl stand for when its type has the arguments `args`:
    /// `impl<A, B> X<B, A>` turns them round. None when the impl is for some arguments only.
    pub(crate) fn impl_arguments(&self, at: At, written: &Impl, args: &[Ty]) -> Option<Env> {
        let TypeKind::Path(path) = &written.self_ty.kind else {
            return None;
        };
        let generics = &self.program.scope(at).generics;
        let mut arguments = HashMap::new();
        let given = path.arguments().iter();
        let given = given.filter(|given| !matches!(given, GenericArgument::Associated(..)));
        for (given, arg) in given.zip(args) {
            if let GenericArgument::Type(ty) = given {
                let name = ty.written();
                if !generics.params.iter().any(|param| param.name == name) {
                    return None;
                }
                arguments.insert(name, arg.clone());
            }
        }
        let arguments = Rc::new(arguments);
        Some(Env { at, arguments })
    }

    fn deeper(&self, site: Site, lower: impl FnOnce(&Self) -> Ty) -> Ty {
        if self.steps >= MAX_STEPS {
            return Ty::unknown("the type leads on and on", site);
        }
        lower(&Self {
            steps: self.steps + 1,
            ..*self
        })
    }

    fn object(&self, bounds: &[Bound], at: At) -> Kind {
        Kind::Bounded {
            written: format!("dyn {}", written_bounds(bounds)),
            send: self.promise(bounds, at, Auto::Send),
            sync: self.promise(bounds, at, Auto::Sync),
        }
    }

    /// What stands behind an `impl Trait` may be `Send` without saying so.
    fn opaque(&self, bounds: &[Bound], at: At) -> Kind {
        let written = format!("impl {}", written_bounds(bounds));
        let promise = |auto: Auto| match self.promise(bounds, at, auto) {
            Promise::Missing => Promise::Unknown(format!("what stands behind `{written}` is open")),
            promise => promise,
        };
        Kind::Bounded {
            send: promise(Auto::Send),
            sync: promise(Auto::Sync),
            written,
        }
    }

    /// A type parameter of the scope `at`, with the bounds that it has where `from` is.
    fn param(&self, at: At, name: &str, from: At) -> Kind {
        let facts = self.program.facts(at.module);
        let own = facts.scopes[at.scope.0].generics.params.iter();
        let own = own.filter(|param| param.name == name);
        let mut bounds: Vec<Bound> = own.flat_map(|param| param.bounds.clone()).collect();
        let mut current = Some(from.scope);
        while let Some(scope) = current {
            let inner = &facts.scopes[scope.0];
            bounds.extend(bounds_in(&inner.generics, name));
            current = if scope == at.scope {
                None
            } else {
                inner.parent
            };
        }
        Kind::Param {
            name: name.to_owned(),
            send: self.promise(&bounds, at, Auto::Send),
            sync: self.promise(&bounds, at, Auto::Sync),
        }
    }

    /// What `bounds` say about a type, their supertraits included.
    pub(crate) fn promise(&self, bounds: &[Bound], at: At, auto: Auto) -> Promise {
        self.promise_of(
            bounds.iter().map(|bound| (at, bound.clone())).collect(),
            auto,
        )
    }

    fn promise_of(&self, mut todo: Vec<(At, Bound)>, auto: Auto) -> Promise {
        let mut seen = HashSet::new();
        let mut answer = Promise::Missing;
        while let Some((at, bound)) = todo.pop() {
            if bound.relaxed {
                continue;
            }
            for meaning in self.meanings(&bound.path, at, Space::Type) {
                match meaning {
                    Meaning::Def(def) if seen.insert(def) => todo.extend(self.supertraits(def)),
                    Meaning::Def(_) => {}
                    Meaning::External(path) => {
                        let path = known::canonical(&path);
                        if known::asks_for(&path, auto) {
                            return Promise::Kept;
                        }
                        if !path.starts_with("std::") {
                            let why = format!("`{path}` may ask for `{}` itself", auto.name());
                            answer = Promise::Unknown(why);
                        }
                    }
                    Meaning::Unknown(why) => answer = Promise::Unknown(why),
                    _ => {}
                }
            }
        }
        answer
    }

    fn supertraits(&self, def: DefId) -> Vec<(At, Bound)> {
        let item = self.program.item(def);
        let at = At {
            module: def.module,
            scope: item.scope,
        };
        let ItemKind::Trait { supertraits } = &item.kind else {
            return Vec::new();
        };
        let mut bounds: Vec<_> = supertraits
            .iter()
            .map(|bound| (at, bound.clone()))
            .collect();
        // `trait A where Self: Send`.
        let wheres = bounds_in(&self.program.scope(at).generics, "Self");
        bounds.extend(wheres.map(|bound| (at, bound)));
        bounds
    }
}

/// What a where clause says about the type called `name`.
fn bounds_in<'g>(generics: &'g Generics, name: &'g str) -> impl Iterator<Item = Bound> + 'g {
    let is_it = move |ty: &TypeExpr| match &ty.kind {
        TypeKind::Path(path) => path.names() == [name],
        _ => false,
    };
    let wheres = generics.wheres.iter();
    wheres
        .filter(move |predicate| is_it(&predicate.ty))
        .flat_map(|predicate| predicate.bounds.clone())
}
