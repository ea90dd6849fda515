//! What the world of a `bindgen!` invocation imports and exports, read from the project's WIT.
//!
//! The text of an invocation tells half of what the macro generates; the world tells the rest:
//! which functions there are to write rules for, which of them are `async` in WIT itself, whether
//! any interface is imported at all. The files are read through [`World`](crate::world::World), as the macro reads them,
//! and `wit-parser`, which the macro uses too, makes sense of them.
//!
//! Releases differ in what they read when `inline` is given and in how they choose among several
//! packages. Where one of them answers, that is the answer here; none of them contradicts another.
//! Items behind `@unstable` count as present, as they do from release 27 on.
//!
//! Nothing in here is an error: what can't be read is [`WitAnswer::Unknown`], with the reason.

mod declared;
mod files;
pub mod keywords;
mod resolve;
mod streams;
#[cfg(test)]
mod tests;
mod wits;

pub use wits::{Wit, Wits, inline_shape};

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
    /// Whether a record or variant in it holds a stream or a future.
    pub holds_streams: bool,
}

impl WorldShape {
    /// Whether any interface is imported, be it one that holds nothing but types.
    #[must_use]
    pub fn imports_interface(&self) -> bool {
        self.imports
            .iter()
            .any(|item| matches!(item, WorldItem::Interface { .. }))
    }

    /// Whether any resource is imported.
    #[must_use]
    pub fn imports_resource(&self) -> bool {
        self.imports.iter().any(|item| match item {
            WorldItem::Interface { resources, .. } => !resources.is_empty(),
            WorldItem::Resource(_) => true,
            WorldItem::Function(_) | WorldItem::Type(_) => false,
        })
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
