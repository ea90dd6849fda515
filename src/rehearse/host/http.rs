//! `wasi:http`: the requests that a guest is given, and what it answers. Those that it would send
//! itself are denied: it has no network.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use tokio::sync::oneshot::{self, Receiver};
use wasmtime::Store;
use wasmtime::component::{Component, Func, Instance, Linker, Val};
use wasmtime_wasi_http::WasiHttpCtx;

#[cfg(not(since_43))]
use wasmtime_wasi_http::{
    HttpResult, WasiHttpView, add_only_http_to_linker_async, add_only_http_to_linker_sync,
    bindings::http::types::{ErrorCode, Scheme},
    body::HyperOutgoingBody,
    types::{HostFutureIncomingResponse, OutgoingRequestConfig},
};

#[cfg(since_43)]
use wasmtime_wasi_http::p2::{
    add_only_http_to_linker_async, add_only_http_to_linker_sync,
    bindings::http::types::{ErrorCode, Scheme},
    body::HyperOutgoingBody,
};

#[cfg(all(since_43, not(since_48)))]
use wasmtime_wasi_http::p2::{
    HttpResult, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
    types::{HostFutureIncomingResponse, OutgoingRequestConfig},
};

#[cfg(since_48)]
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use super::protocol::Job;
use super::stubs::said;
use super::{Run, State, calls, component};

/// The interface of guests that handle requests, up to its version.
const HANDLER: &str = "wasi:http/incoming-handler@0.2.";

/// What a guest is asked where nobody says what.
const REQUEST: &str = "GET /";

/// What `wasi:http` needs in a store.
pub(crate) struct Http {
    context: WasiHttpCtx,
    #[cfg(since_43)]
    hooks: NoNetwork,
}

impl Http {
    pub(super) fn new() -> Self {
        Self {
            context: WasiHttpCtx::new(),
            #[cfg(since_43)]
            hooks: NoNetwork,
        }
    }
}

/// Defines `wasi:http` for components.
pub(super) fn add_to_linker(linker: &mut Linker<State>, concurrent: bool) -> wasmtime::Result<()> {
    if concurrent {
        return add_only_http_to_linker_async(linker);
    }
    add_only_http_to_linker_sync(linker)
}

/// Has a guest that handles requests handle those of the job. Each has an instance of its own, as
/// servers do it.
pub(super) fn handle_all(
    run: &mut Run<'_>,
    store: &mut Store<State>,
    linker: &Linker<State>,
    component: &Component,
    instance: Instance,
) {
    let names = component::export_names(run, component);
    let Some(interface) = names.iter().find(|name| name.starts_with(HANDLER)) else {
        return;
    };
    let requests = match run.job.requests.as_slice() {
        [] => vec![REQUEST.to_owned()],
        some => some.to_vec(),
    };
    let mut first = Some(instance);
    for request in requests {
        let instance = match first.take() {
            Some(instance) => Ok(instance),
            None => component::instantiate(store, linker, component),
        };
        let answered = instance
            .and_then(|instance| component::in_interface(store, &instance, interface, "handle"))
            .and_then(|handler| handle(store, &handler, &request, run.job));
        run.seen.calls.push(calls::record(&request, answered));
    }
}

/// Has a guest handle a request, `METHOD /path`, with the job's standard input as its body. What it
/// answers is the status, the headers in their order, and the body.
fn handle(
    store: &mut Store<State>,
    handler: &Func,
    request: &str,
    job: &Job,
) -> wasmtime::Result<String> {
    let request = parsed(request, &job.stdin)?;
    let (sender, receiver) = oneshot::channel();
    let (request, response) = {
        let state = store.data_mut();
        #[cfg(since_43)]
        let mut state = state.http();
        (
            state.new_incoming_request(Scheme::Http, request)?,
            state.new_response_outparam(sender)?,
        )
    };
    let request = request.try_into_resource_any(&mut *store)?;
    let response = response.try_into_resource_any(&mut *store)?;
    let (ended, end) = oneshot::channel();
    let end = End::new(end);
    let most = job.limits.output;
    // Bodies are pipes with room for a few writes: somebody has to read while the guest writes.
    let reader = std::thread::spawn(move || Answer::read(receiver, end, most));
    let arguments = [Val::Resource(request), Val::Resource(response)];
    let called = component::call(store, handler, &arguments);
    // The reader may be done by then.
    let _ = ended.send(());
    let answer = reader
        .join()
        .map_err(|_| said("reading the response failed".to_owned()))?;
    called?;
    Ok(answer?.shown())
}

fn parsed(
    request: &str,
    body: &str,
) -> wasmtime::Result<Request<impl hyper::body::Body<Data = Bytes, Error = hyper::Error> + use<>>> {
    let wrong = || said(format!("`{request}` is no request, `METHOD /path`"));
    let (method, path) = request.trim().split_once(' ').ok_or_else(wrong)?;
    let path = path.trim();
    if !path.starts_with('/') {
        return Err(wrong());
    }
    let body = Full::new(Bytes::from(body.to_owned()));
    Request::builder()
        .method(method)
        .uri(format!("http://localhost{path}"))
        .header("host", "localhost")
        .body(body.map_err(|never| match never {}))
        .map_err(|error| said(format!("`{request}`: {error}")))
}

/// What came back.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// What there is to say about the body.
    remark: Option<String>,
}

/// The end of the guest, after which nothing more will come.
struct End {
    told: Receiver<()>,
    has_come: bool,
}

impl End {
    fn new(told: Receiver<()>) -> Self {
        Self {
            told,
            has_come: false,
        }
    }

    /// Whether it has come; whoever asks is woken when it does.
    fn has_come(&mut self, context: &mut Context<'_>) -> bool {
        // A channel must not be asked again once it has answered.
        self.has_come = self.has_come || Pin::new(&mut self.told).poll(context).is_ready();
        self.has_come
    }

    /// What a future comes to, or none when the guest ends before.
    async fn or<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = std::pin::pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            if !self.has_come(context) {
                return Poll::Pending;
            }
            // What the guest did last may have come between the two questions.
            match future.as_mut().poll(context) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending => Poll::Ready(None),
            }
        })
        .await
    }
}

impl Answer {
    /// Waits for a response and reads its body.
    fn read(
        receiver: Receiver<Result<Response<HyperOutgoingBody>, ErrorCode>>,
        end: End,
        most: u64,
    ) -> wasmtime::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        // Unconstrained, for a pause out of courtesy would look like the end of the body.
        runtime.block_on(tokio::task::unconstrained(Self::wait(receiver, end, most)))
    }

    async fn wait(
        mut receiver: Receiver<Result<Response<HyperOutgoingBody>, ErrorCode>>,
        mut end: End,
        most: u64,
    ) -> wasmtime::Result<Self> {
        let received = end.or(&mut receiver).await;
        let response = match received {
            Some(Ok(Ok(response))) => response,
            Some(Ok(Err(code))) => return Err(said(format!("the guest answers with {code:?}"))),
            Some(Err(_)) | None => return Err(said("the guest gives no response".to_owned())),
        };
        let (parts, mut body) = response.into_parts();
        let headers = parts.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let mut answer = Self {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: Vec::new(),
            remark: None,
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        loop {
            match end.or(body.frame()).await {
                Some(Some(Ok(frame))) => {
                    let data = frame.into_data().unwrap_or_default();
                    let room = most - answer.body.len();
                    answer.body.extend(data.iter().take(room));
                    if data.len() > room {
                        answer.remark =
                            Some(format!("the body ended at its limit of {most} bytes"));
                        break;
                    }
                }
                Some(Some(Err(error))) => {
                    answer.remark = Some(format!("the body ended with {error:?}"));
                    break;
                }
                Some(None) => break,
                None => {
                    answer.remark = Some("the guest did not finish the body".to_owned());
                    break;
                }
            }
        }
        Ok(answer)
    }

    fn shown(&self) -> String {
        let mut text = self.status.to_string();
        for (name, value) in &self.headers {
            text.push_str(&format!(", {name}: {value}"));
        }
        text.push_str(&format!(", {:?}", String::from_utf8_lossy(&self.body)));
        if let Some(remark) = &self.remark {
            text.push_str(&format!(" ({remark})"));
        }
        text
    }
}

#[cfg(not(since_43))]
impl WasiHttpView for State {
    fn ctx(&mut self) -> &mut WasiHttpCtx {
        &mut self.http.context
    }

    #[cfg(not(all(since_30, not(since_36))))]
    fn table(&mut self) -> &mut wasmtime::component::ResourceTable {
        super::wasi::table(&mut self.wasi)
    }

    fn send_request(
        &mut self,
        _: Request<HyperOutgoingBody>,
        _: OutgoingRequestConfig,
    ) -> HttpResult<HostFutureIncomingResponse> {
        Err(ErrorCode::HttpRequestDenied.into())
    }
}

#[cfg(since_43)]
impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http.context,
            table: super::wasi::table(&mut self.wasi),
            hooks: &mut self.http.hooks,
        }
    }
}

/// Denies what a guest would send.
#[cfg(since_43)]
struct NoNetwork;

#[cfg(all(since_43, not(since_48)))]
impl WasiHttpHooks for NoNetwork {
    fn send_request(
        &mut self,
        _: Request<HyperOutgoingBody>,
        _: OutgoingRequestConfig,
    ) -> HttpResult<HostFutureIncomingResponse> {
        Err(ErrorCode::HttpRequestDenied.into())
    }
}

/// How a request went, once all of it is known.
#[cfg(since_48)]
type Sent = Box<dyn Future<Output = Result<(), Error>> + Send>;

#[cfg(since_48)]
impl WasiHttpHooks for NoNetwork {
    fn send_request(
        &mut self,
        _: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Sent,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Sent), Error>> + Send> {
        Box::new(std::future::ready(Err(Error::HttpRequestDenied)))
    }
}
