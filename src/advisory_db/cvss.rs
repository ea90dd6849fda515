//! How bad an advisory is, from its CVSS vector.

use crate::knowledge::Severity;

/// The rating of a vector of CVSS 3.0 or 3.1. Version 4 is looked up in large tables, which would
/// be more than this is worth: such an advisory has no rating here.
pub(super) fn severity(vector: &str) -> Option<Severity> {
    let score = score(vector)?;
    Some(match score {
        0 => Severity::None,
        1..40 => Severity::Low,
        40..70 => Severity::Moderate,
        70..90 => Severity::High,
        _ => Severity::Critical,
    })
}

/// The base score in tenths, as the specification of CVSS 3.1 calculates it.
fn score(vector: &str) -> Option<u32> {
    let metrics = vector
        .strip_prefix("CVSS:3.1/")
        .or_else(|| vector.strip_prefix("CVSS:3.0/"))?;
    let metric = |name: &str| {
        metrics
            .split('/')
            .find_map(|part| part.strip_prefix(name)?.strip_prefix(':'))
    };
    let changed = match metric("S")? {
        "U" => false,
        "C" => true,
        _ => return None,
    };
    let of = |name: &str, weights: &[(&str, f64)]| {
        let value = metric(name)?;
        let (_, weight) = weights.iter().find(|(letter, _)| *letter == value)?;
        Some(*weight)
    };
    let impact = [("H", 0.56), ("L", 0.22), ("N", 0.0)];
    let privileges = if changed {
        [("N", 0.85), ("L", 0.68), ("H", 0.5)]
    } else {
        [("N", 0.85), ("L", 0.62), ("H", 0.27)]
    };
    let vector_weights = [("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)];
    let exploitability = 8.22
        * of("AV", &vector_weights)?
        * of("AC", &[("L", 0.77), ("H", 0.44)])?
        * of("PR", &privileges)?
        * of("UI", &[("N", 0.85), ("R", 0.62)])?;
    let left = (1.0 - of("C", &impact)?) * (1.0 - of("I", &impact)?) * (1.0 - of("A", &impact)?);
    let base = 1.0 - left;
    let impact = if changed {
        7.52 * (base - 0.029) - 3.25 * (base - 0.02_f64).powi(15)
    } else {
        6.42 * base
    };
    if impact <= 0.0 {
        return Some(0);
    }
    let sum = if changed {
        1.08 * (impact + exploitability)
    } else {
        impact + exploitability
    };
    Some(round_up(sum.min(10.0)))
}

/// Tenths, rounded up; what is off by less than a hundred-thousandth is noise of the arithmetic.
fn round_up(score: f64) -> u32 {
    let fine = (score * 100_000.0).round() as u32;
    fine.div_ceil(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_that_were_published_with_the_vectors() {
        for (vector, expected) in [
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H", 55),
            ("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:L/A:L", 29),
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 99),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0),
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:U/C:N/I:N/A:H", 57),
        ] {
            assert_eq!(score(vector), Some(expected), "{vector}");
        }
        assert_eq!(
            severity("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H"),
            Some(Severity::Critical)
        );
    }

    #[test]
    fn what_is_not_version_3_or_not_whole_has_no_rating() {
        for vector in [
            "CVSS:4.0/AV:N/AC:L/AT:P/PR:L/UI:P/VC:N/VI:N/VA:H/SC:N/SI:N/SA:H",
            "CVSS:3.1/AV:N/AC:L",
            "CVSS:3.1/AV:X/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H",
            "",
        ] {
            assert_eq!(severity(vector), None, "{vector}");
        }
    }
}
