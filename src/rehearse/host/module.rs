//! Core modules.

use std::collections::BTreeSet;

use wasmtime::{ExternType, Instance, Linker, Module, Store};

use super::calls;
use super::protocol::{Export, GuestKind, Import, Stage};
use super::{Run, State, proposals, stubs, types, wasi};

/// Runs a core module through all stages, as far as it comes.
pub(super) fn observe(run: &mut Run<'_>, bytes: &[u8]) {
    run.seen.kind = Some(GuestKind::Module);
    run.seen.needs = proposals::needed(bytes);
    run.enter(Stage::Validate);
    if let Err(error) = Module::validate(&run.engine, bytes) {
        run.ended(&error);
        return;
    }
    run.enter(Stage::Compile);
    let module = match Module::from_binary(&run.engine, bytes) {
        Ok(module) => module,
        Err(error) => {
            run.ended(&error);
            return;
        }
    };
    run.seen.compile_micros = Some(run.micros());
    run.seen.code_bytes = Some(module.text().len() as u64);
    run.seen.exports = exports(&module);
    run.run(|run| {
        let (context, outputs) = wasi::context(run.job);
        let mut store = match run.store(context) {
            Ok(store) => store,
            Err(error) => {
                run.ended(&error);
                return;
            }
        };
        if let Err(error) = live(run, &mut store, &module) {
            run.ended(&error);
        }
        run.take_stock(&mut store);
        run.take_outputs(&outputs);
    });
}

fn exports(module: &Module) -> Vec<Export> {
    let exports = module.exports().map(|export| Export {
        name: export.name().to_owned(),
        ty: types::of_extern(&export.ty()),
    });
    exports.collect()
}

/// From linking to the last call.
fn live(run: &mut Run<'_>, store: &mut Store<State>, module: &Module) -> wasmtime::Result<()> {
    run.enter(Stage::Link);
    let linker = linker(run, store, module)?;
    run.enter(Stage::Instantiate);
    let instance = linker.instantiate(&mut *store, module)?;
    run.seen.instantiate_micros = Some(run.micros());
    run.enter(Stage::Run);
    let done = exported(run, store, &instance);
    run.seen.run_micros = Some(run.micros());
    done
}

/// WASI, and stubs for what it does not define.
fn linker(
    run: &mut Run<'_>,
    store: &mut Store<State>,
    module: &Module,
) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(&run.engine);
    wasi::add_to_module_linker(&mut linker)?;
    let defined: BTreeSet<(String, String)> = linker
        .iter(&mut *store)
        .map(|(module, name, _)| (module.to_owned(), name.to_owned()))
        .collect();
    let mut stubbed = BTreeSet::new();
    for import in module.imports() {
        let place = (import.module().to_owned(), import.name().to_owned());
        let satisfied = defined.contains(&place);
        run.seen.imports.push(Import {
            name: format!("{}.{}", place.0, place.1),
            satisfied,
            reason: (!satisfied).then(|| unknown(&place.0, &import.ty())),
        });
        if !satisfied && stubbed.insert(place) {
            stubs::define(run, store, &mut linker, &import)?;
        }
    }
    Ok(linker)
}

/// Why an import of a core module has no definition.
fn unknown(module: &str, ty: &ExternType) -> String {
    let what = types::of_extern(ty);
    match module {
        "wasi_snapshot_preview1" => format!("WASI 0.1 of this release has no such {what}"),
        "wasi_unstable" => format!("a {what} of WASI 0.0, which is not linked here"),
        _ => format!("a {what} of the host's own"),
    }
}

/// Runs a command, or starts a reactor; then makes the calls that were asked for.
fn exported(
    run: &mut Run<'_>,
    store: &mut Store<State>,
    instance: &Instance,
) -> wasmtime::Result<()> {
    let command = instance.get_func(&mut *store, "_start");
    let start = match &command {
        Some(start) => Some(*start),
        None => instance.get_func(&mut *store, "_initialize"),
    };
    if let Some(start) = start {
        match start.call(&mut *store, &[], &mut []) {
            Ok(()) if command.is_some() => run.seen.exit_code = Some(0),
            Ok(()) => {}
            Err(error) => return Err(error),
        }
    }
    for call in &run.job.invoke {
        let answered = calls::of_module(store, instance, call);
        run.seen.calls.push(calls::record(call, answered));
    }
    Ok(())
}
