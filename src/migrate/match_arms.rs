//! The arms of a `match`, by their tokens.

use crate::tokens::Tokens;

/// One arm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arm {
    /// The first token of its pattern.
    pub(super) start: usize,
    /// The first token of its body, right behind the two of `=>`.
    pub(super) body: usize,
    /// Behind its body.
    pub(super) end: usize,
}

/// The arms in the block at `open`; none where it is not the block of a `match`.
pub(super) fn read(tokens: &Tokens<'_>, open: usize) -> Option<Vec<Arm>> {
    let close = tokens.get(open)?.partner;
    let mut arms = Vec::new();
    let mut start = open + 1;
    while start < close {
        let mut arrow = start;
        while !(tokens.is_punct(arrow, '=') && tokens.is_punct(arrow + 1, '>')) {
            if arrow >= close {
                return None;
            }
            arrow = tokens.after(arrow);
        }
        let body = arrow + 2;
        let mut end = body;
        if tokens.text(body) == "{" {
            end = tokens.after(body);
        }
        while end < close && !tokens.is_punct(end, ',') && (end == body || tokens.text(body) != "{")
        {
            end = tokens.after(end);
        }
        arms.push(Arm { start, body, end });
        start = if tokens.is_punct(end, ',') {
            end + 1
        } else {
            end
        };
    }
    Some(arms)
}
