//! A text with `{{placeholders}}`.

use std::collections::{BTreeMap, BTreeSet};

/// The source of a case, with `{{name}}` where the axes put their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(String);

/// What the axes put where: a placeholder's name, its texts in the order of the axes.
pub(super) type Fillings<'a> = BTreeMap<&'a str, Vec<&'a str>>;

impl Template {
    /// A template of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The names between double braces.
    #[must_use]
    pub fn placeholders(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let mut rest = self.0.as_str();
        while let Some((_, name, after)) = next_placeholder(rest) {
            names.insert(name);
            rest = after;
        }
        names
    }

    /// The text with every placeholder filled. One that nothing fills is empty, and a line that
    /// held nothing else goes with it; several texts stand on lines of their own.
    #[must_use]
    pub(super) fn render(&self, fillings: &Fillings<'_>) -> String {
        let mut out = String::with_capacity(self.0.len());
        for line in self.0.split_inclusive('\n') {
            let filled = render_line(line, fillings);
            let was_blank = line.trim().is_empty();
            if was_blank || !filled.trim().is_empty() {
                out.push_str(&filled);
            }
        }
        out
    }
}

fn render_line(line: &str, fillings: &Fillings<'_>) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, name, after)) = next_placeholder(rest) {
        out.push_str(before);
        for (index, text) in fillings.get(name).into_iter().flatten().enumerate() {
            if index > 0 {
                out.push('\n');
                out.push_str(indent);
            }
            out.push_str(text);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text before the first placeholder, its name, the text behind it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("{{") {
        let open = from + found;
        let inside = &text[open + 2..];
        let length = inside
            .find(|c: char| !(c.is_ascii_lowercase() || c == '_'))
            .unwrap_or(inside.len());
        if length > 0 {
            if let Some(after) = inside[length..].strip_prefix("}}") {
                return Some((&text[..open], &inside[..length], after));
            }
        }
        from = open + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, fillings: &[(&'static str, &[&'static str])]) -> String {
        let fillings = fillings
            .iter()
            .map(|(name, texts)| (*name, texts.to_vec()))
            .collect();
        Template::new(template).render(&fillings)
    }

    #[test]
    fn placeholders_are_lower_case_words_in_double_braces() {
        let template = Template::new("{{a}} {{ b }} {{}} {{A}} {{{c_d}}} {{e");
        assert_eq!(template.placeholders(), BTreeSet::from(["a", "c_d"]));
    }

    #[test]
    fn a_placeholder_takes_all_its_texts_at_its_indent() {
        assert_eq!(
            filled("f({\n    {{o}}\n});\n", &[("o", &["a: 1,", "b: 2,"])]),
            "f({\n    a: 1,\n    b: 2,\n});\n"
        );
        assert_eq!(
            filled("{{a}}fn f() {}\n", &[("a", &["async "])]),
            "async fn f() {}\n"
        );
    }

    #[test]
    fn a_line_goes_with_its_only_placeholder_but_blank_lines_stay() {
        assert_eq!(filled("a\n    {{o}}\n\nb{{o}}\n", &[]), "a\n\nb\n");
    }
}
