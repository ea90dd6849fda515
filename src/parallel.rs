//! The same work on every item of a list, on two threads.
//!
//! One workspace is judged in a few hundredths of a second: more threads would take longer to start
//! than they save. Many workspaces are judged at once as it is.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, scope};

/// With fewer items than this, the second thread costs more than it saves.
const FEW: usize = 48;

/// What `work` makes of each item, in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < FEW {
        return items.iter().map(work).collect();
    }
    let (first, second) = items.split_at(items.len() / 2);
    let behind = || second.iter().map(&work).collect::<Vec<R>>();
    scope(|scope| {
        let other = Builder::new().spawn_scoped(scope, behind);
        let mut done: Vec<R> = first.iter().map(&work).collect();
        match other.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(rest)) => done.extend(rest),
            Ok(Err(panic)) => resume_unwind(panic),
            // No thread is to be had.
            Err(_) => done.extend(behind()),
        }
        done
    })
}

/// What `work` makes of each item, in the order of the items; for few items of which one may take as long as
/// all others, so that each thread takes the next one that is left.
pub(crate) fn map_few<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            match items.get(place) {
                Some(item) => done.push((place, work(item))),
                None => return done,
            }
        }
    };
    let mut done = scope(|scope| {
        let other = Builder::new().spawn_scoped(scope, take);
        let mut done = take();
        match other.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(more)) => done.extend(more),
            Ok(Err(panic)) => resume_unwind(panic),
            // No thread is to be had: everything is done by now.
            Err(_) => {}
        }
        done
    });
    crate::order::sort_by_key(&mut done, |(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for length in [0, 1, FEW - 1, FEW, FEW + 1, 1000] {
            let items: Vec<usize> = (0..length).collect();
            let doubled = map(&items, |item| item * 2);
            assert!(doubled.iter().enumerate().all(|(at, item)| at * 2 == *item));
            assert_eq!(doubled.len(), length);
            assert_eq!(map_few(&items, |item| item * 2), doubled);
        }
    }

    #[test]
    fn a_panic_is_one_of_the_caller() {
        let items: Vec<usize> = (0..FEW).collect();
        let caught = catch_unwind(|| map(&items, |item| assert_ne!(*item, FEW - 1, "on purpose")));
        assert!(caught.is_err());
        let caught =
            catch_unwind(|| map_few(&[1, 2, 3], |item| assert_ne!(*item, 2, "on purpose")));
        assert!(caught.is_err());
    }
}
