//! Code in documentation: Rust between fences, in Markdown and in doc comments.
//!
//! An example is the text that it stands in with everything else blanked out, so that every offset
//! in it is one of the file.

use crate::tokens::Tokens;

/// What rustdoc calls Rust, besides a fence that names no language.
const RUST: [&str; 7] = [
    "rust",
    "no_run",
    "ignore",
    "should_panic",
    "compile_fail",
    "edition2021",
    "edition2024",
];

/// The Rust examples of a Markdown text.
#[must_use]
pub fn in_markdown(text: &str) -> Vec<String> {
    let lines = text.split_inclusive('\n').scan(0, |offset, line| {
        let start = *offset;
        *offset += line.len();
        Some((start, line))
    });
    // A fence that names no language is Rust to rustdoc alone.
    of_lines(text, lines, false)
}

/// The Rust examples in the doc comments of a source.
#[must_use]
pub fn in_rust(text: &str, tokens: &Tokens<'_>) -> Vec<String> {
    // What looks like a comment may stand in a string.
    let within_token = |offset: usize| {
        let behind = tokens.starting_at(crate::span::ByteOffset(offset + 1));
        let before = behind.unwrap_or(tokens.len()).checked_sub(1);
        before
            .and_then(|index| tokens.get(index))
            .is_some_and(|token| token.span.start.0 < offset && offset < token.span.end.0)
    };
    let mut found = Vec::new();
    let mut group: Vec<(usize, &str)> = Vec::new();
    let mut in_block = false;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset + line.len() - line.trim_start().len();
        offset += line.len();
        let content = match doc_content(line.trim_start(), &mut in_block) {
            Some(skip) if !within_token(start) => Some((start + skip, &text[start + skip..offset])),
            _ => None,
        };
        match content {
            Some(content) => group.push(content),
            None => found.extend(of_lines(text, group.drain(..), true)),
        }
    }
    found.extend(of_lines(text, group.drain(..), true));
    found
}

/// How long what makes a line documentation is; none for other lines.
fn doc_content(line: &str, in_block: &mut bool) -> Option<usize> {
    if *in_block {
        *in_block = !line.contains("*/");
        // The usual column of stars is no part of the text.
        return Some(usize::from(
            line.starts_with("* ") || line.trim_end() == "*",
        ));
    }
    for block in ["/**", "/*!"] {
        if line.starts_with(block) && !line.starts_with("/***") && !line.contains("*/") {
            *in_block = true;
            return Some(block.len());
        }
    }
    let is_doc = line.starts_with("//!") || (line.starts_with("///") && !line.starts_with("////"));
    is_doc.then_some(3)
}

/// The examples among lines of Markdown, each with its offset in the text.
fn of_lines<'t>(
    text: &str,
    lines: impl Iterator<Item = (usize, &'t str)>,
    unnamed: bool,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(&str, Option<Blanked>)> = None;
    for (offset, line) in lines {
        let trimmed = line.trim();
        match &mut open {
            None => {
                if let Some((fence, info)) = fence(trimmed) {
                    let example = is_rust(info, unnamed).then(|| Blanked::new(text));
                    open = Some((fence, example));
                }
            }
            Some((fence, example)) => {
                let sign = fence.chars().next();
                let closes =
                    trimmed.starts_with(*fence) && trimmed.chars().all(|ch| Some(ch) == sign);
                if closes {
                    found.extend(
                        open.take()
                            .and_then(|(_, example)| example)
                            .map(Blanked::text),
                    );
                } else if let Some(example) = example {
                    example.show(text, offset, line);
                }
            }
        }
    }
    found.extend(open.and_then(|(_, example)| example).map(Blanked::text));
    found
}

/// The sign that a code block begins with, and what stands behind it.
fn fence(line: &str) -> Option<(&str, &str)> {
    let sign = line
        .chars()
        .next()
        .filter(|sign| matches!(sign, '`' | '~'))?;
    let length = line.chars().take_while(|ch| *ch == sign).count();
    let (fence, info) = line.split_at(length);
    // Code within a line has its sign again.
    (length >= 3 && !info.contains('`')).then_some((fence, info.trim()))
}

/// Whether a fence with this text behind it holds Rust; one without a text does where `unnamed`.
fn is_rust(info: &str, unnamed: bool) -> bool {
    let words = info.split([',', ' ', '{', '}']);
    let mut words = words.map(str::trim).filter(|word| !word.is_empty());
    words.next().map_or(unnamed, |first| RUST.contains(&first))
}

/// A text of which only a part is to be seen.
struct Blanked(Vec<u8>);

impl Blanked {
    fn new(text: &str) -> Self {
        let blank = |byte| if byte == b'\n' { b'\n' } else { b' ' };
        Self(text.bytes().map(blank).collect())
    }

    /// Shows a line of code. rustdoc hides lines that begin with `# `, and compiles them.
    fn show(&mut self, text: &str, offset: usize, line: &str) {
        let hidden = line.trim_start();
        let mut from = offset;
        if hidden.starts_with("# ") || hidden.trim_end() == "#" {
            from += line.len() - hidden.len() + 1;
        }
        let end = offset + line.len();
        self.0[from..end].copy_from_slice(&text.as_bytes()[from..end]);
    }

    fn text(self) -> String {
        // Only whole lines are shown, from one character to another.
        String::from_utf8(self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trimmed(examples: &[String]) -> Vec<&str> {
        examples.iter().map(|example| example.trim()).collect()
    }

    #[test]
    fn examples_stand_where_they_stand_in_the_file() {
        let text = "# ä\n\n```rust,ignore\nf(\"ä\");\n```\n\n```toml\na = 1\n```\n\n1. x\n\n   ```rust\n   g();\n   # h();\n   ```\n";
        let found = in_markdown(text);
        assert_eq!(trimmed(&found), ["f(\"ä\");", "g();\n     h();"]);
        for example in &found {
            assert_eq!(example.len(), text.len());
        }
        assert_eq!(found[0].find("f("), text.find("f("));
    }

    #[test]
    fn doc_comments_have_examples_and_others_do_not() {
        let text = "//! ```\n//! a();\n//! ```\n\n/// Text.\n///\n/// ```no_run\n/// # b();\n/// c();\n/// ```\nfn f() {}\n\n// ```\n// d();\n// ```\n/** x\n * ```\n * e();\n * ```\n */\nconst S: &str = \"\n/// ```\n/// g();\n/// ```\n\";\n//// ```\n//// h();\n";
        let tokens = Tokens::read(text).unwrap();
        let found = in_rust(text, &tokens);
        let words: Vec<String> = found
            .iter()
            .map(|example| example.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(words, ["a();", "b(); c();", "e();"]);
    }

    #[test]
    fn a_fence_ends_with_its_own_sign() {
        let text = "````rust\n```\na();\n```\n````\n~~~rust\nb();\n~~~\n```js\nc()\n";
        let found = in_markdown(text);
        assert_eq!(trimmed(&found), ["```\na();\n```", "b();"]);
    }
}
