//! "Did you mean ..?" for words that are nearly right.

/// How much of a word must agree before it is worth a question, of 1: as for the arguments, which clap
/// judges.
const ENOUGH: f64 = 0.7;

/// The candidate that looks most like `word`, when one looks enough like it. Upper and lower case
/// count as alike.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|other| {
            let other_word = other.to_lowercase();
            (strsim::jaro(&word, &other_word), other)
        })
        .filter(|(likeness, _)| *likeness >= ENOUGH)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_strange_one_is_not() {
        let known = ["warn-days", "lts-only", "fail-level"];
        assert_eq!(nearest("warn_days", known), Some("warn-days"));
        assert_eq!(nearest("LTS-ONLY", known), Some("lts-only"));
        assert_eq!(nearest("fail-levl", known), Some("fail-level"));
        assert_eq!(nearest("zzz", known), None);
        assert_eq!(nearest("", known), None);
    }
}
