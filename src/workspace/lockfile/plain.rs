//! `Cargo.lock` as cargo itself writes it, line by line.
//!
//! A lockfile is by far the largest file that every check reads, and cargo always writes it in the
//! same plain shape. Reading that shape takes a tenth of the time that reading any TOML takes.
//! Whatever has another shape, however slightly, is left to the TOML parser, mistakes included: the
//! two never disagree on a file that both read.

use std::ops::Range;

/// One `[[package]]`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PlainPackage<'t> {
    pub(super) name: &'t str,
    pub(super) version: &'t str,
    /// Where the version stands, quotes included.
    pub(super) version_span: Range<usize>,
    pub(super) source: Option<&'t str>,
    /// A line for each.
    pub(super) dependencies: String,
}

/// The packages of a file that is just as cargo writes it, in one of the formats that state their
/// number and are known here.
pub(super) fn read(text: &str) -> Option<Vec<PlainPackage<'_>>> {
    if !is_plain(text) {
        return None;
    }
    let mut lines = Lines { text, at: 0 };
    let format = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    if !matches!(format, "version = 3" | "version = 4") {
        return None;
    }
    let mut packages = Vec::new();
    while let Some(line) = lines.next() {
        match line {
            "" => {}
            "[[package]]" => packages.push(package(&mut lines)?),
            _ => return None,
        }
    }
    Some(packages)
}

/// The keys of a package, as cargo orders them.
const KEYS: [&str; 5] = [
    "name = ",
    "version = ",
    "source = ",
    "checksum = ",
    "dependencies = ",
];

/// The lines of one package, up to an empty one.
fn package<'t>(lines: &mut Lines<'t>) -> Option<PlainPackage<'t>> {
    let mut package = PlainPackage::default();
    // How many keys are behind us, in cargo's order: none may come twice.
    let mut order = 0;
    while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
        let mut rest = KEYS[order..].iter().enumerate();
        let (passed, value) =
            rest.find_map(|(passed, key)| Some((passed, line.strip_prefix(key)?)))?;
        let key = KEYS[order + passed];
        order += passed + 1;
        match key {
            "dependencies = " => package.dependencies = list(value, lines)?,
            "name = " => package.name = quoted(value)?,
            "source = " => package.source = Some(quoted(value)?),
            "version = " => {
                package.version = quoted(value)?;
                let start = lines.start_of(value);
                package.version_span = start..start + value.len();
            }
            _ => {
                quoted(value)?;
            }
        }
    }
    let is_whole = !package.name.is_empty() && !package.version.is_empty();
    is_whole.then_some(package)
}

/// The strings of an array with a line for each.
fn list(value: &str, lines: &mut Lines<'_>) -> Option<String> {
    if value != "[" {
        return None;
    }
    let mut strings = String::new();
    loop {
        match lines.next()? {
            "]" => return Some(strings),
            line => {
                strings.push_str(quoted(line.strip_prefix(' ')?.strip_suffix(',')?)?);
                strings.push('\n');
            }
        }
    }
}

/// Whether nothing stands in a text but lines of ASCII in which nothing is escaped.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: &u8| {
        (matches!(byte, b' '..=b'~') & (*byte != b'\\')) | matches!(byte, b'\n' | b'\r')
    };
    // Without a way out in the middle, many bytes are looked at in one step.
    let bytes = text.as_bytes().iter();
    bytes.fold(true, |all, byte| all & is_plain(byte))
}

/// The content of a string in a plain text.
fn quoted(value: &str) -> Option<&str> {
    let content = match value.as_bytes() {
        [b'"', .., b'"'] if value.len() > 1 => &value[1..value.len() - 1],
        _ => return None,
    };
    // Half an end of a line is none, and no string goes over a line.
    let odd = memchr::memchr2(b'"', b'\r', content.as_bytes());
    odd.is_none().then_some(content)
}

/// The lines of a text, without their ends.
struct Lines<'t> {
    text: &'t str,
    /// Where the next line starts.
    at: usize,
}

impl Lines<'_> {
    /// Where a part of the line that came last starts in the text.
    fn start_of(&self, part: &str) -> usize {
        let before = &self.text[..self.at];
        let line = before.strip_suffix('\n').unwrap_or(before);
        without_return(line).len() - part.len()
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let (line, length) = match memchr::memchr(b'\n', rest.as_bytes()) {
            Some(end) => (&rest[..end], end + 1),
            None => (rest, rest.len()),
        };
        self.at += length;
        Some(without_return(line))
    }
}

/// A line without the first half of an end in two.
fn without_return(line: &str) -> &str {
    match line.as_bytes() {
        [.., b'\r'] => &line[..line.len() - 1],
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AS_CARGO_WRITES_IT: &str = "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\nversion = 4\n\n[[package]]\nname = \"host\"\nversion = \"0.1.0\"\ndependencies = [\n \"wasmtime\",\n \"wit 1.0.0\",\n]\n\n[[package]]\nname = \"wasmtime\"\nversion = \"36.0.20\"\nsource = \"registry+https://example.com/index\"\nchecksum = \"00ff\"\n";

    #[test]
    fn what_cargo_writes_is_read_with_the_place_of_each_version() {
        for text in [
            AS_CARGO_WRITES_IT.to_owned(),
            AS_CARGO_WRITES_IT.replace('\n', "\r\n"),
        ] {
            let [host, wasmtime] = &read(&text).unwrap()[..] else {
                unreachable!("the text holds two")
            };
            assert_eq!(host.dependencies, "wasmtime\nwit 1.0.0\n");
            assert_eq!((host.name, host.source), ("host", None));
            assert_eq!(wasmtime.version, "36.0.20");
            assert_eq!(&text[wasmtime.version_span.clone()], "\"36.0.20\"");
            assert_eq!(wasmtime.source, Some("registry+https://example.com/index"));
        }
    }

    #[test]
    fn every_other_shape_is_left_to_the_toml_parser() {
        for (old, new) in [
            ("version = 4\n", ""),
            ("version = 4\n", "version = 5\n"),
            ("version = 4\n", "version = \"4\"\n"),
            ("name = \"host\"\n", ""),
            ("name = \"host\"\n", "name = \"host\"\nname = \"host\"\n"),
            ("name = \"host\"", "name = 'host'"),
            ("name = \"host\"", "name = \"ho\\u0073t\""),
            ("name = \"host\"", "name = \"ho\rst\""),
            ("name = \"host\"", "name = \"host\" # ours"),
            ("name = \"host\"", "name=\"host\""),
            ("\n]\n", "\n"),
            (" \"wasmtime\",\n", " \"wasmtime\"\n"),
            ("checksum", "replace"),
            (
                "[[package]]\nname = \"wasm",
                "[[patch.unused]]\nname = \"wasm",
            ),
            ("# It", "<<<<<<< ours\n# It"),
        ] {
            let text = AS_CARGO_WRITES_IT.replacen(old, new, 1);
            assert_ne!(text, AS_CARGO_WRITES_IT, "{old}");
            assert_eq!(read(&text), None, "{new}");
        }
    }
}
