//! Without WASI, but in its tests.

#[cfg(test)]
mod tests {
    use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
    use wasmtime_wasi::WasiCtxBuilder;

    fn run(_: wasmtime_wasi::p1::WasiP1Ctx) {}

    #[test]
    fn it_writes() {
        let stdout = MemoryOutputPipe::new(usize::MAX);
        run(WasiCtxBuilder::new().stdout(stdout.clone()).build_p1());
        let written = stdout.contents().to_vec();
        assert_eq!(written, b"hello");
    }
}
