//! Arithmetic on version requirements as people write them.

use semver::{Op, Version, VersionReq};

/// Moves a requirement to `target` and keeps how it is written: the operators, the spaces and the
/// precision (`"32"` becomes `"36"`, `"=32.0.1"` becomes `"=36.0.20"`, `"32.*"` becomes `"36.*"`).
///
/// Nothing needs to move (`None`) when the requirement admits `target` already and either names no
/// patch (so that the lockfile alone decides) or names just this one.
///
/// # Errors
/// When the text is no requirement, or moving its numbers does not make it admit `target`.
pub fn moved_to(text: &str, target: &Version) -> Result<Option<String>, String> {
    let requirement =
        VersionReq::parse(text).map_err(|error| format!("`{text}` is no requirement: {error}"))?;
    let mut moved = String::with_capacity(text.len() + 8);
    let parts: Vec<&str> = text.split(',').collect();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            moved.push(',');
        }
        moved.push_str(&moved_part(part, target)?);
    }
    let admits =
        |text: &str| VersionReq::parse(text).is_ok_and(|requirement| requirement.matches(target));
    if !admits(&moved) {
        return Err(format!(
            "`{text}` can't be moved to {target} by changing its numbers alone"
        ));
    }
    let names_older_patch = requirement.comparators.iter().any(|comparator| {
        matches!(comparator.op, Op::Caret | Op::Tilde | Op::GreaterEq)
            && comparator.patch.is_some()
            && older(comparator, target)
    });
    let stays = moved == text || (requirement.matches(target) && !names_older_patch);
    Ok((!stays).then_some(moved))
}

/// Whether the smallest version of the comparator comes before `target`.
fn older(comparator: &semver::Comparator, target: &Version) -> bool {
    let (minor, patch) = (
        comparator.minor.unwrap_or_default(),
        comparator.patch.unwrap_or_default(),
    );
    (comparator.major, minor, patch) < (target.major, target.minor, target.patch)
}

/// One comparator, with the white space around it.
fn moved_part(part: &str, target: &Version) -> Result<String, String> {
    let digits = part
        .find(|c: char| c.is_ascii_digit() || matches!(c, '*' | 'x' | 'X'))
        .unwrap_or(part.len());
    let (operator, rest) = part.split_at(digits);
    let number = rest.trim_end();
    let space = &rest[number.len()..];
    let comparator = VersionReq::parse(part.trim())
        .map_err(|error| format!("`{part}` is no requirement: {error}"))?;
    let Some(comparator) = comparator.comparators.first() else {
        return Ok(part.to_owned()); // `*`
    };
    let number = match operator.trim() {
        "<" if comparator_admits(comparator, target) => number.to_owned(),
        "<" => same_precision(number, &Version::new(after(target).0, after(target).1, 0)),
        "<=" if comparator_admits(comparator, target) => number.to_owned(),
        ">" if comparator_admits(comparator, target) => number.to_owned(),
        ">" => return Err(format!("`{part}` keeps {target} out on purpose")),
        _ => same_precision(number, target),
    };
    Ok(format!("{operator}{number}{space}"))
}

fn comparator_admits(comparator: &semver::Comparator, target: &Version) -> bool {
    VersionReq {
        comparators: vec![comparator.clone()],
    }
    .matches(target)
}

/// The first version that is incompatible with `target`, as (major, minor).
fn after(target: &Version) -> (u64, u64) {
    if target.major > 0 {
        (target.major + 1, 0)
    } else {
        (0, target.minor + 1)
    }
}

/// `target` written with as many parts as `pattern` has; wildcards stay, and a number below 1
/// keeps at least its minor part, which is the one that counts there.
fn same_precision(pattern: &str, target: &Version) -> String {
    let core = pattern.split(['-', '+']).next().unwrap_or(pattern);
    let numbers = [target.major, target.minor, target.patch];
    let mut parts: Vec<String> = core
        .split('.')
        .zip(numbers)
        .map(|(part, number)| match part {
            "*" | "x" | "X" => part.to_owned(),
            _ => number.to_string(),
        })
        .collect();
    if parts == ["0"] {
        parts.push(target.minor.to_string());
    }
    let mut text = parts.join(".");
    if parts.len() == 3 && !target.pre.is_empty() {
        text.push('-');
        text.push_str(target.pre.as_str());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(text: &str, target: &str) -> Option<String> {
        moved_to(text, &target.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_way_a_requirement_is_written_stays() {
        for (text, target, expected) in [
            ("32", "36.0.20", "36"),
            ("32.0", "36.0.20", "36.0"),
            ("32.0.0", "36.0.20", "36.0.20"),
            ("=32.0.1", "36.0.20", "=36.0.20"),
            ("= 32.0.1", "36.0.20", "= 36.0.20"),
            ("^32", "36.0.20", "^36"),
            ("~32.0", "36.0.20", "~36.0"),
            ("32.*", "36.0.20", "36.*"),
            ("32.0.*", "36.0.20", "36.0.*"),
            (">=30, <33", "36.0.20", ">=36, <37"),
            (">=30.0.0,<33.0.0", "36.0.20", ">=36.0.20,<37.0.0"),
            (">=30, <=32", "36.0.20", ">=36, <=36"),
            (" 32 ", "36.0.20", " 36 "),
            ("0.119", "0.123.20", "0.123"),
            ("=0.119.0", "0.123.20", "=0.123.20"),
            ("32.0.0", "49.0.0-rc.1", "49.0.0-rc.1"),
        ] {
            assert_eq!(moved(text, target).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_requirement_that_leaves_the_patch_open_and_admits_the_target_stays() {
        for text in [
            "36", "36.0", "^36", "*", "36.*", "=36.0.20", ">=30", "~36.0",
        ] {
            assert_eq!(moved(text, "36.0.20"), None, "{text}");
        }
        assert_eq!(moved("36.0.1", "36.0.20").as_deref(), Some("36.0.20"));
    }

    #[test]
    fn a_downgrade_moves_like_an_upgrade() {
        assert_eq!(moved("32", "29.0.1").as_deref(), Some("29"));
        assert_eq!(moved("32.0.0", "29.0.1").as_deref(), Some("29.0.1"));
    }

    #[test]
    fn what_cannot_be_moved_says_so() {
        let target: Version = "36.0.20".parse().unwrap();
        assert!(moved_to("not a version", &target).is_err());
        assert!(moved_to(">36", &"36.0.0".parse().unwrap()).is_err());
        assert!(moved_to("1, 2", &target).is_ok_and(|m| m.is_some()));
    }
}
