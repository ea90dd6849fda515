//! Keys of rules and of `with`: what they name, independent of how a release spells it.
//!
//! A function or a type behind an interface is joined with `/` up to line 38 and with `.` from 39 on
//! (PR #11947); an `async func` of WIT has `[async]` in front of its name in the rules of 36 to 39
//! and not from 40 on (PR #12031).

use crate::version::Line;

/// The first line that joins with `.`.
const DOTS_SINCE: Line = Line(39);

/// The last line whose rules have `[async]` in front of names.
const PREFIX_UNTIL: Line = Line(39);

const PREFIX: &str = "[async]";

/// What a key names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// A namespace, a package, an interface (each as it is written, the version included), or the
    /// name of an interface that is declared inside the world; none for a function of the world.
    pub scope: Option<String>,
    /// A function, resource or type in it.
    pub member: Option<String>,
}

impl Key {
    /// A function or type of an interface, or of the world itself.
    #[must_use]
    pub fn member(scope: Option<&str>, member: &str) -> Self {
        Self {
            scope: scope.map(str::to_owned),
            member: Some(member.to_owned()),
        }
    }

    /// Reads a key in any release's spelling. A single name can be an interface or a function: it is
    /// the same in every release, and counts as a scope here.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (scope, member) = split(text);
        let member = member.map(|member| member.strip_prefix(PREFIX).unwrap_or(member).to_owned());
        Self {
            scope: Some(scope.to_owned()),
            member,
        }
    }

    /// The key as `line` spells it. `in_rules` and `wit_async` say whether it stands in `imports` or
    /// `exports` and names an `async func`.
    #[must_use]
    pub fn spelled(&self, line: Line, in_rules: bool, wit_async: bool) -> String {
        let prefix = if in_rules && wit_async && line <= PREFIX_UNTIL {
            PREFIX
        } else {
            ""
        };
        match (&self.scope, &self.member) {
            (Some(scope), Some(member)) => {
                let joint = if line < DOTS_SINCE { '/' } else { '.' };
                format!("{scope}{joint}{prefix}{member}")
            }
            (Some(scope), None) => scope.clone(),
            (None, member) => member.clone().unwrap_or_default(),
        }
    }
}

/// A scope without its version.
#[must_use]
pub fn unversioned(scope: &str) -> &str {
    scope.split('@').next().unwrap_or(scope)
}

/// The scope and what stands behind it.
fn split(text: &str) -> (&str, Option<&str>) {
    let Some((package, rest)) = text.split_once('/') else {
        // `ns:pkg@1.0.0`, `ns`, `x`, or `x.f` for an interface declared inside the world.
        return match text.split_once('.').filter(|_| !text.contains(':')) {
            Some((scope, member)) => (scope, Some(member)),
            None => (text, None),
        };
    };
    if !package.contains(':') {
        return (package, Some(rest)); // `x/f`
    }
    // Behind the interface: a version, then a member, joined with either sign.
    let interface = rest.find(['@', '/', '.']).unwrap_or(rest.len());
    let mut end = package.len() + 1 + interface;
    if text[end..].starts_with('@') {
        end += version_length(&text[end..]);
    }
    match text.get(end + 1..) {
        Some(member) if !member.is_empty() => (&text[..end], Some(member)),
        _ => (text, None),
    }
}

/// The length in bytes of `@1.2.3-pre` at the start of a text. What a pre-release may hold besides
/// is told from a member by its dots: WIT's names have none.
fn version_length(text: &str) -> usize {
    let mut dots = 0;
    text.bytes()
        .position(|byte| {
            dots += usize::from(byte == b'.');
            byte == b'/' || dots == 3
        })
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respelled(text: &str, line: u64) -> String {
        Key::parse(text).spelled(Line(line), false, false)
    }

    #[test]
    fn members_are_joined_as_the_line_does_it() {
        for (old, new) in [
            ("a:b/c/f", "a:b/c.f"),
            ("a:b/c@1.0.0/f", "a:b/c@1.0.0.f"),
            ("a:b/c@0.3.0-rc-2025-09-16/f", "a:b/c@0.3.0-rc-2025-09-16.f"),
            ("a:b/c/[method]r.f", "a:b/c.[method]r.f"),
            ("a:b/c/[drop]r", "a:b/c.[drop]r"),
            ("x/f", "x.f"),
        ] {
            for text in [old, new] {
                assert_eq!(respelled(text, 38), old, "{text}");
                assert_eq!(respelled(text, 39), new, "{text}");
            }
        }
    }

    #[test]
    fn what_has_no_member_is_spelled_alike_everywhere() {
        for text in ["a", "a:b", "a:b@1.0.0", "a:b/c", "a:b/c@1.0.0", "f"] {
            for line in [36, 38, 39, 48] {
                assert_eq!(respelled(text, line), text);
            }
        }
    }

    #[test]
    fn async_functions_have_a_prefix_in_rules_up_to_39() {
        let key = Key::parse("a:b/c.[async]f");
        assert_eq!(key, Key::member(Some("a:b/c"), "f"));
        assert_eq!(key.spelled(Line(38), true, true), "a:b/c/[async]f");
        assert_eq!(key.spelled(Line(39), true, true), "a:b/c.[async]f");
        assert_eq!(key.spelled(Line(40), true, true), "a:b/c.f");
        assert_eq!(key.spelled(Line(38), false, true), "a:b/c/f");
    }
}
