//! The compiler's own answers, for every row about the standard library and for types made of
//! several.

use std::cell::*;
use std::collections::*;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::*;

use super::answer;
use crate::rust::judge::known_std;

/// Finds out whether a type is `Send`: a method of the type itself goes before a trait's.
struct Probe<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    const SEND: bool = false;
    const SYNC: bool = false;
}

impl<T: ?Sized> Otherwise for Probe<T> {}

impl<T: ?Sized + Send> Probe<T> {
    const SEND: bool = true;
}

struct SyncProbe<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> Otherwise for SyncProbe<T> {}

impl<T: ?Sized + Sync> SyncProbe<T> {
    const SYNC: bool = true;
}

/// A type as it is written, what `T` stands for in it, and whether it is `Send` and `Sync`.
struct Probed {
    written: &'static str,
    argument: &'static str,
    send: bool,
    sync: bool,
}

macro_rules! probe {
    ($argument:ty; $($ty:ty,)*) => {{
        #[allow(dead_code)]
        type T = $argument;
        [$(Probed {
            written: stringify!($ty),
            argument: stringify!($argument),
            send: <Probe<$ty>>::SEND,
            sync: <SyncProbe<$ty>>::SYNC,
        }),*]
    }};
}

/// Four arguments for each: one that is both, one that is not `Send`, one that is not `Sync`, and
/// one that is neither.
macro_rules! probe_generic {
    ($($types:tt)*) => {
        [
            probe!(u8; $($types)*),
            probe!(MutexGuard<'static, u8>; $($types)*),
            probe!(Cell<u8>; $($types)*),
            probe!(Rc<u8>; $($types)*),
        ]
    };
}

/// What is told about a store that holds the type, or shares it.
fn told(ty: &str, argument: &str, shared: bool) -> String {
    let share = if shared { "&'static " } else { "" };
    answer(&format!(
        "use std::cell::*; use std::collections::*; use std::marker::PhantomData; use std::rc::Rc; use std::sync::*;
type T = {argument}; struct State({share}{ty}); fn f(s: wasmtime::Store<State>) {{}}"
    ))
}

fn compare(probed: &[Probed]) -> Vec<String> {
    let mut wrong = Vec::new();
    for Probed {
        written,
        argument,
        send,
        sync,
    } in probed
    {
        for (shared, expected) in [(false, send), (true, sync)] {
            let told = told(written, argument, shared);
            let is_right = match expected {
                true => told == "Send",
                false => told.starts_with("not Send"),
            };
            if !is_right {
                wrong.push(format!("{written} of {argument}, shared {shared}: {told}"));
            }
        }
    }
    wrong
}

#[test]
fn every_row_about_the_standard_library_is_what_the_compiler_says() {
    let mut probed: Vec<Probed> = probe!(u8;
        std::alloc::Layout,
        std::any::TypeId,
        std::backtrace::Backtrace,
        std::char::ParseCharError,
        std::collections::TryReserveError,
        std::env::VarError,
        std::ffi::CStr,
        std::ffi::CString,
        std::ffi::OsStr,
        std::ffi::OsString,
        std::ffi::c_char,
        std::ffi::c_double,
        std::ffi::c_float,
        std::ffi::c_int,
        std::ffi::c_long,
        std::ffi::c_longlong,
        std::ffi::c_short,
        std::ffi::c_uchar,
        std::ffi::c_uint,
        std::ffi::c_ulong,
        std::ffi::c_ulonglong,
        std::ffi::c_ushort,
        std::fmt::Error,
        std::fs::DirEntry,
        std::fs::File,
        std::fs::FileType,
        std::fs::Metadata,
        std::fs::OpenOptions,
        std::fs::Permissions,
        std::fs::ReadDir,
        std::collections::hash_map::DefaultHasher,
        std::collections::hash_map::RandomState,
        std::hash::DefaultHasher,
        std::hash::RandomState,
        std::io::Empty,
        std::io::Error,
        std::io::ErrorKind,
        std::io::SeekFrom,
        std::io::Sink,
        std::io::Stderr,
        std::io::Stdin,
        std::io::Stdout,
        std::marker::PhantomPinned,
        std::net::AddrParseError,
        std::net::IpAddr,
        std::net::Ipv4Addr,
        std::net::Ipv6Addr,
        std::net::Shutdown,
        std::net::SocketAddr,
        std::net::SocketAddrV4,
        std::net::SocketAddrV6,
        std::net::TcpListener,
        std::net::TcpStream,
        std::net::UdpSocket,
        std::num::NonZero<u8>,
        std::num::NonZeroI16,
        std::num::NonZeroI32,
        std::num::NonZeroI64,
        std::num::NonZeroI8,
        std::num::NonZeroU128,
        std::num::NonZeroU16,
        std::num::NonZeroU32,
        std::num::NonZeroU64,
        std::num::NonZeroU8,
        std::num::NonZeroUsize,
        std::num::ParseFloatError,
        std::num::ParseIntError,
        std::num::TryFromIntError,
        std::ops::RangeFull,
        std::os::raw::c_char,
        std::os::raw::c_int,
        std::os::raw::c_long,
        std::os::raw::c_uint,
        std::os::raw::c_ulong,
        std::path::Path,
        std::path::PathBuf,
        std::process::Child,
        std::process::ChildStderr,
        std::process::ChildStdin,
        std::process::ChildStdout,
        std::process::Command,
        std::process::ExitCode,
        std::process::ExitStatus,
        std::process::Output,
        std::process::Stdio,
        std::str::Utf8Error,
        std::string::FromUtf8Error,
        std::string::String,
        std::sync::Barrier,
        std::sync::Condvar,
        std::sync::Once,
        std::sync::atomic::AtomicBool,
        std::sync::atomic::AtomicI16,
        std::sync::atomic::AtomicI32,
        std::sync::atomic::AtomicI64,
        std::sync::atomic::AtomicI8,
        std::sync::atomic::AtomicIsize,
        std::sync::atomic::AtomicU16,
        std::sync::atomic::AtomicU32,
        std::sync::atomic::AtomicU64,
        std::sync::atomic::AtomicU8,
        std::sync::atomic::AtomicUsize,
        std::sync::atomic::Ordering,
        std::cmp::Ordering,
        std::task::RawWakerVTable,
        std::task::Waker,
        std::thread::Thread,
        std::thread::ThreadId,
        std::time::Duration,
        std::time::Instant,
        std::time::SystemTime,
        std::time::SystemTimeError,
        std::io::BufWriter<std::fs::File>,
        std::io::LineWriter<std::fs::File>,
        std::borrow::Cow<'static, str>,
        std::io::StdinLock<'static>,
        std::env::Args,
        std::env::ArgsOs,
        std::env::Vars,
        std::env::VarsOs,
        std::fmt::Arguments<'static>,
        std::fmt::Formatter<'static>,
        std::io::StderrLock<'static>,
        std::io::StdoutLock<'static>,
        std::panic::PanicHookInfo<'static>,
        std::task::Context<'static>,
        std::task::RawWaker,
    )
    .into();
    probed.extend(
        probe_generic!(
            std::sync::atomic::AtomicPtr<T>,
            std::thread::JoinHandle<T>,
            std::thread::LocalKey<T>,
            std::array::IntoIter<T, 3>,
            std::boxed::Box<T>,
            std::cmp::Reverse<T>,
            std::collections::BTreeMap<u8, T>,
            std::collections::BTreeSet<T>,
            std::collections::BinaryHeap<T>,
            std::collections::HashMap<u8, T>,
            std::collections::HashSet<T>,
            std::collections::LinkedList<T>,
            std::collections::VecDeque<T>,
            std::collections::binary_heap::BinaryHeap<T>,
            std::collections::btree_map::BTreeMap<u8, T>,
            std::collections::btree_set::BTreeSet<T>,
            std::collections::hash_map::HashMap<u8, T>,
            std::collections::hash_set::HashSet<T>,
            std::collections::linked_list::LinkedList<T>,
            std::collections::vec_deque::VecDeque<T>,
            std::io::BufReader<T>,
            std::io::Cursor<T>,
            std::io::Result<T>,
            std::marker::PhantomData<T>,
            std::mem::ManuallyDrop<T>,
            std::mem::MaybeUninit<T>,
            std::num::Saturating<T>,
            std::num::Wrapping<T>,
            std::ops::Bound<T>,
            std::ops::ControlFlow<T, u8>,
            std::ops::Range<T>,
            std::ops::RangeFrom<T>,
            std::ops::RangeInclusive<T>,
            std::ops::RangeTo<T>,
            std::ops::RangeToInclusive<T>,
            std::option::Option<T>,
            std::panic::AssertUnwindSafe<T>,
            std::pin::Pin<T>,
            std::result::Result<T, u8>,
            std::task::Poll<T>,
            std::vec::IntoIter<T>,
            std::vec::Vec<T>,
            std::sync::Arc<T>,
            std::sync::Weak<T>,
            std::sync::Mutex<T>,
            std::sync::mpsc::Sender<T>,
            std::sync::mpsc::SyncSender<T>,
            std::sync::LazyLock<T>,
            std::sync::OnceLock<T>,
            std::sync::RwLock<T>,
            std::cell::Cell<T>,
            std::cell::LazyCell<T>,
            std::cell::OnceCell<T>,
            std::cell::RefCell<T>,
            std::cell::UnsafeCell<T>,
            std::sync::mpsc::Receiver<T>,
            std::sync::MutexGuard<'static, T>,
            std::sync::RwLockReadGuard<'static, T>,
            std::sync::RwLockWriteGuard<'static, T>,
            std::cell::Ref<'static, T>,
            std::cell::RefMut<'static, T>,
            std::ptr::NonNull<T>,
            std::rc::Rc<T>,
            std::rc::Weak<T>,
        )
        .into_iter()
        .flatten(),
    );
    #[cfg(unix)]
    probed.extend(probe!(u8; std::os::fd::OwnedFd, std::os::fd::RawFd,));
    assert_eq!(compare(&probed), Vec::<String>::new());

    let rows = known_std::STD.iter().flat_map(|(_, paths)| *paths);
    let is_probed = |path: &str| {
        probed
            .iter()
            .any(|probed| probed.written.split('<').next() == Some(path))
    };
    let left_out: Vec<_> = rows
        .filter(|path| !path.starts_with("std::os::fd") && !is_probed(path))
        .collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}

#[test]
fn types_made_of_several_are_what_the_compiler_says() {
    let probed = probe!(
        u8;
        Arc<Mutex<RefCell<u8>>>,
        Arc<RefCell<Mutex<u8>>>,
        Arc<RwLock<Cell<u8>>>,
        Arc<Mutex<Rc<u8>>>,
        Mutex<Arc<Cell<u8>>>,
        Mutex<&'static Cell<u8>>,
        RwLock<&'static mut Cell<u8>>,
        &'static Mutex<Cell<u8>>,
        &'static Mutex<MutexGuard<'static, u8>>,
        &'static RwLock<MutexGuard<'static, u8>>,
        Option<&'static &'static Cell<u8>>,
        (u8, Box<[RefCell<String>]>),
        [Vec<Option<Rc<str>>>; 3],
        HashMap<String, Box<dyn Fn(u8) -> Rc<u8> + Send + Sync>>,
        Box<dyn Fn()>,
        Box<dyn Fn() + Send>,
        Arc<dyn Fn() + Send>,
        Arc<dyn Fn() + Sync>,
        Arc<dyn Fn() + Send + Sync>,
        fn(Rc<u8>) -> *mut u8,
        PhantomData<fn(Rc<u8>)>,
        PhantomData<*const u8>,
        PhantomData<&'static Cell<u8>>,
        mpsc::Sender<Cell<u8>>,
        mpsc::Sender<Arc<Cell<u8>>>,
        OnceLock<Cell<u8>>,
        LazyLock<Cell<u8>>,
        Result<u8, Box<dyn std::error::Error>>,
        Result<u8, Box<dyn std::error::Error + Send + Sync>>,
        std::pin::Pin<Box<dyn Future<Output = Rc<u8>> + Send>>,
        BTreeMap<u8, std::sync::Weak<Mutex<u8>>>,
        &'static mut &'static Cell<u8>,
        &'static mut Cell<u8>,
        *const u8,
        &'static [Cell<u8>],
        &'static str,
    );
    assert_eq!(compare(&probed), Vec::<String>::new());
}
