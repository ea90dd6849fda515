//! The files of `knowledge/` that this build was made with.

use std::sync::OnceLock;

/// What a start reads: path below `knowledge/`, and what its TOML says as JSON.
pub(super) static READ_BY_BUILD: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/json.in"));

/// Every file: path below `knowledge/`, bytes of its text.
static SIZES: &[(&str, usize)] = include!(concat!(env!("OUT_DIR"), "/sizes.in"));

/// The texts of [`SIZES`] one behind the other, deflated.
static TEXTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/texts.deflate"));

/// Every file below `knowledge/`: its path there, its text.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut behind = texts();
    SIZES.iter().map_while(move |(path, bytes)| {
        let (text, rest) = behind.split_at_checked(*bytes)?;
        behind = rest;
        Some((*path, text))
    })
}

/// The files of one folder, which ends in `/`: path below `knowledge/`, text.
pub fn folder(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<'_> {
    files().filter(move |(path, _)| path.starts_with(name))
}

/// The text of one file.
#[must_use]
pub fn file(path: &str) -> Option<&'static str> {
    files()
        .find(|(name, _)| *name == path)
        .map(|(_, text)| text)
}

/// The texts of [`SIZES`], inflated when somebody first asks.
///
/// What can't be inflated is no text: a test refuses to build a release so.
fn texts() -> &'static str {
    static INFLATED: OnceLock<String> = OnceLock::new();
    INFLATED.get_or_init(|| {
        let bytes = miniz_oxide::inflate::decompress_to_vec(TEXTS).unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        debug_assert_eq!(
            text.len(),
            SIZES.iter().map(|(_, bytes)| bytes).sum::<usize>()
        );
        text
    })
}
