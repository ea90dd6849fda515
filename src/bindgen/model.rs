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
        let imports = generated(invocation, &world.imports).map(|function| {
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
        let side = |name: &str, all: &mut dyn Iterator<Item = Function>| {
            let rules = Rules::of(invocation.option(name))?;
            Ok(Side {
                default: rules.default,
                functions: all.map(|f| (f.clone(), rules.flags(&f))).collect(),
            })
        };
        Ok(Self {
            imports: side("imports", &mut generated(invocation, &world.imports))?,
            exports: side("exports", &mut functions(&world.exports, false))?,
        })
    }
}

/// The functions that a host implements. Those of an interface that `with` takes from elsewhere are
/// generated there: no option is about them, and a rule that names one is refused as unused.
fn generated<'w>(
    invocation: &Invocation,
    imports: &'w [WorldItem],
) -> impl Iterator<Item = Function> + 'w {
    let with = invocation.option("with").map(|option| &option.value);
    let entries = match with {
        Some(OptionValue::Block(entries)) => entries.as_slice(),
        _ => &[],
    };
    let keys = entries.iter().filter_map(OptionEntry::text_name);
    let taken: Vec<Key> = keys.map(|text| Key::parse(&text)).collect();
    functions(imports, true).filter(move |function| {
        let own = function.interface.as_deref();
        let mut scopes = own.into_iter().flat_map(scopes);
        !scopes.any(|scope| taken.contains(&Key::parse(&scope)))
    })
}

/// What an interface can be named by, from the most specific to the least.
fn scopes(interface: &str) -> Vec<String> {
    if !interface.contains(':') {
        return vec![interface.to_owned()]; // declared inside the world
    }
    let package = interface.split('/').next().unwrap_or(interface);
    let version = interface.split_once('@').map(|(_, version)| version);
    let mut scopes = vec![interface.to_owned(), unversioned(interface).to_owned()];
    scopes.extend(version.map(|version| format!("{package}@{version}")));
    scopes.push(package.to_owned());
    scopes.extend(package.split(':').next().map(str::to_owned));
    scopes
}

/// Whether options ask for asynchronous imports and each of these is generated elsewhere, where `with`
/// takes it from; none where that can't be told. The options are those of lines with rules.
#[must_use]
pub fn async_imports_remapped(invocation: &Invocation, world: &WorldShape) -> Option<bool> {
    if invocation.templated || invocation.unread.is_some() {
        return None;
    }
    let rules = Rules::of(invocation.option("imports")).ok()?;
    let asked = rules.default.has(Flags::ASYNC)
        || rules.keyed.iter().any(|rule| rule.flags.has(Flags::ASYNC));
    let is_async =
        |function: &Function| rules.flags(function).has(Flags::ASYNC) || function.wit_async;
    let own = generated(invocation, &world.imports).any(|function| is_async(&function));
    let all = functions(&world.imports, true).any(|function| is_async(&function));
    Some(asked && all && !own)
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

    /// Names are a function's own, in whatever interface, or from 30 on `interface#name` with the
    /// version that the interface has.
    fn takes(&self, function: &Function) -> bool {
        let named = |name: &String| match name.split_once('#') {
            None => *name == function.name,
            Some((interface, name)) => {
                name == function.name && Some(interface) == function.interface.as_deref()
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
    keyed: Vec<Rule>,
}

/// A rule with a key.
struct Rule {
    key: Key,
    flags: Flags,
    /// Whether it is about what has this very name and nothing below it.
    exact: bool,
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
                Some(text) => rules.keyed.push(Rule {
                    key: Key::parse(&text),
                    flags,
                    exact: entry.value_idents.iter().any(|name| name == "exact"),
                }),
            }
        }
        Ok(rules)
    }

    /// The most specific key decides, and replaces the default.
    fn flags(&self, function: &Function) -> Flags {
        let names: Vec<Key> = match function.interface.as_deref() {
            None => vec![Key::parse(&function.name)],
            Some(own) => [own, unversioned(own)]
                .map(|scope| Key::member(Some(scope), &function.name))
                .into(),
        };
        let above = function.interface.as_deref().map(|own| match own {
            // A bare name is no key for the functions of an interface that the world declares.
            own if own.contains(':') => scopes(own),
            _ => Vec::new(),
        });
        let above: Vec<Key> = above
            .unwrap_or_default()
            .iter()
            .map(|it| Key::parse(it))
            .collect();
        let of = |wanted: &Key, below: bool| {
            let mut rules = self.keyed.iter();
            rules.find(|rule| rule.key == *wanted && !(below && rule.exact))
        };
        let found = names.iter().find_map(|name| of(name, false));
        let found = found.or_else(|| above.iter().find_map(|scope| of(scope, true)));
        found.map_or(self.default, |rule| rule.flags)
    }
}
