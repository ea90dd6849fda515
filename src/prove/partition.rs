//! A part of the work, for as many machines as share it.

use std::fmt;
use std::str::FromStr;

/// `count:I/N`: every N-th piece of work beginning with the I-th, as cargo-nextest has it. Neighbours
/// go to different parts, so that all parts take about the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Which part, from 1.
    pub index: usize,
    /// Of how many.
    pub total: usize,
}

impl Partition {
    /// Whether the piece of work at `position` (from 0) belongs to this part.
    #[must_use]
    pub fn holds(self, position: usize) -> bool {
        position % self.total == self.index - 1
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text
            .strip_prefix("count:")
            .and_then(|numbers| numbers.split_once('/'))
            .and_then(|(index, total)| Some((index.parse().ok()?, total.parse().ok()?)));
        match parts {
            Some((index, total)) if (1..=total).contains(&index) => Ok(Self { index, total }),
            Some((index, total)) => Err(format!("there is no part {index} of {total}")),
            None => Err(format!("`{text}` is no partition such as `count:1/4`")),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "count:{}/{}", self.index, self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_from_one() {
        let partition: Partition = "count:2/3".parse().unwrap();
        assert_eq!(partition, Partition { index: 2, total: 3 });
        assert_eq!(partition.to_string(), "count:2/3");
        for bad in [
            "",
            "2/3",
            "count:0/3",
            "count:4/3",
            "count:1/0",
            "count:1",
            "hash:1/2",
            "count:-1/2",
        ] {
            assert!(bad.parse::<Partition>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_piece_of_work_belongs_to_one_part() {
        for total in 1..7 {
            for position in 0..20 {
                let holders = (1..=total)
                    .filter(|index| {
                        Partition {
                            index: *index,
                            total,
                        }
                        .holds(position)
                    })
                    .count();
                assert_eq!(holders, 1);
            }
        }
    }
}
