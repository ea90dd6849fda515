//! One record of the index: a published version as JSON.

use jiff::civil::Date;
use serde::Deserialize;

use super::cache_file::NEWEST_RECORD;
use crate::knowledge::Releases;
use crate::version::{FamilyVersion, RustVersion};

/// A release that a registry serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its number.
    pub version: FamilyVersion,
    /// The oldest Rust that builds it.
    pub rust_version: RustVersion,
    /// Whether it was taken back.
    pub yanked: bool,
    /// When it was published; older caches don't say.
    pub published: Option<Date>,
    /// The number that wasm-tools crates have in it.
    pub wasm_tools: String,
}

/// What a record says to somebody who has the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Older than the table.
    TooOld,
    /// The table says the same.
    Nothing,
    /// The table has the release and says something else.
    Changed(Published),
    /// The table does not have the release.
    New(Published),
    /// It does not look like a release of Wasmtime.
    Strange(String),
}

/// Holds one record against the table. A record is some kilobytes long, and there are hundreds: it
/// is read as JSON only when there is a reason to.
pub(super) fn judge(version: &str, json: &str, known: &Releases) -> News {
    let Ok(version) = version.parse::<FamilyVersion>() else {
        return News::Strange("it is no version".to_owned());
    };
    if known
        .lines()
        .next()
        .is_some_and(|oldest| version.line() < oldest.line)
    {
        return News::TooOld;
    }
    let in_table = known.get(&version);
    if in_table.is_some_and(|old| !old.unserved && yanked(json) == Some(old.yanked)) {
        return News::Nothing;
    }
    match read(version, json) {
        Ok(published) => match in_table {
            Some(old) if !old.unserved && old.yanked == published.yanked => News::Nothing,
            Some(_) => News::Changed(published),
            None => News::New(published),
        },
        Err(reason) => News::Strange(reason),
    }
}

/// The value of the last `"yanked"` in the record, when it is written as cargo writes it: at the
/// outermost level it stands near the end, behind the long lists of dependencies and features.
fn yanked(json: &str) -> Option<bool> {
    let at = json.rfind("\"yanked\"")?;
    let value = json.get(at + "\"yanked\"".len()..)?.trim_start();
    let value = value.strip_prefix(':')?.trim_start();
    match value {
        _ if value.starts_with("true") => Some(true),
        _ if value.starts_with("false") => Some(false),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Record {
    name: String,
    vers: FamilyVersion,
    #[serde(default)]
    deps: Vec<Dependency>,
    #[serde(default)]
    yanked: bool,
    rust_version: Option<String>,
    pubtime: Option<String>,
    v: Option<u32>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
}

/// Reads a record and makes sure that it is one of Wasmtime's: its number is `X.0.Y`, and it needs
/// another crate of the family in exactly that number.
fn read(version: FamilyVersion, json: &str) -> Result<Published, String> {
    let record: Record =
        serde_json::from_str(json).map_err(|error| format!("no valid record: {error}"))?;
    if record.name != "wasmtime" || record.vers != version {
        return Err(format!("the record is of {} {}", record.name, record.vers));
    }
    if record.v.is_some_and(|format| format > NEWEST_RECORD) {
        return Err("the record is of a newer format".to_owned());
    }
    if version.0.minor != 0 || !version.0.build.is_empty() {
        return Err("Wasmtime's releases are numbered X.0.Y".to_owned());
    }
    let exactly = format!("={version}");
    let sibling = |dep: &Dependency| dep.name.starts_with("wasmtime-") && dep.req == exactly;
    if !record.deps.iter().any(sibling) {
        return Err("it needs no crate of the family in its own number".to_owned());
    }
    let wasm_tools = record
        .deps
        .iter()
        .find(|dep| dep.name == "wasmparser")
        .map(|dep| dep.req.trim_start_matches(['^', '=']).to_owned())
        .ok_or("it needs no wasmparser")?;
    let rust_version = record.rust_version.ok_or("it does not name its Rust")?;
    Ok(Published {
        rust_version: rust_version.parse()?,
        yanked: record.yanked,
        published: record.pubtime.and_then(|time| time.get(..10)?.parse().ok()),
        wasm_tools,
        version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_found_without_reading_the_record() {
        assert_eq!(yanked(r#"{"a":1,"yanked":true}"#), Some(true));
        assert_eq!(yanked(r#"{"yanked" : false, "v": 2}"#), Some(false));
        assert_eq!(yanked(r#"{"features":{"x":["yanked"]}}"#), None);
        assert_eq!(yanked("{}"), None);
    }
}
