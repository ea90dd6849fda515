//! A rule of a migration, as data: what is looked for in the sources of a project, or in what the
//! compiler says of them, and what is written in its place.

use serde::Deserialize;

use crate::migrate::pattern::{Pattern, Template};

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where the compiler says this; without it, wherever `find` matches in the sources.
    pub error: Option<ErrorShape>,
    /// What is looked for; without it, the place of the error, which `replace` calls `$it`.
    pub find: Option<Pattern>,
    /// What is written in its place; without it, the place is for a person.
    pub replace: Option<Template>,
    /// What a person has to do there.
    pub note: Option<String>,
    /// Words of which a source has none that is edited.
    pub unless: Vec<String>,
}

/// What an error of the compiler looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorShape {
    /// Its code, `E0599`.
    pub code: String,
    /// Parts of what the compiler prints with it; all of them are there.
    pub says: Vec<String>,
}

/// A rule as a file writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRule {
    error: Option<String>,
    #[serde(default)]
    says: Vec<String>,
    find: Option<String>,
    replace: Option<String>,
    note: Option<String>,
    #[serde(default)]
    unless: Vec<String>,
}

impl WrittenRule {
    /// Checks that it says something, and reads its patterns.
    pub(super) fn read(self) -> Result<Rule, String> {
        let fail = |message: &str| Err(format!("a rule {message}"));
        if self.error.is_none() && self.find.is_none() {
            return fail("has neither `find` nor `error`");
        }
        if self.error.is_none() && !self.says.is_empty() {
            return fail("has `says` without `error`");
        }
        if self.replace.is_none() && self.note.is_none() {
            return fail("has neither `replace` nor `note`");
        }
        let find = self.find.as_deref().map(Pattern::read).transpose()?;
        let of_place = Pattern::of_place();
        let replace = self.replace.as_deref();
        let replace = replace.map(|text| Template::read(text, find.as_ref().unwrap_or(&of_place)));
        let replace = replace.transpose()?;
        let error = self.error.map(|code| ErrorShape {
            code,
            says: self.says,
        });
        Ok(Rule {
            error,
            find,
            replace,
            note: self.note,
            unless: self.unless,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Rule, String> {
        let written: WrittenRule = toml::from_str(text).map_err(|error| error.to_string())?;
        written.read()
    }

    #[test]
    fn a_rule_has_to_say_where_and_what() {
        for (text, wrong) in [
            ("note = 'look'", "a rule has neither `find` nor `error`"),
            (
                "find = 'f()'\nsays = ['a']\nnote = 'look'",
                "a rule has `says` without `error`",
            ),
            (
                "error = 'E0599'\nreplace = 'f($a)'",
                "`replace` has `$a`, and `find` has not",
            ),
            ("error = 'E0599'", "a rule has neither `replace` nor `note`"),
            (
                "find = '$a.f('\nreplace = ''",
                "this delimiter is never closed",
            ),
            (
                "find = '$a.f($b)'\nreplace = '$c'",
                "`replace` has `$c`, and `find` has not",
            ),
            ("find = '$a'\nreplace = ''", "`find` names nothing: `$a`"),
            (
                "find = 'f($a.., b)'\nreplace = ''",
                "`$a..` in `find` is not in front of a closing bracket",
            ),
        ] {
            assert_eq!(read(text).map(|_| ()).unwrap_err(), wrong);
        }
        assert!(
            read("error = 'E0599'\nsays = ['no method']\nfind = '$a.f($b)'\nreplace = '$a.g($b)'")
                .is_ok()
        );
    }
}
