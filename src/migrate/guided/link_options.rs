//! What is behind `@unstable` in WIT is chosen when it is linked (27, PR #9381).

use std::collections::BTreeSet;

use super::{Repair, Site};
use crate::bindgen::{self, OptionValue};
use crate::migrate::impls::behind_generics;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// `add_to_linker` of a world with unstable items takes `&LinkOptions` behind the linker. Their default
/// links nothing unstable, which is what a project without `features` had; what `features` named is
/// switched on.
pub(super) fn link_options(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0061")
        && site
            .error
            .message
            .starts_with("this function takes 3 arguments but 2 ")
        && site.speaks_of("LinkOptions");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let called = Called::read(&tokens, first)?;
    let argument = called.first_argument_end(&tokens)?;
    let options = match features_before(site) {
        features if features.is_empty() => "Default::default()".to_owned(),
        features => {
            let mut options = format!("{}::default()", called.options()?);
            for feature in features {
                options.push_str(&format!(".{}(true)", feature.replace('-', "_")));
            }
            options
        }
    };
    Some(site.edit(
        label,
        Span::new(argument, argument),
        format!(" &{options},"),
        "what is unstable is chosen when it is linked",
    ))
}

/// A call of a path whose last name is `add_to_linker`.
struct Called<'a> {
    path: Vec<&'a str>,
    open: usize,
}

impl<'a> Called<'a> {
    fn read(tokens: &Tokens<'a>, first: usize) -> Option<Self> {
        let mut path = Vec::new();
        let mut index = first;
        loop {
            path.push(tokens.text(index));
            index += 1;
            if tokens.text(index) == "(" {
                break;
            }
            if !(tokens.is_punct(index, ':') && tokens.is_punct(index + 1, ':')) {
                return None;
            }
            index += 2;
            if tokens.is_punct(index, '<') {
                index = behind_generics(tokens, index)?;
                if tokens.text(index) == "(" {
                    break;
                }
                return None;
            }
            if tokens.kind(index) != Some(TokenKind::Ident) {
                return None;
            }
        }
        let is_it = path
            .last()
            .is_some_and(|name| name.starts_with("add_to_linker"));
        is_it.then_some(Self { path, open: index })
    }

    /// The byte behind the comma behind the first argument.
    fn first_argument_end(&self, tokens: &Tokens<'_>) -> Option<usize> {
        let close = tokens.get(self.open)?.partner;
        let mut index = self.open + 1;
        while !tokens.is_punct(index, ',') {
            if index >= close {
                return None;
            }
            index = tokens.after(index);
        }
        Some(tokens.get(index)?.span.end.0)
    }

    /// The type of the options: of the module of an interface, or of the one that a world's type is in.
    fn options(&self) -> Option<String> {
        let (_, before) = self.path.split_last()?;
        let (last, modules) = before.split_last()?;
        let is_type = last.chars().next().is_some_and(char::is_uppercase);
        let module = if is_type { modules } else { before };
        // A type that is named alone may be imported from anywhere.
        let module = (!module.is_empty()).then(|| module.join("::"))?;
        Some(format!("{module}::LinkOptions"))
    }
}

/// What the option `features` named, anywhere in the project, before it was moved.
fn features_before(site: &Site<'_>) -> BTreeSet<String> {
    let mut features = BTreeSet::new();
    for (path, text) in site.terms.before {
        if !text.contains("features") || !text.contains("bindgen") {
            continue;
        }
        let Ok(tokens) = Tokens::read(text) else {
            continue;
        };
        let crates = site.terms.crates.get(path);
        let name = crates.and_then(|crates| crates.name_of("wasmtime"));
        let names = BTreeSet::from([name.unwrap_or("wasmtime").to_owned()]);
        for invocation in bindgen::find(&tokens, &names) {
            let value = invocation.option("features").map(|option| &option.value);
            if let Some(OptionValue::Strings(named)) = value {
                features.extend(named.iter().cloned());
            }
        }
    }
    features
}

#[cfg(test)]
mod tests {
    use super::super::{Terms, Texts, repair};
    use crate::migrate::guided::tests::{error, terms};

    #[test]
    fn what_is_unstable_is_linked_as_the_option_had_it() {
        let message = "this function takes 3 arguments but 2 arguments were supplied";
        let without = Texts::new();
        let bindings = r#"wasmtime::component::bindgen!({ features: ["extra", "more-of-it"] });"#;
        let with = Texts::from([("src/b.rs".to_owned(), bindings.to_owned())]);
        for (before, call, after) in [
            (
                &without,
                "«App::add_to_linker»(&mut f(a, b), |host| host)?;",
                Some("App::add_to_linker(&mut f(a, b), &Default::default(), |host| host)?;"),
            ),
            (
                &without,
                "«b::App::add_to_linker::<_, HasSelf<_>>»(linker, |host| host)?;",
                Some(
                    "b::App::add_to_linker::<_, HasSelf<_>>(linker, &Default::default(), |host| host)?;",
                ),
            ),
            (
                &with,
                "«b::App::add_to_linker»(linker, |host| host)?;",
                Some(
                    "b::App::add_to_linker(linker, &b::LinkOptions::default().extra(true).more_of_it(true), |host| host)?;",
                ),
            ),
            (
                &with,
                "«b::demo::app::clock::add_to_linker»(linker, |host| host)?;",
                Some(
                    "b::demo::app::clock::add_to_linker(linker, &b::demo::app::clock::LinkOptions::default().extra(true).more_of_it(true), |host| host)?;",
                ),
            ),
            // Where its options are nobody says.
            (&with, "«App::add_to_linker»(linker, |host| host)?;", None),
            (&without, "«linked»(linker, |host| host)?;", None),
        ] {
            let (mut error_, texts) = error("E0061", message, call);
            error_
                .rendered
                .push_str(" argument #2 of type `&LinkOptions` is missing");
            let terms = Terms {
                before,
                ..terms(27)
            };
            let repairs = repair(&[&error_], &texts, &terms);
            let edited = repairs.edits.get("src/lib.rs");
            let edited = edited.map(|edits| edits.apply(&texts["src/lib.rs"]));
            assert_eq!(edited.as_deref(), after, "{call}");
        }
    }
}
