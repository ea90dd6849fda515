//! What a check of socket addresses is asked about: told apart more finely from 48 on (PR #13934).
//!
//! What guests may do is mapped only where it stays what it is: the check answers `UdpConnect` and
//! `UdpOutgoingDatagram` alike, which is what `UdpSend` is asked for, and it lets nothing be bound. Then
//! nothing listens, accepts or receives either, and refusing those three changes nothing. Any other check
//! is left to a person.

use std::ops::Range;

use super::impls::span_of;
use super::match_arms::{self, Arm};
use super::scopes::Scopes;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// The first line that tells them apart.
const SINCE: Line = Line(48);

/// What there was until then.
const BEFORE: [&str; 5] = [
    "TcpBind",
    "TcpConnect",
    "UdpBind",
    "UdpConnect",
    "UdpOutgoingDatagram",
];

/// Rewrites the variants in checks that refuse to bind.
#[must_use]
pub fn socket_uses(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    const SENDS: &str = "UdpOutgoingDatagram";
    let mut result = Migrated::default();
    if ground.from >= SINCE || ground.to < SINCE || !text.contains(SENDS) {
        return result;
    }
    let scopes = Scopes::of(tokens);
    for check in tokens.places_of("socket_addr_check") {
        let Some(closure) = Closure::given_to(tokens, check) else {
            continue;
        };
        let mut places = tokens.places_of(SENDS);
        let Some(place) = places.find(|place| closure.range.contains(place)) else {
            continue;
        };
        let Some(sending) = Alternatives::around(tokens, place) else {
            continue;
        };
        let is_of_wasi = scopes
            .resolve(&sending.of_enum, place, ground)
            .is_some_and(|it| it.is_in("wasmtime_wasi", "SocketAddrUse"));
        let names_it_once = places.all(|place| !closure.range.contains(&place));
        if !is_of_wasi || !names_it_once || !closure.only_ends(tokens) {
            continue;
        }
        let changes = in_match(tokens, &sending, &closure)
            .or_else(|| in_matches(tokens, &sending, &closure))
            .unwrap_or_default();
        let reason = format!("sending is one use of an address in line {}", ground.to);
        let edits = changes.into_iter().filter_map(|(range, text)| {
            let (span, reason) = (span_of(tokens, &range)?, reason.clone());
            Some(Edit { span, text, reason })
        });
        result.edits.extend(edits);
    }
    result
}

/// A range of tokens, and what is written in its place.
type Change = (Range<usize>, String);

/// `match use { A | B => .., .. }`, which is what the check answers.
fn in_match(
    tokens: &Tokens<'_>,
    sending: &Alternatives<'_>,
    closure: &Closure,
) -> Option<Vec<Change>> {
    let open = tokens.around(sending.range.start).next()?;
    let arms = match_arms::read(tokens, open)?;
    let keyword = (closure.range.start..open)
        .rev()
        .find(|place| tokens.is_ident(*place, "match"))?;
    let close = tokens.get(open)?.partner;
    if !(keyword + 1..open).all(|place| tokens.text(place) != ";")
        || !closure.answers(tokens, keyword..close + 1)
    {
        return None;
    }
    let mut changes = sending.changes(tokens)?;
    let mut covers_the_rest = false;
    let mut joining: Vec<(usize, &str)> = Vec::new();
    for arm in &arms {
        let pattern = arm.start..arm.body - 2;
        if pattern.len() == 1 && tokens.text(pattern.start) == "_" {
            covers_the_rest = true;
            continue;
        }
        let alternatives = Alternatives::around(tokens, pattern.end - 1)?;
        let begins = pattern.start + usize::from(tokens.is_punct(pattern.start, '|'));
        if alternatives.range != (begins..pattern.end) || alternatives.of_enum != sending.of_enum {
            return None;
        }
        for (bind, like) in [
            ("TcpBind", ["TcpListen", "TcpAccept"].as_slice()),
            ("UdpBind", &["UdpReceive"]),
        ] {
            if alternatives.variants.contains(&bind) {
                joining.extend(like.iter().map(|new| (pattern.end, *new)));
            }
        }
    }
    // The arms that say what becomes of binding.
    let binding = arms.iter().filter(|arm| {
        let named = (arm.start..arm.body)
            .any(|place| tokens.is_ident(place, "TcpBind") || tokens.is_ident(place, "UdpBind"));
        named || tokens.text(arm.start) == "_"
    });
    if !binding.clone().all(|arm| refuses(tokens, arm)) {
        return None;
    }
    if !covers_the_rest {
        let path = sending.of_enum.join("::");
        let mut ends: Vec<usize> = joining.iter().map(|(end, _)| *end).collect();
        ends.dedup();
        for end in ends {
            let new = joining.iter().filter(|(at, _)| *at == end);
            let more: String = new.map(|(_, new)| format!(" | {path}::{new}")).collect();
            changes.push((end - 1..end, format!("{}{more}", tokens.text(end - 1))));
        }
    }
    Some(changes)
}

/// Whether all that an arm does is to answer `false`.
fn refuses(tokens: &Tokens<'_>, arm: &Arm) -> bool {
    arm.end == arm.body + 1 && tokens.is_ident(arm.body, "false")
}

/// `matches!(use, A | B) && ..`, which is what the check answers.
fn in_matches(
    tokens: &Tokens<'_>,
    sending: &Alternatives<'_>,
    closure: &Closure,
) -> Option<Vec<Change>> {
    let open = tokens.around(sending.range.start).next()?;
    let close = tokens.get(open)?.partner;
    let is_macro =
        open >= 2 && tokens.is_punct(open - 1, '!') && tokens.is_ident(open - 2, "matches");
    let is_last = sending.range.end == close
        || (sending.range.end + 1 == close && tokens.is_punct(sending.range.end, ','));
    let binds = ["TcpBind", "UdpBind"];
    let lets_bind = binds.iter().any(|bind| sending.variants.contains(bind));
    if !is_macro || !is_last || lets_bind || !closure.answers(tokens, open - 2..close + 1) {
        return None;
    }
    sending.changes(tokens)
}

/// Variants of one enum with `|` between them.
struct Alternatives<'t> {
    /// From the first to behind the last, without a `|` in front.
    range: Range<usize>,
    /// The path of the enum, as it is written.
    of_enum: Vec<&'t str>,
    variants: Vec<&'t str>,
    /// Where each of them is.
    paths: Vec<Range<usize>>,
}

impl<'t> Alternatives<'t> {
    /// Those that `place` is one of: the last name of its path.
    fn around(tokens: &Tokens<'t>, place: usize) -> Option<Self> {
        let mut paths = vec![path_to(tokens, place)?];
        while let Some(first) = paths.first().filter(|first| first.start >= 2) {
            let Some(before) =
                path_to(tokens, first.start - 2).filter(|_| tokens.is_punct(first.start - 1, '|'))
            else {
                break;
            };
            paths.insert(0, before);
        }
        while let Some(behind) = paths.last().map(|last| last.end) {
            let mut end = behind + 1;
            while tokens.is_path_separator(end + 1) {
                end += 3;
            }
            let Some(next) = path_to(tokens, end).filter(|_| tokens.is_punct(behind, '|')) else {
                break;
            };
            paths.push(next);
        }
        let names = |path: &Range<usize>| -> Vec<&'t str> {
            path.clone().step_by(3).map(|it| tokens.text(it)).collect()
        };
        let mut of_enum: Option<Vec<&str>> = None;
        let mut variants = Vec::new();
        for path in &paths {
            let mut names = names(path);
            variants.push(names.pop().filter(|name| BEFORE.contains(name))?);
            if of_enum.replace(names.clone()).is_some_and(|it| it != names) {
                return None;
            }
        }
        Some(Self {
            range: paths.first()?.start..paths.last()?.end,
            of_enum: of_enum.filter(|path| !path.is_empty())?,
            variants,
            paths,
        })
    }

    /// One `UdpSend` for the two that sent; none unless both are there.
    fn changes(&self, tokens: &Tokens<'_>) -> Option<Vec<Change>> {
        let place = |of: &str| self.variants.iter().position(|name| *name == of);
        let (connect, send) = (place("UdpConnect")?, place("UdpOutgoingDatagram")?);
        let stays = self.paths.get(connect.min(send))?;
        let last = connect.max(send);
        // It goes with what is between it and the one in front of it.
        let before = self.paths.get(last.checked_sub(1)?)?;
        let goes = before.end - 1..self.paths.get(last)?.end;
        if before == stays {
            return Some(vec![(goes, "UdpSend".to_owned())]);
        }
        let kept = tokens.text(goes.start).to_owned();
        Some(vec![
            (stays.end - 1..stays.end, "UdpSend".to_owned()),
            (goes, kept),
        ])
    }
}

/// The path that ends at a token, where it is one of names and `::`.
fn path_to(tokens: &Tokens<'_>, last: usize) -> Option<Range<usize>> {
    let is_name = |place: usize| tokens.kind(place) == Some(TokenKind::Ident);
    let mut start = last;
    while start >= 3 && tokens.is_path_separator(start - 2) && is_name(start - 3) {
        start -= 3;
    }
    (is_name(last) && !tokens.is_path_separator(last + 1)).then_some(start..last + 1)
}

/// Whether a `=` is a part of `==`, `!=`, `<=` or `>=`, which bind tighter than `&&`.
fn compares(tokens: &Tokens<'_>, place: usize) -> bool {
    let is =
        |place: usize, characters: &[char]| characters.iter().any(|it| tokens.is_punct(place, *it));
    is(place, &['=']) && (is(place + 1, &['=']) || is(place - 1, &['=', '!', '<', '>']))
}

/// A closure that is an argument.
struct Closure {
    /// The body, with its braces.
    body: Range<usize>,
    range: Range<usize>,
}

impl Closure {
    /// The only argument of the call of a method.
    fn given_to(tokens: &Tokens<'_>, method: usize) -> Option<Self> {
        let open = method + 1;
        let is_call = method > 0 && tokens.is_punct(method - 1, '.') && tokens.text(open) == "(";
        let close = tokens.get(open).filter(|_| is_call)?.partner;
        let bar = open + 1 + usize::from(tokens.is_ident(open + 1, "move"));
        let mut behind = bar + 1;
        while behind < close && !tokens.is_punct(behind, '|') {
            behind = tokens.after(behind);
        }
        let mut end = close;
        if tokens.is_punct(end - 1, ',') {
            end -= 1;
        }
        let is_closure = tokens.is_punct(bar, '|') && behind + 1 < end;
        is_closure.then_some(Self {
            body: behind + 1..end,
            range: open + 1..close,
        })
    }

    /// Whether it gives its answer at its end only.
    fn only_ends(&self, tokens: &Tokens<'_>) -> bool {
        let mut places = self.range.clone();
        !places.any(|it| tokens.is_ident(it, "return") || tokens.is_punct(it, '?'))
    }

    /// Whether an expression that is `false` makes the closure answer that.
    fn answers(&self, tokens: &Tokens<'_>, expression: Range<usize>) -> bool {
        let Range { mut start, mut end } = expression;
        // Each turn goes one block further out, or from a declaration to its use.
        loop {
            if start == self.body.start && end == self.body.end {
                return true;
            }
            // What is refused already, whatever else is asked.
            while tokens.is_punct(end, '&') && tokens.is_punct(end + 1, '&') {
                end += 2;
                while compares(tokens, end)
                    || !matches!(
                        tokens.text(end),
                        ";" | "," | "}" | ")" | "|" | "&" | "=" | ""
                    )
                {
                    end = tokens.after(end);
                }
            }
            let Some(before) = start.checked_sub(1).filter(|it| *it >= self.range.start) else {
                return false;
            };
            let ends_block = tokens.text(end) == "}";
            let of_block = tokens
                .around(start)
                .next()
                .filter(|open| tokens.text(*open) == "{" && *open > self.range.start);
            match tokens.text(before) {
                // The value of a block: nothing but declarations in front of it.
                "{" | ";" if ends_block => {
                    let Some(open) = of_block else { return false };
                    let is_async = |it: usize| tokens.is_ident(it, "async");
                    (start, end) = match open {
                        _ if open == self.body.start => (open, end + 1),
                        _ if is_async(open - 1) => (open - 1, end + 1),
                        _ if tokens.is_ident(open - 1, "move") && is_async(open - 2) => {
                            (open - 2, end + 1)
                        }
                        _ => return false,
                    };
                }
                "(" if tokens.text(end) == ")" => {
                    let of_box = before >= 4
                        && tokens.is_ident(before - 1, "pin")
                        && tokens.is_path_separator(before - 3)
                        && tokens.is_ident(before - 4, "Box");
                    if !of_box {
                        return false;
                    }
                    (start, end) = (before - 4, end + 1);
                }
                "=" if tokens.text(end) == ";" && tokens.is_ident(before - 2, "let") => {
                    let name = tokens.text(before - 1);
                    let mut uses = tokens
                        .places_of(name)
                        .filter(|it| self.range.contains(it) && *it != before - 1);
                    let (Some(only), None) = (uses.next(), uses.next()) else {
                        return false;
                    };
                    if only < end {
                        return false;
                    }
                    (start, end) = (only, only + 1);
                }
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::{edited, moving};

    /// A check with this body, moved.
    fn moved(body: &str) -> String {
        let text = format!(
            "use wasmtime_wasi::sockets::SocketAddrUse;\n\nfn f(b: &mut wasmtime_wasi::WasiCtxBuilder) {{\n    b.socket_addr_check(move |addr, reason| {body});\n}}\n"
        );
        let result = moving(socket_uses, &text, 47, 48);
        let after = edited(&text, result.edits);
        let (_, behind) = after.split_once("|addr, reason| ").unwrap_or_default();
        behind
            .strip_suffix(");\n}\n")
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn what_sends_is_one_and_what_is_new_is_refused_with_binding() {
        let of_all = "{\n        let allowed = Arc::clone(&allowed);\n        Box::pin(async move {\n            match reason {\n                SocketAddrUse::TcpConnect\n                | SocketAddrUse::UdpConnect\n                | SocketAddrUse::UdpOutgoingDatagram => allowed.contains(&addr.ip()),\n                SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => false,\n            }\n        })\n    }";
        assert_eq!(
            moved(of_all),
            "{\n        let allowed = Arc::clone(&allowed);\n        Box::pin(async move {\n            match reason {\n                SocketAddrUse::TcpConnect\n                | SocketAddrUse::UdpSend => allowed.contains(&addr.ip()),\n                SocketAddrUse::TcpBind | SocketAddrUse::UdpBind | SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept | SocketAddrUse::UdpReceive => false,\n            }\n        })\n    }"
        );
        let of_the_rest = "Box::pin(async move { match reason { SocketAddrUse::UdpOutgoingDatagram | SocketAddrUse::UdpConnect => true, _ => false } })";
        assert_eq!(
            moved(of_the_rest),
            "Box::pin(async move { match reason { SocketAddrUse::UdpSend => true, _ => false } })"
        );
        let of_each = "Box::pin(async move { match reason { SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram => true, SocketAddrUse::TcpConnect => ok(addr), SocketAddrUse::TcpBind => false, SocketAddrUse::UdpBind => false } })";
        assert_eq!(
            moved(of_each),
            "Box::pin(async move { match reason { SocketAddrUse::UdpSend => true, SocketAddrUse::TcpConnect => ok(addr), SocketAddrUse::TcpBind | SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => false, SocketAddrUse::UdpBind | SocketAddrUse::UdpReceive => false } })"
        );
    }

    #[test]
    fn what_is_asked_first_may_have_a_name() {
        let body = "{\n        let is_outbound = matches!(\n            reason,\n            SocketAddrUse::TcpConnect\n                | SocketAddrUse::UdpConnect\n                | SocketAddrUse::UdpOutgoingDatagram\n        );\n        let allowed = is_outbound && filters.iter().any(|f| f.matches(&addr));\n        Box::pin(async move { allowed })\n    }";
        assert_eq!(
            moved(body),
            "{\n        let is_outbound = matches!(\n            reason,\n            SocketAddrUse::TcpConnect\n                | SocketAddrUse::UdpSend\n        );\n        let allowed = is_outbound && filters.iter().any(|f| f.matches(&addr));\n        Box::pin(async move { allowed })\n    }"
        );
    }

    #[test]
    fn what_is_asked_beside_may_compare() {
        let body = "Box::pin(async move { matches!(reason, SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram) && addr.port() == 53 && !denied })";
        let after = "Box::pin(async move { matches!(reason, SocketAddrUse::UdpSend) && addr.port() == 53 && !denied })";
        assert_eq!(moved(body), after);
    }

    /// Who may bind may listen and receive, and has not been asked about that so far.
    #[test]
    fn a_check_that_may_let_bind_is_left_to_a_person() {
        for body in [
            // Binding is allowed, or may be.
            "Box::pin(async move { match reason { SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram => false, _ => true } })",
            "Box::pin(async move { match reason { SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram => true, SocketAddrUse::TcpConnect => true, SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => may_bind } })",
            "Box::pin(async move { matches!(reason, SocketAddrUse::UdpBind | SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram) })",
            // The two that sent are told apart.
            "Box::pin(async move { match reason { SocketAddrUse::UdpConnect => false, SocketAddrUse::UdpOutgoingDatagram => true, _ => false } })",
            "Box::pin(async move { matches!(reason, SocketAddrUse::TcpConnect | SocketAddrUse::UdpOutgoingDatagram) })",
            // What the `match` gives is not the answer.
            "Box::pin(async move { !matches!(reason, SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram) })",
            "Box::pin(async move { matches!(reason, SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram) || addr.ip().is_loopback() })",
            "Box::pin(async move { matches!(reason, SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram) && a(addr) || b(addr) })",
            "Box::pin(async move { let sends = matches!(reason, SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram); if sends { ok(addr) } else { true } })",
            "{ if addr.ip().is_loopback() { return yes(); } Box::pin(async move { matches!(reason, SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram) }) }",
            "Box::pin(async move { match reason { SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram if sends => true, _ => false } })",
            "Box::pin(async move { let name = match reason { SocketAddrUse::UdpConnect | SocketAddrUse::UdpOutgoingDatagram => \"sends\", _ => \"\" }; log(name); true })",
        ] {
            assert_eq!(moved(body), body);
        }
    }
}
