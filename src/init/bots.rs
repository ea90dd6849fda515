//! Files for version bots: the family as one group for Renovate and for Dependabot, and a workflow
//! that does on their branches what a number alone does not.
//!
//! The lists are those of the knowledge base. `bots/` in the repository holds the same texts for
//! those who copy them by hand; a test holds each against what is made here.

use std::fmt::Write as _;

use super::draft::Draft;
use super::workflow::{defaults, mentioning, setup};
use super::{Ground, Piece, text};
use crate::error::Result;
use crate::knowledge::Knowledge;
use crate::knowledge::family::Numbering;
use crate::version::Line;

const BOT_BRANCH: &str = include_str!("templates/bot-branch.yml");

/// How many long-term lines are named that the knowledge base does not know yet: they come once a
/// year.
const LATER_LTS: u64 = 5;

/// Every twelfth line is a long-term release, since 24.
const LTS_EVERY: u64 = 12;

/// Which releases Renovate proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The newest.
    Newest,
    /// Long-term releases alone.
    Lts,
}

/// Where Renovate looks for its configuration; the first is the one for a new file.
const RENOVATE_FILES: [&str; 7] = [
    "renovate.json",
    "renovate.json5",
    ".github/renovate.json",
    ".github/renovate.json5",
    ".gitlab/renovate.json",
    ".renovaterc",
    ".renovaterc.json",
];

/// Likewise, Dependabot.
const DEPENDABOT_FILES: [&str; 2] = [".github/dependabot.yml", ".github/dependabot.yaml"];

pub(super) fn plan(ground: &Ground<'_>, piece: Piece, draft: &mut Draft) -> Result<()> {
    match piece {
        Piece::Renovate => {
            let program = ground.program.typed();
            let file = BotFile {
                names: &RENOVATE_FILES,
                text: renovate(ground.knowledge, Variant::Newest, program),
                shows: "\"groupName\": \"wasmtime\"",
                where_to: "put these rules at the end of its `packageRules`",
            };
            file.plan(ground, piece, draft)
        }
        Piece::Dependabot => {
            let file = BotFile {
                names: &DEPENDABOT_FILES,
                text: dependabot(ground.knowledge, ground.below_repository()),
                shows: "wasmtime-environ",
                where_to: "put this group into its entry for cargo",
            };
            file.plan(ground, piece, draft)
        }
        _ => plan_branch(ground, piece, draft),
    }
}

/// A configuration of a bot.
struct BotFile {
    names: &'static [&'static str],
    text: String,
    /// What shows that it is ours already.
    shows: &'static str,
    /// Where a person puts ours into theirs.
    where_to: &'static str,
}

impl BotFile {
    fn plan(self, ground: &Ground<'_>, piece: Piece, draft: &mut Draft) -> Result<()> {
        let mut paths = self.names.iter().map(|name| ground.top().join(name));
        match paths.find(|path| ground.exists(path)) {
            None => {
                let path = ground.top().join(self.names[0]);
                draft.create(ground, piece, path, self.text);
            }
            Some(path) if mentions(ground, &path, self.shows)? => {
                draft.there(ground, piece, &path);
            }
            Some(path) => {
                let shown = ground.shown(&path);
                let why = format!("{shown} is there already: {}", self.where_to);
                draft.by_hand(piece, why, self.text);
            }
        }
        Ok(())
    }
}

fn plan_branch(ground: &Ground<'_>, piece: Piece, draft: &mut Draft) -> Result<()> {
    let folder = ground.top().join(".github/workflows");
    match mentioning(ground, &["upgrade --from-rev"])? {
        Some(name) => draft.there(ground, piece, &folder.join(name)),
        None => draft.create(
            ground,
            piece,
            folder.join("wasmtime-bot.yml"),
            bot_branch(ground),
        ),
    }
    Ok(())
}

fn mentions(ground: &Ground<'_>, path: &camino::Utf8Path, word: &str) -> Result<bool> {
    let text = text::read(ground.world, path)?.unwrap_or_default();
    Ok(text.contains(word))
}

/// The crates that a manifest can require in a line that is supported by anybody.
fn names(knowledge: &Knowledge, wanted: impl Fn(Numbering) -> bool) -> Vec<&str> {
    let crates = knowledge.family.iter();
    let wanted = crates.filter(|member| wanted(member.numbering));
    wanted.map(|member| member.name.as_str()).collect()
}

/// A configuration of Renovate, or a preset for one.
#[must_use]
pub fn renovate(knowledge: &Knowledge, variant: Variant, command: &str) -> String {
    let mut rules = vec![group(knowledge, command)];
    if variant == Variant::Lts {
        let lines = lts_lines(knowledge);
        let cranelift = |line: &Line| line.0 + 87;
        let all = |numbering: Numbering| numbering != Numbering::Cranelift;
        rules.push(allowed(
            "Long-term releases alone, supported for two years",
            &names(knowledge, all),
            &alternatives("", lines.iter().map(|line| line.0)),
        ));
        rules.push(allowed(
            "The same releases, as Cranelift's crates number them",
            &names(knowledge, |numbering| numbering == Numbering::Cranelift),
            &alternatives("0\\\\.", lines.iter().map(cranelift)),
        ));
    }
    let what = match variant {
        Variant::Newest => "Wasmtime's crates as one group, to the newest release",
        Variant::Lts => "Wasmtime's crates as one group, from one long-term release to the next",
    };
    format!(
        "{{\n  \"$schema\": \"https://docs.renovatebot.com/renovate-schema.json\",\n  \
         \"description\": \"{what}\",\n  \
         \"gitIgnoredAuthors\": [\"41898282+github-actions[bot]@users.noreply.github.com\"],\n  \
         \"packageRules\": [\n{}\n  ]\n}}\n",
        rules.join(",\n")
    )
}

fn group(knowledge: &Knowledge, command: &str) -> String {
    format!(
        "    {{\n      \"description\": \"Crates that are published together move together\",\n      \
         \"matchManagers\": [\"cargo\"],\n      \"matchPackageNames\": [\n{}\n      ],\n      \
         \"groupName\": \"wasmtime\",\n      \"rangeStrategy\": \"bump\",\n      \"separateMajorMinor\": false,\n      \
         \"postUpgradeTasks\": {{\n        \"commands\": [\n          \
         \"{command} upgrade --from-rev HEAD --allow-dirty --keep\"\n        ],\n        \
         \"fileFilters\": [\"**/Cargo.toml\", \"**/Cargo.lock\", \"**/*.rs\"],\n        \
         \"executionMode\": \"branch\"\n      }}\n    }}",
        listed(&names(knowledge, |_| true))
    )
}

fn allowed(description: &str, names: &[&str], pattern: &str) -> String {
    format!(
        "    {{\n      \"description\": \"{description}\",\n      \"matchManagers\": [\"cargo\"],\n      \
         \"matchPackageNames\": [\n{}\n      ],\n      \"allowedVersions\": \"{pattern}\"\n    }}",
        listed(names)
    )
}

fn listed(names: &[&str]) -> String {
    let lines: Vec<String> = names
        .iter()
        .map(|name| format!("        \"{name}\""))
        .collect();
    lines.join(",\n")
}

/// A pattern of Renovate's that matches versions which begin like this.
fn alternatives(before: &str, numbers: impl Iterator<Item = u64>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("/^{before}({})\\\\./", numbers.join("|"))
}

/// Long-term lines: those that are known, and the next ones by their rule.
fn lts_lines(knowledge: &Knowledge) -> Vec<Line> {
    let mut lines: Vec<Line> = knowledge
        .releases
        .iter()
        .map(|release| release.version.line())
        .filter(|line| line.0 % LTS_EVERY == 0)
        .collect();
    lines.dedup();
    let last = lines.last().map_or(0, |line| line.0);
    lines.extend((1..=LATER_LTS).map(|later| Line(last + later * LTS_EVERY)));
    lines
}

/// A configuration of Dependabot; `below` is the workspace's folder, from the repository's.
#[must_use]
pub fn dependabot(knowledge: &Knowledge, below: &str) -> String {
    let mut text = format!(
        "version: 2\nupdates:\n  - package-ecosystem: cargo\n    directory: /{below}\n    schedule:\n      \
         interval: weekly\n    groups:\n      # Crates that are published together move together.\n      \
         wasmtime:\n        patterns:\n"
    );
    for name in names(knowledge, |_| true) {
        let _ = writeln!(text, "          - {name}");
    }
    text
}

fn bot_branch(ground: &Ground<'_>) -> String {
    finishing(ground.program.typed(), &setup(ground), &defaults(ground))
}

/// The workflow for bots' branches: how the program is started, the steps that bring it, and where
/// the commands run.
#[must_use]
pub fn finishing(program: &str, setup: &str, defaults: &str) -> String {
    BOT_BRANCH
        .replace("<program>", program)
        .replace("      <setup>\n", setup)
        .replace("    <defaults>\n", defaults)
}
