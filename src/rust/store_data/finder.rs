//! Finding the types that stores hold: named behind `Store<`, or made for `Store::new`.

use std::collections::{BTreeSet, HashSet};

use super::generic_calls::{GenericTypes, enclosing};
use crate::rust::judge::known::{self, DataPosition};
use crate::rust::judge::lower::{Env, Lowering};
use crate::rust::judge::resolve::{Meaning, Space};
use crate::rust::judge::send::Judge;
use crate::rust::judge::ty::{Kind, Site, Ty};
use crate::rust::program::{At, DefId, ModuleId, Program};
use crate::rust::read::facts::{Binding, Construction, Facts, ItemKind, Mention, ScopeKind};
use crate::rust::read::types::{GenericArgument, PathExpr, TypeExpr, TypeKind};

/// How many wrappers such as `type Host<T> = Store<T>` are looked through.
const MAX_WRAPPERS: usize = 64;

/// A type that a store holds.
pub(super) struct Found {
    pub(super) ty: Ty,
    pub(super) written: String,
    pub(super) at: At,
    pub(super) called: Called,
}

/// Whether an export is called in code that is generic over a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Called {
    No,
    /// Something is called that a function of the program's own is called like as well.
    Maybe,
    Yes,
}

/// Everything in a package that is a store's data.
pub(super) fn find(judge: &Judge<'_>, package: usize) -> Vec<Found> {
    let program = judge.lowering.program;
    let finder = Finder {
        lowering: judge.lowering,
        names: program
            .cache()
            .store_names
            .get_or_init(|| interesting_names(program)),
    };
    let mut found = Vec::new();
    for module in program.modules_of(package) {
        finder.in_module(module, &mut found);
    }
    found
}

pub(super) struct Finder<'p> {
    pub(super) lowering: Lowering<'p>,
    names: &'p BTreeSet<String>,
}

/// Where something was found, and under which names.
pub(super) struct Context<'f> {
    pub(super) at: At,
    pub(super) found: &'f mut Vec<Found>,
    /// Wrappers that were looked into. One that holds itself is looked into once.
    pub(super) wrappers: HashSet<Ty>,
    /// Where the type stands, when it was found through a wrapper.
    pub(super) site: Option<Site>,
}

impl Finder<'_> {
    fn in_module(&self, module: ModuleId, found: &mut Vec<Found>) {
        let program = self.lowering.program;
        let facts = program.facts(module);
        let Some(home) = program.home(module) else {
            return;
        };
        let first = found.len();
        for index in &home.mentions {
            self.in_mention(&facts.mentions[*index], module, found);
        }
        for index in &home.constructions {
            self.in_construction(&facts.constructions[*index], module, found);
        }
        let mut more = Vec::new();
        let generic = GenericTypes::new(&found[first..], first);
        for index in &home.calls {
            let scope = facts.call_scopes[*index];
            let called = match program.has_method(&facts.calls[*index].name) {
                true => Called::Maybe,
                false => Called::Yes,
            };
            generic.mark(&enclosing(facts, scope), called, found);
            more.extend(self.around_call(At { module, scope }, called));
        }
        found.extend(more);
    }

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

    pub(super) fn is_store(&self, path: &PathExpr, at: At) -> bool {
        if !self.names.contains(path.last_name()) {
            return false;
        }
        let meanings = self.lowering.meanings(path, at, Space::Type);
        meanings.iter().any(|meaning| position(meaning).is_some())
    }

    pub(super) fn in_type(&self, ty: &TypeExpr, env: &Env, context: &mut Context<'_>) {
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
        let written = made.data.written();
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
            called: Called::No,
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
    let has_arguments =
        |segment: &crate::rust::read::types::PathSegment| !segment.arguments.is_empty();
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
pub(super) fn data_argument(path: &PathExpr, position: DataPosition) -> Option<&TypeExpr> {
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
