//! The fenced code blocks of a Markdown file that have a role.

/// One fenced block. The word behind the language is its role: ` ```rust template `.
///
/// Proofs know one role, `template`. Migrations will have `before`, `after` and `untouched` in the
/// same kind of file: each is a template of its own (same placeholders, same axes), `before` for the
/// releases that a project comes from, `after` for those that it goes to. The role then is one more
/// axis that a rule can name in `when`, and nothing else of the format changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// What the block is written in, `rust` or `console` for example.
    pub language: &'a str,
    /// What it is for; empty for a block that is only shown.
    pub role: &'a str,
    /// Its text, with the last line's end.
    pub text: &'a str,
    /// The line of the opening fence in the text given, from 1.
    pub line: usize,
}

/// Every fenced block of `markdown`, in order. A fence that is never closed ends with the text.
#[must_use]
pub fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<(&str, usize, usize)> = None;
    let mut offset = 0;
    for (index, line) in markdown.split_inclusive('\n').enumerate() {
        let end = offset + line.len();
        let marker = line.trim_end();
        match open {
            Some((info, start, number)) if marker == "```" => {
                found.push(block(info, &markdown[start..offset], number));
                open = None;
            }
            None => {
                if let Some(info) = marker.strip_prefix("```") {
                    open = Some((info, end, index + 1));
                }
            }
            Some(_) => {}
        }
        offset = end;
    }
    if let Some((info, start, number)) = open {
        found.push(block(info, &markdown[start..], number));
    }
    found
}

fn block<'a>(info: &'a str, text: &'a str, line: usize) -> Block<'a> {
    let (language, role) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
    Block {
        language,
        role: role.trim(),
        text,
        line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_a_language_a_role_a_text_and_a_place() {
        let found =
            blocks("a\n```rust template\nfn a() {}\n```\nb\n```\nc\n```\n```console error\nd");
        let short: Vec<_> = found
            .iter()
            .map(|b| (b.language, b.role, b.text, b.line))
            .collect();
        assert_eq!(
            short,
            [
                ("rust", "template", "fn a() {}\n", 2),
                ("", "", "c\n", 6),
                ("console", "error", "d", 9),
            ]
        );
    }
}
