//! The front matter of a proof, as it stands in the file.

use std::collections::BTreeMap;

use semver::VersionReq;
use serde::{Deserialize, Deserializer};

use super::expect::{Rule, Selector, Summary};
use crate::version::{FamilyVersion, Line};

/// Something that is varied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// What it is called in rules and in the head of a table.
    pub name: String,
    /// What it can be.
    pub values: Vec<AxisValue>,
}

/// One value of an axis.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AxisValue {
    /// What it is called.
    pub name: String,
    /// What it puts into the template. A value such as `unset` puts nothing.
    #[serde(default)]
    pub fill: Vec<Fill>,
    /// A part of the finished program and what stands there instead: a mistake, to see that it would be
    /// noticed.
    pub spoil: Option<[String; 2]>,
}

/// Texts for placeholders, for all lines or for some.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Fill {
    /// The first line that is written like this.
    pub since: Option<Line>,
    /// The first line that no longer is.
    pub until: Option<Line>,
    /// A placeholder's name and what it gets.
    #[serde(flatten, deserialize_with = "many_by_name")]
    pub texts: BTreeMap<String, Vec<String>>,
}

impl Fill {
    /// Whether releases of `line` are written like this.
    #[must_use]
    pub fn holds_for(&self, line: Line) -> bool {
        self.since.is_none_or(|since| since <= line) && self.until.is_none_or(|until| line < until)
    }
}

/// The front matter of a proof.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FrontMatter {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) releases: Vec<FamilyVersion>,
    #[serde(default = "default_edition")]
    pub(super) edition: String,
    pub(super) dependencies: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) takes_others: bool,
    pub(super) options_of: Option<Line>,
    #[serde(rename = "axis")]
    pub(super) axes: Vec<Axis>,
    #[serde(default)]
    pub(super) fill: Vec<Fill>,
    pub(super) expect: Vec<RuleEntry>,
    pub(super) table: Option<Summary>,
}

fn default_edition() -> String {
    "2021".to_owned()
}

/// A rule as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    releases: Option<VersionReq>,
    #[serde(default)]
    when: Selector,
    result: String,
    message: Option<String>,
    says: String,
}

impl RuleEntry {
    /// The rule, when its parts go together.
    pub(super) fn into_rule(self) -> Result<Rule, String> {
        let Self {
            releases,
            when,
            result,
            message,
            says,
        } = self;
        let expected = match (result.as_str(), message) {
            ("ok", None) => super::Expected::Ok,
            ("ok", Some(_)) => return Err(format!("`{says}`: an `ok` has no message")),
            ("", _) => return Err(format!("`{says}`: the result is empty")),
            (_, None) => return Err(format!("`{says}`: {result} without its message")),
            (_, Some(message)) => super::Expected::Fails {
                code: result,
                message,
            },
        };
        Ok(Rule {
            releases: releases.unwrap_or(VersionReq::STAR),
            when,
            expected,
            says,
        })
    }
}

/// One text or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_many(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

/// Reads a table whose values are one text or a list of them.
pub(super) fn many_by_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let table = BTreeMap::<String, OneOrMany>::deserialize(deserializer)?;
    Ok(table
        .into_iter()
        .map(|(name, texts)| (name, texts.into_many()))
        .collect())
}
