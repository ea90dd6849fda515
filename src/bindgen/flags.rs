//! The flags that a function of a world has: what options mean for it, in every spelling.

use std::fmt;

/// A set of flags. Its order is for sorting only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flags(u8);

impl Flags {
    /// Called or implemented asynchronously.
    pub const ASYNC: Self = Self(1);
    /// Given access to the store.
    pub const STORE: Self = Self(1 << 1);
    /// Traced.
    pub const TRACING: Self = Self(1 << 2);
    /// Traced with the values of lists.
    pub const VERBOSE_TRACING: Self = Self(1 << 3);
    /// Able to trap.
    pub const TRAPPABLE: Self = Self(1 << 4);
    /// Not asynchronous although WIT says so (36 to 46).
    pub const IGNORE_WIT: Self = Self(1 << 5);
    /// Returns a `TaskExit` (exports, 37 to 42).
    pub const TASK_EXIT: Self = Self(1 << 6);

    /// Every flag with its name, in the order in which they are written.
    const NAMES: [(Self, &'static str); 7] = [
        (Self::ASYNC, "async"),
        (Self::STORE, "store"),
        (Self::TRACING, "tracing"),
        (Self::VERBOSE_TRACING, "verbose_tracing"),
        (Self::TRAPPABLE, "trappable"),
        (Self::IGNORE_WIT, "ignore_wit"),
        (Self::TASK_EXIT, "task_exit"),
    ];

    /// The flag of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.into_iter();
        names
            .find(|(_, known)| *known == name)
            .map(|(flag, _)| flag)
    }

    /// Whether all flags of `other` are on.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// With the flags of `other`, when `on`.
    #[must_use]
    pub fn with(self, other: Self, on: bool) -> Self {
        if on { Self(self.0 | other.0) } else { self }
    }

    /// Without the flags of `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no flag is on.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// As a rule is written; `exact` stands for none.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Self::NAMES.iter().filter(|(flag, _)| self.has(*flag));
        let names: Vec<&str> = names.map(|(_, name)| *name).collect();
        if names.is_empty() {
            f.write_str("exact")
        } else {
            f.write_str(&names.join(" | "))
        }
    }
}
