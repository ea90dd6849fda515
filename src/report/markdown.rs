//! Markdown for the body of a pull request and for the summary of a job.

use std::fmt::Write as _;

use super::human::Style;
use super::place::Excerpt;
use super::words::{counts, subject, summary, verdict, waived};
use super::{CheckReport, counted};
use crate::error::Error;
use crate::finding::{Finding, Level, Location};
use crate::knowledge::Knowledge;
use crate::workspace::NotLookedAt;

mod upgrade;

pub use upgrade::upgrade;

/// A pull request takes 65,536 characters, a job's summary a mebibyte: details that would not fit
/// are left out, with a line that says so. In bytes, for one root.
const BUDGET: usize = 48 * 1024;

/// The report of one root.
#[must_use]
pub fn check(report: &CheckReport, knowledge: &Knowledge, style: &Style) -> String {
    let (loud, notes): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .partition(|finding| finding.level > Level::Note);
    let mut text = heading(report, &loud, style);
    text.push_str(&table(report, &loud, style));
    let mut left_out = 0;
    let mut push = |section: String| {
        if text.len() + section.len() > BUDGET {
            left_out += 1;
        } else {
            text.push_str(&section);
        }
    };
    for finding in &loud {
        push(details(report, finding, style));
    }
    push(listed(&notes));
    push(not_looked_at(&report.not_looked_at));
    if left_out > 0 {
        let _ = writeln!(
            text,
            "{} left out here, the page would be too long; `{} check -v` shows all.\n",
            counted(left_out, "section"),
            style.program.command()
        );
    }
    let summary = summary(report, knowledge);
    let _ = writeln!(text, "<sub>{}</sub>", inline(&summary, false));
    text
}

/// The section for a root that could not be judged.
#[must_use]
pub fn failed(root: &str, error: &Error) -> String {
    format!(
        "## Wasmtime in {}: could not be judged\n\n{}\n\nTo do: {}\n",
        code(root, false),
        inline(&error.to_string(), false),
        inline(&error.help(), false)
    )
}

fn heading(report: &CheckReport, loud: &[&Finding], style: &Style) -> String {
    let root = match report.project.root.starts_with(&style.base) {
        true => style.from_base(&report.project, "."),
        false => style.path(&report.project, "."),
    };
    let of = match root.as_str() {
        "." => String::new(),
        root => format!(" in {}", code(root, false)),
    };
    let verdict = match loud {
        [] => "Nothing that is known concerns this project.".to_owned(),
        [one] => format!("One finding: {}.", inline(&one.title, false)),
        many => format!(
            "{} to look at; the first: {}.",
            counted(many.len(), "finding"),
            inline(&many[0].title, false)
        ),
    };
    format!(
        "## Wasmtime{of}: {}\n\n{verdict}\n\n",
        counts(&report.findings)
    )
}

fn table(report: &CheckReport, loud: &[&Finding], style: &Style) -> String {
    if loud.is_empty() {
        return String::new();
    }
    let mut text =
        String::from("| Level | Finding | Where | Why | What to do |\n|---|---|---|---|---|\n");
    for finding in loud {
        let _ = writeln!(
            text,
            "| **{}** | {}<br>{} | {}<br>{} | {} | {} |",
            finding.level.word(),
            linked(finding, true),
            inline(&finding.title, true),
            code(&shown(report, &finding.location, style), true),
            inline(&subject(finding), true),
            inline(&verdict(finding), true),
            inline(&finding.help, true),
        );
    }
    text.push('\n');
    text
}

fn shown(report: &CheckReport, place: &Location, style: &Style) -> String {
    let path = style.from_base(&report.project, &place.path);
    format!("{path}:{}:{}", place.line, place.column)
}

/// The id, linked to where one can read more.
fn linked(finding: &Finding, in_table: bool) -> String {
    let id = code(&finding.id, in_table);
    let link = finding.links.first().filter(|link| is_web(link));
    match link {
        Some(link) => format!("[{id}](<{link}>)"),
        None => id,
    }
}

/// Whether a link leads to the web and can stand between `<` and `>` in a table.
fn is_web(link: &str) -> bool {
    link.starts_with("https://") && !link.contains(['<', '>', '|', ' ', '\n', '\\', '"'])
}

fn details(report: &CheckReport, finding: &Finding, style: &Style) -> String {
    let mut text = format!(
        "<details>\n<summary>{}: {}</summary>\n\n",
        finding.level.word(),
        html(&finding.id)
    );
    let asked = subject(finding);
    let places = finding
        .evidence
        .iter()
        .map(|evidence| (&evidence.location, evidence.label.as_str()));
    for (location, label) in std::iter::once((&finding.location, asked.as_str())).chain(places) {
        let place = code(&shown(report, location, style), false);
        let _ = writeln!(text, "{place}: {}\n", inline(label, false));
        if let Some(excerpt) = Excerpt::of(report, location) {
            let _ = writeln!(text, "{}", fenced(&excerpt.line));
        }
    }
    if !finding.fixed_in.is_empty() {
        let fixed: Vec<String> = finding.fixed_in.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "Fixed in {}.\n", fixed.join(", "));
    }
    for link in finding.links.iter().filter(|link| is_web(link)) {
        let _ = writeln!(text, "- <{link}>");
    }
    let _ = writeln!(
        text,
        "- `{} explain {}`\n\n</details>\n",
        style.program.command(),
        finding.id
    );
    text
}

fn listed(notes: &[&Finding]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "<details>\n<summary>{}</summary>\n\n",
        counted(notes.len(), "note")
    );
    for finding in notes {
        let _ = write!(
            text,
            "- {}: {} ({}",
            linked(finding, false),
            inline(&finding.title, false),
            inline(&verdict(finding), false)
        );
        if let Some(waived) = waived(finding) {
            let _ = write!(text, "; {}", inline(&waived, false));
        }
        text.push_str(")\n");
    }
    text.push_str("\n</details>\n\n");
    text
}

fn not_looked_at(list: &[NotLookedAt]) -> String {
    if list.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "<details>\n<summary>{} not looked at</summary>\n\n",
        counted(list.len(), "place")
    );
    for NotLookedAt { path, reason } in list {
        let _ = writeln!(text, "- {}: {}", code(path, false), inline(reason, false));
    }
    text.push_str("\n</details>\n\n");
    text
}

/// A code block that its content can't close.
fn fenced(content: &str) -> String {
    let fence = "`".repeat(longest_run(content).max(2) + 1);
    format!("{fence}\n{content}\n{fence}\n")
}

/// A code span that its content can't close. In a table a pipe ends the cell even in code.
fn code(content: &str, in_table: bool) -> String {
    let fence = "`".repeat(longest_run(content) + 1);
    let pad = if content.starts_with('`') || content.ends_with('`') {
        " "
    } else {
        ""
    };
    let content = content.replace(['\r', '\n'], " ");
    let content = match in_table {
        true => content.replace('|', "\\|"),
        false => content,
    };
    format!("{fence}{pad}{content}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Text as it is meant: pairs of backticks stay code, and nothing else is markup, a mention or a
/// reference to an issue of the repository that shows it.
fn inline(text: &str, in_table: bool) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len() % 2 == 0 {
        return escaped(text);
    }
    parts
        .iter()
        .enumerate()
        .map(|(place, part)| match place % 2 {
            1 if part.is_empty() => "\\`\\`".to_owned(),
            1 => code(part, in_table),
            _ => escaped(part),
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' | '>' | '&' => escaped.push_str(&html(&c.to_string())),
            // A space without width: the text looks the same, and nobody is called.
            '@' | '#' => {
                escaped.push(c);
                escaped.push('\u{200b}');
            }
            '\r' | '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
        escaped
    })
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup_but_code_stays_code() {
        assert_eq!(
            inline("`a|b` is *x* | <b> @me #1", true),
            "`a\\|b` is \\*x\\* \\| &lt;b&gt; @\u{200b}me #\u{200b}1"
        );
        assert_eq!(inline("one ` only", false), "one \\` only");
        assert_eq!(inline("none `` here", false), "none \\`\\` here");
    }

    #[test]
    fn code_is_not_closed_by_its_content() {
        assert_eq!(code("a`b", false), "``a`b``");
        assert_eq!(code("`a", false), "`` `a ``");
        assert_eq!(fenced("```"), "````\n```\n````\n");
    }

    #[test]
    fn only_whole_links_are_links() {
        assert!(is_web("https://example.com/a?b=c"));
        for link in [
            "javascript:alert(1)",
            "https://a|b",
            "https://a>b",
            "http://a",
        ] {
            assert!(!is_web(link), "{link}");
        }
    }
}
