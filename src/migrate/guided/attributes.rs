//! `#[async_trait]` on traits that `bindgen!` generates: from 29 on their functions are `async fn`
//! themselves (PR #9867).

use super::{Repair, Site};
use crate::migrate::impls;
use crate::migrate::use_edits::whole_item;
use crate::span::Span;
use crate::tokens::Tokens;

/// Takes the attribute from the implementation that the error stands in.
pub(super) fn async_trait(site: &Site<'_>) -> Option<Repair> {
    if !site.is("E0195") {
        return None;
    }
    let label = site.error.labels.iter().find(|label| label.is_primary)?;
    // With the attribute the function comes out of a macro; only its place is asked for.
    let text = site.texts.get(&label.path)?;
    let tokens = Tokens::read(text).ok()?;
    let span_of = |index: usize| tokens.get(index).map(|token| token.span);
    let block = impls::find(&tokens).into_iter().find(|block| {
        let ends = span_of(block.start).zip(span_of(block.close));
        ends.is_some_and(|(first, last)| first.to(last).to(label.span) == first.to(last))
    })?;
    let mut index = block.start;
    while tokens.is_punct(index, '#') {
        let close = tokens.get(index + 1)?.partner;
        // `async_trait`, or `a::b::async_trait`, with or without arguments.
        let is_it = (index + 2..close).any(|place| {
            let is_last = !tokens.is_path_separator(place + 1);
            tokens.is_ident(place, "async_trait") && is_last
        });
        if is_it {
            let next = span_of(close + 1)?.start.0;
            let (start, end) = (span_of(index)?.start.0, span_of(close)?.end.0);
            let gap = text.get(end..next)?;
            let span = match gap.trim().is_empty() {
                true => Span::new(start, next),
                false => whole_item(&tokens, text, index, close),
            };
            let reason = "generated traits have functions that are async themselves";
            return Some(site.edit(label, span, String::new(), reason));
        }
        index = close + 1;
    }
    None
}
