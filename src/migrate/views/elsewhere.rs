//! What other files of a package say of a host's type: its views may be implemented in several.

use super::body::expression;
use crate::migrate::impls::{self, ImplBlock};
use crate::tokens::Tokens;

/// What is implemented for the types of a package. They are few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere(Vec<Host>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Host {
    /// Its name, without a path and parameters.
    name: String,
    /// What its `table` gives, where all say the same.
    tables: Vec<String>,
    /// Whether it has a view that gets the table.
    is_shown: bool,
}

/// Nothing: what is looked at is all there is.
pub static NOTHING_ELSEWHERE: Elsewhere = Elsewhere(Vec::new());

impl Elsewhere {
    /// Adds what one source of the package has.
    pub fn read(&mut self, text: &str) {
        if !text.contains("View") {
            return;
        }
        let Ok(tokens) = Tokens::read(text) else {
            return;
        };
        for block in impls::find(&tokens) {
            let view = block.trait_path.last().map(|place| tokens.text(*place));
            let gives = matches!(view, Some("IoView" | "WasiView"));
            let gets = matches!(view, Some("WasiView" | "WasiHttpView"));
            let Some(name) = name_of_type(&tokens, &block).filter(|_| gives || gets) else {
                continue;
            };
            let table = block.function(&tokens, "table").filter(|_| gives);
            let table = table.and_then(|table| expression(&tokens, text, table));
            let host = self.host(name);
            host.is_shown |= gets;
            host.tables.extend(table.map(str::to_owned));
        }
    }

    fn host(&mut self, name: &str) -> &mut Host {
        let known = self.0.iter().position(|host| host.name == name);
        let place = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(Host {
                name: name.to_owned(),
                ..Host::default()
            });
        }
        &mut self.0[place]
    }

    fn of_block(&self, tokens: &Tokens<'_>, block: &ImplBlock) -> Option<&Host> {
        let name = name_of_type(tokens, block)?;
        self.0.iter().find(|host| host.name == name)
    }

    /// What the table of a block's type is, as it is written elsewhere.
    pub(super) fn table(&self, tokens: &Tokens<'_>, block: &ImplBlock) -> Option<&str> {
        let host = self.of_block(tokens, block)?;
        let (first, others) = host.tables.split_first()?;
        let is_plain = first.contains("self.") && others.iter().all(|other| other == first);
        is_plain.then_some(first.as_str())
    }

    /// Whether a view of a block's type gets its table elsewhere.
    pub(super) fn is_shown(&self, tokens: &Tokens<'_>, block: &ImplBlock) -> bool {
        self.of_block(tokens, block)
            .is_some_and(|host| host.is_shown)
    }
}

/// The last name of the path of the type that a block is for; none for what is no path.
fn name_of_type<'t>(tokens: &Tokens<'t>, block: &ImplBlock) -> Option<&'t str> {
    let mut index = block.of_type.start;
    while tokens.is_path_separator(index + 1) && index + 3 < block.of_type.end {
        index += 3;
    }
    let name = tokens.text(index);
    name.starts_with(char::is_uppercase).then_some(name)
}
