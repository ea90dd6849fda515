//! Advisories that other tools are told to pass over, and that do not concern the new release.

use super::{Files, FollowUp, name_of};
use crate::knowledge::{Kind, Knowledge};
use crate::version::FamilyVersion;

/// Files that hold such exceptions: cargo-deny, cargo-audit, OSV-Scanner.
const FILES: [&str; 3] = ["deny.toml", "audit.toml", "osv-scanner.toml"];

pub(super) fn find(
    files: &Files,
    knowledge: &Knowledge,
    from: &FamilyVersion,
    to: &FamilyVersion,
) -> Vec<FollowUp> {
    let of_advisories = knowledge
        .entries
        .iter()
        .filter(|entry| entry.kind == Kind::Advisory && entry.affects(from) && !entry.affects(to));
    let ids: Vec<&str> = of_advisories
        .flat_map(|entry| entry.aliases.iter().chain([&entry.id]))
        .map(String::as_str)
        .collect();
    let of_tools = files
        .iter()
        .filter(|(path, _)| FILES.contains(&name_of(path)));
    let lines = of_tools.flat_map(|(path, text)| {
        let lines = text.lines().enumerate();
        lines.map(move |(index, line)| (path, index + 1, line))
    });
    let ours = lines.filter(|(_, _, line)| !line.trim_start().starts_with('#'));
    ours.flat_map(|(path, number, line)| {
        let named = ids.iter().filter(move |id| line.contains(**id));
        named.map(move |id| FollowUp {
            path: path.clone(),
            line: Some(number),
            what: format!("the exception for {id} can go: {to} is free of it"),
        })
    })
    .collect()
}
