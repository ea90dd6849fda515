//! Which words a source has, be it in a comment or a string.
//!
//! Reading a file as tokens costs a hundred times more than looking for a word in it, and nearly no
//! file has the word that is asked for. And since some hundred words are asked for, each file is gone
//! through once for all of them; only where a word may be there is it looked for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use memchr::memmem::Finder;

use crate::parallel;
use crate::workspace::Workspace;

/// What is known of the words of each source; gathered when one is first asked about, since nearly
/// every question is about all of them.
#[derive(Debug, Default)]
pub(super) struct Words {
    seen: OnceLock<Vec<Seen>>,
    /// The places of the sources that have a word: the same words are asked for again and again.
    having: Mutex<HashMap<String, Arc<[usize]>>>,
}

impl Words {
    /// The places of the sources in which a name stands as a word of its own, in order. What is not
    /// ASCII ends a word here.
    pub(super) fn having(&self, workspace: &Workspace, name: &str) -> Arc<[usize]> {
        // The map is whole even after a panic elsewhere.
        let known = || self.having.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = known().get(name) {
            return Arc::clone(places);
        }
        let seen = self
            .seen
            .get_or_init(|| parallel::map(&workspace.sources, |source| Seen::of(&source.text)));
        let word = Word::new(name);
        let sources = workspace.sources.iter().zip(seen).enumerate();
        let having = sources.filter(|(_, (source, seen))| {
            seen.may_have(word.hash) && word.stands_in(source.text.as_bytes())
        });
        let places: Arc<[usize]> = having.map(|(place, _)| place).collect();
        known().insert(name.to_owned(), Arc::clone(&places));
        places
    }
}

/// A word to look for in many files.
#[derive(Clone, Debug)]
struct Word<'n> {
    finder: Finder<'n>,
    hash: u32,
}

impl<'n> Word<'n> {
    fn new(name: &'n str) -> Self {
        Self {
            finder: Finder::new(name),
            hash: name.bytes().fold(0, |hash, byte| step(hash, part(byte))),
        }
    }

    fn stands_in(&self, text: &[u8]) -> bool {
        let length = self.finder.needle().len();
        let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| part(*byte) != 0);
        let mut places = self.finder.find_iter(text);
        places.any(|start| {
            let before = start.checked_sub(1).and_then(|before| text.get(before));
            !is_part(before) && !is_part(text.get(start + length))
        })
    }
}

/// The words of a text as bits, each at the place that its hash says. Two words may share one: a yes
/// may be wrong, a no is not.
#[derive(Debug)]
struct Seen {
    bits: Vec<u64>,
    /// How far a hash is shifted to be a place.
    shift: u32,
}

impl Seen {
    fn of(text: &str) -> Self {
        // About ten bits a word.
        let places = text.len().clamp(1 << 9, 1 << 20).next_power_of_two();
        let mut seen = Self {
            bits: vec![0; places / 64],
            shift: u32::BITS - places.trailing_zeros(),
        };
        // A word whose hash is that of nothing is taken to be everywhere.
        seen.add(0);
        let mut hash = 0;
        for byte in text.bytes() {
            match part(byte) {
                0 if hash == 0 => {}
                0 => {
                    seen.add(hash);
                    hash = 0;
                }
                part => hash = step(hash, part),
            }
        }
        seen.add(hash);
        seen
    }

    fn place(&self, hash: u32) -> (usize, u64) {
        let place = (hash.wrapping_mul(0x9e37_79b1) >> self.shift) as usize;
        (place / 64, 1 << (place % 64))
    }

    fn add(&mut self, hash: u32) {
        let (word, bit) = self.place(hash);
        self.bits[word] |= bit;
    }

    fn may_have(&self, hash: u32) -> bool {
        let (word, bit) = self.place(hash);
        self.bits[word] & bit != 0
    }
}

/// A number for each byte that may be part of a word, 0 for all others.
fn part(byte: u8) -> u32 {
    const PARTS: [u32; 256] = {
        let mut parts = [0; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            if byte.is_ascii_alphanumeric() || byte == b'_' {
                parts[byte as usize] = (byte as u32).wrapping_mul(0x85eb_ca6b) | 1;
            }
            byte += 1;
        }
        parts
    };
    PARTS[byte as usize]
}

fn step(hash: u32, part: u32) -> u32 {
    hash.rotate_left(5) ^ part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_there_whole_or_not_at_all() {
        let new = Word::new("new");
        for (text, has) in [
            ("new", true),
            ("x.new()", true),
            ("// new", true),
            ("r#new", true),
            ("\u{e9}new", true),
            ("renew new_one New", false),
            ("renew new", true),
            ("", false),
        ] {
            assert_eq!(new.stands_in(text.as_bytes()), has, "{text}");
            if has {
                assert!(Seen::of(text).may_have(new.hash), "{text}");
            }
        }
    }

    #[test]
    fn most_words_that_are_not_there_are_known_not_to_be() {
        let text: String = (0..2_000).map(|number| format!("word{number} ")).collect();
        let seen = Seen::of(&text);
        let has = |name: String| seen.may_have(Word::new(&name).hash);
        assert!((0..2_000).all(|number| has(format!("word{number}"))));
        let wrong = (0..2_000).filter(|number| has(format!("other{number}")));
        assert!(wrong.count() < 600);
    }
}
