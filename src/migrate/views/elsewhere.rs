//! What other files of a package say of a host's type: its views may be implemented in several.

use std::collections::BTreeMap;

use super::body::expression;
use crate::migrate::impls::{self, ImplBlock};
use crate::tokens::Tokens;

/// What is implemented for each type of a package, by its name without a path and parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere(BTreeMap<String, Host>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Host {
    /// What its `table` gives, where all say the same.
    tables: Vec<String>,
    /// Whether it has a view that gets the table.
    is_shown: bool,
}

/// Nothing: what is looked at is all there is.
pub static NOTHING_ELSEWHERE: Elsewhere = Elsewhere(BTreeMap::new());

impl Elsewhere {
    /// What the sources of a package have.
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
        for text in texts.filter(|text| text.contains("View") && text.contains("wasmtime")) {
            let Ok(tokens) = Tokens::read(text) else {
                continue;
            };
            for block in impls::find(&tokens) {
                let view = block.trait_path.last().map(|place| tokens.text(*place));
                let gives = matches!(view, Some("IoView" | "WasiView"));
                let gets = matches!(view, Some("WasiView" | "WasiHttpView"));
                let Some(name) = name_of_type(&tokens, &block).filter(|_| gives || gets) else {
                    continue;
                };
                let host = hosts.entry(name).or_default();
                host.is_shown |= gets;
                let table = block.function(&tokens, "table").filter(|_| gives);
                let table = table.and_then(|table| expression(&tokens, text, table));
                host.tables.extend(table.map(str::to_owned));
            }
        }
        Self(hosts)
    }

    /// What the table of a block's type is, as it is written elsewhere.
    pub(super) fn table(&self, tokens: &Tokens<'_>, block: &ImplBlock) -> Option<&str> {
        let host = self.0.get(&name_of_type(tokens, block)?)?;
        let (first, others) = host.tables.split_first()?;
        let is_plain = first.contains("self.") && others.iter().all(|other| other == first);
        is_plain.then_some(first.as_str())
    }

    /// Whether a view of a block's type gets its table elsewhere.
    pub(super) fn is_shown(&self, tokens: &Tokens<'_>, block: &ImplBlock) -> bool {
        let host = name_of_type(tokens, block).and_then(|name| self.0.get(&name));
        host.is_some_and(|host| host.is_shown)
    }
}

/// The last name of the path of the type that a block is for; none for what is no path.
fn name_of_type(tokens: &Tokens<'_>, block: &ImplBlock) -> Option<String> {
    let mut index = block.of_type.start;
    while tokens.is_path_separator(index + 1) && index + 3 < block.of_type.end {
        index += 3;
    }
    let is_name = tokens.text(index).starts_with(char::is_uppercase);
    is_name.then(|| tokens.text(index).to_owned())
}
