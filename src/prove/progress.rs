//! What a long run says while it goes on.

use std::time::Duration;

use crate::version::FamilyVersion;

/// Something that happened in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// What has to be done is known.
    Planned {
        /// Releases to compile.
        to_run: usize,
        /// Releases whose evidence is fresh.
        kept: usize,
        /// Releases that this computer's Rust is too old for.
        skipped: usize,
    },
    /// The next release begins.
    Started {
        /// Which one of those to compile, from 1.
        position: usize,
        /// Of how many.
        total: usize,
        /// The proof.
        proof: &'a str,
        /// The release.
        release: &'a FamilyVersion,
    },
    /// A line that cargo wrote on standard error.
    Cargo {
        /// The line.
        line: &'a str,
    },
    /// A release is done.
    Finished {
        /// Which one of those to compile, from 1.
        position: usize,
        /// Of how many.
        total: usize,
        /// The proof.
        proof: &'a str,
        /// The release.
        release: &'a FamilyVersion,
        /// Cases as expected.
        fits: usize,
        /// Cases not as expected.
        mismatches: usize,
        /// Cases without an answer.
        not_run: usize,
    },
}

/// Turns events into lines for a person, with the time that has passed and an estimate of what is
/// left. The clock is the caller's, so that this stays a function of what it is told.
pub struct Progress<C> {
    clock: C,
    began: Duration,
    compiling: Duration,
}

impl<C: Fn() -> Duration> Progress<C> {
    /// With a clock that says how long the run has been going on.
    pub fn new(clock: C) -> Self {
        Self {
            clock,
            began: Duration::ZERO,
            compiling: Duration::ZERO,
        }
    }

    /// The line for an event, when it is worth one.
    pub fn line(&mut self, event: &Event<'_>) -> Option<String> {
        let now = (self.clock)();
        match *event {
            Event::Planned {
                to_run,
                kept,
                skipped,
            } => Some(format!(
                "{to_run} releases to compile, {kept} with fresh evidence, {skipped} skipped"
            )),
            Event::Started {
                position,
                total,
                proof,
                release,
            } => {
                self.began = now;
                Some(format!("[{position}/{total}] {proof} {release}: compiling"))
            }
            Event::Cargo { .. } => None,
            Event::Finished {
                position,
                total,
                proof,
                release,
                fits,
                mismatches,
                not_run,
            } => {
                let took = now.saturating_sub(self.began);
                self.compiling += took;
                let mut line =
                    format!("[{position}/{total}] {proof} {release}: {fits} as expected");
                for (count, what) in [(mismatches, "NOT as expected"), (not_run, "not run")] {
                    if count > 0 {
                        line.push_str(&format!(", {count} {what}"));
                    }
                }
                let per_release =
                    self.compiling / u32::try_from(position).unwrap_or(u32::MAX).max(1);
                let ahead = u32::try_from(total.saturating_sub(position)).unwrap_or(u32::MAX);
                line.push_str(&format!(" ({}); elapsed {}", human(took), human(now)));
                if ahead > 0 {
                    line.push_str(&format!(
                        ", about {} left",
                        human(per_release.saturating_mul(ahead))
                    ));
                }
                Some(line)
            }
        }
    }
}

/// A duration as a person says it.
fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn lines_tell_what_has_passed_and_what_is_left() {
        let now = Cell::new(Duration::ZERO);
        let mut progress = Progress::new(|| now.get());
        let release = FamilyVersion::new(30, 0);
        let started = |position| Event::Started {
            position,
            total: 3,
            proof: "p",
            release: &release,
        };
        let finished = |position, mismatches| Event::Finished {
            position,
            total: 3,
            proof: "p",
            release: &release,
            fits: 4,
            mismatches,
            not_run: 0,
        };
        assert_eq!(
            progress.line(&started(1)).unwrap(),
            "[1/3] p 30.0.0: compiling"
        );
        assert_eq!(
            progress.line(&Event::Cargo {
                line: "Compiling a"
            }),
            None
        );
        now.set(Duration::from_secs(50));
        assert_eq!(
            progress.line(&finished(1, 0)).unwrap(),
            "[1/3] p 30.0.0: 4 as expected (50 s); elapsed 50 s, about 1 min 40 s left"
        );
        progress.line(&started(2));
        now.set(Duration::from_millis(52_500));
        assert_eq!(
            progress.line(&finished(2, 1)).unwrap(),
            "[2/3] p 30.0.0: 4 as expected, 1 NOT as expected (2.5 s); elapsed 52 s, about 26 s left"
        );
        progress.line(&started(3));
        now.set(Duration::from_secs(4000));
        assert_eq!(
            progress.line(&finished(3, 0)).unwrap(),
            "[3/3] p 30.0.0: 4 as expected (1 h 05 min); elapsed 1 h 06 min"
        );
    }
}
