//! Items between the statements of a function's body.

use std::ops::Range;

use super::cursor::{Cursor, MAX_NESTING};
use super::facts::{ScopeId, ScopeKind};
use super::items::{Reader, starts_function};
use super::tokens::{Delimiter, Kind, Parsed};

/// Braces that are open, with the scope that they got, if they needed one.
struct Block {
    range: Range<usize>,
    scope: Option<ScopeId>,
}

impl<'t> Reader<'t> {
    /// Reads the items in the tokens from the cursor to `end`. What is no item is passed over.
    pub(crate) fn parse_body(&mut self, c: Cursor<'t>, scope: ScopeId, end: usize) -> Parsed<()> {
        let mut c = c.part(c.pos, end);
        let mut blocks: Vec<Block> = Vec::new();
        let mut starts_statement = true;
        while !c.is_done() {
            if starts_statement && may_start_item(&c) {
                if blocks.len() > MAX_NESTING {
                    return Err(c.too_deep());
                }
                let owner = self.block_scope(&mut blocks, scope);
                if self.parse_item(&mut c, owner)? {
                    continue;
                }
            }
            starts_statement = step(&mut c, &mut blocks, starts_statement);
        }
        Ok(())
    }

    /// The scope of the innermost open braces. The braces around them get theirs first, so that
    /// scopes stand in the order in which they start.
    fn block_scope(&mut self, blocks: &mut [Block], function: ScopeId) -> ScopeId {
        let mut scope = function;
        for block in blocks {
            scope = *block.scope.get_or_insert_with(|| {
                self.add_scope(Some(scope), ScopeKind::Block, block.range.clone())
            });
        }
        scope
    }
}

/// Goes one token on and says whether a statement starts behind it.
fn step(c: &mut Cursor<'_>, blocks: &mut Vec<Block>, starts_statement: bool) -> bool {
    if c.is_punct(0, '#') && c.opens(1, Delimiter::Bracket) {
        c.bump();
        c.bump_tree();
        return starts_statement;
    }
    if let Some(delimiter) = macro_call(c) {
        // What stands in a macro is no item until it is expanded.
        c.pos += 2;
        c.bump_tree();
        return delimiter == Delimiter::Brace;
    }
    let position = c.pos;
    let kind = c.kind(0);
    c.bump();
    match kind {
        Some(Kind::Open {
            delimiter: Delimiter::Brace,
            close,
        }) => {
            blocks.push(Block {
                range: position..close + 1,
                scope: None,
            });
            true
        }
        Some(Kind::Close { open, .. }) => {
            let is_block = blocks.last().is_some_and(|block| block.range.start == open);
            if is_block {
                blocks.pop();
            }
            is_block
        }
        Some(Kind::Punct { ch, .. }) => ch == ';',
        _ => false,
    }
}

/// The delimiter of the macro call `name!(..)` that starts here.
pub(crate) fn macro_call(c: &Cursor<'_>) -> Option<Delimiter> {
    c.ident(0)?;
    if !c.is_punct(1, '!') {
        return None;
    }
    match c.kind(2) {
        Some(Kind::Open { delimiter, .. }) => Some(delimiter),
        _ => None,
    }
}

/// Whether the words here can only be the start of an item, attributes and `pub` included.
fn may_start_item(c: &Cursor<'_>) -> bool {
    const KEYWORDS: [&str; 9] = [
        "struct",
        "enum",
        "type",
        "trait",
        "impl",
        "mod",
        "use",
        "pub",
        "macro_rules",
    ];
    let mut c = *c;
    while c.is_punct(0, '#') && c.opens(1, Delimiter::Bracket) {
        c.bump();
        c.bump_tree();
    }
    let Some(ident) = c.ident(0) else {
        return false;
    };
    if KEYWORDS.contains(&ident) || starts_function(&c) {
        return true;
    }
    let next = |word| c.is_ident(1, word);
    (ident == "unsafe" && (next("impl") || next("trait") || next("extern")))
        || (ident == "extern" && !c.opens(1, Delimiter::Parenthesis))
        || (ident == "union" && c.ident(1).is_some() && !c.is_ident(1, "as"))
        || ((ident == "const" || ident == "static") && c.ident(1).is_some())
}
