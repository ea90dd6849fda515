use super::*;
use crate::knowledge::Knowledge;
use crate::version::{FamilyVersion, Line};
use crate::world::MemoryWorld;

const INDEX: &str = "/home/me/.cargo/registry/index";

/// A record as the registry writes it.
fn record(version: &str, rust: &str, yanked: bool) -> String {
    format!(
        r#"{{"name":"wasmtime","vers":"{version}","deps":[{{"name":"wasmtime-environ","req":"={version}"}},{{"name":"wasmparser","req":"^0.260.0"}}],"cksum":"00","features":{{}},"yanked":{yanked},"rust_version":"{rust}","pubtime":"2026-12-01T10:00:00Z","v":2}}"#
    )
}

fn cache(records: &[(&str, String)]) -> Vec<u8> {
    let mut bytes = vec![3, 2, 0, 0, 0];
    bytes.extend(b"etag: \"x\"\0");
    for (version, json) in records {
        bytes.extend(format!("{version}\0{json}\0").bytes());
    }
    bytes
}

fn world(files: &[(&str, Vec<u8>)]) -> MemoryWorld {
    files.iter().fold(
        MemoryWorld::new().with_env("HOME", "/home/me"),
        |world, (registry, bytes)| {
            world.with_file(format!("{INDEX}/{registry}/.cache/wa/sm/wasmtime"), bytes)
        },
    )
}

fn read(files: &[(&str, Vec<u8>)]) -> RegistryCache {
    RegistryCache::read(&world(files), &Knowledge::embedded().releases)
}

fn versions(cache: &RegistryCache) -> Vec<String> {
    let all = cache.news.iter().map(|new| new.version.to_string());
    all.collect()
}

fn release(text: &str) -> FamilyVersion {
    text.parse().unwrap()
}

fn old() -> (&'static str, String) {
    ("36.0.3", record("36.0.3", "1.86.0", false))
}

#[test]
fn without_a_cache_nothing_is_new_and_nothing_is_wrong() {
    assert_eq!(read(&[]), RegistryCache::default());
    let homeless = MemoryWorld::new();
    let known = &Knowledge::embedded().releases;
    assert_eq!(
        RegistryCache::read(&homeless, known),
        RegistryCache::default()
    );
}

#[test]
fn a_new_patch_and_a_new_line_become_known() {
    let cache = read(&[(
        "a",
        cache(&[
            ("0.40.0", "{}".to_owned()),
            old(),
            ("36.0.99", record("36.0.99", "1.86.0", false)),
            ("60.0.0", record("60.0.0", "1.105.0", false)),
            ("61.0.0", record("61.0.0", "1.106.0", false)),
            ("62.0.0-rc.1", record("62.0.0-rc.1", "1.107.0", false)),
        ]),
    )]);
    assert_eq!(cache.notes, Vec::<String>::new());
    assert_eq!(cache.files.len(), 1);
    let knowledge = Knowledge::embedded().clone().with_published(&cache);
    let releases = &knowledge.releases;
    assert_eq!(
        knowledge.provenance.newer,
        [release("36.0.99"), release("60.0.0"), release("61.0.0")]
    );
    let patch = releases.get(&release("36.0.99")).unwrap();
    assert!(patch.selectable());
    assert_eq!(patch.published, Some(jiff::civil::date(2026, 12, 1)));
    assert_eq!(patch.wasm_tools, "0.260.0");
    assert!(!releases.line(Line(36)).unwrap().derived);
    let line = releases.line(Line(60)).unwrap();
    assert!(line.derived && line.lts);
    assert_eq!(line.rust_version.to_string(), "1.105");
    // Line 60 comes 40 months after line 20, which came on 2024-04-20.
    assert_eq!(line.supported_until, jiff::civil::date(2029, 8, 20));
    let line = releases.line(Line(61)).unwrap();
    assert_eq!(line.supported_until, jiff::civil::date(2027, 11, 20));
    assert!(releases.line(Line(62)).is_none());
}

#[test]
fn the_rule_for_lines_is_that_of_the_table() {
    for line in Knowledge::embedded().releases.lines() {
        let derived = crate::knowledge::LineFacts::derived(line.line, line.rust_version.clone());
        let derived = derived.unwrap();
        assert_eq!(derived.lts, line.lts);
        assert_eq!(derived.supported_until, line.supported_until);
    }
    let rust = "1.90".parse().unwrap();
    assert_eq!(crate::knowledge::LineFacts::derived(Line(3), rust), None);
    let rust = "1.90".parse().unwrap();
    assert_eq!(
        crate::knowledge::LineFacts::derived(Line(u64::MAX), rust),
        None
    );
}

#[test]
fn what_was_taken_back_or_is_served_now_overrides_the_table() {
    let text = "date = 2026-11-22\nupstream = [\"52.0.0\"]\n[[line]]\nnumber = 50\nrust-version = \"1.97.0\"\nsupported-until = 2026-12-20\nwasm-tools = \"0.250.0\"\nreleases = [\n{ version = \"50.0.0\", published = 2026-10-20 },\n{ version = \"50.0.1\", published = 2026-10-29, yanked = true },\n{ version = \"50.0.2\", published = 2026-11-16, unserved = true },\n]\n";
    let mut releases = Releases::parse(text).unwrap();
    let file = cache(&[
        ("50.0.0", record("50.0.0", "1.97.0", true)),
        ("50.0.1", record("50.0.1", "1.97.0", false)),
        ("50.0.2", record("50.0.2", "1.97.0", false)),
        ("52.0.0", record("52.0.0", "1.99.0", false)),
    ]);
    let cache = RegistryCache::read(&world(&[("a", file)]), &releases);
    assert_eq!(versions(&cache), ["50.0.0", "50.0.1", "50.0.2", "52.0.0"]);
    assert_eq!(releases.absorb(&cache.news), [release("52.0.0")]);
    assert!(releases.get(&release("50.0.0")).unwrap().yanked);
    assert!(!releases.get(&release("50.0.1")).unwrap().yanked);
    let served = releases.get(&release("50.0.2")).unwrap();
    assert!(served.selectable());
    assert_eq!(served.published, Some(jiff::civil::date(2026, 11, 16)));
    assert!(releases.upstream.is_empty());
}

#[test]
fn a_file_cut_in_the_middle_gives_what_stands_before_the_cut() {
    let whole = cache(&[
        old(),
        ("36.0.99", record("36.0.99", "1.86.0", false)),
        old(),
    ]);
    let cut = read(&[("a", whole[..whole.len() - 20].to_vec())]);
    assert_eq!(versions(&cut), ["36.0.99"]);
    assert!(cut.notes[0].contains("cut off or damaged; 2 releases were read"));
    for length in 0..whole.len() {
        let _ = read(&[("a", whole[..length].to_vec())]);
    }
}

#[test]
fn a_format_from_the_future_is_passed_over_with_a_reason() {
    let mut file = cache(&[old(), ("36.0.99", record("36.0.99", "1.86.0", false))]);
    file[0] = 9;
    let cache = read(&[("a", file)]);
    assert_eq!((cache.news.len(), cache.files.len()), (0, 0));
    assert!(cache.notes[0].contains("of format 9, and 3 is the newest known here"));
}

#[test]
fn another_registrys_crate_of_that_name_is_left_alone() {
    let foreign = cache(&[("99.0.0", record("99.0.0", "1.200.0", false))]);
    assert_eq!(read(&[("private", foreign)]), RegistryCache::default());
    let strange = cache(&[("99.1.0", "{}".to_owned())]);
    assert_eq!(read(&[("private", strange)]), RegistryCache::default());
}

#[test]
fn strange_records_are_passed_over_with_a_reason() {
    let with = |json: String| read(&[("a", cache(&[old(), ("77.0.0", json)]))]);
    let good = record("77.0.0", "1.120.0", false);
    assert_eq!(versions(&with(good.clone())), ["77.0.0"]);
    for (from, to, reason) in [
        ("{\"name\"", "[\"name\"", "no valid record"),
        ("\"wasmtime\"", "\"wasmtome\"", "the record is of wasmtome"),
        ("=77.0.0", "^77.0.0", "no crate of the family"),
        ("wasmparser", "parser", "no wasmparser"),
        ("\"rust_version\"", "\"rusty\"", "does not name its Rust"),
        ("\"v\":2", "\"v\":7", "newer format"),
    ] {
        let cache = with(good.replace(from, to));
        assert!(cache.news.is_empty(), "{reason}");
        assert!(
            cache.notes[0].contains("77.0.0 is passed over"),
            "{:?}",
            cache.notes
        );
        assert!(cache.notes[0].contains(reason), "{:?}", cache.notes);
    }
    let odd = read(&[(
        "a",
        cache(&[old(), ("77.1.0", record("77.1.0", "1.120.0", false))]),
    )]);
    assert!(odd.notes[0].contains("numbered X.0.Y"), "{:?}", odd.notes);
}

#[test]
fn of_two_caches_the_fuller_one_has_the_last_word() {
    let new = |yanked| ("36.0.99", record("36.0.99", "1.86.0", yanked));
    let fuller = cache(&[
        old(),
        ("36.0.4", record("36.0.4", "1.86.0", false)),
        new(true),
    ]);
    let older = cache(&[old(), new(false)]);
    for (a, b) in [("a", "b"), ("b", "a")] {
        let both = read(&[(a, fuller.clone()), (b, older.clone())]);
        assert_eq!(both.files.len(), 2);
        assert_eq!(versions(&both), ["36.0.99"]);
        assert!(both.news[0].yanked);
    }
}
