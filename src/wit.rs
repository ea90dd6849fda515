//! What the world of a `bindgen!` invocation imports and exports, read from the project's WIT.
//!
//! The text of an invocation tells half of what the macro generates; the world tells the rest:
//! which functions there are to write rules for, which of them are `async` in WIT itself, whether
//! any interface is imported at all. The files are read through [`World`], as the macro reads them,
//! and `wit-parser`, which the macro uses too, makes sense of them.
//!
//! Releases differ in what they read when `inline` is given and in how they choose among several
//! packages. Where one of them answers, that is the answer here; none of them contradicts another.
//! Items behind `@unstable` count as present, as they do from release 27 on.
//!
//! Nothing in here is an error: what can't be read is [`WitAnswer::Unknown`], with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

use crate::bindgen::Invocation;
use crate::bindgen::invocation::WitOptions;
use crate::workspace::lexical;
use crate::world::World;
use files::{Package, Reader, Text};
use resolve::Loaded;

mod files;
mod resolve;
#[cfg(test)]
mod tests;

/// Where the macro looks when the invocation says nothing.
const DEFAULT_PATH: &str = "wit";

/// Reasons longer than this, in characters, are cut: parsers quote what they were given.
const LONGEST_REASON: usize = 400;

/// What is known about the world of one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitAnswer {
    /// The WIT was found and understood.
    Read(WorldShape),
    /// It was not.
    Unknown {
        /// Why, in one line; with the place when the WIT itself is at fault.
        reason: String,
    },
}

impl WitAnswer {
    /// The world, when it could be read.
    #[must_use]
    pub fn shape(&self) -> Option<&WorldShape> {
        match self {
            Self::Read(shape) => Some(shape),
            Self::Unknown { .. } => None,
        }
    }
}

/// A world with everything that it includes and that its interfaces depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorldShape {
    /// Its full name, `ns:pkg/world` or `ns:pkg/world@1.0.0`.
    pub world: String,
    /// What the host provides.
    pub imports: Vec<WorldItem>,
    /// What the guest provides.
    pub exports: Vec<WorldItem>,
}

impl WorldShape {
    /// Whether any interface is imported, be it one that holds nothing but types.
    #[must_use]
    pub fn imports_interface(&self) -> bool {
        self.imports
            .iter()
            .any(|item| matches!(item, WorldItem::Interface { .. }))
    }
}

impl WorldShape {
    /// The names of all types and resources.
    pub fn type_names(&self) -> impl Iterator<Item = &str> {
        let items = self.imports.iter().chain(&self.exports);
        items.flat_map(|item| -> Vec<&str> {
            match item {
                WorldItem::Interface {
                    resources, types, ..
                } => resources.iter().chain(types).map(String::as_str).collect(),
                WorldItem::Resource(name) | WorldItem::Type(name) => vec![name],
                WorldItem::Function(_) => Vec::new(),
            }
        })
    }
}

/// One thing that a world imports or exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorldItem {
    /// An interface with what it holds.
    Interface {
        /// `ns:pkg/iface`, with `@1.0.0` when the package has a version; for an interface that has
        /// a name of its own in the world just that name.
        name: String,
        /// Its functions, those of its resources included.
        functions: Vec<WitFunction>,
        /// Its resources. Each has a `[drop]` besides its functions.
        resources: Vec<String>,
        /// Its other types.
        types: Vec<String>,
    },
    /// A function of the world itself.
    Function(WitFunction),
    /// A resource of the world itself. Its functions are items of the world.
    Resource(String),
    /// Another type of the world itself.
    Type(String),
}

impl WorldItem {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Interface { name, .. } | Self::Resource(name) | Self::Type(name) => name,
            Self::Function(function) => &function.name,
        }
    }

    /// Whether there is nothing in it that could be called, not even the end of a resource.
    #[must_use]
    pub fn is_only_types(&self) -> bool {
        match self {
            Self::Interface {
                functions,
                resources,
                ..
            } => functions.is_empty() && resources.is_empty(),
            Self::Function(_) | Self::Resource(_) => false,
            Self::Type(_) => true,
        }
    }
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WitFunction {
    /// Its name as the options of `bindgen!` spell it: `f`, `[method]r.f`, `[static]r.f`,
    /// `[constructor]r`. Never with the `[async]` that rules of releases 36 to 39 want in front.
    pub name: String,
    /// Whether it is an `async func` in WIT.
    pub is_async: bool,
}

/// Reads WIT for many invocations. What several of them point to is read once.
pub struct Wits<'w> {
    world: &'w dyn World,
    /// By the paths as they are written, since messages have them, and the places that they lead to.
    read: BTreeMap<Vec<(String, Utf8PathBuf)>, Arc<Files>>,
}

/// What some paths lead to, made sense of when it is first asked for.
#[derive(Debug)]
struct Files {
    packages: Result<Vec<Package>, String>,
    loaded: OnceLock<Result<Loaded, String>>,
    declared: OnceLock<BTreeSet<String>>,
}

/// The WIT of one invocation: its files were read, and what is in them is found out when it is first
/// asked for. Few questions need it, and parsing takes longer than all the rest.
#[derive(Clone, Debug)]
pub struct Wit {
    sources: Result<Sources, String>,
    answer: OnceLock<WitAnswer>,
}

/// What one world is made from.
#[derive(Clone, Debug)]
struct Sources {
    /// What the paths lead to; none when none is given.
    named: Option<Arc<Files>>,
    /// What the folder leads to that is looked at without a path; none when nothing is there.
    default: Option<Arc<Files>>,
    inline: Option<Text>,
    world: Option<String>,
}

impl<'w> Wits<'w> {
    /// Files are read through `world`.
    #[must_use]
    pub fn new(world: &'w dyn World) -> Self {
        Self {
            world,
            read: BTreeMap::new(),
        }
    }

    /// Reads the WIT that an invocation in the package at `package` points to; that is the folder
    /// that cargo calls `CARGO_MANIFEST_DIR`.
    #[must_use]
    pub fn read(&mut self, package: &Utf8Path, invocation: &Invocation) -> Wit {
        let sources = if invocation.templated {
            Err(
                "a `$` stands in the invocation: what it means is decided where it is used"
                    .to_owned(),
            )
        } else {
            let options = invocation.wit.as_ref().map_err(Clone::clone);
            options.map(|options| self.sources(package, options))
        };
        Wit {
            sources,
            answer: OnceLock::new(),
        }
    }

    fn sources(&mut self, package: &Utf8Path, options: &WitOptions) -> Sources {
        let (inline, world) = inline_and_world(options);
        let default = [DEFAULT_PATH.to_owned()];
        let is_there = || Reader::new(self.world, package).exists(DEFAULT_PATH);
        let may_be_read = options.paths.is_empty() && (inline.is_none() || is_there());
        Sources {
            named: (!options.paths.is_empty()).then(|| self.files(package, &options.paths)),
            default: may_be_read.then(|| self.files(package, &default)),
            inline,
            world,
        }
    }

    fn files(&mut self, package: &Utf8Path, paths: &[String]) -> Arc<Files> {
        let place = |path: &String| (path.clone(), lexical(&package.join(path)));
        let read = self.read.entry(paths.iter().map(place).collect());
        let read = read.or_insert_with(|| {
            let mut reader = Reader::new(self.world, package);
            let packages = paths.iter().map(|path| reader.package(path));
            Arc::new(Files {
                packages: packages.collect(),
                loaded: OnceLock::new(),
                declared: OnceLock::new(),
            })
        });
        Arc::clone(read)
    }
}

impl Wit {
    /// What is known about the world.
    pub fn answer(&self) -> &WitAnswer {
        self.answer.get_or_init(|| {
            let sources = self.sources.as_ref().map_err(Clone::clone);
            match sources.and_then(Sources::shape) {
                Ok(shape) => WitAnswer::Read(shape),
                Err(reason) => WitAnswer::Unknown {
                    reason: in_one_line(&reason),
                },
            }
        })
    }
}

impl Wit {
    /// Whether a type with one of these names may be declared anywhere in the files, told from words
    /// alone: a no is certain, and spares parsing them.
    #[must_use]
    pub fn may_declare_type(&self, names: &[String]) -> bool {
        let Ok(sources) = &self.sources else {
            return true;
        };
        let inline = sources.inline.iter();
        let inline = inline.flat_map(|text| declared_types(&text.text));
        let mut files = sources.named.iter().chain(&sources.default);
        inline.into_iter().any(|name| names.contains(&name))
            || files.any(|files| match files.declared() {
                Some(declared) => names.iter().any(|name| declared.contains(name)),
                None => true,
            })
    }
}

/// Every word of a text that may be the name of a type: one behind a word that introduces a name.
fn declared_types(text: &str) -> BTreeSet<String> {
    const INTRODUCED_BY: [&str; 7] = [
        "type", "record", "variant", "enum", "flags", "resource", "as",
    ];
    let Some(plain) = without_comments(text) else {
        return words(text).map(str::to_owned).collect();
    };
    let mut names = BTreeSet::new();
    let mut introduces = false;
    // White space and the `%` of a name that is a keyword may stand between the two, and nothing else.
    for part in plain.split_inclusive(|ch| !is_part_of_name(ch)) {
        let word = part.trim_end_matches(|ch| !is_part_of_name(ch));
        if introduces && !word.is_empty() {
            names.insert(word.to_owned());
        }
        let mut behind = part[word.len()..].chars();
        let goes_on = behind.all(|ch| ch.is_whitespace() || ch == '%');
        introduces = goes_on && (INTRODUCED_BY.contains(&word) || (introduces && word.is_empty()));
    }
    names
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|ch| !is_part_of_name(ch));
    words.filter(|word| !word.is_empty())
}

/// The text without its comments, for each of which a space stands; none when one block comment goes
/// over several lines.
fn without_comments(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for mut line in text.lines() {
        line = line.split("//").next().unwrap_or_default();
        while let Some((before, comment)) = line.split_once("/*") {
            plain.push_str(before);
            plain.push(' ');
            line = comment.split_once("*/")?.1;
        }
        plain.push_str(line);
        plain.push('\n');
    }
    Some(plain)
}

fn is_part_of_name(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || ch == '-'
}

impl Files {
    /// What may be the name of a type; none when not all files could be read.
    fn declared(&self) -> Option<&BTreeSet<String>> {
        let packages = self.packages.as_ref().ok()?;
        Some(self.declared.get_or_init(|| {
            let texts = packages
                .iter()
                .flat_map(|package| package.main.iter().chain(package.deps.iter().flatten()));
            texts.flat_map(|text| declared_types(&text.text)).collect()
        }))
    }

    fn packages(&self) -> Result<&[Package], String> {
        self.packages.as_deref().map_err(Clone::clone)
    }

    fn shape(&self, world: Option<&str>) -> Result<WorldShape, String> {
        let loaded = self.loaded.get_or_init(|| Loaded::of(self.packages()?));
        loaded.as_ref().map_err(Clone::clone)?.shape(world)
    }
}

impl Sources {
    /// What they mean to one release or another.
    fn shape(&self) -> Result<WorldShape, String> {
        let world = self.world.as_deref();
        let Some(inline) = &self.inline else {
            let files = self.named.as_ref().or(self.default.as_ref());
            return files.map_or_else(
                || Err("no WIT is named".to_owned()),
                |files| files.shape(world),
            );
        };
        if let Some(named) = &self.named {
            return resolve::shape(named.packages()?, Some(inline), world);
        }
        // Up to release 36 the inline WIT stands alone, later `wit` is read before it. It needs to
        // be only where something is missing without.
        resolve::shape(&[], Some(inline), world).or_else(|alone| {
            let Some(default) = &self.default else {
                return Err(alone);
            };
            let packages = default.packages();
            packages
                .and_then(|packages| resolve::shape(packages, Some(inline), world))
                .map_err(|together| {
                    format!("{alone}; and together with `{DEFAULT_PATH}`: {together}")
                })
        })
    }
}

/// The WIT in the invocation itself and the name of its world. For `interfaces` the macro makes
/// both up; the names are its own, and may be seen in its messages.
fn inline_and_world(options: &WitOptions) -> (Option<Text>, Option<String>) {
    let text = |name: &str, text: String| Text {
        name: name.to_owned(),
        text,
    };
    match &options.interfaces {
        None => {
            let inline = options.inline.clone();
            (
                inline.map(|wit| text("inline WIT", wit)),
                options.world.clone(),
            )
        }
        Some(items) => {
            let package = "wasmtime:component-macro-synthesized";
            let wit = format!("package {package}; world interfaces {{ {items}\n}}");
            (
                Some(text("WIT of `interfaces`", wit)),
                Some(format!("{package}/interfaces")),
            )
        }
    }
}

fn in_one_line(reason: &str) -> String {
    let words: Vec<&str> = reason.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}
