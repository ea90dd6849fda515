//! A host of WASIp3: requests by its own rules, and tasks and streams beside them.

use bytes::Bytes;
use http::{HeaderName, Request, Response, uri::Scheme};
use http_body_util::combinators::UnsyncBoxBody;
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{TrappableError, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p3::{self, RequestOptions, WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

mod made;
mod tasks;

pub use made::quiet;
pub use tasks::{call, later};

pub struct Http {
    denied: Vec<HeaderName>,
    allow_plain: bool,
}

impl WasiHttpCtx for Http {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        self.denied.contains(name)
    }

    fn is_supported_scheme(&mut self, scheme: &Scheme) -> bool {
        self.allow_plain || *scheme == Scheme::HTTPS
    }

    fn send_request(
        &mut self,
        request: Request<UnsyncBoxBody<Bytes, ErrorCode>>,
        options: Option<RequestOptions>,
        fut: Box<dyn Future<Output = Result<(), ErrorCode>> + Send>,
    ) -> Box<
        dyn Future<
                Output = Result<
                    (
                        Response<UnsyncBoxBody<Bytes, ErrorCode>>,
                        Box<dyn Future<Output = Result<(), ErrorCode>> + Send>,
                    ),
                    TrappableError<ErrorCode>,
                >,
            > + Send,
    > {
        _ = fut;
        Box::new(async move {
            use http_body_util::BodyExt;
            if request.uri().host() == Some("internal") {
                return Err(ErrorCode::HttpRequestDenied.into());
            }
            let (res, io) = p3::default_send_request(request, options).await?;
            Ok((res.map(BodyExt::boxed_unsync), Box::new(io) as Box<dyn Future<Output = _> + Send>))
        })
    }
}

pub struct State {
    pub table: ResourceTable,
    pub wasi: WasiCtx,
    pub http: Http,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table }
    }
}

/// A store whose guests speak HTTP through the host.
pub fn store() -> anyhow::Result<Store<State>> {
    let mut config = Config::new();
    config.async_support(true);
    config.wasm_component_model_async(true);
    let engine = Engine::new(&config)?;
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    p3::add_to_linker(&mut linker)?;
    let store = Store::new(
        &engine,
        State { table: ResourceTable::new(), wasi: WasiCtx::builder().build(), http: Http { denied: vec![], allow_plain: true } },
    );
    Ok(store)
}
