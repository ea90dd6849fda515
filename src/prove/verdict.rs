//! What the compiler said, and what it had to say.

use std::fmt;

use serde::Serialize;

/// What the compiler said about one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Verdict {
    /// It compiles.
    Ok,
    /// It does not.
    Fails {
        /// The error codes, each once, sorted, joined by `+`. An error without one counts as
        /// `error`, which is what macros report.
        code: String,
        /// The first message, as [`super::shape`] leaves it.
        message: String,
        /// How many errors there are.
        count: usize,
    },
    /// The compiler was never asked: something that the case depends on did not build, or cargo was
    /// stopped. It is no success and no failure, and never becomes evidence.
    NotRun {
        /// Why.
        reason: String,
    },
}

impl Verdict {
    /// One word for a table.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Ok => "ok",
            Self::Fails { code, .. } => code,
            Self::NotRun { .. } => "not run",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("it compiles"),
            Self::Fails {
                code,
                message,
                count,
            } => {
                let plural = if *count == 1 { "" } else { "s" };
                write!(f, "{count} error{plural} {code}: {message}")
            }
            Self::NotRun { reason } => write!(f, "not run: {reason}"),
        }
    }
}

/// What the compiler has to say about a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Expected {
    /// It compiles.
    Ok,
    /// It does not.
    Fails {
        /// The error codes, as [`Verdict::Fails`] has them.
        code: String,
        /// A part of the first message. Two dots stand for anything, so that a rule need not spell
        /// out a type that compilers name differently.
        message: String,
    },
    /// It does not, and this error is among those that it has.
    FailsWith {
        /// The error code.
        code: String,
    },
}

impl Expected {
    /// Whether the compiler said this.
    #[must_use]
    pub fn fits(&self, verdict: &Verdict) -> bool {
        match (self, verdict) {
            (Self::Ok, Verdict::Ok) => true,
            (
                Self::Fails { code, message },
                Verdict::Fails {
                    code: said,
                    message: text,
                    ..
                },
            ) => code == said && contains(text, message),
            (Self::FailsWith { code }, Verdict::Fails { code: said, .. }) => {
                said.split('+').any(|one| one == code)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("it compiles"),
            Self::Fails { code, message } => write!(f, "{code}: {message}"),
            Self::FailsWith { code } => f.write_str(code),
        }
    }
}

/// Whether the pieces of `pattern` between its double dots stand in `text`, one behind the other.
fn contains(text: &str, pattern: &str) -> bool {
    let mut rest = text;
    pattern.split("..").all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(code: &str, message: &str) -> Verdict {
        Verdict::Fails {
            code: code.to_owned(),
            message: message.to_owned(),
            count: 4,
        }
    }

    #[test]
    fn an_expected_failure_has_its_code_and_its_words() {
        let expected = Expected::Fails {
            code: "E0277".to_owned(),
            message: "`Rc<..>` cannot be sent".to_owned(),
        };
        let message = "`Rc<RefCell<u8>>` cannot be sent between threads safely";
        assert!(expected.fits(&fails("E0277", message)));
        assert!(!expected.fits(&fails("E0277+E0308", message)));
        assert!(!expected.fits(&fails("E0277", "`U` cannot be sent between threads safely")));
        assert!(!expected.fits(&fails("E0277", "cannot be sent: `Rc<u8>`")));
        assert!(!expected.fits(&Verdict::Ok));
    }

    #[test]
    fn not_run_is_neither_ok_nor_a_failure() {
        let not_run = Verdict::NotRun {
            reason: "cargo was stopped".to_owned(),
        };
        assert!(!Expected::Ok.fits(&not_run));
        assert!(Expected::Ok.fits(&Verdict::Ok));
        assert!(!Expected::Ok.fits(&fails("E0277", "x")));
    }
}
