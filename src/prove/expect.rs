//! What the compiler has to answer, as rules in the order in which they are tried.

use std::collections::BTreeMap;

use semver::VersionReq;
use serde::Deserialize;

use super::case::Case;
use super::front::many_by_name;
use super::verdict::Expected;
use crate::version::FamilyVersion;

/// One rule: releases, values of axes, the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The releases that it speaks of.
    pub releases: VersionReq,
    /// The cases that it speaks of.
    pub when: Selector,
    /// What the compiler has to answer.
    pub expected: Expected,
    /// The answer in a few words, for tables.
    pub says: String,
}

impl Rule {
    /// Whether the rule speaks of this case.
    #[must_use]
    pub fn covers(&self, release: &FamilyVersion, case: &Case) -> bool {
        self.releases.matches(&release.0) && self.when.selects(case)
    }
}

/// Values of axes: for each axis that is named any of its values, the others as they may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Selector(
    /// An axis and the values that are meant.
    #[serde(deserialize_with = "many_by_name")]
    pub BTreeMap<String, Vec<String>>,
);

impl Selector {
    /// Whether the case has such values.
    #[must_use]
    pub fn selects(&self, case: &Case) -> bool {
        self.0.iter().all(|(axis, values)| {
            case.value(axis)
                .is_some_and(|value| values.iter().any(|wanted| wanted == value))
        })
    }
}

/// The table of the documentation: fewer columns than cases, in words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The cases that the whole table is about.
    #[serde(default)]
    pub when: Selector,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// One column of a [`Summary`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its head, Markdown.
    pub title: String,
    /// The cases that it sums up.
    pub when: Selector,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::tests::matrix;

    #[test]
    fn a_selector_names_some_axes_and_any_of_their_values() {
        let matrix = matrix();
        let cases = matrix.cases(&FamilyVersion::new(30, 0));
        let select = |axes: &[(&str, &[&str])]| {
            let axes = axes
                .iter()
                .map(|(axis, values)| {
                    let values = values.iter().map(ToString::to_string).collect();
                    ((*axis).to_owned(), values)
                })
                .collect();
            let selector = Selector(axes);
            let found: Vec<_> = cases
                .iter()
                .filter(|case| selector.selects(case))
                .map(|case| case.name.as_str())
                .collect();
            found.join(" ")
        };
        assert_eq!(select(&[]), "off/plain off/odd on/plain on/odd");
        assert_eq!(select(&[("flag", &["on"])]), "on/plain on/odd");
        assert_eq!(
            select(&[("flag", &["on", "off"]), ("data", &["odd"])]),
            "off/odd on/odd"
        );
        assert_eq!(select(&[("other", &["on"])]), "");
    }
}
