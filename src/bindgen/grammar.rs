//! Which options each line accepts.

use serde::Deserialize;

use super::{OptionEntry, OptionValue};
use crate::knowledge::Form;
use crate::version::Line;

/// One option and the lines that have it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OptionFacts {
    /// Its name.
    pub name: String,
    /// The first line that accepts it; none when it is older than the knowledge base.
    pub since: Option<Line>,
    /// The last line that accepts it; none when the newest still does.
    pub until: Option<Line>,
    /// The first line that takes a list of texts as its value, where older ones take one text.
    pub list_since: Option<Line>,
    /// The proof, and a case of it, in which the option moves over its first or last line and is
    /// compiled: `bindgen-rules/functions`.
    pub proof: Option<String>,
    /// Why there is none.
    pub not_compiled: Option<String>,
}

/// All options, as `knowledge/bindgen-options.toml` has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grammar {
    #[serde(rename = "option")]
    options: Vec<OptionFacts>,
}

impl Grammar {
    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn parse<'t>(text: impl Into<Form<'t>>) -> Result<Self, String> {
        text.into().read()
    }

    /// All of them, in the order of the file.
    #[must_use]
    pub fn options(&self) -> &[OptionFacts] {
        &self.options
    }

    /// The option of that name, when any release knows it.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&OptionFacts> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Whether `line` accepts the option.
    #[must_use]
    pub fn accepts(&self, name: &str, line: Line) -> bool {
        self.option(name).is_some_and(|option| {
            option.since.is_none_or(|since| since <= line)
                && option.until.is_none_or(|until| line <= until)
        })
    }

    /// Whether an option is a list, and `line` takes one text alone.
    #[must_use]
    pub fn is_list_too_early(&self, option: &OptionEntry, line: Line) -> bool {
        let since = self.option(&option.name).and_then(|facts| facts.list_since);
        matches!(option.value, OptionValue::Strings(_)) && since.is_some_and(|since| line < since)
    }

    /// Whether `line` accepts the option with the value that it has here.
    #[must_use]
    pub fn takes(&self, option: &OptionEntry, line: Line) -> bool {
        self.accepts(&option.name, line) && !self.is_list_too_early(option, line)
    }
}
