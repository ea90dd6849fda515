//! A program with the options of its `bindgen!` moved to another line, as an upgrade moves them.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::bindgen::invocation::WitOptions;
use crate::bindgen::{self, rewrite};
use crate::edit::EditSet;
use crate::knowledge::Knowledge;
use crate::tokens::Tokens;
use crate::version::Line;
use crate::wit::{self, WorldShape};

/// The program for `line`. What the rewriter would leave to a person is an error of the program, so
/// that no case compiles without it.
pub(super) fn for_line(source: &str, line: Line) -> String {
    try_for_line(source, line)
        .unwrap_or_else(|problem| format!("compile_error!({problem:?});\n{source}"))
}

fn try_for_line(source: &str, line: Line) -> Result<String, String> {
    let tokens = Tokens::read(source).map_err(|failure| failure.message)?;
    let crates = BTreeSet::from(["wasmtime".to_owned()]);
    let grammar = &Knowledge::embedded().grammar;
    let mut edits = EditSet::default();
    for invocation in bindgen::find(&tokens, &crates) {
        let shape = world(invocation.wit.as_ref().map_err(Clone::clone)?)?;
        let made = rewrite::rewrite(&invocation, source, line, grammar, Some(&shape));
        if let Some(left) = made.remaining.into_iter().next() {
            return Err(left.what);
        }
        for edit in made.edits {
            edits.add(edit).map_err(|clash| clash.to_string())?;
        }
    }
    Ok(edits.apply(source))
}

/// The worlds that were read. The cases of a proof are hundreds of programs with the same WIT.
static WORLDS: Mutex<Vec<(WitOptions, WorldShape)>> = Mutex::new(Vec::new());

fn world(options: &WitOptions) -> Result<WorldShape, String> {
    let mut worlds = match WORLDS.lock() {
        Ok(worlds) => worlds,
        // It holds nothing half done.
        Err(poisoned) => poisoned.into_inner(),
    };
    if let Some((_, shape)) = worlds.iter().find(|(known, _)| known == options) {
        return Ok(shape.clone());
    }
    let shape = wit::inline_shape(options)?;
    worlds.push((options.clone(), shape.clone()));
    Ok(shape)
}
