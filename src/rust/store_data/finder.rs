//! Finding the types that stores hold: named behind `Store<`, or made for `Store::new`.

use std::collections::{BTreeSet, HashSet};

use super::is_unbounded_param;
use crate::rust::data_expr::DataExpr;
use crate::rust::facts::{
    Binding, Construction, Facts, ItemKind, Mention, Param, ScopeId, ScopeKind,
};
use crate::rust::known::{self, DataPosition};
use crate::rust::lower::{Env, Lowering};
use crate::rust::program::{At, DefId, ModuleId, Program};
use crate::rust::resolve::{Meaning, Space};
use crate::rust::send::Judge;
use crate::rust::ty::{Kind, Promise, Site, Ty};
use crate::rust::types::{GenericArgument, PathExpr, TypeExpr, TypeKind};

/// How many wrappers such as `type Host<T> = Store<T>` are looked through.
const MAX_WRAPPERS: usize = 64;

/// A type that a store holds.
pub(super) struct Found {
    pub(super) ty: Ty,
    pub(super) written: String,
    pub(super) at: At,
    /// An export is called in code that is generic over this type.
    pub(super) is_called_with: bool,
}

/// Everything in a package that is a store's data.
pub(super) fn find(judge: &Judge<'_>, package: usize) -> Vec<Found> {
    let program = judge.lowering.program;
    let finder = Finder {
        lowering: judge.lowering,
        names: interesting_names(program),
    };
    let mut found = Vec::new();
    for module in program.modules_of(package) {
        let facts = program.facts(module);
        let home = program.module(module).scope;
        let is_here = |scope: ScopeId| facts.module_scope(scope) == home;
        for mention in facts
            .mentions
            .iter()
            .filter(|mention| is_here(mention.scope))
        {
            finder.in_mention(mention, module, &mut found);
        }
        for made in facts
            .constructions
            .iter()
            .filter(|made| is_here(made.scope))
        {
            finder.in_construction(made, module, &mut found);
        }
        for scope in facts.call_scopes.iter().filter(|scope| is_here(**scope)) {
            let scope = *scope;
            finder.around_call(At { module, scope }, &mut found);
        }
    }
    found
}

struct Finder<'p> {
    lowering: Lowering<'p>,
    names: BTreeSet<String>,
}

/// Where something was found, and under which names.
struct Context<'f> {
    at: At,
    found: &'f mut Vec<Found>,
    /// Wrappers that were looked into. One that holds itself is looked into once.
    wrappers: HashSet<Ty>,
    /// Where the type stands, when it was found through a wrapper.
    site: Option<Site>,
}

impl Finder<'_> {
    fn in_mention(&self, mention: &Mention, module: ModuleId, found: &mut Vec<Found>) {
        let scope = mention.scope;
        let at = At { module, scope };
        if self.is_generic_alias(at) {
            // What it stands for is known where it is used.
            return;
        }
        let mut context = Context {
            at,
            found,
            wrappers: HashSet::new(),
            site: None,
        };
        if mention.readable {
            self.in_path(&mention.path, &Env::open(at), &mut context);
        } else if self.is_store(&mention.path, at) {
            let site = Site {
                module,
                span: mention.path.span,
            };
            let why = "what the store holds is written in a macro";
            context.push(Ty::unknown(why, site), "?".to_owned());
        }
    }

    fn is_generic_alias(&self, at: At) -> bool {
        let scope = self.lowering.program.scope(at);
        let ScopeKind::Item(item) = scope.kind else {
            return false;
        };
        let module = at.module;
        let item = self.lowering.program.item(DefId { module, item });
        matches!(item.kind, ItemKind::Alias(_)) && !scope.generics.params.is_empty()
    }

    fn is_store(&self, path: &PathExpr, at: At) -> bool {
        if !self.names.contains(path.last_name()) {
            return false;
        }
        let meanings = self.lowering.meanings(path, at, Space::Type);
        meanings.iter().any(|meaning| position(meaning).is_some())
    }

    fn in_type(&self, ty: &TypeExpr, env: &Env, context: &mut Context<'_>) {
        match &ty.kind {
            TypeKind::Path(path) => self.in_path(path, env, context),
            TypeKind::Reference { inner, .. } | TypeKind::Sequence(inner) => {
                self.in_type(inner, env, context);
            }
            TypeKind::Tuple(parts) | TypeKind::Function(parts) => {
                for part in parts {
                    self.in_type(part, env, context);
                }
            }
            TypeKind::Object(bounds) | TypeKind::Opaque(bounds) => {
                for bound in bounds {
                    self.in_path(&bound.path, env, context);
                }
            }
            _ => {}
        }
    }

    fn in_path(&self, path: &PathExpr, env: &Env, context: &mut Context<'_>) {
        let path = without_function(path);
        if self.names.contains(path.last_name()) {
            for meaning in self.lowering.meanings(&path, env.at, Space::Type) {
                self.in_meaning(meaning, &path, env, context);
            }
        }
        for argument in path.arguments() {
            if let GenericArgument::Type(ty) | GenericArgument::Associated(_, ty) = argument {
                self.in_type(ty, env, context);
            }
        }
    }

    fn in_meaning(&self, meaning: Meaning, path: &PathExpr, env: &Env, context: &mut Context<'_>) {
        if let Some(position) = position(&meaning) {
            if let Some(ty) = data_argument(path, position) {
                context.push(self.lowering.lower(ty, env), ty.written());
            }
            return;
        }
        match meaning {
            Meaning::Def(def) => self.in_wrapper(def, path, env, context),
            Meaning::Unknown(why) if path.last_name() == "Store" => {
                if let Some(ty) = data_argument(path, DataPosition::First) {
                    let site = Site {
                        module: env.at.module,
                        span: path.span,
                    };
                    let because = format!("this may be Wasmtime's `Store`: {why}");
                    context.push(Ty::unknown(because, site), ty.written());
                }
            }
            _ => {}
        }
    }

    /// `type Host<T> = Store<T>` and `struct Host<T> { store: Store<T> }`, used as `Host<State>`.
    fn in_wrapper(&self, def: DefId, path: &PathExpr, env: &Env, context: &mut Context<'_>) {
        let program = self.lowering.program;
        let item = program.item(def);
        let at = At {
            module: def.module,
            scope: item.scope,
        };
        let generics = &program.scope(at).generics;
        if generics.params.is_empty() || context.wrappers.len() >= MAX_WRAPPERS {
            return;
        }
        let site = Site {
            module: env.at.module,
            span: path.span,
        };
        let ty = self.lowering.lower_def(def, path, env, site);
        let Kind::Local { args, .. } = &*ty.kind else {
            return;
        };
        if !context.wrappers.insert(ty.clone()) {
            return;
        }
        let inner = Env::with(at, generics, args);
        let outer = context.site;
        context.site = outer.or(Some(site));
        match &item.kind {
            ItemKind::Alias(target) => self.in_type(target, &inner, context),
            ItemKind::Data { fields, .. } => {
                for field in fields {
                    self.in_type(&field.ty, &inner, context);
                }
            }
            _ => {}
        }
        context.site = outer;
    }

    fn in_construction(&self, made: &Construction, module: ModuleId, found: &mut Vec<Found>) {
        let scope = made.scope;
        let at = At { module, scope };
        let is_given = data_argument(&made.path, DataPosition::First)
            .is_some_and(|ty| !matches!(ty.kind, TypeKind::Inferred));
        if is_given || !self.is_store_itself(&made.path, at) {
            return;
        }
        let mut ty = self.lowering.infer(&made.data, at);
        ty.site = Site {
            module,
            span: made.data.span,
        };
        let written = self.written(&ty, &made.data);
        let mut context = Context {
            at,
            found,
            wrappers: HashSet::new(),
            site: None,
        };
        context.push(ty, written);
    }

    /// Whether the path is `Store` or an alias that leaves open what the store holds.
    fn is_store_itself(&self, path: &PathExpr, at: At) -> bool {
        if !self.names.contains(path.last_name()) {
            return false;
        }
        let program = self.lowering.program;
        let meanings = self.lowering.meanings(path, at, Space::Type);
        meanings.into_iter().any(|meaning| match meaning {
            Meaning::External(path) => known::canonical(&path) == "wasmtime::Store",
            Meaning::Def(def) => {
                let item = program.item(def);
                let scope = At {
                    module: def.module,
                    scope: item.scope,
                };
                let is_open = !program.scope(scope).generics.params.is_empty();
                match &item.kind {
                    ItemKind::Alias(TypeExpr {
                        kind: TypeKind::Path(target),
                        ..
                    }) if is_open => self.is_store(target, scope),
                    _ => false,
                }
            }
            _ => false,
        })
    }

    fn written(&self, ty: &Ty, data: &DataExpr) -> String {
        match &*ty.kind {
            Kind::Local { def, .. } => self.lowering.program.item(*def).name.clone(),
            Kind::External { path, .. } => path.rsplit("::").next().unwrap_or(path).to_owned(),
            Kind::Param { name, .. } => name.clone(),
            Kind::Tuple(parts) if parts.is_empty() => "()".to_owned(),
            _ => data.written(),
        }
    }

    /// Type parameters of the code around a call, when a store holds them there and they have no
    /// `Send` bound: the call does not compile, whatever they stand for.
    fn around_call(&self, at: At, found: &mut Vec<Found>) {
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
            found.is_called_with |= held.contains(&found.ty) && scopes.contains(&found.at.scope);
        }
        for scope in scopes {
            let here = At { scope, ..at };
            self.in_self_type(here, at, found);
            for param in &facts.scopes[scope.0].generics.params {
                self.generic_context(param, here, at, found);
            }
        }
    }

    /// `impl<T> Host<T>`, where `Host<T>` has a field of type `Store<T>`.
    fn in_self_type(&self, scope: At, call: At, found: &mut Vec<Found>) {
        let program = self.lowering.program;
        let ScopeKind::Impl(index) = program.scope(scope).kind else {
            return;
        };
        let self_ty = &program.facts(scope.module).impls[index].self_ty;
        let mut inner = Vec::new();
        let mut context = Context {
            at: scope,
            found: &mut inner,
            wrappers: HashSet::new(),
            site: None,
        };
        let env = Env::open(At {
            scope: call.scope,
            ..scope
        });
        self.in_type(self_ty, &env, &mut context);
        found.extend(
            inner
                .into_iter()
                .filter(|f| is_unbounded_param(&f.ty))
                .map(|f| Found {
                    is_called_with: true,
                    ..f
                }),
        );
    }

    /// `S: AsContextMut` without a word about `S::Data`.
    fn generic_context(&self, param: &Param, scope: At, call: At, found: &mut Vec<Found>) {
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
        let Some(bound) = bounds.find(|bound| is_open(&bound.path)) else {
            return;
        };
        let is_send = |bounds| self.lowering.promise(bounds, scope, known::Auto::Send);
        let speaks_of_data = others.iter().any(|predicate| {
            let is_data = match &predicate.ty.kind {
                TypeKind::Projection => true,
                TypeKind::Path(path) => path.names() == [param.name.as_str(), "Data"],
                _ => false,
            };
            is_data && is_send(&predicate.bounds) == Promise::Kept
        });
        if speaks_of_data {
            return;
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
        found.push(Found {
            ty: Ty::new(kind, site),
            written: name,
            at: scope,
            is_called_with: true,
        });
    }
}

impl Context<'_> {
    fn push(&mut self, mut ty: Ty, written: String) {
        if let Some(site) = self.site {
            ty.site = site;
        }
        self.found.push(Found {
            ty,
            written,
            at: self.at,
            is_called_with: false,
        });
    }
}

/// Every name that may lead to a store: Wasmtime's own, what imports call them, and the types
/// that wrap them.
fn interesting_names(program: &Program) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = known::store_names().map(str::to_owned).collect();
    loop {
        let mut more = Vec::new();
        for file in program.files() {
            more.extend(names_in(file.facts(), &names));
        }
        let before = names.len();
        names.extend(more);
        if names.len() == before {
            return names;
        }
    }
}

fn names_in(facts: &Facts, names: &BTreeSet<String>) -> Vec<String> {
    let imports = facts.scopes.iter().flat_map(|scope| &scope.imports);
    let renamed = imports.filter_map(|import| match &import.binding {
        Binding::Name(name) if names.contains(import.path.last()?) => Some(name.clone()),
        _ => None,
    });
    let items = facts.items.iter().filter(|item| {
        let is_generic = !facts.scopes[item.scope.0].generics.params.is_empty();
        is_generic && item.kind.types().any(|ty| ty.speaks_of(names))
    });
    renamed.chain(items.map(|item| item.name.clone())).collect()
}

/// The path up to its last type arguments: `Store<u8>` of `Store::<u8>::new`.
fn without_function(path: &PathExpr) -> PathExpr {
    let mut path = path.clone();
    let has_arguments = |segment: &crate::rust::types::PathSegment| !segment.arguments.is_empty();
    if let Some(last) = path.segments.iter().rposition(has_arguments) {
        path.segments.truncate(last + 1);
    }
    path
}

fn position(meaning: &Meaning) -> Option<DataPosition> {
    match meaning {
        Meaning::External(path) => known::data_position(&known::canonical(path)),
        _ => None,
    }
}

/// The argument that names the data, unless it is left out or `_`.
fn data_argument(path: &PathExpr, position: DataPosition) -> Option<&TypeExpr> {
    let mut arguments = path.arguments().iter();
    let found = arguments.find_map(|argument| match (argument, position) {
        (GenericArgument::Type(ty), DataPosition::First) => Some(ty),
        (GenericArgument::Associated(name, ty), DataPosition::Associated) if name == "Data" => {
            Some(ty)
        }
        _ => None,
    });
    found.filter(|ty| !matches!(ty.kind, TypeKind::Inferred))
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
