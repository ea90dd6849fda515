//! Drafts from two releases of made-up crates.

use std::path::Path;

use wasmtime_upgrade::knowledge::{Entry, Migration};
use wasmtime_upgrade::version::FamilyVersion;

use super::compare::{Comparison, compare};
use super::draft::Drafting;
use super::known::Known;
use super::{api, notes, options, source, tree};

fn api_of(release: &str) -> api::Api {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/draft-release");
    let sources = source::of_folder(&folder.join(release));
    let crates = ["engine".to_owned()];
    api::read(&tree::Forest::read(&sources, &crates, |_| true), &crates)
}

fn compared() -> Comparison {
    compare(&api_of("old"), &api_of("new"))
}

#[test]
fn what_users_can_tell_apart_is_a_change_and_nothing_else() {
    let mut changes: Vec<String> = compared().changes.iter().map(ToString::to_string).collect();
    changes.sort();
    let expected = [
        // Its cases are matched without a wildcard; those of `Trap` can't be.
        "enum `engine::Val`: `Debug` is not implemented any more",
        "enum `engine::Val`: `I64` is a new case, `I64(i64)`, of an exhaustive enum",
        "fn `engine::old_way` is deprecated",
        // Public by a `pub mod`, with all that is in it.
        "mod `engine::perms` is gone",
        // Its crate is another one, which is nobody's concern.
        "struct `engine::Error`: `code`: `fn code(&self) -> i32` is now `fn code(&self) -> i64`",
        "struct `engine::Options`: `width` has to be given",
        // Seen from two places, told of once.
        "struct `engine::Perms` is gone",
        "struct `engine::Store`: `add_fuel` is called `set_fuel` now",
        "struct `engine::Store`: `gc`: `fn gc(&mut self)` is now `fn gc(&mut self, why: Option<&str>)`",
        "trait `engine::Limiter`: `grow`: `fn grow(&mut self, from: u32, to: u32) -> bool` is now `fn grow(&mut self, from: usize, to: usize) -> bool`",
        "trait `engine::Limiter`: `tables` has to be given",
        // It moved, and changed on the way.
        "trait `engine::Show`: `show`: `fn show(&self) -> String` is now `fn show(&self) -> Result<String, crate::Error>`",
        "trait `engine::view::Show` is `engine::Show` now",
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_new_name_is_one_only_where_there_is_no_choice() {
    let [old, new] = ["A, UdpConnect, UdpDatagram", "A, UdpReceive, UdpSend"].map(|cases| {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("engine/src");
        std::fs::create_dir_all(&source).unwrap();
        let text = format!("pub enum Use {{ {cases} }}");
        std::fs::write(source.join("lib.rs"), text).unwrap();
        let sources = source::of_folder(folder.path());
        let crates = ["engine".to_owned()];
        api::read(&tree::Forest::read(&sources, &crates, |_| true), &crates)
    });
    let found = compare(&old, &new).changes;
    assert_eq!(found.len(), 4);
    assert!(
        found
            .iter()
            .all(|change| !change.to_string().contains("is called")),
        "{found:?}"
    );
}

#[test]
fn drafts_are_files_of_the_knowledge_base_that_fail() {
    let [from, to]: [FamilyVersion; 2] = ["1.0.0", "2.0.3"].map(|text| text.parse().unwrap());
    let text = "## 2.0.0\n\nReleased 2026-02-01.\n\n### Changed\n\n* `Store::gc` takes a reason.\n  [#7](https://example.org/pull/7)\n\n* Guests may do more by default.\n  [#8](https://example.org/pull/8)\n";
    let notes = notes::between(text, &from, &to);
    let drafting = Drafting {
        from: &from,
        to: &to,
        since: FamilyVersion::new(2, 0),
        notes: &notes,
    };
    let (mut known, mut left) = (Known::default(), notes.clone());
    let drafts = drafting.of_changes(&compared().changes, &mut known, &mut left);
    for draft in &drafts {
        let read = Migration::parse(&draft.text);
        let migration = read.unwrap_or_else(|error| panic!("{error}\n{}", draft.text));
        assert!(
            migration.before.contains("compile_error!"),
            "{}",
            draft.text
        );
        assert!(migration.after.contains("compile_error!"), "{}", draft.text);
        assert!(!migration.rules.is_empty() || migration.proof.error.is_none());
    }
    let store = drafts
        .iter()
        .find(|draft| draft.path == "migrations/2/store-changed.md");
    let store = store.unwrap();
    assert_eq!(
        store.title,
        "`Store` has other names for `add_fuel`, changes `gc`"
    );
    // The note that speaks of it gives the link, and is no draft of its own.
    assert!(
        store.text.contains("https://example.org/pull/7"),
        "{}",
        store.text
    );
    assert!(
        store
            .text
            .contains("replace = '$value.set_fuel($arguments..)'"),
        "{}",
        store.text
    );
    assert_eq!(left.len(), 1);
    let behaviour = drafting.of_note(&left[0], &mut known);
    assert_eq!(
        behaviour.path,
        "regressions/guests-may-do-more-by-default.md"
    );
    let error = Entry::read(&behaviour.text).unwrap_err();
    assert!(
        behaviour.text[error.offset..].starts_with("\"<when"),
        "{}",
        error.message
    );
}

#[test]
fn options_are_read_from_the_parser_of_the_macro() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("src")).unwrap();
    let text = "impl Parse for Opt { fn parse(input: ParseStream<'_>) -> Result<Self> {
        let l = input.lookahead1();
        if l.peek(kw::world) { input.parse::<kw::world>()?; if l.peek(syn::LitStr) {} }
        else if l.peek(Token![async]) { Err(l.error()) } else { Err(l.error()) }
    } }
    mod kw { syn::custom_keyword!(world); syn::custom_keyword!(trappable); }";
    std::fs::write(folder.path().join("src/bindgen.rs"), text).unwrap();
    let found = options::read(folder.path()).unwrap();
    assert_eq!(
        found.options.into_iter().collect::<Vec<_>>(),
        ["async", "world"]
    );
    assert_eq!(found.words.into_iter().collect::<Vec<_>>(), ["trappable"]);
    std::fs::write(folder.path().join("src/bindgen.rs"), "mod kw {}").unwrap();
    let error = options::read(folder.path()).unwrap_err();
    assert!(error.contains("no `impl Parse for Opt`"), "{error}");
}
