//! What type an expression is of, as far as the tokens around it tell: a value that a function of the
//! type made, or that a name stands for which was declared with it.

use std::ops::Range;

use super::find::{Match, Source};
use crate::migrate::segments::path_at;
use crate::tokens::TokenKind;

/// A name may be made from another one, and that from the next; longer chains are not followed.
const MAX_STEPS: usize = 4;

impl Match {
    /// Whether what is in a hole is a value of one of these types, or a reference to one. Where the
    /// source does not tell, it is not.
    #[must_use]
    pub fn is_held(&self, hole: &str, types: &[Vec<String>], source: &Source<'_, '_>) -> bool {
        let range = self.holes.get(hole).cloned();
        range.is_some_and(|range| Held { types, source }.is_value(&range, 0))
    }
}

struct Held<'a, 's, 't> {
    types: &'a [Vec<String>],
    source: &'a Source<'s, 't>,
}

impl Held<'_, '_, '_> {
    /// Whether some tokens are such a value, with calls of its own functions behind it.
    fn is_value(&self, range: &Range<usize>, steps: usize) -> bool {
        let tokens = self.source.tokens;
        let mut first = range.start;
        while first < range.end && (tokens.is_punct(first, '&') || tokens.is_ident(first, "mut")) {
            first += 1;
        }
        if first >= range.end || steps > MAX_STEPS {
            return false;
        }
        if self.is_made(first) {
            return true;
        }
        // `name`, or the field at the end of `self.a.name`.
        let mut last = first;
        while tokens.is_punct(last + 1, '.')
            && tokens.kind(last + 2) == Some(TokenKind::Ident)
            && last + 2 < range.end
            && !matches!(tokens.text(last + 3), "(" | ":")
        {
            last += 2;
        }
        if tokens.kind(last) != Some(TokenKind::Ident) {
            return false;
        }
        match last == first {
            true => self.is_name(first, steps),
            false => self.is_field(tokens.text(last)),
        }
    }

    /// Whether a function of the type is called at a token: `Type::new(..)`.
    fn is_made(&self, first: usize) -> bool {
        let tokens = self.source.tokens;
        let Some(path) = path_at(tokens, first) else {
            return false;
        };
        let scopes = self.source.scopes;
        let resolved = scopes.meaning(tokens, &path, self.source.ground);
        let module = resolved.as_ref().and_then(|it| it.path.split_last());
        let is_of_type = module.is_some_and(|(_, of)| self.types.iter().any(|it| it == of));
        is_of_type && tokens.text(path.end) == "("
    }

    /// Whether the type is written at a token, behind `&`, `mut` and lifetimes.
    fn is_type(&self, mut first: usize) -> bool {
        let tokens = self.source.tokens;
        while tokens.is_punct(first, '&')
            || tokens.is_ident(first, "mut")
            || tokens.kind(first) == Some(TokenKind::Lifetime)
        {
            first += 1;
        }
        let Some(path) = path_at(tokens, first) else {
            return false;
        };
        let scopes = self.source.scopes;
        let resolved = scopes.meaning(tokens, &path, self.source.ground);
        resolved.is_some_and(|it| self.types.contains(&it.path))
    }

    /// Whether the nearest declaration of a name in front of a token says the type.
    fn is_name(&self, place: usize, steps: usize) -> bool {
        let tokens = self.source.tokens;
        let name = tokens.text(place);
        for index in (0..place).rev() {
            if !tokens.is_ident(index, name) || !self.is_seen_from(index, place) {
                continue;
            }
            let before = index.checked_sub(1);
            let is_let = before.is_some_and(|before| {
                let word = if tokens.is_ident(before, "mut") {
                    before - 1
                } else {
                    before
                };
                tokens.is_ident(word, "let")
            });
            let is_typed = tokens.is_punct(index + 1, ':') && !tokens.is_path_separator(index + 1);
            if is_typed {
                let opens = |before: usize| {
                    matches!(tokens.text(before), "(" | "," | "|") || tokens.is_ident(before, "mut")
                };
                if is_let || before.is_some_and(opens) {
                    return self.is_type(index + 2);
                }
            }
            if is_let && tokens.is_punct(index + 1, '=') {
                return self.is_initial(index + 2, steps);
            }
        }
        false
    }

    /// Whether a declaration at `index` counts where the token `place` stands: no block, and no item,
    /// ended between the two.
    fn is_seen_from(&self, index: usize, place: usize) -> bool {
        let tokens = self.source.tokens;
        let mut at = index;
        while at < place {
            match tokens.kind(at) {
                // The parameters of a function end before its body begins.
                Some(TokenKind::Close) if tokens.text(at) == "}" => return false,
                Some(TokenKind::Open) => {
                    let close = tokens.after(at) - 1;
                    at = if close < place { close + 1 } else { at + 1 };
                }
                Some(TokenKind::Ident) if tokens.is_ident(at, "fn") => return false,
                _ => at += 1,
            }
        }
        true
    }

    /// Whether `let name = ..` gives it the type: what a function of the type made, as it is. What other
    /// functions make of it is another thing.
    fn is_initial(&self, first: usize, steps: usize) -> bool {
        let tokens = self.source.tokens;
        let mut end = first;
        while end < tokens.len() && !tokens.is_punct(end, ';') {
            end = tokens.after(end);
        }
        let mut index = first;
        while index < end && (tokens.is_punct(index, '&') || tokens.is_ident(index, "mut")) {
            index += 1;
        }
        let is_made = self.is_made(index);
        let behind = match path_at(tokens, index) {
            Some(path) if is_made => tokens.after(path.end),
            Some(path) => path.end,
            None => return false,
        };
        let is_clone = tokens.is_punct(behind, '.') && tokens.is_ident(behind + 1, "clone");
        let is_whole = behind == end || is_clone && tokens.after(behind + 2) == end;
        is_whole && (is_made || self.is_value(&(index..behind), steps + 1))
    }

    /// Whether a field of that name is declared with the type in the source.
    fn is_field(&self, name: &str) -> bool {
        let tokens = self.source.tokens;
        let mut is_any = false;
        for index in tokens.places_of(name) {
            let is_typed = tokens.is_punct(index + 1, ':') && !tokens.is_path_separator(index + 1);
            let opens = index.checked_sub(1).is_some_and(|before| {
                let is_public = tokens.is_ident(before, "pub") || tokens.text(before) == ")";
                is_public || matches!(tokens.text(before), "{" | "," | "]")
            });
            // `Type { name: value }` is written the same way, with no type behind it.
            if is_typed && opens && self.is_type(index + 2) {
                is_any = true;
            }
        }
        is_any
    }
}
