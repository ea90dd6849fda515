//! The module trees of crates: which items each module holds, and what it takes from elsewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::parse::Parser as _;
use syn::{Item, ItemImpl, UseTree, Visibility};

use super::cfg::{self, Gate};
use super::source::{CrateSource, Sources};

/// A module, by crate and place in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId {
    /// The package.
    pub package: String,
    /// The modules on the way, from the root of the crate.
    pub path: Vec<String>,
}

impl ModuleId {
    /// The root of a crate.
    pub fn root(package: &str) -> Self {
        Self {
            package: package.to_owned(),
            path: Vec::new(),
        }
    }

    /// A module in this one.
    pub fn child(&self, name: &str) -> Self {
        let mut child = self.clone();
        child.path.push(name.to_owned());
        child
    }

    /// The module around this one.
    pub fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.path.pop().map(|_| parent)
    }
}

/// An item where it is written.
#[derive(Clone)]
pub struct Held {
    /// Its name.
    pub name: String,
    /// Whether it is `pub` without a restriction.
    pub public: bool,
    /// `#[doc(hidden)]`.
    pub hidden: bool,
    /// What it takes to be in the build.
    pub gate: Gate,
    /// The item itself.
    pub item: Item,
}

/// One leaf of a `use`.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The path that it names.
    pub path: Vec<String>,
    /// The name here; none for a glob.
    pub name: Option<String>,
    /// Whether it is `pub` without a restriction.
    pub public: bool,
    /// `#[doc(hidden)]`.
    pub hidden: bool,
    /// What it takes to be in the build.
    pub gate: Gate,
}

/// What a module holds.
#[derive(Clone, Default)]
pub struct Module {
    /// Its items, modules left out.
    pub items: Vec<Held>,
    /// The modules in it: name, `pub`, hidden, gate.
    pub modules: Vec<(String, bool, bool, Gate)>,
    /// Its `use`s.
    pub uses: Vec<Taken>,
    /// Macros at the level of items that were not looked into.
    pub unread: Vec<String>,
}

/// All crates of a release, read.
#[derive(Default)]
pub struct Forest {
    /// Every module.
    pub modules: BTreeMap<ModuleId, Module>,
    /// Every `impl`, with the module that it is written in.
    pub impls: Vec<(ModuleId, ItemImpl)>,
    /// What each crate calls the others.
    pub names: BTreeMap<String, BTreeMap<String, String>>,
    /// Files that could not be read, and why.
    pub failures: Vec<String>,
}

impl Forest {
    /// Reads a crate and the crates of the family that it names, in full.
    pub fn read(sources: &Sources, crates: &[String], is_ours: impl Fn(&str) -> bool) -> Self {
        let mut forest = Self::default();
        let mut waiting: Vec<&CrateSource> = crates
            .iter()
            .filter_map(|package| sources.crates.get(package))
            .collect();
        while let Some(source) = waiting.pop() {
            if forest.names.contains_key(&source.package) {
                continue;
            }
            forest
                .names
                .insert(source.package.clone(), source.dependencies.clone());
            let root = ModuleId::root(&source.package);
            let folder = source.root.parent().unwrap_or(Path::new("."));
            forest.file(&root, &source.root, folder, &Gate::default());
            let named = source.dependencies.values().filter(|name| is_ours(name));
            waiting.extend(named.filter_map(|package| sources.crates.get(package)));
        }
        forest
    }

    /// Reads one file; `folder` is where the modules that it declares lie.
    fn file(&mut self, id: &ModuleId, path: &Path, folder: &Path, gate: &Gate) {
        let parsed = std::fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| syn::parse_file(&text).map_err(|error| error.to_string()));
        match parsed {
            Ok(file) => self.module(id, file.items, folder, gate),
            Err(error) => self.failures.push(format!("{}: {error}", path.display())),
        }
    }

    fn module(&mut self, id: &ModuleId, items: Vec<Item>, folder: &Path, gate: &Gate) {
        self.modules.entry(id.clone()).or_default();
        for item in items {
            self.item(id, item, folder, gate);
        }
    }

    fn item(&mut self, id: &ModuleId, item: Item, folder: &Path, outer: &Gate) {
        let Some(own) = cfg::gate(attributes(&item)) else {
            return;
        };
        let gate = outer.and(&own);
        let hidden = is_hidden(attributes(&item));
        match item {
            Item::Mod(module) => {
                let name = module.ident.to_string();
                let child = id.child(&name);
                let listed = (name.clone(), is_public(&module.vis), hidden, gate.clone());
                self.held(id).modules.push(listed);
                match module.content {
                    Some((_, items)) => self.module(&child, items, &folder.join(&name), &gate),
                    None => match file_of(&module.attrs, folder, &name) {
                        Some((path, inner)) => self.file(&child, &path, &inner, &gate),
                        None => self
                            .failures
                            .push(format!("{}: no file of module `{name}`", folder.display())),
                    },
                }
            }
            Item::Use(item) => {
                let mut path = Vec::new();
                let mut leaves = Vec::new();
                unfold(&item.tree, &mut path, &mut leaves);
                let public = is_public(&item.vis);
                let taken = leaves.into_iter().map(|(path, name)| Taken {
                    path,
                    name,
                    public,
                    hidden,
                    gate: gate.clone(),
                });
                self.held(id).uses.extend(taken);
            }
            Item::Impl(item) => self.impls.push((id.clone(), item)),
            Item::Macro(called) if called.ident.is_none() => {
                self.called(id, &called, folder, outer);
            }
            item => {
                let Some((name, public)) = name_of(&item) else {
                    return;
                };
                // An exported macro is an item of the root, wherever it stands.
                let at = match &item {
                    Item::Macro(_) if public => ModuleId::root(&id.package),
                    _ => id.clone(),
                };
                self.held(&at).items.push(Held {
                    name,
                    public,
                    hidden,
                    gate,
                    item,
                });
            }
        }
    }

    /// A macro that may hold items: two are read, and so is `bitflags!`; others are told of.
    fn called(&mut self, id: &ModuleId, called: &syn::ItemMacro, folder: &Path, gate: &Gate) {
        let tokens = called.mac.tokens.clone();
        let name = called.mac.path.segments.last();
        let name = name.map(|segment| segment.ident.to_string());
        let name = name.unwrap_or_default();
        let items = match name.as_str() {
            "cfg_select" => cfg::selected.parse2(tokens),
            "cfg_if" => cfg::chosen.parse2(tokens),
            "bitflags" => super::macros::flags.parse2(tokens),
            _ => {
                self.held(id).unread.push(name);
                return;
            }
        };
        match items {
            Ok(items) => self.module(id, items, folder, gate),
            Err(_) => self.held(id).unread.push(name),
        }
    }

    fn held(&mut self, id: &ModuleId) -> &mut Module {
        self.modules.entry(id.clone()).or_default()
    }
}

/// Where the file of a module is, and where the modules in it lie.
fn file_of(attributes: &[syn::Attribute], folder: &Path, name: &str) -> Option<(PathBuf, PathBuf)> {
    let given = attributes.iter().find_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            syn::Expr::Lit(literal) if pair.path.is_ident("path") => match &literal.lit {
                syn::Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        }
    });
    if let Some(given) = given {
        // Seen from the file that says it: beside it, and that is around the folder of its modules.
        let beside = folder.parent().unwrap_or(folder);
        let path = [folder, beside]
            .map(|folder| folder.join(&given))
            .into_iter()
            .find(|path| path.is_file())?;
        let inner = path.parent()?.to_owned();
        return Some((path, inner));
    }
    let name = name.trim_start_matches("r#");
    let candidates = [
        folder.join(format!("{name}.rs")),
        folder.join(name).join("mod.rs"),
    ];
    let found = candidates.into_iter().find(|path| path.is_file())?;
    Some((found, folder.join(name)))
}

fn unfold(tree: &UseTree, path: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, Option<String>)>) {
    match tree {
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            unfold(&step.tree, path, leaves);
            path.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                unfold(tree, path, leaves);
            }
        }
        UseTree::Glob(_) => leaves.push((path.clone(), None)),
        UseTree::Name(leaf) if leaf.ident == "self" => {
            leaves.push((path.clone(), path.last().cloned()));
        }
        UseTree::Name(leaf) => {
            let whole = [&path[..], &[leaf.ident.to_string()]].concat();
            leaves.push((whole, Some(leaf.ident.to_string())));
        }
        UseTree::Rename(leaf) => {
            let whole = match leaf.ident == "self" {
                true => path.clone(),
                false => [&path[..], &[leaf.ident.to_string()]].concat(),
            };
            leaves.push((whole, Some(leaf.rename.to_string())));
        }
    }
}

/// `pub`, and not `pub(crate)` or the like.
pub fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// `#[doc(hidden)]`.
pub fn is_hidden(attributes: &[syn::Attribute]) -> bool {
    let hides = |attribute: &&syn::Attribute| {
        attribute.path().is_ident("doc")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|what| what == "hidden")
    };
    attributes.iter().any(|attribute| hides(&attribute))
}

/// The name of an item, and whether it is public.
fn name_of(item: &Item) -> Option<(String, bool)> {
    let (name, visibility) = match item {
        Item::Const(item) => (&item.ident, &item.vis),
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Fn(item) => return Some(function(item)),
        Item::Static(item) => (&item.ident, &item.vis),
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        Item::TraitAlias(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        Item::Union(item) => (&item.ident, &item.vis),
        Item::Macro(item) => {
            let exported = item.attrs.iter().any(|a| a.path().is_ident("macro_export"));
            return Some((item.ident.as_ref()?.to_string(), exported));
        }
        _ => return None,
    };
    Some((name.to_string(), is_public(visibility)))
}

/// A function; a derive macro has the name that its attribute gives it.
fn function(item: &syn::ItemFn) -> (String, bool) {
    let derives = item.attrs.iter().find_map(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return None;
        };
        let named = list.path.is_ident("proc_macro_derive");
        named.then(|| list.tokens.clone().into_iter().next())?
    });
    let name = derives.map_or_else(|| item.sig.ident.to_string(), |name| name.to_string());
    (name, is_public(&item.vis))
}

/// The attributes of an item.
pub fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
