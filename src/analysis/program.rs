//! From a workspace to the program that types are followed in.

use std::collections::{BTreeMap, HashMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::mentions::TokenCache;
use crate::rust::program::{Dependency as Named, Package, PackageKey, Program};
use crate::rust::source::{FileFacts, ParseFailure};
use crate::workspace::{Dependency, DependencySource, Manifest, Workspace, lexical};

/// Puts the packages of a workspace together. A package's key is the place of its manifest.
pub(super) fn program(
    workspace: &Workspace,
    files: Vec<Result<FileFacts, ParseFailure>>,
) -> Program {
    let index = Index::of(workspace);
    let packages = workspace.manifests.iter().enumerate();
    let packages = packages
        .filter(|(_, manifest)| manifest.package.is_some())
        .map(|(place, manifest)| package(&index, place, manifest));
    Program::new(packages.collect(), files)
}

/// The modules of one package alone.
pub(super) struct Modules {
    /// Which file holds what, and for which builds.
    pub(super) program: Program,
    /// The files that were not read, because they declare no module that is a file of its own. They
    /// count as Rust.
    pub(super) unread: HashSet<Utf8PathBuf>,
}

/// The modules of one package alone. Nearly all files are leaves of the tree, and what is in them is no
/// matter for it.
pub(super) fn modules_of(workspace: &Workspace, manifest: usize, tokens: &TokenCache) -> Modules {
    let own = workspace.sources.iter().enumerate();
    let own: Vec<_> = own
        .filter(|(_, source)| source.manifest == manifest)
        .collect();
    let paths: Vec<&Utf8PathBuf> = own.iter().map(|(_, source)| &source.path).collect();
    let mut unread = HashSet::new();
    let files = own.iter().map(|(place, source)| {
        if may_declare_modules(&source.text) {
            let tokens = tokens.known(workspace, *place);
            return FileFacts::read_modules(source.path.clone(), &source.text, tokens);
        }
        unread.insert(source.path.clone());
        Ok(FileFacts::unread(source.path.clone()))
    });
    let package = Package {
        key: PackageKey(manifest),
        crate_name: String::new(),
        library: Some(library_of(&workspace.manifests[manifest])),
        others: roots_of_other_targets(&paths, &workspace.manifests[manifest]),
        dependencies: BTreeMap::new(),
    };
    let program = Program::new(vec![package], files);
    Modules { program, unread }
}

/// Whether `mod name;` may stand in a text, told from its words alone: a no is certain.
fn may_declare_modules(text: &str) -> bool {
    // White space that is not ASCII counts as a part of a name, so that it hides nothing.
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'\x0b';
    let text = text.as_bytes();
    memchr::memmem::find_iter(text, "mod").any(|start| {
        let before = start.checked_sub(1).and_then(|before| text.get(before));
        let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii() && is_part(byte));
        if goes_on(before) || goes_on(text.get(start + 3)) {
            return false;
        }
        let mut rest = text[start + 3..].iter().copied().peekable();
        while rest.next_if(is_blank).is_some() {}
        let name = std::iter::from_fn(|| rest.next_if(is_part)).count();
        while rest.next_if(is_blank).is_some() {}
        // A comment may stand anywhere, and `r#` in front of the name.
        match rest.next() {
            Some(b';') => name > 0,
            Some(b'/' | b'#') => true,
            _ => false,
        }
    })
}

/// Where the library is, if there is one.
fn library_of(manifest: &Manifest) -> Utf8PathBuf {
    let named = manifest.targets.library_path.as_deref();
    lexical(&manifest.folder().join(named.unwrap_or("src/lib.rs")))
}

/// Where things are in a workspace. It may have thousands of packages, and a list would be gone
/// through for each.
struct Index<'w> {
    workspace: &'w Workspace,
    /// Manifests by folder.
    folders: HashMap<&'w Utf8Path, usize>,
    /// Sources by manifest.
    sources: HashMap<usize, Vec<&'w Utf8PathBuf>>,
    /// Sources of all packages: a package's library may lie in the folder of another one.
    paths: HashSet<&'w Utf8Path>,
}

impl<'w> Index<'w> {
    fn of(workspace: &'w Workspace) -> Self {
        let manifests = workspace.manifests.iter().enumerate();
        let mut sources = HashMap::<usize, Vec<&Utf8PathBuf>>::new();
        for source in &workspace.sources {
            sources
                .entry(source.manifest)
                .or_default()
                .push(&source.path);
        }
        Self {
            workspace,
            folders: manifests
                .map(|(place, manifest)| (manifest.folder(), place))
                .collect(),
            sources,
            paths: workspace
                .sources
                .iter()
                .map(|source| &*source.path)
                .collect(),
        }
    }

    /// The sources of one package.
    fn sources_of(&self, manifest: usize) -> &[&'w Utf8PathBuf] {
        self.sources.get(&manifest).map_or(&[], Vec::as_slice)
    }

    /// Whether a source is at this path, be it that it can't be read.
    fn has_source(&self, path: &Utf8Path) -> bool {
        let mut unread = self.workspace.unread.iter();
        self.paths.contains(path) || unread.any(|(_, unread)| path.ends_with(&unread.path))
    }
}

fn package(index: &Index<'_>, place: usize, manifest: &Manifest) -> Package {
    let name = manifest.package.clone().unwrap_or_default();
    let library = library_of(manifest);
    let others = roots_of_other_targets(index.sources_of(place), manifest);
    let dependencies = manifest
        .dependencies
        .iter()
        .map(|dependency| (dependency.extern_name(), named(index, manifest, dependency)))
        .collect::<BTreeMap<_, _>>();
    Package {
        key: PackageKey(place),
        crate_name: manifest
            .targets
            .library_name
            .clone()
            .unwrap_or(name)
            .replace('-', "_"),
        library: Some(library).filter(|path| index.has_source(path)),
        others,
        dependencies,
    }
}

/// What a dependency's name stands for: a package of the workspace, or a crate from elsewhere.
fn named(index: &Index<'_>, manifest: &Manifest, dependency: &Dependency) -> Named {
    let workspace = index.workspace;
    let inherited = workspace.inherited(dependency);
    let (entry, base) = match inherited {
        Some(entry) => (entry, workspace.root()),
        None => (dependency, manifest),
    };
    if let DependencySource::Path(path) = &entry.source {
        let folder = lexical(&base.folder().join(path));
        if let Some(place) = index.folders.get(&*folder) {
            return Named::Package(PackageKey(*place));
        }
    }
    Named::External(entry.package.replace('-', "_"))
}

/// Root files of programs, examples, tests and benches: those that the manifest names, and those
/// that cargo finds by itself.
fn roots_of_other_targets(sources: &[&Utf8PathBuf], manifest: &Manifest) -> Vec<Utf8PathBuf> {
    let folder = manifest.folder();
    let mut roots: Vec<Utf8PathBuf> = manifest
        .targets
        .other_paths
        .iter()
        .map(|path| lexical(&folder.join(path)))
        .collect();
    for path in sources {
        let Ok(relative) = path.strip_prefix(folder) else {
            continue;
        };
        let parts: Vec<&str> = relative.iter().collect();
        let found_by_cargo = matches!(
            parts.as_slice(),
            ["src", "main.rs"]
                | ["build.rs"]
                | ["src", "bin", _]
                | ["src", "bin", _, "main.rs"]
                | ["examples" | "tests" | "benches", _]
                | ["examples" | "tests" | "benches", _, "main.rs"]
        );
        if found_by_cargo && !roots.contains(path) {
            roots.push((*path).clone());
        }
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::may_declare_modules;

    #[test]
    fn a_file_that_declares_no_module_is_known_by_its_words() {
        for (text, may) in [
            ("mod a;", true),
            ("pub mod a ;", true),
            ("#[cfg(test)]\nmod\n a\n;", true),
            ("mod r#try;", true),
            ("mod /* here */ a;", true),
            ("mod a // here\n;", true),
            ("mod é;", true),
            ("\u{2028}mod\u{2028}a\u{2028};", true),
            ("mod\u{b}a\u{b};", true),
            ("mod a { mod b; }", true),
            ("mod tests { fn f() {} }", false),
            ("// the mod of it; and more", false),
            ("let module = modulo;", false),
            ("a.mod_b;", false),
            ("", false),
        ] {
            assert_eq!(may_declare_modules(text), may, "{text}");
        }
    }
}
