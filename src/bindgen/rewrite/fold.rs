//! Up to the rules: global options become flags a function.

use super::{Remaining, Replacement, Task, layout, quoted};
use crate::bindgen::flags::Flags;
use crate::bindgen::invocation::{OptionEntry, OptionValue};
use crate::bindgen::key::{Key, unversioned};
use crate::bindgen::model::{Function, Model, Side};
use crate::version::Line;
use crate::wit::{WitFunction, WorldItem, WorldShape};

/// Rules that are longer than this stand on lines of their own. In characters.
const LONGEST: usize = 80;

impl<'a> Task<'a> {
    /// The rules that mean what these options mean.
    pub(super) fn fold(&self, old: &[&'a OptionEntry]) -> Result<Replacement<'a>, Remaining> {
        self.refuse_mixed()?;
        refuse_concurrent(old, self.target)?;
        let plain = old.iter().all(|option| names_nothing(&option.value));
        // Where all functions are alike, it does not matter which there are.
        let any = one_function();
        let world = if plain { Some(&any) } else { self.world };
        let list = || old.iter().find(|option| !names_nothing(&option.value));
        let Some(world) = world else {
            return Err(needs_wit(list().unwrap_or(&old[0]), self.target));
        };
        let model =
            Model::of_globals(self.invocation, world).map_err(|odd| needs_wit(odd, self.target))?;
        let mut new = Vec::new();
        for (direction, side) in [("imports", &model.imports), ("exports", &model.exports)] {
            new.extend(self.rules(direction, side, old[0]));
        }
        // Issue #11752: on 36 and 37 the generated `add_to_linker` lacks a bound when every
        // asynchronous import is remapped by `with`.
        let is_async = model
            .imports
            .functions
            .values()
            .any(|flags| flags.has(Flags::ASYNC));
        let remapped = is_async && self.may_all_be_remapped();
        let required = self.invocation.option("require_store_data_send").is_some();
        if remapped && !required && matches!(self.target, Line(36 | 37)) {
            new.push("require_store_data_send: true".to_owned());
        }
        Ok(Replacement {
            old: old.to_vec(),
            new,
            reason: format!("{} became flags a function in 36", quoted(old)),
        })
    }

    /// Whether all asynchronous imports may be taken from elsewhere by `with`: where the world is known, none is
    /// generated here.
    fn may_all_be_remapped(&self) -> bool {
        let is_async = |model: Model| {
            let mut functions = model.imports.functions.values();
            functions.any(|flags| flags.has(Flags::ASYNC))
        };
        let known = self
            .world
            .map(|world| Model::of_globals(self.invocation, world));
        let has_own = known.and_then(Result::ok).is_some_and(is_async);
        self.invocation.option("with").is_some() && !has_own
    }

    /// One direction as an option; none when it needs no rule.
    fn rules(&self, direction: &str, side: &Side, first: &OptionEntry) -> Option<String> {
        let default = side.default;
        let mut rules: Vec<String> = side
            .differing()
            .map(|(function, flags)| format!("\"{}\": {flags}", self.key(function, side)))
            .collect();
        if !default.is_empty() {
            rules.push(format!("default: {default}"));
        }
        if rules.is_empty() {
            return None;
        }
        let line = format!("{direction}: {{ {} }}", rules.join(", "));
        let indent = layout::own_line_indent(self.text, first.span());
        match indent.filter(|_| line.len() > LONGEST) {
            None => Some(line),
            Some(indent) => {
                let end = layout::line_end(self.text);
                let inner: String = rules
                    .iter()
                    .map(|rule| format!("{end}{indent}    {rule},"))
                    .collect();
                Some(format!("{direction}: {{{inner}{end}{indent}}}"))
            }
        }
    }

    /// The key of a function, without the version where that is enough.
    fn key(&self, function: &Function, side: &Side) -> String {
        let scope = function.interface.as_deref().map(|own| {
            let short = unversioned(own);
            let twice = side
                .functions
                .keys()
                .filter_map(|other| other.interface.as_deref());
            let mut twice = twice.filter(|other| *other != own && unversioned(other) == short);
            if twice.next().is_some() { own } else { short }
        });
        Key::member(scope, &function.name).spelled(self.target, true, function.wit_async)
    }

    /// Rules and the options that they replace stand side by side in no release. Of the latter,
    /// those that are off say nothing, and only go.
    pub(super) fn refuse_mixed(&self) -> Result<(), Remaining> {
        let mut options = self.invocation.options.iter();
        let rules = options.find(|option| super::RULES.contains(&option.name.as_str()));
        let mut options = self.invocation.options.iter();
        let global = options.find(|option| {
            super::FOLDED.contains(&option.name.as_str())
                && option.value != OptionValue::Bool(false)
        });
        let both = rules.zip(global);
        both.map_or(Ok(()), |(rules, _)| {
            Err(Remaining {
                span: rules.span(),
                what: format!(
                    "`{}` and the options that it replaces stand side by side, which no release accepts",
                    rules.name
                ),
            })
        })
    }
}

/// `true`, `false`, `[]`, `{ only_imports: [] }`: it is about all functions alike.
fn names_nothing(value: &OptionValue) -> bool {
    match value {
        OptionValue::Bool(_) => true,
        OptionValue::Strings(names) => names.is_empty(),
        OptionValue::Block(entries) => {
            let is_of_imports = |name: &str| matches!(name, "only_imports" | "except_imports");
            let mut entries = entries.iter();
            entries.all(|it| is_of_imports(&it.name) && names_nothing(&it.value))
        }
        _ => false,
    }
}

/// A world with one function on each side.
pub(super) fn one_function() -> WorldShape {
    let function = || {
        WorldItem::Function(WitFunction {
            name: "f".to_owned(),
            is_async: false,
        })
    };
    WorldShape {
        world: String::new(),
        imports: vec![function()],
        exports: vec![function()],
        holds_streams: false,
    }
}

fn refuse_concurrent(old: &[&OptionEntry], target: Line) -> Result<(), Remaining> {
    let concurrent = old.iter().find(|option| {
        option.name.starts_with("concurrent_") && option.value == OptionValue::Bool(true)
    });
    concurrent.map_or(Ok(()), |option| {
        Err(Remaining {
            span: option.span(),
            what: format!(
                "Wasmtime {target} does not accept `{}`: write the flags `async | store`, and move the implementations to `HostWithStore`",
                option.name
            ),
        })
    })
}

fn needs_wit(option: &OptionEntry, target: Line) -> Remaining {
    Remaining {
        span: option.span(),
        what: format!(
            "Wasmtime {target} does not accept `{}`: its list becomes one rule a function, `imports: {{ \"ns:pkg/interface{}function\": async, .. }}`; the WIT that says which functions there are could not be read",
            option.name,
            if target < Line(39) { "/" } else { "." },
        ),
    }
}
