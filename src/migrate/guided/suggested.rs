//! What the compiler itself is sure of.

use super::{Repair, Site};

/// Its own `MachineApplicable` suggestion, where Wasmtime is named and all of it may be edited.
pub(super) fn suggested(site: &Site<'_>) -> Option<Repair> {
    if !site.is_of_wasmtime() || is_import_of_another(site) {
        return None;
    }
    let sure = site.as_proposed("the compiler is sure of it", |suggestion| {
        // A `?` that it puts in takes away what stands behind it: a context, a message.
        // And a semicolon would drop a failure.
        suggestion.is_sure
            && !suggestion.message.starts_with("consider using a semicolon")
            && !suggestion
                .message
                .starts_with("use the `?` operator to extract")
    });
    // It is never sure of this one, though nothing else makes of a future what is expected: what was
    // called has become asynchronous, as destructors of resources have with 25.
    sure.or_else(|| {
        let reason = "what is called has become asynchronous";
        site.as_proposed(reason, |suggestion| {
            suggestion
                .message
                .starts_with("consider `await`ing on the `Future`")
        })
    })
}

/// Whether the error is that of a `use` of a crate which no upgrade of Wasmtime's moves: a name that is not
/// there was not there before.
fn is_import_of_another(site: &Site<'_>) -> bool {
    const CRATES: [&str; 6] = ["wasmtime", "wasi", "wiggle", "wit_", "wasm_", "cranelift"];
    let is_of_family =
        |path: &str| CRATES.iter().any(|name| path.starts_with(name)) || path.starts_with("crate");
    let mut paths = super::quoted(&site.error.message);
    site.is("E0432") && !paths.any(is_of_family)
}
