//! Places outside of cargo that name a release of Wasmtime: images, the command line, the C API,
//! actions of a workflow.

use super::{Files, FollowUp};
use crate::version::FamilyVersion;

/// The oldest line that a number can mean; below, it is more likely something else's.
const OLDEST: u64 = 8;

/// So many lines below the word, a number can still belong to it: `with:` and `version:` of a step.
const REACH: usize = 3;

pub(super) fn find(files: &Files, to: &FamilyVersion) -> Vec<FollowUp> {
    let mut found = Vec::new();
    for (path, text) in files {
        let lines: Vec<&str> = text.lines().collect();
        let mut word = None;
        for (index, line) in lines.iter().enumerate() {
            let lower = line.to_lowercase();
            if lower.contains("wasmtime") {
                word = Some(index);
            }
            let near = word.is_some_and(|at| index - at <= REACH);
            let says_so = lower.contains("wasmtime") || lower.contains("version");
            if !near || !says_so {
                continue;
            }
            for release in releases(line, to) {
                found.push(FollowUp {
                    path: path.clone(),
                    line: Some(index + 1),
                    what: format!("names Wasmtime {release}: {}", shortened(line)),
                });
            }
        }
    }
    found
}

/// The releases that a line names and that are not the new one.
fn releases(line: &str, to: &FamilyVersion) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let numbers = line.split(|c| !is_part(c)).filter(|word| {
        let parts: Vec<Option<u64>> = word.split('.').map(|part| part.parse().ok()).collect();
        let line = to.line().0;
        matches!(&parts[..], [Some(major), Some(0), Some(_)] if (OLDEST..=line + 1).contains(major))
    });
    let new = to.to_string();
    let mut releases: Vec<String> = numbers
        .filter(|number| **number != new)
        .map(ToOwned::to_owned)
        .collect();
    releases.dedup();
    releases
}

fn shortened(line: &str) -> String {
    let line = line.trim();
    match line.chars().count() > 100 {
        true => format!("`{}..`", line.chars().take(100).collect::<String>()),
        false => format!("`{line}`"),
    }
}
