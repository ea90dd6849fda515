//! The police of the knowledge base: what a program can't be trusted to notice when it reads data.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use wasmtime_upgrade::knowledge::features::FeatureFate;
use wasmtime_upgrade::knowledge::{self, Confidence, Kind, Knowledge};
use wasmtime_upgrade::prove;
use wasmtime_upgrade::version::Line;

fn knowledge() -> Knowledge {
    Knowledge::parse(knowledge::files()).unwrap()
}

#[test]
fn what_the_build_has_read_is_what_the_files_say() {
    let (read, embedded) = (knowledge(), Knowledge::embedded());
    for (name, from_files, from_build) in [
        (
            "entries",
            format!("{:#?}", read.entries),
            format!("{:#?}", embedded.entries),
        ),
        (
            "releases",
            format!("{:#?}", read.releases),
            format!("{:#?}", embedded.releases),
        ),
        (
            "family",
            format!("{:#?}", read.family),
            format!("{:#?}", embedded.family),
        ),
        (
            "features",
            format!("{:#?}", read.features),
            format!("{:#?}", embedded.features),
        ),
        (
            "options",
            format!("{:#?}", read.grammar),
            format!("{:#?}", embedded.grammar),
        ),
        (
            "paths",
            format!("{:#?} {:#?}", read.paths, read.adopted_errors),
            format!("{:#?} {:#?}", embedded.paths, embedded.adopted_errors),
        ),
    ] {
        assert!(from_files.len() > 100, "{name}");
        assert_eq!(from_files, from_build, "{name}");
    }
}

#[test]
fn every_entry_is_called_like_its_file_and_says_something() {
    let knowledge = knowledge();
    let files: BTreeSet<String> = knowledge::files()
        .filter_map(|(path, _)| {
            let name = path
                .strip_prefix("regressions/")
                .or_else(|| path.strip_prefix("advisories/"))?;
            name.strip_suffix(".md")
        })
        .map(str::to_owned)
        .collect();
    let ids: BTreeSet<String> = knowledge
        .entries
        .iter()
        .map(|entry| entry.id.clone())
        .collect();
    assert_eq!(files, ids);
    assert!(!ids.is_empty());
    for entry in &knowledge.entries {
        assert!(
            entry.prose.len() > 200,
            "{}: explain has little to say",
            entry.id
        );
        assert!(
            !entry.title.is_empty() && !entry.remedy.is_empty(),
            "{}",
            entry.id
        );
        assert!(
            knowledge.family.get(&entry.package).is_some(),
            "{}",
            entry.id
        );
    }
}

#[test]
fn ranges_cover_known_releases_and_fixed_ones_are_fixed() {
    let knowledge = knowledge();
    for entry in &knowledge.entries {
        let affected = knowledge
            .releases
            .iter()
            .filter(|r| entry.affects(&r.version))
            .count();
        assert!(affected > 0, "{}: no release is affected", entry.id);
        // A change on purpose is not fixed, and what is on purpose is no advisory.
        let on_purpose = entry.kind == Kind::BehaviourChange;
        assert!(on_purpose || !entry.fixed_in.is_empty(), "{}", entry.id);
        for fixed in &entry.fixed_in {
            let upstream = knowledge.releases.upstream.contains(fixed);
            assert!(
                upstream || knowledge.releases.get(fixed).is_some(),
                "{}: {fixed} is unknown",
                entry.id
            );
            assert!(
                !entry.affects(fixed),
                "{}: {fixed} is fixed and affected",
                entry.id
            );
        }
    }
}

#[test]
fn links_are_well_formed_and_proven_entries_have_a_proof() {
    let proofs: BTreeSet<String> = prove::matrices()
        .unwrap()
        .into_iter()
        .map(|matrix| matrix.id)
        .collect();
    for entry in knowledge().entries {
        assert!(!entry.links.is_empty(), "{}", entry.id);
        for link in &entry.links {
            let rest = link.strip_prefix("https://").unwrap_or_default();
            assert!(
                rest.contains('.') && rest.contains('/') && !rest.contains(' '),
                "{link}"
            );
        }
        match (&entry.proof, entry.confidence) {
            (Some(proof), _) => assert!(proofs.contains(proof), "{}: {proof}", entry.id),
            (None, confidence) => assert_ne!(confidence, Confidence::Proven, "{}", entry.id),
        }
    }
}

#[test]
fn the_release_table_keeps_wasmtimes_own_rules() {
    let releases = knowledge().releases;
    let lines: Vec<u64> = releases.lines().map(|line| line.line.0).collect();
    assert_eq!(
        lines,
        (22..=50).collect::<Vec<_>>(),
        "a line a month, none left out"
    );
    for line in releases.lines() {
        assert_eq!(
            line.lts,
            line.line.0 % 12 == 0,
            "every twelfth line is an LTS: {}",
            line.line
        );
        // Line 20 came on 2024-04-20, and one a month since.
        let month = 2024 * 12 + 3 + (line.line.0 as i16 - 20) + if line.lts { 24 } else { 2 };
        let ends = jiff::civil::date(month / 12, (month % 12 + 1) as i8, 20);
        assert_eq!(line.supported_until, ends, "{}", line.line);
    }
    for pair in releases.iter().collect::<Vec<_>>().windows(2) {
        if pair[0].version.line() == pair[1].version.line() {
            assert!(
                pair[0].published <= pair[1].published,
                "{}",
                pair[1].version
            );
        }
    }
    assert!(
        releases
            .iter()
            .all(|release| release.published.is_some_and(|day| day <= releases.date))
    );
}

#[test]
fn the_family_is_consistent() {
    let knowledge = knowledge();
    for member in knowledge.family.iter() {
        if let Some(next) = &member.renamed_to {
            let until = member
                .until
                .unwrap_or_else(|| panic!("{} goes on", member.name));
            let next = knowledge.family.get(next).unwrap();
            assert!(next.exists_in(Line(until.0 + 1)), "{}", member.name);
        }
        if let Some(next) = &member.replaced_by {
            let behind = Line(member.until.expect("it goes on").0 + 1);
            let replaced = knowledge.family.replacement_in(&member.name, behind);
            assert_eq!(&replaced.unwrap().new.name, next);
            for feature in member.replaced_features.values() {
                let fate = knowledge.features.fate(next, feature, behind);
                assert_eq!(fate, FeatureFate::Stays, "{next}/{feature}");
            }
        }
        assert!(member.since.unwrap_or(Line(22)) <= member.until.unwrap_or(Line(50)));
        if let Some(types_of) = &member.types_of {
            // Of the same numbers, there from the first line on, and nobody's own sibling.
            let core = knowledge.family.get(types_of).unwrap();
            assert_eq!(core.numbering, member.numbering, "{}", member.name);
            assert_eq!(
                (core.since, core.until, &core.types_of),
                (None, None, &None),
                "{}",
                member.name
            );
        }
    }
    for (name, line, there) in [
        ("wasmtime", 22, true),
        ("wasi-common", 46, true),
        ("wasi-common", 47, false),
        ("wasmtime-cache", 35, false),
        ("wasmtime-internal-cache", 35, true),
        ("wasmtime-wasi-tls", 32, true),
    ] {
        assert_eq!(
            knowledge.family.get(name).unwrap().exists_in(Line(line)),
            there,
            "{name} {line}"
        );
    }
}

#[test]
fn items_that_moved_have_one_path_a_line_and_are_never_lost_between() {
    let knowledge = knowledge();
    assert!(knowledge.paths.iter().count() > 60);
    for item in knowledge.paths.iter() {
        let lines: Vec<Line> = (24..=50).map(Line).collect();
        let there: Vec<bool> = lines
            .iter()
            .map(|line| item.place_in(*line).is_some())
            .collect();
        let changes = there.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let name = item.places[0].name();
        assert!(there.contains(&true), "{name} is in no line");
        assert!(changes <= 2, "{name} has a gap");
        let everywhere = item
            .places
            .iter()
            .any(|p| p.since.is_none() && p.until.is_none());
        assert!(item.places.len() > 1 || !everywhere, "{name} never moved");
        for place in &item.places {
            let package = place.path[0].replace('_', "-");
            assert!(knowledge.family.get(&package).is_some(), "{name}");
            for line in lines.iter().filter(|line| place.is_in(**line)) {
                let stays = knowledge.paths.absent(&place.path, Some(*line), *line);
                assert_eq!(stays, None, "{} in line {line}", place.name());
            }
        }
    }
}

#[test]
fn options_of_bindgen_come_and_go_as_wasmtimes_parser_had_them() {
    let grammar = knowledge().grammar;
    for (option, accepted, refused) in [
        ("async", 35, 36),
        ("imports", 36, 35),
        ("features", 26, 27),
        ("verbose_tracing", 25, 24),
        ("anyhow", 42, 41),
        ("include_component_type", 48, 47),
    ] {
        assert!(
            grammar.accepts(option, Line(accepted)),
            "{option} {accepted}"
        );
        assert!(
            !grammar.accepts(option, Line(refused)),
            "{option} {refused}"
        );
    }
    assert!(!grammar.accepts("nonsense", Line(36)));
}
