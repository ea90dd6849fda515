//! What is known of types whose source is not here: which are `Send`, which are `Sync`.
//!
//! The rows about the standard library are held against the compiler by the tests. Those about
//! other crates were measured with it once; they name what such crates have promised for years.

use Need::{Each, No, Yes};

use super::known_crates::CRATES;

/// The two properties that a type has by what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Auto {
    Send,
    Sync,
}

impl Auto {
    /// As it is written in Rust.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Send => "Send",
            Self::Sync => "Sync",
        }
    }

    /// The path of the trait.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Send => "std::marker::Send",
            Self::Sync => "std::marker::Sync",
        }
    }
}

/// When a type has one of the properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Yes,
    No,
    /// When each of its type arguments has all of these.
    Each(&'static [Auto]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) send: Need,
    pub(super) sync: Need,
}

impl Rule {
    pub(super) fn of(self, auto: Auto) -> Need {
        match auto {
            Auto::Send => self.send,
            Auto::Sync => self.sync,
        }
    }
}

pub(super) const SEND: Need = Each(&[Auto::Send]);
pub(super) const SYNC: Need = Each(&[Auto::Sync]);
pub(super) const BOTH: Need = Each(&[Auto::Send, Auto::Sync]);

pub(super) const fn rule(send: Need, sync: Need) -> Rule {
    Rule { send, sync }
}

/// Rules, each with the paths that it holds for.
pub(super) type Table = &'static [(Rule, &'static [&'static str])];

pub(super) const STD: Table = &[
    (
        rule(Yes, Yes),
        &[
            "std::alloc::Layout",
            "std::any::TypeId",
            "std::backtrace::Backtrace",
            "std::char::ParseCharError",
            "std::collections::TryReserveError",
            "std::env::VarError",
            "std::ffi::CStr",
            "std::ffi::CString",
            "std::ffi::OsStr",
            "std::ffi::OsString",
            "std::ffi::c_char",
            "std::ffi::c_double",
            "std::ffi::c_float",
            "std::ffi::c_int",
            "std::ffi::c_long",
            "std::ffi::c_longlong",
            "std::ffi::c_short",
            "std::ffi::c_uchar",
            "std::ffi::c_uint",
            "std::ffi::c_ulong",
            "std::ffi::c_ulonglong",
            "std::ffi::c_ushort",
            "std::fmt::Error",
            "std::fs::DirEntry",
            "std::fs::File",
            "std::fs::FileType",
            "std::fs::Metadata",
            "std::fs::OpenOptions",
            "std::fs::Permissions",
            "std::fs::ReadDir",
            "std::collections::hash_map::DefaultHasher",
            "std::collections::hash_map::RandomState",
            "std::hash::DefaultHasher",
            "std::hash::RandomState",
            "std::io::Empty",
            "std::io::Error",
            "std::io::ErrorKind",
            "std::io::SeekFrom",
            "std::io::Sink",
            "std::io::Stderr",
            "std::io::Stdin",
            "std::io::Stdout",
            "std::marker::PhantomPinned",
            "std::net::AddrParseError",
            "std::net::IpAddr",
            "std::net::Ipv4Addr",
            "std::net::Ipv6Addr",
            "std::net::Shutdown",
            "std::net::SocketAddr",
            "std::net::SocketAddrV4",
            "std::net::SocketAddrV6",
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::UdpSocket",
            "std::num::NonZero",
            "std::num::NonZeroI16",
            "std::num::NonZeroI32",
            "std::num::NonZeroI64",
            "std::num::NonZeroI8",
            "std::num::NonZeroU128",
            "std::num::NonZeroU16",
            "std::num::NonZeroU32",
            "std::num::NonZeroU64",
            "std::num::NonZeroU8",
            "std::num::NonZeroUsize",
            "std::num::ParseFloatError",
            "std::num::ParseIntError",
            "std::num::TryFromIntError",
            "std::ops::RangeFull",
            "std::os::fd::OwnedFd",
            "std::os::fd::RawFd",
            "std::os::raw::c_char",
            "std::os::raw::c_int",
            "std::os::raw::c_long",
            "std::os::raw::c_uint",
            "std::os::raw::c_ulong",
            "std::path::Path",
            "std::path::PathBuf",
            "std::process::Child",
            "std::process::ChildStderr",
            "std::process::ChildStdin",
            "std::process::ChildStdout",
            "std::process::Command",
            "std::process::ExitCode",
            "std::process::ExitStatus",
            "std::process::Output",
            "std::process::Stdio",
            "std::str::Utf8Error",
            "std::string::FromUtf8Error",
            "std::string::String",
            "std::sync::Barrier",
            "std::sync::Condvar",
            "std::sync::Once",
            "std::sync::atomic::AtomicBool",
            "std::sync::atomic::AtomicI16",
            "std::sync::atomic::AtomicI32",
            "std::sync::atomic::AtomicI64",
            "std::sync::atomic::AtomicI8",
            "std::sync::atomic::AtomicIsize",
            "std::sync::atomic::AtomicPtr",
            "std::sync::atomic::AtomicU16",
            "std::sync::atomic::AtomicU32",
            "std::sync::atomic::AtomicU64",
            "std::sync::atomic::AtomicU8",
            "std::sync::atomic::AtomicUsize",
            "std::sync::atomic::Ordering",
            "std::cmp::Ordering",
            "std::task::RawWakerVTable",
            "std::task::Waker",
            "std::thread::JoinHandle",
            "std::thread::LocalKey",
            "std::thread::Thread",
            "std::thread::ThreadId",
            "std::time::Duration",
            "std::time::Instant",
            "std::time::SystemTime",
            "std::time::SystemTimeError",
        ],
    ),
    (
        rule(SEND, SYNC),
        &[
            "std::array::IntoIter",
            "std::boxed::Box",
            "std::cmp::Reverse",
            "std::collections::BTreeMap",
            "std::collections::BTreeSet",
            "std::collections::BinaryHeap",
            "std::collections::HashMap",
            "std::collections::HashSet",
            "std::collections::LinkedList",
            "std::collections::VecDeque",
            "std::collections::binary_heap::BinaryHeap",
            "std::collections::btree_map::BTreeMap",
            "std::collections::btree_set::BTreeSet",
            "std::collections::hash_map::HashMap",
            "std::collections::hash_set::HashSet",
            "std::collections::linked_list::LinkedList",
            "std::collections::vec_deque::VecDeque",
            "std::io::BufReader",
            "std::io::BufWriter",
            "std::io::Cursor",
            "std::io::LineWriter",
            "std::io::Result",
            "std::marker::PhantomData",
            "std::mem::ManuallyDrop",
            "std::mem::MaybeUninit",
            "std::num::Saturating",
            "std::num::Wrapping",
            "std::ops::Bound",
            "std::ops::ControlFlow",
            "std::ops::Range",
            "std::ops::RangeFrom",
            "std::ops::RangeInclusive",
            "std::ops::RangeTo",
            "std::ops::RangeToInclusive",
            "std::option::Option",
            "std::panic::AssertUnwindSafe",
            "std::pin::Pin",
            "std::result::Result",
            "std::task::Poll",
            "std::vec::IntoIter",
            "std::vec::Vec",
        ],
    ),
    (rule(BOTH, BOTH), &["std::sync::Arc", "std::sync::Weak"]),
    // The owned form of what is borrowed is taken to be as `Send` as the borrowed one.
    (rule(BOTH, SYNC), &["std::borrow::Cow"]),
    (
        rule(SEND, SEND),
        &[
            "std::sync::Mutex",
            "std::sync::mpsc::Sender",
            "std::sync::mpsc::SyncSender",
        ],
    ),
    (
        rule(SEND, BOTH),
        &[
            "std::sync::LazyLock",
            "std::sync::OnceLock",
            "std::sync::RwLock",
        ],
    ),
    (
        rule(SEND, No),
        &[
            "std::cell::Cell",
            "std::cell::LazyCell",
            "std::cell::OnceCell",
            "std::cell::RefCell",
            "std::cell::UnsafeCell",
            "std::sync::mpsc::Receiver",
        ],
    ),
    (
        rule(No, SYNC),
        &[
            "std::sync::MutexGuard",
            "std::sync::RwLockReadGuard",
            "std::sync::RwLockWriteGuard",
        ],
    ),
    (rule(No, Yes), &["std::io::StdinLock"]),
    (
        rule(No, No),
        &[
            "std::cell::Ref",
            "std::cell::RefMut",
            "std::env::Args",
            "std::env::ArgsOs",
            "std::env::Vars",
            "std::env::VarsOs",
            "std::fmt::Arguments",
            "std::fmt::Formatter",
            "std::io::StderrLock",
            "std::io::StdoutLock",
            "std::panic::PanicHookInfo",
            "std::ptr::NonNull",
            "std::rc::Rc",
            "std::rc::Weak",
            "std::task::Context",
            "std::task::RawWaker",
        ],
    ),
];

/// Where a type of Wasmtime names the data of its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DataPosition {
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
pub(super) fn data_position(path: &str) -> Option<DataPosition> {
    let found = STORE_TYPES.iter().find(|(known, _)| *known == path);
    found.map(|(_, position)| *position)
}

/// The last names of all that [`data_position`] knows.
pub(super) fn store_names() -> impl Iterator<Item = &'static str> {
    let last = |path: &'static str| path.rsplit("::").next().unwrap_or(path);
    STORE_TYPES.iter().map(move |(path, _)| last(path))
}

/// The rule for a path, crate first.
pub(super) fn lookup(path: &str) -> Option<Rule> {
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
pub(super) fn asks_for(path: &str, auto: Auto) -> bool {
    let is_send_trait = || SEND_TRAITS.iter().any(|known| has_moved(path, known));
    path == auto.path() || (auto == Auto::Send && is_send_trait())
}

/// Whether `path` is known to name something, so that `use path::*` brings it in.
pub(super) fn exists(path: &str) -> bool {
    data_position(path).is_some()
        || find(path, |known| known == path).is_some()
        || PRELUDE.contains(&path)
}

/// The path under which something of another crate is known here. Crates that build on Wasmtime
/// pass it on as a whole: `spin_core::wasmtime::Store` is `wasmtime::Store`.
pub(super) fn canonical(path: &[String]) -> String {
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
pub(super) fn prelude(name: &str) -> Option<&'static str> {
    let last = |path: &str| path.rsplit("::").next() == Some(name);
    PRELUDE.iter().find(|path| last(path)).copied()
}

/// Whether the compiler itself knows the type. All of these are `Send` and `Sync`.
pub(super) fn is_primitive(name: &str) -> bool {
    const PRIMITIVES: [&str; 19] = [
        "bool", "char", "f128", "f16", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize",
        "str", "u128", "u16", "u32", "u64", "u8", "usize",
    ];
    PRIMITIVES.contains(&name)
}
