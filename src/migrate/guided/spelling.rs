//! The crates in what is written, by the names that the package knows them by.

use crate::migrate::Crates;

const PACKAGES: [&str; 4] = ["wasmtime", "wasmtime-wasi", "wasmtime-wasi-http", "anyhow"];

/// A text with the crates as the package knows them: by its names of them, or through the path by which its
/// own text has them from another crate. None where it has no way to one of them.
pub(super) fn spelled(text: &str, own: &str, crates: Option<&Crates>) -> Option<String> {
    let mut spelled = text.to_owned();
    for package in PACKAGES {
        let name = package.replace('-', "_");
        let usual = format!("{name}::");
        let places = places(&spelled, &usual);
        let Some(crates) = crates.filter(|_| !places.is_empty()) else {
            continue;
        };
        let path = match crates.name_of(package) {
            Some(known) => known.to_owned(),
            // It was there before: the edit takes it from somewhere.
            None if own.contains(&usual) => handed_on(own, &name).unwrap_or(name),
            None => handed_on(own, &name)?,
        };
        for at in places.into_iter().rev() {
            spelled.replace_range(at..at + usual.len(), &format!("{path}::"));
        }
    }
    Some(spelled)
}

/// Where a path begins with a crate's name.
fn places(text: &str, usual: &str) -> Vec<usize> {
    let goes_on = |before: char| before.is_alphanumeric() || matches!(before, '_' | ':');
    let found = text.match_indices(usual).map(|(at, _)| at);
    found
        .filter(|at| !text[..*at].chars().next_back().is_some_and(goes_on))
        .collect()
}

/// The path by which a text has a crate from another one: `core::wasmtime` of
/// `use core::wasmtime::Engine;`.
fn handed_on(text: &str, name: &str) -> Option<String> {
    let through = format!("::{name}");
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let mut places = text.match_indices(&through).map(|(at, _)| at);
    places.find_map(|at| {
        let behind = text[at + through.len()..].chars().next();
        let front = &text[..at];
        let start = front
            .rfind(|it: char| !is_word(it) && it != ':')
            .map_or(0, |before| before + 1);
        let path = &front[start..];
        let is_path = !path.is_empty() && !path.starts_with(':');
        (is_path && !behind.is_some_and(is_word)).then(|| format!("{path}::{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "Ok(f().map_err(wasmtime::Error::from_anyhow)?)";

    fn known(names: &[(&str, &str)]) -> Crates {
        let names = names
            .iter()
            .map(|(name, package)| ((*name).to_owned(), (*package).to_owned()));
        names.collect()
    }

    #[test]
    fn a_crate_is_written_as_the_package_knows_it() {
        let crates = known(&[("engine", "wasmtime")]);
        assert_eq!(
            spelled(WRITTEN, "", Some(&crates)).as_deref(),
            Some("Ok(f().map_err(engine::Error::from_anyhow)?)")
        );
        assert_eq!(spelled(WRITTEN, "", None).as_deref(), Some(WRITTEN));
    }

    #[test]
    fn a_crate_that_another_one_hands_on_is_written_through_that() {
        let crates = known(&[("core", "my-core")]);
        for own in [
            "use core::wasmtime::Engine;",
            "use core::{a, b}; fn f() -> core::wasmtime::Result<()> { g() }",
        ] {
            assert_eq!(
                spelled(WRITTEN, own, Some(&crates)).as_deref(),
                Some("Ok(f().map_err(core::wasmtime::Error::from_anyhow)?)")
            );
        }
        // There is no way to it.
        for own in ["use core::wasmtime_wasi::WasiCtx;", "fn f() {}"] {
            assert_eq!(spelled(WRITTEN, own, Some(&crates)), None);
        }
        assert_eq!(
            spelled("Ok(f()?)", "", Some(&crates)).as_deref(),
            Some("Ok(f()?)")
        );
    }
}
