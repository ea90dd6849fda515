//! Whether something takes longer, beyond what is noise.

use super::compare::{Aspect, Class, Difference};
use super::protocol::Observation;

/// Below this a time is noise whatever its ratio, in microseconds.
const LEAST: u64 = 30_000;

/// Below this the size of machine code matters to nobody, in bytes.
const LEAST_CODE: u64 = 64 * 1024;

/// What a ratio must reach to be worth a second look, in percent.
const SUSPECT: u64 = 150;

/// What the slowest run of the faster side and the fastest run of the slower side must be apart, in
/// percent.
const BEYOND_NOISE: u64 = 125;

/// How often a suspect is run again on each side.
pub const REPEATS: usize = 2;

/// A quantity whose change is neither right nor wrong.
type Measure = (Aspect, fn(&Observation) -> Option<u64>);

const TIMES: [Measure; 2] = [
    (Aspect::CompileTime, |seen| seen.compile_micros),
    (Aspect::RunTime, |seen| seen.run_micros),
];

/// Whether one run of each side is enough to suspect a change of speed.
#[must_use]
pub fn suspect(before: &Observation, after: &Observation) -> bool {
    TIMES.iter().any(|(_, of)| match (of(before), of(after)) {
        (Some(a), Some(b)) => a.max(b) >= LEAST && a.max(b) * 100 >= a.min(b) * SUSPECT,
        _ => false,
    })
}

/// What is slower or faster in every run.
#[must_use]
pub fn times(before: &[Observation], after: &[Observation]) -> Vec<Difference> {
    let differences = TIMES.into_iter().filter_map(|(aspect, of)| {
        let all = |seen: &[Observation]| -> Option<Vec<u64>> { seen.iter().map(of).collect() };
        apart(aspect, &all(before)?, &all(after)?, LEAST, ("ms", 1000))
    });
    differences.collect()
}

/// Machine code that grew or shrank by more than a quarter.
#[must_use]
pub fn size(before: &Observation, after: &Observation) -> Option<Difference> {
    let (was, is) = (before.code_bytes?, after.code_bytes?);
    apart(Aspect::CodeSize, &[was], &[is], LEAST_CODE, ("KiB", 1024))
}

/// The difference between two series that do not meet.
fn apart(
    aspect: Aspect,
    was: &[u64],
    is: &[u64],
    least: u64,
    (unit, divisor): (&str, u64),
) -> Option<Difference> {
    let (fastest_was, slowest_was) = (*was.iter().min()?, *was.iter().max()?);
    let (fastest_is, slowest_is) = (*is.iter().min()?, *is.iter().max()?);
    let beyond = |low: u64, high: u64| high >= least && high * 100 >= low * BEYOND_NOISE;
    let class = if beyond(slowest_was, fastest_is) {
        Class::Slower
    } else if beyond(slowest_is, fastest_was) {
        Class::Faster
    } else {
        return None;
    };
    let ratio = fastest_is as f64 / fastest_was.max(1) as f64;
    Some(Difference::new(
        class,
        aspect,
        format!("{} {unit}", fastest_was / divisor),
        format!("{} {unit} ({ratio:.2} times)", fastest_is / divisor),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(compile: u64) -> Observation {
        Observation {
            compile_micros: Some(compile),
            ..Observation::default()
        }
    }

    #[test]
    fn short_times_are_noise() {
        assert!(!suspect(&took(1_000), &took(20_000)));
        assert!(suspect(&took(20_000), &took(200_000)));
        assert!(!suspect(&took(200_000), &took(210_000)));
    }

    #[test]
    fn only_series_that_do_not_meet_differ() {
        let fast = [took(100_000), took(140_000)];
        let slow = [took(200_000), took(300_000)];
        let found = times(&fast, &slow);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].class, Class::Slower);
        assert_eq!(found[0].before, "100 ms");
        assert_eq!(found[0].after, "200 ms (2.00 times)");
        assert_eq!(times(&slow, &fast)[0].class, Class::Faster);
        let mixed = [took(100_000), took(210_000)];
        assert_eq!(times(&mixed, &slow), vec![]);
    }

    #[test]
    fn code_that_grows_by_half_is_told_of_and_small_code_never() {
        let code = |bytes| Observation {
            code_bytes: Some(bytes),
            ..Observation::default()
        };
        let found = size(&code(100 << 10), &code(150 << 10)).unwrap();
        assert_eq!(found.after, "150 KiB (1.50 times)");
        assert_eq!(size(&code(100 << 10), &code(110 << 10)), None);
        assert_eq!(size(&code(1 << 10), &code(20 << 10)), None);
    }
}
