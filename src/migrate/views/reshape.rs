//! From one shape to another.

use super::body::{are_apart, delegates, expression};
use super::hooks::Hooks;
use super::{File, Function, ImplBlock, Shape, View};
use crate::migrate::impls::{self, span_of};
use crate::migrate::whole::{conditions, documented, whole_item};
use crate::span::Span;

impl<'a> File<'a, '_> {
    pub(super) fn reshape(&mut self) {
        let shown = std::mem::take(&mut self.shown);
        // What becomes of an `IoView` depends on what became of the others.
        let (io, others): (Vec<_>, Vec<_>) = shown.iter().partition(|it| it.view == View::Io);
        let places: Vec<_> = others
            .into_iter()
            .chain(io)
            .map(|shown| (shown.view, shown.block, shown.resolved.extern_name.clone()))
            .collect();
        self.shown = shown;
        for (view, block, extern_name) in places {
            match (view, self.to) {
                (View::Wasi, Shape::Io) => self.split(block, &extern_name),
                (View::Http, Shape::Io) => self.without_table(block),
                (View::Wasi, Shape::CtxView | Shape::HttpView) => {
                    self.give_ctx_view(block, &extern_name);
                }
                (View::Http, Shape::CtxView) => self.with_table(block),
                (View::Http, Shape::HttpView) => self.give_http_view(block, &extern_name),
                (View::Io, Shape::CtxView | Shape::HttpView) if !self.keeps_io_view => {
                    self.without_io_view(block);
                }
                (View::Io, _) | (_, Shape::Two) => {}
            }
        }
    }

    /// `WasiView` with a table becomes two implementations.
    fn split(&mut self, block: &'a ImplBlock, extern_name: &str) {
        let Some(table) = block.function(self.tokens, "table") else {
            return;
        };
        let newline = if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let head = |first: usize, last: usize| self.documented(first, last).text(self.text);
        let module = if self.line.0 < 33 { "" } else { "p2::" };
        let indent = self.indent_of(block.start);
        let before = self
            .tokens
            .get(block.of_trait.start)
            .map_or(0, |token| token.span.start.0);
        let generics = &self.text[self.span(block.keyword, block.keyword).start.0..before];
        let attributes = block.start..block.keyword;
        let conditions = conditions(self.tokens, self.text, attributes, indent).concat();
        let behind = self.span(block.of_trait.end, block.open).text(self.text);
        let inner = self.indent_of(table.start);
        let text = format!(
            "{newline}{newline}{indent}{conditions}{generics}{extern_name}::{module}IoView {behind}{newline}{inner}{}{newline}{indent}}}",
            head(table.start, table.close),
        );
        let end = self.span(block.close, block.close).end;
        self.edit(Span { start: end, end }, text, "`table` is of `IoView`");
        self.without_table(block);
    }

    fn without_table(&mut self, block: &'a ImplBlock) {
        if let Some(table) = block.function(self.tokens, "table") {
            let span = whole_item(self.tokens, self.text, table.start, table.close);
            let what = "`table` is of `IoView`";
            self.edit(span, String::new(), what);
        }
    }

    /// `WasiHttpView` with the table that was in `IoView`.
    fn with_table(&mut self, block: &'a ImplBlock) {
        if block.function(self.tokens, "table").is_some() {
            return;
        }
        let of_other_file = || {
            let (name, table) = (self.wasmtime?, self.elsewhere.table(self.tokens, block)?);
            let of_type = format!("&mut {name}::component::ResourceTable");
            Some(format!("fn table(&mut self) -> {of_type} {{ {table} }}"))
        };
        let table = match self.table_of(block) {
            Some(table) => {
                let span = self.documented(table.start, table.close);
                Some(span.text(self.text).to_owned())
            }
            None => of_other_file(),
        };
        let Some(table) = table else {
            return self.leave(
                block,
                "`WasiHttpView` has a `table` again: give it the one of `IoView`",
            );
        };
        let newline = if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let indent = match block.functions.first() {
            Some(function) => self.indent_of(function.start).to_owned(),
            None => format!("{}    ", self.indent_of(block.start)),
        };
        let last = self.span(block.close - 1, block.close - 1).end;
        let text = format!("{newline}{newline}{indent}{table}");
        self.edit(
            Span {
                start: last,
                end: last,
            },
            text,
            "`table` is of `WasiHttpView` again",
        );
    }

    fn give_ctx_view(&mut self, block: &'a ImplBlock, extern_name: &str) {
        let view = format!("{extern_name}::WasiCtxView");
        let Some(ctx) = block.function(self.tokens, "ctx") else {
            return self.leave(
                block,
                "`WasiView` has only `ctx`, which gives a `WasiCtxView`",
            );
        };
        if self.gives_view(ctx) {
            return;
        }
        let of_table = match self.table_of(block) {
            Some(table) => self.body(table),
            None => match self.elsewhere.table(self.tokens, block) {
                Some(table) => Some(table),
                None => return self.leave(block, "`WasiView::ctx` gives a `WasiCtxView` of `ctx` and `table`: the `table` of this type is not in this package"),
            },
        };
        if block.has_others
            || block.functions.len()
                > 1 + usize::from(block.function(self.tokens, "table").is_some())
        {
            return self.leave(
                block,
                "`WasiView` has only `ctx`, which gives a `WasiCtxView`",
            );
        }
        let (Some(of_ctx), Some(of_table)) = (self.body(ctx), of_table) else {
            return self.leave(
                block,
                "make one `WasiCtxView` of what `ctx` and `table` give",
            );
        };
        let body = if delegates(of_ctx, of_table) {
            if self.has_getter_of_its_own() {
                return self.leave(
                    block,
                    "`ctx` gives a `WasiCtxView` of both: what it calls gives the `WasiCtx` alone",
                );
            }
            of_ctx.to_owned()
        } else if are_apart(of_ctx, of_table) {
            format!("{view} {{ ctx: {of_ctx}, table: {of_table} }}")
        } else {
            return self.leave(
                block,
                "make one `WasiCtxView` of what `ctx` and `table` give: both borrow the same",
            );
        };
        self.replace(
            ctx,
            None,
            &format!("{view}<'_>"),
            &body,
            "`ctx` gives a `WasiCtxView`",
        );
        if let Some(own) = block.function(self.tokens, "table") {
            let span = whole_item(self.tokens, self.text, own.start, own.close);
            self.edit(span, String::new(), "`table` is in the `WasiCtxView`");
        }
    }

    /// Whether some type of the text has a `ctx` without a trait, which gives no view: nothing says that a field is
    /// of another type than that.
    fn has_getter_of_its_own(&self) -> bool {
        let tokens = self.tokens;
        let blocks = impls::find(tokens);
        let declared = tokens.places_of("ctx").filter(|place| {
            let is_function = *place > 0 && tokens.is_ident(place - 1, "fn");
            is_function && !blocks.iter().any(|it| (it.open..it.close).contains(place))
        });
        let gives_context = |place: usize| {
            let open = (place..tokens.len()).find(|it| matches!(tokens.text(*it), "{" | ";"));
            (place..open.unwrap_or(place)).any(|it| tokens.is_ident(it, "WasiCtx"))
        };
        declared.into_iter().any(gives_context)
    }

    fn give_http_view(&mut self, block: &'a ImplBlock, extern_name: &str) {
        let module = if self.line.0 < 48 { "p2::" } else { "" };
        let view = format!("{extern_name}::{module}WasiHttpCtxView");
        if block.function(self.tokens, "http").is_some() {
            return;
        }
        let own_table = block.function(self.tokens, "table");
        let here = self.table_of(block);
        let of_table = match here {
            Some(table) => self.body(table),
            None => self.elsewhere.table(self.tokens, block),
        };
        let is_known = here.is_some() || of_table.is_some();
        let ctx = block.function(self.tokens, "ctx").filter(|_| is_known);
        let Some(ctx) = ctx else {
            return self.leave(
                block,
                "`WasiHttpView` has only `http`, which gives a `WasiHttpCtxView`",
            );
        };
        let others: Vec<&Function> = block
            .functions
            .iter()
            .filter(|function| {
                let name = self.tokens.text(function.name);
                name != "ctx" && name != "table"
            })
            .collect();
        // They are the view's own, which nobody can write anymore.
        let is_ended = |it: &&Function| {
            let name = self.tokens.text(it.name);
            matches!(name, "new_incoming_request" | "new_response_outparam")
        };
        if others.iter().any(is_ended) {
            return self.leave(block, "`WasiHttpView` has only `http`: `new_incoming_request` and `new_response_outparam` are functions of what it gives, and can't be written anew");
        }
        let hooks = match others.is_empty() {
            true => Some(None),
            // What the table borrows elsewhere may be what they ask.
            false => {
                here.and_then(|table| Some(Some(Hooks::of(self, block, &others, &[ctx, table])?)))
            }
        };
        let Some(hooks) = hooks.filter(|_| !block.has_others) else {
            return self.leave(block, "`WasiHttpView` has only `http`; what else it had is of `WasiHttpHooks`, the `hooks` of its `WasiHttpCtxView`");
        };
        let given = hooks
            .as_ref()
            .map_or("Default::default()".to_owned(), Hooks::given);
        let bodies = self.body(ctx).zip(of_table);
        let Some((of_ctx, of_table)) = bodies.filter(|(ctx, table)| are_apart(ctx, table)) else {
            return self.leave(block, "make one `WasiHttpCtxView` of what `ctx` and `table` give, and `hooks: Default::default()`");
        };
        let body = format!("{view} {{ ctx: {of_ctx}, table: {of_table}, hooks: {given} }}");
        self.replace(
            ctx,
            Some("http"),
            &format!("{view}<'_>"),
            &body,
            "`http` gives a `WasiHttpCtxView`",
        );
        if let Some(own) = own_table {
            let span = whole_item(self.tokens, self.text, own.start, own.close);
            self.edit(span, String::new(), "`table` is in the `WasiHttpCtxView`");
        }
        if let Some(hooks) = hooks {
            let lent: Vec<&Function> = here.into_iter().chain([ctx]).collect();
            if let Some(field) = hooks.field_of_both(self, &lent) {
                let what = format!(
                    "`{field}` has the context, too, and can't be lent twice: take the hooks out of it"
                );
                self.leave(block, &what);
            }
            let reason = "it is of `WasiHttpHooks`";
            for function in &others {
                let span = whole_item(self.tokens, self.text, function.start, function.close);
                self.edit(span, String::new(), reason);
            }
            for (span, text) in hooks.elsewhere() {
                self.edit(
                    *span,
                    text.clone(),
                    "what `WasiHttpHooks` asks is lent by itself",
                );
            }
            let end = self.span(block.close, block.close).end.0;
            let of_trait = format!("{extern_name}::{module}WasiHttpHooks");
            let outer = self.indent_of(block.start);
            let attributes = block.start..block.keyword;
            let conditions = conditions(self.tokens, self.text, attributes, outer).concat();
            let declared = hooks.declared(&of_trait, outer, &conditions);
            self.edit(Span::new(end, end), declared, reason);
        }
    }

    fn without_io_view(&mut self, block: &'a ImplBlock) {
        let taken = self
            .same_type(View::Wasi, block)
            .or_else(|| self.same_type(View::Http, block));
        match taken {
            // The table that a person has to take from here.
            Some(taken) if self.left.contains(&taken.keyword) => {
                return self.left.push(block.keyword);
            }
            Some(_) => {}
            None => {
                let is_known = self.elsewhere.table(self.tokens, block).is_some();
                if !is_known || !self.elsewhere.is_shown(self.tokens, block) {
                    return self.leave(
                        block,
                        "there is no `IoView`: the table goes into what `WasiView::ctx` gives",
                    );
                }
            }
        }
        if block.has_others || block.functions.len() != 1 {
            return self.leave(block, "there is no `IoView`");
        }
        let span = whole_item(self.tokens, self.text, block.start, block.close);
        self.edit(span, String::new(), "there is no `IoView`");
    }

    /// What a function gives, when it says so and its body is one expression.
    fn body(&self, of: &Function) -> Option<&str> {
        if of.result.is_empty() {
            return None;
        }
        expression(self.tokens, self.text, of)
    }

    /// Whether a function has the new shape already.
    fn gives_view(&self, function: &Function) -> bool {
        function
            .result
            .clone()
            .any(|index| self.tokens.is_ident(index, "WasiCtxView"))
    }

    /// Writes another name, result and body for a function.
    fn replace(
        &mut self,
        function: &Function,
        name: Option<&str>,
        result: &str,
        body: &str,
        reason: &str,
    ) {
        if let Some(name) = name {
            let span = self.span(function.name, function.name);
            self.edit(span, name.to_owned(), reason);
        }
        if let Some(span) = span_of(self.tokens, &function.result) {
            self.edit(span, result.to_owned(), reason);
        }
        let span = self.span(function.open + 1, function.close - 1);
        if span.text(self.text) != body {
            self.edit(span, body.to_owned(), reason);
        }
    }

    /// What is from one token to another, with the documentation in front.
    pub(super) fn documented(&self, first: usize, last: usize) -> Span {
        let span = self.span(first, last);
        Span::new(documented(self.text, span.start.0), span.end.0)
    }

    /// The white space in front of a token in its line.
    pub(super) fn indent_of(&self, index: usize) -> &str {
        let start = self.span(index, index).start.0;
        let line = self.text[..start]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let indent = &self.text[line..start];
        if indent.trim().is_empty() { indent } else { "" }
    }
}
