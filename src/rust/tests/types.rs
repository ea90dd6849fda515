//! Which types are `Send`.

use super::{Workspace, answer, check};

/// A program whose store holds `State`.
fn with_state(source: &str) -> String {
    format!(
        "use std::cell::*; use std::collections::*; use std::fmt; use std::marker::PhantomData;
use std::rc::{{self, Rc}}; use std::sync::*; use std::pin::Pin; use std::ptr::NonNull;
use wasmtime::Store;
fn run(store: &mut Store<State>) {{}}
{source}"
    )
}

fn state(source: &str) -> String {
    answer(&with_state(source))
}

fn field(ty: &str) -> String {
    state(&format!("struct State {{ a: {ty} }}"))
}

#[test]
fn what_is_never_send() {
    check(
        &[
            ("Rc<u8>", "not Send: `Rc` is never `Send` at Rc<u8>"),
            (
                "rc::Weak<u8>",
                "not Send: `Weak` is never `Send` at rc::Weak<u8>",
            ),
            (
                "*const u8",
                "not Send: a raw pointer is not `Send` at *const u8",
            ),
            (
                "*mut [u8]",
                "not Send: a raw pointer is not `Send` at *mut [u8]",
            ),
            (
                "NonNull<u8>",
                "not Send: `NonNull` is never `Send` at NonNull<u8>",
            ),
            (
                "MutexGuard<'static, u8>",
                "not Send: `MutexGuard` is never `Send` at MutexGuard<'static, u8>",
            ),
            (
                "RwLockReadGuard<'static, u8>",
                "not Send: `RwLockReadGuard` is never `Send` at RwLockReadGuard<'static, u8>",
            ),
            (
                "RwLockWriteGuard<'static, u8>",
                "not Send: `RwLockWriteGuard` is never `Send` at RwLockWriteGuard<'static, u8>",
            ),
            (
                "Ref<'static, u8>",
                "not Send: `Ref` is never `Send` at Ref<'static, u8>",
            ),
            (
                "std::env::Args",
                "not Send: `Args` is never `Send` at std::env::Args",
            ),
            (
                "fmt::Arguments<'static>",
                "not Send: `Arguments` is never `Send` at fmt::Arguments<'static>",
            ),
            (
                "parking_lot::MutexGuard<'static, u8>",
                "not Send: `MutexGuard` is never `Send` at parking_lot::MutexGuard<'static, u8>",
            ),
            (
                "rand::rngs::ThreadRng",
                "not Send: `ThreadRng` is never `Send` at rand::rngs::ThreadRng",
            ),
        ],
        field,
    );
}

#[test]
fn what_is_not_send_by_what_it_holds() {
    check(
        &[
            (
                "Vec<Option<Rc<u8>>>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "HashMap<String, Rc<u8>>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "(u8, [Rc<u8>; 4])",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            ("Box<[Rc<u8>]>", "not Send: `Rc` is never `Send` at Rc<u8>"),
            (
                "&'static mut Rc<u8>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "PhantomData<Rc<u8>>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            ("Mutex<Rc<u8>>", "not Send: `Rc` is never `Send` at Rc<u8>"),
            (
                "mpsc::Sender<Rc<u8>>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "Pin<Box<Rc<u8>>>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "RefCell<Rc<u8>>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "Arc<Mutex<Rc<u8>>>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
        ],
        field,
    );
}

#[test]
fn what_is_shared_must_be_sync() {
    check(
        &[
            (
                "&'static Cell<u8>",
                "not Send: `Cell` is never `Sync` at Cell<u8>",
            ),
            (
                "&'static RefCell<u8>",
                "not Send: `RefCell` is never `Sync` at RefCell<u8>",
            ),
            (
                "&'static UnsafeCell<u8>",
                "not Send: `UnsafeCell` is never `Sync` at UnsafeCell<u8>",
            ),
            (
                "&'static OnceCell<u8>",
                "not Send: `OnceCell` is never `Sync` at OnceCell<u8>",
            ),
            (
                "Arc<RefCell<u8>>",
                "not Send: `RefCell` is never `Sync` at RefCell<u8>",
            ),
            (
                "Arc<RwLock<Cell<u8>>>",
                "not Send: `Cell` is never `Sync` at Cell<u8>",
            ),
            (
                "Arc<mpsc::Receiver<u8>>",
                "not Send: `Receiver` is never `Sync` at mpsc::Receiver<u8>",
            ),
            (
                "&'static Mutex<Rc<u8>>",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            ("&'static mut Cell<u8>", "Send"),
            ("&'static OnceLock<u8>", "Send"),
            ("Arc<Mutex<Cell<u8>>>", "Send"),
            ("Arc<Mutex<RefCell<u8>>>", "Send"),
            ("Arc<RwLock<Vec<u8>>>", "Send"),
            ("Arc<std::sync::atomic::AtomicU64>", "Send"),
            ("&'static str", "Send"),
        ],
        field,
    );
}

#[test]
fn what_is_send() {
    check(
        &[
            ("()", "Send"),
            ("[u8; 4]", "Send"),
            ("Cell<u8>", "Send"),
            ("RefCell<Vec<String>>", "Send"),
            ("Box<dyn Fn(u8) -> Rc<u8> + Send>", "Send"),
            ("fn(Rc<u8>) -> *const u8", "Send"),
            ("unsafe extern \"C\" fn(*mut u8, ...)", "Send"),
            ("Option<Box<State>>", "Send"),
            ("std::path::PathBuf", "Send"),
            ("std::fs::File", "Send"),
            ("mpsc::Receiver<u8>", "Send"),
            ("std::thread::JoinHandle<u8>", "Send"),
            ("std::time::Instant", "Send"),
            ("core::num::NonZeroU32", "Send"),
            ("std::io::Result<std::io::Cursor<Vec<u8>>>", "Send"),
            ("BTreeMap<u32, (String, [i64; 2])>", "Send"),
            ("anyhow::Result<()>", "Send"),
            ("wasmtime::component::ResourceTable", "Send"),
            ("wasmtime_wasi::p2::WasiCtx", "Send"),
            ("wasmtime_wasi::preview1::WasiP1Ctx", "Send"),
            ("wasmtime_wasi_http::WasiHttpCtx", "Send"),
            ("wasmtime::StoreLimits", "Send"),
            ("wasmtime::Engine", "Send"),
            ("tokio::sync::mpsc::UnboundedSender<u8>", "Send"),
            ("tokio::runtime::Handle", "Send"),
        ],
        field,
    );
}

#[test]
fn trait_objects() {
    check(
        &[
            (
                "Box<dyn Fn(u8)>",
                "not Send: `dyn Fn<u8>` has no `Send` bound at dyn Fn(u8)",
            ),
            (
                "Box<dyn FnMut() -> u8 + 'static>",
                "not Send: `dyn FnMut<u8>` has no `Send` bound at dyn FnMut() -> u8 + 'static",
            ),
            (
                "Box<dyn std::any::Any>",
                "not Send: `dyn std::any::Any` has no `Send` bound at dyn std::any::Any",
            ),
            (
                "Box<dyn std::error::Error>",
                "not Send: `dyn std::error::Error` has no `Send` bound at dyn std::error::Error",
            ),
            (
                "Box<dyn std::io::Write + Sync>",
                "not Send: `dyn std::io::Write + Sync` has no `Send` bound at dyn std::io::Write + Sync",
            ),
            (
                "Pin<Box<dyn Future<Output = u8>>>",
                "not Send: `dyn Future<Output = u8>` has no `Send` bound at dyn Future<Output = u8>",
            ),
            ("Box<dyn Iterator<Item = Rc<u8>> + Send>", "Send"),
            ("Box<dyn std::error::Error + Send + Sync>", "Send"),
            ("Arc<dyn std::error::Error + Send + Sync>", "Send"),
            (
                "Arc<dyn std::error::Error + Send>",
                "not Send: `dyn std::error::Error + Send` has no `Sync` bound at dyn std::error::Error + Send",
            ),
            ("&'static (dyn Fn() + Sync)", "Send"),
            (
                "Box<dyn foreign::Plugin>",
                "undecidable: `foreign::Plugin` may ask for `Send` itself at dyn foreign::Plugin",
            ),
            ("Box<dyn foreign::Plugin + std::marker::Send>", "Send"),
        ],
        field,
    );
    check(
        &[
            (
                "trait Plugin {} struct State { a: Box<dyn Plugin> }",
                "not Send: `dyn Plugin` has no `Send` bound at dyn Plugin",
            ),
            (
                "trait Plugin {} struct State { a: Vec<Box<Plugin>> }",
                "not Send: `dyn Plugin` has no `Send` bound at Plugin",
            ),
            (
                "trait Plugin: Base {} trait Base: Send {} struct State { a: Box<dyn Plugin> }",
                "Send",
            ),
            (
                "trait Plugin where Self: Send {} struct State { a: Box<dyn Plugin> }",
                "Send",
            ),
            (
                "trait Plugin: Base {} trait Base: Plugin {} struct State { a: Box<dyn Plugin> }",
                "not Send: `dyn Plugin` has no `Send` bound at dyn Plugin",
            ),
            (
                "type Alias = dyn Fn() + Send; struct State { a: Box<Alias> }",
                "Send",
            ),
        ],
        state,
    );
}

#[test]
fn what_a_program_says_itself() {
    check(
        &[
            (
                "struct State(*mut u8); unsafe impl Send for State {}",
                "Send",
            ),
            (
                "struct State(*mut u8); unsafe impl Sync for State {}",
                "not Send: a raw pointer is not `Send` at *mut u8",
            ),
            (
                "struct State(u8); impl !Send for State {}",
                "not Send: `State` says itself that it is not `Send` at State",
            ),
            (
                "struct P<T>(*mut T); unsafe impl<T: Send> Send for P<T> {} struct State(P<u8>);",
                "Send",
            ),
            (
                "struct P<T>(*mut T); unsafe impl<T> Send for P<T> where T: Send {} struct State(P<Rc<u8>>);",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "struct P<A, B>(A, B); unsafe impl<B, A: Send> Send for P<A, B> {} struct State(P<u8, Rc<u8>>);",
                "Send",
            ),
            (
                "struct P<T>(*mut T); unsafe impl Send for P<u8> {} struct State(P<u8>);",
                "undecidable: the impl of `Send` is for some type arguments only at P<u8>",
            ),
            (
                "struct State(*mut u8); #[cfg(unix)] unsafe impl Send for State {}",
                "undecidable: a raw pointer is not `Send`, which depends on `cfg(unix)` at *mut u8",
            ),
            (
                "mod m { pub struct P(*mut u8); unsafe impl core::marker::Send for P {} } struct State(m::P);",
                "Send",
            ),
            (
                "struct State(*mut u8); const _: () = { unsafe impl Send for State {} };",
                "Send",
            ),
            // The compiler has proven it: these traits ask for `Send`.
            (
                "struct State { a: foreign::Thing } impl wasmtime_wasi::WasiView for State {}",
                "Send",
            ),
            (
                "trait Host: Send {} struct State { a: foreign::Thing } impl Host for State {}",
                "Send",
            ),
            (
                "trait Host {} struct State { a: foreign::Thing } impl Host for State {}",
                "undecidable: `foreign::Thing` is not known here to be `Send` or not at foreign::Thing",
            ),
        ],
        state,
    );
}

#[test]
fn enums_unions_and_units() {
    check(
        &[
            ("enum State { A, B(u8), C { a: String } }", "Send"),
            (
                "enum State { A, B(u8, Rc<u8>) }",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "enum State { A = 1, C { #[allow(x)] a: Rc<u8> } = 2 }",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "union State { a: u8, b: *const u8 }",
                "not Send: a raw pointer is not `Send` at *const u8",
            ),
            ("struct State;", "Send"),
            ("struct State();", "Send"),
            ("struct State {}", "Send"),
            (
                "struct State(pub (u8, u8), pub (crate::A, Rc<u8>)); type A = u8;",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "#[derive(Clone, Default)] pub(crate) struct State<> where u8: Copy { a: u8, }",
                "Send",
            ),
        ],
        state,
    );
}

#[test]
fn aliases_and_generics() {
    check(
        &[
            (
                "type State = A; type A = B; type B = Rc<u8>;",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "type Pair<T> = (T, T); struct State(Pair<Rc<u8>>);",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "type Pair<T> = (u8, Vec<T>); struct State(Pair<String>);",
                "Send",
            ),
            (
                "struct Host<T> { inner: Rc<T> } struct State(Host<u8>);",
                "not Send: `Rc` is never `Send` at Rc<T>",
            ),
            (
                "struct Host<T> { inner: Vec<T> } type State = Host<Rc<u8>>;",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "struct Host<T> { inner: Vec<T> } type State = Host<u8>;",
                "Send",
            ),
            (
                "struct Host<T = Rc<u8>>(T); struct State(Host);",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "struct Host<A, B = Vec<A>>(B); struct State(Host<Rc<u8>>);",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "struct Host<T>(u8, PhantomData<fn(T)>); struct State(Host<Rc<u8>>);",
                "Send",
            ),
            (
                "struct Host<const N: usize, T>([T; N]); struct State(Host<4, Rc<u8>>);",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "struct Host<'a, T: 'a + ?Sized>(&'a T); struct State(Host<'static, Cell<u8>>);",
                "not Send: `Cell` is never `Sync` at Cell<u8>",
            ),
            (
                "struct A<T>(Box<B<T>>); struct B<T>(Option<A<T>>, T); struct State(A<u8>);",
                "Send",
            ),
            (
                "struct State { next: Option<Box<State>>, all: Vec<State> }",
                "Send",
            ),
            (
                "struct State { next: Option<Box<State>>, own: Self2 } type Self2 = Rc<State>;",
                "not Send: `Rc` is never `Send` at Rc<State>",
            ),
            ("struct State { a: Vec<Self> }", "Send"),
            (
                "struct Grow<T>(Option<Box<Grow<(T, T)>>>); struct State(Grow<u8>);",
                "undecidable: the type grows without end at Box<Grow<(T, T)>>",
            ),
            (
                "struct Grow<T>(Option<Box<Grow<Vec<T>>>>); struct State(Grow<u8>);",
                "undecidable: the type grows without end at Option<Box<Grow<Vec<T>>>>",
            ),
        ],
        state,
    );
}

#[test]
fn what_cannot_be_followed() {
    check(
        &[
            (
                "struct State(foreign::Thing);",
                "undecidable: `foreign::Thing` is not known here to be `Send` or not at foreign::Thing",
            ),
            (
                "struct State(Missing);",
                "undecidable: `Missing` is not defined in the files at hand at Missing",
            ),
            (
                "struct State(made!(u8));",
                "undecidable: the type is made by a macro at made!(u8)",
            ),
            (
                "struct State(<u8 as Tr>::Out);",
                "undecidable: an associated type is not followed at <u8 as Tr>::Out",
            ),
            (
                "struct H<T: Tr>(T::Out); struct State(H<u8>);",
                "undecidable: `Out` belongs to a type, and is looked up by the compiler at T::Out",
            ),
            (
                "type State = impl Fn();",
                "undecidable: what stands behind `impl Fn` is open at impl Fn()",
            ),
            ("type State = impl Fn() + Send;", "Send"),
            (
                "use foreign::State;",
                "undecidable: `foreign::State` is not known here to be `Send` or not at State",
            ),
            (
                "use foreign::*;",
                "undecidable: `State` is not defined in the files at hand at State",
            ),
            (
                "bitflags! { struct State: u8 { const A = 1; } }",
                "undecidable: `State` is not defined in the files at hand at State",
            ),
            (
                "mod generated; use generated::State;",
                "undecidable: the file of module `generated` is not at hand at State",
            ),
            // One part that is not `Send` settles it, whatever the others are.
            (
                "struct State(foreign::Thing, Rc<u8>);",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
        ],
        state,
    );
}

#[test]
fn definitions_under_cfg() {
    check(
        &[
            (
                "#[cfg(unix)] struct State(Rc<u8>); #[cfg(windows)] struct State(*mut u8);",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "#[cfg(unix)] struct State(u8); #[cfg(windows)] struct State(u16);",
                "Send",
            ),
            (
                "#[cfg(unix)] struct State(u8); #[cfg(windows)] struct State(Rc<u8>);",
                "undecidable: `Rc` is never `Send`, in one of several definitions that `cfg` picks from at Rc<u8>",
            ),
            (
                "struct State { a: u8, #[cfg(feature = \"x\")] b: Rc<u8> }",
                "undecidable: `Rc` is never `Send`, which depends on `cfg(feature = \"x\")` at Rc<u8>",
            ),
            (
                "struct State { #[cfg(feature = \"x\")] a: u8, b: Rc<u8> }",
                "not Send: `Rc` is never `Send` at Rc<u8>",
            ),
            (
                "#[cfg(unix)] type H = Rc<u8>; #[cfg(windows)] type H = u8; struct State(Vec<H>);",
                "undecidable: `Rc` is never `Send`, in one of several definitions that `cfg` picks from at Rc<u8>",
            ),
            (
                "#[cfg(a)] struct L(Option<Box<L>>); #[cfg(b)] struct L(Vec<L>); struct State(L);",
                "Send",
            ),
            (
                "#[cfg(a)] use std::rc::Rc as P; #[cfg(b)] use std::sync::Arc as P; struct State(P<u8>);",
                "undecidable: `Rc` is never `Send`, in one of several definitions that `cfg` picks from at P<u8>",
            ),
        ],
        state,
    );
}

#[test]
fn the_way_to_the_culprit_is_told_step_by_step() {
    let source = with_state(
        "type Log = Rc<u8>; enum Entry<T> { One(T), Two { log: T } } struct State { all: Vec<Entry<Log>> }",
    );
    let workspace = Workspace::new(&[("src/main.rs", &source)]);
    assert_eq!(
        workspace.via(),
        [
            "field `all` of `State` at Vec<Entry<Log>>",
            "in `Vec` at Entry<Log>",
            "field `0` of `Entry::One` at T",
            "`Log` stands for `Rc<u8>` at Rc<u8>",
        ]
    );
}
