//! Cargo's cache of one crate's index entry: a byte for the format, then (from format 2 on) four
//! bytes for the format of the records, then text that ends at each NUL byte: what the index was
//! at when it was cached, and a version and its record in turns.

/// The newest format of the file that is known here.
const NEWEST_FORMAT: u8 = 3;

/// The newest format of a record that is known here.
pub(super) const NEWEST_RECORD: u32 = 2;

/// What could be read of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CacheFile<'a> {
    /// Versions and their records, as they stand there.
    pub(super) records: Vec<(&'a str, &'a str)>,
    /// Why there may be more.
    pub(super) stopped: Option<String>,
}

/// Reads as far as the file can be understood.
pub(super) fn read(bytes: &[u8]) -> CacheFile<'_> {
    match text(bytes) {
        Ok(text) => records(text),
        Err(reason) => CacheFile {
            records: Vec::new(),
            stopped: Some(reason),
        },
    }
}

/// The part behind the formats.
fn text(bytes: &[u8]) -> Result<&[u8], String> {
    let cut = || "the file is cut off at its start".to_owned();
    let (format, rest) = bytes.split_first().ok_or_else(cut)?;
    match *format {
        1 => Ok(rest),
        2..=NEWEST_FORMAT => {
            let (of_records, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
            let of_records = u32::from_le_bytes(*of_records);
            if of_records > NEWEST_RECORD {
                return Err(format!(
                    "its records are of format {of_records}, and {NEWEST_RECORD} is the newest known here"
                ));
            }
            Ok(rest)
        }
        other => Err(format!(
            "the cached index is of format {other}, and {NEWEST_FORMAT} is the newest known here"
        )),
    }
}

fn records(bytes: &[u8]) -> CacheFile<'_> {
    let mut file = CacheFile::default();
    // As text, because splitting that is many times faster than going byte by byte.
    let (text, whole) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(valid).unwrap_or_default(), false)
        }
    };
    let (complete, rest) = match text.rfind('\0') {
        Some(last) => text.split_at(last + 1),
        None => ("", text),
    };
    let mut parts = complete.split_terminator('\0').skip(1);
    let mut odd = false;
    while let Some(version) = parts.next() {
        match parts.next() {
            Some(record) => file.records.push((version, record)),
            None => odd = true,
        }
    }
    if !whole || odd || !rest.is_empty() || complete.is_empty() {
        let read = match file.records.len() {
            1 => "1 release was".to_owned(),
            count => format!("{count} releases were"),
        };
        file.stopped = Some(format!(
            "the cached index is cut off or damaged; {read} read before that"
        ));
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(head: &[u8], text: &str) -> Vec<u8> {
        [head, text.as_bytes()].concat()
    }

    #[test]
    fn all_three_formats_are_read() {
        for head in [&[1][..], &[2, 2, 0, 0, 0], &[3, 1, 0, 0, 0]] {
            let bytes = file(head, "etag\x001.0.0\0{}\x002.0.0\0{\"a\":1}\0");
            let read = read(&bytes);
            assert_eq!(read.records, [("1.0.0", "{}"), ("2.0.0", "{\"a\":1}")]);
            assert_eq!(read.stopped, None);
        }
    }

    #[test]
    fn unknown_formats_are_passed_over_with_a_reason() {
        for (bytes, part) in [
            (&[0, 0][..], "of format 0"),
            (&[4, 2, 0, 0, 0, 0], "of format 4, and 3"),
            (&[3, 9, 0, 0, 0, 0], "records are of format 9, and 2"),
            (&[3, 9], "cut off at its start"),
            (&[], "cut off at its start"),
        ] {
            let read = read(bytes);
            assert!(read.records.is_empty());
            assert!(read.stopped.unwrap().contains(part), "{part}");
        }
    }

    #[test]
    fn wherever_it_is_cut_whole_records_before_are_kept() {
        let whole = file(&[3, 2, 0, 0, 0], "etag\x001.0.0\0{}\x002.0.0\0{}\0");
        for length in 0..whole.len() {
            let read = read(&whole[..length]);
            let expected = match length {
                19.. => 1,
                _ => 0,
            };
            assert!(read.records.len() >= expected && read.records.len() < 2);
            // A cut right behind a record can't be seen.
            let seamless = length == 10 || length == 19;
            assert_eq!(read.stopped.is_none(), seamless, "{length}");
        }
        let damaged = file(&[1], "e\x001.0.0\0{}\x002.0.0\0");
        let damaged = [&damaged[..], b"\xff\0"].concat();
        let read = read(&damaged);
        assert_eq!(read.records.len(), 1);
        assert!(read.stopped.unwrap().contains("1 release was read"));
    }
}
