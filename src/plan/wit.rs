//! The part of a plan that is about WIT: what `bindgen!` reads has to be spelled as the target's line
//! spells it.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::{Plan, PlannedFile, clashed, record};
use crate::analysis::{Analysis, InvocationFacts};
use crate::edit::{Edit, EditSet};
use crate::error::Result;
use crate::span::Span;
use crate::version::Line;
use crate::wit::keywords;
use crate::workspace::Project;

/// Plans the edits of all WIT files of the project that some invocation reads.
///
/// # Errors
/// Edits that clash: a defect of this library.
pub(super) fn plan(project: &Project, analysis: &Analysis, plan: &mut Plan) -> Result<()> {
    let (from, to) = (plan.from.line(), plan.choice.release.line());
    let mut files = BTreeMap::<&Utf8Path, &str>::new();
    for facts in analysis.invocations() {
        files.extend(facts.wit.files());
    }
    for (path, text) in files {
        let mut edits = EditSet::default();
        for edit in keywords::respelled(text, from, to) {
            plan.edits.push(record(project.shown(path), text, &edit));
            let added = edits.add(edit);
            added.map_err(|clash| clashed(&path.to_owned(), &clash))?;
        }
        if !edits.is_empty() {
            plan.files.push(PlannedFile {
                path: path.to_owned(),
                before: text.to_owned(),
                after: edits.apply(text),
            });
        }
    }
    Ok(())
}

/// The same for WIT that stands in the invocation itself, as long as its literal says every byte as it
/// is.
pub(super) fn inline(facts: &InvocationFacts, source: &str, from: Line, to: Line) -> Vec<Edit> {
    let options = ["inline", "interfaces"].iter();
    let options = options.filter_map(|name| facts.invocation.option(name));
    options
        .flat_map(|option| literal(option.value_span, source, from, to))
        .collect()
}

/// The edits of one literal.
fn literal(span: Span, source: &str, from: Line, to: Line) -> Vec<Edit> {
    let literal = span.text(source);
    let is_raw = literal.starts_with("r\"") || literal.starts_with("r#");
    let is_plain = literal.starts_with('"') && !literal.contains('\\');
    let quote = literal.find('"').filter(|_| is_raw || is_plain);
    let bounds = quote.and_then(|first| Some((first + 1, literal.rfind('"')?)));
    let Some((first, last)) = bounds.filter(|(first, last)| first <= last) else {
        return Vec::new();
    };
    let start = span.start.0 + first;
    let edits = keywords::respelled(&literal[first..last], from, to);
    let moved = edits.into_iter().map(|edit| Edit {
        span: Span::new(edit.span.start.0 + start, edit.span.end.0 + start),
        ..edit
    });
    moved.collect()
}
