//! Types as text.

use wasmtime::component::Type;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::{ExternType, FuncType, Mutability};

/// The type of something that a core module imports or exports, close to WAT.
pub(super) fn of_extern(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => format!("func {}", of_func(ty)),
        ExternType::Global(ty) => {
            let mutable = match ty.mutability() {
                Mutability::Var => "mut ",
                Mutability::Const => "",
            };
            format!("global {mutable}{}", ty.content())
        }
        ExternType::Table(ty) => {
            let most = ty.maximum().map(|most| format!(" {most}"));
            let most = most.unwrap_or_default();
            format!("table {}{most} {}", ty.minimum(), ty.element())
        }
        ExternType::Memory(ty) => {
            let most = ty.maximum().map(|most| format!(" {most}"));
            let wide = if ty.is_64() { " i64" } else { "" };
            let shared = if ty.is_shared() { " shared" } else { "" };
            let most = most.unwrap_or_default();
            format!("memory{wide} {}{most}{shared}", ty.minimum())
        }
        #[allow(unreachable_patterns)]
        _ => "tag".to_owned(),
    }
}

fn of_func(ty: &FuncType) -> String {
    let params: Vec<String> = ty.params().map(|ty| ty.to_string()).collect();
    let results: Vec<String> = ty.results().map(|ty| ty.to_string()).collect();
    format!("({}) -> ({})", params.join(", "), results.join(", "))
}

/// The type of something that a component exports, close to WIT. Names of types are not part of it.
pub(super) fn of_item(item: &ComponentItem) -> String {
    match item {
        ComponentItem::ComponentFunc(ty) => of_component_func(ty),
        ComponentItem::CoreFunc(ty) => format!("core func {}", of_func(ty)),
        ComponentItem::Module(_) => "module".to_owned(),
        ComponentItem::Component(_) => "component".to_owned(),
        ComponentItem::ComponentInstance(_) => "instance".to_owned(),
        ComponentItem::Type(ty) => format!("type {}", of_value(ty)),
        ComponentItem::Resource(_) => "resource".to_owned(),
    }
}

fn of_component_func(ty: &ComponentFunc) -> String {
    #[cfg(not(since_28))]
    let params = ty.params().map(|ty| of_value(&ty));
    #[cfg(since_28)]
    let params = ty.params().map(|(_, ty)| of_value(&ty));
    let params: Vec<String> = params.collect();
    let results: Vec<String> = ty.results().map(|ty| of_value(&ty)).collect();
    match &results[..] {
        [] => format!("func({})", params.join(", ")),
        [one] => format!("func({}) -> {one}", params.join(", ")),
        more => format!("func({}) -> ({})", params.join(", "), more.join(", ")),
    }
}

/// The type of a value, close to WIT.
pub(super) fn of_value(ty: &Type) -> String {
    let optional = |ty: Option<Type>| ty.map_or_else(|| "_".to_owned(), |ty| of_value(&ty));
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::S8 => "s8".to_owned(),
        Type::U8 => "u8".to_owned(),
        Type::S16 => "s16".to_owned(),
        Type::U16 => "u16".to_owned(),
        Type::S32 => "s32".to_owned(),
        Type::U32 => "u32".to_owned(),
        Type::S64 => "s64".to_owned(),
        Type::U64 => "u64".to_owned(),
        Type::Float32 => "f32".to_owned(),
        Type::Float64 => "f64".to_owned(),
        Type::Char => "char".to_owned(),
        Type::String => "string".to_owned(),
        Type::List(ty) => format!("list<{}>", of_value(&ty.ty())),
        Type::Option(ty) => format!("option<{}>", of_value(&ty.ty())),
        Type::Result(ty) => format!("result<{}, {}>", optional(ty.ok()), optional(ty.err())),
        Type::Own(_) => "own".to_owned(),
        Type::Borrow(_) => "borrow".to_owned(),
        other => of_compound(other),
    }
}

/// The type of a value that has named parts.
fn of_compound(ty: &Type) -> String {
    match ty {
        Type::Record(ty) => {
            let fields = ty
                .fields()
                .map(|field| format!("{}: {}", field.name, of_value(&field.ty)));
            format!("record{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Type::Tuple(ty) => {
            let types = ty.types().map(|ty| of_value(&ty));
            format!("tuple<{}>", types.collect::<Vec<_>>().join(", "))
        }
        Type::Variant(ty) => {
            let cases = ty.cases().map(|case| match &case.ty {
                Some(ty) => format!("{}({})", case.name, of_value(ty)),
                None => case.name.to_owned(),
            });
            format!("variant{{{}}}", cases.collect::<Vec<_>>().join(", "))
        }
        Type::Enum(ty) => format!("enum{{{}}}", ty.names().collect::<Vec<_>>().join(", ")),
        Type::Flags(ty) => format!("flags{{{}}}", ty.names().collect::<Vec<_>>().join(", ")),
        _ => "a type of the asynchronous component model, or newer".to_owned(),
    }
}
