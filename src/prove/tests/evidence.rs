use super::*;

#[test]
fn a_file_is_sorted_and_reads_back_as_it_was() {
    let matrix = matrix();
    let evidence = good_evidence(&matrix);
    let text = evidence.render();
    assert_eq!(Evidence::parse(&text).unwrap(), evidence);
    assert_eq!(Evidence::parse(&text).unwrap().render(), text);
    let hash = &matrix.cases(&release("30.0.0"))[1].hash;
    assert!(text.contains(&format!(
        "\n[[run]]\nrelease = \"30.0.0\"\nrustc = \"1.95.0\"\ndate = 2026-01-31\ncases = [\n    \
         {{ case = \"off/odd\", hash = \"{hash}\", result = \"ok\" }},\n"
    )));
    assert!(text.contains("result = \"E0277\", count = 2, message = \"`Rc<u8>` is odd\" },\n"));
    let releases: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("release"))
        .collect();
    assert_eq!(
        releases,
        [
            "release = \"30.0.0\"",
            "release = \"33.0.0\"",
            "release = \"36.0.20\""
        ]
    );
}

#[test]
fn messages_with_quotes_survive() {
    let matrix = matrix();
    let mut evidence = good_evidence(&matrix);
    let odd = "expected \"a\\b\", found 'c' and `d`";
    for row in evidence.rows.values_mut() {
        if let Verdict::Fails { message, .. } = &mut row.verdict {
            message.clone_from(&odd.to_owned());
        }
    }
    assert_eq!(Evidence::parse(&evidence.render()).unwrap(), evidence);
}

#[test]
fn a_broken_file_is_refused() {
    let text = good_evidence(&matrix()).render();
    for (old, new, reason) in [
        ("count = 2, ", "", "an error code with its count"),
        ("count = 2", "count = 0", "an error code with its count"),
        (
            "result = \"ok\"",
            "result = \"ok\", count = 1",
            "`ok` stands alone",
        ),
        (
            "result = \"ok\"",
            "result = \"not run\"",
            "`ok` stands alone",
        ),
        (
            "case = \"off/plain\"",
            "case = \"off/odd\"",
            "30.0.0 off/odd stands there twice",
        ),
        ("2026-01-31", "2026-01-31T00:00:00Z", "is no date"),
        ("rustc =", "compiler =", "unknown field"),
    ] {
        assert!(text.contains(old), "{old}");
        let error = Evidence::parse(&text.replacen(old, new, 1)).unwrap_err();
        assert!(error.contains(reason), "{new}: {error}");
    }
}

/// The evidence for some releases only.
fn part(evidence: &Evidence, releases: &[&str]) -> Evidence {
    let mut part = evidence.clone();
    part.rows
        .retain(|(release, _), _| releases.contains(&release.to_string().as_str()));
    part
}

#[test]
fn partitions_merge_in_any_order() {
    let whole = good_evidence(&matrix());
    let (a, b) = (
        part(&whole, &["30.0.0", "36.0.20"]),
        part(&whole, &["33.0.0", "36.0.20"]),
    );
    assert_eq!(a.clone().merge(b.clone()).unwrap(), whole);
    assert_eq!(b.merge(a).unwrap(), whole);
}

#[test]
fn the_later_day_and_then_the_newer_compiler_wins() {
    let old = good_evidence(&matrix());
    let mut later = part(&old, &["30.0.0"]);
    for row in later.rows.values_mut() {
        row.date = jiff::civil::date(2026, 2, 1);
        row.rustc = "1.9.0".to_owned();
        row.verdict = Verdict::Ok;
    }
    let merged = old.clone().merge(later.clone()).unwrap();
    assert_eq!(merged, later.clone().merge(old.clone()).unwrap());
    assert_eq!(part(&merged, &["30.0.0"]), later);
    assert_eq!(part(&merged, &["33.0.0"]), part(&old, &["33.0.0"]));

    let mut newer = later.clone();
    for row in newer.rows.values_mut() {
        row.rustc = "1.10.0".to_owned();
    }
    assert_eq!(
        part(&newer.clone().merge(later).unwrap(), &["30.0.0"]),
        newer
    );
}

#[test]
fn evidence_that_disagrees_does_not_merge() {
    let ours = good_evidence(&matrix());
    let mut theirs = ours.clone();
    for row in theirs.rows.values_mut() {
        row.verdict = Verdict::Ok;
    }
    let error = ours.clone().merge(theirs).unwrap_err();
    assert!(
        error.contains("disagree about 30.0.0 on/odd: 2 errors E0277"),
        "{error}"
    );
    let mut other = ours.clone();
    other.proof = "other".to_owned();
    assert!(ours.merge(other).is_err());
}

#[test]
fn good_evidence_has_no_problems_and_is_fresh() {
    let matrix = matrix();
    let evidence = good_evidence(&matrix);
    assert_eq!(audit(&matrix, Some(&evidence)), []);
    assert!(
        matrix
            .releases
            .iter()
            .all(|release| evidence.is_fresh(&matrix, release))
    );
}

/// What is wrong with the evidence, one line each.
fn problems(matrix: &Matrix, evidence: &Evidence) -> Vec<String> {
    let problems = audit(matrix, Some(evidence));
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn every_way_of_tampering_is_caught() {
    let matrix = matrix();
    let text = good_evidence(&matrix).render();
    let tampered = |old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        problems(
            &matrix,
            &Evidence::parse(&text.replacen(old, new, 1)).unwrap(),
        )
    };
    let hash = matrix.cases(&release("30.0.0"))[1].hash.clone();
    assert_eq!(
        tampered(&hash, "0000000000000000"),
        ["small 30.0.0 off/odd: the case has changed since its evidence was made; run `prove`"]
    );
    assert_eq!(
        tampered(
            "result = \"E0277\", count = 2, message = \"`Rc<u8>` is odd\"",
            "result = \"ok\""
        ),
        ["small 30.0.0 on/odd: expected E0277: `Rc..` is odd; the compiler said it compiles"]
    );
    assert_eq!(
        tampered("`Rc<u8>` is odd", "`Arc<u8>` is odd"),
        [
            "small 30.0.0 on/odd: expected E0277: `Rc..` is odd; the compiler said 2 errors E0277: `Arc<u8>` is odd"
        ]
    );
    assert_eq!(tampered("\"E0277\"", "\"E0308\"").len(), 1);
    assert_eq!(
        tampered("case = \"off/odd\"", "case = \"off/even\""),
        [
            "small 30.0.0 off/odd: there is no evidence; run `prove`",
            "small 30.0.0 off/even: evidence for a case that the proof does not have"
        ]
    );
    let gone = tampered("\"30.0.0\"", "\"31.0.0\"");
    assert_eq!(gone.len(), 8, "{gone:?}");
}

#[test]
fn a_changed_proof_makes_its_evidence_stale_or_missing() {
    let evidence = good_evidence(&matrix());
    let changed = |old: &str, new: &str| {
        let matrix = Matrix::parse(&PROOF.replacen(old, new, 1)).unwrap();
        let kinds = audit(&matrix, Some(&evidence))
            .into_iter()
            .map(|problem| problem.kind);
        let fresh = matrix
            .releases
            .iter()
            .filter(|release| evidence.is_fresh(&matrix, release));
        (kinds.collect::<Vec<_>>(), fresh.count())
    };
    let (template, fresh) = changed("type Data", "pub type Data");
    assert_eq!((template, fresh), (vec![ProblemKind::Stale; 12], 0));
    let (features, fresh) = changed("\"runtime\", ", "");
    assert_eq!((features, fresh), (vec![ProblemKind::Stale; 12], 0));
    let (spelling, fresh) = changed("\"newer,\"", "\"newest,\"");
    assert_eq!((spelling, fresh), (vec![ProblemKind::Stale; 2], 2));
    let (release, fresh) = changed("\"33.0.0\"", "\"33.0.0\", \"34.0.2\"");
    assert_eq!((release, fresh), (vec![ProblemKind::Missing; 4], 3));
    let (value, _) = changed(
        "\"off\" },\n",
        "\"off\" },\n    { name = \"up\", fill = [{ options = \"up,\" }] },\n",
    );
    assert_eq!(value, vec![ProblemKind::Missing; 6]);
    let (rule, fresh) = changed("`Rc..` is odd", "`Arc..` is odd");
    assert!(
        rule.iter()
            .all(|kind| matches!(kind, ProblemKind::Contradicts { .. }))
    );
    assert_eq!((rule.len(), fresh), (2, 3));
    assert_eq!(audit(&matrix(), None).len(), 12);
}

#[test]
fn pruning_takes_out_what_is_evidence_for_nothing() {
    let mut evidence = good_evidence(&matrix());
    let matrix = Matrix::parse(&PROOF.replacen("\"33.0.0\", ", "", 1).replacen(
        "\"newer,\"",
        "\"newest,\"",
        1,
    ))
    .unwrap();
    evidence.prune(&matrix);
    let rows: Vec<_> = evidence
        .rows
        .keys()
        .map(|(release, case)| format!("{release} {case}"))
        .collect();
    assert_eq!(
        rows,
        [
            "30.0.0 off/odd",
            "30.0.0 off/plain",
            "30.0.0 on/odd",
            "30.0.0 on/plain",
            "36.0.20 off/odd",
            "36.0.20 off/plain"
        ]
    );
}
