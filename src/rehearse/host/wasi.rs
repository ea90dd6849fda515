//! WASI for guests: no folder, no network, no environment but the job's; what they write is kept.

use wasmtime::Engine;

use super::State;
use super::protocol::{Job, Written};

#[cfg(not(since_37))]
use wasmtime_wasi::preview1 as p1;

#[cfg(since_37)]
use wasmtime_wasi::p1;

#[cfg(not(since_33))]
use wasmtime_wasi::{WasiCtxBuilder, WasiView, pipe};

#[cfg(all(since_33, not(since_36)))]
use wasmtime_wasi::p2::{IoView, WasiCtxBuilder, WasiView, pipe};

#[cfg(since_36)]
use wasmtime_wasi::{WasiCtxBuilder, WasiView, p2::pipe};

#[cfg(all(since_30, not(since_33)))]
use wasmtime_wasi::IoView;

/// What WASI needs in a store, of both of its versions.
pub(crate) type Context = p1::WasiP1Ctx;

/// Where the output of a guest goes.
pub(crate) struct Outputs {
    stdout: pipe::MemoryOutputPipe,
    stderr: pipe::MemoryOutputPipe,
}

impl Outputs {
    /// What was written to standard output and standard error.
    pub(super) fn written(&self) -> (Written, Written) {
        let of = |pipe: &pipe::MemoryOutputPipe| {
            let bytes = pipe.contents();
            Written {
                text: String::from_utf8_lossy(&bytes).into_owned(),
                bytes: bytes.len() as u64,
            }
        };
        (of(&self.stdout), of(&self.stderr))
    }
}

/// The WASI of a job. What a guest takes for chance is the same in every run, so that two runs can
/// be compared.
pub(super) fn context(job: &Job) -> (Context, Outputs) {
    let capacity = usize::try_from(job.limits.output).unwrap_or(usize::MAX);
    let outputs = Outputs {
        stdout: pipe::MemoryOutputPipe::new(capacity),
        stderr: pipe::MemoryOutputPipe::new(capacity),
    };
    let name = job.guest.rsplit(['/', '\\']).next().unwrap_or_default();
    let chance = || wasmtime_wasi::Deterministic::new((0..=255).collect());
    let mut builder = WasiCtxBuilder::new();
    builder
        .stdin(pipe::MemoryInputPipe::new(job.stdin.clone()))
        .stdout(outputs.stdout.clone())
        .stderr(outputs.stderr.clone())
        .envs(&job.env)
        .arg(name)
        .args(&job.args)
        .secure_random(chance())
        .insecure_random(chance())
        .insecure_random_seed(0);
    (builder.build_p1(), outputs)
}

/// Defines WASI 0.1 for core modules.
pub(super) fn add_to_module_linker(linker: &mut wasmtime::Linker<State>) -> wasmtime::Result<()> {
    p1::add_to_linker_sync(linker, |state: &mut State| &mut state.wasi)
}

/// Defines WASI 0.2 for components, and 0.3 for those that are `concurrent` where the release has it.
pub(super) fn component_linker(
    engine: &Engine,
    concurrent: bool,
) -> wasmtime::Result<wasmtime::component::Linker<State>> {
    let mut linker = wasmtime::component::Linker::new(engine);
    if concurrent {
        // Where one function waits all have to be able to.
        #[cfg(concurrency)]
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        #[cfg(wasi_3)]
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        return Ok(linker);
    }
    #[cfg(not(since_33))]
    wasmtime_wasi::add_to_linker_sync(&mut linker)?;
    #[cfg(since_33)]
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    Ok(linker)
}

/// Waits for what a guest does whose functions wait.
#[cfg(concurrency)]
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    wasmtime_wasi::runtime::in_tokio(future)
}

/// How many resources of the host a guest still holds, of the first [`MOST_HANDLES`] that it had at
/// once.
pub(super) fn handles(state: &mut State) -> u64 {
    let table = table(&mut state.wasi);
    let held = (0..MOST_HANDLES).filter(|index| table.get_any_mut(*index).is_ok());
    held.count() as u64
}

/// Where the host keeps the resources of a guest.
pub(super) fn table(context: &mut Context) -> &mut wasmtime::component::ResourceTable {
    #[cfg(since_36)]
    let table = WasiView::ctx(context).table;
    #[cfg(all(since_30, not(since_36)))]
    let table = IoView::table(context);
    #[cfg(not(since_30))]
    let table = WasiView::table(context);
    table
}

/// The table can't be walked, only asked.
const MOST_HANDLES: u32 = 1 << 16;

/// What a guest exited with, when that is what ended it.
pub(super) fn exit_code(error: &wasmtime::Error) -> Option<i32> {
    error
        .downcast_ref::<wasmtime_wasi::I32Exit>()
        .map(|exit| exit.0)
}

#[cfg(since_36)]
impl WasiView for State {
    fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> {
        WasiView::ctx(&mut self.wasi)
    }
}

#[cfg(all(since_30, not(since_36)))]
impl IoView for State {
    fn table(&mut self) -> &mut wasmtime::component::ResourceTable {
        table(&mut self.wasi)
    }
}

#[cfg(all(since_33, not(since_36)))]
impl WasiView for State {
    fn ctx(&mut self) -> &mut wasmtime_wasi::p2::WasiCtx {
        WasiView::ctx(&mut self.wasi)
    }
}

#[cfg(all(since_30, not(since_33)))]
impl WasiView for State {
    fn ctx(&mut self) -> &mut wasmtime_wasi::WasiCtx {
        WasiView::ctx(&mut self.wasi)
    }
}

#[cfg(not(since_30))]
impl WasiView for State {
    fn table(&mut self) -> &mut wasmtime::component::ResourceTable {
        table(&mut self.wasi)
    }

    fn ctx(&mut self) -> &mut wasmtime_wasi::WasiCtx {
        WasiView::ctx(&mut self.wasi)
    }
}
