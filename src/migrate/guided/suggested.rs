//! What the compiler itself is sure of.

use super::{Repair, Site};
use crate::edit::Edit;

/// Its own `MachineApplicable` suggestion, when all of it lies in files that may be edited.
pub(super) fn suggested(site: &Site<'_>) -> Option<Repair> {
    let suggestion = site.error.suggestions.iter().find(|suggestion| {
        suggestion.is_sure
            && suggestion
                .parts
                .iter()
                .all(|(label, _)| site.text_at(label).is_some())
    })?;
    let edits = suggestion.parts.iter().map(|(label, text)| {
        let reason = format!("the compiler says: {}", suggestion.message);
        (
            label.path.clone(),
            Edit {
                span: label.span,
                text: text.clone(),
                reason,
            },
        )
    });
    Some(Repair {
        edits: edits.collect(),
        ..Repair::default()
    })
}
