//! What a name means in a module: through `use`s, globs and crates, as far as the text goes.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Forest, ModuleId, Taken};

/// Where an item is defined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefId {
    /// The module that it is written in.
    pub module: ModuleId,
    /// Its name there.
    pub name: String,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A module.
    Module(ModuleId),
    /// An item.
    Item(DefId),
    /// Something of a crate that is not of the family, with its path.
    Outside(Vec<String>),
}

/// Answers what names mean, and remembers.
pub struct Resolver<'a> {
    forest: &'a Forest,
    known: RefCell<BTreeMap<(ModuleId, String), Vec<Target>>>,
    asked: RefCell<BTreeSet<(ModuleId, String)>>,
}

impl<'a> Resolver<'a> {
    /// Over the crates of a release.
    pub fn new(forest: &'a Forest) -> Self {
        Self {
            forest,
            known: RefCell::default(),
            asked: RefCell::default(),
        }
    }

    /// What a path means that is written in a module. One name may be a type and a macro at once.
    pub fn resolve(&self, module: &ModuleId, path: &[String]) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else {
            return vec![Target::Module(module.clone())];
        };
        let mut targets = match first.as_str() {
            "crate" | "$crate" => vec![Target::Module(ModuleId::root(&module.package))],
            "self" => vec![Target::Module(module.clone())],
            "super" => module.parent().map(Target::Module).into_iter().collect(),
            name => {
                let here = self.lookup(module, name);
                match here.is_empty() {
                    true => self.named_crate(&module.package, name),
                    false => here,
                }
            }
        };
        for name in rest {
            targets = targets
                .iter()
                .flat_map(|target| self.step(target, name))
                .collect();
        }
        targets
    }

    fn step(&self, target: &Target, name: &str) -> Vec<Target> {
        match target {
            Target::Module(module) if name == "super" => {
                module.parent().map(Target::Module).into_iter().collect()
            }
            Target::Module(module) => self.lookup(module, name),
            Target::Item(_) => Vec::new(),
            Target::Outside(path) => {
                vec![Target::Outside([&path[..], &[name.to_owned()]].concat())]
            }
        }
    }

    fn named_crate(&self, package: &str, name: &str) -> Vec<Target> {
        let named = self.forest.names.get(package).and_then(|all| all.get(name));
        match named {
            Some(package) if self.forest.names.contains_key(package) => {
                vec![Target::Module(ModuleId::root(package))]
            }
            Some(package) => vec![Target::Outside(vec![package.replace('-', "_")])],
            None if ["std", "core", "alloc"].contains(&name) => {
                vec![Target::Outside(vec![name.to_owned()])]
            }
            None => Vec::new(),
        }
    }

    /// What a name means as a member of a module.
    pub fn lookup(&self, module: &ModuleId, name: &str) -> Vec<Target> {
        let key = (module.clone(), name.to_owned());
        if let Some(found) = self.known.borrow().get(&key) {
            return found.clone();
        }
        // A `use` that leads to itself ends here.
        if !self.asked.borrow_mut().insert(key.clone()) {
            return Vec::new();
        }
        let found = self.search(module, name);
        self.asked.borrow_mut().remove(&key);
        // While a circle is being walked, an answer may lack what lies behind it.
        if self.asked.borrow().is_empty() || !found.is_empty() {
            self.known.borrow_mut().insert(key, found.clone());
        }
        found
    }

    fn search(&self, id: &ModuleId, name: &str) -> Vec<Target> {
        let Some(module) = self.forest.modules.get(id) else {
            return Vec::new();
        };
        let mut found = BTreeSet::new();
        if module.items.iter().any(|held| held.name == name) {
            found.insert(Target::Item(DefId {
                module: id.clone(),
                name: name.to_owned(),
            }));
        }
        if module.modules.iter().any(|(child, ..)| child == name) {
            found.insert(Target::Module(id.child(name)));
        }
        let named = |taken: &&Taken| taken.name.as_deref() == Some(name);
        for taken in module.uses.iter().filter(named) {
            // `use wasmtime;` names a crate, not itself.
            let itself = taken.path.len() == 1 && taken.path[0] == name;
            found.extend(match itself {
                true => self.named_crate(&id.package, name),
                false => self.resolve(id, &taken.path),
            });
        }
        if found.is_empty() {
            for taken in module.uses.iter().filter(|taken| taken.name.is_none()) {
                for target in self.resolve(id, &taken.path) {
                    if let Target::Module(module) = target {
                        found.extend(self.lookup(&module, name));
                    }
                }
            }
        }
        found.into_iter().collect()
    }
}
