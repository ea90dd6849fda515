//! What is known of types whose source is not here: which are `Send`, which are `Sync`.
//!
//! `known_std` and `known_crates` hold the rows; here is what they mean and how they are found.

use Need::Each;

use super::known_crates::CRATES;
use super::known_std::STD;

/// The two properties that a type has by what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Auto {
    Send,
    Sync,
}

impl Auto {
    /// As it is written in Rust.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Send => "Send",
            Self::Sync => "Sync",
        }
    }

    /// The path of the trait.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Send => "std::marker::Send",
            Self::Sync => "std::marker::Sync",
        }
    }
}

/// When a type has one of the properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Yes,
    No,
    /// When each of its type arguments has all of these.
    Each(&'static [Auto]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) send: Need,
    pub(crate) sync: Need,
}

impl Rule {
    pub(crate) fn of(self, auto: Auto) -> Need {
        match auto {
            Auto::Send => self.send,
            Auto::Sync => self.sync,
        }
    }
}

pub(crate) const SEND: Need = Each(&[Auto::Send]);
pub(crate) const SYNC: Need = Each(&[Auto::Sync]);
pub(crate) const BOTH: Need = Each(&[Auto::Send, Auto::Sync]);

pub(crate) const fn rule(send: Need, sync: Need) -> Rule {
    Rule { send, sync }
}

/// Rules, each with the paths that it holds for.
pub(crate) type Table = &'static [(Rule, &'static [&'static str])];

/// Where a type of Wasmtime names the data of its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataPosition {
    /// The first type argument.
    First,
    /// The associated type `Data`.
    Associated,
}

/// Wasmtime's types and traits that name the data of a store.
const STORE_TYPES: &[(&str, DataPosition)] = &[
    ("wasmtime::AsContext", DataPosition::Associated),
    ("wasmtime::AsContextMut", DataPosition::Associated),
    ("wasmtime::Caller", DataPosition::First),
    ("wasmtime::InstancePre", DataPosition::First),
    ("wasmtime::Linker", DataPosition::First),
    ("wasmtime::Store", DataPosition::First),
    ("wasmtime::StoreContext", DataPosition::First),
    ("wasmtime::StoreContextMut", DataPosition::First),
    ("wasmtime::component::Access", DataPosition::First),
    ("wasmtime::component::Accessor", DataPosition::First),
    ("wasmtime::component::InstancePre", DataPosition::First),
    ("wasmtime::component::Linker", DataPosition::First),
    ("wasmtime::component::LinkerInstance", DataPosition::First),
];

/// Where the type at `path` names the data of its store, if it does.
pub(crate) fn data_position(path: &str) -> Option<DataPosition> {
    let found = STORE_TYPES.iter().find(|(known, _)| *known == path);
    found.map(|(_, position)| *position)
}

/// The last names of all that [`data_position`] knows.
pub(crate) fn store_names() -> impl Iterator<Item = &'static str> {
    let last = |path: &'static str| path.rsplit("::").next().unwrap_or(path);
    STORE_TYPES.iter().map(move |(path, _)| last(path))
}

/// The rule for a path, crate first.
pub(crate) fn lookup(path: &str) -> Option<Rule> {
    let exact = find(path, |known| known == path);
    exact.or_else(|| find(path, |known| has_moved(path, known)))
}

fn find(path: &str, matches: impl Fn(&str) -> bool) -> Option<Rule> {
    let table = if path.starts_with("std::") {
        STD
    } else {
        CRATES
    };
    let holds = |(_, paths): &&(Rule, &[&str])| paths.iter().any(|known| matches(known));
    table.iter().find(holds).map(|(rule, _)| *rule)
}

/// The WASI crates move their types between modules from release to release, so only the crate
/// and the last name count: `wasmtime_wasi::p2::WasiCtx` is `wasmtime_wasi::WasiCtx`.
fn has_moved(path: &str, known: &str) -> bool {
    let ends = |path: &str| {
        let (first, rest) = path.split_once("::")?;
        let last = rest.rsplit("::").next()?;
        Some((first.to_owned(), last.to_owned()))
    };
    known.contains("wasi") && ends(path) == ends(known)
}

/// Traits of other crates that only types that are `Send` can have, in all releases since 20.
const SEND_TRAITS: [&str; 4] = [
    "wasmtime_wasi::IoView",
    "wasmtime_wasi::WasiView",
    "wasmtime_wasi_http::WasiHttpView",
    "wasmtime_wasi_io::IoView",
];

/// Whether the trait at `path` is `Send` itself, `Sync` itself, or asks for it.
pub(crate) fn asks_for(path: &str, auto: Auto) -> bool {
    let is_send_trait = || SEND_TRAITS.iter().any(|known| has_moved(path, known));
    path == auto.path() || (auto == Auto::Send && is_send_trait())
}

/// Whether `path` is known to name something, so that `use path::*` brings it in.
pub(crate) fn exists(path: &str) -> bool {
    let is_or_holds = |known: &str| {
        let rest = known.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    STORE_TYPES.iter().any(|(known, _)| is_or_holds(known))
        || find(path, is_or_holds).is_some()
        || PRELUDE.iter().any(|known| is_or_holds(known))
}

/// The path under which something of another crate is known here. Crates that build on Wasmtime
/// pass it on as a whole: `runtime::wasmtime::Store` is `wasmtime::Store`.
pub(crate) fn canonical(path: &[String]) -> String {
    let passed_on = path.iter().rposition(|name| name == "wasmtime");
    path[passed_on.unwrap_or_default()..].join("::")
}

/// What every module knows without an import.
const PRELUDE: &[&str] = &[
    "std::boxed::Box",
    "std::option::Option",
    "std::option::Option::None",
    "std::option::Option::Some",
    "std::result::Result",
    "std::result::Result::Err",
    "std::result::Result::Ok",
    "std::string::String",
    "std::vec::Vec",
    "std::borrow::ToOwned",
    "std::clone::Clone",
    "std::cmp::Eq",
    "std::cmp::Ord",
    "std::cmp::PartialEq",
    "std::cmp::PartialOrd",
    "std::convert::AsMut",
    "std::convert::AsRef",
    "std::convert::From",
    "std::convert::Into",
    "std::convert::TryFrom",
    "std::convert::TryInto",
    "std::default::Default",
    "std::future::Future",
    "std::future::IntoFuture",
    "std::iter::DoubleEndedIterator",
    "std::iter::ExactSizeIterator",
    "std::iter::Extend",
    "std::iter::FromIterator",
    "std::iter::IntoIterator",
    "std::iter::Iterator",
    "std::marker::Copy",
    "std::marker::Send",
    "std::marker::Sized",
    "std::marker::Sync",
    "std::marker::Unpin",
    "std::ops::AsyncFn",
    "std::ops::AsyncFnMut",
    "std::ops::AsyncFnOnce",
    "std::ops::Drop",
    "std::ops::Fn",
    "std::ops::FnMut",
    "std::ops::FnOnce",
    "std::string::ToString",
];

/// The full path of a name that needs no import.
pub(crate) fn prelude(name: &str) -> Option<&'static str> {
    let last = |path: &str| path.rsplit("::").next() == Some(name);
    PRELUDE.iter().find(|path| last(path)).copied()
}

/// Whether the compiler itself knows the type. All of these are `Send` and `Sync`.
pub(crate) fn is_primitive(name: &str) -> bool {
    const PRIMITIVES: [&str; 19] = [
        "bool", "char", "f128", "f16", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize",
        "str", "u128", "u16", "u32", "u64", "u8", "usize",
    ];
    PRIMITIVES.contains(&name)
}
