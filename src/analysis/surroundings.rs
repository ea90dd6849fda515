//! What stands around a token: the function that it is in, whether that is a test, and whether the
//! code there is always run.

use std::ops::Range;

use crate::tokens::{TokenKind, Tokens};

/// Words in front of a block that is not always run once.
const BRANCHES: [&str; 6] = ["if", "else", "match", "while", "for", "loop"];

/// What is known of the place of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Surroundings {
    /// Whether it is only compiled for tests or benches.
    pub(super) is_for_tests: bool,
    /// Whether it stands below an `if`, a `match`, a loop or a `#[cfg(..)]`, within its function.
    pub(super) is_conditional: bool,
    /// The brace that opens the body of the innermost function.
    pub(super) function: Option<usize>,
}

impl Surroundings {
    /// What is around the token at `index`.
    pub(super) fn of(tokens: &Tokens<'_>, index: usize) -> Self {
        let mut found = Self::default();
        let mut place = Some(index);
        while let Some(at) = place {
            found.take_in(tokens, at, head_of(tokens, at));
            place = tokens.around(at).next();
        }
        found
    }

    /// Takes in what stands in front of the token or block at `at`.
    fn take_in(&mut self, tokens: &Tokens<'_>, at: usize, head: Range<usize>) {
        let is_inside = self.function.is_none();
        let is_block = tokens.text(at) == "{";
        let mut names_function = false;
        let mut place = head.start;
        while place < head.end {
            let attribute = tokens.is_punct(place, '#') && tokens.text(place + 1) == "[";
            if attribute {
                let content = place + 2..tokens.after(place + 1) - 1;
                self.is_for_tests |= is_for_tests(tokens, &content);
                self.is_conditional |= is_inside && tokens.is_ident(content.start, "cfg");
            }
            names_function |= tokens.is_ident(place, "fn");
            let branches = BRANCHES.iter().any(|word| tokens.is_ident(place, word));
            self.is_conditional |= is_inside && is_block && !names_function && branches;
            place = tokens.after(place).max(place + 1);
        }
        if is_inside && is_block && names_function {
            self.function = Some(at);
        }
    }
}

/// From the start of the statement, item or arm that the token at `at` is in, up to it.
fn head_of(tokens: &Tokens<'_>, at: usize) -> Range<usize> {
    let mut start = at;
    while let Some(before) = start.checked_sub(1) {
        match tokens.kind(before) {
            Some(TokenKind::Close) if tokens.text(before) != "}" => {
                start = tokens.get(before).map_or(0, |token| token.partner);
            }
            None | Some(TokenKind::Close | TokenKind::Open | TokenKind::Punct(';')) => break,
            Some(_) => start = before,
        }
    }
    start..at
}

/// Whether an attribute makes its item one of tests: `#[test]`, `#[tokio::test]`, `#[bench]`,
/// `#[cfg(test)]`, `#[cfg(all(test, ..))]`.
fn is_for_tests(tokens: &Tokens<'_>, content: &Range<usize>) -> bool {
    if tokens.is_ident(content.start, "cfg") {
        return needs_tests(tokens, content.start + 2..content.end.saturating_sub(1));
    }
    let mut name = content.start;
    while tokens.is_path_separator(name + 1) {
        name += 3;
    }
    tokens.is_ident(name, "test") || tokens.is_ident(name, "bench")
}

/// Whether a predicate can only hold in tests.
fn needs_tests(tokens: &Tokens<'_>, predicate: Range<usize>) -> bool {
    let start = predicate.start;
    if tokens.is_ident(start, "test") {
        return predicate.len() == 1 || tokens.is_punct(start + 1, ',');
    }
    if !tokens.is_ident(start, "all") {
        return false;
    }
    let end = tokens.after(start + 1) - 1;
    let mut place = start + 2;
    while place < end {
        let mut behind = place;
        while behind < end && !tokens.is_punct(behind, ',') {
            behind = tokens.after(behind);
        }
        if needs_tests(tokens, place..behind) {
            return true;
        }
        place = behind + 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is around the name `here`.
    fn around(text: &str) -> Surroundings {
        let tokens = Tokens::read(text).unwrap();
        let index = (0..tokens.len())
            .find(|index| tokens.is_ident(*index, "here"))
            .unwrap();
        Surroundings::of(&tokens, index)
    }

    #[test]
    fn tests_are_known_by_their_attributes() {
        for (text, is_for_tests) in [
            ("#[cfg(test)] mod tests { fn f() { here(); } }", true),
            (
                "#[cfg(all(unix, test))] mod tests { fn f() { here(); } }",
                true,
            ),
            ("#[test] fn f() { here(); }", true),
            (
                "#[tokio::test(flavor = \"x\")] async fn f() { g(|| here()); }",
                true,
            ),
            ("#[bench] fn f(b: &mut B) { b.iter(|| { here(); }); }", true),
            ("#[cfg(test)] use wasmtime::here;", true),
            ("#[cfg(not(test))] fn f() { here(); }", false),
            (
                "#[cfg(any(test, feature = \"x\"))] fn f() { here(); }",
                false,
            ),
            ("#[cfg(test)] mod tests; fn f() { here(); }", false),
            (
                "#[cfg(test)] mod tests { fn g() {} } fn f() { here(); }",
                false,
            ),
            ("fn test() { here(); }", false),
        ] {
            assert_eq!(around(text).is_for_tests, is_for_tests, "{text}");
        }
    }

    #[test]
    fn code_that_may_be_passed_over_is_known_by_what_leads_to_it() {
        for (text, is_conditional) in [
            ("fn f() { c.here(true); }", false),
            ("fn f() { let c = new(); { c.a().here(true); } }", false),
            ("fn f() { if x { y(); } c.here(true); }", false),
            ("fn f() { if x { c.here(true); } }", true),
            ("fn f() { if x { y(); } else { c.here(true); } }", true),
            ("fn f() { match x { A => c.here(true), _ => {} } }", true),
            ("fn f() { for x in y { c.here(x); } }", true),
            ("fn f() { #[cfg(unix)] c.here(true); }", true),
            ("fn f() { #[cfg(feature = \"x\")] { c.here(true); } }", true),
            ("fn f() { #[cfg(unix)] c.b(true); c.here(true); }", false),
            ("impl A for B { fn f() { c.here(true); } }", false),
            ("#[cfg(unix)] fn f() { c.here(true); }", true),
        ] {
            assert_eq!(around(text).is_conditional, is_conditional, "{text}");
        }
    }
}
