//! `send_request` of a host's hooks of `wasi:http`: from 48 on it gives a boxed future of the response and
//! has bodies and errors of the crate's own (PR #13810, PR #13812).
//!
//! Rewritten where the hook looks at a request, may refuse it, and else sends it as the crate does. A hook that
//! sends requests in a way of its own is left to a person.

use std::ops::Range;

use super::impls::{self, Function, span_of};
use super::scopes::Scopes;
use super::use_edits::{self, Fate};
use super::use_tree::UseItem;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// The first line in which it gives a future.
const SINCE: Line = Line(48);

/// What the crate sends a request with.
const DEFAULT: &str = "default_send_request";

/// The type of the last argument until then, which ended.
const CONFIG: &str = "OutgoingRequestConfig";

/// Errors that are called the same as an error of the crate and as an `ErrorCode`, and have the same in them.
const ERRORS: [&str; 28] = [
    "ConfigurationError",
    "ConnectionLimitReached",
    "ConnectionReadTimeout",
    "ConnectionRefused",
    "ConnectionTerminated",
    "ConnectionTimeout",
    "ConnectionWriteTimeout",
    "DestinationIpProhibited",
    "DestinationIpUnroutable",
    "DestinationNotFound",
    "DestinationUnavailable",
    "DnsTimeout",
    "HttpProtocolError",
    "HttpRequestBodySize",
    "HttpRequestDenied",
    "HttpRequestHeaderSectionSize",
    "HttpRequestLengthRequired",
    "HttpRequestMethodInvalid",
    "HttpRequestUriInvalid",
    "HttpRequestUriTooLong",
    "HttpResponseBodySize",
    "HttpResponseIncomplete",
    "HttpResponseTimeout",
    "HttpUpgradeFailed",
    "InternalError",
    "LoopDetected",
    "TlsCertificateError",
    "TlsProtocolError",
];

/// Rewrites the hooks that refuse a request or send it as the crate does.
#[must_use]
pub fn send_request(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    let is_on_the_way = ground.from < SINCE && SINCE <= ground.to;
    let known = ground.crates.name_of("wasmtime-wasi-http");
    let Some(known) = known.filter(|_| is_on_the_way && text.contains("fn send_request")) else {
        return result;
    };
    let scopes = Scopes::of(tokens);
    let reason = format!(
        "a hook gives a future of the response in line {}",
        ground.to
    );
    let mut written: Vec<Range<usize>> = Vec::new();
    for block in impls::find(tokens) {
        let of_trait = scopes.trait_of(tokens, &block, ground);
        let is_of_hooks =
            of_trait.is_some_and(|it| it.is_in("wasmtime_wasi_http", "WasiHttpHooks"));
        let function = block.function(tokens, "send_request");
        let Some(function) = function.filter(|_| is_of_hooks) else {
            continue;
        };
        let hook = Hook::read(tokens, text, function, known, ground);
        for (range, text) in hook.and_then(|hook| hook.changes()).unwrap_or_default() {
            if let Some(span) = span_of(tokens, &range) {
                let reason = reason.clone();
                result.edits.push(Edit { span, text, reason });
                written.push(range);
            }
        }
    }
    // What nothing but the hooks named, which do not any more.
    let is_gone = |name: &str| {
        let is_in = |ranges: &[Range<usize>], place| ranges.iter().any(|it| it.contains(&place));
        let of_uses = scopes.uses.iter().map(|item| item.start..item.end);
        let of_uses = Vec::from_iter(of_uses);
        let places = tokens.places_of(name).filter(|it| !is_in(&of_uses, *it));
        let mut places = places.map(|place| is_in(&written, place)).peekable();
        places.peek().is_some() && places.all(|is_written| is_written)
    };
    let fate = |_: &UseItem, path: &[&str]| match path {
        [first, .., name] if *first == known && is_gone(name) => Fate::Goes,
        _ => Fate::Stays,
    };
    let edits = use_edits::change_all(tokens, text, &scopes.uses, &reason, fate);
    result.edits.extend(edits);
    result
}

/// A range of tokens, and what is written in its place.
type Change = (Range<usize>, String);

/// One hook, and how its package calls the crates.
struct Hook<'a, 't> {
    tokens: &'a Tokens<'t>,
    text: &'a str,
    function: &'a Function,
    /// `wasmtime_wasi_http`, as the package knows it.
    known: &'a str,
    /// The path of the response that belongs to the request: `hyper::Response`.
    response: String,
    /// The names of the arguments.
    request: &'t str,
    config: &'t str,
    /// The type of the last argument.
    config_type: Range<usize>,
}

impl<'a, 't> Hook<'a, 't> {
    /// None where it is not the hook that it was until 47.
    fn read(
        tokens: &'a Tokens<'t>,
        text: &'a str,
        function: &'a Function,
        known: &'a str,
        ground: &Ground<'_>,
    ) -> Option<Self> {
        let open = (function.name..function.open).find(|it| tokens.text(*it) == "(")?;
        let arguments = impls::arguments(tokens, open)?;
        let [_, request, config] = arguments.as_slice() else {
            return None;
        };
        let named = |argument: &Range<usize>| {
            let name = argument.start + usize::from(tokens.is_ident(argument.start, "mut"));
            let is_named =
                tokens.kind(name) == Some(TokenKind::Ident) && tokens.is_punct(name + 1, ':');
            is_named.then_some(name)
        };
        let (of_request, of_config) = (named(request)?, named(config)?);
        let of_type = (of_request + 2..request.end).find(|it| tokens.is_ident(*it, "Request"))?;
        let is_body = tokens.is_ident(request.end - 2, "HyperOutgoingBody");
        let is_config = tokens.is_ident(config.end - 1, CONFIG);
        let mut result = function.result.clone();
        let is_result = result.any(|it| tokens.is_ident(it, "HostFutureIncomingResponse"));
        let response = match of_type - (of_request + 2) {
            0 => {
                let mut crates = ["hyper", "http"].into_iter();
                let name = crates.find_map(|package| ground.crates.name_of(package))?;
                format!("{name}::Response")
            }
            _ => {
                let path = tokens
                    .get(of_request + 2)?
                    .span
                    .to(tokens.get(of_type - 1)?.span);
                format!("{}Response", path.text(text))
            }
        };
        (is_body && is_config && is_result).then_some(Self {
            tokens,
            text,
            function,
            known,
            response,
            request: tokens.text(of_request),
            config: tokens.text(of_config),
            config_type: of_config + 2..config.end,
        })
    }

    /// All that changes; none where it does something else than to refuse and to send.
    fn changes(&self) -> Option<Vec<Change>> {
        let (tokens, known) = (self.tokens, self.known);
        let body = self.function.open + 1..self.function.close;
        let mut changes = Vec::new();
        for place in body.clone() {
            if tokens.is_punct(place, '?') {
                return None;
            }
            let is_call =
                |name: &str| tokens.is_ident(place, name) && tokens.text(place + 1) == "(";
            let answer = match () {
                () if is_call("Ok") && self.is_answer(place) => self.sent(place)?,
                () if is_call("Err") && self.is_answer(place) => self.refused(place)?,
                () => continue,
            };
            changes.push((place..tokens.after(place + 1), answer));
        }
        let is_answered = |place: usize| changes.iter().any(|(range, _)| range.start == place);
        let mut returns = body.clone().filter(|it| tokens.is_ident(*it, "return"));
        let sends = body
            .clone()
            .filter(|it| tokens.is_ident(*it, DEFAULT))
            .count();
        let configs = body.clone().filter(|it| tokens.is_ident(*it, self.config));
        let sent = changes
            .iter()
            .filter(|(_, text)| text.contains(DEFAULT))
            .count();
        let last = body.end - 1;
        let ends =
            tokens.text(last) == "}" || changes.iter().any(|(range, _)| range.end == body.end);
        if !returns.all(|place| is_answered(place + 1))
            || sends != sent
            || configs.count() != sent
            || !ends
        {
            return None;
        }
        let io = self.future("()");
        let config = format!("Option<{known}::RequestOptions>");
        let more = format!(",{}_: {io}", self.gap()?);
        if tokens.is_punct(self.config_type.end, ',') {
            let comma = self.config_type.end;
            changes.push((self.config_type.clone(), config));
            changes.push((comma..comma + 1, format!("{more},")));
        } else {
            changes.push((self.config_type.clone(), format!("{config}{more}")));
        }
        let answer = self.future(&format!("({}<{known}::WasiBody>, {io})", self.response));
        changes.push((self.function.result.clone(), answer));
        Some(changes)
    }

    /// What is between two arguments: a line of its own for each, where it is so.
    fn gap(&self) -> Option<String> {
        Some(match self.line_of(self.config_type.start - 2)? {
            (newline, Some(indent)) => format!("{newline}{indent}"),
            _ => " ".to_owned(),
        })
    }

    /// How lines end, and what the line is indented with that a token is the first of.
    fn line_of(&self, place: usize) -> Option<(&'static str, Option<&'a str>)> {
        let at = self.tokens.get(place)?.span.start.0;
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let indent = &self.text[line..at];
        let newline = match self.text[..line].ends_with("\r\n") {
            true => "\r\n",
            false => "\n",
        };
        Some((newline, Some(indent).filter(|it| it.trim().is_empty())))
    }

    /// A boxed future of a result of the crate's.
    fn future(&self, of: &str) -> String {
        let known = self.known;
        format!("Box<dyn std::future::Future<Output = {known}::Result<{of}>> + Send>")
    }

    /// Whether what begins at a place is what the function gives, or a branch of that.
    fn is_answer(&self, place: usize) -> bool {
        let tokens = self.tokens;
        let behind = tokens.after(place + 1);
        let before = tokens.text(place - 1);
        let begins = ["{", "}", ";", "return"].contains(&before)
            || (tokens.is_punct(place - 1, '>') && tokens.is_punct(place - 2, '='));
        begins && (matches!(tokens.text(behind), "}" | ",") || before == "return")
    }

    /// `Ok(default_send_request(request, config))`, as it is now.
    fn sent(&self, ok: usize) -> Option<String> {
        let (tokens, known) = (self.tokens, self.known);
        let inner = impls::arguments(tokens, ok + 1)?;
        let [call] = inner.as_slice() else {
            return None;
        };
        let open = call.clone().find(|it| tokens.text(*it) == "(")?;
        let given = impls::arguments(tokens, open)?;
        let [request, config] = given.as_slice() else {
            return None;
        };
        let is = |range: &Range<usize>, name: &str| {
            range.len() == 1 && tokens.is_ident(range.start, name)
        };
        let is_it = tokens.is_ident(open - 1, DEFAULT)
            && tokens.after(open) == call.end
            && is(request, self.request)
            && is(config, self.config);
        let io = self.future("()");
        let (request, config) = (self.request, self.config);
        let statements = [
            format!("let (response, io) = {known}::{DEFAULT}({request}, {config}).await?;"),
            format!("let io: {io} = Box::new(io);"),
            format!("Ok((response.map({known}::WasiBody::new), io))"),
        ];
        let body = match self.line_of(ok)? {
            (newline, Some(indent)) => {
                let step = if indent.ends_with('\t') { "\t" } else { "    " };
                let lines = statements.map(|it| format!("{newline}{indent}{step}{it}"));
                format!("{}{newline}{indent}", lines.concat())
            }
            _ => format!(" {} ", statements.join(" ")),
        };
        is_it.then(|| format!("Box::new(async move {{{body}}})"))
    }

    /// `Err(ErrorCode::HttpRequestDenied.into())`, as it is now.
    fn refused(&self, err: usize) -> Option<String> {
        let tokens = self.tokens;
        let inner = impls::arguments(tokens, err + 1)?;
        let [error] = inner.as_slice() else {
            return None;
        };
        let mut error = error.clone();
        let from = (error.start..error.end).find(|it| tokens.is_ident(*it, "from"));
        if let Some(from) = from {
            let is_whole = tokens.text(from + 1) == "(" && tokens.after(from + 1) == error.end;
            let is_of_crate = from >= 3 && tokens.is_ident(from - 3, "HttpError");
            if !is_whole || !is_of_crate {
                return None;
            }
            error = from + 2..error.end - 1;
        } else {
            let is_into = error.len() > 4
                && tokens.is_punct(error.end - 4, '.')
                && tokens.is_ident(error.end - 3, "into");
            if !is_into {
                return None;
            }
            error.end -= 4;
        }
        let mut places = error.clone();
        let of_enum = places.find(|it| tokens.is_ident(*it, "ErrorCode"))?;
        let variant = of_enum + 3;
        let is_path = (error.start..of_enum)
            .all(|it| tokens.kind(it) == Some(TokenKind::Ident) || tokens.is_punct(it, ':'));
        let name = tokens.text(variant);
        let end = match tokens.text(variant + 1) {
            "(" => tokens.after(variant + 1),
            _ => variant + 1,
        };
        if !is_path || end != error.end || !ERRORS.contains(&name) {
            return None;
        }
        let named = tokens.get(variant)?.span.to(tokens.get(end - 1)?.span);
        let (known, named) = (self.known, named.text(self.text));
        Some(format!(
            "Box::new(std::future::ready(Err({known}::Error::{named})))"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::{edited, moving};

    /// Both at once: what a host overrode is of hooks from 43 on, and gives a future from 48 on.
    #[test]
    fn a_host_that_refuses_gets_hooks_that_do() {
        let text = "use wasmtime_wasi::ResourceTable;\nuse wasmtime_wasi_http::bindings::http::types::ErrorCode;\nuse wasmtime_wasi_http::body::HyperOutgoingBody;\nuse wasmtime_wasi_http::types::{default_send_request, HostFutureIncomingResponse, OutgoingRequestConfig};\nuse wasmtime_wasi_http::{HttpResult, WasiHttpCtx, WasiHttpView};\n\npub struct State {\n    http: WasiHttpCtx,\n    table: ResourceTable,\n    hosts: Vec<String>,\n}\n\nimpl WasiHttpView for State {\n    fn ctx(&mut self) -> &mut WasiHttpCtx {\n        &mut self.http\n    }\n\n    fn table(&mut self) -> &mut ResourceTable {\n        &mut self.table\n    }\n\n    fn send_request(\n        &mut self,\n        request: hyper::Request<HyperOutgoingBody>,\n        config: OutgoingRequestConfig,\n    ) -> HttpResult<HostFutureIncomingResponse> {\n        if !self.hosts.iter().any(|host| Some(host.as_str()) == request.uri().host()) {\n            return Err(ErrorCode::HttpRequestDenied.into());\n        }\n        Ok(default_send_request(request, config))\n    }\n}\n";
        let crates = crate::migrate::tests::crates();
        let ground = crate::migrate::tests::ground(&crates, 36, 48);
        let outcome = crate::migrate::run(text, &ground).unwrap();
        insta::assert_snapshot!(outcome.edits.apply(text));
    }

    /// A hook with this body, moved.
    fn moved(body: &str) -> String {
        let text = format!(
            "use wasmtime_wasi_http::p2::types::{{HostFutureIncomingResponse, OutgoingRequestConfig}};\nuse wasmtime_wasi_http::p2::{{HttpResult, default_send_request}};\n\nimpl wasmtime_wasi_http::p2::WasiHttpHooks for Hooks {{\n    fn send_request(\n        &mut self,\n        request: hyper::Request<HyperOutgoingBody>,\n        config: OutgoingRequestConfig,\n    ) -> HttpResult<HostFutureIncomingResponse> {{{body}}}\n}}\n"
        );
        let result = moving(send_request, &text, 47, 48);
        edited(&text, result.edits)
    }

    fn body_of(text: &str) -> &str {
        let (_, behind) = text.split_once("> {").unwrap_or_default();
        behind.strip_suffix("}\n}\n").unwrap_or_default()
    }

    #[test]
    fn a_hook_that_refuses_or_sends_gives_a_future() {
        insta::assert_snapshot!(moved(
            "\n        if !self.allows(request.uri()) {\n            return Err(ErrorCode::HttpRequestDenied.into());\n        }\n        Ok(default_send_request(request, config))\n    "
        ));
    }

    #[test]
    fn refusals_are_written_in_several_ways() {
        for (old, new) in [
            ("ErrorCode::HttpRequestDenied.into()", "HttpRequestDenied"),
            (
                "types::ErrorCode::InternalError(Some(format!(\"{}\", 1))).into()",
                "InternalError(Some(format!(\"{}\", 1)))",
            ),
            (
                "HttpError::from(ErrorCode::ConnectionRefused)",
                "ConnectionRefused",
            ),
        ] {
            let text = moved(&format!(
                " match self.allows {{ true => Ok(default_send_request(request, config)), false => Err({old}) }} "
            ));
            let refused = format!(
                "false => Box::new(std::future::ready(Err(wasmtime_wasi_http::Error::{new}))) }} "
            );
            assert!(body_of(&text).ends_with(&refused), "{text}");
        }
    }

    #[test]
    fn a_hook_may_refuse_everything() {
        let text = moved("Err(ErrorCode::HttpRequestDenied.into())");
        assert_eq!(
            body_of(&text),
            "Box::new(std::future::ready(Err(wasmtime_wasi_http::Error::HttpRequestDenied)))"
        );
    }

    #[test]
    fn what_else_a_hook_does_is_left_to_a_person() {
        for body in [
            // It asks the configuration, which is another type now.
            "if config.use_tls { return Err(ErrorCode::HttpRequestDenied.into()); } Ok(default_send_request(request, config))",
            // Its answer may be a trap, or an error that is not known here.
            "self.ask()?; Ok(default_send_request(request, config))",
            "if self.denies { return Err(HttpError::trap(Denied)); } Ok(default_send_request(request, config))",
            "if self.denies { return self.denied(); } Ok(default_send_request(request, config))",
            // It does something with what is sent.
            "let sent = default_send_request(request, config); self.count += 1; Ok(sent)",
            "Ok(self.send(default_send_request, request, config))",
            // What it sends is another request.
            "Ok(default_send_request(self.changed(request), config))",
        ] {
            let text = moved(body);
            assert_eq!(body_of(&text), body);
            assert!(text.contains("config: OutgoingRequestConfig"), "{text}");
        }
    }
}
