//! Which files a program only has for its tests.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::Program;

impl Program {
    /// For each file that is in a tree of modules, whether all its places there are tests: below a
    /// root for which `is_test` holds, or below a `mod` that only tests have.
    #[must_use]
    pub fn only_for_tests(
        &self,
        is_test: impl Fn(&Utf8Path) -> bool,
    ) -> BTreeMap<Utf8PathBuf, bool> {
        let mut files = BTreeMap::new();
        let path_of = |module: usize| self.files[self.modules[module].file].path();
        for (index, module) in self.modules.iter().enumerate() {
            let for_tests =
                module.cfg.as_deref().is_some_and(needs_tests) || is_test(path_of(module.root.0));
            files
                .entry(path_of(index).to_owned())
                .and_modify(|all| *all &= for_tests || module.mount != index)
                .or_insert(for_tests);
        }
        files
    }
}

/// Whether one of the predicates, as they are written, can only hold in tests.
fn needs_tests(cfg: &str) -> bool {
    parts(cfg).any(|part| {
        let inner = part
            .strip_prefix("cfg")
            .map(str::trim_start)
            .and_then(in_brackets)
            .unwrap_or(part);
        let all = inner
            .strip_prefix("all")
            .map(str::trim_start)
            .and_then(in_brackets);
        inner == "test" || all.is_some_and(needs_tests)
    })
}

fn in_brackets(text: &str) -> Option<&str> {
    Some(text.strip_prefix('(')?.strip_suffix(')')?.trim())
}

/// What commas divide, those in brackets aside.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
    .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::needs_tests;

    #[test]
    fn what_only_tests_have_says_so() {
        for (cfg, needs) in [
            ("cfg(test)", true),
            ("cfg(unix), cfg(test)", true),
            ("cfg(all(unix, test))", true),
            ("cfg(any(unix, test))", false),
            ("cfg(not(test))", false),
            ("cfg(feature = \"test\")", false),
        ] {
            assert_eq!(needs_tests(cfg), needs, "{cfg}");
        }
    }
}
