//! What names mean in one source, as far as its own `use` declarations tell: which paths lead into a
//! crate of the family.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Ground;
use super::impls::ImplBlock;
use super::own_names;
use super::segments::WrittenPath;
use super::use_tree::{self, UseItem};
use crate::tokens::{TokenKind, Tokens};

/// A name may lead to another one, and that to the next; longer chains are not followed.
const MAX_STEPS: usize = 8;

/// `use wasmtime::*; use component::*;`: a `*` may be read through another one, and no further. Each more would
/// take the time of all before once for every `*` of the source.
const MAX_GLOBS: usize = 2;

/// How far a path has been followed.
#[derive(Clone, Copy, Default)]
struct Followed {
    /// Declarations, at most [`MAX_STEPS`].
    steps: usize,
    /// Those among them with a `*`, at most [`MAX_GLOBS`].
    globs: usize,
}

/// A path that leads into a crate of the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The name by which the package knows the crate; two where another one hands it on.
    pub extern_name: String,
    /// The path from the crate's own name on, as Rust writes that.
    pub path: Vec<String>,
    /// How its first name is known.
    pub by: By,
}

/// How the first name of a path is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It is the name of the crate.
    Crate,
    /// A declaration brings it in; place in [`Scopes::uses`], and how many names of
    /// [`Resolved::path`] it stands for.
    Use(usize, usize),
    /// A declaration with a `*` does.
    Glob(usize),
}

/// The scopes of a source.
#[derive(Debug)]
pub struct Scopes<'t> {
    /// Every declaration.
    pub uses: Vec<UseItem>,
    scopes: Vec<Scope<'t>>,
    /// Names that the source gives to items of its own.
    defined: BTreeSet<&'t str>,
}

#[derive(Debug)]
struct Scope<'t> {
    range: Range<usize>,
    parent: Option<usize>,
    /// Whether names of the scope around it are known in it.
    sees_parent: bool,
    /// Name, declaration, path.
    bound: BTreeMap<&'t str, (usize, Vec<&'t str>)>,
    /// The modules among them that something in them has the name of: `use anyhow::{self, anyhow};`.
    modules: BTreeMap<&'t str, (usize, Vec<&'t str>)>,
    globs: Vec<(usize, Vec<&'t str>)>,
    /// The declarations that stand in it.
    uses: Vec<usize>,
}

impl Scope<'_> {
    fn new(range: Range<usize>, parent: Option<usize>, is_module: bool) -> Self {
        Self {
            range,
            parent,
            sees_parent: !is_module,
            bound: BTreeMap::new(),
            modules: BTreeMap::new(),
            globs: Vec::new(),
            uses: Vec::new(),
        }
    }
}

impl<'t> Scope<'t> {
    /// Notes that a declaration brings in a path by a name.
    fn bind(&mut self, name: &'t str, item: usize, path: Vec<&'t str>) {
        let is_in = |inner: &[&str], outer: &[&str]| {
            inner
                .split_last()
                .is_some_and(|(_, module)| module == outer)
        };
        match self.bound.get(name) {
            Some((_, known)) if is_in(known, &path) => {
                self.modules.insert(name, (item, path));
                return;
            }
            Some((place, known)) if is_in(&path, known) => {
                self.modules.insert(name, (*place, known.clone()));
            }
            _ => {}
        }
        self.bound.insert(name, (item, path));
    }

    /// What a name stands for at the beginning of a path, or alone.
    fn meant(&self, name: &str, goes_on: bool) -> Option<&(usize, Vec<&'t str>)> {
        let module = self.modules.get(name).filter(|_| goes_on);
        module.or_else(|| self.bound.get(name))
    }
}

impl Resolved {
    /// The names of [`Resolved::extern_name`].
    pub fn front(&self) -> impl Iterator<Item = String> + '_ {
        self.extern_name.split("::").map(str::to_owned)
    }

    /// How many of the names that are written stand for the crate itself beside the first.
    #[must_use]
    pub fn further_front(&self) -> usize {
        match self.by {
            By::Crate => self.front().count() - 1,
            By::Use(..) | By::Glob(_) => 0,
        }
    }

    /// Whether it leads to something of that name in a crate, wherever the crate has it.
    #[must_use]
    pub fn is_in(&self, of_crate: &str, name: &str) -> bool {
        let is = |found: Option<&String>, known: &str| found.is_some_and(|it| it == known);
        is(self.path.first(), of_crate) && is(self.path.last(), name)
    }
}

impl<'t> Scopes<'t> {
    /// Reads them.
    #[must_use]
    pub fn of(tokens: &Tokens<'t>) -> Self {
        let uses = use_tree::find(tokens);
        let mut scopes = Self {
            uses,
            scopes: vec![Scope::new(0..tokens.len(), None, true)],
            defined: BTreeSet::new(),
        };
        scopes.read(tokens);
        scopes
    }

    fn read(&mut self, tokens: &Tokens<'t>) {
        let keywords: BTreeMap<usize, usize> = self
            .uses
            .iter()
            .enumerate()
            .map(|(place, item)| (item.keyword, place))
            .collect();
        // Opening braces around the token, each with the scope that it is, once it is one.
        let mut around: Vec<(usize, Option<usize>)> = vec![(0, Some(0))];
        for index in 0..tokens.len() {
            match tokens.kind(index) {
                Some(TokenKind::Open) if tokens.text(index) == "{" => {
                    around.push((index, None));
                    if index >= 2 && tokens.is_ident(index - 2, "mod") {
                        self.open(tokens, &mut around, true);
                    }
                }
                Some(TokenKind::Close) if tokens.text(index) == "}" && around.len() > 1 => {
                    around.pop();
                }
                Some(TokenKind::Ident) => {
                    if let Some(item) = keywords.get(&index) {
                        let scope = self.open(tokens, &mut around, false);
                        self.declare(tokens, scope, *item);
                    } else if defines(tokens, index) {
                        self.defined.insert(tokens.text(index + 1));
                    }
                }
                _ => {}
            }
        }
    }

    /// The scope of the innermost brace, made when there is none.
    fn open(
        &mut self,
        tokens: &Tokens<'t>,
        around: &mut [(usize, Option<usize>)],
        is_module: bool,
    ) -> usize {
        let parent = around.iter().rev().skip(1).find_map(|(_, scope)| *scope);
        let Some((open, scope)) = around.last_mut() else {
            return 0;
        };
        *scope.get_or_insert_with(|| {
            let close = tokens.get(*open).map_or(*open, |token| token.partner);
            self.scopes
                .push(Scope::new(*open..close, parent, is_module));
            self.scopes.len() - 1
        })
    }

    fn declare(&mut self, tokens: &Tokens<'t>, scope: usize, item: usize) {
        let leaves = self.uses[item].tree.leaves(tokens, &[]);
        let scope = &mut self.scopes[scope];
        scope.uses.push(item);
        for leaf in leaves {
            match leaf.name {
                Some(name) => scope.bind(name, item, leaf.path),
                None if leaf.path == ["super"] => scope.sees_parent = true,
                None => scope.globs.push((item, leaf.path)),
            }
        }
    }

    /// The innermost scope around a token.
    fn at(&self, index: usize) -> usize {
        let holds = |scope: &Scope<'_>| scope.range.contains(&index);
        let inner = self
            .scopes
            .iter()
            .enumerate()
            .filter(|(_, scope)| holds(scope));
        inner
            .min_by_key(|(_, scope)| scope.range.len())
            .map_or(0, |(place, _)| place)
    }

    /// The scope that a declaration stands in, and those around it that it can see.
    fn visible_from(&self, scope: usize) -> impl Iterator<Item = &Scope<'t>> {
        std::iter::successors(self.scopes.get(scope), |scope| {
            let parent = scope.parent.filter(|_| scope.sees_parent)?;
            self.scopes.get(parent)
        })
    }

    /// Whether an item of the source has the name.
    #[must_use]
    pub fn is_defined(&self, name: &str) -> bool {
        self.defined.contains(name)
    }

    /// The path by which a name is brought in where a token stands.
    #[must_use]
    pub fn bound(&self, name: &str, index: usize) -> Option<&[&'t str]> {
        let mut visible = self.visible_from(self.at(index));
        visible
            .find_map(|scope| scope.bound.get(name))
            .map(|(_, path)| path.as_slice())
    }

    /// What a path means where the token `index` stands.
    #[must_use]
    pub fn resolve(&self, path: &[&str], index: usize, ground: &Ground<'_>) -> Option<Resolved> {
        self.follow(path, self.at(index), ground, Followed::default())
    }

    /// What a path means that is written somewhere.
    #[must_use]
    pub fn meaning(
        &self,
        tokens: &Tokens<'_>,
        path: &WrittenPath,
        ground: &Ground<'_>,
    ) -> Option<Resolved> {
        let names: Vec<&str> = path.places.iter().map(|it| tokens.text(*it)).collect();
        match path.is_global {
            true => self.resolve_global(&names, ground),
            false => self.resolve(&names, *path.places.first()?, ground),
        }
    }

    /// What a path that begins with `::` means.
    #[must_use]
    pub fn resolve_global(&self, path: &[&str], ground: &Ground<'_>) -> Option<Resolved> {
        if let Some(handed_on) = through_another(path, ground) {
            return Some(handed_on);
        }
        let (first, rest) = path.split_first()?;
        let package = ground.crates.package(first)?.replace('-', "_");
        let rest = rest.iter().map(|name| (*name).to_owned());
        Some(Resolved {
            extern_name: (*first).to_owned(),
            path: std::iter::once(package).chain(rest).collect(),
            by: By::Crate,
        })
    }

    /// Which trait a block implements.
    #[must_use]
    pub fn trait_of(
        &self,
        tokens: &Tokens<'_>,
        block: &ImplBlock,
        ground: &Ground<'_>,
    ) -> Option<Resolved> {
        let names = block.trait_path.iter().map(|place| tokens.text(*place));
        let names = Vec::from_iter(names);
        match tokens.is_path_separator(block.of_trait.start) {
            true => self.resolve_global(&names, ground),
            false => self
                .resolve(&names, block.keyword, ground)
                .or_else(|| self.handed_on(&names, block.keyword, ground)),
        }
    }

    /// A trait of the family that comes through another module of the package: `use crate::wasi::WasiView;`. It is
    /// theirs where the project declares none of that name.
    #[must_use]
    pub fn handed_on(&self, path: &[&str], index: usize, ground: &Ground<'_>) -> Option<Resolved> {
        let (first, name) = (path.first()?, path.last()?);
        let is_own = |first: &&str| matches!(*first, "crate" | "super" | "self");
        let bound = self.bound(first, index).and_then(|path| path.first());
        if !is_own(first) && !bound.is_some_and(is_own) || ground.own_names.contains(name) {
            return None;
        }
        let of_crate = own_names::crate_of_trait(name)?;
        let extern_name = ground.crates.name_of(&of_crate.replace('_', "-"))?;
        Some(Resolved {
            extern_name: extern_name.to_owned(),
            path: vec![of_crate.to_owned(), (*name).to_owned()],
            by: By::Crate,
        })
    }

    /// What a path in a declaration means.
    #[must_use]
    pub fn resolve_in(
        &self,
        item: &UseItem,
        path: &[&str],
        ground: &Ground<'_>,
    ) -> Option<Resolved> {
        match item.is_global {
            true => self.resolve_global(path, ground),
            false => self.resolve(path, item.keyword, ground),
        }
    }

    /// Whether a declaration brings all of a module in where a token stands.
    #[must_use]
    pub fn has_star(&self, module: &[String], index: usize, ground: &Ground<'_>) -> bool {
        let visible = self.visible_from(self.at(index));
        let mut stars = visible.flat_map(|scope| &scope.globs);
        stars.any(|(item, path)| {
            let resolved = self.resolve_in(&self.uses[*item], path, ground);
            resolved.is_some_and(|resolved| resolved.path == module)
        })
    }

    fn follow(
        &self,
        path: &[&str],
        scope: usize,
        ground: &Ground<'_>,
        so_far: Followed,
    ) -> Option<Resolved> {
        let (first, rest) = path.split_first()?;
        if *first == "crate" {
            return through_another(path, ground);
        }
        if so_far.steps > MAX_STEPS || matches!(*first, "crate" | "self" | "super" | "Self") {
            return None;
        }
        for visible in self.visible_from(scope) {
            if let Some((item, bound)) = visible.meant(first, !rest.is_empty()) {
                if bound.as_slice() == [*first] {
                    break; // `use wasmtime_wasi;`
                }
                // `use anyhow::anyhow;` brings in a macro: paths go on beginning with the crate.
                if bound.first() == Some(first) && ground.crates.package(first).is_some() {
                    match rest.is_empty() {
                        true => return self.resolve_global(bound, ground),
                        false => break,
                    }
                }
                return self.through(*item, bound, rest, visible, ground, so_far);
            }
        }
        if !self.defined.contains(first) {
            let globs = self.visible_from(scope).flat_map(|visible| {
                visible
                    .globs
                    .iter()
                    .map(move |(item, path)| (*item, path, visible))
            });
            let further = Followed {
                globs: so_far.globs + 1,
                ..so_far
            };
            for (item, glob, visible) in globs.take_while(|_| so_far.globs < MAX_GLOBS) {
                let found = self.through(item, glob, path, visible, ground, further);
                let Some(found) = found.filter(|found| {
                    let head = found.path.len() - rest.len();
                    ground.paths.knows(&found.path[..head])
                }) else {
                    continue;
                };
                return Some(Resolved {
                    by: By::Glob(item),
                    ..found
                });
            }
            return self.resolve_global(path, ground);
        }
        None
    }

    /// What `rest` means below the path `bound` of a declaration.
    fn through(
        &self,
        item: usize,
        bound: &[&str],
        rest: &[&str],
        scope: &Scope<'t>,
        ground: &Ground<'_>,
        so_far: Followed,
    ) -> Option<Resolved> {
        let base = match self.uses[item].is_global {
            true => self.resolve_global(bound, ground)?,
            false => {
                let place = self.at(scope.range.start.max(self.uses[item].keyword));
                let further = Followed {
                    steps: so_far.steps + 1,
                    ..so_far
                };
                self.follow(bound, place, ground, further)?
            }
        };
        let covers = base.path.len();
        let rest = rest.iter().map(|name| (*name).to_owned());
        Some(Resolved {
            path: base.path.into_iter().chain(rest).collect(),
            by: By::Use(item, covers),
            ..base
        })
    }
}

/// A path into a crate that another one hands on: `core::wasmtime::Engine`.
fn through_another(path: &[&str], ground: &Ground<'_>) -> Option<Resolved> {
    let [by, name, rest @ ..] = path else {
        return None;
    };
    let package = ground.crates.handed_on(by, name)?.replace('-', "_");
    let rest = rest.iter().map(|name| (*name).to_owned());
    Some(Resolved {
        extern_name: format!("{by}::{name}"),
        path: std::iter::once(package).chain(rest).collect(),
        by: By::Crate,
    })
}

/// Whether the name behind the word at `index` is that of an item.
fn defines(tokens: &Tokens<'_>, index: usize) -> bool {
    const WORDS: [&str; 8] = [
        "struct", "enum", "union", "trait", "type", "mod", "fn", "static",
    ];
    WORDS.contains(&tokens.text(index)) && tokens.kind(index + 1) == Some(TokenKind::Ident)
}
