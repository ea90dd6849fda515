//! What the sources name: the API of Wasmtime that a project uses. Lists of packages are the places of
//! their manifests, sorted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use memchr::memmem::Finder;

use super::Analysis;
use super::shipped::Standing;
use super::surroundings::Surroundings;
use crate::span::Span;
use crate::tokens::{LexFailure, TokenKind, TokenList, Tokens};
use crate::workspace::Workspace;

/// The tokens of the sources that were asked for, each file read once.
#[derive(Debug, Default)]
pub struct TokenCache(Vec<OnceLock<Result<TokenList, LexFailure>>>);

impl TokenCache {
    /// An empty cache for a workspace.
    #[must_use]
    pub fn new(workspace: &Workspace) -> Self {
        Self(workspace.sources.iter().map(|_| OnceLock::new()).collect())
    }

    /// The tokens of one source.
    ///
    /// # Errors
    /// Why they can't be read; that is remembered for [`TokenCache::failures`].
    pub fn read<'w>(
        &self,
        workspace: &'w Workspace,
        source: usize,
    ) -> Result<Tokens<'w>, &LexFailure> {
        let text = &workspace.sources[source].text;
        let read = || Tokens::read(text).map(|tokens| tokens.list());
        let list = self.0[source].get_or_init(read).as_ref()?;
        Ok(Tokens::of_list(text, list.clone()))
    }

    /// The tokens of one source where they were asked for before and could be read.
    pub(super) fn known<'w>(&self, workspace: &'w Workspace, source: usize) -> Option<Tokens<'w>> {
        let list = self.0[source].get()?.as_ref().ok()?;
        let text = &workspace.sources[source].text;
        Some(Tokens::of_list(text, list.clone()))
    }

    /// The sources that were asked for and can't be read as tokens.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &LexFailure)> {
        let read = self.0.iter().enumerate();
        read.filter_map(|(source, read)| Some((source, read.get()?.as_ref().err()?)))
    }
}

/// Where what was asked for is named first, by the package that was looked at and the pattern.
pub(super) type Mentions = Mutex<HashMap<(Option<usize>, String), Option<Mention>>>;

/// A place where something is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Place of the file in [`Workspace::sources`].
    pub source: usize,
    /// What stands there.
    pub span: Span,
    /// Whether it is code of tests or benches.
    pub for_tests: bool,
}

/// A call `.name(argument)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchCall {
    /// Where the method is named.
    pub place: Mention,
    /// The last name of the argument when it is a literal or a path (`true`, `Winch` of
    /// `Strategy::Winch`); none when it is something else.
    pub value: Option<String>,
    /// The last argument when it is `true` or `false`.
    pub last_argument: Option<String>,
    /// What stands between the parentheses.
    pub arguments: Span,
    /// Whether it stands below an `if`, a `match`, a loop or a `#[cfg(..)]`.
    pub is_conditional: bool,
    /// The function that it stands in.
    pub function: Option<usize>,
}

/// A `Config` or `Engine` with the defaults comes into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creation {
    /// Place of the file in [`Workspace::sources`].
    pub source: usize,
    /// The function that it stands in.
    pub function: Option<usize>,
}

/// The sources of a workspace that belong to a target of a package.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// What is known of it.
    pub analysis: &'a Analysis,
    /// The package to look at; none for all of them: what one configures, another may call.
    pub package: Option<usize>,
}

impl<'a> Sources<'a> {
    /// The first place that names `pattern`, one in tests only when there is no other: a name; a
    /// path, which matches by its last parts, in a `use` of several names too; behind a `.` a method
    /// that is called or a field; behind `fn ` a function that is defined.
    #[must_use]
    pub fn first(self, pattern: &'a str) -> Option<Mention> {
        let key = (self.package, pattern.to_owned());
        // The map is whole even after a panic elsewhere.
        let known = || {
            let found = self.analysis.mentions.lock();
            found.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(found) = known().get(&key) {
            return *found;
        }
        let found = self.look_for(pattern);
        known().insert(key, found);
        found
    }

    fn look_for(self, pattern: &'a str) -> Option<Mention> {
        let parts = words_of(pattern);
        let (last, before) = parts.split_last()?;
        let mut for_tests = None;
        for (source, tokens) in self.with(&parts) {
            for index in tokens.places_of(last) {
                let found = match pattern.as_bytes() {
                    [b'.', ..] => {
                        let is_method = index > 0 && tokens.is_punct(index - 1, '.');
                        is_method
                            && argument_of(pattern).is_none_or(|it| is_given(&tokens, index, it))
                    }
                    [b'f', b'n', b' ', ..] => index > 0 && tokens.is_ident(index - 1, "fn"),
                    _ => follows(&tokens, index, before),
                };
                let Some(token) = tokens.get(index).filter(|_| found) else {
                    continue;
                };
                let standing = self.analysis.standing(self.workspace, source);
                if standing == Standing::Nowhere {
                    break;
                }
                let mention = Mention {
                    source,
                    span: token.span,
                    for_tests: is_for_tests(standing, &tokens, index),
                };
                if !mention.for_tests {
                    return Some(mention);
                }
                for_tests.get_or_insert(mention);
            }
        }
        for_tests
    }

    /// Every call of the method `name` with an argument; without one it reads something.
    #[must_use]
    pub fn switch_calls(self, name: &'a str) -> Vec<SwitchCall> {
        let mut calls = Vec::new();
        for (source, tokens) in self.with(&[name]) {
            for index in tokens.places_of(name).filter(|index| *index > 0) {
                let called = (tokens.is_punct(index - 1, '.') || tokens.is_punct(index - 1, ':'))
                    && tokens.kind(index + 1) == Some(TokenKind::Open)
                    && tokens.after(index + 1) > index + 3;
                let Some(token) = tokens.get(index).filter(|_| called) else {
                    continue;
                };
                let standing = self.analysis.standing(self.workspace, source);
                if standing == Standing::Nowhere {
                    break;
                }
                let around = Surroundings::of(&tokens, index);
                let Some(open) = tokens.get(index + 1) else {
                    continue;
                };
                let close = tokens.get(open.partner).map_or(open.span, |it| it.span);
                calls.push(SwitchCall {
                    place: Mention {
                        source,
                        span: token.span,
                        for_tests: is_for_tests(standing, &tokens, index),
                    },
                    value: last_name(&tokens, index + 1),
                    last_argument: last_flag(&tokens, index + 1),
                    arguments: Span::new(open.span.end.0, close.start.0),
                    is_conditional: around.is_conditional,
                    function: around.function,
                });
            }
        }
        calls
    }

    /// Where a `Config` begins with the defaults in any package, outside of tests, as far as it is
    /// Wasmtime's.
    #[must_use]
    pub fn creations(self) -> &'a [Creation] {
        let everywhere = Self {
            package: None,
            ..self
        };
        let known = &self.analysis.creations;
        known.get_or_init(|| everywhere.look_for_creations())
    }

    fn look_for_creations(self) -> Vec<Creation> {
        let mut creations = Vec::new();
        let wasmtime = Finder::new("wasmtime");
        let ways = [
            ("new", "Config"),
            ("default", "Config"),
            ("default", "Engine"),
        ];
        for (way, of) in ways {
            for source in self.having(&[of, way]) {
                // `my_wasmtime::Config` is taken for one as well.
                let text = self.workspace.sources[source].text.as_bytes();
                if wasmtime.find(text).is_none() {
                    continue;
                }
                let Ok(tokens) = self.analysis.tokens.read(self.workspace, source) else {
                    continue;
                };
                for index in tokens.places_of(way) {
                    if !follows(&tokens, index, &[of]) {
                        continue;
                    }
                    let standing = self.analysis.standing(self.workspace, source);
                    if standing != Standing::Nowhere && !is_for_tests(standing, &tokens, index) {
                        creations.push(Creation {
                            source,
                            function: Surroundings::of(&tokens, index).function,
                        });
                    }
                }
            }
        }
        creations
    }

    /// The sources that have the words of a pattern for [`Sources::first`] and can't be read as tokens:
    /// whether they name it is unknown.
    pub fn unread(self, pattern: &'a str) -> impl Iterator<Item = usize> {
        let cache = &self.analysis.tokens;
        self.having(&words_of(pattern))
            .filter(move |source| cache.read(self.workspace, *source).is_err())
            .filter(move |source| {
                self.analysis.standing(self.workspace, *source) != Standing::Nowhere
            })
    }

    /// The files that have all the words, as tokens; some of them may stand nowhere. A file that lacks a
    /// part of a path can't name it, and whether such a file is Rust is no matter.
    fn with(self, words: &[&'a str]) -> impl Iterator<Item = (usize, Tokens<'a>)> + use<'a> {
        let cache = &self.analysis.tokens;
        self.having(words)
            .filter_map(move |source| Some((source, cache.read(self.workspace, source).ok()?)))
    }

    /// The files that have all the words. Looking for bytes spares reading nearly all of them.
    fn having(self, words: &[&'a str]) -> impl Iterator<Item = usize> + use<'a> {
        let words = words.iter();
        let having: Vec<_> = words
            .map(|word| self.analysis.words.having(self.workspace, word))
            .collect();
        let (first, others) = match having.split_first() {
            Some((first, others)) => (Arc::clone(first), others.to_vec()),
            None => (Arc::default(), Vec::new()),
        };
        let sources = &self.workspace.sources;
        (0..first.len())
            .map(move |index| first[index])
            .filter(move |place| self.package.is_none_or(|it| it == sources[*place].manifest))
            .filter(move |place| {
                let mut others = others.iter();
                others.all(|other| other.binary_search(place).is_ok())
            })
    }
}

/// Whether what stands at `index` is code of tests or benches.
fn is_for_tests(standing: Standing, tokens: &Tokens<'_>, index: usize) -> bool {
    standing == Standing::Tests || Surroundings::of(tokens, index).is_for_tests
}

/// The words of a pattern for [`Sources::first`]: a file that lacks one of them names nothing of the kind.
fn words_of(pattern: &str) -> Vec<&str> {
    let plain = pattern.trim_start_matches('.').trim_start_matches("fn ");
    let name = plain.split_once('(').map_or(plain, |(name, _)| name);
    name.split("::").collect()
}

/// The argument that a pattern for [`Sources::first`] asks for: `.allow_tcp(false)`.
fn argument_of(pattern: &str) -> Option<&str> {
    pattern.split_once('(')?.1.strip_suffix(')')
}

/// Whether the method at a place is called with that word alone.
fn is_given(tokens: &Tokens<'_>, index: usize, argument: &str) -> bool {
    tokens.text(index + 1) == "("
        && tokens.is_ident(index + 2, argument)
        && tokens.text(index + 3) == ")"
}

/// Whether `parts` stand in front of the token at `index`, joined by `::`.
fn follows(tokens: &Tokens<'_>, index: usize, parts: &[&str]) -> bool {
    let mut place = index;
    for part in parts.iter().rev() {
        match before(tokens, place).filter(|before| tokens.is_ident(*before, part)) {
            Some(before) => place = before,
            None => return false,
        }
    }
    true
}

/// The part of a path in front of the one at `index`, generic arguments between them passed over
/// (`Reader::<u8>::new`), and out of the braces of a `use` (`component::{Linker, Component}`).
fn before(tokens: &Tokens<'_>, index: usize) -> Option<usize> {
    if index >= 3 && tokens.is_path_separator(index - 2) {
        let mut place = index - 3;
        if tokens.is_punct(place, '>') {
            place = start_of_generics(tokens, place)?.checked_sub(1)?;
            if place >= 2 && tokens.is_path_separator(place - 1) {
                place -= 2;
            }
        }
        return Some(place);
    }
    let mut place = index.checked_sub(1)?;
    if !tokens.is_punct(place, ',') && tokens.kind(place) != Some(TokenKind::Open) {
        return None;
    }
    while tokens.kind(place)? != TokenKind::Open {
        place = match tokens.kind(place)? {
            TokenKind::Close => tokens.get(place)?.partner.checked_sub(1)?,
            TokenKind::Punct(';') => return None,
            _ => place.checked_sub(1)?,
        };
    }
    let is_tree = tokens.text(place) == "{" && place >= 3 && tokens.is_path_separator(place - 2);
    is_tree.then(|| place - 3)
}

/// The `<` that the `>` at `close` belongs to.
fn start_of_generics(tokens: &Tokens<'_>, close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut place = close;
    loop {
        match tokens.kind(place)? {
            TokenKind::Punct('>') if place > 0 && tokens.is_punct(place - 1, '-') => {}
            TokenKind::Punct('>') => depth += 1,
            TokenKind::Punct('<') => {
                depth -= 1;
                if depth == 0 {
                    return Some(place);
                }
            }
            TokenKind::Punct(';') | TokenKind::Open => return None,
            TokenKind::Close => place = tokens.get(place)?.partner,
            _ => {}
        }
        place = place.checked_sub(1)?;
    }
}

/// The last name of the last argument, when that is a path or a literal.
fn last_name(tokens: &Tokens<'_>, open: usize) -> Option<String> {
    let close = tokens.get(open)?.partner;
    let mut index = open + 1;
    let mut last = None;
    while index < close {
        match tokens.kind(index)? {
            TokenKind::Ident | TokenKind::Literal => {
                let text = tokens.text(index);
                // A variable starts small and is neither of the two words that are values.
                let constant = text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
                    || matches!(text, "true" | "false");
                last = (constant || tokens.is_path_separator(index + 1)).then(|| text.to_owned());
                index += 1;
            }
            TokenKind::Punct(':') => index += 1,
            TokenKind::Punct(',') if index + 1 == close => index += 1,
            _ => return None,
        }
    }
    last
}

/// `true` or `false` at the end of the arguments.
fn last_flag(tokens: &Tokens<'_>, open: usize) -> Option<String> {
    let mut last = tokens.get(open)?.partner - 1;
    if tokens.is_punct(last, ',') {
        last -= 1;
    }
    let text = tokens.text(last);
    let stands_alone = last == open + 1 || tokens.is_punct(last - 1, ',');
    (stands_alone && matches!(text, "true" | "false")).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Manifest, Source};

    fn workspace(text: &str) -> Workspace {
        let manifest = Manifest::parse("/w/Cargo.toml".into(), String::new()).unwrap();
        let mut workspace = Workspace::new(vec![manifest], None);
        workspace.sources.push(Source {
            path: "/w/src/lib.rs".into(),
            manifest: 0,
            text: text.to_owned(),
        });
        workspace
    }

    fn with<T>(text: &str, ask: impl Fn(Sources<'_>) -> T) -> T {
        let workspace = workspace(text);
        let analysis = Analysis::unasked(&workspace);
        ask(Sources {
            workspace: &workspace,
            analysis: &analysis,
            package: None,
        })
    }

    fn find(text: &str, pattern: &str) -> Option<Mention> {
        with(text, |sources| sources.first(pattern))
    }

    #[test]
    fn names_paths_and_methods_are_told_apart() {
        for (text, pattern, found) in [
            (
                "use wasmtime::PoolingAllocationConfig;",
                "PoolingAllocationConfig",
                true,
            ),
            (
                "// PoolingAllocationConfig\nlet s = \"PoolingAllocationConfig\";",
                "PoolingAllocationConfig",
                false,
            ),
            (
                "InstanceAllocationStrategy::Pooling(p)",
                "InstanceAllocationStrategy::Pooling",
                true,
            ),
            (
                "Other::Pooling(p)",
                "InstanceAllocationStrategy::Pooling",
                false,
            ),
            ("text.deserialize(&m)", "Component::deserialize", false),
            (
                "trigger.add_to_linker(&mut linker)",
                "p0::add_to_linker",
                false,
            ),
            (
                "store.fuel_async_yield_interval(x)",
                ".fuel_async_yield_interval",
                true,
            ),
            (
                "fn fuel_async_yield_interval() {}",
                ".fuel_async_yield_interval",
                false,
            ),
            ("fn send_request(&mut self) {}", "fn send_request", true),
            ("client.send_request(r)", "fn send_request", false),
            (
                "use wasmtime::{Engine, component::{Linker, Component}};",
                "wasmtime::component::Component",
                true,
            ),
            (
                "use wasmtime::{Engine, module::{Linker, Component}};",
                "component::Component",
                false,
            ),
            ("f(component, Component)", "component::Component", false),
            ("Reader::<Vec<u8>>::from_val(v)", "Reader::from_val", true),
            ("Reader<fn() -> u8>::from_val(v)", "Reader::from_val", true),
            ("a < b && c > ::from_val(v)", "Reader::from_val", false),
        ] {
            assert_eq!(find(text, pattern).is_some(), found, "{text} {pattern}");
        }
    }

    #[test]
    fn arguments_of_switches_are_read_when_they_are_constants() {
        for (text, value) in [
            ("config.wasm_gc(true)", Some("true")),
            ("c.strategy(wasmtime::Strategy::Winch)", Some("Winch")),
            ("c.cranelift_opt_level(OptLevel::None,)", Some("None")),
            ("c.wasm_gc(args.gc)", None),
            ("c.wasm_gc(!off)", None),
            ("c.wasm_gc(flag)", None),
        ] {
            let name = text.split(['.', '(']).nth(1).unwrap();
            let calls = with(text, |sources| sources.switch_calls(name));
            assert_eq!(calls[0].value.as_deref(), value, "{text}");
        }
    }

    #[test]
    fn a_call_without_arguments_sets_nothing() {
        let calls = |text| with(text, |sources| sources.switch_calls("wasm_features"));
        assert_eq!(calls("config(args.wasm_features())"), []);
        let set = calls("c.wasm_features(args.wasm_features(), true)");
        assert_eq!(set.len(), 1);
        assert_eq!(set[0].last_argument.as_deref(), Some("true"));
        assert_eq!(set[0].value, None);
    }

    #[test]
    fn a_mention_in_tests_counts_when_there_is_no_other() {
        let tests = "#[cfg(test)] mod tests { use super::*; fn f() { x(Val::I32(1)); } }";
        assert!(find(tests, "Val").unwrap().for_tests);
        let both = format!("{tests} fn g(v: Val) {{}}");
        assert!(!find(&both, "Val").unwrap().for_tests);
    }

    #[test]
    fn creations_are_known_by_the_function_that_they_stand_in() {
        let text = "use wasmtime::{Config, Engine};
            fn a() { let mut c = Config::new(); c.wasm_gc(false); }
            fn b() -> Engine { Engine::default() }
            #[test] fn t() { Config::default(); }";
        let (creations, calls) = with(text, |sources| {
            (
                sources.creations().to_vec(),
                sources.switch_calls("wasm_gc"),
            )
        });
        assert_eq!(creations.len(), 2);
        assert_eq!(calls[0].function, creations[0].function);
        assert_ne!(creations[0].function, creations[1].function);
    }
}
