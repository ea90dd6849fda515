//! What a proof must be to make sense, beyond its syntax.

use std::collections::{BTreeMap, BTreeSet};

use super::expect::Selector;
use super::front::Fill;
use super::matrix::Matrix;

/// Says what is wrong with a proof that was read.
pub(super) fn validate(matrix: &Matrix) -> Result<(), String> {
    names(matrix)?;
    placeholders(matrix)?;
    selectors(matrix)?;
    cases(matrix)
}

/// Names are what files, examples and rules are called by.
fn names(matrix: &Matrix) -> Result<(), String> {
    if !is_word(&matrix.id) {
        return Err(format!(
            "`{}` is no id: lower case, digits, single dashes",
            matrix.id
        ));
    }
    if matrix.releases.is_empty() || matrix.axes.is_empty() || matrix.dependencies.is_empty() {
        return Err("a proof has releases, dependencies and axes".to_owned());
    }
    if let Some(twice) = matrix.releases.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("{} is listed twice", twice[0]));
    }
    let mut axes = BTreeSet::new();
    for axis in &matrix.axes {
        if !axes.insert(&axis.name) {
            return Err(format!("there are two axes `{}`", axis.name));
        }
        if axis.values.is_empty() {
            return Err(format!("axis `{}` has no values", axis.name));
        }
        let mut values = BTreeSet::new();
        for value in &axis.values {
            if !is_word(&value.name) {
                return Err(format!(
                    "`{}` is no value: lower case, digits, single dashes",
                    value.name
                ));
            }
            if !values.insert(&value.name) {
                return Err(format!(
                    "axis `{}` has two values `{}`",
                    axis.name, value.name
                ));
            }
        }
    }
    Ok(())
}

/// Whether it can be a part of a file's and a crate's name: `non-send`.
fn is_word(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(legal) && name.split('-').all(|part| !part.is_empty())
}

/// A placeholder that nothing fills, and a text without a place, are slips of the pen.
fn placeholders(matrix: &Matrix) -> Result<(), String> {
    let wanted = matrix.template.placeholders();
    let of_axes = matrix.axes.iter().flat_map(|axis| &axis.values);
    let fills: Vec<&Fill> = of_axes
        .flat_map(|value| &value.fill)
        .chain(&matrix.fill)
        .collect();
    let filled: BTreeSet<&str> = fills
        .iter()
        .flat_map(|fill| fill.texts.keys().map(String::as_str))
        .collect();
    if let Some(name) = wanted.difference(&filled).next() {
        return Err(format!("nothing fills `{{{{{name}}}}}` of the template"));
    }
    if let Some(name) = filled.difference(&wanted).next() {
        return Err(format!("the template has no `{{{{{name}}}}}`"));
    }
    match fills.iter().find(|fill| fill.texts.is_empty()) {
        Some(_) => Err("a `fill` without a text".to_owned()),
        None => Ok(()),
    }
}

fn selectors(matrix: &Matrix) -> Result<(), String> {
    let of_rules = matrix.rules.iter().map(|rule| &rule.when);
    let of_table = matrix.table.iter().flat_map(|table| {
        let of_columns = table.columns.iter().map(|column| &column.when);
        std::iter::once(&table.when).chain(of_columns)
    });
    for Selector(selector) in of_rules.chain(of_table) {
        for (name, values) in selector {
            let axis = matrix
                .axes
                .iter()
                .find(|axis| axis.name == *name)
                .ok_or_else(|| format!("there is no axis `{name}`"))?;
            for value in values {
                if !axis.values.iter().any(|known| known.name == *value) {
                    return Err(format!("axis `{name}` has no value `{value}`"));
                }
            }
        }
    }
    Ok(())
}

/// Every case has a rule, every rule has a case, and no two cases of a release are one program.
fn cases(matrix: &Matrix) -> Result<(), String> {
    let mut used = BTreeSet::new();
    for release in &matrix.releases {
        let mut sources = BTreeMap::new();
        for case in matrix.cases(release) {
            let (rule, _) = matrix
                .rule(release, &case)
                .ok_or_else(|| format!("no rule covers {} in {release}", case.name))?;
            used.insert(rule);
            if let Some(other) = sources.insert(case.source, case.name.clone()) {
                return Err(format!(
                    "{other} and {} are one program in {release}",
                    case.name
                ));
            }
        }
    }
    match (0..matrix.rules.len()).find(|rule| !used.contains(rule)) {
        Some(idle) => Err(format!(
            "rule {} (`{}`) covers no case that an earlier rule leaves",
            idle + 1,
            matrix.rules[idle].says
        )),
        None => Ok(()),
    }
}
