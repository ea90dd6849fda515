//! The reader of `wasmtime-upgrade.toml`.

use wasmtime_upgrade::config::Policy;

use super::{assert_in_order, assert_inside};

/// Whatever the text is: it is refused with a place, or each of its rules has one.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let policy = match Policy::parse("/w/wasmtime-upgrade.toml".into(), text.to_owned()) {
        Ok(policy) => policy,
        Err(error) => return assert_in_order(text, &error),
    };
    assert_eq!(policy.text, text);
    for rule in &policy.levels {
        assert_inside(text, rule.subject.span);
    }
    for waiver in &policy.waivers {
        assert_inside(text, waiver.id.span);
        assert_inside(text, waiver.until.span);
        assert!(!waiver.id.value.trim().is_empty() && !waiver.reason.trim().is_empty());
    }
    let unused = policy.unused(&vec![false; policy.waivers.len()]);
    assert_eq!(unused.len(), policy.waivers.len());
}
