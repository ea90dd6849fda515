//! Which WASI a guest asks for, and which release has it.

use semver::Version;

use super::protocol::Observation;
use crate::knowledge::releases::Releases;
use crate::version::FamilyVersion;

/// Adds to what a guest misses of WASI 0.2 which release has it, where the version that it names is
/// newer than the release's own.
pub(super) fn explain(releases: &Releases, release: &FamilyVersion, seen: &mut Observation) {
    for import in seen.imports.iter_mut().filter(|import| !import.satisfied) {
        let Some(told) =
            asked_for(&import.name).and_then(|wanted| told(releases, release, &wanted))
        else {
            continue;
        };
        let reason = import.reason.get_or_insert_default();
        if !reason.is_empty() {
            reason.push_str("; ");
        }
        reason.push_str(&told);
    }
}

/// The version of WASI 0.2 in the name of an interface: `wasi:clocks/wall-clock@0.2.6`.
fn asked_for(import: &str) -> Option<Version> {
    let name = import.strip_prefix("wasi:")?;
    let (package, _) = name.split_once('/')?;
    // The others have versions of their own. `wasmtime-wasi-http` has had that of `wasmtime-wasi` in
    // every line from 24 to 48.
    let of_wasi = [
        "cli",
        "clocks",
        "filesystem",
        "http",
        "io",
        "random",
        "sockets",
    ];
    let version: Version = name.rsplit_once('@')?.1.parse().ok()?;
    let is_second = (version.major, version.minor) == (0, 2) && version.pre.is_empty();
    (of_wasi.contains(&package) && is_second).then_some(version)
}

fn told(releases: &Releases, release: &FamilyVersion, wanted: &Version) -> Option<String> {
    let own = releases.wasi(release.line()).filter(|own| *own < wanted)?;
    let since = match releases.first_with_wasi(wanted) {
        Some(line) => format!("{wanted} comes with {line}"),
        None => format!("no release that is known here has {wanted}"),
    };
    Some(format!("{release} has WASI {own}, {since}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::rehearse::protocol::Import;

    /// What is told about an import that a release does not satisfy.
    fn reason(import: &str, line: u64) -> String {
        let mut seen = Observation {
            imports: vec![Import {
                name: import.to_owned(),
                satisfied: false,
                reason: Some("it is missing".to_owned()),
            }],
            ..Observation::default()
        };
        let release = FamilyVersion::new(line, 0);
        explain(&Knowledge::embedded().releases, &release, &mut seen);
        seen.imports.remove(0).reason.unwrap()
    }

    #[test]
    fn a_newer_wasi_is_told_with_the_line_that_has_it() {
        assert_eq!(
            reason("wasi:cli/exit@0.2.12", 36),
            "it is missing; 36.0.0 has WASI 0.2.6, 0.2.12 comes with 46"
        );
        assert_eq!(
            reason("wasi:http/types@0.2.12", 36),
            "it is missing; 36.0.0 has WASI 0.2.6, 0.2.12 comes with 46"
        );
        assert_eq!(
            reason("wasi:clocks/wall-clock@0.2.5", 30),
            "it is missing; 30.0.0 has WASI 0.2.3, 0.2.5 comes with 35"
        );
        assert_eq!(
            reason("wasi:io/streams@0.2.99", 48),
            "it is missing; 48.0.0 has WASI 0.2.12, no release that is known here has 0.2.99"
        );
    }

    #[test]
    fn what_is_missing_for_another_reason_stays_as_it_is() {
        for import in [
            "wasi:cli/exit@0.2.6",
            "wasi:cli/exit@0.3.0",
            "wasi:nn/graph@0.2.0-rc-2024-10-28",
            "own:package/it@0.2.99",
            "wasi_snapshot_preview1.fd_write",
        ] {
            assert_eq!(reason(import, 36), "it is missing", "{import}");
        }
    }
}
