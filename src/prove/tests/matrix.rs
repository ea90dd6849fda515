use super::*;

#[test]
fn a_case_is_a_mix_of_values_written_as_its_line_has_it() {
    let matrix = matrix();
    let cases = matrix.cases(&release("33.0.0"));
    let names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["off/plain", "off/odd", "on/plain", "on/odd"]);
    assert_eq!(cases[0].source, "macro!({\n});\n\ntype Data = u8;\n");
    assert_eq!(
        cases[3].source,
        "macro!({\n    old,\n});\n\ntype Data = Rc<u8>;\n"
    );
    assert_eq!(cases[3].value("flag"), Some("on"));
    assert_eq!(cases[3].value("color"), None);
    let newer = matrix.cases(&release("36.0.20"));
    assert_eq!(
        newer[3].source,
        "macro!({\n    new,\n    newer,\n});\n\ntype Data = Rc<u8>;\n"
    );
    assert_eq!(newer[0].hash, cases[0].hash);
    assert_ne!(newer[3].hash, cases[3].hash);
}

#[test]
fn releases_are_in_order_and_rules_are_tried_in_theirs() {
    let matrix = matrix();
    let releases: Vec<_> = matrix.releases.iter().map(ToString::to_string).collect();
    assert_eq!(releases, ["30.0.0", "33.0.0", "36.0.20"]);
    let says = |version: &str, case: usize| {
        let release = release(version);
        let case = &matrix.cases(&release)[case];
        matrix
            .rule(&release, case)
            .map(|(_, rule)| rule.says.clone())
    };
    assert_eq!(says("30.0.0", 2).unwrap(), "fails");
    assert_eq!(says("30.0.0", 0).unwrap(), "compiles");
    assert_eq!(says("33.0.0", 2).unwrap(), "compiles");
}

/// The small proof with one text in place of another is refused for this reason.
fn assert_refused(old: &str, new: &str, reason: &str) {
    assert!(PROOF.contains(old), "{old}");
    let error = Matrix::parse(&PROOF.replacen(old, new, 1)).unwrap_err();
    assert!(error.contains(reason), "{new}: {error}");
}

#[test]
fn names_that_make_no_sense_are_refused() {
    for (old, new, reason) in [
        ("+++\nid", "id", "does not start with"),
        ("\"small\"", "\"Small\"", "`Small` is no id"),
        ("\"33.0.0\", ", "\"30.0.0\", ", "30.0.0 is listed twice"),
        ("\"33.0.0\", ", "\"33\", ", "unexpected end of input"),
        ("name = \"data\"", "name = \"flag\"", "two axes `flag`"),
        ("name = \"odd\"", "name = \"plain\"", "two values `plain`"),
        ("name = \"odd\"", "name = \"od_d\"", "`od_d` is no value"),
        (
            "values = [\n    { name = \"off\" }",
            "value = [\n    { name = \"off\" }",
            "unknown field `value`",
        ),
    ] {
        assert_refused(old, new, reason);
    }
}

#[test]
fn texts_rules_and_blocks_that_make_no_sense_are_refused() {
    for (old, new, reason) in [
        ("{{data}}", "u8", "the template has no `{{data}}`"),
        ("type Data", "{{type}} Data", "nothing fills `{{type}}`"),
        ("flag = \"on\"", "flags = \"on\"", "no axis `flags`"),
        ("flag = \"on\"", "flag = \"up\"", "no value `up`"),
        (
            "flag = \"off\"",
            "flag = [\"off\", \"up\"]",
            "no value `up`",
        ),
        (
            "result = \"ok\"",
            "releases = \">=33.0.0\"\nresult = \"ok\"",
            "no rule covers off/plain in 30.0.0",
        ),
        (
            "releases = \"<33.0.0\"",
            "releases = \"<30.0.0\"",
            "rule 1 (`fails`) covers no case",
        ),
        (
            "data = \"Rc<u8>\"",
            "data = \"u8\"",
            "off/plain and off/odd are one program in 30.0.0",
        ),
        (
            "message = \"`Rc..` is odd\"\n",
            "",
            "E0277 without its message",
        ),
        (
            "result = \"ok\"",
            "result = \"ok\"\nmessage = \"m\"",
            "an `ok` has no message",
        ),
        (
            "wasmtime = [",
            "[extra]\nwasmtime = [",
            "unknown field `extra`",
        ),
        ("```rust template", "```rust", "no block ```rust template"),
        (
            "```console",
            "```rust before",
            "a proof has no block `rust before`",
        ),
        ("```console", "```rust template", "there are two templates"),
    ] {
        assert_refused(old, new, reason);
    }
}

#[test]
fn the_real_proof_has_the_cases_that_were_asked_for() {
    let matrix = real_matrix();
    let sources = |version: &str| matrix.cases(&release(version));
    let old = sources("32.0.1");
    assert_eq!(old.len(), 18);
    assert!(
        old[0]
            .source
            .contains("    world: \"demo:app/app\",\n});\n")
    );
    let by_name = |cases: &[Case], name: &str| {
        let case = cases.iter().find(|case| case.name == name);
        case.map(|case| case.source.clone()).unwrap()
    };
    let case = by_name(&old, "true/false/non-send");
    assert!(case.contains("    async: true,\n    require_store_data_send: false,\n});\n"));
    assert!(case.contains("pub async fn drive(") && case.contains("\"matrix\").await?;"));
    assert!(case.contains("pub seen: std::rc::Rc<std::cell::RefCell<Vec<String>>>,"));
    let new = by_name(&sources("36.0.20"), "false/unset/send");
    assert!(new.contains("    imports: {},\n    exports: {},\n});\n"));
    assert!(new.contains("pub fn drive(") && !new.contains("{{"));
}
