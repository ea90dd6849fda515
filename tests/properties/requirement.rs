//! How a version requirement moves.

use proptest::prelude::*;
use semver::{Comparator, Op, Version, VersionReq};
use wasmtime_upgrade::requirement::moved_to;

fn version() -> impl Strategy<Value = Version> {
    let pre = prop_oneof![4 => Just(""), 1 => Just("rc.1"), 1 => Just("beta")];
    (
        prop_oneof![Just(0_u64), 1..60_u64],
        0..140_u64,
        0..30_u64,
        pre,
    )
        .prop_map(|(major, minor, patch, pre)| Version {
            pre: pre.parse().unwrap(),
            ..Version::new(major, minor, patch)
        })
}

/// One comparator in any spelling that cargo reads; never `>`, which may keep a target out.
fn comparator() -> impl Strategy<Value = String> {
    let operator = prop_oneof![
        3 => Just(""), 2 => Just("="), 1 => Just("^"), 1 => Just("~"), 1 => Just(">="), 1 => Just("<"), 1 => Just("<=")
    ];
    let space = || prop_oneof![3 => Just(""), 1 => Just(" "), 1 => Just("  ")];
    (space(), operator, space(), version(), 0..6_u8, space()).prop_map(
        |(before, operator, between, version, parts, after)| {
            let Version { major, minor, .. } = version;
            let number = match parts {
                0 => format!("{major}"),
                1 => format!("{major}.{minor}"),
                2 => format!("{major}.*"),
                3 => format!("{major}.{minor}.*"),
                _ => version.to_string(),
            };
            format!("{before}{operator}{between}{number}{after}")
        },
    )
}

fn requirement() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => comparator(),
        2 => prop::collection::vec(comparator(), 2..4).prop_map(|all| all.join(",")),
        1 => (version(), version()).prop_map(|(a, b)| format!(">={a}, <{b}")),
        1 => Just("*".to_owned()),
    ]
}

/// The comparators without their numbers: operator, and which parts are written.
fn style(requirement: &VersionReq) -> Vec<(Op, bool, bool)> {
    let style = |part: &Comparator| (part.op, part.minor.is_some(), part.patch.is_some());
    requirement.comparators.iter().map(style).collect()
}

/// All but the numbers, as it is written.
fn frame(text: &str) -> String {
    text.split(',')
        .map(|part| {
            let number = |c: char| c.is_ascii_digit() || c == '*';
            let start = part.find(number).unwrap_or(part.len());
            let end = part.trim_end().len();
            format!("{},{}", &part[..start], &part[end..])
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What comes out admits the target, looks like what went in, and is not moved again.
    #[test]
    fn a_moved_requirement_admits_the_target_and_keeps_its_style(text in requirement(), target in version()) {
        let Ok(before) = VersionReq::parse(&text) else {
            prop_assert!(moved_to(&text, &target).is_err());
            return Ok(());
        };
        match moved_to(&text, &target) {
            Ok(None) => prop_assert!(before.matches(&target), "`{text}` stays and keeps {target} out"),
            Ok(Some(moved)) => {
                prop_assert_ne!(&moved, &text);
                let after = VersionReq::parse(&moved).unwrap();
                prop_assert!(after.matches(&target), "`{text}` became `{moved}`");
                prop_assert_eq!(frame(&text), frame(&moved));
                let numbers = |c: &Comparator| c.major == 0 && c.minor.is_some() && c.patch.is_none();
                for (was, is) in style(&before).into_iter().zip(style(&after)).zip(&after.comparators)
                    .filter(|(_, part)| !numbers(part)).map(|(styles, _)| styles) {
                    prop_assert_eq!(was, is, "`{}` became `{}`", text, moved);
                }
                prop_assert_eq!(before.comparators.len(), after.comparators.len());
                prop_assert_eq!(moved_to(&moved, &target), Ok(None), "`{}` became `{}`", text, moved);
            }
            // A release candidate is admitted only by a requirement that names it in full and is
            // more than an upper bound; `<0.*` admits nothing; bounds that exclude each other
            // don't either, wherever they are moved.
            Err(message) => {
                if let [only] = &before.comparators[..] {
                    let names_all = only.patch.is_some() && only.op != Op::Less;
                    let is_candidate = !target.pre.is_empty() && !names_all;
                    let is_nothing = only.op == Op::Less && text.contains("0.*");
                    prop_assert!(is_candidate || is_nothing, "{text}: {message}");
                }
                prop_assert!(message.contains("by changing its numbers alone"), "{message}");
            }
        }
    }

    /// Any text is refused, or is a requirement.
    #[test]
    fn what_is_no_requirement_is_refused_with_its_text(text in "[=<>~^*0-9x., \\-a]{0,12}", target in version()) {
        match (VersionReq::parse(&text), moved_to(&text, &target)) {
            (Err(_), moved) => prop_assert!(moved.is_err_and(|message| message.contains(&text))),
            (Ok(_), Ok(Some(moved))) => {
                let after = VersionReq::parse(&moved).unwrap();
                prop_assert!(after.matches(&target), "`{text}` became `{moved}`");
                prop_assert_eq!(moved_to(&moved, &target), Ok(None), "`{}` became `{}`", text, moved);
            }
            (Ok(before), Ok(None)) => prop_assert!(before.matches(&target), "{text}"),
            (Ok(_), Err(message)) => prop_assert!(!message.is_empty()),
        }
    }
}
