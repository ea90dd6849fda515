//! What the knowledge base holds of a line already: so that a draft is about what it does not, and
//! the drafts can be held against it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use wasmtime_upgrade::knowledge::{self, Kind, Knowledge};
use wasmtime_upgrade::version::Line;

/// The entries of one line, with the words in each.
#[derive(Debug, Default)]
pub struct Known {
    /// By name, as `migration wasi-fsperms`.
    entries: BTreeMap<String, BTreeSet<String>>,
    /// The numbers of pull requests and the ids of advisories that stand anywhere: the entry.
    links: BTreeMap<String, BTreeSet<String>>,
    /// What drafts have been found to be about.
    found: BTreeSet<String>,
}

#[derive(Deserialize)]
struct PathsFile {
    item: Vec<PathsItem>,
}

#[derive(Deserialize)]
struct PathsItem {
    names: Vec<String>,
    places: Vec<PathsPlace>,
}

#[derive(Deserialize)]
struct PathsPlace {
    until: Option<Line>,
}

impl Known {
    /// What is known of changes that came with `line`.
    ///
    /// # Errors
    /// When a table is not what it was when this was written.
    pub fn of(knowledge: &Knowledge, line: Line) -> Result<Self, String> {
        let mut known = Self::default();
        let before = line.0.checked_sub(1).map(Line);
        for (path, text) in knowledge::files() {
            known.file(path, text, line);
        }
        let text = knowledge::file("paths.toml").unwrap_or_default();
        let paths: PathsFile = toml::from_str(text).map_err(|e| format!("paths.toml: {e}"))?;
        for item in paths.item {
            // Only what was there can be missed; what is new breaks nobody.
            let left = |place: &PathsPlace| before.is_some() && place.until == before;
            if item.places.iter().any(left) {
                for name in item.names {
                    let entry = format!("paths.toml {name}");
                    known.entries.entry(entry).or_default().insert(name);
                }
            }
        }
        for entry in &knowledge.entries {
            let from = format!(">={line}.0.0");
            let begins = entry
                .affected
                .iter()
                .any(|range| range.to_string().starts_with(&from));
            if entry.kind == Kind::BehaviourChange && begins {
                let name = format!("behaviour {}", entry.id);
                let text = format!("{} {}", entry.title, entry.prose);
                known.entries.insert(name, words(&text));
            }
        }
        Ok(known)
    }

    fn file(&mut self, path: &str, text: &str, line: Line) {
        let Some((folder, file)) = path.rsplit_once('/') else {
            return;
        };
        let id = file.trim_end_matches(".md");
        let name = match folder {
            "regressions" | "advisories" => id.to_owned(),
            _ if folder == format!("migrations/{line}") => format!("migration {id}"),
            _ => return,
        };
        for number in text.split("/pull/").skip(1) {
            let digits = number.chars().take_while(char::is_ascii_digit).collect();
            self.links.entry(digits).or_default().insert(name.clone());
        }
        for advisory in text.split("/advisories/").skip(1) {
            let id = advisory
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '-');
            self.links
                .entry(id.collect())
                .or_default()
                .insert(name.clone());
        }
        if name.starts_with("migration ") {
            self.entries.insert(name, words(text));
        }
    }

    /// The entries that speak of a word of an API.
    pub fn with_word(&mut self, word: &str) -> Vec<String> {
        let entries = self
            .entries
            .iter()
            .filter(|(_, words)| words.contains(word));
        let names: Vec<String> = entries.map(|(name, _)| name.clone()).collect();
        self.found.extend(names.iter().cloned());
        names
    }

    /// The entries that name one of these pull requests or advisories.
    pub fn with_link(&mut self, links: &[String]) -> Vec<String> {
        let ends = links.iter().filter_map(|link| link.rsplit('/').next());
        let names: BTreeSet<&String> = ends
            .filter_map(|end| self.links.get(end))
            .flatten()
            .collect();
        for name in &names {
            self.found.insert((*name).clone());
            self.found.insert(format!("behaviour {name}"));
        }
        names.into_iter().cloned().collect()
    }

    /// Entries of the line, and those of them that no draft was about.
    pub fn recall(&self) -> (usize, Vec<&String>) {
        let missed = self
            .entries
            .keys()
            .filter(|name| !self.found.contains(*name));
        (self.entries.len(), missed.collect())
    }
}

/// The words of a text that may be names.
fn words(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    parts
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
