//! Without WASI, but in its tests.

#[cfg(test)]
mod tests {
    use wasi_common::pipe::WritePipe;
    use wasi_common::sync::WasiCtxBuilder;

    fn run(_: wasi_common::WasiCtx) {}

    #[test]
    fn it_writes() {
        let stdout = WritePipe::new_in_memory();
        run(WasiCtxBuilder::new().stdout(Box::new(stdout.clone())).build());
        let written = stdout.try_into_inner().unwrap().into_inner();
        assert_eq!(written, b"hello");
    }
}
