//! What a path means where it is written: through scopes, modules, imports and crates.

use super::known;
use crate::rust::program::{At, Child, DefId, Dependency, ModuleId, Program};
use crate::rust::read::facts::{Binding, Import, ItemKind, ScopeId, ScopeKind};

/// One meaning of a path. There may be several, under different `cfg`s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Def(DefId),
    Module(ModuleId),
    /// A path in a crate whose source is not here, crate first.
    External(Vec<String>),
    Primitive,
    /// A type parameter of the scope.
    Param(At, String),
    /// `Self` of the impl, trait or item whose scope it is.
    SelfType(At),
    /// A variant of the enum.
    Variant(DefId),
    /// Why the meaning is not known.
    Unknown(String),
    /// The imports lead back to where they started. Another way may lead somewhere.
    Round,
}

/// Types and values have names of their own: `fn state` and `mod state` get along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Type,
    Value,
}

/// How many imports are followed one through another.
const MAX_IMPORTS: usize = 64;

/// How many scopes one look-up goes through. Modules that all import one another with `*` would
/// take time without end.
const MAX_SCOPES: usize = 4096;

/// Looks one path up. Remembers which imports it is in the middle of, because imports may go round.
pub(crate) struct Resolver<'p> {
    program: &'p Program,
    trail: Vec<(ModuleId, ScopeId, String)>,
    visited: usize,
}

impl<'p> Resolver<'p> {
    pub(crate) fn new(program: &'p Program) -> Self {
        Self {
            program,
            trail: Vec::new(),
            visited: 0,
        }
    }

    /// Every meaning of `path` where `at` is. Never empty.
    pub(crate) fn resolve(
        &mut self,
        at: At,
        path: &[&str],
        global: bool,
        space: Space,
    ) -> Vec<Meaning> {
        let Some((first, rest)) = path.split_first() else {
            return vec![Meaning::Unknown("the path is empty".to_owned())];
        };
        let last = path.len() - 1;
        let space_of = |index| if index == last { space } else { Space::Type };
        let mut meanings = self.first(at, first, global, space_of(0));
        if meanings.is_empty() && !rest.is_empty() {
            // A crate, most likely.
            meanings.push(Meaning::External(vec![(*first).to_owned()]));
        }
        for (index, name) in rest.iter().enumerate() {
            let step = |meaning| self.member(meaning, name, space_of(index + 1));
            meanings = distinct(meanings.into_iter().flat_map(step).collect());
        }
        let goes_round = meanings.contains(&Meaning::Round);
        meanings.retain(|meaning| *meaning != Meaning::Round);
        if meanings.is_empty() {
            meanings.push(if goes_round && !self.trail.is_empty() {
                Meaning::Round
            } else {
                let path = path.join("::");
                Meaning::Unknown(format!("`{path}` is not defined in the files at hand"))
            });
        }
        meanings
    }

    fn first(&mut self, at: At, name: &str, global: bool, space: Space) -> Vec<Meaning> {
        if global {
            let found = self.extern_crate(at.module, name);
            return found.map_or_else(|| self.root_member(at, name, space), |found| vec![found]);
        }
        let module = self.program.module(at.module);
        match name {
            "crate" | "$crate" => vec![Meaning::Module(module.root)],
            "self" => vec![Meaning::Module(at.module)],
            "super" => module.parent.map(Meaning::Module).into_iter().collect(),
            "Self" => self.self_type(at).into_iter().collect(),
            _ => self.lexical(at, name, space),
        }
    }

    fn self_type(&self, at: At) -> Option<Meaning> {
        let facts = self.program.facts(at.module);
        let mut current = Some(at.scope);
        while let Some(scope) = current {
            let inner = facts.scopes.get(scope.0)?;
            match inner.kind {
                ScopeKind::Impl(_) | ScopeKind::Item(_) | ScopeKind::Trait(_) => {
                    return Some(Meaning::SelfType(At { scope, ..at }));
                }
                ScopeKind::Module => return None,
                _ => current = inner.parent,
            }
        }
        None
    }

    /// From the innermost scope outwards, then crates, then what every module knows.
    fn lexical(&mut self, at: At, name: &str, space: Space) -> Vec<Meaning> {
        let facts = self.program.facts(at.module);
        let mut current = Some(at.scope);
        let mut goes_round = false;
        while let Some(scope) = current {
            let inner = &facts.scopes[scope.0];
            let here = At { scope, ..at };
            if inner.generics.params.iter().any(|param| param.name == name) {
                return vec![Meaning::Param(here, name.to_owned())];
            }
            let has_names = matches!(
                inner.kind,
                ScopeKind::Module | ScopeKind::Function | ScopeKind::Block
            );
            if has_names {
                let mut found = self.named_in(here, name, space);
                goes_round |= found.contains(&Meaning::Round);
                found.retain(|meaning| *meaning != Meaning::Round);
                if !found.is_empty() {
                    return found;
                }
            }
            if inner.kind == ScopeKind::Module {
                break;
            }
            current = inner.parent;
        }
        let found = self.everywhere(at, name, space);
        if found.is_empty() && goes_round {
            return vec![Meaning::Round];
        }
        found
    }

    /// Crates, primitive types and the prelude; and the crate's root, as in the 2015 edition.
    fn everywhere(&mut self, at: At, name: &str, space: Space) -> Vec<Meaning> {
        if let Some(found) = self.extern_crate(at.module, name) {
            return vec![found];
        }
        if known::is_primitive(name) {
            return vec![Meaning::Primitive];
        }
        if let Some(path) = known::prelude(name) {
            return vec![Meaning::External(split(path))];
        }
        self.root_member(at, name, space)
    }

    fn root_member(&mut self, at: At, name: &str, space: Space) -> Vec<Meaning> {
        let root = self.program.module(at.module).root;
        self.in_module(root, name, space)
    }

    /// The crate that `name` stands for in the package of `module`.
    fn extern_crate(&self, module: ModuleId, name: &str) -> Option<Meaning> {
        let package = self.program.package(self.program.module(module).package);
        let external = |name: &str| Meaning::External(vec![name.to_owned()]);
        match package.dependencies.get(name) {
            Some(Dependency::External(crate_name)) => return Some(external(crate_name)),
            Some(Dependency::Package(key)) => {
                let library = self.program.library(*key).map(Meaning::Module);
                let missing = || Meaning::Unknown(format!("the library `{name}` is not at hand"));
                return Some(library.unwrap_or_else(missing));
            }
            None => {}
        }
        if matches!(name, "std" | "core" | "alloc") {
            return Some(external("std"));
        }
        let own = self.program.library(package.key)?;
        (package.crate_name == name).then_some(Meaning::Module(own))
    }

    /// What `name` means behind `meaning::`.
    fn member(&mut self, meaning: Meaning, name: &str, space: Space) -> Vec<Meaning> {
        match meaning {
            Meaning::Module(module) => match name {
                "super" => {
                    let parent = self.program.module(module).parent;
                    parent.map(Meaning::Module).into_iter().collect()
                }
                "self" => vec![Meaning::Module(module)],
                _ => self.in_module(module, name, space),
            },
            Meaning::External(mut path) => {
                path.push(name.to_owned());
                vec![Meaning::External(path)]
            }
            Meaning::Def(def) if self.has_variant(def, name) => vec![Meaning::Variant(def)],
            Meaning::Unknown(_) | Meaning::Round => vec![meaning],
            _ => {
                let why = format!("`{name}` belongs to a type, and is looked up by the compiler");
                vec![Meaning::Unknown(why)]
            }
        }
    }

    fn has_variant(&self, def: DefId, name: &str) -> bool {
        match &self.program.item(def).kind {
            ItemKind::Data { variants, .. } => variants.iter().any(|variant| variant == name),
            _ => false,
        }
    }

    fn in_module(&mut self, module: ModuleId, name: &str, space: Space) -> Vec<Meaning> {
        let scope = self.program.module(module).scope;
        self.named_in(At { module, scope }, name, space)
    }

    /// What `name` means among the items and imports of one scope. Visibility is not looked at:
    /// code that compiles keeps to it.
    fn named_in(&mut self, at: At, name: &str, space: Space) -> Vec<Meaning> {
        let entry = (at.module, at.scope, name.to_owned());
        self.visited += 1;
        if self.trail.len() >= MAX_IMPORTS || self.visited >= MAX_SCOPES {
            return Vec::new();
        }
        let goes_round = self.trail.contains(&entry);
        self.trail.push(entry);
        let mut found = self.defined_in(at, name, space);
        if !goes_round {
            found.extend(self.imported_in(at, name, space));
            if found.is_empty() {
                found = self.globbed_in(at, name, space);
            }
        } else if found.is_empty() {
            found.push(Meaning::Round);
        }
        self.trail.pop();
        distinct(found)
    }

    fn defined_in(&self, at: At, name: &str, space: Space) -> Vec<Meaning> {
        let facts = self.program.facts(at.module);
        let namesakes = facts.by_name.get(name).into_iter().flatten();
        let items = namesakes
            .filter(|(owner, item)| *owner == at.scope && fits(&facts.items[item.0].kind, space));
        let mut found: Vec<_> = items
            .map(|(_, item)| {
                let module = at.module;
                Meaning::Def(DefId {
                    module,
                    item: *item,
                })
            })
            .collect();
        let modules = facts.scopes[at.scope.0].modules.iter();
        for decl in modules.filter(|decl| decl.name == name && space == Space::Type) {
            found.extend(
                self.program
                    .child(at.module, decl)
                    .map(|child| match child {
                        Child::Module(id) => Meaning::Module(*id),
                        Child::Unknown(why) => Meaning::Unknown(why.clone()),
                    }),
            );
        }
        found
    }

    fn imported_in(&mut self, at: At, name: &str, space: Space) -> Vec<Meaning> {
        let program = self.program;
        let imports = program.scope(at).imports.iter();
        let mut found = Vec::new();
        for import in imports.filter(|import| is_called(import, name)) {
            found.extend(self.target(at, import, space));
        }
        found
    }

    /// What an import brings in, without what is only known not to be known in this space.
    fn target(&mut self, at: At, import: &Import, space: Space) -> Vec<Meaning> {
        let path: Vec<&str> = import.path.iter().map(String::as_str).collect();
        let found = self.resolve(at, &path, import.global, space);
        if space == Space::Type || !found.iter().all(|m| matches!(m, Meaning::Unknown(_))) {
            return found;
        }
        // Nothing of that name is a value; the import is of a type.
        Vec::new()
    }

    fn globbed_in(&mut self, at: At, name: &str, space: Space) -> Vec<Meaning> {
        let program = self.program;
        let imports = program.scope(at).imports.iter();
        let mut found = Vec::new();
        for import in imports.filter(|import| import.binding == Binding::Glob) {
            for source in self.target(at, import, Space::Type) {
                found.extend(self.through_glob(source, name, space));
            }
        }
        found
    }

    fn through_glob(&mut self, source: Meaning, name: &str, space: Space) -> Vec<Meaning> {
        match source {
            Meaning::Module(module) => self.in_module(module, name, space),
            Meaning::External(mut path) => {
                path.push(name.to_owned());
                let exists = known::exists(&known::canonical(&path));
                exists
                    .then_some(Meaning::External(path))
                    .into_iter()
                    .collect()
            }
            Meaning::Def(def) if self.has_variant(def, name) => vec![Meaning::Variant(def)],
            _ => Vec::new(),
        }
    }
}

fn is_called(import: &Import, name: &str) -> bool {
    matches!(&import.binding, Binding::Name(binding) if binding == name)
}

/// Whether a definition has a name in the space. A struct may be called like a function.
fn fits(kind: &ItemKind, space: Space) -> bool {
    match space {
        Space::Type => kind.is_type(),
        Space::Value => !matches!(kind, ItemKind::Alias(_) | ItemKind::Trait { .. }),
    }
}

fn distinct(meanings: Vec<Meaning>) -> Vec<Meaning> {
    let mut distinct = Vec::with_capacity(meanings.len());
    for meaning in meanings {
        if !distinct.contains(&meaning) {
            distinct.push(meaning);
        }
    }
    distinct
}

fn split(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}
