//! Streams of a host that guests have as standard input and output, in the shape of 36 (PR #11368): what
//! was `stream` is `p2_stream`, what was `isatty` is a trait of its own, and guests of WASIp3 have a
//! stream besides, `async_stream`. No host served those before, so there is nothing that it could give.

use super::impls::{self, Function, ImplBlock, span_of};
use super::scopes::{Resolved, Scopes};
use super::whole::{conditions, documented, whole_item};
use super::{Ground, LeftOver, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

const SINCE: Line = Line(36);

/// Reshapes the streams that a text implements.
#[must_use]
pub fn streams(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    if !is_crossed(ground.from, ground.to) || !text.contains("isatty") {
        return result;
    }
    let scopes = Scopes::of(tokens);
    // Types with what tells whether they are a terminal: one may be a stream of both kinds.
    let mut terminals: Vec<(String, String)> = Vec::new();
    for block in impls::find(tokens) {
        let resolved = scopes.trait_of(tokens, &block, ground);
        let Some((tokio, resolved)) = resolved.and_then(|it| Some((tokio_trait(&it)?, it))) else {
            continue;
        };
        let shape = (
            block.function(tokens, "stream"),
            block.function(tokens, "isatty"),
        );
        let (Some(stream), Some(isatty)) = shape else {
            continue;
        };
        let stream = Stream {
            tokens,
            text,
            line: ground.to,
            block: &block,
            stream,
            isatty,
            wasi: &resolved.extern_name,
            tokio,
            tokio_name: ground.crates.name_of("tokio").unwrap_or("tokio"),
        };
        let Some(edits) = stream.edits() else {
            continue;
        };
        let span = span_of(tokens, &block.of_trait).unwrap_or_default();
        // Others of that name may be in another place, or for other builds.
        let attributes = conditions(tokens, text, block.start..block.keyword, "").concat();
        let place = tokens.around(block.keyword).next();
        let of_type: String = block.of_type.clone().map(|it| tokens.text(it)).collect();
        let of_type = format!("{attributes}{place:?} {of_type}");
        let body: String = (isatty.open..isatty.close)
            .map(|it| tokens.text(it))
            .collect();
        let known = terminals.iter().find(|(known, _)| *known == of_type);
        let is_told = known.is_some();
        if known.is_some_and(|(_, known)| *known != body) {
            let what =
                "its two `isatty` differ, and `IsTerminal` has one answer for both".to_owned();
            result.remaining.push(LeftOver { span, what });
            continue;
        }
        terminals.push((of_type, body));
        result
            .edits
            .extend(edits.into_iter().skip(usize::from(is_told)));
        let mut left = |what: String| result.remaining.push(LeftOver { span, what });
        left(format!(
            "write `async_stream` if guests of WASIp3 are to have this stream: it panics when one asks for it, and gives a `{tokio}` of tokio's"
        ));
        if ground.crates.name_of("tokio").is_none() {
            left(format!(
                "require `tokio`: `async_stream` gives a `{tokio}` of it"
            ));
        }
    }
    result
}

/// Whether a move gives streams of hosts a function that names a trait of tokio's.
#[must_use]
pub fn is_crossed(from: Line, to: Line) -> bool {
    from < SINCE && SINCE <= to
}

/// Whether a text has a stream of a host in the shape up to 35, by the names of its trait and functions.
#[must_use]
pub fn is_implemented(text: &str) -> bool {
    const TRAITS: [&str; 2] = ["StdinStream", "StdoutStream"];
    if !text.contains("isatty") || !TRAITS.iter().any(|name| text.contains(name)) {
        return false;
    }
    let Ok(tokens) = Tokens::read(text) else {
        return false;
    };
    let defines = |name: &&str| {
        let mut places = tokens.places_of(name);
        places.any(|place| place > 0 && tokens.is_ident(place - 1, "trait"))
    };
    let is_stream = |block: ImplBlock| {
        let name = block.trait_path.last().map_or("", |it| tokens.text(*it));
        let has = |function: &str| block.function(&tokens, function).is_some();
        TRAITS.contains(&name) && has("stream") && has("isatty")
    };
    !TRAITS.iter().any(defines) && impls::find(&tokens).into_iter().any(is_stream)
}

/// The trait of tokio's that the stream is for guests of WASIp3.
fn tokio_trait(resolved: &Resolved) -> Option<&'static str> {
    let is_of_wasi = resolved
        .path
        .first()
        .is_some_and(|name| name == "wasmtime_wasi");
    match resolved.path.last().filter(|_| is_of_wasi)?.as_str() {
        "StdinStream" => Some("AsyncRead"),
        "StdoutStream" => Some("AsyncWrite"),
        _ => None,
    }
}

struct Stream<'a, 't> {
    tokens: &'a Tokens<'t>,
    text: &'t str,
    line: Line,
    block: &'a ImplBlock,
    stream: &'a Function,
    isatty: &'a Function,
    /// The name of `wasmtime-wasi` in the package.
    wasi: &'a str,
    tokio: &'static str,
    tokio_name: &'a str,
}

impl Stream<'_, '_> {
    fn edits(&self) -> Option<[Edit; 4]> {
        let span = |index: usize| self.tokens.get(index).map(|token| token.span);
        let in_front = |span: Span| {
            let at = documented(self.text, span.start.0);
            Span::new(at, at)
        };
        let indent = self.indent(self.stream.start)?;
        let outer = self.indent(self.block.start)?;
        // `impl<T> .. for Type where ..` without the trait.
        let head = Span::new(
            span(self.block.keyword)?.start.0,
            span(self.block.of_trait.start)?.start.0,
        );
        let of_type = Span::new(
            span(self.block.of_trait.end - 1)?.end.0,
            span(self.block.open)?.start.0,
        );
        let (wasi, tokio_name, tokio) = (self.wasi, self.tokio_name, self.tokio);
        let body = span_of(self.tokens, &(self.isatty.open..self.isatty.close + 1))?;
        let conditions = conditions(
            self.tokens,
            self.text,
            self.block.start..self.block.keyword,
            self.indent(self.block.start)?,
        )
        .concat();
        let terminal = format!(
            "{conditions}{}{wasi}::cli::IsTerminal{}{{\n{indent}fn is_terminal(&self) -> bool {}\n{outer}}}\n\n{outer}",
            head.text(self.text),
            of_type.text(self.text),
            body.text(self.text),
        );
        let for_p3 = format!(
            "fn async_stream(&self) -> Box<dyn {tokio_name}::io::{tokio} + Send + Sync> {{\n{indent}    unimplemented!(\"only guests of WASIp3 ask for this\")\n{indent}}}\n\n{indent}"
        );
        let edit = |span: Span, text: String, why: &str| Edit {
            span,
            text,
            reason: format!("{why} (line {})", self.line),
        };
        Some([
            edit(
                in_front(span(self.block.start)?),
                terminal,
                "what was `isatty` is `IsTerminal`",
            ),
            edit(
                in_front(span(self.stream.start)?),
                for_p3,
                "`async_stream` is for guests of WASIp3, which nothing served before",
            ),
            edit(
                span(self.stream.name)?,
                "p2_stream".to_owned(),
                "what was `stream` is for guests of WASIp2",
            ),
            edit(
                whole_item(self.tokens, self.text, self.isatty.start, self.isatty.close),
                String::new(),
                "what was `isatty` is `IsTerminal`",
            ),
        ])
    }

    /// The blanks in front of an item.
    fn indent(&self, index: usize) -> Option<&str> {
        let start = self.tokens.get(index)?.span.start.0;
        let before = self.text.get(..start)?;
        let line = before.rsplit('\n').next()?;
        Some(if line.trim().is_empty() { line } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::{moved, moving};

    #[test]
    fn a_stream_gets_the_shape_of_36() {
        let before = "use wasmtime_wasi::{OutputStream, StdoutStream};\n\n#[allow(x)]\nimpl<T: Clone> StdoutStream for Out<T>\nwhere\n    T: Copy,\n{\n    fn stream(&self) -> Box<dyn OutputStream> {\n        Box::new(self.clone())\n    }\n\n    fn isatty(&self) -> bool {\n        self.tty // really\n    }\n}\n";
        let after = "use wasmtime_wasi::{OutputStream, StdoutStream};\n\nimpl<T: Clone> wasmtime_wasi::cli::IsTerminal for Out<T>\nwhere\n    T: Copy,\n{\n    fn is_terminal(&self) -> bool {\n        self.tty // really\n    }\n}\n\n#[allow(x)]\nimpl<T: Clone> StdoutStream for Out<T>\nwhere\n    T: Copy,\n{\n    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {\n        unimplemented!(\"only guests of WASIp3 ask for this\")\n    }\n\n    fn p2_stream(&self) -> Box<dyn OutputStream> {\n        Box::new(self.clone())\n    }\n}\n";
        assert_eq!(moved(streams, before, 32, 36), after);
        let left = moving(streams, before, 32, 36).remaining;
        let left: Vec<&str> = left.iter().map(|left| left.what.as_str()).collect();
        assert_eq!(
            left,
            [
                "write `async_stream` if guests of WASIp3 are to have this stream: it panics when one asks for it, and gives a `AsyncWrite` of tokio's",
                "require `tokio`: `async_stream` gives a `AsyncWrite` of it",
            ]
        );
        assert_eq!(moved(streams, after, 35, 36), after);
    }

    #[test]
    fn a_stream_of_both_kinds_is_one_terminal() {
        let of = |kind: &str, answer: &str| {
            format!(
                "impl {kind} for Pipe {{\n    fn stream(&self) -> S {{\n        S\n    }}\n    fn isatty(&self) -> bool {{\n        {answer}\n    }}\n}}\n"
            )
        };
        let both = |second: &str| {
            let uses = "use wasmtime_wasi::{StdinStream, StdoutStream};\n\n";
            format!(
                "{uses}{}\n{}",
                of("StdinStream", "false"),
                of("StdoutStream", second)
            )
        };
        let after = moved(streams, &both("false"), 32, 36);
        assert_eq!(after.matches("IsTerminal for Pipe").count(), 1, "{after}");
        assert_eq!(after.matches("isatty").count(), 0, "{after}");
        // For other builds it is another one.
        let gated = both("false").replace("impl StdinStream", "#[cfg(unix)]\nimpl StdinStream");
        let after = moved(streams, &gated, 32, 36);
        assert_eq!(after.matches("IsTerminal for Pipe").count(), 2, "{after}");
        let apart = moving(streams, &both("true"), 32, 36);
        assert!(
            apart
                .remaining
                .iter()
                .any(|left| left.what.contains("two `isatty` differ"))
        );
    }

    #[test]
    fn documentation_and_conditions_are_of_what_they_were_of() {
        let before = "use wasmtime_wasi::StdoutStream;\n\n/// Output.\n#[cfg(unix)]\nimpl StdoutStream for Out {\n    /// A stream.\n    fn stream(&self) -> S {\n        S\n    }\n\n    /// Never.\n    fn isatty(&self) -> bool {\n        false\n    }\n}\n";
        let after = "use wasmtime_wasi::StdoutStream;\n\n#[cfg(unix)]\nimpl wasmtime_wasi::cli::IsTerminal for Out {\n    fn is_terminal(&self) -> bool {\n        false\n    }\n}\n\n/// Output.\n#[cfg(unix)]\nimpl StdoutStream for Out {\n    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {\n        unimplemented!(\"only guests of WASIp3 ask for this\")\n    }\n\n    /// A stream.\n    fn p2_stream(&self) -> S {\n        S\n    }\n}\n";
        assert_eq!(moved(streams, before, 32, 36), after);
    }

    #[test]
    fn what_is_not_of_wasi_stays() {
        let text = "trait StdoutStream {} impl StdoutStream for Out { fn stream(&self) {} fn isatty(&self) -> bool { true } }";
        assert_eq!(moved(streams, text, 32, 36), text);
        let older = format!("use wasmtime_wasi::StdoutStream; {}", &text[22..]);
        assert_eq!(moved(streams, &older, 24, 35), older);
    }
}
