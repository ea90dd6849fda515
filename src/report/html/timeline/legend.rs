//! The shapes of the picture, what they mean, and the same facts as a table.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{Row, Standing, Target, concerning, newest_of};
use crate::knowledge::Knowledge;
use crate::report::html::text::escaped;

/// Shapes that the picture and the legend place with `use`.
pub(super) const SHAPES: &str = "<defs>\n\
    <path id=\"advisory\" d=\"M0-4 4 0 0 4-4 0z\"/>\n\
    <path id=\"problem\" d=\"M0-4 4 3H-4z\"/>\n\
    <circle id=\"ring\" r=\"7\"/>\n</defs>\n";

/// What the shapes mean; rare ones only where they stand.
pub(super) fn legend(rows: &[Row<'_>]) -> String {
    let sign =
        |inner: &str| format!("<svg width=\"18\" height=\"18\" aria-hidden=\"true\">{inner}</svg>");
    let shape = |shape: &str, class: &str| {
        sign(&format!(
            "<use href=\"#{shape}\" class=\"{class}\" x=\"9\" y=\"9\"/>"
        ))
    };
    let bar = |class: &str| {
        sign(&format!(
            "<rect class=\"bar {class}\" x=\"1\" y=\"4\" width=\"16\" height=\"10\" rx=\"3\"/>"
        ))
    };
    let tick = |class: &str| {
        sign(&format!(
            "<rect class=\"{class}\" x=\"8\" y=\"4\" width=\"2\" height=\"10\"/>"
        ))
    };
    let mut items = vec![
        (shape("ring", "here"), "this project"),
        (shape("ring", "there"), "where it could go"),
        (bar("supported"), "fixes are made"),
        (bar("supported lts"), "long-term (LTS)"),
        (bar("ended"), "no fixes any more"),
        (tick("tick"), "a release"),
        (shape("advisory", "affected"), "advisory, affected"),
        (shape("advisory", "possible"), "advisory, possible"),
        (
            shape("advisory", "not-affected"),
            "advisory, of no concern here",
        ),
        (shape("problem", "affected"), "regression or other change"),
    ];
    let mut releases = rows.iter().flat_map(|row| &row.releases);
    if releases.any(|(_, release)| release.unserved) {
        items.push((tick("tick unserved"), "not served by the registry yet"));
    }
    let items = items.iter().fold(String::new(), |mut text, (sign, what)| {
        let _ = writeln!(text, "<li>{sign} {what}</li>");
        text
    });
    format!("<ul class=\"legend\">\n{items}</ul>\n")
}

/// The same as the picture, for those who can't see it and for those who want numbers.
pub(super) fn table(
    rows: &[Row<'_>],
    places: &[(&Standing, Vec<Target>)],
    knowledge: &Knowledge,
    today: Date,
) -> String {
    let several = places.len() > 1;
    let mut head =
        "<th>Line</th><th>Newest release</th><th>Published</th><th>Fixes until</th><th>Rust</th>"
            .to_owned();
    for (standing, _) in places {
        let of = match several {
            true => format!(": {}", escaped(&standing.name)),
            false => String::new(),
        };
        let _ = write!(head, "<th>Open there{of}</th>");
    }
    let mut body = String::new();
    for row in rows {
        let facts = row.facts;
        let newest = newest_of(knowledge, facts.line);
        let version = newest.map_or_else(|| "none".to_owned(), |r| r.version.to_string());
        let published = newest
            .and_then(|release| release.published)
            .map_or_else(String::new, |day| day.to_string());
        let lts = if facts.lts { " LTS" } else { "" };
        let ended = if facts.supported_on(today) {
            ""
        } else {
            " (over)"
        };
        let _ = write!(
            body,
            "<tr><th scope=\"row\">{}{lts}</th><td>{}</td><td>{published}</td><td>{}{ended}</td><td>{}</td>",
            facts.line,
            escaped(&version),
            facts.supported_until,
            facts.rust_version,
        );
        for (standing, _) in places {
            let open = newest.map(|release| concerning(standing, knowledge, &release.version));
            let cell = match open {
                Some((0, 0)) => "nothing known".to_owned(),
                Some((0, possible)) => format!("{possible} possible"),
                Some((sure, 0)) => format!("{sure} affected"),
                Some((sure, possible)) => format!("{sure} affected, {possible} possible"),
                None => String::new(),
            };
            let _ = write!(body, "<td>{cell}</td>");
        }
        body.push_str("</tr>\n");
    }
    format!(
        "<details>\n<summary>The same as a table</summary>\n<div class=\"wide\">\n<table>\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n</details>\n"
    )
}
