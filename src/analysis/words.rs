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
    hash: u64,
}

impl<'n> Word<'n> {
    fn new(name: &'n str) -> Self {
        Self {
            finder: Finder::new(name),
            hash: hash(beginning(name.as_bytes(), name.len())),
        }
    }

    fn stands_in(&self, text: &[u8]) -> bool {
        let length = self.finder.needle().len();
        let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| is_part(*byte));
        let mut places = self.finder.find_iter(text);
        places.any(|start| {
            let before = start.checked_sub(1).and_then(|before| text.get(before));
            !is_part(before) && !is_part(text.get(start + length))
        })
    }
}

/// The words of a text as bits, each at the place that the hash of its first eight bytes says. Two words may
/// share one: a yes may be wrong, a no is not.
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
            shift: u64::BITS - places.trailing_zeros(),
        };
        let text = text.as_bytes();
        // Whether the bytes before end with a part of a word.
        let mut goes_on = 0;
        for (number, block) in text.chunks(BLOCK).enumerate() {
            let parts = parts_in(block);
            // A bit for each byte that a word begins with.
            let mut starts = parts & !(parts << 1 | goes_on);
            goes_on = parts >> (BLOCK - 1);
            let block_on = &text[number * BLOCK..];
            while starts != 0 {
                let place = starts.trailing_zeros() as usize;
                starts &= starts - 1;
                let word = &block_on[place..];
                let in_block = (parts >> place).trailing_ones() as usize;
                let length = match place + in_block {
                    BLOCK => length_of(word),
                    _ => in_block,
                };
                seen.add(hash(beginning(word, length)));
            }
        }
        seen
    }

    /// Which of the numbers has the bit of a hash, and the bit.
    fn place(&self, hash: u64) -> (usize, u64) {
        let place = hash >> self.shift;
        ((place / 64) as usize, 1 << (place % 64))
    }

    fn add(&mut self, hash: u64) {
        let (word, bit) = self.place(hash);
        self.bits[word] |= bit;
    }

    fn may_have(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.bits[word] & bit != 0
    }
}

/// How many bytes the word is long that a text begins with, or [`KEPT`] when it is longer.
fn length_of(text: &[u8]) -> usize {
    let word = text.iter().take(KEPT).take_while(|byte| is_part(**byte));
    word.count()
}

/// So many bytes are looked at together.
const BLOCK: usize = 64;

/// A bit for each byte of a block that may be part of a word, the first one lowest.
fn parts_in(block: &[u8]) -> u64 {
    match block.first_chunk::<BLOCK>() {
        Some(block) => parts_in_whole(block),
        None => {
            let mut whole = [0; BLOCK];
            whole[..block.len()].copy_from_slice(block);
            parts_in_whole(&whole)
        }
    }
}

/// Nothing in it depends on what was found before, so that processors do it with many bytes at once.
fn parts_in_whole(block: &[u8; BLOCK]) -> u64 {
    let mut flags = [0; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_digit = byte.wrapping_sub(b'0') < 10;
        *flag = u8::from(is_letter | is_digit | (*byte == b'_'));
    }
    let eights = flags.chunks_exact(8).enumerate();
    eights.fold(0, |bits, (number, eight)| {
        // Eight bytes that are 0 or 1 side by side: each is moved to the top by one of the bits of the factor.
        let together = load(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits | together << (8 * number)
    })
}

/// Up to eight bytes as a number, the first one lowest.
fn load(bytes: &[u8]) -> u64 {
    if let Ok(eight) = bytes.try_into() {
        return u64::from_le_bytes(eight);
    }
    let bytes = bytes.iter().rev();
    bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Of each word, so many bytes are kept.
const KEPT: usize = 8;

/// The bytes that are kept of the word of `length` bytes that a text begins with.
fn beginning(text: &[u8], length: usize) -> u64 {
    let first = match text.first_chunk::<KEPT>() {
        Some(first) => u64::from_le_bytes(*first),
        None => load(text),
    };
    // The shift would be all of it for an empty word, which is none.
    let beyond = 8 * KEPT.saturating_sub(length.max(1));
    first << beyond >> beyond
}

fn hash(bytes: u64) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = bytes.wrapping_mul(FACTOR);
    (mixed ^ mixed >> 32).wrapping_mul(FACTOR)
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
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
    fn a_block_at_once_is_what_each_byte_is() {
        for length in [1, 7, 8, 63, BLOCK] {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    for beside in [b'x', b' ', 0, u8::MAX] {
                        let mut block = vec![beside; length];
                        block[place] = byte;
                        let each = block.iter().enumerate();
                        let wanted =
                            each.fold(0, |bits, (at, byte)| bits | u64::from(is_part(*byte)) << at);
                        assert_eq!(parts_in(&block), wanted, "{block:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn words_are_seen_wherever_they_stand_in_a_block() {
        for word in [
            "a",
            "a_b",
            "Linke",
            "Config",
            "Config_x",
            "WasiCtxBuilder",
            "a_word_of_many_parts_that_goes_on_for_more_than_a_whole_block_of_bytes",
        ] {
            for before in 0..=2 * BLOCK {
                for after in [
                    "",
                    " ",
                    "(x)",
                    " and more of it, so that blocks are whole again and again",
                ] {
                    let text = format!("{}{word}{after}", " ".repeat(before));
                    assert!(Seen::of(&text).may_have(Word::new(word).hash), "{text:?}");
                }
            }
        }
        let seen = Seen::of("renew new_one");
        assert!(!seen.may_have(Word::new("new").hash));
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
