//! Code that asks what may be done.

use std::ops::Range;

use super::Search;
use super::names::Names;
use crate::edit::Edit;
use crate::migrate::impls::span_of;
use crate::migrate::receivers::root_of_chain;
use crate::migrate::segments::path_at;
use crate::span::Span;

impl<'t> Search<'_, 't> {
    /// `dir_perms.contains(DirPerms::MUTATE)` and `file_perms.contains(FilePerms::WRITE)`: either says whether both
    /// may be written. The tokens behind the permissions' owner, and their edits.
    pub(super) fn questions(&self, names: &Names<'t>) -> Vec<(Range<usize>, Vec<Edit>)> {
        let asked = self.tokens.places_of("contains");
        asked
            .filter_map(|name| self.question(name, names))
            .collect()
    }

    fn question(&self, name: usize, names: &Names<'t>) -> Option<(Range<usize>, Vec<Edit>)> {
        let tokens = self.tokens;
        let of = name
            .checked_sub(2)
            .filter(|_| tokens.is_punct(name - 1, '.'))?;
        let end = tokens.after(name + 1);
        let path = path_at(tokens, name + 2).filter(|path| path.end + 1 == end)?;
        let [.., kind, what] = path.places.as_slice() else {
            return None;
        };
        let is_of = |which: usize| names.pairs().find(|both| both[which] == tokens.text(of));
        let both = match (tokens.text(*kind), tokens.text(*what)) {
            ("DirPerms", "MUTATE") => is_of(0)?,
            ("FilePerms", "WRITE") => is_of(1)?,
            _ => return None,
        };
        let first = root_of_chain(tokens, name)?;
        let not = first
            .checked_sub(1)
            .filter(|before| tokens.is_punct(*before, '!'));
        if tokens.is_punct(end, '.') || tokens.is_punct(end, '?') {
            return None;
        }
        let edit = |span: Span, text: &str| Edit {
            span,
            text: text.to_owned(),
            reason: format!("`FsPerms` is in place of both in line {}", self.ground.to),
        };
        let start = tokens.get(first)?.span.start.0;
        let negation = match not {
            Some(not) => edit(tokens.get(not)?.span, ""),
            None => edit(Span::new(start, start), "!"),
        };
        let edits = vec![
            negation,
            edit(tokens.get(of)?.span, &names.of_both(both)),
            edit(span_of(tokens, &(name..end))?, "write_not_permitted()"),
        ];
        Some((of..end, edits))
    }
}
