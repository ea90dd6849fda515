//! The files of a workspace put together: crates, and the tree of modules of each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::facts::{Facts, Impl, Item, ItemId, ItemKind, ModuleDecl, Scope, ScopeId, ScopeKind};
use super::source::{FileFacts, ParseFailure, Place};
use crate::span::Span;

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

/// How many modules are followed, so that links and `#[path]` can't build an endless tree.
const MAX_MODULES: usize = 100_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ModuleId(pub(super) usize);

/// A definition: an item of the file that the module is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct DefId {
    pub(super) module: ModuleId,
    pub(super) item: ItemId,
}

/// A place that names are looked up from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct At {
    pub(super) module: ModuleId,
    pub(super) scope: ScopeId,
}

#[derive(Debug)]
pub(super) struct Module {
    pub(super) package: usize,
    pub(super) root: ModuleId,
    pub(super) parent: Option<ModuleId>,
    pub(super) file: usize,
    pub(super) scope: ScopeId,
    /// Counts how often files were put into trees. One file may be in several.
    mount: usize,
    pub(super) cfg: Option<String>,
    /// The folder that files of its modules are in.
    folder: Utf8PathBuf,
}

/// What `mod x` leads to.
#[derive(Clone, Debug)]
pub(super) enum Child {
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
        };
        for file in files {
            program.add(file);
        }
        for package in 0..program.packages.len() {
            program.mount_roots(package);
        }
        program
    }

    fn add(&mut self, file: Result<FileFacts, ParseFailure>) {
        match file {
            Ok(facts) => {
                self.by_path.insert(normal(facts.path()), self.files.len());
                self.files.push(facts);
            }
            Err(failure) => {
                self.failures.insert(normal(&failure.path), failure);
            }
        }
    }

    fn mount_roots(&mut self, package: usize) {
        let key = self.packages[package].key;
        if let Some(path) = self.packages[package].library.clone() {
            if let Some(root) = self.mount_root(package, &path) {
                self.libraries.insert(key, root);
            }
        }
        for path in self.packages[package].others.clone() {
            self.mount_root(package, &path);
        }
    }

    fn mount_root(&mut self, package: usize, path: &Utf8Path) -> Option<ModuleId> {
        let Some(file) = self.by_path.get(&normal(path)).copied() else {
            let because = match self.failures.get(&normal(path)) {
                Some(failure) => failure.to_string(),
                None => "the file is not at hand".to_owned(),
            };
            let place = Place {
                path: path.to_owned(),
                span: Span::default(),
            };
            self.gaps.push((package, Gap { because, place }));
            return None;
        };
        let first = self.modules.len();
        let folder = parent_of(path);
        self.add_file(package, None, file, folder, None);
        // The list grows while it is gone through: modules stand in it before their children.
        let mut next = first;
        while next < self.modules.len() {
            self.add_children(ModuleId(next));
            next += 1;
        }
        Some(ModuleId(first))
    }

    /// Adds the module that is a whole file.
    fn add_file(
        &mut self,
        package: usize,
        parent: Option<ModuleId>,
        file: usize,
        folder: Utf8PathBuf,
        cfg: Option<String>,
    ) -> ModuleId {
        let id = ModuleId(self.modules.len());
        self.modules.push(Module {
            package,
            root: parent.map_or(id, |parent| self.modules[parent.0].root),
            parent,
            file,
            scope: ScopeId(0),
            mount: id.0,
            cfg,
            folder,
        });
        id
    }

    /// Adds the modules that are declared in `id`, in its blocks too.
    fn add_children(&mut self, id: ModuleId) {
        let module = &self.modules[id.0];
        let (mount, file) = (module.mount, module.file);
        let facts = self.files[file].facts();
        let scopes = facts.scopes.iter().enumerate();
        let decls: Vec<ModuleDecl> = scopes
            .filter(|(index, _)| facts.module_scope(ScopeId(*index)) == module.scope)
            .flat_map(|(_, scope)| scope.modules.iter().cloned())
            .collect();
        for decl in decls {
            let child = match decl.inline {
                Some(scope) => Child::Module(self.add_inline(id, scope, &decl)),
                None => self.add_outline(id, &decl),
            };
            if let Child::Unknown(because) = &child {
                let place = self.place(id, decl.span);
                let because = because.clone();
                let package = self.modules[id.0].package;
                self.gaps.push((package, Gap { because, place }));
            }
            self.children.insert((mount, decl.span.start.0), child);
        }
    }

    fn add_inline(&mut self, parent: ModuleId, scope: ScopeId, decl: &ModuleDecl) -> ModuleId {
        let id = ModuleId(self.modules.len());
        let outer = &self.modules[parent.0];
        let folder = outer.folder.join(decl.path.as_ref().unwrap_or(&decl.name));
        self.modules.push(Module {
            package: outer.package,
            root: outer.root,
            parent: Some(parent),
            file: outer.file,
            scope,
            mount: outer.mount,
            cfg: both(outer.cfg.as_deref(), decl.cfg.as_deref()),
            folder,
        });
        id
    }

    fn add_outline(&mut self, parent: ModuleId, decl: &ModuleDecl) -> Child {
        let outer = &self.modules[parent.0];
        let mut missing = format!("the file of module `{}` is not at hand", decl.name);
        for (path, folder) in self.candidates(outer, decl) {
            if let Some(failure) = self.failures.get(&path) {
                missing = failure.to_string();
            }
            let Some(file) = self.by_path.get(&path).copied() else {
                continue;
            };
            if self.is_inside(parent, file) {
                return Child::Unknown(format!("module `{}` includes itself", decl.name));
            }
            if self.modules.len() >= MAX_MODULES {
                return Child::Unknown(format!("there are more than {MAX_MODULES} modules"));
            }
            let cfg = both(outer.cfg.as_deref(), decl.cfg.as_deref());
            let package = outer.package;
            return Child::Module(self.add_file(package, Some(parent), file, folder, cfg));
        }
        Child::Unknown(missing)
    }

    /// Where the file of `mod x;` may be, each with the folder of the files of its own modules.
    fn candidates(&self, outer: &Module, decl: &ModuleDecl) -> Vec<(Utf8PathBuf, Utf8PathBuf)> {
        if let Some(path) = &decl.path {
            // Next to the file itself, unless braces of a module are around.
            let base = match outer.scope {
                ScopeId(0) => parent_of(self.files[outer.file].path()),
                _ => outer.folder.clone(),
            };
            let path = normal(&base.join(path));
            let folder = parent_of(&path);
            return vec![(path, folder)];
        }
        let folder = outer.folder.join(&decl.name);
        let flat = outer.folder.join(format!("{}.rs", decl.name));
        let nested = folder.join("mod.rs");
        vec![(normal(&flat), folder.clone()), (normal(&nested), folder)]
    }

    fn is_inside(&self, module: ModuleId, file: usize) -> bool {
        let mut current = Some(module);
        while let Some(id) = current {
            if self.modules[id.0].file == file {
                return true;
            }
            current = self.modules[id.0].parent;
        }
        false
    }

    pub(super) fn package_index(&self, key: PackageKey) -> Option<usize> {
        self.packages.iter().position(|package| package.key == key)
    }

    pub(super) fn package(&self, index: usize) -> &Package {
        &self.packages[index]
    }

    /// The root module of a package's library.
    pub(super) fn library(&self, key: PackageKey) -> Option<ModuleId> {
        self.libraries.get(&key).copied()
    }

    /// What could not be read of a package.
    pub(super) fn gaps_of(&self, package: usize) -> impl Iterator<Item = &Gap> {
        let gaps = self.gaps.iter();
        gaps.filter(move |(of, _)| *of == package)
            .map(|(_, gap)| gap)
    }

    pub(super) fn all_modules(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.modules.len()).map(ModuleId)
    }

    /// Every function of this name that is in an impl or a trait.
    pub(super) fn methods_called(&self, name: &str) -> impl Iterator<Item = DefId> {
        let modules = self.all_modules();
        modules.flat_map(move |module| {
            let facts = self.facts(module);
            let home = self.modules[module.0].scope;
            let namesakes = facts.by_name.get(name).into_iter().flatten();
            let here = namesakes.filter(move |(owner, item)| {
                let is_function = matches!(facts.items[item.0].kind, ItemKind::Function { .. });
                is_function && facts.module_scope(*owner) == home
            });
            here.map(move |(_, item)| {
                let item = *item;
                DefId { module, item }
            })
        })
    }

    /// The impl that a function is in.
    pub(super) fn impl_around(&self, function: DefId) -> Option<(At, &Impl)> {
        let facts = self.facts(function.module);
        let scope = facts.scopes[self.item(function).scope.0].parent?;
        let ScopeKind::Impl(index) = facts.scopes[scope.0].kind else {
            return None;
        };
        let module = function.module;
        Some((At { module, scope }, facts.impls.get(index)?))
    }

    /// The modules of a package, in the order of their trees.
    pub(super) fn modules_of(&self, package: usize) -> impl Iterator<Item = ModuleId> {
        self.all_modules()
            .filter(move |id| self.modules[id.0].package == package)
    }

    /// All files that could be read.
    pub(super) fn files(&self) -> &[FileFacts] {
        &self.files
    }

    /// The files that a package's modules are in, each once.
    pub(super) fn files_of(&self, package: usize) -> Vec<&FileFacts> {
        let indices = self.modules_of(package).map(|id| self.modules[id.0].file);
        let indices: BTreeSet<usize> = indices.collect();
        indices
            .into_iter()
            .map(|index| &self.files[index])
            .collect()
    }

    pub(super) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0]
    }

    pub(super) fn facts(&self, module: ModuleId) -> &Facts {
        self.files[self.modules[module.0].file].facts()
    }

    pub(super) fn scope(&self, at: At) -> &Scope {
        &self.facts(at.module).scopes[at.scope.0]
    }

    pub(super) fn item(&self, def: DefId) -> &Item {
        &self.facts(def.module).items[def.item.0]
    }

    /// What the module declaration in `module`'s file leads to.
    pub(super) fn child(&self, module: ModuleId, decl: &ModuleDecl) -> Option<&Child> {
        let mount = self.modules[module.0].mount;
        self.children.get(&(mount, decl.span.start.0))
    }

    pub(super) fn place(&self, module: ModuleId, span: Span) -> Place {
        Place {
            path: self.files[self.modules[module.0].file].path().to_owned(),
            span,
        }
    }

    /// Everything that must hold for the code in `at` to be compiled, as it is written.
    pub(super) fn cfg(&self, at: At) -> Option<String> {
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

impl Facts {
    /// The innermost module around a scope.
    pub(super) fn module_scope(&self, scope: ScopeId) -> ScopeId {
        let mut current = scope;
        loop {
            let inner = &self.scopes[current.0];
            match inner.parent {
                Some(parent) if inner.kind != ScopeKind::Module => current = parent,
                _ => return current,
            }
        }
    }
}

fn both(first: Option<&str>, second: Option<&str>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}, {second}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

fn parent_of(path: &Utf8Path) -> Utf8PathBuf {
    path.parent().unwrap_or(Utf8Path::new("")).to_owned()
}

/// The path without `.` and `..`, as far as that can be said without looking at links.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir
                if matches!(
                    normal.components().next_back(),
                    Some(Utf8Component::Normal(_))
                ) =>
            {
                normal.pop();
            }
            other => normal.push(other.as_str()),
        }
    }
    normal
}
