//! Down from the rules: flags a function become global options, where they can.

use std::collections::BTreeSet;

use super::fold::one_function;
use super::{RULES_SINCE, Remaining, Replacement, Task, quoted};
use crate::bindgen::flags::Flags;
use crate::bindgen::invocation::{OptionEntry, OptionValue};
use crate::bindgen::model::{Function, Model, Side};
use crate::version::Line;

impl<'a> Task<'a> {
    /// The global options that mean what these rules mean.
    pub(super) fn unfold(&self, old: &[&'a OptionEntry]) -> Result<Replacement<'a>, Remaining> {
        self.refuse_mixed()?;
        let refuse = |what: &str| Remaining {
            span: old[0].span(),
            what: format!(
                "Wasmtime {} has no rules for single functions, and {what}",
                self.target
            ),
        };
        let uniform = old.iter().all(|option| match &option.value {
            OptionValue::Block(entries) => entries.iter().all(|entry| entry.name == "default"),
            _ => false,
        });
        let any = one_function();
        let world = if uniform { Some(&any) } else { self.world };
        let world =
            world.ok_or_else(|| refuse("the WIT that says which there are could not be read"))?;
        let model = Model::of_rules(self.invocation, world)
            .map_err(|_| refuse("these are not in the macro's shape"))?;
        for (function, flags) in model
            .imports
            .functions
            .iter()
            .chain(&model.exports.functions)
        {
            let beyond = Flags::STORE
                .with(Flags::IGNORE_WIT, true)
                .with(Flags::TASK_EXIT, true);
            if flags.without(beyond) != *flags {
                return Err(refuse(&format!(
                    "no option for what `{}` has",
                    function.name
                )));
            }
        }
        let mut new = Vec::new();
        new.extend(self.asynchronous(&model).map_err(|what| refuse(&what))?);
        new.extend(self.traced(&model).map_err(|what| refuse(&what))?);
        let trappable = selected(&model.imports, Flags::TRAPPABLE, false, self.target);
        new.extend(match trappable.map_err(|what| refuse(&what))? {
            Selected::None => None,
            Selected::All => Some("trappable_imports: true".to_owned()),
            Selected::Names(names) => Some(format!("trappable_imports: [{names}]")),
        });
        Ok(Replacement {
            old: old.to_vec(),
            new,
            reason: format!(
                "{} took the place of global options in {RULES_SINCE}",
                quoted(old)
            ),
        })
    }

    fn asynchronous(&self, model: &Model) -> Result<Option<String>, String> {
        let exported = |on: bool| {
            model
                .exports
                .functions
                .values()
                .any(|flags| flags.has(Flags::ASYNC) == on)
        };
        if exported(true) && exported(false) {
            return Err("exports are all called alike".to_owned());
        }
        let imports = selected(&model.imports, Flags::ASYNC, true, self.target)?;
        match (exported(true), imports) {
            (false, Selected::None) => Ok(None),
            (false, _) if !model.exports.functions.is_empty() => {
                Err("asynchronous imports make all exports asynchronous".to_owned())
            }
            (_, Selected::All) => Ok(Some("async: true".to_owned())),
            (true, Selected::None) if model.imports.functions.is_empty() => {
                Ok(Some("async: true".to_owned()))
            }
            (_, Selected::None) => Ok(Some("async: { only_imports: [] }".to_owned())),
            // A function that comes into the world later is to be what it would be now.
            (_, Selected::Names(_)) if model.imports.default.has(Flags::ASYNC) => {
                match named(&model.imports, Flags::ASYNC, false, true, self.target)? {
                    Selected::Names(names) => {
                        Ok(Some(format!("async: {{ except_imports: [{names}] }}")))
                    }
                    Selected::None | Selected::All => Ok(Some("async: true".to_owned())),
                }
            }
            (_, Selected::Names(names)) => {
                Ok(Some(format!("async: {{ only_imports: [{names}] }}")))
            }
        }
    }

    fn traced(&self, model: &Model) -> Result<Vec<String>, String> {
        let all = || {
            model
                .imports
                .functions
                .iter()
                .chain(&model.exports.functions)
        };
        let mut options = Vec::new();
        for (flag, name) in [
            (Flags::TRACING, "tracing"),
            (Flags::VERBOSE_TRACING, "verbose_tracing"),
        ] {
            let mut real = all().filter(|(function, _)| !function.is_drop());
            let Some((_, first)) = real.next() else {
                continue;
            };
            let on = first.has(flag);
            if real.any(|(_, flags)| flags.has(flag) != on) {
                return Err(format!("`{name}` is for all or for none"));
            }
            // Line 24 and older print lists in any case.
            if on && (flag == Flags::TRACING || self.target >= Line(25)) {
                options.push(format!("{name}: true"));
            }
        }
        Ok(options)
    }
}

/// Which functions of a side have a flag.
enum Selected {
    None,
    All,
    /// Their names, each in quotes.
    Names(String),
}

/// The functions of a side that have a flag.
fn selected(side: &Side, flag: Flags, drops: bool, target: Line) -> Result<Selected, String> {
    named(side, flag, true, drops, target)
}

/// The functions of a side that have a flag, or that lack it. A name stands for the functions of that
/// name in all interfaces; from 30 on one can be meant alone.
fn named(
    side: &Side,
    flag: Flags,
    having: bool,
    drops: bool,
    target: Line,
) -> Result<Selected, String> {
    let counts = |function: &&Function| drops || !function.is_drop();
    let functions: Vec<&Function> = side.functions.keys().filter(counts).collect();
    let is_one = |function: &Function| side.functions[function].has(flag) == having;
    let ones: Vec<&&Function> = functions.iter().filter(|f| is_one(f)).collect();
    if ones.is_empty() {
        return Ok(Selected::None);
    }
    if ones.len() == functions.len() {
        return Ok(Selected::All);
    }
    let mut names = BTreeSet::new();
    for function in ones {
        let mut alike = functions.iter().filter(|other| other.name == function.name);
        let other = alike.find(|other| !is_one(other));
        names.insert(match (other, &function.interface) {
            (None, _) => format!("\"{}\"", function.name),
            (Some(_), Some(interface)) if target >= Line(30) && flag == Flags::ASYNC => {
                format!("\"{interface}#{}\"", function.name)
            }
            _ => return Err(format!("`{}` means more than one function", function.name)),
        });
    }
    let names: Vec<String> = names.into_iter().collect();
    Ok(Selected::Names(names.join(", ")))
}
