use super::*;

#[test]
fn the_full_table_has_a_column_a_case() {
    let matrix = matrix();
    let outcome = ProofOutcome::of_evidence(&matrix, &good_evidence(&matrix));
    let whole = "\
flag     off         on
data     plain  odd  plain  odd
30.0.0   ok     ok   E0277  E0277
33.0.0   ok     ok   ok     ok
36.0.20  ok     ok   ok     ok
";
    assert_eq!(text(&matrix, &outcome, 80), whole);
    assert_eq!(text(&matrix, &outcome, 33), whole);
}

#[test]
fn a_table_that_is_too_wide_is_cut_by_the_first_axis() {
    let matrix = matrix();
    let outcome = ProofOutcome::of_evidence(&matrix, &good_evidence(&matrix));
    assert_eq!(
        text(&matrix, &outcome, 32),
        "\
flag     off
data     plain  odd
30.0.0   ok     ok
33.0.0   ok     ok
36.0.20  ok     ok

flag     on
data     plain  odd
30.0.0   E0277  E0277
33.0.0   ok     ok
36.0.20  ok     ok
"
    );
}

#[test]
fn the_documentation_table_speaks_in_the_words_of_the_rules() {
    let matrix = matrix();
    let mut evidence = good_evidence(&matrix);
    let outcome = ProofOutcome::of_evidence(&matrix, &evidence);
    assert_eq!(
        markdown(&matrix, &outcome),
        "\
| release | off | off or on |
|---|---|---|
| 30.0.0 | compiles | compiles; fails |
| 33.0.0, 36.0.20 | compiles | compiles |
"
    );

    // What does not fit has no words, and what is missing is not good.
    let row = evidence
        .rows
        .get_mut(&(release("33.0.0"), "off/odd".to_owned()));
    row.unwrap().verdict = Verdict::Fails {
        code: "E0001".to_owned(),
        message: "a | b".to_owned(),
        count: 1,
    };
    evidence
        .rows
        .remove(&(release("36.0.20"), "on/odd".to_owned()));
    let outcome = ProofOutcome::of_evidence(&matrix, &evidence);
    assert_eq!(
        markdown(&matrix, &outcome),
        "\
| release | off | off or on |
|---|---|---|
| 30.0.0 | compiles | compiles; fails |
| 33.0.0 | **unexpected**: 1 error E0001: a \\| b | **unexpected**: 1 error E0001: a \\| b; compiles |
| 36.0.20 | compiles | compiles; not run |
"
    );
    let table = text(&matrix, &outcome, 80);
    assert!(
        table.contains("33.0.0   ok     E0001!  ok     ok\n"),
        "{table}"
    );
    assert!(
        table.contains("36.0.20  ok     ok      ok     not run\n"),
        "{table}"
    );
}

#[test]
fn the_documentation_table_of_the_real_proof() {
    let matrix = real_matrix();
    let all = evidence().unwrap();
    let outcome = ProofOutcome::of_evidence(&matrix, &all["store-data-send"]);
    assert_eq!(
        markdown(&matrix, &outcome),
        "\
| release | sync, `require_store_data_send` unset or false | sync, `require_store_data_send: true` | async |
|---|---|---|---|
| 22.0.1, 24.0.13, 26.0.1, 28.0.0, 29.0.1 | compiles | the generated code fails by itself (E0277 on `U`), even with `Send` data | needs `Send` (E0277) |
| 30.0.0, 30.0.1, 30.0.2, 31.0.0, 32.0.0, 32.0.1 | **fails** (E0277, `Rc<..>` cannot be sent between threads safely) | **fails** (E0277, `Rc<..>` cannot be sent between threads safely) | needs `Send` (E0277) |
| 33.0.0, 34.0.2, 35.0.0, 36.0.20, 38.0.4, 40.0.4, 42.0.2, 44.0.3, 46.0.3, 48.0.8 | compiles | compiles | needs `Send` (E0277) |
"
    );
}
