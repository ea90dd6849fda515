//! Components.

use std::collections::BTreeSet;

use wasmtime::Store;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, Func, Instance, Linker, Val};

use super::errors::failure;
#[cfg(wasi_http)]
use super::http;
use super::protocol::{Export, GuestKind, Import, Stage};
use super::stubs::said;
use super::{Run, State, calls, stubs, types, values, wasi};

/// The interface of commands, up to its version, in WASI 0.2 and in WASI 0.3.
const RUN: [&str; 2] = ["wasi:cli/run@0.2.", "wasi:cli/run@0.3."];

/// Releases before 46 have drafts of WASI 0.3 that no two of them share.
const RUN_OF_DRAFTS: &str = "wasi:cli/run@0.3.0-";

/// Runs a component through all stages, as far as it comes.
pub(super) fn observe(run: &mut Run<'_>, bytes: &[u8]) {
    run.seen.kind = Some(GuestKind::Component);
    // Components are validated while they are compiled: there is no other door.
    run.enter(Stage::Compile);
    let component = match Component::from_binary(&run.engine, bytes) {
        Ok(component) => component,
        Err(error) => {
            run.ended(&error);
            return;
        }
    };
    run.seen.compile_micros = Some(run.micros());
    let image = component.image_range();
    run.seen.code_bytes = Some((image.end as usize - image.start as usize) as u64);
    run.seen.exports = exports(run, &component);
    run.run(|run| {
        let (context, outputs) = wasi::context(run.job);
        let mut store = match run.store(context) {
            Ok(store) => store,
            Err(error) => {
                run.ended(&error);
                return;
            }
        };
        #[cfg(concurrency)]
        {
            store.data_mut().concurrent = is_concurrent(run, &component);
        }
        if let Err(error) = live(run, &mut store, &component) {
            run.ended(&error);
        }
        run.take_stock(&mut store);
        run.take_outputs(&outputs);
    });
}

/// The items that a component imports or exports.
macro_rules! items {
    ($items:expr) => {
        $items.map(|(name, item)| {
            #[cfg(since_46)]
            let item = item.ty;
            (name.to_owned(), item)
        })
    };
}

fn exports(run: &Run<'_>, component: &Component) -> Vec<Export> {
    let mut all = Vec::new();
    let ty = component.component_type();
    for (name, item) in items!(ty.exports(&run.engine)) {
        let ComponentItem::ComponentInstance(instance) = &item else {
            let ty = types::of_item(&item);
            all.push(Export { name, ty });
            continue;
        };
        for (inner, item) in items!(instance.exports(&run.engine)) {
            // A type of another interface is no more than a name here.
            if !matches!(item, ComponentItem::Type(_)) {
                let name = format!("{name}.{inner}");
                let ty = types::of_item(&item);
                all.push(Export { name, ty });
            }
        }
    }
    all
}

/// From linking to the last call.
fn live(
    run: &mut Run<'_>,
    store: &mut Store<State>,
    component: &Component,
) -> wasmtime::Result<()> {
    run.enter(Stage::Link);
    let linker = linker(run, component)?;
    run.enter(Stage::Instantiate);
    let instance = instantiate(store, &linker, component)?;
    run.seen.instantiate_micros = Some(run.micros());
    run.enter(Stage::Run);
    let done = exported(run, store, &instance, component);
    #[cfg(wasi_http)]
    let done = done.map(|()| http::handle_all(run, store, &linker, component, instance));
    run.seen.run_micros = Some(run.micros());
    done
}

/// Whether a guest has functions that are `async` in WIT, as those of WASI 0.3 are, and this host can
/// define and call them.
#[cfg(concurrency)]
fn is_concurrent(run: &Run<'_>, component: &Component) -> bool {
    if run.job.engine.switches.get("concurrency_support") == Some(&false) {
        return false;
    }
    let ty = component.component_type();
    let mut items = items!(ty.imports(&run.engine)).chain(items!(ty.exports(&run.engine)));
    items.any(|(_, item)| match item {
        ComponentItem::ComponentFunc(func) => func.async_(),
        ComponentItem::ComponentInstance(instance) => {
            let mut items = items!(instance.exports(&run.engine));
            items.any(
                |(_, item)| matches!(item, ComponentItem::ComponentFunc(func) if func.async_()),
            )
        }
        _ => false,
    })
}

#[cfg(not(concurrency))]
fn is_concurrent(_: &Run<'_>, _: &Component) -> bool {
    false
}

/// An instance of a guest.
pub(super) fn instantiate(
    store: &mut Store<State>,
    linker: &Linker<State>,
    component: &Component,
) -> wasmtime::Result<Instance> {
    #[cfg(concurrency)]
    if store.data().concurrent {
        return wasi::wait(linker.instantiate_async(&mut *store, component));
    }
    linker.instantiate(&mut *store, component)
}

/// WASI, and stubs for what it does not define. The linker itself says what that is: it matches
/// versions by rules of its own.
fn linker(run: &mut Run<'_>, component: &Component) -> wasmtime::Result<Linker<State>> {
    let concurrent = is_concurrent(run, component);
    let mut linker = wasi::component_linker(&run.engine, concurrent)?;
    #[cfg(wasi_http)]
    http::add_to_linker(&mut linker, concurrent)?;
    linker.allow_shadowing(true);
    let ty = component.component_type();
    let imports: Vec<(String, ComponentItem)> = items!(ty.imports(&run.engine)).collect();
    let mut missing: Vec<(String, String)> = Vec::new();
    let ended = loop {
        let Err(error) = linker.instantiate_pre(component) else {
            break None;
        };
        let message = failure(Stage::Link, &error).message;
        let name = imports.iter().find(|(name, _)| {
            message.starts_with("component imports ")
                && message
                    .split(", but a matching implementation")
                    .next()
                    .is_some_and(|head| head.ends_with(&format!("`{name}`")))
        });
        match name {
            Some((name, item)) if !missing.iter().any(|(known, _)| known == name) => {
                let reason = message.rsplit("in the linker: ").next();
                missing.push((name.clone(), reason.unwrap_or(&message).to_owned()));
                stubs::define_item(run, &mut linker.root(), name, item)?;
            }
            // Not about an import, or a stub that does not fit.
            _ => break Some(error),
        }
    };
    let names: BTreeSet<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
    for (name, item) in &imports {
        // A type alone is always there.
        if matches!(item, ComponentItem::Type(_)) {
            continue;
        }
        let reason = missing.iter().find(|(missing, _)| missing == name);
        run.seen.imports.push(Import {
            name: name.clone(),
            satisfied: !names.contains(name.as_str()),
            reason: reason.map(|(_, reason)| reason.clone()),
        });
    }
    match ended {
        Some(error) => Err(error),
        None => Ok(linker),
    }
}

pub(super) fn export_names(run: &Run<'_>, component: &Component) -> Vec<String> {
    let ty = component.component_type();
    items!(ty.exports(&run.engine))
        .map(|(name, _)| name)
        .collect()
}

/// Runs a command; then makes the calls that were asked for.
fn exported(
    run: &mut Run<'_>,
    store: &mut Store<State>,
    instance: &Instance,
    component: &Component,
) -> wasmtime::Result<()> {
    let names = export_names(run, component);
    let runs = |name: &&String| RUN.iter().any(|start| name.starts_with(start));
    let runs = names.iter().find(runs);
    let is_called = |name: &str| {
        name.starts_with(RUN[0])
            || is_concurrent(run, component) && !name.starts_with(RUN_OF_DRAFTS)
    };
    if let Some(interface) = runs.filter(|name| is_called(name)) {
        let func = in_interface(store, instance, interface, "run")?;
        let answer = call(store, &func, &[])?;
        run.seen.exit_code = Some(match answer.first() {
            Some(Val::Result(Err(_))) => 1,
            _ => 0,
        });
    } else if let Some(newer) = runs {
        run.seen.remarks.push(format!(
            "`{newer}` is not called: this host has no WASI 0.3 of that version"
        ));
    }
    for call in &run.job.invoke {
        let answered = invoke(store, instance, &names, call);
        run.seen.calls.push(calls::record(call, answered));
    }
    Ok(())
}

/// Makes one call that was asked for: `name(..)`, or `interface.name(..)`.
fn invoke(
    store: &mut Store<State>,
    instance: &Instance,
    names: &[String],
    text: &str,
) -> wasmtime::Result<String> {
    let (path, texts) = calls::parts(text)?;
    let interface = names.iter().find_map(|name| {
        let inner = path.strip_prefix(name.as_str())?.strip_prefix('.')?;
        Some((name.as_str(), inner))
    });
    let func = match interface {
        Some((interface, name)) => in_interface(store, instance, interface, name)?,
        None => instance
            .get_func(&mut *store, path)
            .ok_or_else(|| said(format!("no function `{path}` is exported")))?,
    };
    let args = arguments(store, &func, path, &texts)?;
    let answer = call(store, &func, &args)?;
    let shown: Vec<String> = answer.iter().map(values::shown).collect();
    Ok(shown.join(", "))
}

#[cfg(since_28)]
fn arguments(
    store: &Store<State>,
    func: &Func,
    path: &str,
    texts: &[&str],
) -> wasmtime::Result<Vec<Val>> {
    #[cfg(not(since_39))]
    let types: Vec<_> = func
        .params(store)
        .iter()
        .map(|(_, ty)| ty.clone())
        .collect();
    #[cfg(since_39)]
    let types: Vec<_> = func.ty(store).params().map(|(_, ty)| ty).collect();
    if types.len() != texts.len() {
        let (wanted, given) = (types.len(), texts.len());
        return Err(said(format!(
            "`{path}` takes {wanted} arguments, not {given}"
        )));
    }
    let values = types.iter().zip(texts);
    values.map(|(ty, text)| Val::from_wave(ty, text)).collect()
}

#[cfg(not(since_28))]
fn arguments(_: &Store<State>, _: &Func, path: &str, texts: &[&str]) -> wasmtime::Result<Vec<Val>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    Err(said(format!("`{path}`: Wasmtime reads WAVE from 28 on")))
}

/// A function of an interface that the component exports.
// Not every release takes an index by value.
#[allow(clippy::needless_borrows_for_generic_args)]
pub(super) fn in_interface(
    store: &mut Store<State>,
    instance: &Instance,
    interface: &str,
    name: &str,
) -> wasmtime::Result<Func> {
    let outer = index(store, instance, None, interface);
    let inner = outer.and_then(|outer| index(store, instance, Some(&outer), name));
    let func = inner.and_then(|inner| instance.get_func(&mut *store, &inner));
    func.ok_or_else(|| said(format!("no function `{name}` is exported in `{interface}`")))
}

fn index(
    store: &mut Store<State>,
    instance: &Instance,
    outer: Option<&ComponentExportIndex>,
    name: &str,
) -> Option<ComponentExportIndex> {
    let found = instance.get_export(&mut *store, outer, name);
    #[cfg(since_33)]
    let found = found.map(|(_, index)| index);
    found
}

/// Calls a function, and lets it clean up after itself.
pub(super) fn call(
    store: &mut Store<State>,
    func: &Func,
    args: &[Val],
) -> wasmtime::Result<Vec<Val>> {
    #[cfg(not(since_39))]
    let count = func.results(&*store).len();
    #[cfg(since_39)]
    let count = func.ty(&*store).results().len();
    let mut results = vec![Val::Bool(false); count];
    #[cfg(concurrency)]
    if store.data().concurrent {
        wasi::wait(func.call_async(&mut *store, args, &mut results))?;
        return Ok(results);
    }
    func.call(&mut *store, args, &mut results)?;
    // It has no effect any more from 42 on.
    #[cfg(not(since_42))]
    func.post_return(&mut *store)?;
    Ok(results)
}
