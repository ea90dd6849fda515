//! The last words for people when many roots were judged: which of them have something, in one table.

use std::fmt::Write as _;

use crate::finding::Level;
use crate::report::{CheckReport, counted};

/// What a root came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    /// Findings that are errors and not waived.
    pub errors: usize,
    /// Warnings that are not waived.
    pub warnings: usize,
}

impl Tally {
    /// Counts.
    pub(super) fn of(report: &CheckReport) -> Self {
        let count = |level| {
            let findings = report.findings.iter();
            let standing = findings.filter(|f| f.level == level && f.waived.is_none());
            standing.count()
        };
        Self {
            errors: count(Level::Error),
            warnings: count(Level::Warning),
        }
    }
}

/// All roots, in their order. None stands for one that could not be judged.
#[derive(Debug, Default)]
pub(super) struct Overview(Vec<(String, Option<Tally>)>);

impl Overview {
    /// One more.
    pub(super) fn add(&mut self, root: &str, tally: Option<Tally>) {
        self.0.push((root.to_owned(), tally));
    }

    /// The table; roots without errors and warnings are only counted.
    pub(super) fn text(&self) -> String {
        let quiet = |tally: &Option<Tally>| {
            let nothing = Tally {
                errors: 0,
                warnings: 0,
            };
            *tally == Some(nothing)
        };
        let loud: Vec<_> = self.0.iter().filter(|(_, tally)| !quiet(tally)).collect();
        let clean = self.0.len() - loud.len();
        let mut text = format!(
            "{}, {clean} without errors and warnings{}\n",
            counted(self.0.len(), "root"),
            if loud.is_empty() { "" } else { "; the others:" },
        );
        for (root, tally) in loud {
            let _ = match tally {
                Some(Tally { errors, warnings }) => writeln!(
                    text,
                    "{:>12} {:>14}  {root}",
                    counted(*errors, "error"),
                    counted(*warnings, "warning"),
                ),
                None => writeln!(text, "{:>27}  {root}", "could not be judged"),
            };
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_with_nothing_are_counted_and_the_others_are_named() {
        let tally = |errors, warnings| Some(Tally { errors, warnings });
        let overview = Overview(vec![
            ("a".to_owned(), tally(14, 1)),
            ("b".to_owned(), tally(0, 0)),
            ("c".to_owned(), None),
        ]);
        let expected = "3 roots, 1 without errors and warnings; the others:\n   14 errors      1 warning  a\n        could not be judged  c\n";
        assert_eq!(overview.text(), expected);
        let overview = Overview(vec![("b".to_owned(), tally(0, 0))]);
        assert_eq!(overview.text(), "1 root, 1 without errors and warnings\n");
    }
}
