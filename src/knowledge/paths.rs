//! Where modules and types of the family are, by line: the ones that `bindgen!` can name and that
//! moved.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::version::Line;

/// One path of a crate, and the lines that have it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KnownPath {
    /// The path, from the crate's name as Rust writes it.
    pub name: String,
    /// The first line that has it; none when it is older than the table.
    pub since: Option<Line>,
    /// The last line that has it; none when the newest still does.
    pub until: Option<Line>,
    /// What takes its place behind `until`.
    pub now: Option<String>,
    /// What stood for it before `since`.
    pub before: Option<String>,
}

impl KnownPath {
    /// Whether the line has it.
    #[must_use]
    pub fn exists_in(&self, line: Line) -> bool {
        self.since.is_none_or(|since| since <= line) && self.until.is_none_or(|until| line <= until)
    }

    /// What to write instead in a line that does not have it, as far as that is known.
    #[must_use]
    pub fn instead_in(&self, line: Line) -> Option<&str> {
        if self.until.is_some_and(|until| until < line) {
            self.now.as_deref()
        } else {
            self.before.as_deref()
        }
    }
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    first_line: Option<Line>,
    by_name: BTreeMap<String, KnownPath>,
}

impl Paths {
    /// Reads `paths.toml`.
    ///
    /// # Errors
    /// What is wrong in the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: PathsFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let by_name = file.path.into_iter().map(|path| (path.name.clone(), path));
        Ok(Self {
            first_line: Some(file.first_line),
            by_name: by_name.collect(),
        })
    }

    /// The known path that `segments` begin with and that `line` does not have; the shortest,
    /// because nothing below it exists either. None when the path is there, as far as is known.
    #[must_use]
    pub fn missing_in(&self, segments: &[String], line: Line) -> Option<&KnownPath> {
        if self.first_line.is_none_or(|first| line < first) {
            return None; // the table does not say
        }
        (2..=segments.len()).find_map(|length| {
            let known = self.by_name.get(&segments[..length].join("::"))?;
            (!known.exists_in(line)).then_some(known)
        })
    }

    /// Every path, by name.
    pub fn iter(&self) -> impl Iterator<Item = &KnownPath> {
        self.by_name.values()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PathsFile {
    first_line: Line,
    path: Vec<KnownPath>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    fn missing(path: &str, line: u64) -> Option<(&'static str, Option<&'static str>)> {
        let segments: Vec<String> = path.split("::").map(str::to_owned).collect();
        let known = Knowledge::embedded()
            .paths
            .missing_in(&segments, Line(line))?;
        Some((&known.name, known.instead_in(Line(line))))
    }

    #[test]
    fn a_path_is_missing_outside_of_its_lines_and_so_is_all_below_it() {
        let old = "wasmtime_wasi::bindings::io::streams";
        let new = "wasmtime_wasi::p2::bindings::io::streams";
        assert_eq!(missing(old, 32), None);
        assert_eq!(
            missing(old, 36),
            Some((
                "wasmtime_wasi::bindings",
                Some("wasmtime_wasi::p2::bindings")
            ))
        );
        assert_eq!(
            missing(new, 32),
            Some(("wasmtime_wasi::p2", Some("wasmtime_wasi")))
        );
        assert_eq!(missing(new, 36), None);
    }

    #[test]
    fn what_the_table_does_not_say_is_not_missing() {
        assert_eq!(missing("wasmtime_wasi::p2::bindings", 23), None, "too old");
        assert_eq!(missing("wasmtime_wasi::anything::new", 36), None);
        assert_eq!(missing("my_bindings::p2", 36), None);
        assert_eq!(
            missing("wasmtime_wasi::p2", 99),
            None,
            "newer lines keep it"
        );
    }
}
