use super::*;
use crate::knowledge::{Condition, Knowledge, Severity};
use crate::world::MemoryWorld;

fn advisory(id: &str, package: &str, more: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2027-01-05\"\nurl = \"https://example.com/a\"\nkeywords = []\naliases = [\"CVE-2027-1\"]\ncvss = \"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H\"\n{more}\n[versions]\npatched = [\">= 50.0.9, < 51.0.0\", \">= 51.0.2\"]\nunaffected = [\"< 49.0.0\"]\n```\n\n# Something bad\n\nIn many words.\n"
    )
}

fn world(files: &[(&str, &str)]) -> MemoryWorld {
    files
        .iter()
        .fold(MemoryWorld::new(), |world, (path, text)| {
            world.with_file(format!("/db/{path}"), text)
        })
}

fn database(files: &[(&str, &str)]) -> Result<Database> {
    let family = &Knowledge::embedded().family;
    Database::read(&world(files), Utf8Path::new("/db"), family)
}

const PLACE: &str = "crates/wasmtime/RUSTSEC-2027-0001.md";

#[test]
fn an_advisory_that_is_not_known_becomes_an_entry() {
    let text = advisory("RUSTSEC-2027-0001", "wasmtime", "");
    let newer = advisory("RUSTSEC-2027-0100", "leftpad", "").replace("01-05", "02-03");
    let database = database(&[
        (PLACE, &text),
        ("crates/leftpad/RUSTSEC-2027-0100.md", &newer),
        ("crates/leftpad/RUSTSEC-0000-0000.md", "a draft"),
        ("README.md", "hello"),
    ])
    .unwrap();
    assert_eq!(database.date, jiff::civil::date(2027, 2, 3));
    let knowledge = Knowledge::embedded().clone().with_advisories(database);
    let entry = knowledge.about("cve-2027-1").unwrap();
    assert_eq!(
        (entry.id.as_str(), entry.title.as_str()),
        ("RUSTSEC-2027-0001", "Something bad")
    );
    assert_eq!(entry.severity, Some(Severity::Moderate));
    assert!(matches!(entry.condition, Condition::Unknowable(_)));
    let affected: Vec<String> = entry.affected.iter().map(ToString::to_string).collect();
    assert_eq!(affected, [">=49.0.0, <50.0.9", ">=51.0.0, <51.0.2"]);
    let fixed: Vec<String> = entry.fixed_in.iter().map(ToString::to_string).collect();
    assert_eq!(fixed, ["50.0.9", "51.0.2"]);
    assert!(entry.prose.contains("In many words."));
    assert_eq!(entry.links.len(), 2);
    let sources = knowledge.provenance.advisory_db.unwrap();
    assert_eq!((sources.read, sources.added), (1, 1));
}

#[test]
fn what_is_known_by_id_or_alias_is_not_told_twice() {
    let text = advisory("RUSTSEC-2027-0001", "wasmtime", "");
    let known = text.replace("CVE-2027-1", "bindgen-send-bound-on-exports");
    let before = Knowledge::embedded().rules();
    let with = Knowledge::embedded()
        .clone()
        .with_advisories(database(&[(PLACE, &known)]).unwrap());
    assert_eq!(with.rules(), before);
    let sources = with.provenance.advisory_db.unwrap();
    assert_eq!((sources.read, sources.added), (1, 0));
}

#[test]
fn withdrawn_ones_and_those_about_no_defect_add_nothing() {
    for more in [
        "withdrawn = \"2027-01-06\"",
        "informational = \"unmaintained\"",
        "informational = \"notice\"",
    ] {
        let text = advisory("RUSTSEC-2027-0001", "wasmtime", more);
        assert!(
            database(&[(PLACE, &text)]).unwrap().entries.is_empty(),
            "{more}"
        );
    }
    let text = advisory(
        "RUSTSEC-2027-0001",
        "wasmtime",
        "informational = \"unsound\"",
    );
    assert_eq!(database(&[(PLACE, &text)]).unwrap().entries.len(), 1);
}

#[test]
fn architectures_and_systems_are_conditions() {
    let more = "[affected]\narch = [\"aarch64\"]\nos = [\"windows\"]";
    let text = advisory("RUSTSEC-2027-0001", "cranelift-codegen", more);
    let place = PLACE.replace("wasmtime", "cranelift-codegen");
    let entry = database(&[(&place, &text)]).unwrap().entries.remove(0);
    let Condition::All(parts) = entry.condition else {
        panic!("{:?}", entry.condition);
    };
    assert_eq!(parts[0], Condition::Arch(vec!["aarch64".to_owned()]));
    assert_eq!(parts[1], Condition::Os(vec!["windows".to_owned()]));
    assert_eq!(parts.len(), 3);
}

#[test]
fn a_path_that_is_no_database_is_refused() {
    for files in [
        &[][..],
        &[("README.md", "hello")],
        &[("crates/wasmtime/notes.md", "hello")],
        &[("crates", "a file")],
    ] {
        let error = database(files).unwrap_err();
        assert!(matches!(error, Error::Usage { .. }));
        assert!(
            error
                .to_string()
                .starts_with("/db is no advisory database: "),
            "{error}"
        );
    }
}

#[test]
fn a_broken_advisory_of_the_family_is_named_with_its_line() {
    let good = advisory("RUSTSEC-2027-0001", "wasmtime", "");
    for (from, to, part) in [
        ("```toml", "---", "md:1:1: the file does not start"),
        ("\n```\n", "\n", "md:1:1: the block of TOML is not closed"),
        ("[versions]", "[versions", "md:11:10: "),
        (
            "package = \"wasmtime\"",
            "package = \"x\"",
            "md:4:11: the file lies with",
        ),
        ("2027-01-05", "some day", "md:5:8: no date"),
        (
            ">= 51.0.2",
            "newest",
            "md:12:35: `newest` is no requirement",
        ),
    ] {
        let error = database(&[(PLACE, &good.replace(from, to))]).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(matches!(error, Error::Malformed { .. }));
    }
    // Somebody else's advisory is somebody else's matter.
    let other = [
        (PLACE, good.as_str()),
        ("crates/x/RUSTSEC-2027-0002.md", "broken"),
    ];
    assert_eq!(
        database(&other).unwrap().date,
        jiff::civil::date(2027, 1, 5)
    );
}

#[test]
fn what_concerns_only_releases_before_the_table_is_left_out() {
    let text = advisory("RUSTSEC-2027-0001", "wasmtime", "");
    let (start, _) = text.split_once("[versions]").unwrap();
    let versions = |patched: &str| format!("{start}[versions]\npatched = [{patched}]\n```\n# T\n");
    for (patched, added) in [
        ("\">= 21.0.3\"", 0),
        ("\">= 22.0.0\"", 0),
        ("\">= 22.0.1\"", 1),
        ("\">= 20.0.1, < 21.0.0\", \">= 21.0.3\"", 0),
        ("\"< 77.0.0\", \">= 77.0.2\"", 1),
        ("", 1),
    ] {
        let database = database(&[(PLACE, &versions(patched))]).unwrap();
        let known = Knowledge::embedded().clone().with_advisories(database);
        let sources = known.provenance.advisory_db.unwrap();
        assert_eq!((sources.read, sources.added), (1, added), "{patched}");
    }
}
