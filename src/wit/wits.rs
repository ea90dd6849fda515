//! Reading the WIT of many invocations: files at once, what is in them when a question needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

use super::declared::declared_types;
use super::files::{self, Package, Reader, RealNames, Text};
use super::resolve::{self, Loaded};
use super::{WitAnswer, WorldShape};
use crate::bindgen::Invocation;
use crate::bindgen::invocation::WitOptions;
use crate::workspace::lexical;
use crate::world::World;

/// Where the macro looks when the invocation says nothing.
const DEFAULT_PATH: &str = "wit";

/// Reasons longer than this, in characters, are cut: parsers quote what they were given.
const LONGEST_REASON: usize = 400;

/// Reads WIT for many invocations. What several of them point to is read once.
pub struct Wits<'w> {
    world: &'w dyn World,
    names: RealNames<'w>,
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
    /// Files are read through `world`; `root` is the folder of the whole project.
    #[must_use]
    pub fn new(world: &'w dyn World, root: &'w Utf8Path) -> Self {
        Self {
            world,
            names: RealNames::new(world, root),
            read: BTreeMap::new(),
        }
    }

    /// Reads the WIT that an invocation in the package at `package` points to; that is the folder
    /// that cargo calls `CARGO_MANIFEST_DIR`.
    #[must_use]
    pub fn read(&mut self, package: &'w Utf8Path, invocation: &Invocation) -> Wit {
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

    fn sources(&mut self, package: &'w Utf8Path, options: &WitOptions) -> Sources {
        let (inline, world) = inline_and_world(options);
        let default = [DEFAULT_PATH.to_owned()];
        let is_there = || files::exists(self.world, package, DEFAULT_PATH);
        let may_be_read = options.paths.is_empty() && (inline.is_none() || is_there());
        Sources {
            named: (!options.paths.is_empty()).then(|| self.files(package, &options.paths)),
            default: may_be_read.then(|| self.files(package, &default)),
            inline,
            world,
        }
    }

    fn files(&mut self, package: &'w Utf8Path, paths: &[String]) -> Arc<Files> {
        let place = |path: &String| (path.clone(), lexical(&package.join(path)));
        let read = self.read.entry(paths.iter().map(place).collect());
        let read = read.or_insert_with(|| {
            let mut reader = Reader::new(package, &mut self.names);
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

impl Wit {
    /// The files of the project that were read for it and that some line reads otherwise, with what
    /// they hold.
    pub fn files(&self) -> impl Iterator<Item = (&Utf8Path, &str)> {
        let sources = self.sources.iter();
        let files = sources.flat_map(|sources| sources.named.iter().chain(&sources.default));
        let texts = files.flat_map(|files| files.texts());
        texts.filter_map(|text| Some((text.place.as_deref()?, text.text.as_str())))
    }
}

impl Files {
    /// Everything that was read; nothing when not all of it could be.
    fn texts(&self) -> impl Iterator<Item = &Text> {
        let packages = self.packages.iter().flatten();
        packages.flat_map(|package| package.main.iter().chain(package.deps.iter().flatten()))
    }

    /// What may be the name of a type; none when not all files could be read.
    fn declared(&self) -> Option<&BTreeSet<String>> {
        self.packages.as_ref().ok()?;
        Some(self.declared.get_or_init(|| {
            let texts = self.texts();
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

/// The world of an invocation that has all of its WIT in itself.
///
/// # Errors
/// What is wrong with the WIT, or that there is none.
pub fn inline_shape(options: &WitOptions) -> Result<WorldShape, String> {
    let (inline, world) = inline_and_world(options);
    match inline {
        Some(text) => resolve::shape(&[], Some(&text), world.as_deref()),
        None => Err("the WIT does not stand in the invocation".to_owned()),
    }
}

/// The WIT in the invocation itself and the name of its world. For `interfaces` the macro makes
/// both up; the names are its own, and may be seen in its messages.
fn inline_and_world(options: &WitOptions) -> (Option<Text>, Option<String>) {
    let text = |name: &str, text: String| Text {
        name: name.to_owned(),
        place: None,
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
