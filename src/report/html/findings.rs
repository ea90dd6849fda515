//! The findings, each with what stands at its places.

use std::fmt::Write as _;

use super::text::{address, escaped, inline, link};
use crate::finding::{Finding, Level, Location};
use crate::report::human::Style;
use crate::report::place::Excerpt;
use crate::report::words::{subject, verdict, waived};
use crate::report::{CheckReport, counted};

/// The part of the page: what is loud is open, notes are folded.
pub(super) fn section(report: &CheckReport, style: &Style) -> String {
    let (loud, notes): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .partition(|finding| finding.level > Level::Note);
    let mut text = "<section>\n<h2>Findings</h2>\n".to_owned();
    if loud.is_empty() {
        text.push_str("<p>Nothing that is known concerns this project.</p>\n");
    }
    for finding in loud {
        text.push_str(&article(report, finding, style));
    }
    if !notes.is_empty() {
        let _ = writeln!(
            text,
            "<details class=\"notes\">\n<summary>{}: known, and of no concern here, or waived</summary>",
            counted(notes.len(), "note")
        );
        for finding in notes {
            text.push_str(&article(report, finding, style));
        }
        text.push_str("</details>\n");
    }
    text.push_str("</section>\n");
    text
}

fn article(report: &CheckReport, finding: &Finding, style: &Style) -> String {
    let level = finding.level.word();
    let mut text = format!(
        "<article class=\"finding {level}\">\n<h3><span class=\"level\">{level}</span> {}</h3>\n\
         <p class=\"soft\"><code>{}</code> · {} · {}</p>\n<p>{}</p>\n",
        inline(&finding.title),
        escaped(&finding.id),
        finding.kind.word(),
        escaped(&subject(finding)),
        inline(&verdict(finding)),
    );
    if let Some(waived) = waived(finding) {
        let _ = writeln!(text, "<p class=\"soft\">{}</p>", escaped(&waived));
    }
    text.push_str(&place(report, &finding.location, &subject(finding), style));
    for evidence in &finding.evidence {
        text.push_str(&place(report, &evidence.location, &evidence.label, style));
    }
    let _ = writeln!(text, "<p><b>To do:</b> {}</p>", inline(&finding.help));
    if !finding.fixed_in.is_empty() {
        let fixed: Vec<String> = finding.fixed_in.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "<p><b>Fixed in</b> {}</p>",
            escaped(&fixed.join(", "))
        );
    }
    if !finding.links.is_empty() {
        let links: Vec<String> = finding
            .links
            .iter()
            .map(|url| format!("<li>{}</li>", link(url, &address(url))))
            .collect();
        let _ = writeln!(text, "<ul class=\"links\">\n{}\n</ul>", links.join("\n"));
    }
    text.push_str("</article>\n");
    text
}

fn place(report: &CheckReport, location: &Location, label: &str, style: &Style) -> String {
    let path = style.from_base(&report.project, &location.path);
    let caption = format!(
        "<code>{}:{}:{}</code> {}",
        escaped(&path),
        location.line,
        location.column,
        inline(label)
    );
    let code = Excerpt::of(report, location).map_or_else(String::new, |excerpt| {
        let line = &excerpt.line;
        // The indentation would push what is marked out of a narrow window.
        let indent = (line.len() - line.trim_start().len()).min(excerpt.marked.start);
        format!(
            "<pre><span class=\"number\">{}</span>{}<mark>{}</mark>{}</pre>\n",
            location.line,
            escaped(&line[indent..excerpt.marked.start]),
            escaped(&line[excerpt.marked.clone()]),
            escaped(&line[excerpt.marked.end..]),
        )
    });
    format!("<figure>\n<figcaption>{caption}</figcaption>\n{code}</figure>\n")
}
