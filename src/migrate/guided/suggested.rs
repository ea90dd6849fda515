//! What the compiler itself is sure of.

use super::{Repair, Site};

/// Its own `MachineApplicable` suggestion, when all of it lies in files that may be edited.
pub(super) fn suggested(site: &Site<'_>) -> Option<Repair> {
    site.as_proposed("the compiler is sure of it", |suggestion| {
        suggestion.is_sure
    })
}
