//! Precompiled artifacts (`.cwasm`): which release made one, read from its bytes and never run.
//!
//! They are ELF files with an operating-system ABI of Wasmtime's own, and a section
//! `.wasmtime.engine` that begins with the release: one byte of a format number, one byte of length,
//! the text. (Read from Wasmtime's sources, `engine/serialization.rs`, 24 to 48.)

use serde::Serialize;

use crate::version::{FamilyVersion, Line};

/// The ABI byte in the header.
const WASMTIME_ABI: u8 = 200;

/// The section that names the release.
const ENGINE_SECTION: &[u8] = b".wasmtime.engine";

/// From this line on artifacts name only the line, and are good for all its releases.
const BY_LINE_SINCE: Line = Line(38);

/// What an artifact says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// Whether it holds a component, else a core module.
    pub component: bool,
    /// The release or line that it names, or what its maker set instead (`Config::module_version`).
    pub made_by: String,
    /// The machine that it is for.
    pub machine: String,
}

impl Artifact {
    /// Reads the bytes of a file. `None` when it is no artifact of Wasmtime.
    ///
    /// # Errors
    /// One sentence, when it begins like one and is not whole.
    pub fn read(bytes: &[u8]) -> Option<Result<Self, String>> {
        if bytes.get(..4) != Some(b"\x7fELF") || bytes.get(7) != Some(&WASMTIME_ABI) {
            return None;
        }
        Some(
            Elf { bytes }.artifact().ok_or_else(|| {
                "it begins like an artifact of Wasmtime and is not whole".to_owned()
            }),
        )
    }

    /// Whether a release accepts it, as far as its version goes.
    #[must_use]
    pub fn accepted_by(&self, release: &FamilyVersion) -> bool {
        self.made_by == named_by(release)
    }
}

/// What artifacts of a release call it.
#[must_use]
pub fn named_by(release: &FamilyVersion) -> String {
    if release.line() >= BY_LINE_SINCE {
        release.line().to_string()
    } else {
        release.to_string()
    }
}

/// An ELF file of 64 bits, in either byte order.
struct Elf<'a> {
    bytes: &'a [u8],
}

impl<'a> Elf<'a> {
    fn artifact(&self) -> Option<Artifact> {
        // 64 bits.
        (*self.bytes.get(4)? == 2).then_some(())?;
        let flags = self.number(0x30, 4)?;
        let engine = self.section(ENGINE_SECTION)?;
        // The format number is 0 in all releases so far.
        (*engine.first()? == 0).then_some(())?;
        let length = usize::from(*engine.get(1)?);
        let text = engine.get(2..2 + length)?;
        Some(Artifact {
            component: flags & 2 != 0,
            made_by: std::str::from_utf8(text).ok()?.to_owned(),
            machine: match (self.number(0x12, 2)?, flags & 0b1100) {
                (_, pulley) if pulley != 0 => "pulley".to_owned(),
                (62, _) => "x86_64".to_owned(),
                (183, _) => "aarch64".to_owned(),
                (243, _) => "riscv64".to_owned(),
                (22, _) => "s390x".to_owned(),
                (other, _) => format!("machine {other}"),
            },
        })
    }

    fn number(&self, at: usize, length: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        let little = self.bytes.get(5) == Some(&1);
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if little {
            bytes.iter().rev().fold(0, join)
        } else {
            bytes.iter().fold(0, join)
        })
    }

    fn offset(&self, at: usize, length: usize) -> Option<usize> {
        self.number(at, length)?.try_into().ok()
    }

    /// The content of a section.
    fn section(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        let (table, size) = (self.offset(0x28, 8)?, self.offset(0x3a, 2)?);
        let (count, names) = (self.offset(0x3c, 2)?, self.offset(0x3e, 2)?);
        let header = |index: usize| {
            let from = table.checked_add(index.checked_mul(size)?)?;
            self.bytes.get(from..from.checked_add(size)?)?;
            Some(from)
        };
        let content = |header: usize| {
            let from = self.offset(header.checked_add(0x18)?, 8)?;
            let length = self.offset(header.checked_add(0x20)?, 8)?;
            self.bytes.get(from..from.checked_add(length)?)
        };
        let names = content(header(names)?)?;
        for index in 0..count {
            let header = header(index)?;
            let name = names.get(self.offset(header, 4)?..)?;
            if name.split(|byte| *byte == 0).next() == Some(wanted) {
                return content(header);
            }
        }
        None
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The smallest artifact that says it is from `made_by`.
    pub(crate) fn artifact(made_by: &str, flags: u32) -> Vec<u8> {
        let names = b"\0.wasmtime.engine\0.shstrtab\0";
        let mut engine = vec![0, u8::try_from(made_by.len()).unwrap()];
        engine.extend(made_by.as_bytes());
        let mut bytes = vec![0; 64];
        bytes[..8].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1, 1, WASMTIME_ABI]);
        bytes[0x12] = 62;
        bytes[0x30..0x34].copy_from_slice(&flags.to_le_bytes());
        let engine_at = bytes.len() as u64;
        bytes.extend(&engine);
        let names_at = bytes.len() as u64;
        bytes.extend(names);
        let table = bytes.len() as u64;
        bytes[0x28..0x30].copy_from_slice(&table.to_le_bytes());
        bytes[0x3a] = 64;
        bytes[0x3c] = 3;
        bytes[0x3e] = 2;
        for (name, from, length) in [
            (0_u32, 0, 0),
            (1, engine_at, engine.len()),
            (18, names_at, names.len()),
        ] {
            let mut header = [0; 64];
            header[..4].copy_from_slice(&name.to_le_bytes());
            header[0x18..0x20].copy_from_slice(&from.to_le_bytes());
            header[0x20..0x28].copy_from_slice(&(length as u64).to_le_bytes());
            bytes.extend(header);
        }
        bytes
    }

    #[test]
    fn an_artifact_names_the_release_that_made_it() {
        let read = Artifact::read(&artifact("36.0.20", 1)).unwrap().unwrap();
        assert_eq!(
            read,
            Artifact {
                component: false,
                made_by: "36.0.20".to_owned(),
                machine: "x86_64".to_owned()
            }
        );
        assert!(read.accepted_by(&FamilyVersion::new(36, 20)));
        // Even the patch releases of a line refuse each other's, up to 37.
        assert!(!read.accepted_by(&FamilyVersion::new(36, 19)));
        assert!(!read.accepted_by(&FamilyVersion::new(48, 8)));
        let read = Artifact::read(&artifact("48", 2)).unwrap().unwrap();
        assert!(read.component);
        assert!(read.accepted_by(&FamilyVersion::new(48, 0)));
        assert!(read.accepted_by(&FamilyVersion::new(48, 8)));
        assert!(!read.accepted_by(&FamilyVersion::new(46, 3)));
    }

    #[test]
    fn what_is_no_artifact_is_none_and_a_broken_one_says_so() {
        assert_eq!(Artifact::read(b"\0asm\x01\0\0\0"), None);
        assert_eq!(Artifact::read(b""), None);
        let mut other_elf = artifact("36.0.20", 1);
        other_elf[7] = 0;
        assert_eq!(Artifact::read(&other_elf), None);
        let whole = artifact("36.0.20", 1);
        for length in 8..whole.len() {
            let read = Artifact::read(&whole[..length]).unwrap();
            assert!(read.is_err(), "{length} bytes: {read:?}");
        }
    }
}
