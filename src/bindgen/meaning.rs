//! What the options mean, independent of how a release spells them.

use super::invocation::{Invocation, OptionEntry, OptionValue};
use crate::knowledge::BindgenPattern;

/// What matters for findings. `None` is "can't be told from the text".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Whether exports are called asynchronously.
    pub async_exports: Option<bool>,
    /// Whether any import is implemented asynchronously.
    pub async_imports: Option<bool>,
    /// `require_store_data_send`.
    pub require_store_data_send: Option<bool>,
    /// `anyhow`.
    pub anyhow: Option<bool>,
    /// Whether `additional_derives` has `Clone`.
    pub derives_clone: Option<bool>,
    /// Whether any function is traced.
    pub traced: Option<bool>,
    /// Whether any import can trap.
    pub trappable_imports: Option<bool>,
    /// Whether `trappable_error_type` names a type.
    pub trappable_error_type: Option<bool>,
}

impl Meaning {
    /// Reads the options in either spelling: `async` (up to 35) or the rules of `imports` and
    /// `exports` (from 36 on).
    #[must_use]
    pub fn of(invocation: &Invocation) -> Self {
        if invocation.templated || invocation.unread.is_some() {
            return Self::default();
        }
        let (imports, exports) = (invocation.option("imports"), invocation.option("exports"));
        let (async_imports, async_exports) = match invocation.option("async").map(|o| &o.value) {
            None | Some(OptionValue::Bool(false)) => (any(imports, "async"), any(exports, "async")),
            Some(OptionValue::Bool(true)) => (true, true),
            // A list of imports: exports are asynchronous in every form but `false`.
            Some(value) => (!takes_no_import(value), true),
        };
        let on = |name: &str| match invocation.option(name).map(|option| &option.value) {
            None => Some(false),
            Some(OptionValue::Bool(value)) => Some(*value),
            Some(_) => None,
        };
        let traced = any(imports, "tracing") || any(exports, "tracing");
        let trappable = match invocation.option("trappable_imports").map(|o| &o.value) {
            Some(OptionValue::Strings(names)) => Some(!names.is_empty()),
            _ => on("trappable_imports"),
        };
        let derives = invocation.option("additional_derives");
        let errors = invocation.option("trappable_error_type");
        Self {
            async_imports: Some(async_imports),
            async_exports: Some(async_exports),
            require_store_data_send: on("require_store_data_send"),
            anyhow: on("anyhow"),
            derives_clone: Some(any(derives, "Clone")),
            traced: on("tracing").map(|on| on || traced),
            trappable_imports: trappable.map(|on| on || any(imports, "trappable")),
            trappable_error_type: Some(errors.is_some_and(|it| !it.value_idents.is_empty())),
        }
    }

    /// The answer to one question of a pattern.
    fn answer(&self, question: &str) -> Option<bool> {
        match question {
            "async-exports" => self.async_exports,
            "async-imports" => self.async_imports,
            "require-store-data-send" => self.require_store_data_send,
            "anyhow" => self.anyhow,
            "derives-clone" => self.derives_clone,
            "traced" => self.traced,
            "trappable-imports" => self.trappable_imports,
            "trappable-error-type" => self.trappable_error_type,
            _ => None,
        }
    }

    /// Whether the options are what a condition asks for; `None` when that can't be told.
    #[must_use]
    pub fn matches(&self, pattern: &BindgenPattern) -> Option<bool> {
        let mut unknown = false;
        for (question, wanted) in pattern.asked() {
            match self.answer(question) {
                Some(is) if is == wanted => {}
                Some(_) => return Some(false),
                None => unknown = true,
            }
        }
        (!unknown).then_some(true)
    }

    /// Which of the asked options is the other way round, for people.
    #[must_use]
    pub fn difference(&self, pattern: &BindgenPattern) -> &'static str {
        let differs = |(question, wanted): &(&str, bool)| {
            self.answer(question).is_some_and(|is| is != *wanted)
        };
        let mut asked = pattern.asked();
        match asked.find(differs) {
            Some(("async-exports", false)) => {
                "exports are called asynchronously, which takes `Send` data in every release"
            }
            Some(("async-exports", true)) => "exports are called synchronously",
            Some(("async-imports", false)) => "imports are implemented asynchronously",
            Some(("async-imports", true)) => "imports are implemented synchronously",
            Some(("require-store-data-send", false)) => "`require_store_data_send` is on",
            Some(("anyhow", true)) => "`anyhow: true` is not among the options",
            Some(("derives-clone", true)) => "`additional_derives` has no `Clone`",
            Some(("traced", true)) => "nothing is traced",
            Some(("trappable-imports", true)) => "no imported function can trap",
            Some(("trappable-error-type", true)) => "no error of WIT is a trappable one",
            Some(("require-store-data-send", true)) | None => "`require_store_data_send` is not on",
            Some(_) => "the options ask for more than that",
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

/// Whether a word stands in the value of an option.
fn any(option: Option<&OptionEntry>, word: &str) -> bool {
    option.is_some_and(|option| option.value_idents.iter().any(|name| name == word))
}
