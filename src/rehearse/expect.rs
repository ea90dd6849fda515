//! Differences that the policy puts up with for a while.

use jiff::civil::Date;

use super::compare::{Class, Difference};
use crate::config::Policy;
use crate::config::rehearsal::Expected;

/// Marks the differences that the policy expects, and which of its entries were used.
pub fn mark(
    expected: &[Expected],
    today: Date,
    guest: &str,
    differences: &mut [Difference],
    used: &mut [bool],
) {
    for difference in differences {
        for (entry, used) in expected.iter().zip(used.iter_mut()) {
            let of_guest = entry.guest.as_ref();
            let meant = entry.aspect.value == difference.aspect
                && of_guest.is_none_or(|pattern| pattern.matches(guest))
                && entry
                    .within_percent
                    .is_none_or(|percent| is_within(difference, percent));
            if meant {
                *used = true;
                if entry.until.value >= today && difference.expected.is_none() {
                    difference.expected = Some(entry.reason.clone());
                }
            }
        }
    }
}

/// Whether the two amounts are so near to one another. What is no amount is not near to anything.
fn is_within(difference: &Difference, percent: u32) -> bool {
    let amount = |text: &str| text.split(' ').next()?.parse::<u64>().ok().map(u128::from);
    let (Some(was), Some(is)) = (amount(&difference.before), amount(&difference.after)) else {
        return false;
    };
    was.abs_diff(is) * 100 <= was.min(is) * u128::from(percent)
}

/// What there is to say about the entries themselves.
#[must_use]
pub fn remarks(policy: &Policy, today: Date, used: &[bool]) -> Vec<String> {
    let entries = policy.rehearsal.expected.iter().zip(used);
    let remarks = entries.filter_map(|(entry, used)| {
        let place = format!(
            "{}:{}: expected `{}`",
            policy.path,
            policy.position(entry.aspect.span),
            entry.aspect.value.word()
        );
        match (entry.until.value < today, used) {
            (true, _) => Some(format!(
                "{place} ended on {}; what it put up with counts again",
                entry.until.value
            )),
            (false, false) => Some(format!("{place} differs nowhere; take it out")),
            (false, true) => None,
        }
    });
    remarks.collect()
}

/// The worst that nobody expects.
#[must_use]
pub fn worst<'a>(differences: impl IntoIterator<Item = &'a Difference>) -> Class {
    let unexpected = differences
        .into_iter()
        .filter(|difference| difference.expected.is_none());
    unexpected
        .map(|difference| difference.class)
        .max()
        .unwrap_or(Class::Same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearse::compare::Aspect;

    const POLICY: &str = "\
[[rehearse.expect]]
guest = \"plugins/*.wasm\"
aspect = \"fuel\"
reason = \"46 charges bulk operations by size\"
until = 2026-12-31

[[rehearse.expect]]
aspect = \"stdout\"
reason = \"it prints the version\"
until = 2026-01-31
";

    fn marked(today: &str, guest: &str) -> (Vec<Option<String>>, Vec<String>, Class) {
        let policy = Policy::parse("/p/wasmtime-upgrade.toml".into(), POLICY.to_owned()).unwrap();
        let today: Date = today.parse().unwrap();
        let expected = &policy.rehearsal.expected;
        let mut used = vec![false; expected.len()];
        let mut differences = [
            Difference::new(Class::Changes, Aspect::Fuel, "1", "2"),
            Difference::new(Class::Slower, Aspect::RunTime, "1 ms", "2 ms"),
        ];
        mark(expected, today, guest, &mut differences, &mut used);
        let remarks = remarks(&policy, today, &used);
        let worst = worst(&differences);
        let reasons = differences
            .into_iter()
            .map(|difference| difference.expected);
        (reasons.collect(), remarks, worst)
    }

    #[test]
    fn an_expected_difference_counts_no_more() {
        let (reasons, remarks, worst) = marked("2026-01-01", "plugins/a.wasm");
        let reason = Some("46 charges bulk operations by size".to_owned());
        assert_eq!(reasons, [reason, None]);
        assert_eq!(worst, Class::Slower);
        assert_eq!(
            remarks,
            ["/p/wasmtime-upgrade.toml:8:10: expected `stdout` differs nowhere; take it out"]
        );
    }

    #[test]
    fn amounts_can_be_expected_within_bounds() {
        let policy = POLICY.replace(
            "aspect = \"fuel\"\n",
            "aspect = \"fuel\"\nwithin-percent = 5\n",
        );
        let policy = Policy::parse("/p/wasmtime-upgrade.toml".into(), policy).unwrap();
        let expected = &policy.rehearsal.expected;
        for (before, after, is_expected) in [
            ("100", "105", true),
            ("105", "100", true),
            ("100", "106", false),
            ("0", "1", false),
            ("4", "100000004", false),
            ("18446744073709551615", "18446744073709551614", true),
        ] {
            let mut differences = [Difference::new(Class::Changes, Aspect::Fuel, before, after)];
            let today = "2026-01-01".parse().unwrap();
            let mut used = [false; 2];
            mark(
                expected,
                today,
                "plugins/a.wasm",
                &mut differences,
                &mut used,
            );
            let found = differences[0].expected.is_some();
            assert_eq!(
                (found, used[0]),
                (is_expected, is_expected),
                "{before} {after}"
            );
        }
    }

    #[test]
    fn it_counts_in_other_guests_and_after_its_end() {
        assert_eq!(marked("2026-01-01", "other/a.wasm").2, Class::Changes);
        let (reasons, remarks, worst) = marked("2027-01-01", "plugins/a.wasm");
        assert_eq!(reasons, [None, None]);
        assert_eq!(worst, Class::Changes);
        assert_eq!(
            remarks[0],
            "/p/wasmtime-upgrade.toml:3:10: expected `fuel` ended on 2026-12-31; what it put up \
             with counts again"
        );
    }
}
