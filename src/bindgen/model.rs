//! What the options of one invocation mean for each function of its world, whatever release they are
//! spelled for.

use std::collections::BTreeMap;

use super::flags::Flags;
use super::invocation::{Invocation, OptionEntry, OptionValue};
use super::key::{Key, unversioned};
use crate::wit::{WitFunction, WorldItem, WorldShape};

/// A function of a world, seen from one side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    /// The interface that it is of, as WIT names it; none for a function of the world itself.
    pub interface: Option<String>,
    /// Its name, or `[drop]r` for the end of a resource.
    pub name: String,
    /// Whether it is an `async func`.
    pub wit_async: bool,
}

impl Function {
    /// Whether it is the end of a resource, which hosts implement too.
    #[must_use]
    pub fn is_drop(&self) -> bool {
        self.name.starts_with("[drop]")
    }
}

/// One direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The flags of a function that no list and no key names: of one that comes into the world
    /// tomorrow, too.
    pub default: Flags,
    /// The flags of every function that there is.
    pub functions: BTreeMap<Function, Flags>,
}

impl Side {
    /// The functions that differ from the default, with their flags.
    pub fn differing(&self) -> impl Iterator<Item = (&Function, Flags)> {
        let functions = self
            .functions
            .iter()
            .map(|(function, flags)| (function, *flags));
        functions.filter(|(function, flags)| {
            // The end of a resource can trap in any case; only whether it is asynchronous shows.
            if function.is_drop() {
                flags.has(Flags::ASYNC) != self.default.has(Flags::ASYNC)
            } else {
                *flags != self.default
            }
        })
    }
}

/// Imports and exports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// What the host implements.
    pub imports: Side,
    /// What the host calls.
    pub exports: Side,
}

impl Model {
    /// Reads the global options of releases up to 35.
    ///
    /// # Errors
    /// The option whose value is not in the macro's shape.
    pub fn of_globals<'i>(
        invocation: &'i Invocation,
        world: &WorldShape,
    ) -> Result<Self, &'i OptionEntry> {
        let on = |name: &str| match invocation.option(name) {
            None => Ok(false),
            Some(option) => match option.value {
                OptionValue::Bool(value) => Ok(value),
                _ => Err(option),
            },
        };
        let traced = Flags::default()
            .with(Flags::TRACING, on("tracing")?)
            // `verbose_tracing` alone generated nothing, and the flag alone does not either.
            .with(
                Flags::VERBOSE_TRACING,
                on("tracing")? && on("verbose_tracing")?,
            );
        let asynchronous = Selection::of_async(invocation.option("async"))?;
        let trappable = Selection::of_list(invocation.option("trappable_imports"))?;
        let stored = on("concurrent_imports")?;
        let flags = |is_async: bool, is_trappable: bool| {
            traced
                .with(Flags::ASYNC, is_async)
                .with(Flags::STORE, stored && is_async)
                .with(Flags::TRAPPABLE, is_trappable)
        };
        let imports = functions(&world.imports, true).map(|function| {
            let flags = flags(asynchronous.takes(&function), trappable.takes(&function));
            (function, flags)
        });
        let async_exports = !matches!(asynchronous, Selection::None);
        let exported = traced
            .with(Flags::ASYNC, async_exports)
            .with(Flags::STORE, on("concurrent_exports")? && async_exports);
        Ok(Self {
            imports: Side {
                default: flags(asynchronous.takes_others(), trappable.takes_others()),
                functions: imports.collect(),
            },
            exports: Side {
                default: exported,
                functions: functions(&world.exports, false)
                    .map(|function| (function, exported))
                    .collect(),
            },
        })
    }

    /// Reads the rules of releases from 36 on.
    ///
    /// # Errors
    /// The option whose value is not in the macro's shape.
    pub fn of_rules<'i>(
        invocation: &'i Invocation,
        world: &WorldShape,
    ) -> Result<Self, &'i OptionEntry> {
        let side = |name: &str, items: &[WorldItem], drops: bool| {
            let rules = Rules::of(invocation.option(name))?;
            let all = functions(items, drops);
            Ok(Side {
                default: rules.default,
                functions: all.map(|f| (f.clone(), rules.flags(&f))).collect(),
            })
        };
        Ok(Self {
            imports: side("imports", &world.imports, true)?,
            exports: side("exports", &world.exports, false)?,
        })
    }
}

/// Every function of one direction. Hosts implement the ends of imported resources.
fn functions(items: &[WorldItem], drops: bool) -> impl Iterator<Item = Function> + '_ {
    items.iter().flat_map(move |item| {
        let mut found = Vec::new();
        let mut add = |interface: Option<&str>, function: &WitFunction| {
            found.push(Function {
                interface: interface.map(str::to_owned),
                name: function.name.clone(),
                wit_async: function.is_async,
            });
        };
        let drop = |resource: &String| WitFunction {
            name: format!("[drop]{resource}"),
            is_async: false,
        };
        match item {
            WorldItem::Interface {
                name,
                functions,
                resources,
                ..
            } => {
                functions.iter().for_each(|f| add(Some(name), f));
                let ends = resources.iter().filter(|_| drops);
                ends.for_each(|resource| add(Some(name), &drop(resource)));
            }
            WorldItem::Function(function) => add(None, function),
            WorldItem::Resource(resource) if drops => add(None, &drop(resource)),
            WorldItem::Resource(_) | WorldItem::Type(_) => {}
        }
        found
    })
}

/// Which functions a global option is about.
enum Selection {
    None,
    All,
    Only(Vec<String>),
    Except(Vec<String>),
}

impl Selection {
    fn of_async(option: Option<&OptionEntry>) -> Result<Self, &OptionEntry> {
        let Some(option) = option else {
            return Ok(Self::None);
        };
        match &option.value {
            OptionValue::Bool(true) => Ok(Self::All),
            OptionValue::Bool(false) => Ok(Self::None),
            OptionValue::Block(entries) => match entries.as_slice() {
                [only] if only.name == "only_imports" => Ok(Self::Only(strings(only)?)),
                [except] if except.name == "except_imports" => Ok(Self::Except(strings(except)?)),
                _ => Err(option),
            },
            _ => Err(option),
        }
    }

    fn of_list(option: Option<&OptionEntry>) -> Result<Self, &OptionEntry> {
        match option.map(|option| (option, &option.value)) {
            None | Some((_, OptionValue::Bool(false))) => Ok(Self::None),
            Some((_, OptionValue::Bool(true))) => Ok(Self::All),
            Some((option, _)) => strings(option).map(Self::Only),
        }
    }

    /// Whether it is about functions that no name is of.
    fn takes_others(&self) -> bool {
        matches!(self, Self::All | Self::Except(_))
    }

    /// Names are a function's own, in whatever interface, or from 30 on `interface#name`.
    fn takes(&self, function: &Function) -> bool {
        let named = |name: &String| match name.split_once('#') {
            None => *name == function.name,
            Some((interface, name)) => {
                let own = function.interface.as_deref().unwrap_or_default();
                name == function.name && (interface == own || interface == unversioned(own))
            }
        };
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(names) => names.iter().any(named),
            Self::Except(names) => !names.iter().any(named),
        }
    }
}

fn strings(option: &OptionEntry) -> Result<Vec<String>, &OptionEntry> {
    match &option.value {
        OptionValue::Strings(strings) => Ok(strings.clone()),
        _ => Err(option),
    }
}

/// The rules of one direction.
struct Rules {
    default: Flags,
    keyed: Vec<(Key, Flags)>,
}

impl Rules {
    fn of(option: Option<&OptionEntry>) -> Result<Self, &OptionEntry> {
        let mut rules = Self {
            default: Flags::default(),
            keyed: Vec::new(),
        };
        let Some(option) = option else {
            return Ok(rules);
        };
        let OptionValue::Block(entries) = &option.value else {
            return Err(option);
        };
        for entry in entries {
            let names = entry.value_idents.iter().filter(|name| *name != "exact");
            let flags = names.map(|name| Flags::named(name));
            let flags = flags
                .collect::<Option<Vec<_>>>()
                .ok_or(option)?
                .into_iter()
                .fold(Flags::default(), |all, flag| all.with(flag, true));
            match entry.text_name() {
                None if entry.name == "default" => rules.default = flags,
                None => return Err(option),
                Some(text) => rules.keyed.push((Key::parse(&text), flags)),
            }
        }
        Ok(rules)
    }

    /// The most specific key decides, and replaces the default.
    fn flags(&self, function: &Function) -> Flags {
        let interface = function.interface.as_deref();
        let mut candidates: Vec<Key> = Vec::new();
        match interface {
            None => candidates.push(Key::parse(&function.name)),
            Some(own) => {
                for scope in [own, unversioned(own)] {
                    candidates.push(Key::member(Some(scope), &function.name));
                }
                let package = own.split('/').next().unwrap_or(own);
                let version = own.split_once('@').map(|(_, version)| version);
                let mut scopes = vec![own.to_owned(), unversioned(own).to_owned()];
                scopes.extend(version.map(|version| format!("{package}@{version}")));
                scopes.push(package.to_owned());
                scopes.extend(package.split(':').next().map(str::to_owned));
                if own.contains(':') {
                    candidates.extend(scopes.iter().map(|scope| Key::parse(scope)));
                }
            }
        }
        let mut found = candidates.iter().filter_map(|wanted| {
            let rule = self.keyed.iter().find(|(key, _)| key == wanted);
            rule.map(|(_, flags)| *flags)
        });
        found.next().unwrap_or(self.default)
    }
}
