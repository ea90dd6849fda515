//! What an upgrade leaves without a use: the type that said what a host gets is gone, and `HasData` is still
//! imported; the call that changed the settings is gone, and they are still `mut`.
//!
//! Mostly they are only warnings, so they are looked at once everything compiles; a project that denies them
//! has them as errors. The compiler knows that nothing uses something, and the text as it was before tells
//! whether that is the upgrade's doing.

use std::collections::BTreeMap;

use super::{Diagnostic, Repair, Site, Terms, Texts, quoted};
use crate::edit::{Edit, EditSet};
use crate::migrate::scopes::Scopes;
use crate::span::Span;
use crate::tokens::Tokens;

const IMPORTS: &str = "unused_imports";
const MUT: &str = "unused_mut";

/// The compiler's names of the lints.
pub(crate) const LINTS: [&str; 2] = [IMPORTS, MUT];

/// Imports and `mut`s that nothing uses any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unused {
    /// The edits that take them away, by file.
    pub edits: BTreeMap<String, EditSet>,
    /// How many imports that are.
    pub imports: usize,
    /// How many `mut`s.
    pub muts: usize,
}

/// What lost its last use by the edits so far.
///
/// `warnings` are those of the last run. An import stays where the name is still written in the file
/// (code that was not compiled may use it) or where another file could get it from a `*`, and where it was
/// there without a use before. A `mut` stays where the name did not lose a place, and in a file with code
/// for some builds only, which may need it.
#[must_use]
pub fn unused(warnings: &[Diagnostic], texts: &Texts, terms: &Terms<'_>) -> Unused {
    let mut found = Unused::default();
    for warning in warnings {
        let Some(repair) = left(&Site::of(warning, texts, terms)) else {
            continue;
        };
        let mut edits = found.edits.clone();
        let mut all = repair.edits.into_iter();
        // A library and its tests have the same warnings.
        if all.all(|(path, edit)| edits.entry(path).or_default().add(edit).is_ok())
            && edits != found.edits
        {
            found.edits = edits;
            match warning.code.as_deref() {
                Some(IMPORTS) => found.imports += quoted(&warning.message).count(),
                _ => found.muts += 1,
            }
        }
    }
    found.edits.retain(|path, edits| {
        let text = texts.get(path).map_or("", String::as_str);
        Tokens::read(&edits.apply(text)).is_ok()
    });
    found
}

/// Takes away what one message of the compiler is about, where the upgrade left it.
pub(super) fn left(site: &Site<'_>) -> Option<Repair> {
    let is_left = match site.error.code.as_deref()? {
        IMPORTS => lost_its_use(site),
        MUT => lost_its_change(site),
        _ => false,
    };
    let reason = "nothing uses it any more";
    let repair = site.as_proposed(reason, |suggestion| is_left && suggestion.is_sure)?;
    let edits = repair.edits.into_iter().map(|(path, edit)| {
        let text = site.texts.get(&path).map_or("", String::as_str);
        (path, with_indentation(text, edit))
    });
    Some(Repair {
        edits: edits.collect(),
        ..Repair::default()
    })
}

/// Whether a text has code that some builds leave out, but for tests.
fn has_conditions(tokens: &Tokens<'_>) -> bool {
    let is_other = |place: usize| !tokens.is_ident(place + 2, "test");
    ["cfg", "cfg_attr", "cfg_if"]
        .into_iter()
        .any(|name| tokens.places_of(name).any(is_other))
}

/// Whether a `mut` is in a text that was edited, for something that is mentioned less often than before.
fn lost_its_change(site: &Site<'_>) -> bool {
    let Some((label, text)) = site.primary() else {
        return false;
    };
    let before = site.terms.before.get(&label.path);
    let name = label.span.text(text).trim_start_matches("mut").trim();
    let times = |text: &str| match Tokens::read(text) {
        Ok(tokens) => tokens.places_of(name).count(),
        Err(_) => 0,
    };
    let has_conditions = Tokens::read(text).is_ok_and(|tokens| has_conditions(&tokens));
    !has_conditions && before.is_some_and(|before| times(before) > times(text))
}

/// Whether every import that a warning is about had a use before the upgrade and has none since.
fn lost_its_use(site: &Site<'_>) -> bool {
    let Some((label, text)) = site.primary() else {
        return false;
    };
    let before = site.terms.before.get(&label.path);
    let mut names = quoted(&site.error.message).map(name_in_scope).peekable();
    names.peek().is_some()
        && names.all(|name| {
            let was_used =
                before.is_some_and(|before| uses(before, name) > 0 || !before.contains(name));
            was_used && uses(text, name) == 0 && !reaches_others(site, &label.path, name)
        })
}

/// The name that an import brings into scope: `a::B`, `a::B as C`.
fn name_in_scope(import: &str) -> &str {
    let last = import.rsplit("::").next().unwrap_or(import);
    last.rsplit(" as ").next().unwrap_or(last).trim()
}

/// How often a name stands in a text where an import may give it its meaning: outside of imports, and not
/// as a part of a path or as what a value has.
fn uses(text: &str, name: &str) -> usize {
    let Ok(tokens) = Tokens::read(text) else {
        return 0;
    };
    let scopes = Scopes::of(&tokens);
    let imports = scopes.uses.iter().map(|item| item.start..=item.end);
    let imports: Vec<_> = imports.collect();
    let is_free = |place: &usize| {
        let before = place.checked_sub(1);
        let is_part = before.is_some_and(|before| tokens.is_punct(before, '.'))
            || place
                .checked_sub(2)
                .is_some_and(|it| tokens.is_path_separator(it));
        !is_part && !imports.iter().any(|import| import.contains(place))
    };
    tokens.places_of(name).filter(is_free).count()
}

/// Whether another file that imports something with a `*` says the name.
fn reaches_others(site: &Site<'_>, path: &str, name: &str) -> bool {
    let mut others = site.texts.iter().filter(|(other, _)| *other != path);
    others.any(|(_, text)| text.contains("::*") && text.contains(name) && uses(text, name) > 0)
}

/// A line that goes, goes with the white space in front of it.
fn with_indentation(text: &str, edit: Edit) -> Edit {
    let (start, end) = (edit.span.start.0, edit.span.end.0);
    let goes = text.get(start..end).unwrap_or_default();
    let before = text.get(..start).unwrap_or_default();
    let indentation = before.len() - before.trim_end_matches([' ', '\t']).len();
    let leads = before.len() == indentation || before[..start - indentation].ends_with('\n');
    if !edit.text.is_empty() || !goes.ends_with('\n') || !leads {
        return edit;
    }
    Edit {
        span: Span::new(start - indentation, end),
        ..edit
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::tests::{error, terms};
    use super::*;
    use crate::diagnostics::Suggestion;

    /// What is left of `text` when the compiler calls the import between `«` and `»` unused; it was made of
    /// `before`. `others` are in another file.
    fn tidied(message: &str, before: &str, text: &str, others: &str) -> Option<String> {
        let (mut warning, mut texts) = error(IMPORTS, message, text);
        let plain = texts["src/lib.rs"].clone();
        let part = warning.labels[0].clone();
        warning.suggestions = vec![Suggestion {
            message: "remove the whole `use` item".to_owned(),
            parts: vec![(part, String::new())],
            is_sure: true,
        }];
        texts.insert("src/other.rs".to_owned(), others.to_owned());
        let texts_before = Texts::from([("src/lib.rs".to_owned(), before.to_owned())]);
        let terms = Terms {
            before: &texts_before,
            ..terms(37)
        };
        let found = unused(&[warning.clone(), warning], &texts, &terms);
        let edits = found.edits.get("src/lib.rs")?;
        assert_eq!(found.imports, quoted(message).count());
        Some(edits.apply(&plain))
    }

    const UNUSED: &str = "unused import: `wasmtime::component::HasData`";

    #[test]
    fn an_import_goes_whose_last_use_went() {
        let before = "use a::b;\nuse wasmtime::component::HasData;\nimpl HasData for X {}\n";
        let after = "use a::b;\n«use wasmtime::component::HasData;\n»fn f() {}\n";
        let left = tidied(UNUSED, before, after, "");
        assert_eq!(left.as_deref(), Some("use a::b;\nfn f() {}\n"));
    }

    #[test]
    fn an_import_goes_that_the_upgrade_wrote_itself() {
        let left = tidied(
            UNUSED,
            "",
            "«use wasmtime::component::HasData;\n»fn f() {}\n",
            "",
        );
        assert_eq!(left.as_deref(), Some("fn f() {}\n"));
    }

    #[test]
    fn its_line_goes_with_the_indentation() {
        let before = "mod m {\n    use x::HasData;\n    use y::Z;\n    type A = HasData;\n}\n";
        let after = "mod m {\n    «use x::HasData;\n»    use y::Z;\n}\n";
        let left = tidied("unused import: `x::HasData`", before, after, "");
        assert_eq!(left.as_deref(), Some("mod m {\n    use y::Z;\n}\n"));
    }

    #[test]
    fn an_import_stays_that_had_no_use_before() {
        let text = "«use wasmtime::component::HasData;\n»fn f() {}\n";
        let before = "use wasmtime::component::HasData;\nfn f() {}\n";
        assert_eq!(tidied(UNUSED, before, text, ""), None);
    }

    #[test]
    fn an_import_stays_that_code_may_use_which_was_not_compiled() {
        let before =
            "use x::HasData;\nimpl HasData for X {}\n#[cfg(windows)]\nimpl HasData for Y {}\n";
        let after = "«use x::HasData;\n»#[cfg(windows)]\nimpl HasData for Y {}\n";
        assert_eq!(
            tidied("unused import: `x::HasData`", before, after, ""),
            None
        );
    }

    #[test]
    fn an_import_stays_that_another_file_may_get_from_here() {
        let before = "use wasmtime::component::HasData;\nimpl HasData for X {}\n";
        let after = "«use wasmtime::component::HasData;\n»fn f() {}\n";
        let others = "use super::*;\nimpl HasData for Y {}\n";
        assert_eq!(tidied(UNUSED, before, after, others), None);
        assert!(tidied(UNUSED, before, after, "impl HasData for Y {}\n").is_some());
    }

    #[test]
    fn the_name_behind_a_path_is_no_use() {
        let before = "use anyhow::bail;\nfn f() -> R { bail!(\"x\") }\n";
        let after = "«use anyhow::bail;\n»fn f() -> R { wasmtime::bail!(\"x\"); x.bail() }\n";
        let left = tidied("unused import: `anyhow::bail`", before, after, "");
        let wanted = "fn f() -> R { wasmtime::bail!(\"x\"); x.bail() }\n";
        assert_eq!(left.as_deref(), Some(wanted));
    }

    #[test]
    fn of_several_names_all_have_to_be_without_a_use() {
        let message = "unused imports: `A` and `B as C`";
        let after = "use x::{«A, B as C»};\n";
        let used = "use x::{A, B as C};\nfn f(_: A, _: C) {}\n";
        assert_eq!(
            tidied(message, used, after, "").as_deref(),
            Some("use x::{};\n")
        );
        let one_was_not = "use x::{A, B as C};\nfn f(_: A) {}\n";
        assert_eq!(tidied(message, one_was_not, after, ""), None);
    }

    /// What is left of `text` when the compiler says that what is between `«` and `»` need not be `mut`.
    fn without_mut(before: &str, text: &str) -> Option<String> {
        let (mut warning, texts) = error(MUT, "variable does not need to be mutable", text);
        let plain = texts["src/lib.rs"].clone();
        let mut part = warning.labels[0].clone();
        part.span = Span::new(part.span.start.0, part.span.start.0 + "mut ".len());
        warning.suggestions = vec![Suggestion {
            message: "remove this `mut`".to_owned(),
            parts: vec![(part, String::new())],
            is_sure: true,
        }];
        let texts_before = Texts::from([("src/lib.rs".to_owned(), before.to_owned())]);
        let terms = Terms {
            before: &texts_before,
            ..terms(42)
        };
        let found = unused(&[warning.clone(), warning.clone()], &texts, &terms);
        // A project that denies the lint has an error.
        let denied = left(&Site::of(&warning, &texts, &terms));
        assert_eq!(denied.is_some(), found.muts == 1);
        Some(found.edits.get("src/lib.rs")?.apply(&plain))
    }

    #[test]
    fn what_no_call_changes_any_more_is_not_mut() {
        let before = "fn f() -> E { let mut config = wasmtime::Config::new(); config.async_support(true); E::new(&config) }";
        let after = "fn f() -> E { let «mut config» = wasmtime::Config::new(); E::new(&config) }";
        let wanted = "fn f() -> E { let config = wasmtime::Config::new(); E::new(&config) }";
        assert_eq!(without_mut(before, after).as_deref(), Some(wanted));
        // Another build may change it.
        let gated = "#[cfg(feature = \"gc\")] fn g() {}";
        assert_eq!(without_mut(before, &format!("{after} {gated}")), None);
        let tests = "#[cfg(test)] mod tests {}";
        assert!(without_mut(before, &format!("{after} {tests}")).is_some());
        // It was not before, either.
        let before = after.replace(['«', '»'], "");
        assert_eq!(without_mut(&before, after), None);
    }
}
