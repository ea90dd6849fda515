//! What `rehearse` found, for people, for programs and for pull requests.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Ansi};
use serde::Serialize;

use super::human::Style;
use super::{JSON_VERSION, counted, tool};
use crate::rehearse::compare::{Class, Difference, shown_end};
use crate::rehearse::protocol::Observation;
use crate::rehearse::{GuestReport, Rehearsal};

/// The document of `rehearse`.
#[derive(Serialize)]
pub struct RehearsalDocument<'a> {
    version: u32,
    tool: String,
    exit_code: u8,
    #[serde(flatten)]
    rehearsal: &'a Rehearsal,
}

impl<'a> RehearsalDocument<'a> {
    /// The document of one rehearsal.
    #[must_use]
    pub fn new(rehearsal: &'a Rehearsal) -> Self {
        Self {
            version: JSON_VERSION,
            tool: tool(),
            exit_code: rehearsal.exit_code() as u8,
            rehearsal,
        }
    }
}

/// A guest or an artifact, as reports list it.
struct Entry<'a> {
    path: &'a str,
    class: Class,
    differences: &'a [Difference],
    guest: Option<&'a GuestReport>,
}

/// Guests and artifacts, the worst first.
fn entries(rehearsal: &Rehearsal) -> Vec<Entry<'_>> {
    let guests = rehearsal.guests.iter().map(|guest| Entry {
        path: &guest.path,
        class: guest.class,
        differences: &guest.differences,
        guest: Some(guest),
    });
    let artifacts = rehearsal.artifacts.iter().map(|artifact| Entry {
        path: &artifact.path,
        class: artifact.class,
        differences: &artifact.differences,
        guest: None,
    });
    let mut all: Vec<Entry<'_>> = guests.chain(artifacts).collect();
    crate::order::sort_by(&mut all, |a, b| {
        b.class.cmp(&a.class).then(a.path.cmp(b.path))
    });
    all
}

/// The report for people.
#[must_use]
pub fn human(rehearsal: &Rehearsal, style: &Style) -> String {
    let mut text = String::new();
    for entry in entries(rehearsal) {
        let loud = entry.class > Class::Same
            || !entry.differences.is_empty()
            || entry.guest.is_some_and(worth_a_word);
        if loud || style.verbose {
            one(&mut text, rehearsal, &entry, style);
        }
    }
    for refused in &rehearsal.not_rehearsed {
        let _ = writeln!(
            text,
            "not rehearsed: {}: {}\n",
            refused.path, refused.reason
        );
    }
    if !rehearsal.settings.is_empty() {
        let settings = rehearsal.settings.iter();
        let settings: Vec<String> = settings
            .map(|setting| format!("{} = {} ({})", setting.name, setting.value, setting.from))
            .collect();
        let _ = writeln!(text, "the engine of both: {}", settings.join(", "));
    }
    let _ = writeln!(text, "{}", summary(rehearsal));
    text
}

/// Whether a guest without a difference must not pass for one that was seen to work.
fn worth_a_word(guest: &GuestReport) -> bool {
    let stubs = guest.after.imports.iter().any(|import| !import.satisfied);
    let remarks = !guest.after.remarks.is_empty() || !guest.unsteady.is_empty();
    fails_everywhere(guest) || stubs || remarks
}

fn fails_everywhere(guest: &GuestReport) -> bool {
    guest.before.failure.is_some() && guest.after.failure.is_some()
}

fn colour(class: Class) -> Ansi {
    let bold = Ansi::new().bold();
    match class {
        Class::Breaks => bold.fg_color(Some(AnsiColor::Red.into())),
        Class::Changes => bold.fg_color(Some(AnsiColor::Yellow.into())),
        Class::Slower | Class::Faster => bold.fg_color(Some(AnsiColor::Cyan.into())),
        Class::Same => bold.fg_color(Some(AnsiColor::Green.into())),
    }
}

fn one(text: &mut String, rehearsal: &Rehearsal, entry: &Entry<'_>, style: &Style) {
    let ansi = colour(entry.class);
    let _ = writeln!(text, "{ansi}{}{ansi:#}: {}", entry.class.word(), entry.path);
    let (from, to) = (rehearsal.from.to_string(), rehearsal.to.to_string());
    let width = from.len().max(to.len());
    for difference in entry.differences {
        let _ = writeln!(
            text,
            "  {}: {}",
            difference.class.word(),
            difference.aspect.word()
        );
        for (release, side) in [(&from, &difference.before), (&to, &difference.after)] {
            if !side.is_empty() {
                let _ = writeln!(text, "    {release:width$}  {}", indented(side, width + 6));
            }
        }
        if let Some(reason) = &difference.expected {
            let _ = writeln!(text, "    expected: {reason}");
        }
    }
    if let Some(guest) = entry.guest {
        of_guest(text, guest, style);
    }
    text.push('\n');
}

/// A text of several lines, with its later lines below the first. It may be a guest's: what a
/// terminal would obey is written out.
fn indented(text: &str, by: usize) -> String {
    let mut shown = String::new();
    for c in text.trim_end().chars() {
        match c {
            '\n' => shown.push_str(&format!("\n{:by$}", "")),
            '\t' => shown.push(c),
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

fn of_guest(text: &mut String, guest: &GuestReport, style: &Style) {
    if guest.differences.is_empty() && fails_everywhere(guest) {
        let end = indented(&shown_end(&guest.before), 9);
        let _ = writeln!(text, "  on both: {end}");
    }
    let stubbed = stubbed(&guest.after);
    if !stubbed.is_empty() {
        let _ = writeln!(text, "  stubbed: {}", some(&stubbed, style.verbose));
    }
    if !guest.unsteady.is_empty() {
        let words: Vec<&str> = guest.unsteady.iter().map(|aspect| aspect.word()).collect();
        let _ = writeln!(
            text,
            "  not compared, differs from run to run: {}",
            words.join(", ")
        );
    }
    for remark in &guest.after.remarks {
        let _ = writeln!(text, "  note: {remark}");
    }
    if style.verbose {
        let sides = [("before", &guest.before), ("after ", &guest.after)];
        for (name, seen) in sides {
            let _ = writeln!(text, "  {name}: {}", figures(seen));
        }
    }
}

fn stubbed(seen: &Observation) -> Vec<String> {
    let missing = seen.imports.iter().filter(|import| !import.satisfied);
    let named = missing.map(|import| match &import.reason {
        // Which of its parts WASI lacks is worth knowing; that others are the project's own is not.
        Some(reason) if import.name.starts_with("wasi") => {
            format!("`{}` ({reason})", import.name)
        }
        _ => format!("`{}`", import.name),
    });
    named.collect()
}

fn some(names: &[String], all: bool) -> String {
    const SHOWN: usize = 4;
    if all || names.len() <= SHOWN {
        return names.join(", ");
    }
    let rest = names.len() - SHOWN;
    format!(
        "{} and {rest} more (-v shows them)",
        names[..SHOWN].join(", ")
    )
}

fn figures(seen: &Observation) -> String {
    let mut parts = vec![shown_end(seen)];
    let time = |micros: u64| format!("{:.1} ms", micros as f64 / 1000.0);
    for (what, micros) in [
        ("compiled in", seen.compile_micros),
        ("started in", seen.instantiate_micros),
        ("ran for", seen.run_micros),
    ] {
        parts.extend(micros.map(|micros| format!("{what} {}", time(micros))));
    }
    let code = seen
        .code_bytes
        .map(|bytes| format!("{} KiB of code", bytes / 1024));
    parts.extend(code);
    parts.extend(seen.fuel.map(|fuel| format!("{fuel} fuel")));
    parts.push(format!("{} KiB of memory at most", seen.peak_memory / 1024));
    parts.push(format!(
        "stdout {} and stderr {} bytes",
        seen.stdout.bytes, seen.stderr.bytes
    ));
    parts.join(", ")
}

/// One line about all of it.
fn summary(rehearsal: &Rehearsal) -> String {
    let classes = entries(rehearsal);
    let count = |class: Class| classes.iter().filter(|entry| entry.class == class).count();
    let mut parts = Vec::new();
    for class in [
        Class::Breaks,
        Class::Changes,
        Class::Slower,
        Class::Faster,
        Class::Same,
    ] {
        let count = count(class);
        if count > 0 {
            parts.push(format!("{count} {}", class.word()));
        }
    }
    let differences = classes.iter().flat_map(|entry| entry.differences);
    let expected = differences.filter(|difference| difference.expected.is_some());
    let expected = match expected.count() {
        0 => String::new(),
        count => format!("; {} expected", counted(count, "difference")),
    };
    let refused = match rehearsal.not_rehearsed.len() {
        0 => String::new(),
        count => format!("; {} not rehearsed", counted(count, "file")),
    };
    let artifacts = match rehearsal.artifacts.len() {
        0 => String::new(),
        count => format!(" and {}", counted(count, "precompiled artifact")),
    };
    format!(
        "rehearsed {}{artifacts}, {} -> {}: {}{expected}{refused}",
        counted(rehearsal.guests.len(), "guest"),
        rehearsal.from,
        rehearsal.to,
        if parts.is_empty() {
            "nothing to compare".to_owned()
        } else {
            parts.join(", ")
        }
    )
}

/// The report for pull requests.
#[must_use]
pub fn markdown(rehearsal: &Rehearsal) -> String {
    let mut text = format!(
        "### Rehearsal: Wasmtime {} to {}\n\n{}\n",
        rehearsal.from,
        rehearsal.to,
        summary(rehearsal)
    );
    let entries = entries(rehearsal);
    if entries.iter().any(|entry| !entry.differences.is_empty()) {
        let _ = write!(
            text,
            "\n| guest | | what | {} | {} |\n|---|---|---|---|---|\n",
            rehearsal.from, rehearsal.to
        );
    }
    for entry in &entries {
        for difference in entry.differences {
            let expected = difference.expected.as_ref();
            let expected = expected.map(|reason| format!(" (expected: {reason})"));
            let _ = writeln!(
                text,
                "| `{}` | {}{} | {} | {} | {} |",
                cell(entry.path),
                difference.class.word(),
                cell(&expected.unwrap_or_default()),
                difference.aspect.word(),
                cell(&difference.before),
                cell(&difference.after)
            );
        }
    }
    for refused in &rehearsal.not_rehearsed {
        let _ = writeln!(
            text,
            "\nNot rehearsed: `{}`: {}",
            refused.path,
            cell(&refused.reason)
        );
    }
    text
}

/// A text that can't break out of its cell.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in text.trim().chars() {
        match c {
            '|' | '\\' | '*' | '_' | '<' | '[' | '#' => {
                cell.push('\\');
                cell.push(c);
            }
            '\n' => cell.push_str("<br>"),
            c if c.is_control() => {}
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests;
