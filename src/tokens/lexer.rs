//! Tokens of everyday Rust, read straight from the bytes.
//!
//! `proc-macro2` is what decides how Rust is cut into tokens, but telling where each of its tokens
//! stands takes most of the time of a check. This reads the same tokens with their places ten times
//! faster, as long as the text is plain: names in ASCII, literals without suffixes that nobody writes,
//! brackets that match. At anything else it gives up, and `proc-macro2` has the word, mistakes
//! included. A test holds the two against each other.

use std::borrow::Cow;

use super::{Token, TokenKind, is_error_mark, without_shebang};
use crate::span::Span;

/// The tokens of a text; none where `proc-macro2` has to look.
pub(super) fn read(text: &str) -> Option<Vec<Token>> {
    if matches!(without_shebang(text), Cow::Owned(_)) {
        return None;
    }
    let mark = '\u{feff}';
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        text,
        at: if text.starts_with(mark) {
            mark.len_utf8()
        } else {
            0
        },
        tokens: Vec::with_capacity(text.len() / 8),
        open: Vec::new(),
    };
    while let Some(byte) = lexer.peek(0) {
        lexer.one(byte)?;
    }
    lexer.open.is_empty().then_some(lexer.tokens)
}

struct Lexer<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    /// Places of the brackets that are open.
    open: Vec<usize>,
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn continues_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let partner = self.tokens.len();
        let span = Span::new(start, self.at);
        self.tokens.push(Token {
            kind,
            span,
            partner,
        });
    }

    /// One token, comment or space.
    fn one(&mut self, byte: u8) -> Option<()> {
        let start = self.at;
        match (byte, self.peek(1)) {
            (b' ' | b'\t' | b'\n' | 0x0b | 0x0c, _) | (b'\r', Some(b'\n')) => self.at += 1,
            (b'/', Some(b'/')) => self.line_comment()?,
            (b'/', Some(b'*')) => self.block_comment()?,
            (b'(' | b'[' | b'{', _) if !is_error_mark(&self.text[start..]) => {
                self.at += 1;
                self.open.push(self.tokens.len());
                self.push(TokenKind::Open, start);
            }
            (b')' | b']' | b'}', _) => self.close(byte)?,
            (b'"', _) => self.string(start, Text::Chars)?,
            (b'\'', _) => self.quote(start)?,
            (b'0'..=b'9', _) => self.number(start)?,
            (byte, next) if starts_name(byte) => self.name(start, byte, next)?,
            (byte, _) if b"~!@#$%^&*-=+|;:,<.>/?".contains(&byte) => {
                self.at += 1;
                self.push(TokenKind::Punct(char::from(byte)), start);
            }
            _ => return None,
        }
        Some(())
    }

    fn close(&mut self, byte: u8) -> Option<()> {
        let opening = self.open.pop()?;
        let place = self.tokens.len();
        let token = self.tokens.get_mut(opening)?;
        token.partner = place;
        let matches = matches!(
            (self.bytes[token.span.start.0], byte),
            (b'(', b')') | (b'[', b']') | (b'{', b'}')
        );
        self.at += 1;
        self.push(TokenKind::Close, self.at - 1);
        self.tokens[place].partner = opening;
        matches.then_some(())
    }

    fn line_comment(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let line = line.strip_suffix('\r').unwrap_or(line);
        self.at += line.len();
        (!line.contains('\r')).then_some(())
    }

    fn block_comment(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0)?, self.peek(1)?) {
                (b'/', b'*') => depth += 1,
                (b'*', b'/') => depth -= 1,
                (b'\r', next) if next != b'\n' => return None,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// A name or keyword, or a literal that begins like one.
    fn name(&mut self, start: usize, byte: u8, next: Option<u8>) -> Option<()> {
        match (byte, next, self.peek(2)) {
            (b'b', Some(b'"'), _) => {
                self.at += 1;
                return self.string(start, Text::Bytes);
            }
            (b'b', Some(b'\''), _) => {
                self.at += 1;
                return self.character(start, Text::Bytes);
            }
            (b'b', Some(b'r'), Some(b'"' | b'#')) => {
                self.at += 2;
                return self.raw_string(start, Text::Bytes);
            }
            (b'r', Some(b'#'), Some(third)) if starts_name(third) => self.at += 2,
            (b'r', Some(b'"' | b'#'), _) => {
                self.at += 1;
                return self.raw_string(start, Text::Chars);
            }
            (b'c', Some(b'"'), _) | (b'c', Some(b'r'), Some(b'"' | b'#')) => return None,
            _ => {}
        }
        let from = self.at;
        self.rest_of_name()?;
        let reserved = ["_", "super", "self", "Self", "crate"];
        if from > start && reserved.contains(&&self.text[from..self.at]) {
            return None;
        }
        self.push(TokenKind::Ident, start);
        Some(())
    }

    /// Goes to the end of a name, or stays where none is; none where it may go on in another script.
    fn rest_of_name(&mut self) -> Option<()> {
        while self.peek(0).is_some_and(continues_name) {
            self.at += 1;
        }
        self.peek(0)
            .is_none_or(|byte| byte.is_ascii())
            .then_some(())
    }

    /// The end of a literal; a suffix is left to `proc-macro2`.
    fn end_of_literal(&mut self, start: usize) -> Option<()> {
        if self
            .peek(0)
            .is_some_and(|byte| continues_name(byte) || !byte.is_ascii())
        {
            return None;
        }
        self.push(TokenKind::Literal, start);
        Some(())
    }

    /// From the quote on.
    fn string(&mut self, start: usize, of: Text) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek(0)? {
                b'"' => {
                    self.at += 1;
                    return self.end_of_literal(start);
                }
                b'\\' if self.peek(1) == Some(b'\n') => {
                    self.at += 2;
                    while matches!(self.peek(0)?, b' ' | b'\t' | b'\n') {
                        self.at += 1;
                    }
                }
                b'\\' => self.escape(of)?,
                byte => self.content(byte, of)?,
            }
        }
    }

    /// From the first `#` or the quote on.
    fn raw_string(&mut self, start: usize, of: Text) -> Option<()> {
        let hashes = self.bytes[self.at..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        self.at += hashes;
        if self.peek(0) != Some(b'"') || hashes > 255 {
            return None;
        }
        self.at += 1;
        loop {
            let byte = self.peek(0)?;
            let closing = self.bytes[self.at + 1..].iter().take(hashes);
            if byte == b'"' && closing.filter(|byte| **byte == b'#').count() == hashes {
                self.at += 1 + hashes;
                return self.end_of_literal(start);
            }
            self.content(byte, of)?;
        }
    }

    /// A byte of a string as it stands there.
    fn content(&mut self, byte: u8, of: Text) -> Option<()> {
        let lone_return = byte == b'\r' && self.peek(1) != Some(b'\n');
        if lone_return || (of == Text::Bytes && !byte.is_ascii()) {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// From the backslash on.
    fn escape(&mut self, of: Text) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let is_hex = |place: usize| rest.get(place).is_some_and(u8::is_ascii_hexdigit);
        self.at += match rest.get(1)? {
            b'n' | b'r' | b't' | b'\\' | b'0' | b'\'' | b'"' => 2,
            b'x' if is_hex(2) && is_hex(3) && (of == Text::Bytes || rest[2] <= b'7') => 4,
            b'u' if of == Text::Chars => {
                let end = rest.iter().take(11).position(|byte| *byte == b'}')?;
                let digits = self.text.get(self.at + 3..self.at + end)?;
                let plain = rest[2] == b'{' && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let code = u32::from_str_radix(digits, 16).ok().filter(|_| plain)?;
                char::from_u32(code).filter(|_| digits.len() <= 6)?;
                end + 1
            }
            _ => return None,
        };
        Some(())
    }

    /// A character, or a lifetime: a quote and a name.
    fn quote(&mut self, start: usize) -> Option<()> {
        let mut chars = self.text[start + 1..].chars();
        let (first, second) = (chars.next()?, chars.next());
        if first == '\\' || second == Some('\'') {
            return self.character(start, Text::Chars);
        }
        let name = self.bytes[start + 1..]
            .iter()
            .take_while(|byte| continues_name(**byte));
        let behind = self.bytes.get(start + 1 + name.count());
        if !first.is_ascii() || !starts_name(first as u8) || matches!(behind, Some(b'\'' | b'#')) {
            return None;
        }
        self.at += 1;
        self.push(TokenKind::Punct('\''), start);
        Some(())
    }

    /// From the quote on.
    fn character(&mut self, start: usize, of: Text) -> Option<()> {
        self.at += 1;
        match self.text[self.at..].chars().next()? {
            '\\' => self.escape(of)?,
            '\'' => return None,
            ch if of == Text::Bytes && !ch.is_ascii() => return None,
            ch => self.at += ch.len_utf8(),
        }
        if self.peek(0)? != b'\'' {
            return None;
        }
        self.at += 1;
        self.end_of_literal(start)
    }

    fn number(&mut self, start: usize) -> Option<()> {
        let base = match (self.bytes[start], self.peek(1)) {
            (b'0', Some(b'x')) => 16,
            (b'0', Some(b'o')) => 8,
            (b'0', Some(b'b')) => 2,
            _ => 10,
        };
        if base == 10 {
            self.decimal()?;
        } else {
            self.at += 2;
            let is_digit = |byte: &u8| char::from(*byte).is_digit(base);
            let digits = self.bytes[self.at..]
                .iter()
                .take_while(|byte| is_digit(byte));
            self.at += digits.count();
            let is_too_large = self.peek(0).is_some_and(|byte| byte.is_ascii_digit());
            if is_too_large || self.at == start + 2 {
                return None;
            }
            // Behind a `_` there may be more digits, and some that are too large.
            let rest = self.bytes[self.at..]
                .iter()
                .take_while(|byte| continues_name(**byte));
            if base < 10 && rest.clone().any(|byte| *byte == b'_') {
                return None;
            }
            self.at += rest.count();
        }
        self.rest_of_name()?;
        self.push(TokenKind::Literal, start);
        Some(())
    }

    /// The digits of a decimal number, with a fraction and an exponent.
    fn decimal(&mut self) -> Option<()> {
        self.digits();
        if self.peek(0) == Some(b'.') {
            match self.peek(1) {
                // A range, or a method or field of the number.
                Some(b'.') => return Some(()),
                Some(byte) if starts_name(byte) => return Some(()),
                Some(byte) if !byte.is_ascii() => return None,
                _ => self.at += 1,
            }
            self.digits();
        }
        if matches!(self.peek(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if !self.peek(1 + sign)?.is_ascii_digit() {
                return None;
            }
            self.at += 1 + sign;
            self.digits();
        }
        Some(())
    }

    fn digits(&mut self) {
        while matches!(self.peek(0), Some(b'0'..=b'9' | b'_')) {
            self.at += 1;
        }
    }
}

/// What a literal is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Chars,
    Bytes,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::super::{flatten, stream};
    use super::*;

    /// Holds this reader against `proc-macro2`; says whether it read the text at all.
    fn agrees(text: &str) -> bool {
        let Some(fast) = read(text) else {
            return false;
        };
        let slow = stream(text).map(|stream| flatten(stream, text));
        assert_eq!(slow.as_deref(), Ok(&fast[..]), "{text}");
        true
    }

    #[test]
    fn everyday_rust_is_read_here_as_by_proc_macro2() {
        for text in [
            "\u{feff}//! doc\r\n/* a /* b */ */ /** c */ fn f<'a>(x: &'a str) -> r#type { 'x' }",
            r#"["a\n\x7f\u{1F600}\"", b"\xff", r"\", br"x", b'\'', '\u{41}', "é", 'é']"#,
            "\"one\\\n    two\" r#\"a\"b\"#",
            "1 1.0 1. 0..2 1.max(2) t.0.1 1e5 1.5e-3f32 1_000u64 0xff_u8 0o17 0b11u8 1f32 2.0f64",
            "#![a] macro_rules! m { ($($x:tt)*) => { $crate::x!{ $($x)* } } } a>>=b..=c",
            "'a: loop { break 'a; } x as &'static u8",
        ] {
            assert!(agrees(text), "{text}");
        }
    }

    #[test]
    fn all_else_is_left_to_proc_macro2() {
        for text in [
            "fn é() {}",
            "\"a\"suffix",
            "c\"x\"",
            "(",
            ")",
            "(]",
            "\"open",
            "/* open",
            "'",
            "''",
            "r#\"open\"",
            "r#self",
            "\"\\q\"",
            "'\\u{110000}'",
            "b\"é\"",
            "0b12",
            "0x",
            "1e",
            "a\r",
            "'a'b",
            "\u{a0}",
            "`",
            "\\",
            "(/*ERROR*/)",
            "r##x",
            "'a#",
            "// a\rb\n",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn this_repositorys_own_sources_are_everyday_rust() {
        let mut folders = ["src", "tests", "rehearse", "demo", "knowledge"]
            .map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
            .to_vec();
        let (mut read, mut left) = (0, 0);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with("target") {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    match agrees(&std::fs::read_to_string(path).unwrap()) {
                        true => read += 1,
                        false => left += 1,
                    }
                }
            }
        }
        assert!(read > 200 && left < read / 20, "{read} read, {left} left");
    }

    /// Pieces that meet in ways that nobody thought of.
    const PIECES: &[&str] = &[
        "a", "r", "b", "br", "c", "cr", "_", "é", "r#", "#", "##", "'", "\"", "\\", "\\\n", "\n",
        "\r\n", "\r", " ", "0", "1", "9", "0x", "0o", "0b", "e", "E", "f32", ".", "..", "+", "-",
        "(", ")", "{", "}", "/", "//", "///", "/*", "*/", "!", "u{41}", "x7f", "xff", "u{",
        "\u{feff}",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn any_pieces_are_read_alike_or_left_alone(
            pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..12),
        ) {
            agrees(&pieces.concat());
        }
    }
}
