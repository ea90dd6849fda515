//! From the text of a policy file to a [`Policy`].

use camino::Utf8PathBuf;
use toml_edit::{Document, Item, TableLike};

use super::rehearsal::rehearsal;
use super::value::{File, key_span};
use super::{FeatureSet, LevelRule, MAX_WAIVER_DAYS, Policy, Subject, SupportPolicy, Waiver};
use crate::error::Result;
use crate::finding::Exposure;
use crate::knowledge::Kind;
use crate::rehearse::protocol::SWITCHES;
use crate::span::Span;
use crate::suggest::nearest;
use crate::workspace::Placed;

/// Every key that is understood, by the table it stands in; `""` is the file itself. `[levels]` is
/// not here: its keys are ids, kinds and exposures.
pub const KEYS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "fail-level",
            "max-waiver-days",
            "levels",
            "support",
            "waive",
            "upgrade",
            "rehearse",
        ],
    ),
    ("upgrade", &["feature-sets"]),
    ("support", &["warn-days", "lts-only"]),
    ("waive", &["id", "reason", "until"]),
    (
        "rehearse",
        &[
            "guests",
            "args",
            "env",
            "stdin",
            "invoke",
            "requests",
            "stub",
            "pooling",
            "max-wasm-stack",
            "async-stack-size",
            "config",
            "guest",
            "expect",
        ],
    ),
    ("rehearse.config", SWITCHES),
    (
        "rehearse.guest",
        &["path", "args", "env", "stdin", "invoke", "requests"],
    ),
    (
        "rehearse.expect",
        &["guest", "aspect", "within-percent", "reason", "until"],
    ),
];

/// No line is supported for longer, and nobody looks further ahead.
const MOST_DAYS: u16 = 3650;

pub(super) fn keys(table: &str) -> &'static [&'static str] {
    let found = KEYS.iter().find(|(name, _)| *name == table);
    found.map_or(&[], |(_, keys)| keys)
}

/// Reads a policy; see [`Policy::parse`].
pub(super) fn policy(path: Utf8PathBuf, text: String) -> Result<Policy> {
    let file = File {
        path: &path,
        text: &text,
    };
    let document = Document::parse(text.as_str()).map_err(|error| {
        file.malformed(
            error.span().unwrap_or_default().into(),
            format!("no valid TOML: {}", error.message().trim()),
            "mend the file; https://toml.io shows how it is written",
        )
    })?;
    let root = document.as_table();
    file.refuse_unknown_keys(root, "", keys(""))?;
    let fail_level = root.get("fail-level").map(|item| file.level(item));
    let max_waiver_days = root
        .get("max-waiver-days")
        .map(|item| file.days(item, 1, MOST_DAYS));
    let policy = Policy {
        fail_level: fail_level.transpose()?,
        max_waiver_days: max_waiver_days.transpose()?.unwrap_or(MAX_WAIVER_DAYS),
        levels: levels(file, root)?,
        support: support(file, root)?,
        waivers: waivers(file, root)?,
        feature_sets: feature_sets(file, root)?,
        rehearsal: rehearsal(file, root)?,
        path: Utf8PathBuf::new(),
        text: String::new(),
    };
    Ok(Policy {
        path,
        text,
        ..policy
    })
}

/// The table of that name.
pub(super) fn table<'a>(
    file: File<'_>,
    root: &'a dyn TableLike,
    name: &str,
) -> Result<Option<&'a dyn TableLike>> {
    let Some(item) = root.get(name) else {
        return Ok(None);
    };
    let table = item.as_table_like().ok_or_else(|| {
        file.malformed(
            key_span(root, name, item),
            format!("`{name}` is no table"),
            format!("write `[{name}]` on a line of its own, its keys below"),
        )
    });
    table.map(Some)
}

fn support(file: File<'_>, root: &dyn TableLike) -> Result<SupportPolicy> {
    let mut policy = SupportPolicy::default();
    let Some(table) = table(file, root, "support")? else {
        return Ok(policy);
    };
    file.refuse_unknown_keys(table, "[support]", keys("support"))?;
    if let Some(item) = table.get("warn-days") {
        policy.warn_days = file.days(item, 0, MOST_DAYS)?;
    }
    if let Some(item) = table.get("lts-only") {
        policy.lts_only = file.boolean(item)?;
    }
    Ok(policy)
}

fn feature_sets(file: File<'_>, root: &dyn TableLike) -> Result<Vec<FeatureSet>> {
    let help = "write for example `feature-sets = [\"\", \"--all-features\"]`; an empty text is the default";
    let Some(table) = table(file, root, "upgrade")? else {
        return Ok(Vec::new());
    };
    file.refuse_unknown_keys(table, "[upgrade]", keys("upgrade"))?;
    let Some(item) = table.get("feature-sets") else {
        return Ok(Vec::new());
    };
    let at = key_span(table, "feature-sets", item);
    let Some(array) = item.as_array() else {
        return Err(file.malformed(at, "`feature-sets` is no list", help));
    };
    let sets = array.iter().map(|value| {
        let span = value.span().unwrap_or_default().into();
        let Some(text) = value.as_str() else {
            return Err(file.malformed(span, "this is no text", help));
        };
        let set = text.parse::<FeatureSet>();
        set.map_err(|message| file.malformed(span, message, help))
    });
    sets.collect()
}

fn levels(file: File<'_>, root: &dyn TableLike) -> Result<Vec<LevelRule>> {
    let Some(table) = table(file, root, "levels")? else {
        return Ok(Vec::new());
    };
    let mut rules = Vec::new();
    for (key, item) in table.iter() {
        let span = key_span(table, key, item);
        let value = subject(key).map_err(|other| {
            file.malformed(
                span,
                format!("`{key}` in `[levels]` is neither a kind nor an exposure"),
                format!("did you mean `{other}`?"),
            )
        })?;
        rules.push(LevelRule {
            subject: Placed { value, span },
            level: file.level(item)?,
        });
    }
    Ok(rules)
}

/// What a key under `[levels]` speaks of. Ids are data and can be newer than this program, so an
/// unknown one becomes a finding, but a word that is nearly a kind is a mistake: then the right one
/// is the error.
fn subject(key: &str) -> std::result::Result<Subject, &'static str> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == key);
    let exposure = Exposure::ALL.into_iter().find(|e| e.word() == key);
    if let Some(subject) = kind
        .map(Subject::Kind)
        .or_else(|| exposure.map(Subject::Exposure))
    {
        return Ok(subject);
    }
    let words = || {
        let kinds = Kind::ALL.into_iter().map(Kind::word);
        kinds.chain(Exposure::ALL.into_iter().map(Exposure::word))
    };
    // Ids are longer than the words that they begin with (`support-ended`).
    match nearest(key, words()) {
        Some(word) if key.len().abs_diff(word.len()) <= 2 => Err(word),
        _ => Ok(Subject::Id(key.to_owned())),
    }
}

fn waivers(file: File<'_>, root: &dyn TableLike) -> Result<Vec<Waiver>> {
    let Some(item) = root.get("waive") else {
        return Ok(Vec::new());
    };
    let mut waivers: Vec<Waiver> = Vec::new();
    for (table, span) in list_of_tables(file, root, ("waive", "waive"), item)? {
        let waiver = waiver(file, table, span)?;
        if waivers
            .iter()
            .any(|other| other.id.value == waiver.id.value)
        {
            return Err(file.malformed(
                waiver.id.span,
                format!("`{}` is waived twice", waiver.id.value),
                "keep one of the two waivers",
            ));
        }
        waivers.push(waiver);
    }
    Ok(waivers)
}

/// `[[NAME]]`, or the same as an array of inline tables. The name is given as the last key and in
/// whole.
pub(super) fn list_of_tables<'a>(
    file: File<'_>,
    table: &dyn TableLike,
    (key, name): (&str, &str),
    item: &'a Item,
) -> Result<Vec<(&'a dyn TableLike, Span)>> {
    let help = format!(
        "write `[[{name}]]` on a line of its own, and {} below",
        enumerated(keys(name))
    );
    if let Some(tables) = item.as_array_of_tables() {
        let placed = tables.iter().map(|table| {
            let span = table.span().unwrap_or_default().into();
            (table as &dyn TableLike, span)
        });
        return Ok(placed.collect());
    }
    let Some(array) = item.as_array() else {
        let at = key_span(table, key, item);
        return Err(file.malformed(at, format!("`{key}` is no list of tables"), help));
    };
    let placed = array.iter().map(|value| {
        let span = value.span().unwrap_or_default().into();
        match value.as_inline_table() {
            Some(table) => Ok((table as &dyn TableLike, span)),
            None => Err(file.malformed(span, "this is no table", help.as_str())),
        }
    });
    placed.collect()
}

/// `` `a`, `b` and `c` ``.
fn enumerated(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

fn waiver(file: File<'_>, table: &dyn TableLike, span: Span) -> Result<Waiver> {
    file.refuse_unknown_keys(table, "[[waive]]", keys("waive"))?;
    let get = |key: &str, help: &str| {
        table
            .get(key)
            .ok_or_else(|| file.malformed(span, format!("this waiver has no `{key}`"), help))
    };
    Ok(Waiver {
        id: file.text(get("id", "name the finding: `id = \"..\"`")?)?,
        reason: file
            .text(get(
                "reason",
                "say why it is no danger here: `reason = \"..\"`",
            )?)?
            .value,
        until: file.date(get("until", "say how long: `until = 2026-12-31`")?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_nearly_a_kind_is_a_mistake_and_an_id_is_not() {
        assert_eq!(subject("support"), Ok(Subject::Kind(Kind::Support)));
        assert_eq!(
            subject("possible"),
            Ok(Subject::Exposure(Exposure::Possible))
        );
        assert_eq!(subject("suport"), Err("support"));
        assert_eq!(subject("advisories"), Err("advisory"));
        assert_eq!(subject("behavior-change"), Err("behaviour-change"));
        for id in [
            "support-ended",
            "GHSA-xxxx-xxxx-xxxx",
            "CVE-2026-1",
            "not-lts",
        ] {
            assert_eq!(subject(id), Ok(Subject::Id(id.to_owned())), "{id}");
        }
    }
}
