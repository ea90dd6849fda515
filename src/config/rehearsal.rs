//! `[rehearse]` of the policy file: which guests, how they are run, and what may differ.

use std::collections::BTreeMap;

use globset::{Glob, GlobMatcher};
use jiff::civil::Date;
use toml_edit::{Item, TableLike};

use super::parse::{keys, table};
use super::value::{File, key_span, span_of};
use crate::error::Result;
use crate::rehearse::compare::Aspect;
use crate::rehearse::protocol::{EngineSettings, Stubs};
use crate::span::Span;
use crate::suggest::nearest;
use crate::workspace::Placed;

/// How a guest is run. What is not given is left to whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuestSettings {
    /// Its arguments.
    pub args: Option<Vec<String>>,
    /// Its whole environment.
    pub env: Option<Vec<(String, String)>>,
    /// Its standard input.
    pub stdin: Option<String>,
    /// Exports to call.
    pub invoke: Option<Vec<String>>,
    /// Requests for a guest that handles them.
    pub requests: Option<Vec<String>>,
}

impl GuestSettings {
    /// These settings, and those of `other` where these say nothing.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let or =
            |own: Option<Vec<String>>, other: &Option<Vec<String>>| own.or_else(|| other.clone());
        Self {
            args: or(self.args, &other.args),
            invoke: or(self.invoke, &other.invoke),
            requests: or(self.requests, &other.requests),
            env: self.env.or_else(|| other.env.clone()),
            stdin: self.stdin.or_else(|| other.stdin.clone()),
        }
    }
}

/// A pattern of paths, relative to the root, with its text.
#[derive(Clone, Debug)]
pub struct PathPattern {
    /// As it is written.
    pub text: String,
    matcher: GlobMatcher,
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PathPattern {}

impl PathPattern {
    /// Whether a guest is meant, by its path or by its name alone.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.matcher.is_match(path) || self.matcher.is_match(name)
    }
}

/// `[[rehearse.guest]]`: how some guests are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestRule {
    /// Which guests.
    pub path: PathPattern,
    /// How.
    pub settings: GuestSettings,
}

/// `[[rehearse.expect]]`: a difference that is put up with for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Of which guests; none for all.
    pub guest: Option<PathPattern>,
    /// What may differ, at its place in the file.
    pub aspect: Placed<Aspect>,
    /// By how much of the smaller amount, in percent; none for any.
    pub within_percent: Option<u32>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Placed<Date>,
}

/// `[rehearse]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RehearsalPolicy {
    /// Guests to run when none are named: paths and patterns, relative to the root.
    pub guests: Vec<String>,
    /// How guests are run.
    pub settings: GuestSettings,
    /// What becomes of unknown imports.
    pub stubs: Option<Stubs>,
    /// How the engine is set up.
    pub engine: EngineSettings,
    /// How some guests are run; the first that matches counts.
    pub rules: Vec<GuestRule>,
    /// What may differ.
    pub expected: Vec<Expected>,
}

impl RehearsalPolicy {
    /// How a guest is run.
    #[must_use]
    pub fn settings_of(&self, path: &str) -> GuestSettings {
        let rule = self.rules.iter().find(|rule| rule.path.matches(path));
        let own = rule.map(|rule| rule.settings.clone()).unwrap_or_default();
        own.or(&self.settings)
    }
}

/// Reads `[rehearse]`.
pub(super) fn rehearsal(file: File<'_>, root: &dyn TableLike) -> Result<RehearsalPolicy> {
    let mut policy = RehearsalPolicy::default();
    let Some(table) = table(file, root, "rehearse")? else {
        return Ok(policy);
    };
    file.refuse_unknown_keys(table, "[rehearse]", keys("rehearse"))?;
    policy.guests = texts(file, table, "guests")?.unwrap_or_default();
    policy.settings = settings(file, table)?;
    policy.stubs = table
        .get("stub")
        .map(|item| stubs(file, item))
        .transpose()?;
    if let Some(item) = table.get("pooling") {
        policy.engine.pooling = Some(file.boolean(item)?);
    }
    if let Some(item) = table.get("max-wasm-stack") {
        policy.engine.max_wasm_stack = Some(bytes(file, item)?);
    }
    if let Some(item) = table.get("async-stack-size") {
        policy.engine.async_stack_size = Some(bytes(file, item)?);
    }
    policy.engine.switches = switches(file, table)?;
    for (rule, span) in tables(file, table, "guest")? {
        policy.rules.push(guest_rule(file, rule, span)?);
    }
    for (expected, span) in tables(file, table, "expect")? {
        policy.expected.push(expectation(file, expected, span)?);
    }
    Ok(policy)
}

/// `[rehearse.config]`: switches of Wasmtime's `Config`.
fn switches(file: File<'_>, rehearse: &dyn TableLike) -> Result<BTreeMap<String, bool>> {
    let Some(config) = table(file, rehearse, "config")? else {
        return Ok(BTreeMap::new());
    };
    file.refuse_unknown_keys(config, "[rehearse.config]", keys("rehearse.config"))?;
    let switches = config.iter();
    switches
        .map(|(name, item)| Ok((name.to_owned(), file.boolean(item)?)))
        .collect()
}

fn settings(file: File<'_>, table: &dyn TableLike) -> Result<GuestSettings> {
    Ok(GuestSettings {
        args: texts(file, table, "args")?,
        env: environment(file, table)?,
        stdin: table
            .get("stdin")
            .map(|item| plain_text(file, item, span_of(item)))
            .transpose()?,
        invoke: texts(file, table, "invoke")?,
        requests: requests(file, table)?,
    })
}

fn guest_rule(file: File<'_>, table: &dyn TableLike, span: Span) -> Result<GuestRule> {
    file.refuse_unknown_keys(table, "[[rehearse.guest]]", keys("rehearse.guest"))?;
    let Some(item) = table.get("path") else {
        let help = "say which guests: `path = \"plugins/*.wasm\"`";
        return Err(file.malformed(span, "this guest has no `path`", help));
    };
    Ok(GuestRule {
        path: pattern(file, item)?,
        settings: settings(file, table)?,
    })
}

fn expectation(file: File<'_>, table: &dyn TableLike, span: Span) -> Result<Expected> {
    file.refuse_unknown_keys(table, "[[rehearse.expect]]", keys("rehearse.expect"))?;
    let get = |key: &str, help: &str| {
        let missing = || format!("this expected difference has no `{key}`");
        table
            .get(key)
            .ok_or_else(|| file.malformed(span, missing(), help))
    };
    let aspect = aspect_of(
        file,
        get("aspect", "say what may differ: `aspect = \"fuel\"`")?,
    )?;
    let reason = get("reason", "say why that is fine: `reason = \"..\"`")?;
    let until = get("until", "say how long: `until = 2026-12-31`")?;
    Ok(Expected {
        guest: table
            .get("guest")
            .map(|item| pattern(file, item))
            .transpose()?,
        within_percent: table
            .get("within-percent")
            .map(|item| percent(file, item, aspect.value))
            .transpose()?,
        aspect,
        reason: file.text(reason)?.value,
        until: file.date(until)?,
    })
}

/// How far two amounts may be apart.
fn percent(file: File<'_>, item: &Item, aspect: Aspect) -> Result<u32> {
    if !matches!(aspect, Aspect::Fuel | Aspect::Memory) {
        let what = format!("`{}` is no amount", aspect.word());
        let help = "only `fuel` and `memory` can differ by so many percent: take the key out";
        return Err(file.malformed(span_of(item), what, help));
    }
    let number = item
        .as_integer()
        .and_then(|number| u32::try_from(number).ok());
    number.filter(|number| *number > 0).ok_or_else(|| {
        let help = "a whole number above 0, without quotes: `within-percent = 5`";
        file.malformed(span_of(item), "this is no number of percent", help)
    })
}

fn aspect_of(file: File<'_>, item: &Item) -> Result<Placed<Aspect>> {
    let text = file.text(item)?;
    let words = Aspect::ALL.map(Aspect::word);
    let known = Aspect::ALL
        .into_iter()
        .find(|aspect| aspect.word() == text.value);
    match known {
        Some(value) => Ok(Placed {
            value,
            span: text.span,
        }),
        None => {
            let help = match nearest(&text.value, words) {
                Some(word) => format!("did you mean \"{word}\"?"),
                None => format!("one of {}", words.join(", ")),
            };
            let what = format!("nothing that is compared is called `{}`", text.value);
            Err(file.malformed(text.span, what, help))
        }
    }
}

fn stubs(file: File<'_>, item: &Item) -> Result<Stubs> {
    match item.as_str() {
        Some("trap") => Ok(Stubs::Trap),
        Some("default") => Ok(Stubs::Default),
        _ => {
            let help = "\"trap\" or \"default\"";
            Err(file.malformed(span_of(item), "this is no way to stub an import", help))
        }
    }
}

fn bytes(file: File<'_>, item: &Item) -> Result<u64> {
    let number = item
        .as_integer()
        .and_then(|number| u64::try_from(number).ok());
    number.filter(|number| *number > 0).ok_or_else(|| {
        let help = "a whole number above 0, without quotes";
        file.malformed(span_of(item), "this is no number of bytes", help)
    })
}

fn pattern(file: File<'_>, item: &Item) -> Result<PathPattern> {
    let text = file.text(item)?;
    match Glob::new(&text.value) {
        Ok(glob) => Ok(PathPattern {
            text: text.value,
            matcher: glob.compile_matcher(),
        }),
        Err(error) => {
            let what = format!("this is no pattern of paths: {}", error.kind());
            Err(file.malformed(text.span, what, "write for example \"plugins/*.wasm\""))
        }
    }
}

fn plain_text(file: File<'_>, item: &Item, at: Span) -> Result<String> {
    let text = item.as_str().map(ToOwned::to_owned);
    text.ok_or_else(|| file.malformed(at, "this is no text", "put it between quotes"))
}

/// A list of texts.
fn texts(file: File<'_>, table: &dyn TableLike, key: &str) -> Result<Option<Vec<String>>> {
    let Some(item) = table.get(key) else {
        return Ok(None);
    };
    let help = format!("write `{key} = [\"..\", \"..\"]`");
    let Some(array) = item.as_array() else {
        let at = key_span(table, key, item);
        return Err(file.malformed(at, format!("`{key}` is no list"), help));
    };
    let texts = array.iter().map(|value| {
        let span = value.span().unwrap_or_default().into();
        let text = value.as_str().map(ToOwned::to_owned);
        text.ok_or_else(|| file.malformed(span, "this is no text", help.as_str()))
    });
    texts.collect::<Result<_>>().map(Some)
}

/// Whether a text is a request as guests are given them: `METHOD /path`.
#[must_use]
pub fn is_request(text: &str) -> bool {
    let parts = text.trim().split_once(' ');
    parts.is_some_and(|(method, path)| !method.is_empty() && path.trim().starts_with('/'))
}

fn requests(file: File<'_>, table: &dyn TableLike) -> Result<Option<Vec<String>>> {
    let texts = texts(file, table, "requests")?;
    let wrong = texts.iter().flatten().find(|text| !is_request(text));
    if let Some(text) = wrong {
        let at = table.get("requests").map(span_of).unwrap_or_default();
        let what = format!("`{text}` is no request");
        return Err(file.malformed(at, what, "write `requests = [\"GET /path\"]`"));
    }
    Ok(texts)
}

fn environment(file: File<'_>, table: &dyn TableLike) -> Result<Option<Vec<(String, String)>>> {
    let Some(texts) = texts(file, table, "env")? else {
        return Ok(None);
    };
    let at = table.get("env").map(span_of).unwrap_or_default();
    let pairs = texts.iter().map(|text| match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => {
            let what = format!("`{text}` is no variable with a value");
            Err(file.malformed(at, what, "write `env = [\"NAME=value\"]`"))
        }
    });
    pairs.collect::<Result<_>>().map(Some)
}

/// `[[rehearse.KEY]]`, or the same as a list of inline tables.
fn tables<'a>(
    file: File<'_>,
    table: &'a dyn TableLike,
    key: &str,
) -> Result<Vec<(&'a dyn TableLike, Span)>> {
    let Some(item) = table.get(key) else {
        return Ok(Vec::new());
    };
    super::parse::list_of_tables(file, table, (key, &format!("rehearse.{key}")), item)
}
