//! What a host overrode in `WasiHttpView` is of `WasiHttpHooks` from 43 on (PR #12748), which another type has to
//! implement: the view borrows it beside the context and the table.

mod moved;

use moved::Moved;
pub(in crate::migrate) use moved::field_of;

use super::{File, Function, ImplBlock};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::TokenKind;
use crate::tokens::Tokens;

/// The type that is declared for functions that no type of the project can have.
const NAME: &str = "HttpHooks";

/// The field of the host that has it, where fields of the host are its own.
const FIELD: &str = "hooks";

/// The functions, and what they are implemented for.
pub(super) struct Hooks {
    functions: Vec<String>,
    of: Owner,
    indent: String,
}

impl File<'_, '_> {
    /// Whether hooks are declared for a type by now.
    fn has_hooks(&self, of_type: &str) -> bool {
        let declared = format!("WasiHttpHooks for {of_type} {{");
        let mut edits = self.result.edits.iter();
        edits.any(|edit| edit.text.contains(&declared))
    }
}

/// A function of a host as one of its field: `self.policy.allows()` is `self.allows()`, and `self.policy` alone `*self`.
fn of_itself(text: &str, field: &str) -> String {
    let Ok(tokens) = Tokens::read(text) else {
        return text.to_owned();
    };
    let mut written = String::new();
    let mut end = 0;
    for place in tokens.places_of("self") {
        let is_it = tokens.is_punct(place + 1, '.') && tokens.is_ident(place + 2, field);
        let ends = tokens.get(place).zip(tokens.get(place + 2));
        let Some((own, last)) = ends.filter(|_| is_it) else {
            continue;
        };
        written.push_str(&text[end..own.span.start.0]);
        let is_asked = tokens.is_punct(place + 3, '.');
        written.push_str(if is_asked { "self" } else { "*self" });
        end = last.span.end.0;
    }
    written.push_str(&text[end..]);
    written
}

/// What the functions ask.
enum Owner {
    /// Nothing of the host.
    Nothing,
    /// One field of the host, whose type is the project's.
    Field { name: String, of_type: String },
    /// Fields of the host that get a type of their own.
    Moved(Moved),
}

impl Hooks {
    /// Where one type can have all of them, and the host can lend it beside the fields that `lent` are tokens
    /// of. The rest is for a person to take apart.
    pub(super) fn of(
        file: &File<'_, '_>,
        block: &ImplBlock,
        functions: &[&Function],
        lent: &[&Function],
    ) -> Option<Self> {
        let mut fields = Vec::new();
        for function in functions {
            fields.extend(file.asked_fields(function)?);
        }
        fields.sort_unstable();
        fields.dedup();
        let declares = |edit: &Edit| edit.text.contains(NAME);
        let is_new =
            file.tokens.places_of(NAME).next().is_none() && !file.result.edits.iter().any(declares);
        let own = match fields.as_slice() {
            [only] => file.own_type(block, only).map(|of_type| (only, of_type)),
            _ => None,
        };
        let of = match (fields.as_slice(), own) {
            ([], _) if is_new => Owner::Nothing,
            // Another host of the file may have hooks of the same type.
            (_, Some((_, of_type))) if file.has_hooks(&of_type) => return None,
            (_, Some((name, of_type))) => Owner::Field {
                name: (*name).to_owned(),
                of_type,
            },
            ([_, ..], None) if is_new => Owner::Moved(Moved::of(file, block, &fields, lent)?),
            _ => return None,
        };
        let functions = functions.iter().map(|function| {
            let whole = file.documented(function.start, function.close);
            let text = whole.text(file.text);
            match &of {
                Owner::Field { name, .. } => of_itself(text, name),
                Owner::Nothing | Owner::Moved(_) => text.to_owned(),
            }
        });
        Some(Self {
            functions: functions.collect(),
            indent: file.indent_of(functions_start(block)).to_owned(),
            of,
        })
    }

    /// The field that has the hooks and something of what `lent` is tokens of: it can't be borrowed twice.
    pub(super) fn field_of_both(&self, file: &File<'_, '_>, lent: &[&Function]) -> Option<&str> {
        let Owner::Field { name, .. } = &self.of else {
            return None;
        };
        let is_lent = |function: &&Function| {
            let mut inside = function.open + 1..function.close;
            inside.any(|index| {
                file.tokens.is_ident(index, "self") && file.tokens.is_ident(index + 2, name)
            })
        };
        lent.iter().any(is_lent).then_some(name)
    }

    /// What the view borrows.
    pub(super) fn given(&self) -> String {
        match &self.of {
            Owner::Field { name, .. } => format!("&mut self.{name}"),
            Owner::Moved(_) => format!("&mut self.{FIELD}"),
            // It has no size: nothing is allocated.
            Owner::Nothing => format!("Box::leak(Box::new({NAME}))"),
        }
    }

    /// The implementation, and the type if the host has none for it, behind a block that is indented so far and is
    /// there on such conditions.
    pub(super) fn declared(&self, of_trait: &str, outer: &str, conditions: &str) -> String {
        let indented = |text: &str| text.replace('\n', &format!("\n{outer}"));
        let (declared, name) = match &self.of {
            Owner::Field { of_type, .. } => (String::new(), of_type.as_str()),
            Owner::Nothing => (format!("\n\n{outer}{conditions}struct {NAME};"), NAME),
            Owner::Moved(moved) => {
                let declared = indented(&moved.declared());
                (format!("\n\n{outer}{declared}"), NAME)
            }
        };
        let functions: Vec<String> = self
            .functions
            .iter()
            .map(|function| format!("{}{function}", self.indent))
            .collect();
        let functions = functions.join("\n\n");
        format!(
            "{declared}\n\n{outer}{conditions}impl {of_trait} for {name} {{\n{functions}\n{outer}}}"
        )
    }

    /// What changes elsewhere in the file.
    pub(super) fn elsewhere(&self) -> &[(Span, String)] {
        match &self.of {
            Owner::Moved(moved) => moved.edits(),
            Owner::Nothing | Owner::Field { .. } => &[],
        }
    }
}

fn functions_start(block: &ImplBlock) -> usize {
    block
        .functions
        .first()
        .map_or(block.open, |function| function.start)
}

impl<'t> File<'_, 't> {
    /// The fields of `self` that a function asks; none where it asks anything else of it.
    fn asked_fields(&self, function: &Function) -> Option<Vec<&'t str>> {
        let inside = function.open + 1..function.close;
        let of_self = inside.filter(|index| self.tokens.is_ident(*index, "self"));
        let field = |index: usize| {
            let is_field = self.tokens.is_punct(index + 1, '.')
                && self.tokens.kind(index + 2) == Some(TokenKind::Ident)
                && self.tokens.text(index + 3) != "(";
            is_field.then(|| self.tokens.text(index + 2))
        };
        of_self.map(field).collect()
    }

    /// The type of a field of the type that a block is about, where both are declared here, without parameters.
    fn own_type(&self, block: &ImplBlock, field: &str) -> Option<String> {
        let only = block.of_type.clone();
        let host = self.tokens.text(only.start);
        let declares = |name: &str, words: &[&str]| {
            let mut places = self.tokens.places_of(name);
            places.find(|place| *place > 0 && words.contains(&self.tokens.text(place - 1)))
        };
        let declared = declares(host, &["struct"]).filter(|_| only.len() == 1)?;
        let open = declared + 1;
        let close = self
            .tokens
            .get(open)
            .filter(|_| self.tokens.text(open) == "{")?;
        let mut fields = self.tokens.places_of(field);
        let place = fields.find(|place| {
            (open..close.partner).contains(place) && self.tokens.is_punct(place + 1, ':')
        })?;
        let name = self.tokens.text(place + 2);
        let is_alone = matches!(self.tokens.text(place + 3), "," | "}");
        let own = declares(name, &["struct", "enum"])?;
        let is_plain = !self.tokens.is_punct(own + 1, '<');
        (is_alone && is_plain).then(|| name.to_owned())
    }
}
