//! The values of `if`, `match` and blocks.

use super::cursor::Cursor;
use super::data_expr::{DataExpr, Surroundings};
use super::tokens::Delimiter;

impl<'t> Surroundings<'t> {
    /// The values of the branches of what starts here. None when it has none.
    pub(crate) fn parse_branches(&self, c: &mut Cursor<'t>, steps: usize) -> Option<Vec<DataExpr>> {
        if c.eat_ident("if") {
            return Some(self.parse_if(c, steps));
        }
        if c.eat_ident("match") {
            return Some(self.parse_match(c, steps));
        }
        if c.is_ident(0, "unsafe") && c.opens(1, Delimiter::Brace) {
            c.bump();
        }
        let block = c.group(Delimiter::Brace)?;
        Some(vec![self.read_tail(block, steps)])
    }

    fn parse_if(&self, c: &mut Cursor<'t>, steps: usize) -> Vec<DataExpr> {
        let mut branches = Vec::new();
        loop {
            skip_to_braces(c);
            let Some(block) = c.group(Delimiter::Brace) else {
                return branches;
            };
            branches.push(self.read_tail(block, steps));
            if !c.eat_ident("else") {
                return branches;
            }
            c.eat_ident("if");
        }
    }

    fn parse_match(&self, c: &mut Cursor<'t>, steps: usize) -> Vec<DataExpr> {
        let mut branches = Vec::new();
        skip_to_braces(c);
        let Some(mut arms) = c.group(Delimiter::Brace) else {
            return branches;
        };
        while !arms.is_done() {
            if !arms.eat_pair('=', '>') {
                arms.bump_tree();
                continue;
            }
            let start = arms.pos;
            if let Some(block) = arms.group(Delimiter::Brace) {
                branches.push(self.read_tail(block, steps));
            } else {
                arms.skip_to(',');
                branches.push(self.read_steps(arms.part(start, arms.pos), steps));
            }
        }
        branches
    }

    /// What a block ends with.
    fn read_tail(&self, block: Cursor<'t>, steps: usize) -> DataExpr {
        let mut c = block;
        let mut start = block.pos;
        while !c.is_done() {
            c.skip_to(';');
            if c.eat_punct(';') {
                start = c.pos;
            }
        }
        self.read_steps(block.at(start), steps)
    }
}

/// Steps over a condition, in which braces only stand in parentheses.
fn skip_to_braces(c: &mut Cursor<'_>) {
    while !c.is_done() && !c.opens(0, Delimiter::Brace) {
        c.bump_tree();
    }
}
