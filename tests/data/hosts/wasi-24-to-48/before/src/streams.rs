use bytes::Bytes;
use wasmtime_wasi::pipe::{ClosedInputStream, MemoryInputPipe, MemoryOutputPipe, SinkOutputStream};
use wasmtime_wasi::{AsyncStdinStream, AsyncStdoutStream, InputStream, OutputFile};
use wasmtime_wasi::{
    HostInputStream, HostOutputStream, StdinStream, StdoutStream, StreamError, StreamResult,
    Subscribe,
};
#[derive(Clone)]
pub struct Out(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
impl HostOutputStream for Out {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.lock().unwrap().extend_from_slice(&bytes);
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        if false {
            return Err(StreamError::Closed);
        }
        if false {
            return Err(StreamError::trap("x"));
        }
        if false {
            return Err(StreamError::LastOperationFailed(anyhow::anyhow!("no")));
        }
        Ok(1024)
    }
}
#[async_trait::async_trait]
impl Subscribe for Out {
    async fn ready(&mut self) {}
}
impl StdoutStream for Out {
    fn stream(&self) -> Box<dyn HostOutputStream> {
        Box::new(self.clone())
    }
    fn isatty(&self) -> bool {
        false
    }
}
pub struct In;
impl HostInputStream for In {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        Err(StreamError::Closed)
    }
}
#[wasmtime_wasi::async_trait]
impl Subscribe for In {
    async fn ready(&mut self) {}
}
impl StdinStream for In {
    fn stream(&self) -> Box<dyn HostInputStream> {
        Box::new(In)
    }
    fn isatty(&self) -> bool {
        false
    }
}
pub fn b() -> wasmtime_wasi::WasiCtx {
    let out = MemoryOutputPipe::new(4096);
    let o2 = out.clone();
    let mut b = wasmtime_wasi::WasiCtxBuilder::new();
    b.stdin(MemoryInputPipe::new("x"))
        .stdout(out)
        .stderr(Out(Default::default()));
    let _ = o2.contents();
    let _ = o2.try_into_inner();
    b.stdin(In)
        .stdout(wasmtime_wasi::stdout())
        .stderr(wasmtime_wasi::stderr());
    b.stdin(ClosedInputStream).stdout(SinkOutputStream);
    b.build()
}
