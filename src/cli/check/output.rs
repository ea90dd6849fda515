//! What each root adds to the output. Most formats are printed root by root; SARIF is one document
//! for all of them.

use crate::cli::output::Session;
use crate::cli::summary;
use crate::error::{Error, Result};
use crate::knowledge::Knowledge;
use crate::report::json::{CheckDocument, ErrorDocument};
use crate::report::{CheckReport, Format, github, human, markdown, sarif};
use crate::workspace::Scope;

/// The summary of a step holds a mebibyte, and is refused whole when it is larger. In bytes.
const LARGEST_SUMMARY: usize = 960 * 1024;

/// What one root adds; made on the thread that judged it.
pub(super) enum Part {
    /// Text that is printed as it is.
    Text(String),
    /// Text, and what the summary of the job says.
    Github { commands: String, summary: String },
    /// Kept for the document.
    Sarif(Box<sarif::Part>),
}

impl Part {
    /// What a root that was judged adds. `many`: its JSON stands on one line.
    ///
    /// # Errors
    /// Never in practice: every report can be written as JSON.
    pub(super) fn of(
        session: &Session<'_>,
        report: &CheckReport,
        knowledge: &Knowledge,
        many: bool,
    ) -> Result<Self> {
        let style = &session.style;
        Ok(match session.global.format {
            Format::Human => Self::Text(human::check(report, knowledge, style)),
            Format::Json => {
                Self::Text(session.json_text(&CheckDocument::new(report, knowledge), many)?)
            }
            Format::Markdown => Self::Text(markdown::check(report, knowledge, style)),
            Format::Github => Self::Github {
                commands: github::check(report, knowledge, style),
                summary: markdown::check(report, knowledge, style),
            },
            Format::Sarif => Self::Sarif(Box::new(sarif::Part::of(report))),
        })
    }

    /// What a root that could not be judged adds; people are told on standard error.
    pub(super) fn failed(session: &Session<'_>, scope: &Scope, error: &Error) -> Self {
        let root = scope.as_str();
        match session.global.format {
            Format::Human => Self::Text(String::new()),
            // Text of our own can always be written as JSON.
            Format::Json => Self::Text(
                session
                    .json_text(&ErrorDocument::new(root, error), true)
                    .unwrap_or_default(),
            ),
            Format::Markdown => Self::Text(markdown::failed(root, error)),
            Format::Github => Self::Github {
                commands: github::failed(root, error),
                summary: markdown::failed(root, error),
            },
            Format::Sarif => {
                let why = format!("{root} could not be judged: {error}");
                Self::Sarif(Box::new(sarif::Part::failed(why)))
            }
        }
    }
}

/// Where the parts go, in the order of the roots.
pub(super) struct Output<'a> {
    session: &'a Session<'a>,
    sarif: Vec<sarif::Part>,
    summary: String,
    left_out: usize,
}

impl<'a> Output<'a> {
    pub(super) fn new(session: &'a Session<'a>) -> Self {
        Self {
            session,
            sarif: Vec::new(),
            summary: String::new(),
            left_out: 0,
        }
    }

    /// Prints what can be printed by now.
    pub(super) fn add(&mut self, part: Part) {
        match part {
            Part::Text(text) => self.session.result(&text),
            Part::Github { commands, summary } => {
                self.session.result(&commands);
                if self.summary.len() + summary.len() > LARGEST_SUMMARY {
                    self.left_out += 1;
                } else {
                    self.summary.push_str(&summary);
                    self.summary.push('\n');
                }
            }
            Part::Sarif(part) => self.sarif.push(*part),
        }
    }

    /// Prints the rest.
    ///
    /// # Errors
    /// When the summary of the job can't be written.
    pub(super) fn finish(mut self) -> Result<()> {
        let session = self.session;
        match session.global.format {
            Format::Sarif => {
                let (knowledge, style) = (session.knowledge, &session.style);
                session.result(&sarif::document(&self.sarif, knowledge, style));
                Ok(())
            }
            Format::Github => {
                if self.left_out > 0 {
                    let left_out = self.left_out;
                    self.summary.push_str(&format!(
                        "{left_out} more roots are in the log; this page would be too long.\n"
                    ));
                }
                summary::add(session, &self.summary)
            }
            Format::Human | Format::Json | Format::Markdown => Ok(()),
        }
    }
}
