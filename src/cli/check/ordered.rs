//! Work on many things at once, with results in the order of the things.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, scope};

/// How far a thread may run ahead of what was handed out, for each thread: this bounds the results
/// that wait in memory for a slow one before them.
const AHEAD: usize = 8;

/// A thread's stack, in bytes. Deeply nested Rust is read by recursion, and the main thread, which
/// reads a root that is alone, has as much.
const STACK: usize = 8 * 1024 * 1024;

/// Calls `work` on every item, on at most `threads` threads, and `each` on this thread with every
/// result, in the order of the items and as early as that order allows. Where `work` panics, `lost`
/// stands in for the result.
pub(super) fn each<T: Sync, R: Send, E: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<R, E> + Sync,
    lost: impl Fn() -> E + Sync,
    mut each: impl FnMut(&T, Result<R, E>),
) {
    let queue = Queue::new(items.len());
    let guarded = |item: &T| {
        // The closure only reads what it borrows, so nothing half-done is seen afterwards.
        catch_unwind(AssertUnwindSafe(|| work(item))).unwrap_or_else(|_| Err(lost()))
    };
    let threads = threads.clamp(1, items.len().max(1));
    scope(|scope| {
        let worker = || {
            while let Some(index) = queue.take(threads * AHEAD) {
                let result = guarded(&items[index]);
                queue.put(index, result);
            }
        };
        let started = (0..threads)
            .map(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, worker))
            .filter(io::Result::is_ok)
            .count();
        for (index, item) in items.iter().enumerate() {
            if started == 0 {
                each(item, guarded(item));
            } else {
                each(item, queue.wait_for(index));
            }
        }
    });
}

struct State<R> {
    /// The next item that nobody took.
    next: usize,
    /// How many results were handed out.
    out: usize,
    /// Results that wait for one before them.
    ready: BTreeMap<usize, R>,
}

struct Queue<R> {
    len: usize,
    state: Mutex<State<R>>,
    changed: Condvar,
}

impl<R> Queue<R> {
    fn new(len: usize) -> Self {
        Self {
            len,
            state: Mutex::new(State {
                next: 0,
                out: 0,
                ready: BTreeMap::new(),
            }),
            changed: Condvar::new(),
        }
    }

    /// No code of others runs under the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<R>>) -> MutexGuard<'a, State<R>> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item to work on, once it is not more than `ahead` in front of what was handed out.
    fn take(&self, ahead: usize) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.next == self.len {
                return None;
            }
            if state.next < state.out + ahead {
                let index = state.next;
                state.next += 1;
                return Some(index);
            }
            state = self.wait(state);
        }
    }

    fn put(&self, index: usize, result: R) {
        self.lock().ready.insert(index, result);
        self.changed.notify_all();
    }

    /// Hands out the result of `index`; called with every index once, in order.
    fn wait_for(&self, index: usize) -> R {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.ready.remove(&index) {
                state.out = index + 1;
                drop(state);
                self.changed.notify_all();
                return result;
            }
            state = self.wait(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_order_and_few_wait() {
        let items: Vec<usize> = (0..2000).collect();
        let (started, handed_out) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let most = AtomicUsize::new(0);
        let mut seen = Vec::new();
        each(
            &items,
            4,
            |item| {
                let waiting =
                    started.fetch_add(1, Ordering::SeqCst) + 1 - handed_out.load(Ordering::SeqCst);
                most.fetch_max(waiting, Ordering::SeqCst);
                if item % 100 == 0 {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Ok::<_, ()>(*item)
            },
            || (),
            |item, result| {
                handed_out.fetch_add(1, Ordering::SeqCst);
                assert_eq!(result, Ok(*item));
                seen.push(*item);
            },
        );
        assert_eq!(seen, items);
        let most = most.load(Ordering::SeqCst);
        assert!(most <= 4 * AHEAD + 1, "{most}");
    }

    #[test]
    fn a_panic_loses_one_result_only() {
        let mut seen = Vec::new();
        each(
            &[1, 2, 3],
            2,
            |item| {
                assert_ne!(*item, 2, "on purpose");
                Ok(*item)
            },
            || "lost",
            |_, result| seen.push(result),
        );
        assert_eq!(seen, [Ok(1), Err("lost"), Ok(3)]);
    }

    #[test]
    fn nothing_to_do_is_fine() {
        each(
            &[],
            4,
            |(): &()| Ok::<(), ()>(()),
            || (),
            |_, _| panic!("nothing"),
        );
    }
}
