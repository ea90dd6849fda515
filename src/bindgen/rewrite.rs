//! Options that a release no longer accepts, rewritten to what it accepts with the same meaning.
//!
//! Up to 35 there were global options (`async`, `tracing`, `trappable_imports`, ...); from 36 on
//! there are rules of flags a function, `imports: { .. }` and `exports: { .. }` (PR #11328). The keys
//! of rules, of `with` and of `trappable_error_type` are spelled differently from 39 on.

use super::grammar::Grammar;
use super::invocation::{Invocation, OptionEntry, OptionValue};
use crate::edit::Edit;
use crate::span::Span;
use crate::version::Line;
use crate::wit::WorldShape;

mod fold;
mod layout;
mod respell;
#[cfg(test)]
mod tests;
mod unfold;
mod world;

/// The global options that became flags.
const FOLDED: [&str; 6] = [
    "async",
    "tracing",
    "verbose_tracing",
    "trappable_imports",
    "concurrent_imports",
    "concurrent_exports",
];

/// The options that took their place.
const RULES: [&str; 2] = ["imports", "exports"];

/// The first line with rules.
const RULES_SINCE: Line = Line(36);

/// A place that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Where.
    pub span: Span,
    /// What is wrong there and what to write instead.
    pub what: String,
}

/// What to do with one invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// Byte edits on the file.
    pub edits: Vec<Edit>,
    /// What could not be rewritten.
    pub remaining: Vec<Remaining>,
}

/// What one rewrite is about.
struct Task<'a> {
    invocation: &'a Invocation,
    text: &'a str,
    target: Line,
    /// The invocation's world; none when its WIT could not be read.
    world: Option<&'a WorldShape>,
}

/// New options in the place of old ones.
struct Replacement<'a> {
    old: Vec<&'a OptionEntry>,
    new: Vec<String>,
    reason: String,
}

/// Rewrites one invocation in `text` for `target`; nothing happens when the line accepts all that is
/// there. `world` is what its WIT says, when that could be read.
#[must_use]
pub fn rewrite(
    invocation: &Invocation,
    text: &str,
    target: Line,
    grammar: &Grammar,
    world: Option<&WorldShape>,
) -> Rewrite {
    let task = Task {
        invocation,
        text,
        target,
        world,
    };
    let mut result = Rewrite::default();
    let refused: Vec<&OptionEntry> = invocation
        .options
        .iter()
        .filter(|option| grammar.option(&option.name).is_some())
        .filter(|option| !grammar.takes(option, target))
        .collect();
    if invocation.templated {
        result.remaining.extend(refused.first().map(|option| Remaining {
            span: option.span(),
            what: format!(
                "Wasmtime {target} does not accept `{}`; it stands in a macro body, so its meaning is decided elsewhere",
                option.name
            ),
        }));
        return result;
    }
    let of = |names: &[&str], option: &OptionEntry| names.contains(&option.name.as_str());
    let up = target >= RULES_SINCE;
    let (mut folded, others): (Vec<_>, Vec<_>) = refused
        .into_iter()
        .partition(|option| of(if up { &FOLDED } else { &RULES }, option));
    if !up && !folded.is_empty() {
        folded.extend(off_beside(invocation, target, grammar));
    }
    let mut removed = Vec::new();
    for option in others {
        if means_nothing(option, target) {
            removed.push(option);
        } else {
            let of_list = match grammar.is_list_too_early(option, target) {
                true => "a list as ",
                false => "",
            };
            result.remaining.push(Remaining {
                span: option.span(),
                what: format!(
                    "Wasmtime {target} does not accept {of_list}`{}`",
                    option.name
                ),
            });
        }
    }
    let replaced = match folded.is_empty() {
        true => Ok(None),
        false if up => task.fold(&folded).map(Some),
        false => task.unfold(&folded).map(Some),
    };
    match replaced {
        Ok(None) => {}
        Ok(Some(replacement)) => task.replace(replacement, &mut removed, &mut result),
        Err(problem) => result.remaining.push(problem),
    }
    task.respell(&mut result);
    task.qualify_world(&mut result);
    for option in &removed {
        result.edits.push(layout::removal(invocation, option, text));
        result.edits.extend(layout::comma_apart(option, text));
    }
    result
        .edits
        .extend(layout::last_comma(invocation, &removed));
    result
}

/// Global options that are off and that the line takes: they would stand beside those that take the
/// place of the rules.
fn off_beside<'i>(
    invocation: &'i Invocation,
    target: Line,
    grammar: &Grammar,
) -> impl Iterator<Item = &'i OptionEntry> {
    let options = invocation.options.iter();
    options.filter(move |option| {
        FOLDED.contains(&option.name.as_str())
            && option.value == OptionValue::Bool(false)
            && grammar.accepts(&option.name, target)
    })
}

/// Whether the line does without the option what it says.
fn means_nothing(option: &OptionEntry, target: Line) -> bool {
    let default = option.value == OptionValue::Bool(false);
    // Everything unstable is parsed from 27 on; errors are those of `anyhow` up to 41.
    let features = option.name == "features" && target >= Line(27);
    let anyhow = option.name == "anyhow" && target < Line(42);
    default || features || anyhow
}

impl<'a> Task<'a> {
    /// The first old option is replaced, the others go.
    fn replace(
        &self,
        replacement: Replacement<'a>,
        removed: &mut Vec<&'a OptionEntry>,
        result: &mut Rewrite,
    ) {
        let Replacement { old, new, reason } = replacement;
        let Some(first) = old.first() else { return };
        if new.is_empty() {
            removed.extend(old);
            return;
        }
        removed.extend(&old[1..]);
        let remarks = old
            .iter()
            .flat_map(|option| layout::remarks(self.text, option.span()));
        let (between, remarks): (String, String) =
            match layout::own_line_indent(self.text, first.span()) {
                Some(indent) => {
                    let line = format!("{}{indent}", layout::line_end(self.text));
                    let remarks = remarks.map(|remark| format!("{remark}{line}"));
                    (format!(",{line}"), remarks.collect())
                }
                None => {
                    let inline = |remark: &str| match remark.strip_prefix("//") {
                        Some(said) => format!("/*{said} */ "),
                        None => format!("{remark} "),
                    };
                    (", ".to_owned(), remarks.map(inline).collect())
                }
            };
        result.edits.push(Edit {
            span: first.span(),
            text: format!("{remarks}{}", new.join(&between)),
            reason,
        });
    }
}

/// Names in back quotes, for people.
fn quoted(options: &[&OptionEntry]) -> String {
    let names: Vec<String> = options.iter().map(|o| format!("`{}`", o.name)).collect();
    names.join(", ")
}
