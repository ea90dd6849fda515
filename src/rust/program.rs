//! The files of a workspace put together: crates, and the tree of modules of each.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use std::sync::OnceLock;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::source::{FileFacts, ParseFailure, Place};
use crate::rust::judge::explicit::Impls;
use crate::rust::read::facts::{
    Facts, Home, Impl, Item, ItemId, ModuleDecl, Scope, ScopeId, ScopeKind,
};
use crate::span::Span;

mod module_tree;
mod purpose;

/// Names a package in one [`Program`]; the caller numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageKey(pub usize);

/// What a name in front of `::` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// A package whose sources are in the same [`Program`].
    Package(PackageKey),
    /// Any other crate, by its own name with `_` for `-`, however the package calls it.
    External(String),
}

/// A package whose sources are to be judged.
#[derive(Clone, Debug)]
pub struct Package {
    /// How this package is asked for.
    pub key: PackageKey,
    /// The name of its library as Rust writes it, with `_` for `-`.
    pub crate_name: String,
    /// The root file of its library.
    pub library: Option<Utf8PathBuf>,
    /// The root files of its other targets: programs, examples, tests, benches.
    pub others: Vec<Utf8PathBuf>,
    /// The crates that it can name, by the name that it gives them.
    pub dependencies: BTreeMap<String, Dependency>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ModuleId(pub(crate) usize);

/// A definition: an item of the file that the module is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DefId {
    pub(crate) module: ModuleId,
    pub(crate) item: ItemId,
}

/// A place that names are looked up from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct At {
    pub(crate) module: ModuleId,
    pub(crate) scope: ScopeId,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) package: usize,
    pub(crate) root: ModuleId,
    pub(crate) parent: Option<ModuleId>,
    pub(crate) file: usize,
    pub(crate) scope: ScopeId,
    /// Counts how often files were put into trees. One file may be in several.
    mount: usize,
    pub(crate) cfg: Option<String>,
    /// The folder that files of its modules are in.
    folder: Utf8PathBuf,
}

/// What `mod x` leads to.
#[derive(Clone, Debug)]
pub(crate) enum Child {
    Module(ModuleId),
    /// Why its items are not known.
    Unknown(String),
}

/// All packages and files that answers are drawn from.
#[derive(Debug)]
pub struct Program {
    packages: Vec<Package>,
    files: Vec<FileFacts>,
    failures: HashMap<Utf8PathBuf, ParseFailure>,
    by_path: HashMap<Utf8PathBuf, usize>,
    modules: Vec<Module>,
    children: HashMap<(usize, usize), Child>,
    libraries: HashMap<PackageKey, ModuleId>,
    gaps: Vec<(usize, Gap)>,
    cache: Cache,
}

/// What is worked out once for all packages, when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub(crate) impls: OnceLock<Impls>,
    methods: OnceLock<HashSet<String>>,
    pub(crate) store_names: OnceLock<BTreeSet<String>>,
}

/// A part of a package that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// What is missing, and why.
    pub because: String,
    /// The `mod` that leads there, or the start of a root file.
    pub place: Place,
}

impl Program {
    /// Puts files together. A file's path must be written the way the roots are; `..` and `.` in
    /// it do no harm.
    #[must_use]
    pub fn new(
        packages: Vec<Package>,
        files: impl IntoIterator<Item = Result<FileFacts, ParseFailure>>,
    ) -> Self {
        let mut program = Self {
            packages,
            files: Vec::new(),
            failures: HashMap::new(),
            by_path: HashMap::new(),
            modules: Vec::new(),
            children: HashMap::new(),
            libraries: HashMap::new(),
            gaps: Vec::new(),
            cache: Cache::default(),
        };
        for file in files {
            program.add(file);
        }
        for package in 0..program.packages.len() {
            program.mount_roots(package);
        }
        program
    }

    pub(crate) fn package_index(&self, key: PackageKey) -> Option<usize> {
        self.packages.iter().position(|package| package.key == key)
    }

    pub(crate) fn package(&self, index: usize) -> &Package {
        &self.packages[index]
    }

    /// The root module of a package's library.
    pub(crate) fn library(&self, key: PackageKey) -> Option<ModuleId> {
        self.libraries.get(&key).copied()
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// What could not be read of a package.
    pub(crate) fn gaps_of(&self, package: usize) -> impl Iterator<Item = &Gap> {
        let gaps = self.gaps.iter();
        gaps.filter(move |(of, _)| *of == package)
            .map(|(_, gap)| gap)
    }

    pub(crate) fn all_modules(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.modules.len()).map(ModuleId)
    }

    /// Whether a function of this name is in an impl or a trait of the program.
    pub(crate) fn has_method(&self, name: &str) -> bool {
        let names = self.cache.methods.get_or_init(|| {
            let facts = self.files.iter().map(FileFacts::facts);
            facts.flat_map(Facts::methods).map(str::to_owned).collect()
        });
        names.contains(name)
    }

    /// The impl that a function is in.
    pub(crate) fn impl_around(&self, function: DefId) -> Option<(At, &Impl)> {
        let facts = self.facts(function.module);
        let scope = facts.scopes[self.item(function).scope.0].parent?;
        let ScopeKind::Impl(index) = facts.scopes[scope.0].kind else {
            return None;
        };
        let module = function.module;
        Some((At { module, scope }, facts.impls.get(index)?))
    }

    /// The modules of a package, in the order of their trees.
    pub(crate) fn modules_of(&self, package: usize) -> impl Iterator<Item = ModuleId> {
        self.all_modules()
            .filter(move |id| self.modules[id.0].package == package)
    }

    /// All files that could be read.
    pub(crate) fn files(&self) -> &[FileFacts] {
        &self.files
    }

    /// The files that a package's modules are in, each once.
    pub(crate) fn files_of(&self, package: usize) -> Vec<&FileFacts> {
        let indices = self.modules_of(package).map(|id| self.modules[id.0].file);
        let indices: BTreeSet<usize> = indices.collect();
        indices
            .into_iter()
            .map(|index| &self.files[index])
            .collect()
    }

    pub(crate) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0]
    }

    /// What stands in a module itself.
    pub(crate) fn home(&self, module: ModuleId) -> Option<&Home> {
        self.facts(module).homes.get(&self.modules[module.0].scope)
    }

    pub(crate) fn facts(&self, module: ModuleId) -> &Facts {
        self.files[self.modules[module.0].file].facts()
    }

    pub(crate) fn scope(&self, at: At) -> &Scope {
        &self.facts(at.module).scopes[at.scope.0]
    }

    pub(crate) fn item(&self, def: DefId) -> &Item {
        &self.facts(def.module).items[def.item.0]
    }

    /// What the module declaration in `module`'s file leads to.
    pub(crate) fn child(&self, module: ModuleId, decl: &ModuleDecl) -> Option<&Child> {
        let mount = self.modules[module.0].mount;
        self.children.get(&(mount, decl.span.start.0))
    }

    pub(crate) fn place(&self, module: ModuleId, span: Span) -> Place {
        Place {
            path: self.files[self.modules[module.0].file].path().to_owned(),
            span,
        }
    }

    /// Everything that must hold for the code in `at` to be compiled, as it is written.
    pub(crate) fn cfg(&self, at: At) -> Option<String> {
        let facts = self.facts(at.module);
        let mut cfg = self.modules[at.module.0].cfg.clone();
        let mut current = Some(at.scope);
        while let Some(id) = current {
            let scope = &facts.scopes[id.0];
            if scope.kind == ScopeKind::Module {
                break;
            }
            cfg = both(cfg.as_deref(), scope.cfg.as_deref());
            current = scope.parent;
        }
        cfg
    }
}

fn both(first: Option<&str>, second: Option<&str>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}, {second}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}
