//! Functions that Wasmtime calls, in another text than the one that gives them to it.

use super::host_functions::{Edits, named};
use super::{Repair, Site};
use crate::diagnostics::Label;
use crate::tokens::Tokens;

/// The function that a path leads to, where another text has it, or a type of this one.
pub(super) fn elsewhere(
    site: &Site<'_>,
    label: &Label,
    tokens: &Tokens<'_>,
    path: &[usize],
) -> Option<Repair> {
    let (name, modules) = path.split_last()?;
    let name = tokens.text(*name);
    let is_bound_here = tokens
        .places_of(name)
        .any(|place| place > 0 && matches!(tokens.text(place - 1), "fn" | "let" | "mut"));
    if is_bound_here && modules.is_empty() {
        return None;
    }
    let module = modules.last().map(|place| tokens.text(*place));
    let mut found = declared(site, name);
    if found.len() > 1 {
        found.retain(|(file, _)| match module {
            Some("Self") | None => **file == label.path,
            Some(module) => is_module(file, module),
        });
    }
    only(site, label, found)
}

/// A function that a macro of the project's gives to Wasmtime by its name: the compiler points to the macro,
/// and its message says `fn(Caller<'_, S>) -> Result<u32, anyhow::Error> {Host::log}: IntoFunc<..>`.
pub(super) fn given_by_macro(site: &Site<'_>) -> Option<Repair> {
    let label = site.error.labels.iter().find(|label| label.is_primary)?;
    let message = &site.error.message;
    let is_it = label.of_macro.is_some() && message.contains(", anyhow::Error> {");
    let (path, _) = message
        .split_once(", anyhow::Error> {")?
        .1
        .split_once('}')?;
    let path = path.split("::<").next().filter(|_| is_it)?;
    let mut names = path.rsplit("::");
    let (name, module) = (names.next()?, names.next());
    let mut found = declared(site, name);
    found.retain(|(file, _)| {
        let is_in = |module: &str| is_module(file, module) || site.texts[*file].contains(module);
        module.is_none_or(is_in)
    });
    only(site, label, found)
}

/// What is edited in one text, and its path.
type Found<'a> = Vec<(&'a String, Edits)>;

/// The functions of that name that give anyhow's result, by the text.
fn declared<'a>(site: &Site<'a>, name: &str) -> Found<'a> {
    let mut found = Found::new();
    for (file, text) in site.texts {
        if !text.contains(name) || !text.contains("Result<") {
            continue;
        }
        let of_file = Tokens::read(text).ok();
        let edits = of_file.and_then(|tokens| named(&tokens, text, name, 0));
        // Another error than anyhow's is what the function gives.
        let is_it = |edits: &Edits| {
            let mut errors = edits.iter().filter(|(_, new)| new == "wasmtime::Error");
            let mut results = edits.iter().filter(|(_, new)| new == "wasmtime::Result");
            errors.all(|(span, _)| matches!(span.text(text), "anyhow::Error" | "Error"))
                && results.all(|(span, _)| matches!(span.text(text), "anyhow::Result" | "Result"))
        };
        found.extend(edits.filter(is_it).map(|edits| (file, edits)));
    }
    found
}

/// The edits of the only one.
fn only(site: &Site<'_>, label: &Label, mut found: Found<'_>) -> Option<Repair> {
    let (file, edits) = found.pop().filter(|_| found.is_empty())?;
    let label = Label {
        path: file.clone(),
        ..label.clone()
    };
    let reason = format!("Wasmtime wants its own error (line {})", site.line);
    Some(Repair::of_file(&label, edits, &reason))
}

/// Whether a file has the sources of a module of that name.
fn is_module(file: &str, module: &str) -> bool {
    let mut parts = file.rsplit(['/', '\\']);
    let of_file = parts.next().and_then(|name| name.strip_suffix(".rs"));
    match of_file {
        Some("mod") => parts.next() == Some(module),
        name => name == Some(module),
    }
}
