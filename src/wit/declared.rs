//! Names of types, told from words alone: parsing all of WASI takes longer than everything else that
//! `check` does.

use std::collections::BTreeSet;

/// Every word of a text that may be the name of a type: one behind a word that introduces a name.
/// White space, comments and the `%` of a name that is a keyword may stand between the two.
pub(super) fn declared_types(text: &str) -> BTreeSet<String> {
    let bytes = text.as_bytes();
    let mut names = BTreeSet::new();
    let mut introduces = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match CLASSES[byte as usize] {
            Class::Name => {
                let length = length_of_name(&bytes[at..]);
                let word = &text[at..at + length];
                if introduces && !names.contains(word) {
                    names.insert(word.to_owned());
                }
                introduces = introduces_name(word);
                at += length;
            }
            Class::Slash if bytes[at..].starts_with(b"//") => {
                let rest = &bytes[at..];
                at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            }
            Class::Slash if bytes[at..].starts_with(b"/*") => {
                let Some(end) = end_of_comment(&bytes[at..]) else {
                    return words(text).map(str::to_owned).collect();
                };
                at += end;
            }
            Class::Gap => at += 1,
            Class::Slash | Class::Other => {
                introduces = false;
                at += 1;
            }
        }
    }
    names
}

/// What a byte may be.
#[derive(Clone, Copy)]
enum Class {
    /// A part of a name.
    Name,
    /// A comment may begin.
    Slash,
    /// It may stand between a word and the name that it introduces. What is not ASCII may be white space.
    Gap,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Gap; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'/' => Class::Slash,
            b'%' => Class::Gap,
            _ if is_part_of_name(byte) => Class::Name,
            _ if byte.is_ascii_whitespace() => Class::Gap,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

fn length_of_name(bytes: &[u8]) -> usize {
    let end = bytes
        .iter()
        .position(|byte| !matches!(CLASSES[*byte as usize], Class::Name));
    end.unwrap_or(bytes.len())
}

/// Whether the name of a type stands behind a word.
fn introduces_name(word: &str) -> bool {
    matches!(
        word,
        "type" | "record" | "variant" | "enum" | "flags" | "resource" | "as"
    )
}

/// The length of the block comment that starts here; none when it goes over several lines, where
/// others may be in it.
fn end_of_comment(text: &[u8]) -> Option<usize> {
    let end = memchr::memmem::find(&text[2..], b"*/")? + 4;
    memchr::memchr(b'\n', &text[..end]).is_none().then_some(end)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|ch: char| !ch.is_ascii() || !is_part_of_name(ch as u8));
    words.filter(|word| !word.is_empty())
}

const fn is_part_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
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
