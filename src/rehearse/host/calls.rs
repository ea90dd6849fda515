//! Calls of exports that a user asks for, as WAVE writes them: `add(1, 2)`.

use wasmtime::{Instance, Store, Val, ValType};

use super::State;
use super::errors::failure;
use super::protocol::{Call, Stage};
use super::stubs::said;

/// What came of a call.
pub(super) fn record(call: &str, answered: wasmtime::Result<String>) -> Call {
    let (answer, failure) = match answered {
        Ok(answer) => (Some(answer), None),
        Err(error) => (None, Some(failure(Stage::Run, &error))),
    };
    Call {
        call: call.to_owned(),
        answer,
        failure,
    }
}

/// A call in its parts: the name, and the text of each argument.
pub(super) fn parts(call: &str) -> wasmtime::Result<(&str, Vec<&str>)> {
    let call = call.trim();
    let Some((name, rest)) = call.split_once('(') else {
        return Ok((call, Vec::new()));
    };
    let inside = rest
        .strip_suffix(')')
        .ok_or_else(|| said(format!("`{call}` has no `)` at its end")))?;
    Ok((name.trim(), arguments(inside)))
}

/// Splits at the commas that are in no text and no brackets.
fn arguments(inside: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut quote, mut escaped, mut from) = (0_usize, None, false, 0);
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                found.push(inside[from..at].trim());
                from = at + 1;
            }
            (None, _) => {}
        }
    }
    let last = inside[from..].trim();
    if !last.is_empty() {
        found.push(last);
    }
    found
}

/// Calls an export of a core module; arguments are plain numbers.
pub(super) fn of_module(
    store: &mut Store<State>,
    instance: &Instance,
    call: &str,
) -> wasmtime::Result<String> {
    let (name, texts) = parts(call)?;
    let func = instance
        .get_func(&mut *store, name)
        .ok_or_else(|| said(format!("no function `{name}` is exported")))?;
    let ty = func.ty(&*store);
    if ty.params().len() != texts.len() {
        let wanted = ty.params().len();
        let given = texts.len();
        return Err(said(format!(
            "`{name}` takes {wanted} arguments, not {given}"
        )));
    }
    let args = ty.params().zip(&texts).map(|(ty, text)| number(&ty, text));
    let args = args.collect::<wasmtime::Result<Vec<Val>>>()?;
    let mut results = vec![Val::I32(0); ty.results().len()];
    func.call(&mut *store, &args, &mut results)?;
    let shown: Vec<String> = results.iter().map(shown).collect();
    Ok(shown.join(", "))
}

fn number(ty: &ValType, text: &str) -> wasmtime::Result<Val> {
    let wrong = || said(format!("`{text}` is no {ty}"));
    // A number that is too large for a signed one is its bits.
    let int = || text.parse::<i128>().map_err(|_| wrong());
    Ok(match ty {
        ValType::I32 => {
            let value = int()?;
            let unsigned = u32::try_from(value).map(|bits| bits as i32);
            Val::I32(i32::try_from(value).or(unsigned).map_err(|_| wrong())?)
        }
        ValType::I64 => {
            let value = int()?;
            let unsigned = u64::try_from(value).map(|bits| bits as i64);
            Val::I64(i64::try_from(value).or(unsigned).map_err(|_| wrong())?)
        }
        ValType::F32 => Val::F32(text.parse::<f32>().map_err(|_| wrong())?.to_bits()),
        ValType::F64 => Val::F64(text.parse::<f64>().map_err(|_| wrong())?.to_bits()),
        _ => {
            return Err(said(format!(
                "an argument of the type {ty} can't be written"
            )));
        }
    })
}

fn shown(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(value) => format!("{:#x}", value.as_u128()),
        _ => "a reference".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_call_is_a_name_and_arguments_that_may_hold_commas() {
        let read = |call| parts(call).map_err(|error| error.to_string());
        assert_eq!(read("run"), Ok(("run", vec![])));
        assert_eq!(read("run()"), Ok(("run", vec![])));
        assert_eq!(read(" add( 1, -2 ) "), Ok(("add", vec!["1", "-2"])));
        assert_eq!(
            read(r#"a:b/c@1.0.0.f("x, \"(y", [1, 2], {k: (3, 4)}, ',')"#),
            Ok((
                "a:b/c@1.0.0.f",
                vec![r#""x, \"(y""#, "[1, 2]", "{k: (3, 4)}", "','"]
            ))
        );
        assert_eq!(
            read("add(1"),
            Err("`add(1` has no `)` at its end".to_owned())
        );
    }
}
