//! Values of components as text: WAVE, written here, so that every release writes the same. Wasmtime
//! writes it from 28 on.

use wasmtime::component::Val;

/// A value in WAVE; what WAVE has no words for as Rust shows it.
#[must_use]
pub fn shown(value: &Val) -> String {
    let number = |float: f64, text: String| {
        if float.is_nan() {
            "nan".to_owned()
        } else {
            text
        }
    };
    match value {
        Val::Bool(value) => value.to_string(),
        Val::S8(value) => value.to_string(),
        Val::U8(value) => value.to_string(),
        Val::S16(value) => value.to_string(),
        Val::U16(value) => value.to_string(),
        Val::S32(value) => value.to_string(),
        Val::U32(value) => value.to_string(),
        Val::S64(value) => value.to_string(),
        Val::U64(value) => value.to_string(),
        Val::Float32(value) => number(f64::from(*value), value.to_string()),
        Val::Float64(value) => number(*value, value.to_string()),
        Val::Char(value) => format!("'{}'", escaped(&value.to_string())),
        Val::String(value) => format!("\"{}\"", escaped(value)),
        Val::List(values) => format!("[{}]", joined(values)),
        Val::Tuple(values) => format!("({})", joined(values)),
        Val::Record(fields) => record(fields),
        Val::Variant(name, payload) => case(&word(name), payload.as_deref()),
        Val::Enum(name) => word(name),
        Val::Option(None) => "none".to_owned(),
        Val::Option(Some(value)) => case("some", Some(value)),
        Val::Result(Ok(value)) => case("ok", value.as_deref()),
        Val::Result(Err(value)) => case("err", value.as_deref()),
        Val::Flags(names) => format!("{{{}}}", names.join(", ")),
        other => format!("{other:?}"),
    }
}

fn joined(values: &[Val]) -> String {
    let values: Vec<String> = values.iter().map(shown).collect();
    values.join(", ")
}

/// Fields that are `none` are left out.
fn record(fields: &[(String, Val)]) -> String {
    let said = fields
        .iter()
        .filter(|(_, value)| !matches!(value, Val::Option(None)));
    let said: Vec<String> = said
        .map(|(name, value)| format!("{name}: {}", shown(value)))
        .collect();
    match said.is_empty() {
        true => "{:}".to_owned(),
        false => format!("{{{}}}", said.join(", ")),
    }
}

fn case(name: &str, payload: Option<&Val>) -> String {
    match payload {
        Some(value) => format!("{name}({})", shown(value)),
        None => name.to_owned(),
    }
}

/// The name of a case, with a `%` where WAVE has a word of its own.
fn word(name: &str) -> String {
    const OWN: [&str; 8] = ["true", "false", "some", "none", "ok", "err", "inf", "nan"];
    match OWN.contains(&name) {
        true => format!("%{name}"),
        false => name.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '"' | '\'' | '\t' | '\r' | '\n' => escaped.extend(c.escape_default()),
            c if c.is_control() => escaped.extend(c.escape_unicode()),
            c => escaped.extend(c.escape_debug()),
        }
    }
    escaped
}
