use wasmtime::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};

pub struct Limits {
    pub inner: StoreLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { inner: StoreLimitsBuilder::new().memory_size(1 << 20).table_elements(100usize).build() }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.inner.memory_growing(current, desired, maximum)
    }
    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.inner.table_growing(current, desired, maximum)
    }
}
