//! Lists in order, by one function for all their types.
//!
//! That of the standard library is compiled anew, into six thousand bytes, for every type and every way to
//! compare; here that is done for places in lists alone. Use it for the types of this project; lists of
//! texts, paths and numbers share what they have anyway.

use std::cmp::Ordering;

/// Sorts a list. Items that are equal stay as they stand.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let exchanges = exchanges(items.len(), &|one, other| {
        compare(&items[one], &items[other])
    });
    for (one, other) in exchanges {
        items.swap(one, other);
    }
}

/// Sorts a list by what `key` takes from its items. Items with equal keys stay as they stand.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// What has to be exchanged, one after the other, that as many items be in order.
fn exchanges(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut order = Vec::from_iter(0..length);
    order.sort_by(|one, other| compare(*one, *other));
    let mut exchanges = Vec::new();
    for at in 0..length {
        // What stood there has been exchanged for something behind, if its place is passed.
        let mut from = order[at];
        while from < at {
            from = order[from];
        }
        // What is looked up again leads straight to where it is.
        order[at] = from;
        if from != at {
            exchanges.push((at, from));
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every order of six items, of which some are equal, as the standard library sorts them.
    #[test]
    fn lists_are_sorted_as_the_standard_library_does() {
        for number in 0..6_usize.pow(6) {
            let digit = |place: u32| number / 6_usize.pow(place) % 6;
            let list: Vec<(usize, u32)> = (0..6).map(|place| (digit(place) / 2, place)).collect();
            let mut expected = list.clone();
            expected.sort_by_key(|(digit, _)| *digit);
            let mut sorted = list.clone();
            sort_by_key(&mut sorted, |(digit, _)| *digit);
            assert_eq!(sorted, expected, "{list:?}");
            sort_by(&mut sorted, |one, other| other.cmp(one));
            expected.sort_by(|one, other| other.cmp(one));
            assert_eq!(sorted, expected, "{list:?}");
        }
        sort_by_key(&mut [] as &mut [u8], |it| *it);
    }
}
