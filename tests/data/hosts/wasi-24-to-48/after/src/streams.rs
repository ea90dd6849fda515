use bytes::Bytes;
use wasmtime_wasi::p2::pipe::{ClosedInputStream, MemoryInputPipe, MemoryOutputPipe, SinkOutputStream};
use wasmtime_wasi::{cli::AsyncStdinStream, cli::AsyncStdoutStream, p2::DynInputStream, cli::OutputFile};
use wasmtime_wasi::{
    p2::InputStream, p2::OutputStream, cli::StdinStream, cli::StdoutStream, p2::StreamError, p2::StreamResult,
    p2::Pollable,
};
#[derive(Clone)]
pub struct Out(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
impl OutputStream for Out {
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
            return Err(StreamError::LastOperationFailed(wasmtime::format_err!("no")));
        }
        Ok(1024)
    }
}
#[async_trait::async_trait]
impl Pollable for Out {
    async fn ready(&mut self) {}
}
impl wasmtime_wasi::cli::IsTerminal for Out {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Out {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        unimplemented!("only guests of WASIp3 ask for this")
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}
pub struct In;
impl InputStream for In {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        Err(StreamError::Closed)
    }
}
#[wasmtime_wasi::async_trait]
impl Pollable for In {
    async fn ready(&mut self) {}
}
impl wasmtime_wasi::cli::IsTerminal for In {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for In {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncRead + Send + Sync> {
        unimplemented!("only guests of WASIp3 ask for this")
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(In)
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
        .stdout(wasmtime_wasi::cli::stdout())
        .stderr(wasmtime_wasi::cli::stderr());
    b.stdin(ClosedInputStream).stdout(SinkOutputStream);
    b.build()
}
