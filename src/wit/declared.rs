//! Names of types, told from words alone: parsing all of WASI takes longer than everything else that
//! `check` does.

use std::collections::BTreeSet;

/// Every word of a text that may be the name of a type: one behind a word that introduces a name.
pub(super) fn declared_types(text: &str) -> BTreeSet<String> {
    const INTRODUCED_BY: [&str; 7] = [
        "type", "record", "variant", "enum", "flags", "resource", "as",
    ];
    let Some(plain) = without_comments(text) else {
        return words(text).map(str::to_owned).collect();
    };
    let mut names = BTreeSet::new();
    let mut introduces = false;
    // White space and the `%` of a name that is a keyword may stand between the two, and nothing else.
    for part in plain.split_inclusive(|ch| !is_part_of_name(ch)) {
        let word = part.trim_end_matches(|ch| !is_part_of_name(ch));
        if introduces && !word.is_empty() {
            names.insert(word.to_owned());
        }
        let mut behind = part[word.len()..].chars();
        let goes_on = behind.all(|ch| ch.is_whitespace() || ch == '%');
        introduces = goes_on && (INTRODUCED_BY.contains(&word) || (introduces && word.is_empty()));
    }
    names
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|ch| !is_part_of_name(ch));
    words.filter(|word| !word.is_empty())
}

/// The text without its comments, for each of which a space stands; none when one block comment goes
/// over several lines.
fn without_comments(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for mut line in text.lines() {
        line = line.split("//").next().unwrap_or_default();
        while let Some((before, comment)) = line.split_once("/*") {
            plain.push_str(before);
            plain.push(' ');
            line = comment.split_once("*/")?.1;
        }
        plain.push_str(line);
        plain.push('\n');
    }
    Some(plain)
}

fn is_part_of_name(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || ch == '-'
}

#[cfg(test)]
mod tests {
    use super::declared_types;

    #[test]
    fn words_alone_tell_that_a_type_is_not_declared() {
        let names = ["result", "string"].map(str::to_owned);
        for (wit, may_declare) in [
            ("interface i { record result { a: u8 } }", true),
            ("interface i { use types.{outcome as result}; }", true),
            ("interface i { type %result = u8; }", true),
            ("interface i { type // a comment\n result = u8; }", true),
            ("interface i { type /* a comment */ result = u8; }", true),
            ("interface i { type /* a\n comment */ result = u8; }", true),
            ("interface i { type /* result */ other = u8; }", false),
            ("interface i { f: func() -> result<u8, string>; }", false),
            (
                "interface i { record a { %type: string, result: u8 } }",
                false,
            ),
            ("interface i { record results { a: u8 } }", false),
        ] {
            let declared = declared_types(wit);
            assert_eq!(
                names.iter().any(|name| declared.contains(name)),
                may_declare,
                "{wit}"
            );
        }
    }
}
