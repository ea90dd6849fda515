//! Two sets of edits as one.

use super::{Edit, EditSet};
use crate::span::Span;

/// A part of a text that was edited.
enum Piece<'e> {
    /// Bytes of the original.
    Kept(Span),
    /// What came in; empty where something only went.
    New { text: &'e str, reason: &'e str },
}

impl Piece<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Kept(span) => span.len(),
            Self::New { text, .. } => text.len(),
        }
    }

    /// The piece up to `at` bytes, and the rest of it.
    fn split(self, at: usize) -> (Self, Self) {
        match self {
            Self::Kept(span) => {
                let middle = span.start.0 + at;
                (
                    Self::Kept(Span::new(span.start.0, middle)),
                    Self::Kept(Span::new(middle, span.end.0)),
                )
            }
            Self::New { text, reason } => {
                let (text, rest) = text.split_at_checked(at).unwrap_or((text, ""));
                (Self::New { text, reason }, Self::New { text: rest, reason })
            }
        }
    }
}

/// The edits of `first` on a text of `length` bytes, and then those of `second`.
pub(super) fn compose(length: usize, first: &EditSet, second: &EditSet) -> Vec<Edit> {
    let whole = vec![Piece::Kept(Span::new(0, length))];
    edits_of(&edited(edited(whole, first), second), length)
}

fn edited<'e>(pieces: Vec<Piece<'e>>, edits: &'e EditSet) -> Vec<Piece<'e>> {
    let mut result = Vec::new();
    let mut rest = pieces.into_iter().rev().collect::<Vec<_>>();
    let mut done = 0;
    for edit in &edits.0 {
        for piece in take(&mut rest, edit.span.start.0.saturating_sub(done)) {
            result.push(piece);
        }
        result.push(Piece::New {
            text: &edit.text,
            reason: &edit.reason,
        });
        // What goes and was new leaves its reason: something of the original went for it.
        for piece in take(&mut rest, edit.span.len()) {
            if let Piece::New { reason, .. } = piece {
                result.push(Piece::New { text: "", reason });
            }
        }
        done = edit.span.end.0;
    }
    result.extend(rest.into_iter().rev());
    result
}

/// Takes pieces of `length` bytes from the end of `rest`.
fn take<'e>(rest: &mut Vec<Piece<'e>>, length: usize) -> Vec<Piece<'e>> {
    let mut taken = Vec::new();
    let mut missing = length;
    while missing > 0 {
        let Some(piece) = rest.pop() else { break };
        let piece = if piece.len() > missing {
            let (piece, behind) = piece.split(missing);
            rest.push(behind);
            piece
        } else {
            piece
        };
        missing -= piece.len().min(missing);
        taken.push(piece);
    }
    taken
}

/// What lies between the parts of the original that are kept.
fn edits_of(pieces: &[Piece<'_>], length: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut open = Edit {
        span: Span::default(),
        text: String::new(),
        reason: String::new(),
    };
    let end = Piece::Kept(Span::new(length, length));
    for piece in pieces.iter().chain([&end]) {
        match piece {
            Piece::New { text, reason } => {
                open.text.push_str(text);
                if !open.reason.contains(reason) {
                    let joint = if open.reason.is_empty() { "" } else { "; " };
                    open.reason.push_str(joint);
                    open.reason.push_str(reason);
                }
            }
            Piece::Kept(span) if span.is_empty() && span.start.0 != length => {}
            Piece::Kept(span) => {
                open.span.end = span.start;
                let next = Edit {
                    span: Span::new(span.end.0, span.end.0),
                    text: String::new(),
                    reason: String::new(),
                };
                let edit = std::mem::replace(&mut open, next);
                if !edit.span.is_empty() || !edit.text.is_empty() {
                    edits.push(edit);
                }
            }
        }
    }
    edits
}
