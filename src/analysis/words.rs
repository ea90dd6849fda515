//! Which words a source has, be it in a comment or a string.
//!
//! Reading a file as tokens costs a hundred times more than looking for a word in it, and nearly no
//! file has the word that is asked for. And since some hundred words are asked for, each file is gone
//! through once for all of them; only where a word may be there is it looked for itself.

use std::collections::HashMap;
use std::ops::Range;
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
            hash: hash(name.as_bytes()),
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
            shift: u64::BITS - places.trailing_zeros(),
        };
        let text = text.as_bytes();
        // Where the word began that goes on at the end of the bytes before.
        let mut begun = None;
        for (number, block) in text.chunks(BLOCK).enumerate() {
            let start = number * BLOCK;
            let parts = parts_in(block);
            // A bit for each byte that differs from the one before it.
            let mut edges = parts ^ (parts << 1 | u64::from(begun.is_some()));
            while edges != 0 {
                let at = start + edges.trailing_zeros() as usize;
                edges &= edges - 1;
                begun = match begun {
                    None => Some(at),
                    Some(began) => {
                        seen.add(hash_in(text, began..at));
                        None
                    }
                };
            }
        }
        if let Some(began) = begun {
            seen.add(hash_in(text, began..text.len()));
        }
        seen
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let place = (hash >> self.shift) as usize;
        (place / 64, 1 << (place % 64))
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

/// So many bytes are looked at together.
const BLOCK: usize = 64;

/// A bit for each byte of a block that may be part of a word, the first one lowest.
fn parts_in(block: &[u8]) -> u64 {
    let eights = block.chunks(8).enumerate();
    eights.fold(0, |bits, (number, eight)| {
        bits | parts_of(load(eight)) << (8 * number)
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

/// A bit for each of eight bytes that is a letter, a digit or `_`.
fn parts_of(eight: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let low = eight & !HIGH;
    // The high bit of each byte that is at least so great. None is carried over: both are below 128.
    let at_least = |bytes: u64, least: u8| bytes + u64::from(0x80 - least) * EACH;
    let lower = low | (0x20 * EACH);
    let letter = at_least(lower, b'a') & !at_least(lower, b'z' + 1);
    let digit = at_least(low, b'0') & !at_least(low, b'9' + 1);
    let underscore = !at_least(low ^ (u64::from(b'_') * EACH), 1);
    let found = (letter | digit | underscore) & !eight & HIGH;
    // The eight high bits side by side: each is moved to the top by one of the bits of the factor.
    (found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// A number for a word: its length, its first and its last eight bytes. Words that only differ between
/// them share it.
fn hash(word: &[u8]) -> u64 {
    let first = &word[..word.len().min(8)];
    let last = &word[word.len().saturating_sub(8)..];
    mixed(load(first), load(last), word.len())
}

/// The same for a word of a text, quicker where eight bytes stand on either side.
fn hash_in(text: &[u8], word: Range<usize>) -> u64 {
    let first = text[word.start..].first_chunk();
    let last = text[..word.end].last_chunk();
    let (Some(first), Some(last)) = (first, last) else {
        return hash(&text[word]);
    };
    // The bits that are not of the word.
    let beyond = 8 * 8_usize.saturating_sub(word.len());
    let first = u64::from_le_bytes(*first) << beyond >> beyond;
    let last = u64::from_le_bytes(*last) >> beyond;
    mixed(first, last, word.len())
}

fn mixed(first: u64, last: u64, length: usize) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = first.wrapping_mul(FACTOR) ^ last.rotate_left(29) ^ length as u64;
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
    fn eight_bytes_at_once_are_what_each_byte_is() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                for beside in [b'x', b' ', 0, u8::MAX] {
                    let mut eight = [beside; 8];
                    eight[place] = byte;
                    let each = eight.iter().enumerate();
                    let wanted =
                        each.fold(0, |bits, (at, byte)| bits | u64::from(is_part(*byte)) << at);
                    assert_eq!(parts_of(u64::from_le_bytes(eight)), wanted, "{eight:?}");
                }
            }
        }
    }

    #[test]
    fn words_are_seen_wherever_they_stand_in_a_block() {
        for word in [
            "a",
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
                    assert!(Seen::of(&text).may_have(hash(word.as_bytes())), "{text:?}");
                }
            }
        }
        let seen = Seen::of("renew new_one");
        assert!(!seen.may_have(hash(b"new")));
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
