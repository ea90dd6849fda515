//! One program of a proof.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

/// One mix of values, rendered for one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its values in the order of the axes, joined by slashes: `unset/true/send`. It is the same in
    /// every release.
    pub name: String,
    /// Axis and value, in the order of the axes.
    pub values: Vec<(String, String)>,
    /// The program.
    pub source: String,
    /// What the evidence knows the program by: a digest of the source and of what it is compiled
    /// with, without the release.
    pub hash: String,
}

impl Case {
    pub(super) fn new(
        values: Vec<(String, String)>,
        source: String,
        edition: &str,
        dependencies: &BTreeMap<String, Vec<String>>,
    ) -> Self {
        let names: Vec<_> = values.iter().map(|(_, value)| value.as_str()).collect();
        Self {
            name: names.join("/"),
            hash: digest(&source, edition, dependencies),
            values,
            source,
        }
    }

    /// Its value on an axis.
    #[must_use]
    pub fn value(&self, axis: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(name, _)| name == axis)
            .map(|(_, value)| value.as_str())
    }

    /// The name of the example that it is compiled as: [`Case::name`] as cargo takes it.
    #[must_use]
    pub fn example(&self) -> String {
        example_name(&self.name)
    }
}

/// How the names of our examples begin.
pub(super) const EXAMPLE_PREFIX: &str = "case__";

/// The example of the case of that name. Values have no underscore, so no two cases share one.
pub(super) fn example_name(case: &str) -> String {
    format!("{EXAMPLE_PREFIX}{}", case.replace('/', "__"))
}

/// 16 hexadecimal digits of the SHA-256 of all that decides what the compiler says, but for the
/// release. The parts are kept apart by a byte that none of them has.
fn digest(source: &str, edition: &str, dependencies: &BTreeMap<String, Vec<String>>) -> String {
    let mut digest = Sha256::new();
    let mut part = |text: &str| {
        digest.update(text.as_bytes());
        digest.update([0]);
    };
    part(source);
    part(edition);
    for (name, features) in dependencies {
        part(name);
        part(&features.join(","));
    }
    let bytes = digest.finalize();
    bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(source: &str, features: &[&str]) -> String {
        let features = features.iter().map(ToString::to_string).collect();
        let dependencies = BTreeMap::from([("wasmtime".to_owned(), features)]);
        let values = vec![("a".to_owned(), "b".to_owned())];
        Case::new(values, source.to_owned(), "2021", &dependencies).hash
    }

    #[test]
    fn the_hash_is_of_source_and_features() {
        let hash_a = hash("fn main() {}\n", &["async"]);
        assert_eq!(hash_a.len(), 16);
        assert_eq!(hash_a, hash("fn main() {}\n", &["async"]));
        assert_ne!(hash_a, hash("fn main() { }\n", &["async"]));
        assert_ne!(hash_a, hash("fn main() {}\n", &["async", "std"]));
        // The format is in committed files: it must not change unnoticed.
        assert_eq!(hash_a, "bac2cf7a2c25c6c0");
    }

    #[test]
    fn an_example_is_named_after_its_case() {
        assert_eq!(
            example_name("unset/true/non-send"),
            "case__unset__true__non-send"
        );
    }
}
