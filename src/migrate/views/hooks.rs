//! What a host overrode in `WasiHttpView` is of `WasiHttpHooks` from 43 on (PR #12748), which another type has to
//! implement: the view borrows it beside the context and the table.

use super::{File, Function, ImplBlock};
use crate::tokens::TokenKind;

/// The type that is declared for functions that ask nothing of the host.
const NAME: &str = "HttpHooks";

/// The functions and the type that they are implemented for.
pub(super) struct Hooks {
    functions: Vec<String>,
    /// The field of the host that all of them ask, and its type. `None`: they ask nothing of the host.
    field: Option<(String, String)>,
    indent: String,
}

impl Hooks {
    /// Where one type can have all of them. What asks several fields of the host is for a person to take apart.
    pub(super) fn of(
        file: &File<'_, '_>,
        block: &ImplBlock,
        functions: &[&Function],
    ) -> Option<Self> {
        let mut field: Option<String> = None;
        let mut asks_nothing = true;
        for function in functions {
            for index in function.open + 1..function.close {
                if !file.tokens.is_ident(index, "self") {
                    continue;
                }
                asks_nothing = false;
                let is_field = file.tokens.is_punct(index + 1, '.')
                    && file.tokens.kind(index + 2) == Some(TokenKind::Ident)
                    && file.tokens.text(index + 3) != "(";
                let name = file.tokens.text(index + 2);
                if !is_field || field.as_deref().is_some_and(|known| known != name) {
                    return None;
                }
                field = Some(name.to_owned());
            }
        }
        let field = match (asks_nothing, field) {
            (true, _) if file.tokens.places_of(NAME).next().is_none() => None,
            (false, Some(field)) => Some((field.clone(), file.own_type(block, &field)?)),
            _ => return None,
        };
        let functions = functions.iter().map(|function| {
            let text = file.span(function.start, function.close).text(file.text);
            match &field {
                Some((field, _)) => text.replace(&format!("self.{field}"), "self"),
                None => text.to_owned(),
            }
        });
        Some(Self {
            functions: functions.collect(),
            indent: file.indent_of(functions_start(block)).to_owned(),
            field,
        })
    }

    /// What the view borrows.
    pub(super) fn given(&self) -> String {
        match &self.field {
            Some((field, _)) => format!("&mut self.{field}"),
            // It has no size: nothing is allocated.
            None => format!("Box::leak(Box::new({NAME}))"),
        }
    }

    /// The implementation, and the type if the host has none for it.
    pub(super) fn declared(&self, of_trait: &str) -> String {
        let (declared, name) = match &self.field {
            Some((_, name)) => (String::new(), name.as_str()),
            None => (format!("\n\nstruct {NAME};"), NAME),
        };
        let functions: Vec<String> = self
            .functions
            .iter()
            .map(|function| format!("{}{function}", self.indent))
            .collect();
        let functions = functions.join("\n\n");
        format!("{declared}\n\nimpl {of_trait} for {name} {{\n{functions}\n}}")
    }
}

fn functions_start(block: &ImplBlock) -> usize {
    block
        .functions
        .first()
        .map_or(block.open, |function| function.start)
}

impl File<'_, '_> {
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
