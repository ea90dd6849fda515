//! What the options mean, independent of how a release spells them.

use super::invocation::{Invocation, OptionEntry, OptionValue};
use crate::knowledge::BindgenPattern;

/// What matters for bounds on the store's data. `None` is "can't be told from the text".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Whether exports are called asynchronously.
    pub async_exports: Option<bool>,
    /// Whether any import is implemented asynchronously.
    pub async_imports: Option<bool>,
    /// `require_store_data_send`.
    pub require_store_data_send: Option<bool>,
}

impl Meaning {
    /// Reads the options in either spelling: `async` (up to 35) or the rules of `imports` and
    /// `exports` (from 36 on).
    #[must_use]
    pub fn of(invocation: &Invocation) -> Self {
        if invocation.templated || invocation.unread.is_some() {
            return Self {
                async_exports: None,
                async_imports: None,
                require_store_data_send: None,
            };
        }
        let (async_imports, async_exports) = match invocation.option("async").map(|o| &o.value) {
            None | Some(OptionValue::Bool(false)) => (
                Some(any_async(invocation.option("imports"))),
                Some(any_async(invocation.option("exports"))),
            ),
            Some(OptionValue::Bool(true)) => (Some(true), Some(true)),
            // A list of imports: exports are asynchronous in every form but `false`.
            Some(value) => (Some(!takes_no_import(value)), Some(true)),
        };
        let require = invocation.option("require_store_data_send");
        Self {
            async_imports,
            async_exports,
            require_store_data_send: match require.map(|option| &option.value) {
                None => Some(false),
                Some(OptionValue::Bool(value)) => Some(*value),
                Some(_) => None,
            },
        }
    }

    /// Whether the options are what a condition asks for; `None` when that can't be told.
    #[must_use]
    pub fn matches(&self, pattern: &BindgenPattern) -> Option<bool> {
        let asked = [
            (pattern.async_exports, self.async_exports),
            (pattern.async_imports, self.async_imports),
            (
                pattern.require_store_data_send,
                self.require_store_data_send,
            ),
        ];
        let answers = asked
            .into_iter()
            .filter_map(|(asked, is)| asked.map(|asked| is.map(|is| is == asked)));
        let mut unknown = false;
        for answer in answers {
            match answer {
                Some(false) => return Some(false),
                Some(true) => {}
                None => unknown = true,
            }
        }
        (!unknown).then_some(true)
    }

    /// Which of the asked options is the other way round, for people.
    #[must_use]
    pub fn difference(&self, pattern: &BindgenPattern) -> &'static str {
        let differs =
            |asked: Option<bool>, is: Option<bool>| asked.is_some() && is.is_some() && asked != is;
        if differs(pattern.async_exports, self.async_exports) {
            return match self.async_exports {
                Some(true) => {
                    "exports are called asynchronously, which takes `Send` data in every release"
                }
                _ => "exports are called synchronously",
            };
        }
        if differs(pattern.async_imports, self.async_imports) {
            return match self.async_imports {
                Some(true) => "imports are implemented asynchronously",
                _ => "imports are implemented synchronously",
            };
        }
        match self.require_store_data_send {
            Some(true) => "`require_store_data_send` is on",
            _ => "`require_store_data_send` is not on",
        }
    }
}

/// `{ only_imports: [] }`.
fn takes_no_import(value: &OptionValue) -> bool {
    let OptionValue::Block(entries) = value else {
        return false;
    };
    let no_names = |entry: &OptionEntry| entry.value == OptionValue::Strings(Vec::new());
    matches!(entries.as_slice(), [only] if only.name == "only_imports" && no_names(only))
}

fn any_async(rules: Option<&OptionEntry>) -> bool {
    rules.is_some_and(|rules| rules.value_idents.iter().any(|name| name == "async"))
}
