//! What the compiler itself is sure of.

use super::{Repair, Site};

/// Its own `MachineApplicable` suggestion, where Wasmtime is named and all of it may be edited.
pub(super) fn suggested(site: &Site<'_>) -> Option<Repair> {
    if !site.is_of_wasmtime() {
        return None;
    }
    site.as_proposed("the compiler is sure of it", |suggestion| {
        // A `?` that it puts in takes away what stands behind it: a context, a message.
        suggestion.is_sure
            && !suggestion
                .message
                .starts_with("use the `?` operator to extract")
    })
}
