//! From a text to tokens, by the lexer of `rustc` itself: what it takes, and what it refuses, is
//! what the compiler does.

use ra_ap_rustc_lexer::{Cursor, LiteralKind, TokenKind as Raw, strip_shebang};

use super::{LexFailure, Packed, TokenKind};
use crate::span::ByteOffset;

/// The tokens of a source file, comments and white space left out, the ends of each group knowing
/// one another. A byte-order mark and a `#!` line are passed over, every byte staying where it is.
pub(super) fn lex(text: &str) -> Result<Vec<Packed>, LexFailure> {
    if u32::try_from(text.len()).is_err() {
        return Err(failure(0, "the text is longer than 4 GiB"));
    }
    let mut lexer = Lexer {
        text,
        at: start(text),
        list: Vec::with_capacity(text.len() / 6),
        open: Vec::new(),
    };
    while lexer.at < text.len() {
        if !lexer.plain()? {
            lexer.next()?;
        }
    }
    match lexer.open.last() {
        Some(opening) => Err(failure(
            lexer.list[*opening].start as usize,
            "this delimiter is never closed",
        )),
        None => Ok(lexer.list),
    }
}

/// Behind a byte-order mark and a `#!` line.
fn start(text: &str) -> usize {
    let mark = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    mark + strip_shebang(&text[mark..]).unwrap_or(0)
}

fn failure(offset: usize, message: &str) -> LexFailure {
    LexFailure {
        offset: ByteOffset(offset),
        message: message.to_owned(),
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    list: Vec<Packed>,
    /// The places of opening tokens that wait for the other one.
    open: Vec<usize>,
}

impl Lexer<'_> {
    /// Reads what can only be one thing and is nearly all of a source: white space, line comments,
    /// names and punctuation in ASCII. Says whether it did; the compiler's lexer, which looks at one
    /// character after the other, reads all else.
    fn plain(&mut self) -> Result<bool, LexFailure> {
        let start = self.at;
        let bytes = &self.text.as_bytes()[start..];
        let Some(first) = bytes.first() else {
            return Ok(false);
        };
        let next = bytes.get(1);
        let length_of = |is_part: fn(u8) -> bool| {
            let end = bytes.iter().position(|byte| !is_part(*byte));
            end.unwrap_or(bytes.len())
        };
        match first {
            b' ' | b'\n' | b'\r' | b'\t' => {
                self.at += length_of(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length = length_of(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                // A literal may begin like a name (`r"`, `b'`), so does a raw one (`r#`), and a name may
                // go on beyond ASCII.
                let is_plain = |byte: &u8| byte.is_ascii() && !matches!(byte, b'"' | b'\'' | b'#');
                if !bytes.get(length).is_none_or(is_plain) {
                    return Ok(false);
                }
                self.at += length;
                self.push(TokenKind::Ident, start);
            }
            b'/' if next == Some(&b'/') => {
                self.at += memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
            }
            b'/' if next == Some(&b'*') => return Ok(false),
            b'#' if matches!(next, Some(b'"' | b'#')) => return Ok(false),
            b'(' | b'[' | b'{' => {
                self.at += 1;
                self.open.push(self.list.len());
                self.push(TokenKind::Open, start);
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                self.close(start)?;
            }
            b';' | b',' | b'.' | b'@' | b'#' | b'~' | b'?' | b':' | b'$' | b'=' | b'!' | b'<'
            | b'>' | b'-' | b'&' | b'|' | b'+' | b'*' | b'/' | b'^' | b'%' => {
                self.at += 1;
                self.push(TokenKind::Punct(char::from(*first)), start);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn next(&mut self) -> Result<(), LexFailure> {
        let start = self.at;
        let raw = Cursor::new(&self.text[start..]).advance_token();
        self.at += raw.len as usize;
        match raw.kind {
            Raw::Eof => self.at = self.text.len(),
            Raw::BlockComment {
                terminated: false, ..
            } => return Err(failure(start, "this comment does not end")),
            Raw::LineComment { .. } | Raw::BlockComment { .. } | Raw::Whitespace => {}
            Raw::Ident | Raw::RawIdent | Raw::UnknownPrefix | Raw::UnknownPrefixLifetime => {
                self.push(TokenKind::Ident, start);
            }
            Raw::Lifetime { .. } | Raw::RawLifetime => self.push(TokenKind::Lifetime, start),
            Raw::Literal { kind, .. } => {
                if let Some(message) = unfinished(kind) {
                    return Err(failure(start, message));
                }
                self.push(TokenKind::Literal, start);
            }
            // From 2024 on these start a reserved literal; before, and in a macro of any edition
            // that was written before, they are one character each.
            Raw::GuardedStrPrefix => {
                self.at = start + 1;
                self.push(TokenKind::Punct('#'), start);
            }
            Raw::Unknown | Raw::InvalidIdent => {
                let first = self.text[start..].chars().next().unwrap_or_default();
                let message = format!("{first:?} does not start a Rust token");
                return Err(failure(start, &message));
            }
            _ => {
                let first = self.text[start..].chars().next().unwrap_or_default();
                self.push(TokenKind::Punct(first), start);
            }
        }
        Ok(())
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        // No place in the text is too great for it, and there are no more tokens than places.
        let packed = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        self.list.push(Packed {
            kind,
            start: packed(start),
            end: packed(self.at),
            partner: packed(self.list.len()),
        });
    }

    fn close(&mut self, start: usize) -> Result<(), LexFailure> {
        let place = self.list.len();
        self.push(TokenKind::Close, start);
        let at = self.list[place].partner;
        let opening = self.open.pop().filter(|opening| {
            let text = self.text.as_bytes();
            let opened = text[self.list[*opening].start as usize];
            matches!(
                (opened, text[start]),
                (b'(', b')') | (b'[', b']') | (b'{', b'}')
            )
        });
        let Some(opening) = opening else {
            return Err(failure(start, "this delimiter closes nothing that is open"));
        };
        self.list[place].partner = self.list[opening].partner;
        self.list[opening].partner = at;
        Ok(())
    }
}

/// Why a literal is none.
fn unfinished(kind: LiteralKind) -> Option<&'static str> {
    let terminated = match kind {
        LiteralKind::Char { terminated }
        | LiteralKind::Byte { terminated }
        | LiteralKind::Str { terminated }
        | LiteralKind::ByteStr { terminated }
        | LiteralKind::CStr { terminated } => terminated,
        LiteralKind::RawStr { n_hashes }
        | LiteralKind::RawByteStr { n_hashes }
        | LiteralKind::RawCStr { n_hashes } => n_hashes.is_some(),
        LiteralKind::Int { empty_int, .. } => {
            return empty_int.then_some("this number has no digits");
        }
        LiteralKind::Float { empty_exponent, .. } => {
            return empty_exponent.then_some("this number's exponent has no digits");
        }
    };
    (!terminated).then_some("this literal does not end")
}

#[cfg(test)]
mod second_opinion;
