//! Whether the bodies of two functions can stand side by side in one expression.

use crate::migrate::impls::Function;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// The expression that a body is, when it is one and no more.
pub(in crate::migrate) fn expression<'t>(
    tokens: &Tokens<'t>,
    text: &'t str,
    of: &Function,
) -> Option<&'t str> {
    if of.open + 1 == of.close {
        return None;
    }
    let mut index = of.open + 1;
    while index < of.close {
        let is_end = tokens.is_punct(index, ';') || tokens.is_ident(index, "let");
        if is_end || tokens.is_ident(index, "return") {
            return None;
        }
        index = tokens.after(index);
    }
    let (open, close) = (
        tokens.get(of.open)?.span.end.0,
        tokens.get(of.close)?.span.start.0,
    );
    let inside = Span::new(open, close).text(text);
    // A comment would end up in the middle of a line.
    (!inside.contains("//")).then(|| inside.trim())
}

/// Whether the fields of `self` that two expressions borrow are other ones. A call on all of `self` is no
/// field.
pub(super) fn are_apart(one: &str, two: &str) -> bool {
    let (Ok(one), Ok(two)) = (Tokens::read(one), Tokens::read(two)) else {
        return false;
    };
    let (Some(one), Some(two)) = (fields(&one), fields(&two)) else {
        return false;
    };
    let overlap = |a: &[&str], b: &[&str]| a.starts_with(b) || b.starts_with(a);
    !one.iter().any(|a| two.iter().any(|b| overlap(a, b)))
}

/// The fields of `self` that an expression names; none when it names `self` otherwise.
fn fields<'t>(tokens: &Tokens<'t>) -> Option<Vec<Vec<&'t str>>> {
    let mut found = Vec::new();
    for index in 0..tokens.len() {
        if !tokens.is_ident(index, "self") {
            continue;
        }
        let mut path = Vec::new();
        let mut next = index + 1;
        while tokens.is_punct(next, '.')
            && matches!(
                tokens.kind(next + 1),
                Some(TokenKind::Ident | TokenKind::Literal)
            )
            && tokens.text(next + 2) != "("
        {
            path.push(tokens.text(next + 1));
            next += 2;
        }
        if path.is_empty() {
            return None;
        }
        found.push(path);
    }
    Some(found)
}

/// What two bodies hand on to the same function of the same field: `self.inner.ctx()` and
/// `self.inner.table()`. The text of the first then gives both.
pub(super) fn delegates(ctx: &str, table: &str) -> bool {
    let of = |body: &str, name: &str| {
        let body = body
            .strip_suffix("()")?
            .strip_suffix(name)?
            .strip_suffix('.')?;
        Some(body.trim_start_matches("&mut ").to_owned())
    };
    let (ctx, table) = (of(ctx, "ctx"), of(table, "table"));
    ctx.is_some() && ctx == table
}
