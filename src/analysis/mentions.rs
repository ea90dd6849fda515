//! What the sources name: the API of Wasmtime that a project uses. Lists of packages are the places of
//! their manifests, sorted.

use std::sync::{Arc, OnceLock};

use super::words::WordIndex;
use crate::knowledge::Knowledge;
use crate::span::Span;
use crate::tokens::{LexFailure, Token, TokenKind, Tokens};
use crate::workspace::Workspace;

pub use super::words::Name;

/// The tokens of the sources that were asked for, each file read once.
#[derive(Debug, Default)]
pub struct TokenCache {
    files: Vec<OnceLock<Result<Arc<[Token]>, LexFailure>>>,
    words: WordIndex,
}

impl TokenCache {
    /// An empty cache for a workspace, and for the questions of a knowledge base.
    #[must_use]
    pub fn new(workspace: &Workspace, knowledge: &Knowledge) -> Self {
        Self {
            files: workspace.sources.iter().map(|_| OnceLock::new()).collect(),
            words: WordIndex::new(knowledge),
        }
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
        let list = self.files[source].get_or_init(read).as_ref()?;
        Ok(Tokens::of_list(text, Arc::clone(list)))
    }

    /// The sources that were asked for and can't be read as tokens.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &LexFailure)> {
        let read = self.files.iter().enumerate();
        read.filter_map(|(source, read)| Some((source, read.get()?.as_ref().err()?)))
    }
}

/// A place where something is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Place of the file in [`Workspace::sources`].
    pub source: usize,
    /// What stands there.
    pub span: Span,
}

/// A call `.name(argument)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchCall {
    /// Where the method is named.
    pub place: Mention,
    /// The last name of the argument when it is a literal or a path (`true`, `Winch` of
    /// `Strategy::Winch`); none when it is something else.
    pub value: Option<String>,
}

/// The first place in the sources of these packages that names `pattern`: a name; a path, which
/// matches by its last parts and also as a method of that name; or, behind a `.`, only a method.
#[must_use]
pub fn first(
    workspace: &Workspace,
    cache: &TokenCache,
    packages: &[usize],
    pattern: &str,
) -> Option<Mention> {
    let name = Name::of_pattern(pattern);
    sources_with(workspace, cache, packages, &name).find_map(|(source, tokens)| {
        let index = (0..tokens.len()).find(|index| {
            if !tokens.is_ident(*index, name.word) {
                return false;
            }
            let behind_dot = *index > 0 && tokens.is_punct(index - 1, '.');
            let behind_path = name.is_path() && follows(&tokens, *index, &name.path);
            (behind_dot && name.is_method()) || behind_path
        })?;
        let span = tokens.get(index)?.span;
        Some(Mention { source, span })
    })
}

/// Every call of the method `name` in the sources of these packages.
#[must_use]
pub fn switch_calls(
    workspace: &Workspace,
    cache: &TokenCache,
    packages: &[usize],
    name: &str,
) -> Vec<SwitchCall> {
    let mut calls = Vec::new();
    for (source, tokens) in sources_with(workspace, cache, packages, &Name::of_call(name)) {
        for index in 1..tokens.len() {
            let called = tokens.is_ident(index, name)
                && (tokens.is_punct(index - 1, '.') || tokens.is_punct(index - 1, ':'))
                && tokens.kind(index + 1) == Some(TokenKind::Open);
            if let Some(token) = tokens.get(index).filter(|_| called) {
                calls.push(SwitchCall {
                    place: Mention {
                        source,
                        span: token.span,
                    },
                    value: last_name(&tokens, index + 1),
                });
            }
        }
    }
    calls
}

/// The sources of these packages that may name it and can't be read as tokens.
pub fn unread_with<'w>(
    workspace: &'w Workspace,
    cache: &'w TokenCache,
    packages: &'w [usize],
    name: &'w Name<'_>,
) -> impl Iterator<Item = usize> {
    candidates(workspace, cache, packages, name)
        .filter(|source| cache.read(workspace, *source).is_err())
}

/// The files that may name it, as tokens.
fn sources_with<'w>(
    workspace: &'w Workspace,
    cache: &'w TokenCache,
    packages: &'w [usize],
    name: &'w Name<'_>,
) -> impl Iterator<Item = (usize, Tokens<'w>)> {
    candidates(workspace, cache, packages, name)
        .filter_map(|source| Some((source, cache.read(workspace, source).ok()?)))
}

/// The files of these packages that may name it, as far as bytes tell.
fn candidates<'w>(
    workspace: &'w Workspace,
    cache: &'w TokenCache,
    packages: &'w [usize],
    name: &'w Name<'_>,
) -> impl Iterator<Item = usize> {
    let sources = cache.words.sources(workspace, name).into_iter();
    sources.filter(move |place| {
        let manifest = workspace.sources[*place].manifest;
        packages.binary_search(&manifest).is_ok()
    })
}

/// Whether `parts` stand in front of the token at `index`, joined by `::`.
fn follows(tokens: &Tokens<'_>, index: usize, parts: &[&str]) -> bool {
    let mut place = index;
    for part in parts.iter().rev() {
        if place < 3 || !tokens.is_path_separator(place - 2) || !tokens.is_ident(place - 3, part) {
            return false;
        }
        place -= 3;
    }
    true
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Manifest, Source};

    fn workspace(text: &str) -> Workspace {
        Workspace {
            manifests: vec![Manifest::parse("/w/Cargo.toml".into(), String::new()).unwrap()],
            lockfile: None,
            sources: vec![Source {
                path: "/w/src/lib.rs".into(),
                manifest: 0,
                text: text.to_owned(),
            }],
            unread: Vec::new(),
        }
    }

    fn find(text: &str, pattern: &str) -> Option<Mention> {
        let workspace = workspace(text);
        first(
            &workspace,
            &TokenCache::new(&workspace, &Knowledge::default()),
            &[0],
            pattern,
        )
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
            (
                "linker.define_unknown_imports_as_traps(&m)",
                "Linker::define_unknown_imports_as_traps",
                true,
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
            let workspace = workspace(text);
            let calls = switch_calls(
                &workspace,
                &TokenCache::new(&workspace, &Knowledge::default()),
                &[0],
                name,
            );
            assert_eq!(calls[0].value.as_deref(), value, "{text}");
        }
    }
}
