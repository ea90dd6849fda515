//! A short run of what `fuzz/` fuzzes, with the stable compiler and without libFuzzer: every file of
//! the corpus and some thousand inputs made from them hold the same invariants.
//!
//! The inputs are the same in every run, so that a failure can be seen again.
//! `FUZZ_CORPUS_MUTATIONS` asks for more of them a file; the default takes seconds.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub)] // a crate of its own for the fuzz targets
mod invariants;

/// As long as the fuzzer's longest.
const LONGEST: usize = 8192;

/// How many inputs are made from one file when nobody asks for more.
const MUTATIONS: usize = 40;

/// What is not worth more than this many bytes in the repository.
const LARGEST_CORPUS: u64 = 1 << 20;

fn folder(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    root.join(name)
}

/// The files of one corpus with their names, in an order that is the same everywhere.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(name)).expect("each target has a corpus");
    let mut files: Vec<_> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(files.len() > 5, "the corpus of {name} is gone");
    files
}

/// Splitmix64: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when that is 0.
    fn below(&mut self, end: usize) -> usize {
        let random = usize::try_from(self.next() >> 33).unwrap();
        random.checked_rem(end).unwrap_or(0)
    }

    /// A range within `0..length`, mostly a short one.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let longest = if self.below(4) == 0 { 200 } else { 12 };
        start..length.min(start + self.below(longest))
    }
}

/// Some changes as a fuzzer makes them: bytes that go, come twice, are others, come from elsewhere.
fn mutated(random: &mut Random, input: &[u8], others: &[(String, Vec<u8>)]) -> Vec<u8> {
    const PIECES: [&str; 14] = [
        "\"", "'", "\"\"\"", "\r\n", "\u{feff}", "\t", "[", "]", "{", "}", ",", ".", "#", "/*",
    ];
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.range(bytes.len());
        let new = match random.below(5) {
            0 => Vec::new(),
            1 => bytes[at.clone()].repeat(2),
            2 => PIECES[random.below(PIECES.len())].as_bytes().to_vec(),
            3 => {
                let other = &others[random.below(others.len())].1;
                let piece = random.range(other.len());
                other[piece].to_vec()
            }
            _ => {
                let mut bytes = bytes[at.clone()].to_vec();
                let place = random.below(bytes.len());
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = b' ' + u8::try_from(random.below(95)).unwrap();
                }
                bytes
            }
        };
        bytes.splice(at, new);
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Feeds one input; a panic is told with the input, to be put into the corpus.
fn feed(invariant: invariants::Invariant, input: &[u8], origin: &str) {
    let held = catch_unwind(AssertUnwindSafe(|| invariant(input)));
    assert!(
        held.is_ok(),
        "{origin}: the invariant above does not hold for {:?}",
        String::from_utf8_lossy(input)
    );
}

fn run(target: &str) {
    let (name, invariant) = invariants::ALL
        .into_iter()
        .find(|(name, _)| *name == target)
        .expect("one of the targets");
    let asked = std::env::var("FUZZ_CORPUS_MUTATIONS");
    let mutations = asked.map_or(MUTATIONS, |asked| asked.parse().expect("a number"));
    let files = corpus(name);
    let mut random = Random(0);
    for (file, input) in &files {
        feed(invariant, input, &format!("{name}/{file}"));
        for mutation in 0..mutations {
            let input = mutated(&mut random, input, &files);
            feed(
                invariant,
                &input,
                &format!("{name}/{file}, mutation {mutation}"),
            );
        }
    }
}

#[test]
fn manifests_hold_what_is_promised_of_them() {
    run("manifest");
}

#[test]
fn sources_hold_what_is_promised_of_them() {
    run("source");
}

#[test]
fn options_of_bindgen_hold_what_is_promised_of_them() {
    run("bindgen");
}

#[test]
fn lockfiles_hold_what_is_promised_of_them() {
    run("lockfile");
}

#[test]
fn migrations_hold_what_is_promised_of_them() {
    run("migrate");
}

#[test]
fn policies_hold_what_is_promised_of_them() {
    run("policy");
}

/// An invariant without a corpus, or a corpus that nothing reads, would be a test that can't fail.
#[test]
fn each_target_has_a_corpus_and_nothing_else_does() {
    let root = folder("");
    let mut folders: Vec<String> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut names = invariants::ALL.map(|(name, _)| name);
    names.sort_unstable();
    assert_eq!(folders, names);
    let manifest = fs::read_to_string(root.join("../Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let targets = manifest["bin"].as_array().unwrap().iter();
    let mut targets: Vec<_> = targets.map(|bin| bin["name"].as_str().unwrap()).collect();
    targets.sort_unstable();
    assert_eq!(targets, names);
}

#[test]
fn the_corpus_stays_small() {
    let sizes = invariants::ALL.iter().flat_map(|(name, _)| corpus(name));
    let size: u64 = sizes.map(|(_, bytes)| bytes.len() as u64).sum();
    assert!(size < LARGEST_CORPUS, "{size} bytes: minimise it");
}
