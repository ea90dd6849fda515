//! The public items of a release with what is written about each: its kind, its shape, its members.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Fields, ImplItem, Item, TraitItem};

use super::cfg;
use super::public::{self, Seen};
use super::resolve::{DefId, Resolver, Target};
use super::shape::{self, Shape};
use super::tree::{self, Forest, ModuleId};

/// One public item.
#[derive(Clone, Debug)]
pub struct Thing {
    /// `struct`, `fn` and so on, as in Rust.
    pub kind: &'static str,
    /// Where the outside sees it.
    pub seen: Seen,
    /// Its head, or all of it where it has no members.
    pub shape: Shape,
    /// `#[non_exhaustive]`.
    pub open: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Whether it has parts that are not public: nobody outside can write it as a literal.
    pub closed: bool,
    /// Fields, variants, methods, associated items, by name.
    pub members: BTreeMap<String, Member>,
    /// Traits that are implemented for it, as text.
    pub traits: BTreeSet<String>,
}

/// One member of an item.
#[derive(Clone, Debug)]
pub struct Member {
    /// `fn`, `field`, `variant`, `const`, `type`.
    pub kind: &'static str,
    /// What is written about it.
    pub shape: Shape,
    /// Whether an implementation of the trait has to have it.
    pub required: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
}

/// What a release shows.
#[derive(Debug, Default)]
pub struct Api {
    /// By definition.
    pub things: BTreeMap<DefId, Thing>,
    /// Public path to definition.
    pub paths: BTreeMap<String, BTreeSet<DefId>>,
    /// Public modules.
    pub modules: BTreeSet<String>,
    /// Re-exports of other crates.
    pub outside: BTreeMap<String, String>,
    /// What could not be looked into.
    pub unread: Vec<String>,
}

/// Reads the public items of `crates`.
pub fn read(forest: &Forest, crates: &[String]) -> Api {
    let resolver = Resolver::new(forest);
    let public = public::walk(forest, &resolver, crates);
    let mut api = Api {
        modules: public.modules,
        outside: public.outside,
        unread: forest.failures.clone(),
        ..Api::default()
    };
    api.unread.extend(public.unread);
    for (id, seen) in public.items {
        let Some(thing) = thing(forest, &resolver, &id, seen) else {
            continue;
        };
        for path in thing.seen.paths.keys() {
            api.paths
                .entry(path.clone())
                .or_default()
                .insert(id.clone());
        }
        api.things.insert(id, thing);
    }
    for (module, written) in &forest.impls {
        implement(&mut api, &resolver, module, written);
    }
    api
}

fn thing(forest: &Forest, resolver: &Resolver<'_>, id: &DefId, seen: Seen) -> Option<Thing> {
    let module = forest.modules.get(&id.module)?;
    let held = module.items.iter().find(|held| held.name == id.name)?;
    let attributes = tree::attributes(&held.item);
    let mut thing = Thing {
        kind: "",
        seen,
        shape: Shape::default(),
        open: has(attributes, "non_exhaustive"),
        deprecated: has(attributes, "deprecated"),
        closed: false,
        members: BTreeMap::new(),
        traits: derived(attributes),
    };
    let look = shape::Look {
        resolver,
        module: &id.module,
        me: None,
    };
    match &held.item {
        Item::Struct(item) => {
            thing.kind = "struct";
            thing.shape = look.head("struct", &item.ident, &item.generics);
            fields(&mut thing, &look, &item.fields);
        }
        Item::Union(item) => {
            thing.kind = "union";
            thing.shape = look.head("union", &item.ident, &item.generics);
        }
        Item::Enum(item) => {
            thing.kind = "enum";
            thing.shape = look.head("enum", &item.ident, &item.generics);
            for variant in &item.variants {
                if cfg::gate(&variant.attrs).is_some() && !tree::is_hidden(&variant.attrs) {
                    let member = member("variant", look.variant(variant), &variant.attrs);
                    thing.members.insert(variant.ident.to_string(), member);
                }
            }
        }
        Item::Trait(item) => {
            thing.kind = "trait";
            thing.shape = look.trait_head(item);
            for part in &item.items {
                required(&mut thing, &look, part);
            }
        }
        Item::Fn(item) => {
            let procedural = item.attrs.iter().any(|a| {
                let path = a.path().get_ident().map(ToString::to_string);
                path.is_some_and(|name| name.starts_with("proc_macro"))
            });
            thing.kind = if procedural { "macro" } else { "fn" };
            if !procedural {
                thing.shape = look.function(&item.sig, None);
            }
        }
        Item::Const(item) => {
            thing.kind = "const";
            thing.shape = look.typed("const", &item.ident, &item.ty);
        }
        Item::Static(item) => {
            thing.kind = "static";
            thing.shape = look.typed("static", &item.ident, &item.ty);
        }
        Item::Type(item) => {
            thing.kind = "type";
            thing.shape = look.alias(item);
        }
        Item::Macro(_) => thing.kind = "macro",
        _ => thing.kind = "item",
    }
    Some(thing)
}

fn member(kind: &'static str, shape: Shape, attributes: &[syn::Attribute]) -> Member {
    Member {
        kind,
        shape,
        required: false,
        deprecated: has(attributes, "deprecated"),
    }
}

fn fields(thing: &mut Thing, look: &shape::Look<'_>, fields: &Fields) {
    for (place, field) in fields.iter().enumerate() {
        if !tree::is_public(&field.vis) {
            thing.closed = true;
            continue;
        }
        if cfg::gate(&field.attrs).is_none() || tree::is_hidden(&field.attrs) {
            continue;
        }
        let name = field.ident.as_ref().map(ToString::to_string);
        let name = name.unwrap_or_else(|| place.to_string());
        let member = member("field", look.field(&name, &field.ty), &field.attrs);
        thing.members.insert(name, member);
    }
}

fn required(thing: &mut Thing, look: &shape::Look<'_>, part: &TraitItem) {
    let (name, kind, shape, attributes, required) = match part {
        TraitItem::Fn(part) => (
            &part.sig.ident,
            "fn",
            look.function(&part.sig, None),
            &part.attrs,
            part.default.is_none(),
        ),
        TraitItem::Type(part) => (
            &part.ident,
            "type",
            look.associated_type(part),
            &part.attrs,
            part.default.is_none(),
        ),
        TraitItem::Const(part) => (
            &part.ident,
            "const",
            look.typed("const", &part.ident, &part.ty),
            &part.attrs,
            part.default.is_none(),
        ),
        _ => return,
    };
    if cfg::gate(attributes).is_none() || tree::is_hidden(attributes) {
        return;
    }
    let mut member = member(kind, shape, attributes);
    member.required = required;
    thing.members.insert(name.to_string(), member);
}

/// Puts the members of an `impl`, or the trait that it is of, to the item.
fn implement(api: &mut Api, resolver: &Resolver<'_>, module: &ModuleId, written: &syn::ItemImpl) {
    let Some(path) = path_of(&written.self_ty) else {
        return;
    };
    if cfg::gate(&written.attrs).is_none() || tree::is_hidden(&written.attrs) {
        return;
    }
    for target in resolver.resolve(module, &path) {
        let Target::Item(id) = target else { continue };
        let Some(thing) = api.things.get_mut(&id) else {
            continue;
        };
        let me = Some(&*written.self_ty);
        let look = shape::Look {
            resolver,
            module,
            me,
        };
        if let Some(of) = shape::trait_of(written) {
            thing.traits.insert(look.path(of));
            continue;
        }
        for part in &written.items {
            inherent(thing, &look, written, part);
        }
    }
}

fn inherent(thing: &mut Thing, look: &shape::Look<'_>, written: &syn::ItemImpl, part: &ImplItem) {
    let (name, kind, shape, attributes, visibility) = match part {
        ImplItem::Fn(part) => (
            &part.sig.ident,
            "fn",
            look.function(&part.sig, Some(&written.generics)),
            &part.attrs,
            &part.vis,
        ),
        ImplItem::Const(part) => (
            &part.ident,
            "const",
            look.typed("const", &part.ident, &part.ty),
            &part.attrs,
            &part.vis,
        ),
        _ => return,
    };
    let shown = tree::is_public(visibility) && !tree::is_hidden(attributes);
    if shown && cfg::gate(attributes).is_some() {
        let member = member(kind, shape, attributes);
        thing.members.insert(name.to_string(), member);
    }
}

/// The path of a type that is one, without its arguments.
fn path_of(of: &syn::Type) -> Option<Vec<String>> {
    let syn::Type::Path(path) = of else {
        return None;
    };
    let segments = path.path.segments.iter();
    Some(segments.map(|step| step.ident.to_string()).collect())
}

fn has(attributes: &[syn::Attribute], name: &str) -> bool {
    attributes.iter().any(|a| a.path().is_ident(name))
}

/// The traits of `#[derive(..)]`, also where a feature adds it.
fn derived(attributes: &[syn::Attribute]) -> BTreeSet<String> {
    let always = attributes.iter().map(|attribute| attribute.meta.clone());
    let added = attributes.iter().flat_map(cfg::added);
    let mut traits = BTreeSet::new();
    for meta in always
        .chain(added)
        .filter(|meta| meta.path().is_ident("derive"))
    {
        let syn::Meta::List(list) = meta else {
            continue;
        };
        let _ = list.parse_nested_meta(|meta| {
            let last = meta.path.segments.last();
            traits.extend(last.map(|step| step.ident.to_string()));
            Ok(())
        });
    }
    traits
}
