//! How much memory a guest has, and how much it may have.

use wasmtime::ResourceLimiter;

use super::protocol::Limits;

/// Counts what memories and tables of a store hold together, and says no when it is too much.
pub(crate) struct Limiter {
    limits: Limits,
    memory: Amount,
    elements: Amount,
    tables: u64,
}

/// What is held now, and the most that was.
#[derive(Default)]
struct Amount {
    now: u64,
    peak: u64,
}

impl Amount {
    /// Whether growing from `current` to `desired` keeps the sum within `most`; if so, it is done.
    fn grow(&mut self, current: usize, desired: usize, most: u64) -> bool {
        let more = (desired as u64).saturating_sub(current as u64);
        let then = self.now.saturating_add(more);
        if then > most {
            return false;
        }
        self.now = then;
        self.peak = self.peak.max(then);
        true
    }
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory: Amount::default(),
            elements: Amount::default(),
            tables: 0,
        }
    }

    /// The most that all memories held, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.memory.peak
    }

    /// The most that all tables held, in elements.
    pub(crate) fn peak_elements(&self) -> u64 {
        self.elements.peak
    }

    /// How many tables were made with something in them.
    pub(crate) fn tables(&self) -> u64 {
        self.tables
    }

    fn table(&mut self, current: usize, desired: usize) -> bool {
        // A table asks for the first time when it is made.
        self.tables += u64::from(current == 0 && desired > 0);
        let most = self.limits.table_elements;
        self.elements.grow(current, desired, most)
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.memory.grow(current, desired, self.limits.memory))
    }

    #[cfg(since_26)]
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.table(current, desired))
    }

    #[cfg(not(since_26))]
    fn table_growing(
        &mut self,
        current: u32,
        desired: u32,
        maximum: Option<u32>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.table(current as usize, desired as usize))
    }
}
