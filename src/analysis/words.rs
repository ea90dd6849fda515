//! Which words a source has, be it in a comment or a string.
//!
//! Reading a file as tokens costs a hundred times more than looking for a word in it, and nearly no
//! file has the word that is asked for. And since some hundred words are asked for, each file is gone
//! through once for all of them.

use std::sync::OnceLock;

use crate::workspace::Workspace;

/// The words of each source as hashes, sorted; gathered when a source is first asked about.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<OnceLock<Vec<u64>>>);

impl Words {
    pub(super) fn new(workspace: &Workspace) -> Self {
        Self(workspace.sources.iter().map(|_| OnceLock::new()).collect())
    }

    /// Whether a name may stand in a source as a word of its own. A yes may be wrong, a no is not:
    /// two words may have one hash, and what is not ASCII ends a word here.
    pub(super) fn may_have(&self, workspace: &Workspace, source: usize, name: &str) -> bool {
        let words = self.0[source].get_or_init(|| words(&workspace.sources[source].text));
        words.binary_search(&hash(name.bytes())).is_ok()
    }
}

fn words(text: &str) -> Vec<u64> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let words = text.as_bytes().split(|byte| !is_part(byte));
    let words = words.filter(|word| !word.is_empty());
    let mut hashes: Vec<u64> = words.map(|word| hash(word.iter().copied())).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.shrink_to_fit();
    hashes
}

/// FNV-1a: the words are short, and nobody gains anything by words that collide.
fn hash(word: impl Iterator<Item = u8>) -> u64 {
    word.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_there_whole_or_not_at_all() {
        for (text, has) in [
            ("new", true),
            ("x.new()", true),
            ("// new", true),
            ("r#new", true),
            ("\u{e9}new", true),
            ("renew new_one New", false),
            ("", false),
        ] {
            assert_eq!(words(text).contains(&hash("new".bytes())), has, "{text}");
        }
    }
}
