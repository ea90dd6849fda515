//! The reader of `Cargo.lock`.

use semver::VersionReq;
use wasmtime_upgrade::workspace::{LockedPackage, Lockfile};

use super::{assert_in_order, assert_inside};

/// Whatever the text is: it is refused in order, or every question about it has an answer.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let lockfile = match Lockfile::parse("/w/Cargo.lock".into(), text.to_owned()) {
        Ok(lockfile) => lockfile,
        Err(error) => return assert_in_order(text, &error),
    };
    assert_eq!(lockfile.text, text);
    for package in &lockfile.packages {
        assert_inside(text, package.version_span);
        let written = package.version_span.text(text);
        assert!(written.starts_with(['"', '\'']), "{written}");

        let path = lockfile.path_to(package);
        if let (Some(first), Some(last)) = (path.first(), path.last()) {
            assert!(first.source.is_none() && std::ptr::eq(*last, package));
        }
        for step in path.windows(2) {
            let mut next = lockfile.dependencies_of(step[0]);
            assert!(next.any(|next| std::ptr::eq(next, step[1])));
        }

        let closure = lockfile.closure(|other| std::ptr::eq(other, package));
        let holds = |wanted: &LockedPackage| {
            let mut places = closure.iter();
            places.any(|place| std::ptr::eq(&raw const lockfile.packages[*place], wanted))
        };
        assert!(holds(package));
        for needed in lockfile.dependencies_of(package) {
            assert!(holds(needed));
        }

        assert!(lockfile.versions_of(&package.name).count() > 0);
        let owner = package.source.is_none().then_some(package.name.as_str());
        if let Some(chosen) = lockfile.chosen_for(owner, "wasmtime", &VersionReq::STAR) {
            assert_eq!(chosen.name, "wasmtime");
        }
    }
}
