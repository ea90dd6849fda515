//! A rule of a migration, as data: what is looked for in the sources of a project, or in what the
//! compiler says of them, and what is written in its place.

use std::collections::BTreeMap;

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
    /// Types of which what is in a hole has to be one, by the name of the hole.
    pub holds: BTreeMap<String, Vec<Vec<String>>>,
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
    #[serde(default)]
    holds: BTreeMap<String, Vec<String>>,
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
        let known = |hole: &str| {
            find.as_ref()
                .is_some_and(|find| find.holes().any(|it| it == hole))
        };
        if let Some(hole) = self.holds.keys().find(|hole| !known(hole)) {
            return Err(format!("`holds` has `{hole}`, and `find` has not"));
        }
        if self.error.is_some() && !self.holds.is_empty() {
            return fail("has `holds` beside `error`: the compiler knows types");
        }
        let names = |path: String| path.split("::").map(str::to_owned).collect();
        let holds = self.holds.into_iter();
        let holds = holds.map(|(hole, types)| (hole, types.into_iter().map(names).collect()));
        let holds = holds.collect();
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
            holds,
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
