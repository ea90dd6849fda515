//! The shape of a compiler message: its first line without what differs between machines and
//! releases.

/// The first line of `message`, with absolute and relative paths as `<path>` and version numbers as
/// `<version>`. What is left can be compared between runs and says nothing about where it ran.
#[must_use]
pub fn shape(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim();
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let length = rest
            .find(is_boundary)
            .filter(|length| *length > 0)
            .unwrap_or(if is_boundary(first) {
                first.len_utf8()
            } else {
                rest.len()
            });
        let (token, after) = rest.split_at(length);
        if is_path(token) {
            out.push_str("<path>");
        } else {
            out.push_str(&without_versions(token));
        }
        rest = after;
    }
    out
}

/// What stands between the words of a message. A colon does not: it is a part of `C:\\`, and a
/// line number behind it says as little as the path before it.
fn is_boundary(c: char) -> bool {
    c.is_whitespace() || "`'\"()[]{}<>,;&=|".contains(c)
}

/// Whether the word names a place in a file system: absolute, or relative with a first dot.
fn is_path(token: &str) -> bool {
    let bytes = token.as_bytes();
    match bytes {
        [b'/', next, ..] => *next != b'/' && token.len() > 2,
        [letter, b':', b'/' | b'\\', ..] => letter.is_ascii_alphabetic(),
        [b'\\', b'\\', ..] => true,
        _ => ["./", "../", ".\\", "..\\", "~/"]
            .iter()
            .any(|start| token.starts_with(start)),
    }
}

/// The word with every `1.2.3` in it, and what hangs on it (`-rc.1`), masked.
fn without_versions(token: &str) -> String {
    let mut out = String::with_capacity(token.len());
    let mut rest = token;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        out.push_str(before);
        let digits = number
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(number.len());
        let candidate = number[..digits].trim_end_matches('.');
        let parts = candidate.split('.').filter(|part| !part.is_empty()).count();
        if parts == 3 && candidate.matches('.').count() == 2 {
            out.push_str("<version>");
            let tail = &number[candidate.len()..];
            let suffix = match tail.strip_prefix('-') {
                Some(suffix) => {
                    1 + suffix
                        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
                        .unwrap_or(suffix.len())
                }
                None => 0,
            };
            rest = &tail[suffix..];
        } else {
            out.push_str(&number[..digits]);
            rest = &number[digits..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_names_no_place_and_no_version() {
        for (message, expected) in [
            (
                "`Rc<RefCell<Vec<std::string::String>>>` cannot be sent between threads safely",
                "`Rc<RefCell<Vec<std::string::String>>>` cannot be sent between threads safely",
            ),
            (
                "failed to read `/home/a/b c.wit`: gone",
                "failed to read `<path> c.wit`: gone",
            ),
            ("in /w/src/lib.rs:10:5: bad", "in <path> bad"),
            (r"in 'C:\w\lib.rs'", "in '<path>'"),
            ("in ../wit and ./a", "in <path> and <path>"),
            (
                "package `wasi:io/poll@0.2.6` in wasmtime-32.0.1-rc.1",
                "package `wasi:io/poll@<version>` in wasmtime-<version>",
            ),
            (
                "expected 2 arguments, 1.5 a // b",
                "expected 2 arguments, 1.5 a // b",
            ),
            ("first\nsecond /path", "first"),
            ("", ""),
        ] {
            assert_eq!(shape(message), expected);
        }
    }
}
