//! Words of WIT that later lines read otherwise: two types have other names since 26 (PR #9336), and
//! names became keywords, which are written with a `%`: `error-context` with 30 (PR #10044), `async` with
//! 32 (PR #10501), `map` with 42 (PR #12254). The name itself stays what it was.

use crate::edit::Edit;
use crate::span::Span;
use crate::version::Line;

/// The first line that reads it otherwise, a word, and what says the same there.
const WORDS: [(Line, &str, &str); 5] = [
    (Line(26), "float32", "f32"),
    (Line(26), "float64", "f64"),
    (Line(30), "error-context", "%error-context"),
    (Line(32), "async", "%async"),
    (Line(42), "map", "%map"),
];

/// The edits that make WIT of one line WIT of a later one; none where it is that already.
#[must_use]
pub fn respelled(text: &str, from: Line, to: Line) -> Vec<Edit> {
    let crossed = WORDS
        .iter()
        .filter(|(since, _, _)| from < *since && *since <= to);
    let crossed: Vec<_> = crossed.filter(|(_, word, _)| text.contains(word)).collect();
    if crossed.is_empty() {
        return Vec::new();
    }
    let edit = |span: Span| {
        let (since, word, new) = crossed
            .iter()
            .find(|(_, word, _)| *word == span.text(text))?;
        let reason = match new.strip_prefix('%') {
            Some(_) => format!("`{word}` is a keyword of WIT from line {since} on"),
            None => format!("WIT has `{new}` and no `{word}` from line {since} on"),
        };
        Some(Edit {
            span,
            text: (*new).to_owned(),
            reason,
        })
    };
    words(text).into_iter().filter_map(edit).collect()
}

/// Whether any line may read a text otherwise than another one.
pub(super) fn has_words(text: &str) -> bool {
    WORDS.iter().any(|(_, word, _)| text.contains(word))
}

/// Every name and keyword that is written without a `%`, comments apart.
fn words(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += comment(rest);
        } else if byte.is_ascii_alphanumeric() || *byte == b'%' {
            let length = bytes[at + 1..]
                .iter()
                .take_while(|byte| is_inner(byte))
                .count();
            words.extend((*byte != b'%').then(|| Span::new(at, at + 1 + length)));
            at += 1 + length;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    words
}

/// How long the comment is that a text begins with, in bytes; comments in it end for themselves.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = text[at..].find(['/', '*']) {
        at += found;
        match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => depth += 1,
            Some(b"*/") => depth -= 1,
            Some(_) => {
                at += 1;
                continue;
            }
            None => break,
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::EditSet;

    fn after(text: &str, from: u64, to: u64) -> String {
        let mut edits = EditSet::default();
        for edit in respelled(text, Line(from), Line(to)) {
            edits.add(edit).unwrap();
        }
        edits.apply(text)
    }

    #[test]
    fn floats_have_other_names() {
        let text = "interface i { f: func(a: float32, b: list<float64>) -> float32; }";
        let new = "interface i { f: func(a: f32, b: list<f64>) -> f32; }";
        assert_eq!(after(text, 24, 48), new);
        assert_eq!(after(text, 26, 48), text);
        assert_eq!(after(text, 24, 25), text);
        assert_eq!(after(new, 24, 48), new);
    }

    #[test]
    fn names_that_are_keywords_are_escaped_wherever_they_stand() {
        let text = "package a:b@0.2.0-map;\ninterface map { record r { map: u8, map-of: u8 }\nasync: func(r: r) -> map-like; }\nworld w { use map.{r}; import map; }";
        let new = "package a:b@0.2.0-map;\ninterface %map { record r { %map: u8, map-of: u8 }\n%async: func(r: r) -> map-like; }\nworld w { use %map.{r}; import %map; }";
        assert_eq!(after(text, 31, 42), new);
        assert_eq!(after(new, 31, 42), new);
    }

    #[test]
    fn comments_are_left_alone() {
        let text = "// map\n/// map\n/* map /* map */ map */\ninterface i {} // map é\n/* map";
        assert_eq!(after(text, 24, 48), text);
        for broken in ["/", "/*", "/*/", "%", "é map", "*/ map"] {
            let once = after(broken, 24, 48);
            assert_eq!(after(&once, 24, 48), once, "{broken}");
        }
    }

    /// What the parser says that the macro of these lines uses.
    #[test]
    fn the_result_means_the_same() {
        let text = "package a:b;\ninterface map { record r { map: u8 } async: func(x: r); }\nworld w { use map.{r}; import map; export run: func(x: r); }\n";
        let read = |text: &str| {
            let mut map = wit_parser::SourceMap::new();
            map.push_str("a.wit", text);
            map.parse().map_err(|(_, error)| error.to_string())
        };
        assert!(read(text).is_err());
        let group = read(&after(text, 24, 48)).unwrap();
        let names: Vec<&str> = group
            .main
            .interfaces
            .iter()
            .filter_map(|(_, it)| it.name.as_deref())
            .collect();
        assert_eq!(names, ["map"]);
    }
}
