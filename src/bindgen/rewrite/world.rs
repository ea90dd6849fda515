//! The name of the world, where a line wants all of it.

use super::{Rewrite, Task};
use crate::bindgen::invocation::OptionValue;
use crate::edit::Edit;
use crate::version::Line;

/// The lines that look for a world in all packages that they read, and take a short name only of one.
const FULL_NAME: std::ops::RangeInclusive<Line> = Line(26)..=Line(36);

impl Task<'_> {
    /// Names the world with its package where there are several: WIT of its own beside a path, or
    /// more than one path. Every line takes the full name.
    pub(super) fn qualify_world(&self, result: &mut Rewrite) {
        let (Ok(wit), Some(world)) = (&self.invocation.wit, self.world) else {
            return;
        };
        let packages = wit.paths.len() + usize::from(wit.inline.is_some());
        let Some(option) = self.invocation.option("world") else {
            return;
        };
        let is_short = wit.world.as_ref().is_some_and(|name| !name.contains(':'));
        let is_literal = matches!(&option.value, OptionValue::Text(text) if text.starts_with('"'));
        if packages < 2 || !is_short || !is_literal || !FULL_NAME.contains(&self.target) {
            return;
        }
        result.edits.push(Edit {
            span: option.value_span,
            text: format!("{:?}", world.world),
            reason: format!("Wasmtime {} wants the world's full name", self.target),
        });
    }
}
