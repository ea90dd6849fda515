//! Files and records that are made from the lockfile, and do not follow it by themselves.

use camino::Utf8Path;

use super::{Files, FollowUp, name_of};
use crate::world::World;

/// Words in a file that show what it is made with, and what to do about it.
struct Maker {
    /// Which files.
    is_file: fn(&str) -> bool,
    words: &'static [&'static str],
    what: &'static str,
}

const MAKERS: [Maker; 3] = [
    Maker {
        is_file: |name| matches!(name, "cargo-sources.json" | "generated-sources.json"),
        words: &["\"cargo/vendor"],
        what: "Flatpak's list of crates is made from Cargo.lock: make it again with \
               flatpak-cargo-generator",
    },
    Maker {
        is_file: |name| name.starts_with("WORKSPACE") || name.starts_with("MODULE.bazel"),
        words: &["crates_repository", "crate.from_cargo", "crate_universe"],
        what: "Bazel pins crates by itself: run the build once with CARGO_BAZEL_REPIN=1",
    },
    Maker {
        is_file: |name| name.ends_with(".nix"),
        words: &["cargoHash", "cargoSha256", "outputHashes", "vendorHash"],
        what: "Nix knows the crates by a hash: empty it, build, and take the one that the error names",
    },
];

pub(super) fn find(world: &dyn World, root: &Utf8Path, files: &Files) -> Vec<FollowUp> {
    let mut found = Vec::new();
    for (path, text) in files {
        let name = name_of(path);
        for maker in MAKERS.iter().filter(|maker| (maker.is_file)(name)) {
            let says = |line: &str| maker.words.iter().any(|word| line.contains(word));
            if let Some(index) = text.lines().position(says) {
                found.push(FollowUp {
                    path: path.clone(),
                    line: (!name.ends_with(".json")).then_some(index + 1),
                    what: maker.what.to_owned(),
                });
            }
        }
    }
    if matches!(
        world.kind(&root.join("supply-chain/config.toml")),
        Ok(Some(_))
    ) {
        found.push(FollowUp {
            path: "supply-chain/config.toml".to_owned(),
            line: None,
            what:
                "cargo-vet has not seen the new versions: `cargo vet` names those to audit or to \
                   exempt, `cargo vet prune` takes out the old ones"
                    .to_owned(),
        });
    }
    found
}
