//! Holds the committed evidence against the proofs: it must be there for every case of every
//! release, of the very programs that the proofs have now, say what they claim, and nothing more.
//! No compiler runs here; `prove` makes evidence anew.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use wasmtime_upgrade::knowledge::{self, Knowledge};
use wasmtime_upgrade::prove::{self, Evidence, Matrix, ProblemKind, Verdict};

fn proof(id: &str) -> Matrix {
    let mut all = prove::all(Knowledge::embedded()).unwrap();
    let place = all.iter().position(|matrix| matrix.id == id);
    all.swap_remove(place.unwrap())
}

/// The text of a committed file.
fn committed(path: &str) -> &'static str {
    knowledge::file(path).unwrap()
}

#[test]
fn every_case_has_fresh_evidence_that_says_what_the_proof_claims() {
    let evidence = prove::evidence().unwrap();
    let problems: Vec<_> = prove::all(Knowledge::embedded())
        .unwrap()
        .iter()
        .flat_map(|matrix| prove::audit(matrix, evidence.get(&matrix.id)))
        .map(|problem| problem.to_string())
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn proofs_and_evidence_come_in_pairs_named_after_their_id() {
    let names = |folder: &str, ending: &str| -> BTreeSet<String> {
        let paths = knowledge::files().map(|(path, _)| path);
        paths
            .filter_map(|path| path.strip_prefix(folder)?.strip_suffix(ending))
            .map(str::to_owned)
            .collect()
    };
    let proofs: BTreeSet<_> = prove::all(Knowledge::embedded())
        .unwrap()
        .into_iter()
        .map(|matrix| matrix.id)
        .collect();
    assert!(!proofs.is_empty());
    let of_files: BTreeSet<_> = proofs
        .iter()
        .filter(|id| !id.starts_with("migrations-"))
        .cloned()
        .collect();
    assert_eq!(names("proofs/", ".md"), of_files);
    assert_eq!(names("evidence/", ".toml"), proofs);
    assert_eq!(
        prove::evidence()
            .unwrap()
            .into_keys()
            .collect::<BTreeSet<_>>(),
        proofs
    );
}

#[test]
fn evidence_is_as_prove_writes_it() {
    for (id, evidence) in prove::evidence().unwrap() {
        assert_eq!(
            committed(&format!("evidence/{id}.toml")),
            evidence.render(),
            "{id}"
        );
    }
}

#[test]
fn proofs_speak_of_releases_that_can_be_had() {
    let knowledge = Knowledge::embedded();
    for matrix in prove::all(Knowledge::embedded()).unwrap() {
        for release in &matrix.releases {
            let known = knowledge.releases.get(release);
            assert!(
                known.is_some_and(knowledge::Release::selectable),
                "{} {release}",
                matrix.id
            );
        }
    }
}

#[test]
fn regressions_name_proofs_that_exist() {
    let proofs: BTreeSet<_> = prove::all(Knowledge::embedded())
        .unwrap()
        .into_iter()
        .map(|matrix| matrix.id)
        .collect();
    for entry in &Knowledge::embedded().entries {
        if let Some(proof) = &entry.proof {
            assert!(proofs.contains(proof), "{} names {proof}", entry.id);
        }
    }
}

/// A regression's range is right when the case that shows it fails in exactly the releases of the
/// range, among those that were compiled.
#[test]
fn ranges_of_regressions_are_what_was_seen() {
    let evidence = prove::evidence().unwrap();
    for (entry, proof, case) in [
        (
            "bindgen-send-bound-on-exports",
            "store-data-send",
            "unset/unset/non-send",
        ),
        (
            "bindgen-send-bound-on-exports",
            "store-data-send",
            "false/false/non-send",
        ),
        (
            "bindgen-required-send-fails-when-sync",
            "store-data-send",
            "unset/true/send",
        ),
        (
            "bindgen-required-send-fails-when-sync",
            "required-send-when-sync",
            "interface/unset",
        ),
        (
            "bindgen-missing-send-with-remapped-imports",
            "bindgen-remapped-imports",
            "nothing/unset",
        ),
        (
            "bindgen-missing-send-with-remapped-imports",
            "bindgen-remapped-imports",
            "sync/unset",
        ),
        (
            "bindgen-anyhow-true-incomplete",
            "bindgen-anyhow",
            "resource",
        ),
        (
            "bindgen-anyhow-true-incomplete",
            "bindgen-anyhow",
            "without-result",
        ),
        (
            "bindgen-anyhow-true-incomplete",
            "bindgen-anyhow",
            "error-type",
        ),
        (
            "bindgen-clone-derive-on-futures-streams",
            "bindgen-clone-of-streams",
            "stream/nothing",
        ),
    ] {
        let known = Knowledge::embedded().entry(entry).unwrap();
        let rows = evidence[proof]
            .rows
            .iter()
            .filter(|((_, name), _)| name == case);
        let mut answers = BTreeMap::from([(true, 0), (false, 0)]);
        for ((release, _), row) in rows {
            let fails = row.verdict != Verdict::Ok;
            assert_eq!(known.affects(release), fails, "{entry} {release}");
            *answers.entry(fails).or_default() += 1;
        }
        // A range is seen from both sides.
        assert!(
            answers.values().all(|count| *count > 0),
            "{entry} {case}: {answers:?}"
        );
    }
}

/// What `audit` finds wrong with a proof and evidence of these texts.
fn problems(proof: &str, evidence: &str) -> Vec<ProblemKind> {
    let matrix = Matrix::parse(proof).unwrap();
    let evidence = Evidence::parse(evidence).unwrap();
    let problems = prove::audit(&matrix, Some(&evidence));
    problems.into_iter().map(|problem| problem.kind).collect()
}

#[test]
fn tampering_with_the_committed_files_is_caught() {
    let (proof, evidence) = (
        committed("proofs/store-data-send.md"),
        committed("evidence/store-data-send.toml"),
    );
    assert_eq!(problems(proof, evidence), []);
    let tamper = |text: &str, old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    };

    // A case changes: one letter of the program, a feature, how one line spells one option.
    let changed = tamper(proof, "pub seen:", "pub saw:");
    assert_eq!(
        problems(&changed, evidence),
        vec![ProblemKind::Stale; 21 * 18]
    );
    let changed = tamper(proof, "\"runtime\", ", "");
    assert_eq!(
        problems(&changed, evidence),
        vec![ProblemKind::Stale; 21 * 18]
    );
    let changed = tamper(
        proof,
        "\"exports: { default: async },\"",
        "\"exports: { default: async | trappable },\"",
    );
    assert_eq!(
        problems(&changed, evidence),
        vec![ProblemKind::Stale; 7 * 6]
    );

    // The evidence changes: a failure is hidden, a success invented away, a run taken out.
    let failure = ", result = \"E0277\", count = 4, message = \"`Rc<RefCell<Vec<std::string::String>>>` cannot be sent between threads safely\"";
    let changed = tamper(evidence, failure, ", result = \"ok\"");
    assert!(matches!(
        problems(proof, &changed)[..],
        [ProblemKind::Contradicts { .. }]
    ));
    let changed = tamper(evidence, ", result = \"ok\"", failure);
    assert!(matches!(
        problems(proof, &changed)[..],
        [ProblemKind::Contradicts { .. }]
    ));
    let first_run = evidence.find("[[run]]").unwrap();
    let second_run = first_run + evidence[first_run + 1..].find("[[run]]").unwrap() + 1;
    let changed = format!("{}{}", &evidence[..first_run], &evidence[second_run..]);
    assert_eq!(problems(proof, &changed), vec![ProblemKind::Missing; 18]);

    // A release or a case is no longer part of the proof.
    let changed = tamper(proof, "\"31.0.0\", ", "");
    assert_eq!(problems(&changed, evidence), vec![ProblemKind::Gone; 18]);
}

#[test]
fn evidence_in_parts_is_the_whole_evidence() {
    let matrix = proof("store-data-send");
    let whole = &prove::evidence().unwrap()[&matrix.id];
    let mut merged = Evidence::empty(&matrix);
    for part in 1..=4 {
        let partition: prove::Partition = format!("count:{part}/4").parse().unwrap();
        let mut of_part = whole.clone();
        of_part.rows.retain(|(release, _), _| {
            let position = matrix.releases.iter().position(|known| known == release);
            partition.holds(position.unwrap())
        });
        assert!(of_part.rows.len() < whole.rows.len());
        merged = of_part.merge(merged).unwrap();
    }
    assert_eq!(merged.render(), whole.render());
}
