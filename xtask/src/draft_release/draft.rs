//! Entries that are begun: one for each item that changed, one for all that moved between two
//! modules, one for each note that no item explains.

use std::collections::{BTreeMap, BTreeSet};

use wasmtime_upgrade::version::FamilyVersion;

use super::change::{Change, What};
use super::known::Known;
use super::notes::{Note, Under};
use super::rules;
use crate::new_migration::Scaffold;

/// A file of the knowledge base that a person finishes.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its path below `knowledge/`.
    pub path: String,
    /// One line.
    pub title: String,
    /// All of it.
    pub text: String,
    /// The entries that speak of the same already.
    pub known: Vec<String>,
    /// How deep in its crate the item lies that it is about.
    pub depth: usize,
}

/// What all drafts of a run have in common.
pub struct Drafting<'a> {
    /// The release before.
    pub from: &'a FamilyVersion,
    /// The release.
    pub to: &'a FamilyVersion,
    /// The first release of its line.
    pub since: FamilyVersion,
    /// Its notes.
    pub notes: &'a [Note],
}

impl Drafting<'_> {
    /// Drafts for changes of public items. The notes that they explain are taken out of `left`.
    pub fn of_changes(
        &self,
        changes: &[Change],
        known: &mut Known,
        left: &mut Vec<Note>,
    ) -> Vec<Draft> {
        let mut groups: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
        for change in changes {
            groups.entry(group(change)).or_default().push(change);
        }
        let mut drafts: Vec<Draft> = Vec::new();
        for changes in groups.values() {
            let mut draft = self.of_group(changes, known, left);
            let twins = drafts
                .iter()
                .filter(|other| other.path == draft.path)
                .count();
            if twins > 0 {
                draft.path = draft.path.replace(".md", &format!("-{}.md", twins + 1));
            }
            drafts.push(draft);
        }
        // What stands at the root of a crate is what most people write.
        drafts.sort_by_key(|draft| draft.depth);
        drafts
    }

    fn of_group(&self, changes: &[&Change], known: &mut Known, left: &mut Vec<Note>) -> Draft {
        let names: BTreeSet<&str> = changes.iter().flat_map(|change| change.words()).collect();
        let first = changes[0];
        let id = id(changes);
        let title = title(changes);
        let mut links: Vec<String> = Vec::new();
        for note in self.notes {
            if names.iter().any(|name| speaks_of(&note.text, name)) {
                links.extend(
                    note.links
                        .iter()
                        .filter(|link| link.contains("/pull/"))
                        .cloned(),
                );
                left.retain(|other| other != note);
            }
        }
        if links.is_empty() {
            links.push("https://github.com/bytecodealliance/wasmtime/pull/<number>".to_owned());
        }
        links.truncate(4);
        let mut rules: Vec<String> = Vec::new();
        let mut errors = Vec::new();
        for change in changes {
            let (error, rule) = rules::of(change);
            errors.extend(error);
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        let renames = rules.iter().any(|rule| rule.contains("\nreplace = "));
        let package = first
            .item
            .split("::")
            .next()
            .unwrap_or_default()
            .replace('_', "-");
        let hint = |lines: Vec<String>| -> String {
            lines.iter().map(|line| format!("// {line}\n")).collect()
        };
        let scaffold = Scaffold {
            id: id.clone(),
            title: title.clone(),
            since: self.since.to_string(),
            // What has only another name can be rewritten, when a person has looked at it.
            means: if renames { "compiler" } else { "person" },
            grade: Some(if renames { "review" } else { "manual" }),
            links,
            rules,
            releases: [self.from.to_string(), self.to.to_string()],
            error: errors.first().map(|error| (*error).to_owned()),
            dependencies: (package != "wasmtime")
                .then_some(package)
                .into_iter()
                .collect(),
            prose: prose(changes),
            hints: [
                hint(
                    changes
                        .iter()
                        .filter_map(|change| change.old_text())
                        .collect(),
                ),
                hint(
                    changes
                        .iter()
                        .filter_map(|change| change.new_text())
                        .collect(),
                ),
            ],
        };
        let known: BTreeSet<String> = names
            .iter()
            .flat_map(|name| known.with_word(name))
            .collect();
        Draft {
            path: format!("migrations/{}/{id}.md", self.to.line()),
            title,
            text: scaffold.text(),
            known: known.into_iter().collect(),
            depth: first.item.matches("::").count(),
        }
    }

    /// A draft for a note: of a behaviour that changed, a defect that was mended, an advisory.
    pub fn of_note(&self, note: &Note, known: &mut Known) -> Draft {
        let advisory = note.advisory().map(str::to_owned);
        let id = advisory.clone().unwrap_or_else(|| slug(&note.text));
        let line = self.to.line();
        let (folder, kind, affected, fixed) = match (&advisory, note.under) {
            (Some(_), _) => (
                "advisories",
                "advisory",
                "<ranges>".to_owned(),
                format!("{:?}", note.release.to_string()),
            ),
            (None, Under::Fixed) => (
                "regressions",
                "regression",
                format!(">={line}.0.0, <{}", note.release),
                format!("{:?}", note.release.to_string()),
            ),
            (None, _) => (
                "regressions",
                "behaviour-change",
                format!(">={}", note.release),
                String::new(),
            ),
        };
        let severity = if advisory.is_some() {
            "severity = \"<of the advisory>\"\n"
        } else {
            ""
        };
        let moves = kind == "behaviour-change";
        let text = format!(
            "+++\nid = {id:?}\nkind = {kind:?}\naliases = []\n{severity}title = \"<{}>\"\npackage = \"wasmtime\"\naffected = [{affected:?}]\nfixed-in = [{fixed}]\ncondition = \"<when is a project exposed?>\"\nremedy = \"<what to do>\"\nlinks = {:?}\nconfidence = \"inferred\"\nmoves-only = {moves}\n+++\n{}\n",
            note.text.replace('"', "'"),
            note.links,
            note.text,
        );
        Draft {
            path: format!("{folder}/{id}.md"),
            title: note.text.clone(),
            text,
            known: known.with_link(&note.links),
            depth: 0,
        }
    }
}

/// Changes that belong into one entry: those of one item; all that moved from a module to another one.
fn group(change: &Change) -> String {
    let module = |path: &str| {
        path.rsplit_once("::")
            .map_or(path, |(module, _)| module)
            .to_owned()
    };
    match &change.what {
        What::Moved(to) => format!("moved from {} to {}", module(&change.item), module(to)),
        _ => change.item.clone(),
    }
}

fn id(changes: &[&Change]) -> String {
    let first = changes[0];
    let mut steps = first.item.split("::");
    let package = steps.next().unwrap_or_default();
    let last = first.item.rsplit("::").next().unwrap_or_default();
    let area = package.strip_prefix("wasmtime_").unwrap_or_default();
    let begins = kebab(last).starts_with(&kebab(area));
    let area = if begins { "" } else { area };
    let what = match (&first.what, changes) {
        (What::Moved(_), _) => "moved".to_owned(),
        (_, [only]) => match &only.what {
            What::Removed => "removed".to_owned(),
            What::Renamed(_) => "renamed".to_owned(),
            What::Case(_) => "case".to_owned(),
            What::Deprecated => "deprecated".to_owned(),
            _ => "changed".to_owned(),
        },
        _ => "changed".to_owned(),
    };
    let member = match changes {
        [only] => only.member.clone().unwrap_or_default(),
        _ => String::new(),
    };
    let parts = [area, last, &member, &what];
    let kebab = parts
        .iter()
        .map(|part| kebab(part))
        .filter(|part| !part.is_empty());
    kebab.collect::<Vec<_>>().join("-")
}

fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() && !text.ends_with('-') {
            text.push('-');
        }
        match letter {
            letter if letter.is_alphanumeric() => text.extend(letter.to_lowercase()),
            _ if !text.is_empty() && !text.ends_with('-') => text.push('-'),
            _ => {}
        }
    }
    text.trim_end_matches('-').to_owned()
}

/// The first words of a sentence, as an id.
fn slug(text: &str) -> String {
    let small = [
        "a", "an", "the", "now", "has", "have", "been", "is", "are", "to", "of", "for", "and",
        "will", "in", "an",
    ];
    let words = text.split_whitespace().map(|word| word.to_lowercase());
    let words = words.filter(|word| !small.contains(&word.as_str()));
    let id: Vec<String> = words
        .map(|word| kebab(&word))
        .filter(|word| !word.is_empty())
        .take(6)
        .collect();
    id.join("-")
}

fn title(changes: &[&Change]) -> String {
    let first = changes[0];
    let last = |path: &str| path.rsplit("::").next().unwrap_or(path).to_owned();
    let list = |names: BTreeSet<String>| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        match &quoted[..] {
            [.., _] if quoted.len() > 4 => {
                format!("{} and {} more", quoted[..3].join(", "), quoted.len() - 3)
            }
            _ => quoted.join(", "),
        }
    };
    let item = last(&first.item);
    if let What::Moved(to) = &first.what {
        let module = |path: &str| {
            path.rsplit_once("::")
                .map_or(path, |(module, _)| module)
                .to_owned()
        };
        let names = changes.iter().map(|change| last(&change.item)).collect();
        return format!(
            "{} moved from `{}` to `{}`",
            list(names),
            module(&first.item),
            module(to)
        );
    }
    if let ([only], None) = (changes, &first.member) {
        return match &only.what {
            What::Removed => format!("`{item}` is gone"),
            What::Deprecated => format!("`{item}` is deprecated"),
            What::Gated(features) => {
                format!("`{item}` needs the feature {}", list(features.clone()))
            }
            _ => format!("`{item}` is another one"),
        };
    }
    let members = |wanted: fn(&What) -> bool| -> BTreeSet<String> {
        let found = changes.iter().filter(|change| wanted(&change.what));
        found.filter_map(|change| change.member.clone()).collect()
    };
    let mut parts = Vec::new();
    for (names, says) in [
        (members(|what| matches!(what, What::Removed)), "loses"),
        (
            members(|what| matches!(what, What::Renamed(_))),
            "has other names for",
        ),
        (
            members(|what| matches!(what, What::Changed(..) | What::Bounds(..))),
            "changes",
        ),
        (members(|what| matches!(what, What::Demanded(_))), "demands"),
        (
            members(|what| matches!(what, What::Case(_))),
            "has the new case",
        ),
        (
            members(|what| matches!(what, What::Deprecated)),
            "deprecates",
        ),
        (members(|what| matches!(what, What::Unimplemented)), "is no"),
    ] {
        if !names.is_empty() {
            parts.push(format!("{says} {}", list(names)));
        }
    }
    match parts.is_empty() {
        true => format!("`{item}` is another one"),
        false => format!("`{item}` {}", parts.join(", ")),
    }
}

fn prose(changes: &[&Change]) -> String {
    let mut text = String::from(
        "<What a person should know who reads the diff: why the result means the same.>\n\nFound:\n",
    );
    for change in changes {
        text.push_str(&format!("- {change}\n"));
    }
    text.trim_end().to_owned()
}

/// Whether a note names a word of the API. A plain English word must stand in backticks.
fn speaks_of(text: &str, name: &str) -> bool {
    let is_plain = name.chars().all(|c| c.is_ascii_lowercase());
    if name.len() < 4 {
        return false;
    }
    let parts = text.split('`').enumerate();
    let mut places = parts.filter(|(at, _)| at % 2 == 1 || !is_plain);
    places.any(|(_, part)| {
        let mut words = part.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| word == name)
    })
}
