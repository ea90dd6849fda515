use wasmtime::*;
pub struct D {
    l: StoreLimits,
    m: usize,
}
impl ResourceLimiter for D {
    fn memory_growing(&mut self, c: usize, d: usize, m: Option<usize>) -> wasmtime::Result<bool> {
        if d > self.m {
            wasmtime::bail!("too big")
        }
        Ok(true)
    }
    fn memory_grow_failed(&mut self, e: wasmtime::Error) -> Result<()> {
        Err(e)
    }
    fn table_growing(&mut self, c: usize, d: usize, m: Option<usize>) -> wasmtime::Result<bool> {
        Ok(d < 10)
    }
    fn instances(&self) -> usize {
        3
    }
}
pub struct A;
#[async_trait::async_trait]
impl ResourceLimiterAsync for A {
    async fn memory_growing(
        &mut self,
        c: usize,
        d: usize,
        m: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
    async fn table_growing(&mut self, c: usize, d: usize, m: Option<usize>) -> Result<bool> {
        Ok(true)
    }
}
pub fn s(e: &Engine) -> Store<D> {
    let mut s = Store::new(
        e,
        D {
            l: StoreLimitsBuilder::new().trap_on_grow_failure(true).build(),
            m: 1,
        },
    );
    s.limiter(|d| d);
    s.epoch_deadline_callback(|c| {
        if c.data().m > 1 {
            wasmtime::bail!("late")
        }
        Ok(UpdateDeadline::Yield(1))
    });
    s
}
