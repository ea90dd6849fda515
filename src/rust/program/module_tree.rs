//! Which file holds which module.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::both;
use crate::rust::program::{Child, Gap, Module, ModuleId, Program};
use crate::rust::read::facts::{ModuleDecl, ScopeId};
use crate::rust::source::{FileFacts, ParseFailure, Place};
use crate::span::Span;

/// How many modules are followed, so that links and `#[path]` can't build an endless tree.
const MAX_MODULES: usize = 100_000;

impl Program {
    pub(crate) fn add(&mut self, file: Result<FileFacts, ParseFailure>) {
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

    /// Builds the trees of a package.
    pub(crate) fn mount_roots(&mut self, package: usize) {
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
        let home = facts.homes.get(&module.scope);
        let scopes = home.into_iter().flat_map(|home| &home.scopes);
        let decls: Vec<ModuleDecl> = scopes
            .flat_map(|scope| facts.scopes[*scope].modules.iter().cloned())
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
