//! Definitions for imports that nobody defines, made from their types alone.

use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{LinkerInstance, ResourceType, Type, Val as Value};
use wasmtime::{
    ExternType, FuncType, Global, HeapType, ImportType, Linker, Memory, Ref, Store, Table, Val,
    ValType,
};

use super::protocol::Stubs;
use super::{Run, State, StubCalls};

/// Defines an import of a core module.
pub(super) fn define(
    run: &Run<'_>,
    store: &mut Store<State>,
    linker: &mut Linker<State>,
    import: &ImportType<'_>,
) -> wasmtime::Result<()> {
    let (module, name) = (import.module(), import.name());
    match import.ty() {
        ExternType::Func(ty) => {
            let stub = Stub::new(run, format!("{module}.{name}"));
            let types = ty.clone();
            linker.func_new(module, name, ty, move |_, _, results| {
                stub.call()?;
                zeros(&types, results)
            })?;
        }
        ExternType::Memory(ty) => {
            let memory = Memory::new(&mut *store, ty)?;
            linker.define(&*store, module, name, memory)?;
        }
        ExternType::Table(ty) => {
            let table = Table::new(&mut *store, ty, Ref::Func(None))?;
            linker.define(&*store, module, name, table)?;
        }
        ExternType::Global(ty) => {
            let value = zero(ty.content()).ok_or_else(|| no_value(&ty.content().to_string()))?;
            let global = Global::new(&mut *store, ty, value)?;
            linker.define(&*store, module, name, global)?;
        }
        // A tag can't be stubbed: linking says that it is missing.
        #[allow(unreachable_patterns)]
        _ => {}
    }
    Ok(())
}

/// A function that stands for one that the host of the project defines.
#[derive(Clone)]
struct Stub {
    name: String,
    answers: bool,
    calls: StubCalls,
}

impl Stub {
    fn new(run: &Run<'_>, name: String) -> Self {
        Self {
            name,
            answers: run.job.stubs == Stubs::Default,
            calls: run.stub_calls.clone(),
        }
    }

    /// Records the call; an error when it is to end the guest.
    fn call(&self) -> wasmtime::Result<()> {
        self.calls.note(&self.name);
        if self.answers {
            Ok(())
        } else {
            Err(said(format!("the stub of `{}` was called", self.name)))
        }
    }
}

/// An error with no more than a text.
pub(super) fn said(text: String) -> wasmtime::Error {
    wasmtime::Error::msg(text)
}

fn no_value(ty: &str) -> wasmtime::Error {
    said(format!("a stub has no value of the type {ty}"))
}

fn zeros(ty: &FuncType, results: &mut [Val]) -> wasmtime::Result<()> {
    for (result, ty) in results.iter_mut().zip(ty.results()) {
        *result = zero(&ty).ok_or_else(|| no_value(&ty.to_string()))?;
    }
    Ok(())
}

fn zero(ty: &ValType) -> Option<Val> {
    Some(match ty {
        ValType::I32 => Val::I32(0),
        ValType::I64 => Val::I64(0),
        ValType::F32 => Val::F32(0),
        ValType::F64 => Val::F64(0),
        ValType::V128 => Val::V128(0.into()),
        ValType::Ref(ty) if !ty.is_nullable() => return None,
        ValType::Ref(ty) => match ty.heap_type() {
            HeapType::Func | HeapType::ConcreteFunc(_) | HeapType::NoFunc => Val::FuncRef(None),
            HeapType::Extern | HeapType::NoExtern => Val::ExternRef(None),
            HeapType::Any | HeapType::None => Val::AnyRef(None),
            _ => return None,
        },
    })
}

/// Defines an import of a component under `linker`, with all that is in it.
pub(super) fn define_item(
    run: &Run<'_>,
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    item: &ComponentItem,
) -> wasmtime::Result<()> {
    match item {
        ComponentItem::ComponentInstance(instance) => {
            let mut inner = linker.instance(name)?;
            define_instance(run, &mut inner, name, instance)
        }
        other => define_part(run, linker, name, name, other),
    }
}

fn define_instance(
    run: &Run<'_>,
    linker: &mut LinkerInstance<'_, State>,
    interface: &str,
    instance: &ComponentInstance,
) -> wasmtime::Result<()> {
    for (name, item) in instance.exports(&run.engine) {
        #[cfg(since_46)]
        let item = item.ty;
        define_part(run, linker, name, &format!("{interface}.{name}"), &item)?;
    }
    Ok(())
}

fn define_part(
    run: &Run<'_>,
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    shown: &str,
    item: &ComponentItem,
) -> wasmtime::Result<()> {
    match item {
        ComponentItem::ComponentFunc(ty) => {
            let stub = Stub::new(run, shown.to_owned());
            let types: Vec<Type> = ty.results().collect();
            let answer = move |results: &mut [Value]| {
                stub.call()?;
                for (result, ty) in results.iter_mut().zip(&types) {
                    *result = plain(ty)?;
                }
                Ok(())
            };
            // A function that is `async` in WIT takes a host function of that kind alone.
            #[cfg(concurrency)]
            if ty.async_() && run.job.engine.switches.get("concurrency_support") != Some(&false) {
                return linker.func_new_concurrent(name, move |_, _, _, results| {
                    let answered = answer(results);
                    Box::pin(async move { answered })
                });
            }
            #[cfg(not(since_39))]
            linker.func_new(name, move |_, _, results| answer(results))?;
            #[cfg(since_39)]
            linker.func_new(name, move |_, _, _, results| answer(results))?;
        }
        ComponentItem::Resource(_) => linker.resource(name, resource(name), |_, _| Ok(()))?,
        _ => {}
    }
    Ok(())
}

/// The resource that a stubbed interface means by a name. Those of `wasi:io` are taken from there by
/// every other interface of WASI; anything else is the stub's own.
fn resource(name: &str) -> ResourceType {
    #[cfg(not(since_33))]
    use wasmtime_wasi::bindings::sync::io as of_io;
    #[cfg(since_33)]
    use wasmtime_wasi::p2::bindings::sync::io as of_io;
    match name {
        "pollable" => ResourceType::host::<of_io::poll::Pollable>(),
        "input-stream" => ResourceType::host::<of_io::streams::InputStream>(),
        "output-stream" => ResourceType::host::<of_io::streams::OutputStream>(),
        "error" => ResourceType::host::<of_io::streams::Error>(),
        _ => ResourceType::host::<Own>(),
    }
}

/// A resource of a stub.
enum Own {}

/// Zero, empty, `none`, `ok`: the plainest value of a type.
fn plain(ty: &Type) -> wasmtime::Result<Value> {
    let optional = |ty: Option<Type>| {
        let value = ty.map(|ty| plain(&ty)).transpose()?;
        Ok::<_, wasmtime::Error>(value.map(Box::new))
    };
    Ok(match ty {
        Type::Bool => Value::Bool(false),
        Type::S8 => Value::S8(0),
        Type::U8 => Value::U8(0),
        Type::S16 => Value::S16(0),
        Type::U16 => Value::U16(0),
        Type::S32 => Value::S32(0),
        Type::U32 => Value::U32(0),
        Type::S64 => Value::S64(0),
        Type::U64 => Value::U64(0),
        Type::Float32 => Value::Float32(0.0),
        Type::Float64 => Value::Float64(0.0),
        Type::Char => Value::Char('\0'),
        Type::String => Value::String(String::new()),
        Type::List(_) => Value::List(Vec::new()),
        Type::Option(_) => Value::Option(None),
        Type::Flags(_) => Value::Flags(Vec::new()),
        Type::Result(ty) => Value::Result(Ok(optional(ty.ok())?)),
        Type::Record(ty) => {
            let fields = ty.fields().map(|field| {
                let value = plain(&field.ty)?;
                Ok::<_, wasmtime::Error>((field.name.to_owned(), value))
            });
            Value::Record(fields.collect::<Result<Vec<_>, _>>()?)
        }
        Type::Tuple(ty) => {
            let values = ty.types().map(|ty| plain(&ty));
            Value::Tuple(values.collect::<Result<Vec<_>, _>>()?)
        }
        Type::Enum(ty) => match ty.names().next() {
            Some(name) => Value::Enum(name.to_owned()),
            None => return Err(no_value("an enum without cases")),
        },
        Type::Variant(ty) => match ty.cases().next() {
            Some(case) => Value::Variant(case.name.to_owned(), optional(case.ty)?),
            None => return Err(no_value("a variant without cases")),
        },
        other => return Err(no_value(&super::types::of_value(other))),
    })
}
