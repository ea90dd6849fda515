//! Fields of a host that become those of a type of their own, because the view borrows it beside the context
//! and the table.
//!
//! Here are the declaration of the host and what makes a value of it; what reads the fields is found by the
//! compiler (`guided::hooks`).

use std::ops::Range;

use super::super::{File, Function, ImplBlock};
use super::{FIELD, NAME};
use crate::migrate::impls::{attribute_before, behind_generics};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// What may be derived for a part of a type as for the whole.
const DERIVED: [&str; 9] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
];

pub(super) struct Moved {
    derives: String,
    fields: Vec<String>,
    edits: Vec<(Span, String)>,
}

impl Moved {
    /// Where nothing but the file itself can name the fields, and all that makes a value of the host is plain.
    pub(super) fn of(
        file: &File<'_, '_>,
        block: &ImplBlock,
        names: &[&str],
        lent: &[&Function],
    ) -> Option<Self> {
        let (tokens, host) = (file.tokens, block.of_type.clone());
        let name = tokens.text(host.start);
        let is_struct = |place: &usize| *place > 0 && tokens.is_ident(place - 1, "struct");
        let declared = tokens.places_of(name).find(is_struct)?;
        if host.len() != 1 || tokens.text(declared + 1) != "{" {
            return None;
        }
        let derives = derives(tokens, file.text, declared)?;
        let parts = parts(tokens, declared + 1)?;
        let is_called = |part: &Range<usize>, name: &str| tokens.text(part.start) == name;
        // Another visibility, or an attribute, stands in front of the name.
        let mut own: Vec<Range<usize>> = Vec::new();
        for field in names {
            let part = parts.iter().find(|part| is_called(part, field))?;
            tokens.is_punct(part.start + 1, ':').then_some(())?;
            own.push(part.clone());
        }
        let is_taken = parts
            .iter()
            .any(|part| part.clone().any(|it| tokens.is_ident(it, FIELD)));
        let is_lent = lent.iter().any(|function| {
            let mut body = function.open..function.close;
            body.any(|it| names.contains(&tokens.text(it)))
        });
        if is_taken || is_lent {
            return None;
        }
        crate::order::sort_by_key(&mut own, |part| part.start);
        let fields = own
            .iter()
            .map(|part| file.commented(part).text(file.text).to_owned())
            .collect();
        let mut edits = file.grouped(&own, &format!("{FIELD}: {NAME}"));
        for literal in values(tokens, name, block)? {
            edits.extend(file.in_literal(literal, names)?);
        }
        Some(Self {
            derives,
            fields,
            edits,
        })
    }

    /// The type that has the fields.
    pub(super) fn declared(&self) -> String {
        let fields: Vec<String> = self
            .fields
            .iter()
            .map(|field| format!("    {field},\n"))
            .collect();
        format!("{}struct {NAME} {{\n{}}}", self.derives, fields.concat())
    }

    /// What changes in the host and where values of it are made.
    pub(super) fn edits(&self) -> &[(Span, String)] {
        &self.edits
    }
}

/// The path from the host to a field that was moved, in the text that declares its new type.
pub(in crate::migrate) fn field_of(text: &str, field: &str) -> Option<String> {
    let tokens = Tokens::read(text).ok()?;
    let is_struct = |place: &usize| *place > 0 && tokens.is_ident(place - 1, "struct");
    let declared = tokens.places_of(NAME).find(is_struct)?;
    let parts = parts(&tokens, declared + 1)?;
    let has = parts.iter().any(|part| tokens.is_ident(part.start, field));
    has.then(|| format!("{FIELD}.{field}"))
}

/// What is derived for the type declared at a place, when all of it can be for a part as well.
fn derives(tokens: &Tokens<'_>, text: &str, declared: usize) -> Option<String> {
    let mut first = declared - 1;
    while first > 0 && !matches!(tokens.text(first - 1), "}" | ";" | "{" | "]") {
        first -= 1;
    }
    let mut all = String::new();
    while let Some(hash) = attribute_before(tokens, first) {
        let mut inside = hash + 3..first - 1;
        let is_known = inside.all(|it| {
            tokens.kind(it) != Some(TokenKind::Ident) || DERIVED.contains(&tokens.text(it))
        });
        if !tokens.is_ident(hash + 2, "derive") || !is_known {
            return None;
        }
        let span = tokens.get(hash)?.span.to(tokens.get(first - 1)?.span);
        all = format!("{}\n{all}", span.text(text));
        first = hash;
    }
    Some(all)
}

/// The brackets of all that makes a value of the host; none where it is also taken apart.
fn values(tokens: &Tokens<'_>, name: &str, block: &ImplBlock) -> Option<Vec<usize>> {
    let named = tokens.places_of(name).chain(tokens.places_of("Self"));
    let mut found = Vec::new();
    for place in named.filter(|place| *place > 0 && tokens.text(place + 1) == "{") {
        let before = tokens.text(place - 1);
        let is_item = ["struct", "for", "impl", ">"].contains(&before);
        if is_item || place + 1 == block.open {
            continue;
        }
        let behind = tokens.get(place + 1)?.partner + 1;
        let is_pattern = ["let", "|", "&", "ref", "mut"].contains(&before)
            || tokens.is_punct(behind, '=')
            || tokens.is_punct(behind, '|');
        if is_pattern {
            return None;
        }
        found.push(place + 1);
    }
    Some(found)
}

/// What stands between the commas in a bracket: fields with their types, or with their values.
fn parts(tokens: &Tokens<'_>, open: usize) -> Option<Vec<Range<usize>>> {
    let close = tokens.get(open)?.partner;
    let mut found = Vec::new();
    let (mut start, mut index) = (open + 1, open + 1);
    let mut is_type = false;
    while index < close {
        if tokens.is_punct(index, ',') {
            found.push(start..index);
            (start, is_type) = (index + 1, false);
        }
        // In a value it may be smaller than something.
        is_type |= index == start + 1 && tokens.is_ident(open - 2, "struct");
        let is_generic = is_type || index > 1 && tokens.is_path_separator(index - 2);
        index = match tokens.is_punct(index, '<') && is_generic {
            true => behind_generics(tokens, index)?,
            false => tokens.after(index),
        };
    }
    if start < close {
        found.push(start..close);
    }
    Some(found)
}

impl File<'_, '_> {
    /// A part with the comments in front of it, but for one that ends the line before.
    fn commented(&self, part: &Range<usize>) -> Span {
        let before = self.span(part.start - 1, part.start - 1).end.0;
        let own = self.span(part.start, part.end - 1);
        let gap = &self.text[before..own.start.0];
        let line = gap.find('\n').map_or(0, |newline| newline + 1);
        let white = gap[line..].len() - gap[line..].trim_start().len();
        Span::new(before + line + white, own.end.0)
    }

    /// Puts `text` where the first part is and takes the others away, each with the comma in front; with its own
    /// where the one in front has a remark behind it.
    fn grouped(&self, parts: &[Range<usize>], text: &str) -> Vec<(Span, String)> {
        let comma = |part: &Range<usize>| self.span(part.start - 1, part.start - 1);
        let gap = |part: &Range<usize>| {
            let start = self.commented(part).start.0;
            &self.text[comma(part).end.0..start]
        };
        let has_remark = parts
            .iter()
            .skip(1)
            .any(|part| !gap(part).trim().is_empty());
        let mut edits = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let span = self.commented(part);
            if number == 0 {
                edits.push((span, text.to_owned()));
                continue;
            }
            let white = gap(part).len() - gap(part).trim_end().len();
            let mut end = span.end;
            if !has_remark {
                edits.push((comma(part), String::new()));
            } else if self.tokens.is_punct(part.end, ',') {
                end = self.span(part.end, part.end).end;
            }
            edits.push((Span::new(span.start.0 - white, end.0), String::new()));
        }
        edits
    }

    /// The fields in what makes a value, as those of the type that has them.
    fn in_literal(&self, open: usize, names: &[&str]) -> Option<Vec<(Span, String)>> {
        let parts = parts(self.tokens, open)?;
        let is_rest = |part: &&Range<usize>| self.tokens.is_punct(part.start, '.');
        if parts.iter().any(|part| is_rest(&part)) {
            return None;
        }
        let own: Vec<Range<usize>> = parts
            .into_iter()
            .filter(|part| names.contains(&self.tokens.text(part.start)))
            .collect();
        // `Self` may be another type.
        if own.is_empty() && self.tokens.is_ident(open - 1, "Self") {
            return Some(Vec::new());
        }
        if own.len() != names.len() {
            return None;
        }
        let values = own.iter().map(|part| self.commented(part).text(self.text));
        let values: Vec<&str> = values.collect();
        let value = format!("{FIELD}: {NAME} {{ {} }}", values.join(", "));
        Some(self.grouped(&own, &value))
    }
}
