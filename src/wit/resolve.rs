//! From WIT text to the shape of one world, with `wit-parser`.

use std::any::Any;
use std::borrow::Cow;
use std::thread;

use wit_parser::{
    Function, PackageId, Resolve, SourceMap, Span, TypeDefKind, TypeId, UnresolvedPackage,
    UnresolvedPackageGroup, WorldId, WorldKey,
};

use super::files::{Package, Text};
use super::{WitFunction, WorldItem, WorldShape, keywords, streams};
use crate::edit::EditSet;
use crate::version::Line;

/// Before and behind every line that reads a word of WIT otherwise.
const OLDEST: Line = Line(0);
const NEWEST: Line = Line(u64::MAX);

/// Interfaces, worlds and packages of one invocation. All of WASI has about a hundred.
const MOST_DECLARATIONS: usize = 2000;

/// Types, among them each `use`d one and each `option<..>` that has no name.
const MOST_TYPES: usize = 40_000;

/// Every `include` may copy everything that there is.
const MOST_INCLUDED: usize = 200_000;

/// The parser recurses along chains of interfaces, packages and types. This is more than enough
/// for the longest ones that the limits above let through; only what is used of it costs memory.
const STACK: usize = 64 * 1024 * 1024;

/// The world named `world`, or the only one, of the inline package, or of `packages` without one.
pub(super) fn shape(
    packages: &[Package],
    inline: Option<&Text>,
    world: Option<&str>,
) -> Result<WorldShape, String> {
    guarded(|| load(packages, inline)?.world(world))
}

/// Packages that were read and resolved, for several invocations to choose a world from.
#[derive(Debug)]
pub(super) struct Loaded {
    resolve: Resolve,
    by_path: Vec<PackageId>,
    inline: Option<PackageId>,
}

impl Loaded {
    /// As [`shape`], without inline WIT.
    pub(super) fn of(packages: &[Package]) -> Result<Self, String> {
        guarded(|| load(packages, None))
    }

    /// The world named `world`, or the only one.
    pub(super) fn shape(&self, world: Option<&str>) -> Result<WorldShape, String> {
        guarded(|| self.world(world))
    }

    fn world(&self, world: Option<&str>) -> Result<WorldShape, String> {
        let chosen = select(&self.resolve, &self.by_path, self.inline, world)?;
        Ok(describe(&self.resolve, chosen))
    }
}

/// Runs the parser on a thread of its own, for its stack, and because it has places where it panics
/// on WIT that makes no sense (`@unstable` twice on one `import` of another package, in 0.258): that
/// ends the thread and is an answer like any other.
fn guarded<T: Send>(run: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    thread::scope(|scope| {
        thread::Builder::new()
            .name("wit".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, run)
            .map_err(|error| format!("no thread to read WIT with: {error}"))?
            .join()
            .unwrap_or_else(|panic| Err(format!("the WIT parser failed: {}", said(&*panic))))
    })
}

/// The message of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let literal = || panic.downcast_ref::<&str>().copied();
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(literal)
        .unwrap_or("without a message")
}

/// Reads everything as the newest lines do, or else as the oldest: a project may be on either.
fn load(packages: &[Package], inline: Option<&Text>) -> Result<Loaded, String> {
    let newest = load_spelled(packages, inline, &|text| Cow::Borrowed(text));
    newest.or_else(|newest| load_spelled(packages, inline, &as_of_now).map_err(|_| newest))
}

fn as_of_now(text: &str) -> Cow<'_, str> {
    let mut edits = EditSet::default();
    for edit in keywords::respelled(text, OLDEST, NEWEST) {
        // Words never overlap.
        let _ = edits.add(edit);
    }
    Cow::Owned(edits.apply(text))
}

/// How a text is to be read.
type Spelling<'s> = &'s dyn for<'t> Fn(&'t str) -> Cow<'t, str>;

fn load_spelled(
    packages: &[Package],
    inline: Option<&Text>,
    spelling: Spelling<'_>,
) -> Result<Loaded, String> {
    let mut limits = Limits::default();
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    let mut by_path = Vec::new();
    for package in packages {
        let main = parse(&package.main, spelling, &mut limits)?;
        let deps = package.deps.iter();
        let deps = deps.map(|texts| parse(texts, spelling, &mut limits));
        let deps = deps.collect::<Result<Vec<_>, _>>()?;
        by_path.push(push(&mut resolve, main, deps)?);
    }
    let inline = match inline {
        None => None,
        Some(text) => {
            let group = parse(std::slice::from_ref(text), spelling, &mut limits)?;
            Some(push(&mut resolve, group, Vec::new())?)
        }
    };
    Ok(Loaded {
        resolve,
        by_path,
        inline,
    })
}

fn parse(
    texts: &[Text],
    spelling: Spelling<'_>,
    limits: &mut Limits,
) -> Result<UnresolvedPackageGroup, String> {
    let mut map = SourceMap::new();
    for text in texts {
        map.push_str(&text.name, spelling(&text.text));
    }
    let group = map.parse().map_err(|(map, error)| {
        let span = error.kind().span();
        placed(span, |span| map.render_location(span), &error.to_string())
    })?;
    limits.add(&group.main)?;
    for package in &group.nested {
        limits.add(package)?;
    }
    Ok(group)
}

fn push(
    resolve: &mut Resolve,
    main: UnresolvedPackageGroup,
    deps: Vec<UnresolvedPackageGroup>,
) -> Result<PackageId, String> {
    // The parser takes no package twice, and panics when it is asked to.
    let packages = std::iter::once(&main)
        .chain(&deps)
        .flat_map(|group| std::iter::once(&group.main).chain(&group.nested));
    for package in packages {
        if resolve.package_names.contains_key(&package.name) {
            return Err(format!("the package `{}` is there twice", package.name));
        }
    }
    resolve.push_groups(main, deps).map_err(|error| {
        let span = error.kind().span();
        placed(
            span,
            |span| resolve.render_location(span),
            &error.to_string(),
        )
    })
}

/// A message behind the place that it is about, when it is about one.
fn placed(span: Span, location: impl FnOnce(Span) -> String, message: &str) -> String {
    if span.is_known() {
        format!("{}: {message}", location(span))
    } else {
        message.to_owned()
    }
}

/// How much there is to resolve, known after parsing, which needs little more than the text does.
#[derive(Debug, Default)]
struct Limits {
    declarations: usize,
    types: usize,
    items: usize,
    includes: usize,
}

impl Limits {
    fn add(&mut self, package: &UnresolvedPackage) -> Result<(), String> {
        self.declarations += 1 + package.interfaces.len() + package.worlds.len();
        self.types += package.types.len();
        for (_, world) in package.worlds.iter() {
            self.items += world.imports.len() + world.exports.len();
            self.includes += world.includes.len();
        }
        let included = self.includes.saturating_mul(self.items);
        if self.declarations > MOST_DECLARATIONS
            || self.types > MOST_TYPES
            || included > MOST_INCLUDED
        {
            return Err("it is more WIT than is read".to_owned());
        }
        Ok(())
    }
}

/// The world that the macro would choose.
fn select(
    resolve: &Resolve,
    by_path: &[PackageId],
    inline: Option<PackageId>,
    world: Option<&str>,
) -> Result<WorldId, String> {
    let candidates = inline.map_or(by_path.to_vec(), |inline| vec![inline]);
    let refusal = match resolve.select_world(&candidates, world) {
        Ok(chosen) => return Ok(chosen),
        Err(error) => format!("{error:#}"),
    };
    if world.is_none() {
        // Releases 26 to 36 take the only package that has a single world.
        let mut single = by_path
            .iter()
            .chain(&inline)
            .filter_map(|package| resolve.select_world(&[*package], None).ok());
        if let (Some(chosen), None) = (single.next(), single.next()) {
            return Ok(chosen);
        }
    }
    Err(refusal)
}

fn describe(resolve: &Resolve, world: WorldId) -> WorldShape {
    let world = &resolve.worlds[world];
    let items = |items: &wit_parser::IndexMap<WorldKey, wit_parser::WorldItem>| {
        let described = items.iter().map(|(key, found)| item(resolve, key, found));
        described.collect()
    };
    WorldShape {
        world: match world.package {
            Some(package) => resolve.id_of_name(package, &world.name),
            None => world.name.clone(),
        },
        imports: items(&world.imports),
        exports: items(&world.exports),
        holds_streams: world_types(resolve, world).any(|id| streams::are_held_by(resolve, id)),
    }
}

/// The types with names of a world and of its interfaces.
fn world_types<'r>(
    resolve: &'r Resolve,
    world: &'r wit_parser::World,
) -> impl Iterator<Item = TypeId> + 'r {
    let items = world.imports.values().chain(world.exports.values());
    items.flat_map(|item| match item {
        wit_parser::WorldItem::Interface { id, .. } => {
            resolve.interfaces[*id].types.values().copied().collect()
        }
        wit_parser::WorldItem::Type { id, .. } => vec![*id],
        wit_parser::WorldItem::Function(_) => Vec::new(),
    })
}

fn item(resolve: &Resolve, key: &WorldKey, item: &wit_parser::WorldItem) -> WorldItem {
    let name = match key {
        WorldKey::Name(name) => name.clone(),
        WorldKey::Interface(id) => resolve.id_of(*id).unwrap_or_default(),
    };
    match item {
        wit_parser::WorldItem::Interface { id, .. } => {
            let interface = &resolve.interfaces[*id];
            let (mut resources, mut types) = (Vec::new(), Vec::new());
            for (name, id) in &interface.types {
                match resolve.types[*id].kind {
                    TypeDefKind::Resource => resources.push(name.clone()),
                    _ => types.push(name.clone()),
                }
            }
            WorldItem::Interface {
                name,
                functions: interface.functions.values().map(function).collect(),
                resources,
                types,
            }
        }
        wit_parser::WorldItem::Function(found) => WorldItem::Function(function(found)),
        wit_parser::WorldItem::Type { id, .. } => match resolve.types[*id].kind {
            TypeDefKind::Resource => WorldItem::Resource(name),
            _ => WorldItem::Type(name),
        },
    }
}

fn function(function: &Function) -> WitFunction {
    WitFunction {
        name: function.name.clone(),
        is_async: function.kind.is_async(),
    }
}
