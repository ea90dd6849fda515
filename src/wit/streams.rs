//! Types that hold what can't be copied: streams and futures.

use std::collections::BTreeSet;

use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

/// Whether a record or variant has a stream or a future in it, however deep.
pub(super) fn are_held_by(resolve: &Resolve, id: TypeId) -> bool {
    let kind = &resolve.types[id].kind;
    if !matches!(kind, TypeDefKind::Record(_) | TypeDefKind::Variant(_)) {
        return false;
    }
    let mut todo = vec![id];
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        let kind = &resolve.types[id].kind;
        if matches!(kind, TypeDefKind::Stream(_) | TypeDefKind::Future(_)) {
            return true;
        }
        todo.extend(parts(kind).into_iter().filter_map(|part| match part {
            Type::Id(id) => Some(id),
            _ => None,
        }));
    }
    false
}

/// The types that a type is made of.
fn parts(kind: &TypeDefKind) -> Vec<Type> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Result(result) => result.ok.into_iter().chain(result.err).collect(),
        TypeDefKind::Map(key, value) => vec![*key, *value],
        TypeDefKind::Option(part)
        | TypeDefKind::List(part)
        | TypeDefKind::FixedLengthList(part, _)
        | TypeDefKind::Type(part) => vec![*part],
        _ => Vec::new(),
    }
}
