//! SARIF 2.1.0, for code scanning: one document and one run for all roots of a call, because code
//! hosts take one run of a tool in an upload and drop or refuse the others.
//!
//! - Paths are relative to `%SRCROOT%`, the root of the repository; where that is on this machine is
//!   left out, so that the same project gives the same document everywhere.
//! - Columns and character offsets count code points; byte offsets are those of the file.
//! - A fingerprint is made of the id, the path, the crate and its version, and of no line: what was
//!   dismissed stays dismissed when lines move, and comes back when another version is judged.
//! - A finding that is proven not to concern the project is no result, because hosts would open an
//!   alert for it; `-v` adds those. The run's properties say how many were left out.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::human::Style;
use super::place::{Excerpt, common_folder};
use super::words::{subject, verdict};
use super::{CheckReport, LookedAt, knowledge_date};
use crate::finding::{Exposure, Finding, Location};
use crate::knowledge::{Kind, Knowledge};
use crate::workspace::{NotLookedAt, lexical, relative_to};

mod rule;

/// What the standard calls this edition of itself; it has nothing to do with our version.
const SARIF_VERSION: &str = "2.1.0";
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const SOURCE_ROOT: &str = "%SRCROOT%";

/// What one root adds to the document. Texts are cut to what the document shows, so that a call
/// with many roots does not keep all of their files.
#[derive(Debug)]
pub struct Part {
    root: Option<Utf8PathBuf>,
    looked_at: LookedAt,
    seen: Vec<Seen>,
    not_looked_at: Vec<(Utf8PathBuf, NotLookedAt)>,
    failure: Option<String>,
}

/// One finding with its places: the first is where the version is asked for, the others are
/// evidence.
#[derive(Debug)]
struct Seen {
    finding: Finding,
    places: Vec<Place>,
}

/// A place, with what of the file is shown.
#[derive(Debug)]
struct Place {
    file: Utf8PathBuf,
    line: usize,
    column: usize,
    start: usize,
    end: usize,
    excerpt: Option<Excerpt>,
    message: String,
}

impl Part {
    /// What a root that was judged adds.
    #[must_use]
    pub fn of(report: &CheckReport) -> Self {
        let root = &report.project.root;
        let place = |location: &Location, message: String| Place {
            file: lexical(&root.join(&location.path)),
            line: location.line,
            column: location.column,
            start: location.start,
            end: location.end,
            excerpt: Excerpt::of(report, location),
            message,
        };
        let seen = report.findings.iter().map(|finding| {
            let mut places = vec![place(&finding.location, subject(finding))];
            places.extend(
                finding
                    .evidence
                    .iter()
                    .map(|evidence| place(&evidence.location, evidence.label.clone())),
            );
            Seen {
                finding: finding.clone(),
                places,
            }
        });
        Self {
            looked_at: report.looked_at,
            seen: seen.collect(),
            not_looked_at: report
                .not_looked_at
                .iter()
                .map(|passed| (lexical(&root.join(&passed.path)), passed.clone()))
                .collect(),
            failure: None,
            root: Some(root.clone()),
        }
    }

    /// What a root that could not be judged adds: the document says so, and why.
    #[must_use]
    pub fn failed(why: impl Into<String>) -> Self {
        Self {
            root: None,
            looked_at: LookedAt::default(),
            seen: Vec::new(),
            not_looked_at: Vec::new(),
            failure: Some(why.into()),
        }
    }

    /// Every folder and file that the document names.
    fn paths(&self) -> impl Iterator<Item = &Utf8PathBuf> {
        let places = self.seen.iter().flat_map(|seen| &seen.places);
        let files = places.map(|place| &place.file);
        self.root.iter().chain(files)
    }
}

/// The document for one root.
#[must_use]
pub fn check(report: &CheckReport, knowledge: &Knowledge, style: &Style) -> String {
    document(&[Part::of(report)], knowledge, style)
}

/// The document for all roots of a call, in their order.
#[must_use]
pub fn document(parts: &[Part], knowledge: &Knowledge, style: &Style) -> String {
    let mut writer = Writer {
        knowledge,
        root: source_root(parts, style),
        rules: Vec::new(),
        places: BTreeMap::new(),
        fingerprints: BTreeMap::new(),
    };
    let seen = || parts.iter().flat_map(|part| &part.seen);
    let shown = |seen: &&Seen| style.verbose || alerts(&seen.finding);
    let results: Vec<Value> = seen()
        .filter(shown)
        .map(|seen| writer.result(seen))
        .collect();
    let left_out = seen().filter(|seen| !shown(seen)).count();
    let notifications = parts
        .iter()
        .flat_map(|part| writer.notifications(part))
        .collect::<Vec<_>>();
    let looked_at = parts.iter().fold(LookedAt::default(), |mut sum, part| {
        sum.merge(&part.looked_at);
        sum
    });
    let run = json!({
        "tool": { "driver": {
            "name": env!("CARGO_PKG_NAME"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "version": env!("CARGO_PKG_VERSION"),
            "shortDescription": { "text": env!("CARGO_PKG_DESCRIPTION") },
            "rules": writer.rules,
        } },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            SOURCE_ROOT: { "description": { "text": "The root of the repository." } },
        },
        "invocations": [{
            "executionSuccessful": parts.iter().all(|part| part.failure.is_none()),
            "toolExecutionNotifications": notifications,
        }],
        "results": results,
        "properties": {
            "knowledgeDate": knowledge_date(knowledge),
            "lookedAt": looked_at,
            "notAffectedLeftOut": left_out,
        },
    });
    let document = json!({ "$schema": SCHEMA, "version": SARIF_VERSION, "runs": [run] });
    format!("{document:#}\n")
}

/// Whether a host should open an alert for it.
fn alerts(finding: &Finding) -> bool {
    finding.exposure > Exposure::NotAffected || finding.kind == Kind::Policy
}

/// What paths are relative to: the repository, unless something lies outside of it; then the
/// nearest folder that holds everything.
fn source_root(parts: &[Part], style: &Style) -> Utf8PathBuf {
    let paths = || parts.iter().flat_map(Part::paths);
    if paths().all(|path| path.starts_with(&style.base)) {
        return style.base.clone();
    }
    let mut folders = paths().map(|path| match path.extension() {
        Some(_) => path.parent().unwrap_or(path),
        None => path,
    });
    let first = folders.next().unwrap_or(&style.base).to_owned();
    folders.fold(first, |common, folder| common_folder(&common, folder))
}

struct Writer<'a> {
    knowledge: &'a Knowledge,
    root: Utf8PathBuf,
    rules: Vec<Value>,
    /// Rule ids to their place in `rules`.
    places: BTreeMap<String, usize>,
    /// How often each fingerprint was given.
    fingerprints: BTreeMap<String, usize>,
}

impl Writer<'_> {
    fn uri(&self, file: &camino::Utf8Path) -> String {
        encoded(&relative_to(&self.root, file))
    }

    fn rule(&mut self, finding: &Finding) -> usize {
        if let Some(place) = self.places.get(&finding.id) {
            return *place;
        }
        let place = self.rules.len();
        self.rules.push(rule::rule(finding, self.knowledge));
        self.places.insert(finding.id.clone(), place);
        place
    }

    fn result(&mut self, seen: &Seen) -> Value {
        let Seen { finding, places } = seen;
        let rule = self.rule(finding);
        let first = places.first().map(|place| self.location(place, None));
        let related = places.iter().enumerate().skip(1);
        let related: Vec<Value> = related
            .map(|(number, place)| self.location(place, Some(number)))
            .collect();
        let uri = places.first().map(|place| self.uri(&place.file));
        let fingerprint = self.fingerprint(finding, &uri.unwrap_or_default());
        let mut result = json!({
            "ruleId": finding.id,
            "ruleIndex": rule,
            "level": finding.level.word(),
            "message": message(finding),
            "locations": first.into_iter().collect::<Vec<_>>(),
            "relatedLocations": related,
            "partialFingerprints": {
                "wasmtimeUpgrade/v1": fingerprint,
                "primaryLocationLineHash": fingerprint,
            },
            "properties": {
                "kind": finding.kind,
                "exposure": finding.exposure,
                "package": finding.package,
                "version": finding.version,
                "fixedIn": finding.fixed_in,
            },
        });
        if let Some(waived) = &finding.waived {
            result["suppressions"] = json!([{
                "kind": "external",
                "status": "accepted",
                "justification": format!("{} (until {})", waived.reason, waived.until),
            }]);
        }
        result
    }

    /// The hash, and which one of its kind it is: two results never have the same.
    fn fingerprint(&mut self, finding: &Finding, uri: &str) -> String {
        let version = finding.version.to_string();
        let mut hash = Sha256::new();
        for part in [&finding.id, uri, &finding.package, &version] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let hash = hash.finalize()[..16]
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let count = self.fingerprints.entry(hash.clone()).or_default();
        *count += 1;
        format!("{hash}:{count}")
    }

    fn location(&self, place: &Place, number: Option<usize>) -> Value {
        let mut physical = json!({
            "artifactLocation": { "uri": self.uri(&place.file), "uriBaseId": SOURCE_ROOT },
            "region": region(place),
        });
        if let Some(excerpt) = &place.excerpt {
            physical["contextRegion"] = json!({
                "startLine": place.line,
                "endLine": place.line,
                "snippet": { "text": excerpt.line },
            });
        }
        let mut location = json!({
            "physicalLocation": physical,
            "message": { "text": place.message },
        });
        if let Some(number) = number {
            location["id"] = number.into();
        }
        location
    }

    fn notifications(&self, part: &Part) -> Vec<Value> {
        let failed = part
            .failure
            .iter()
            .map(|why| json!({ "level": "error", "message": { "text": why } }));
        let passed = part.not_looked_at.iter().map(|(file, passed)| {
            json!({
                "level": "note",
                "message": { "text": format!("not looked at: {}: {}", passed.path, passed.reason) },
                "locations": [{ "physicalLocation": { "artifactLocation": {
                    "uri": self.uri(file), "uriBaseId": SOURCE_ROOT,
                } } }],
            })
        });
        failed.chain(passed).collect()
    }
}

fn region(place: &Place) -> Value {
    let mut region = json!({
        "startLine": place.line,
        "startColumn": place.column,
        "byteOffset": place.start,
        "byteLength": place.end - place.start,
    });
    if let Some(excerpt) = &place.excerpt {
        region["endLine"] = excerpt.end.line.into();
        // The column behind the last character.
        region["endColumn"] = excerpt.end.column.into();
        region["charOffset"] = excerpt.char_offset.into();
        region["charLength"] = excerpt.char_length.into();
        region["snippet"] = json!({ "text": excerpt.text });
    }
    region
}

fn message(finding: &Finding) -> Value {
    let text = format!(
        "{} ({}). {}. To do: {}.",
        finding.title,
        subject(finding),
        verdict(finding),
        finding.help
    );
    // In plain text, brackets make a link to a related location: ours mean themselves.
    let escaped = text
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]");
    json!({ "text": escaped })
}

/// A path as the reference of an URI.
pub(super) fn encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |mut uri, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(byte.into()),
            b'-' | b'.' | b'_' | b'~' | b'/' | b'+' | b'@' | b'=' | b',' => uri.push(byte.into()),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
        uri
    })
}
