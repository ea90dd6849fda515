//! What differs from run to run, from machine to machine, or with what is known of releases, which
//! is not what these cases are about.

use std::path::Path;

/// The default registry in a lockfile, as cargo writes it; the cases have [`SHORT`].
const REGISTRY: &str = concat!("registry+https://", "github.com/rust-lang/crates.io-index");

/// The default registry in the lockfiles of the cases.
const SHORT: &str = "registry+stubs";

/// A file of a case as cargo wants it.
pub(crate) fn with_registry(path: &str, bytes: &[u8]) -> Vec<u8> {
    replaced(path, bytes, SHORT, REGISTRY)
}

/// A file of the project as a case has it.
pub(crate) fn without_registry(path: &str, bytes: &[u8]) -> Vec<u8> {
    replaced(path, bytes, REGISTRY, SHORT)
}

fn replaced(path: &str, bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) if path.ends_with("Cargo.lock") => text.replace(from, to).into_bytes(),
        _ => bytes.to_vec(),
    }
}

/// What was printed, without paths of this machine, without times, and without what is only true
/// as long as no new advisory comes out.
pub(crate) fn output(stderr: &str, stdout: &str, root: &Path) -> String {
    let mut text = String::new();
    let all = [stderr, stdout].concat().replace(REGISTRY, SHORT);
    let all = all.replace(&root.display().to_string(), "[ROOT]");
    let mut of_finding = false;
    let mut blank = true;
    for line in all.lines() {
        let words = ["error[", "warning[", "note["];
        let begins = words.iter().any(|word| line.trim_start().starts_with(word));
        // What belongs to a finding is indented, and an empty line ends it.
        of_finding = begins && !compiler(line) || of_finding && line.starts_with(' ');
        if of_finding || line.starts_with("and ") {
            blank = true;
            continue;
        }
        if judgement(line) || of_cargo(line) || (line.is_empty() && blank) {
            continue;
        }
        blank = line.is_empty();
        let line = shortened(line);
        text.push_str(&without_times(line));
        text.push('\n');
    }
    text
}

/// What cargo says of its own work, in other words with every release of it, and of another cargo that
/// works at the same time.
fn of_cargo(line: &str) -> bool {
    let verbs = [
        "Locking",
        "Updating",
        "Adding",
        "Removing",
        "Downgrading",
        "Blocking",
    ];
    let verb = line.trim_start().split(' ').next().unwrap_or_default();
    line.starts_with("    ") && verbs.contains(&verb)
}

/// `error[E0425]`.
fn compiler(line: &str) -> bool {
    let code = line.trim_start().strip_prefix("error[E");
    code.is_some_and(|code| code.starts_with(|c: char| c.is_ascii_digit()))
}

/// A line that weighs releases against each other.
fn judgement(line: &str) -> bool {
    let starts = [
        "  not ",
        "  still open there",
        "  its line gets no fixes",
        "findings on ",
    ];
    starts.iter().any(|start| line.starts_with(start)) || line.ends_with("can't be ruled out there")
}

/// Up to which day releases are known is no matter here.
fn shortened(line: &str) -> &str {
    let known = "the knowledge base";
    line.find(known)
        .map_or(line, |at| &line[..at + known.len()])
}

/// `1.3 s` becomes `[TIME]`.
fn without_times(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(" s") {
        let (before, after) = rest.split_at(at);
        let number = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let ends = !after[2..].starts_with(|c: char| c.is_alphanumeric());
        if ends && number.len() < before.len() {
            text.push_str(number);
            text.push_str("[TIME]");
        } else {
            text.push_str(&rest[..at + 2]);
        }
        rest = &after[2..];
    }
    text.push_str(rest);
    text
}
