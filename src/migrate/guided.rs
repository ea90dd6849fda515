//! Repairs that the compiler locates: what tokens alone can't decide. The code of an error, the shape
//! of its message and its places choose what is edited.
//!
//! Nothing is edited in what a macro wrote, and nothing outside of the files that are given.

mod alone;
mod arms;
mod asyncness;
mod bodies;
mod bounds;
mod calls;
mod context;
mod declared;
mod elsewhere;
mod ended_variants;
mod errors;
mod features;
mod func_new;
mod get_host;
mod hooks;
mod host_functions;
mod http_resources;
mod instances;
mod into_error;
mod items;
mod link_options;
mod own_errors;
mod returned;
mod settings;
mod siblings;
mod spelling;
mod suggested;
mod traits;
mod unused;
mod with_store;
mod written;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub(super) use declared::{macros_of_anyhow, retyped};
use spelling::spelled;
pub(crate) use unused::LINTS as UNUSED;
pub use unused::{Unused, unused};

use super::rules::Active;
use super::{Crates, LeftOver};
use crate::diagnostics::{Diagnostic, Label, Suggestion};
use crate::edit::{Edit, EditSet};
use crate::knowledge::Paths;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// The sources that may be edited, by the path that rustc gives them.
pub type Texts = BTreeMap<String, String>;

/// What repairs may know beside the errors and the texts.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The line that the sources were made for.
    pub from: Line,
    /// The line that they are compiled with.
    pub line: Line,
    /// Where the items of the family are.
    pub paths: &'a Paths,
    /// The rules of the knowledge base between the two.
    pub rules: &'a [Active<'a>],
    /// The sources as they were before anything was edited, by the path that rustc gives them.
    pub before: &'a Texts,
    /// What the package of each source knows, by the path that rustc gives the source.
    pub crates: &'a BTreeMap<String, Crates>,
}

/// What the errors of one run of the compiler lead to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Edits by file.
    pub edits: BTreeMap<String, EditSet>,
    /// Cargo features that packages turned out to need.
    pub features: BTreeSet<NeededFeature>,
    /// What was edited and a person should look at, by file; places are in the text before the edits.
    pub remaining: Vec<(String, LeftOver)>,
}

/// A cargo feature that a package needs of a crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Feature {
    /// The crate.
    pub of_crate: &'static str,
    /// Its feature.
    pub name: &'static str,
    /// What for.
    pub reason: &'static str,
}

/// A feature, and the package that needs it.
pub type NeededFeature = (String, Feature);

/// One way to answer an error: none when it is about something else.
type Recipe = fn(&Site<'_>) -> Option<Repair>;

/// In the order in which they are asked; the first that has an answer gives it.
const RECIPES: [Recipe; 25] = [
    features::behind_a_feature,
    written::written,
    arms::arms,
    ended_variants::ended_variants,
    asyncness::async_trait_elsewhere,
    asyncness::async_trait,
    asyncness::async_fn,
    errors::convert,
    own_errors::own_errors,
    link_options::link_options,
    http_resources::http_resources,
    get_host::get_host,
    instances::instances,
    calls::calls,
    bodies::unsync,
    hooks::hooks,
    context::context,
    bounds::bounds,
    bounds::send,
    traits::of_item,
    with_store::with_store,
    features::derives_of_serde,
    features::send_request,
    unused::left,
    suggested::suggested,
];

/// What answers one error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Repair {
    edits: Vec<(String, Edit)>,
    feature: Option<Feature>,
    look_at: Option<(String, LeftOver)>,
}

/// An error, and the texts that it is about.
struct Site<'a> {
    error: &'a Diagnostic,
    texts: &'a Texts,
    line: Line,
    terms: &'a Terms<'a>,
}

impl<'a> Site<'a> {
    fn of(error: &'a Diagnostic, texts: &'a Texts, terms: &'a Terms<'a>) -> Self {
        Self {
            error,
            texts,
            line: terms.line,
            terms,
        }
    }

    #[inline(never)]
    fn is(&self, code: &str) -> bool {
        self.error.code.as_deref() == Some(code)
    }

    /// The place that the error is about, in a text that may be edited.
    fn primary(&self) -> Option<(&'a Label, &'a str)> {
        let label = self.error.labels.iter().find(|label| label.is_primary)?;
        Some((label, self.text_at(label)?))
    }

    /// The text of a place; none where nothing may be edited.
    fn text_at(&self, label: &Label) -> Option<&'a str> {
        let text = self.texts.get(&label.path)?;
        let is_inside = text.get(label.span.range()).is_some();
        (is_inside && label.of_macro.is_none()).then_some(text.as_str())
    }

    /// Whether the file that the error is in, or the error, names Wasmtime or one of its crates. What was broken
    /// for other reasons before the upgrade is not the upgrade's to mend.
    fn is_of_wasmtime(&self) -> bool {
        let primary = self.error.labels.iter().find(|label| label.is_primary);
        let text = primary.and_then(|label| self.texts.get(&label.path));
        text.is_some_and(|text| text.contains("wasmtime") || self.speaks_of("wasmtime"))
    }

    /// Whether anything that the compiler says speaks of it.
    #[inline(never)]
    fn speaks_of(&self, what: &str) -> bool {
        self.error.rendered.contains(what)
    }

    /// The first suggestion of the compiler that is wanted, when all of it lies in files that may be
    /// edited.
    fn as_proposed(&self, reason: &str, is_wanted: impl Fn(&Suggestion) -> bool) -> Option<Repair> {
        let suggestion = self.error.suggestions.iter().find(|suggestion| {
            let mut places = suggestion.parts.iter().map(|(label, _)| label);
            is_wanted(suggestion)
                && places.all(|label| {
                    self.text_at(label)
                        .is_some_and(|text| is_plain(text, label))
                })
        })?;
        let edits = suggestion.parts.iter().map(|(label, text)| {
            let edit = Edit {
                span: label.span,
                text: text.clone(),
                reason: format!("{reason} (line {})", self.line),
            };
            (label.path.clone(), edit)
        });
        Some(Repair {
            edits: edits.collect(),
            ..Repair::default()
        })
    }

    fn edit(&self, label: &Label, span: Span, text: String, reason: &str) -> Repair {
        let reason = format!("{reason} (line {})", self.line);
        let edit = Edit { span, text, reason };
        Repair {
            edits: vec![(label.path.clone(), edit)],
            ..Repair::default()
        }
    }
}

impl Repair {
    /// Several edits of one file for one reason.
    fn of_file(label: &Label, edits: Vec<(Span, String)>, reason: &str) -> Self {
        let edits = edits.into_iter().map(|(span, text)| {
            let reason = reason.to_owned();
            (label.path.clone(), Edit { span, text, reason })
        });
        Self {
            edits: edits.collect(),
            ..Self::default()
        }
    }
}

/// Finds out what to edit for these errors. Edits of one error that clash with those of another wait
/// for the next run.
#[must_use]
pub fn repair(errors: &[&Diagnostic], texts: &Texts, terms: &Terms<'_>) -> Repairs {
    let mut repairs = Repairs::default();
    for error in errors {
        let error = by_usual_path(error);
        let site = Site::of(&error, texts, terms);
        let Some(found) = RECIPES.iter().find_map(|recipe| recipe(&site)) else {
            continue;
        };
        let mut edits = repairs.edits.clone();
        let added = found.edits.into_iter().all(|(path, mut edit)| {
            let own = texts.get(&path).map_or("", String::as_str);
            let Some(text) = spelled(&edit.text, own, terms.crates.get(&path)) else {
                return false;
            };
            edit.text = text;
            edits.entry(path).or_default().add(edit).is_ok()
        });
        if added {
            repairs.edits = edits;
            repairs.remaining.extend(found.look_at);
            let needed = found
                .feature
                .map(|feature| (error.package.clone(), feature));
            repairs.features.extend(needed);
        }
    }
    // An edit that leaves no Rust behind is a mistake: that file is left alone.
    repairs.edits.retain(|path, edits| {
        let text = texts.get(path).map_or("", String::as_str);
        !edits.is_empty() && Tokens::read(&edits.apply(text)).is_ok()
    });
    let edits = &repairs.edits;
    repairs
        .remaining
        .retain(|(path, _)| edits.contains_key(path));
    repairs
}

/// What is known of errors that nothing was done about: by file, for a person.
#[must_use]
pub fn explained(
    errors: &[Diagnostic],
    texts: &Texts,
    terms: &Terms<'_>,
) -> Vec<(String, LeftOver)> {
    let errors = errors.iter().map(by_usual_path);
    let left = errors.filter_map(|error| written::explained(&Site::of(&error, texts, terms)));
    left.collect()
}

/// An error with anyhow's types by their own path: Wasmtime hands the crate on, hidden, and the compiler
/// calls them by whichever path it finds first.
fn by_usual_path(error: &Diagnostic) -> Cow<'_, Diagnostic> {
    const THROUGH_WASMTIME: &str = "wasmtime::anyhow::";
    if !error.rendered.contains(THROUGH_WASMTIME) {
        return Cow::Borrowed(error);
    }
    let usual = |text: &str| text.replace(THROUGH_WASMTIME, "anyhow::");
    let mut error = error.clone();
    error.message = usual(&error.message);
    error.rendered = usual(&error.rendered);
    for label in &mut error.labels {
        label.text = usual(&label.text);
    }
    Cow::Owned(error)
}

/// Whether a place is in no argument of a macro: what is written there means what the macro makes of it.
fn is_plain(text: &str, label: &Label) -> bool {
    let Ok(tokens) = Tokens::read(text) else {
        return false;
    };
    let Some(place) = tokens.starting_at(label.span.start) else {
        return true;
    };
    let of_macro = |open: usize| {
        let before = |back: usize| open.checked_sub(back);
        let is_bang = |place: Option<usize>| place.is_some_and(|it| tokens.is_punct(it, '!'));
        // `name!(..)`, and `macro_rules! name {..}`
        let named = before(1).is_some_and(|it| tokens.kind(it) == Some(TokenKind::Ident));
        let is_attribute = before(2).is_some_and(|it| tokens.is_punct(it, '#'));
        let name = before(2).map_or("", |it| tokens.text(it));
        let is_known = TAKE_EXPRESSIONS.contains(&name) && !defines_macro(&tokens, name);
        (is_bang(before(1)) && !is_attribute && !is_known) || (named && is_bang(before(2)))
    };
    !tokens.around(place).any(of_macro)
}

/// Macros of the standard library and of anyhow whose arguments are expressions and patterns, which mean
/// what they mean anywhere.
const TAKE_EXPRESSIONS: [&str; 21] = [
    "matches",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "dbg",
    "format",
    "print",
    "println",
    "eprint",
    "eprintln",
    "write",
    "writeln",
    "vec",
    "panic",
    "bail",
    "ensure",
    "anyhow",
    "format_err",
];

/// Whether a file has a macro of that name itself.
fn defines_macro(tokens: &Tokens<'_>, name: &str) -> bool {
    let mut places = tokens.places_of("macro_rules");
    places.any(|place| tokens.is_ident(place + 2, name))
}

/// The names in backticks of a message, in order.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests;
