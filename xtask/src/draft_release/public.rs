//! The public paths of a crate: a walk over what is `pub`, through re-exports and globs.

use std::collections::{BTreeMap, BTreeSet};

use super::cfg::Gate;
use super::resolve::{DefId, Resolver, Target};
use super::tree::{Forest, ModuleId};

/// How deep modules are followed; a re-export of a parent would otherwise have no end.
const DEEPEST: usize = 8;

/// Where the outside sees an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Every public path, with what it takes.
    pub paths: BTreeMap<String, Gate>,
}

impl Seen {
    /// The shortest path: the one that a person would write.
    pub fn shortest(&self) -> &str {
        let steps = |path: &&String| (path.matches("::").count(), path.len());
        self.paths.keys().min_by_key(steps).map_or("", |path| path)
    }
}

/// What the crates of a release show.
#[derive(Debug, Default)]
pub struct Public {
    /// Items of the family.
    pub items: BTreeMap<DefId, Seen>,
    /// Public modules.
    pub modules: BTreeSet<String>,
    /// Re-exports of other crates: the public path, what it leads to.
    pub outside: BTreeMap<String, String>,
    /// Macro calls in public modules that were not looked into: `module: macro`.
    pub unread: BTreeSet<String>,
}

/// Walks crates from their roots.
pub fn walk(forest: &Forest, resolver: &Resolver<'_>, crates: &[String]) -> Public {
    let mut walk = Walk {
        forest,
        resolver,
        public: Public::default(),
        visited: BTreeSet::new(),
    };
    for package in crates {
        let prefix = package.replace('-', "_");
        walk.module(&ModuleId::root(package), &prefix, &Gate::default());
    }
    walk.public
}

struct Walk<'a> {
    forest: &'a Forest,
    resolver: &'a Resolver<'a>,
    public: Public,
    visited: BTreeSet<(ModuleId, String)>,
}

impl Walk<'_> {
    fn module(&mut self, id: &ModuleId, prefix: &str, gate: &Gate) {
        let fresh = self.visited.insert((id.clone(), prefix.to_owned()));
        if !fresh || prefix.matches("::").count() > DEEPEST {
            return;
        }
        let Some(module) = self.forest.modules.get(id) else {
            return;
        };
        self.public.modules.insert(prefix.to_owned());
        let unread = module.unread.iter();
        self.public
            .unread
            .extend(unread.map(|name| format!("{prefix}: {name}!")));
        for held in &module.items {
            if held.public && !held.hidden {
                let id = DefId {
                    module: id.clone(),
                    name: held.name.clone(),
                };
                self.item(
                    id,
                    format!("{prefix}::{}", held.name),
                    &gate.and(&held.gate),
                );
            }
        }
        for (name, public, hidden, own) in &module.modules {
            if *public && !*hidden {
                self.module(
                    &id.child(name),
                    &format!("{prefix}::{name}"),
                    &gate.and(own),
                );
            }
        }
        for taken in &module.uses {
            if !taken.public || taken.hidden {
                continue;
            }
            let gate = gate.and(&taken.gate);
            let targets = match (&taken.path[..], &taken.name) {
                // `pub use wasm_wave;`
                ([only], Some(name)) if only == name => self.resolver.resolve(
                    &ModuleId::root(&id.package).child("<none>"),
                    std::slice::from_ref(only),
                ),
                _ => self.resolver.resolve(id, &taken.path),
            };
            for target in targets {
                self.target(target, prefix, taken.name.as_deref(), &gate);
            }
        }
    }

    fn target(&mut self, target: Target, prefix: &str, name: Option<&str>, gate: &Gate) {
        match (target, name) {
            (Target::Module(module), None) => self.module(&module, prefix, gate),
            (Target::Module(module), Some(name)) => {
                self.module(&module, &format!("{prefix}::{name}"), gate);
            }
            (Target::Item(id), Some(name)) => {
                if self.is_public(&id) {
                    self.item(id, format!("{prefix}::{name}"), gate);
                }
            }
            (Target::Outside(path), Some(name)) => {
                let shown = format!("{prefix}::{name}");
                self.public.outside.insert(shown, path.join("::"));
            }
            (Target::Item(_) | Target::Outside(_), None) => {}
        }
    }

    fn is_public(&self, id: &DefId) -> bool {
        let module = self.forest.modules.get(&id.module);
        let mut items = module.iter().flat_map(|module| &module.items);
        items.any(|held| held.name == id.name && held.public)
    }

    fn item(&mut self, id: DefId, path: String, gate: &Gate) {
        let seen = self.public.items.entry(id).or_default();
        seen.paths.entry(path).or_insert_with(|| gate.clone());
    }
}
