//! Calls of a guest's exports through the types that `bindgen!` generates.
//!
//! The macro names the method of an export `call_<name>`, and its first argument is the store.
//! Types are not known here, so a method of the project's own with such a name counts as well.

use serde::Serialize;

use crate::rust::read::cursor::Cursor;
use crate::rust::read::data_expr::split_arguments;
use crate::rust::read::tokens::{Delimiter, name_of};
use crate::rust::read::type_parser::parse_arguments;
use crate::span::Span;

/// Methods of Wasmtime's own types, of all releases from 24 to 48, that start like an export's.
pub const WASMTIME_METHODS: [&str; 5] = [
    "call_async",
    "call_concurrent",
    "call_hook",
    "call_hook_async",
    "call_unchecked",
];

/// One call of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportCall {
    /// The method's name, such as `call_run`.
    pub name: String,
    /// The method's name in the text.
    pub span: Span,
    /// The first argument in the text: the store.
    pub store: Span,
    /// Whether `.await` stands directly behind the call.
    pub awaited: bool,
}

/// The call of an export whose method's name stands at the cursor.
pub(crate) fn call_at(mut c: Cursor<'_>) -> Option<ExportCall> {
    let name = name_of(c.ident(0)?);
    if !is_export_name(&name) || !is_called_on_something(&c) {
        return None;
    }
    let is_path = c.row().get(c.pos.checked_sub(1)?)?.is_punct(':');
    let span = c.span();
    c.bump();
    if c.is_path_separator(0) && c.is_punct(2, '<') {
        c.pos += 2;
        parse_arguments(&mut c).ok()?;
    }
    let arguments = split_arguments(c.group(Delimiter::Parenthesis)?);
    // `Type::call_run(&exports, &mut store)` has the receiver in front.
    let store = arguments.get(usize::from(is_path))?;
    let store = store.at(store.end).span_since(store.pos);
    let awaited = c.is_punct(0, '.') && c.is_ident(1, "await");
    Some(ExportCall {
        name,
        span,
        store,
        awaited,
    })
}

fn is_export_name(name: &str) -> bool {
    let is_named = name
        .strip_prefix("call_")
        .is_some_and(|rest| !rest.is_empty());
    is_named && !WASMTIME_METHODS.contains(&name)
}

/// Whether the name here follows `.` or `::`. That leaves out definitions and plain functions.
fn is_called_on_something(c: &Cursor<'_>) -> bool {
    let before = c.pos.checked_sub(1).and_then(|index| c.row().get(index));
    before.is_some_and(|token| token.is_punct('.') || token.is_punct(':'))
}
