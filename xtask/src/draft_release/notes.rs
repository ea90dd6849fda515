//! The notes of a release, `RELEASES.md`, which the crate of the command line carries.

use wasmtime_upgrade::version::FamilyVersion;

/// The heading that a note stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// `### Added`.
    Added,
    /// `### Changed`, and whatever else there is.
    Changed,
    /// `### Fixed`.
    Fixed,
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The release that it is of.
    pub release: FamilyVersion,
    /// Its heading.
    pub under: Under,
    /// What it says, on one line, without its links.
    pub text: String,
    /// The pull requests and advisories that it names.
    pub links: Vec<String>,
}

impl Note {
    /// The advisory that it names.
    pub fn advisory(&self) -> Option<&str> {
        let links = self.links.iter();
        let ids = links.filter_map(|link| link.rsplit('/').next());
        ids.into_iter().find(|id| id.starts_with("GHSA-"))
    }

    /// Whether something is on from now on that was not.
    pub fn turns_on(&self) -> bool {
        let on = ["by default", "now enabled", "on by default"];
        !self.is_aside() && on.iter().any(|words| self.text.contains(words))
    }

    /// Whether it says that something is faster, smaller, or possible now: nothing that worked is
    /// different for it.
    pub fn is_gain(&self) -> bool {
        let text = self.text.to_lowercase();
        let gains = [
            "optimized",
            "performance",
            "smaller",
            "contention",
            "work continues",
            "now supports",
            "now suports",
            "supports removing",
            "documentation",
            "update ",
            "compatible with",
        ];
        gains.iter().any(|words| text.contains(words))
    }

    /// Whether it is about parts that the code of an embedder does not name: code generators, the
    /// command line, the C API.
    pub fn is_aside(&self) -> bool {
        let text = self.text.to_lowercase();
        if text.contains("wasmtime::") || text.contains("`config") {
            return false;
        }
        if text.contains("c api") || text.contains("c++ api") || text.contains("`wasmtime ") {
            return true;
        }
        let parts = [
            "cranelift",
            "winch",
            "pulley",
            "isle",
            "cli",
            "subcommand",
            "codegen",
            "wizer",
            "aarch64",
            "arm64",
            "riscv64",
            "s390x",
            "x64",
            "x86_64",
        ];
        // What a sentence is about stands at its beginning.
        let mut words = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .take(10);
        words.any(|word| parts.contains(&word))
    }
}

/// The notes of releases later than `from`, up to `to`, of the line of `to`.
pub fn between(text: &str, from: &FamilyVersion, to: &FamilyVersion) -> Vec<Note> {
    let mut notes = Vec::new();
    for (release, section) in sections(text) {
        if release > *from && release <= *to && release.line() == to.line() {
            notes.extend(of_section(&release, section));
        }
    }
    notes
}

/// The day that stands in the section of a release.
pub fn date(text: &str, release: &FamilyVersion) -> Option<String> {
    let (_, section) = sections(text)
        .into_iter()
        .find(|(found, _)| found == release)?;
    let line = section
        .lines()
        .find(|line| line.starts_with("Released ") || line.starts_with("Fixed "))?;
    let day = line.split_whitespace().nth(1)?.trim_end_matches('.');
    let is_day = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    is_day.then(|| day.to_owned())
}

fn sections(text: &str) -> Vec<(FamilyVersion, &str)> {
    let parts = text
        .split("\n## ")
        .map(|part| part.trim_start_matches("## "));
    let named = parts.filter_map(|part| {
        let (title, body) = part.split_once('\n')?;
        Some((title.trim().parse().ok()?, body))
    });
    named.collect()
}

fn of_section(release: &FamilyVersion, section: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    for part in section.split("\n### ").skip(1) {
        let (title, body) = part.split_once('\n').unwrap_or((part, ""));
        let under = match title.trim() {
            "Added" => Under::Added,
            "Fixed" => Under::Fixed,
            _ => Under::Changed,
        };
        let body = body.split("\n---").next().unwrap_or(body);
        let items = format!("\n{body}");
        for item in items.split("\n* ").skip(1) {
            notes.push(note(release, under, item));
        }
    }
    notes
}

/// Splits what a note says from its links: `[#1](https://..)`.
fn note(release: &FamilyVersion, under: Under, item: &str) -> Note {
    let mut text = String::new();
    let mut links = Vec::new();
    let mut rest = item;
    while let Some(at) = rest.find("](http") {
        let Some(open) = rest[..at].rfind('[') else {
            break;
        };
        let Some(close) = rest[at..].find(')') else {
            break;
        };
        let label = &rest[open + 1..at];
        text.push_str(&rest[..open]);
        // A link that is not only a number is a part of the sentence.
        if !label.starts_with('#') && !label.starts_with("GHSA-") {
            text.push_str(label);
        }
        links.push(rest[at + 2..at + close].to_owned());
        rest = &rest[at + close + 1..];
    }
    text.push_str(rest);
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| *word != "...")
        .collect();
    Note {
        release: release.clone(),
        under,
        text: words.join(" "),
        links,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "## 2.0.1\n\nReleased 2026-02-03.\n\n### Fixed\n\n* A panic is gone.\n  [GHSA-aaaa-bbbb-cccc](https://example.org/security/advisories/GHSA-aaaa-bbbb-cccc)\n\n----\n\n## 2.0.0\n\nReleased 2026-02-01.\n\n### Added\n\n* `Linker::new`\n  is there.\n  [#12](https://example.org/pull/12)\n  [#13](https://example.org/pull/13)\n\n### Changed\n\n* Cranelift is faster.\n";

    #[test]
    fn notes_have_a_heading_a_sentence_and_links() {
        let [from, to] = ["1.0.0", "2.0.1"].map(|text| text.parse().unwrap());
        let notes = between(TEXT, &from, &to);
        assert_eq!(notes.len(), 3);
        assert_eq!(notes[0].advisory(), Some("GHSA-aaaa-bbbb-cccc"));
        assert_eq!(notes[0].text, "A panic is gone.");
        assert_eq!(notes[1].text, "`Linker::new` is there.");
        assert_eq!(notes[1].links.len(), 2);
        assert_eq!(notes[1].under, Under::Added);
        assert!(notes[2].is_aside() && !notes[1].is_aside());
        assert_eq!(date(TEXT, &to).as_deref(), Some("2026-02-03"));
        let only = between(TEXT, &"2.0.0".parse().unwrap(), &to);
        assert_eq!(only.len(), 1);
    }
}
