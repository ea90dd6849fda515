//! Runs one guest under this release of Wasmtime and writes down what happens.
//!
//! One thread runs the guest, synchronously; a second one ends its epoch. What differs between
//! releases in Wasmtime's own interface is behind `cfg(since_N)`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use wasmtime::{Engine, Store};

mod calls;
mod component;
mod engine;
mod errors;
#[cfg(wasi_http)]
mod http;
mod limiter;
mod module;
mod proposals;
#[path = "../protocol.rs"]
pub mod protocol;
mod stubs;
mod switches;
mod types;
pub mod values;
mod wasi;

use errors::failure;
use limiter::Limiter;
use protocol::{GuestKind, Job, Observation, Stage};

/// Stubbed imports that were called. A guest in a loop calls one for ever, so only the first are
/// kept.
#[derive(Clone, Default)]
pub(crate) struct StubCalls(Arc<Mutex<Vec<String>>>);

impl StubCalls {
    /// How many are kept.
    const MOST: usize = 100;

    pub(crate) fn note(&self, name: &str) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() < Self::MOST {
            calls.push(name.to_owned());
        }
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the store of a guest holds.
pub(crate) struct State {
    pub(crate) wasi: wasi::Context,
    #[cfg(wasi_http)]
    pub(crate) http: http::Http,
    /// Whether the guest has functions that are `async` in WIT: they wait for one another.
    #[cfg(concurrency)]
    pub(crate) concurrent: bool,
    pub(crate) limiter: Limiter,
}

/// The parts of one run.
pub(crate) struct Run<'a> {
    pub(crate) job: &'a Job,
    pub(crate) engine: Engine,
    pub(crate) seen: Observation,
    pub(crate) stub_calls: StubCalls,
    stage: Stage,
    on_stage: &'a dyn Fn(Stage),
    began: Instant,
    /// When the engine was made: its epoch ends so long after that as the job says.
    born: Instant,
}

/// What a guest may take to be run a second time whatever its compilation took.
const SHORT: Duration = Duration::from_millis(50);

impl Run<'_> {
    /// The guest has come to the next stage.
    pub(crate) fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.began = Instant::now();
        (self.on_stage)(stage);
    }

    /// Runs a guest that is compiled, and a second time where that takes no longer than compiling it did:
    /// what it does not do the same way twice is no difference between releases, and whoever compares need
    /// not have it compiled again to know.
    pub(crate) fn run(&mut self, once: impl Fn(&mut Self)) {
        let compiled = self.seen.clone();
        let began = Instant::now();
        self.run_once(&once);
        let took = began.elapsed();
        let compilation = Duration::from_micros(compiled.compile_micros.unwrap_or_default());
        // The second run has what the first one left of the time.
        let has_time = self.born.elapsed() < Duration::from_millis(self.job.limits.millis) / 2;
        if took > compilation.max(SHORT) || !has_time {
            return;
        }
        let first = std::mem::replace(&mut self.seen, compiled);
        // The stages are those of the first run.
        let on_stage = std::mem::replace(&mut self.on_stage, &|_| {});
        self.run_once(&once);
        self.on_stage = on_stage;
        let again = std::mem::replace(&mut self.seen, first);
        self.seen.again = Some(Box::new(again));
    }

    fn run_once(&mut self, once: &impl Fn(&mut Self)) {
        once(self);
        self.seen.stub_calls = self.stub_calls.taken();
    }

    /// Since the stage began, in microseconds.
    pub(crate) fn micros(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// A store with all limits set.
    pub(crate) fn store(&self, wasi: wasi::Context) -> wasmtime::Result<Store<State>> {
        let limiter = Limiter::new(self.job.limits);
        let state = State {
            wasi,
            #[cfg(wasi_http)]
            http: http::Http::new(),
            #[cfg(concurrency)]
            concurrent: false,
            limiter,
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.limiter);
        store.set_fuel(self.job.limits.fuel)?;
        store.set_epoch_deadline(1);
        Ok(store)
    }

    /// Writes down what a store knows once its guest has ended.
    pub(crate) fn take_stock(&mut self, store: &mut Store<State>) {
        let limits = self.job.limits;
        self.seen.fuel = store
            .get_fuel()
            .ok()
            .map(|left| limits.fuel.saturating_sub(left));
        self.seen.handles = wasi::handles(store.data_mut());
        let limiter = &store.data().limiter;
        self.seen.peak_memory = limiter.peak_memory();
        self.seen.tables = limiter.tables();
        self.seen.table_elements = limiter.peak_elements();
    }

    /// Writes down what the guest wrote. Its streams end at their limit without a trap, which must
    /// not go unseen.
    pub(crate) fn take_outputs(&mut self, outputs: &wasi::Outputs) {
        (self.seen.stdout, self.seen.stderr) = outputs.written();
        let most = self.job.limits.output;
        let written = [("output", &self.seen.stdout), ("error", &self.seen.stderr)];
        let full = written.iter().filter(|(_, written)| written.bytes >= most);
        let remarks: Vec<String> = full
            .map(|(name, _)| format!("standard {name} ended at its limit of {most} bytes"))
            .collect();
        self.seen.remarks.extend(remarks);
    }

    /// What ended the guest: its own exit, or a failure at this stage.
    pub(crate) fn ended(&mut self, error: &wasmtime::Error) {
        match wasi::exit_code(error) {
            Some(code) => self.seen.exit_code = Some(code),
            None => self.seen.failure = Some(failure(self.stage, error)),
        }
    }
}

/// Lets the operating system hold what the engine does not: the compiler's memory, core dumps,
/// files. Where it has no such limits, the parent's clock is what remains.
pub fn confine(job: &Job) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        /// What the compiler and this program may use besides the guest's memories, in bytes.
        const OWN_MEMORY: u64 = 4 << 30;
        let to = |most: u64| Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        // None of them is needed for the guest to run: one that can't be set is no reason to stop.
        let _ = setrlimit(Resource::Core, to(0));
        // Images of memories are files too, though nowhere on a disk.
        let _ = setrlimit(Resource::Fsize, to(job.limits.memory));
        let _ = setrlimit(
            Resource::Data,
            to(job.limits.memory.saturating_add(OWN_MEMORY)),
        );
        let _ = setrlimit(Resource::Nofile, to(64));
    }
    #[cfg(not(unix))]
    let _ = job;
}

/// Runs the guest of a job. `on_stage` hears of each stage as the guest comes to it.
pub fn observe(job: &Job, on_stage: &dyn Fn(Stage)) -> Observation {
    let mut seen = Observation {
        remarks: engine::unknown(job),
        ..Observation::default()
    };
    on_stage(Stage::Start);
    let engine = match engine::engine(job) {
        Ok(engine) => engine,
        Err(error) => {
            seen.failure = Some(failure(Stage::Start, &error));
            return seen;
        }
    };
    let bytes = match std::fs::read(&job.guest) {
        Ok(bytes) => bytes,
        Err(error) => {
            seen.failure = Some(protocol::Failure {
                stage: Stage::Start,
                trap: None,
                message: format!("can't read the guest: {error}"),
            });
            return seen;
        }
    };
    end_epoch_after(&engine, Duration::from_millis(job.limits.millis));
    let now = Instant::now();
    let mut run = Run {
        job,
        engine,
        seen,
        stub_calls: StubCalls::default(),
        stage: Stage::Start,
        on_stage,
        began: now,
        born: now,
    };
    match kind(&bytes) {
        GuestKind::Module => module::observe(&mut run, &bytes),
        GuestKind::Component => component::observe(&mut run, &bytes),
    }
    run.seen
}

/// What the bytes are, by the layer in their header. Whether they are it is for validation to say.
fn kind(bytes: &[u8]) -> GuestKind {
    match bytes.get(6..8) {
        Some([1, 0]) => GuestKind::Component,
        _ => GuestKind::Module,
    }
}

/// Ends the epoch of an engine when the time is up, which stops a guest that runs.
fn end_epoch_after(engine: &Engine, time: Duration) {
    let engine = engine.clone();
    std::thread::spawn(move || {
        std::thread::sleep(time);
        engine.increment_epoch();
    });
}
