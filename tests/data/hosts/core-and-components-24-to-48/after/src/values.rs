use wasmtime::component::{Func, Type, Val};
use wasmtime::Store;

use crate::component::Host;

pub fn show(value: &Val) -> String {
    match value {
        Val::Bool(b) => b.to_string(),
        Val::S8(n) => n.to_string(),
        Val::U8(n) => n.to_string(),
        Val::S16(n) => n.to_string(),
        Val::U16(n) => n.to_string(),
        Val::S32(n) => n.to_string(),
        Val::U32(n) => n.to_string(),
        Val::S64(n) => n.to_string(),
        Val::U64(n) => n.to_string(),
        Val::Float32(n) => n.to_string(),
        Val::Float64(n) => n.to_string(),
        Val::Char(c) => c.to_string(),
        Val::String(s) => s.clone(),
        Val::List(l) => format!("{} items", l.len()),
        Val::Record(r) => format!("{} fields", r.len()),
        Val::Tuple(t) => format!("{} parts", t.len()),
        Val::Variant(name, _) => name.clone(),
        Val::Enum(name) => name.clone(),
        Val::Option(o) => o.as_deref().map(show).unwrap_or_default(),
        Val::Result(_) => "result".to_owned(),
        Val::Flags(f) => f.join("|"),
        Val::Resource(_) => panic!("a resource can't be shown"),
        Val::Map(_) => panic!("a map can't be shown"),
        Val::Future(_) => panic!("a future can't be shown"),
        Val::Stream(_) => panic!("a stream can't be shown"),
        Val::ErrorContext(_) => panic!("a error-context can't be shown"),
        Val::FixedLengthList(_) => panic!("a fixed-length-list can't be shown"),
    }
}

pub fn types(func: &Func, store: &Store<Host>) -> Vec<Type> {
    func.ty(store).params().map(|(_, ty)| ty).collect::<Box<[_]>>().iter().cloned().collect()
}
