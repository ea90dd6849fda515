//! Text for the page. Everything that comes from a project or from the knowledge base goes through
//! here.

use jiff::civil::Date;

/// Text for an element or for a quoted attribute. Characters that no page may contain are replaced.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            // Line ends of Windows, and what would turn the direction of reading around.
            '\r' => {}
            c if c.is_control() || is_direction(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}');
            }
            c => escaped.push(c),
        }
        escaped
    })
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same, with pairs of backticks as code.
pub(super) fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len() % 2 == 0 {
        return escaped(text);
    }
    parts
        .iter()
        .enumerate()
        .map(|(place, part)| match place % 2 {
            1 => format!("<code>{}</code>", escaped(part)),
            _ => escaped(part),
        })
        .collect()
}

/// A link, when it leads to the web; else its text alone.
pub(super) fn link(url: &str, shown: &str) -> String {
    if url.starts_with("https://") {
        format!(
            "<a href=\"{}\" rel=\"noreferrer\">{}</a>",
            escaped(url),
            escaped(shown)
        )
    } else {
        escaped(shown)
    }
}

/// What a link shows: on GitHub, what people call the thing; elsewhere the address.
pub(super) fn address(url: &str) -> String {
    let bare = url.strip_prefix("https://").unwrap_or(url);
    let parts: Vec<&str> = bare.split('/').collect();
    match parts[..] {
        ["github.com", owner, name, "pull" | "issues", number] => {
            format!("{owner}/{name}#{number}")
        }
        ["github.com", _, _, "security", "advisories", id] => id.to_owned(),
        _ => bare.to_owned(),
    }
}

/// Whether fixes are made, and until when or since when not.
pub(super) fn support(supported: bool, until: Date) -> String {
    let words = match supported {
        true => "fixes until",
        false => "no fixes since",
    };
    format!("{words} {}", day(until))
}

/// A day, in one piece.
pub(super) fn day(day: Date) -> String {
    format!("<time>{day}</time>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(
            escaped("<a b='\"&\u{1b}\u{202e}\r\n"),
            "&lt;a b=&#39;&quot;&amp;\u{fffd}\u{fffd}\n"
        );
        assert_eq!(inline("`<x>` y"), "<code>&lt;x&gt;</code> y");
        assert_eq!(inline("one ` only"), "one ` only");
        assert_eq!(link("javascript:x", "<y>"), "&lt;y&gt;");
    }

    #[test]
    fn a_link_shows_what_people_call_the_thing() {
        for (url, shown) in [
            ("https://github.com/o/n/pull/1", "o/n#1"),
            ("https://github.com/o/n/issues/2", "o/n#2"),
            (
                "https://github.com/o/n/security/advisories/GHSA-x",
                "GHSA-x",
            ),
            (
                "https://github.com/o/n/pull/1/files",
                "github.com/o/n/pull/1/files",
            ),
            ("https://docs.wasmtime.dev/", "docs.wasmtime.dev/"),
        ] {
            assert_eq!(address(url), shown);
        }
    }
}
