//! One invocation: its form and its options, with byte spans.

use syn::LitStr;

use super::paths::NamedPath;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// The value of an option, as far as this library looks into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// `true` or `false`.
    Bool(bool),
    /// Any string literal, with its quotes.
    Text(String),
    /// `["..", ..]`: string literals, escapes undone.
    Strings(Vec<String>),
    /// `{ key: value, .. }`, for example of `imports`; also `{ key => value, .. }`.
    Block(Vec<OptionEntry>),
    /// A path, a list, flags joined by `|`, or something unknown.
    Other,
}

/// `name: value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionEntry {
    /// The name; for rules of `imports` it may be a string literal with its quotes.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The value.
    pub value: OptionValue,
    /// Where the value stands.
    pub value_span: Span,
    /// The names in the value (`async` and `trappable` of `async | trappable`), at any depth.
    pub value_idents: Vec<String>,
    /// The comma behind it, when there is one.
    pub comma: Option<Span>,
}

impl OptionEntry {
    /// The name, when it is a string literal, escapes undone.
    #[must_use]
    pub fn text_name(&self) -> Option<String> {
        unescaped(&self.name).ok()
    }

    /// From the first byte of the name to the last of the value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.name_span.to(self.value_span)
    }
}

/// Which WIT an invocation points to. String literals are unescaped: what stands here is what the
/// macro sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitOptions {
    /// The world's name, as in `world: ".."` or the first word of `"world" in "path"`.
    pub world: Option<String>,
    /// Files and folders, relative to the package's folder, in the order in which they are read.
    pub paths: Vec<String>,
    /// WIT in the invocation itself.
    pub inline: Option<String>,
    /// What a world made up by the macro holds, which then stands for `inline` and `world`.
    pub interfaces: Option<String>,
}

/// One invocation of the macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The whole call, from the path to the closing bracket.
    pub span: Span,
    /// The path in front of the `!`.
    pub path_span: Span,
    /// The name by which the package knows the crate that the macro is of; none where no import in
    /// the file says.
    pub of_crate: Option<String>,
    /// The paths in `with`, `trappable_error_type` and `wasmtime_crate`, imports of the file
    /// followed; without those that lead into the package itself.
    pub paths: Vec<NamedPath>,
    /// The options of the `{ .. }` form; empty for the short forms.
    pub options: Vec<OptionEntry>,
    /// The inside of the option block, brackets left out; none for the short forms.
    pub block: Option<Span>,
    /// Whether a `$` stands in it, as in the body of a `macro_rules!`, or a `#name`, as in `quote!`:
    /// then what it means is decided elsewhere, and it is not edited.
    pub templated: bool,
    /// What could not be read, when the options do not have the macro's shape.
    pub unread: Option<String>,
    /// Which WIT is meant, in every form; else why that can't be told from the text.
    pub wit: Result<WitOptions, String>,
}

impl Invocation {
    /// The option of that name. The macro lets the last one win.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&OptionEntry> {
        self.options.iter().rev().find(|option| option.name == name)
    }

    /// Reads the arguments of a call whose opening bracket is the token `open`.
    pub(super) fn read(tokens: &Tokens<'_>, path_span: Span, open: usize) -> Option<Self> {
        let close = tokens.get(open)?.partner;
        let end = tokens.get(close)?.span;
        let mut invocation = Self {
            span: path_span.to(end),
            path_span,
            of_crate: None,
            paths: Vec::new(),
            options: Vec::new(),
            block: None,
            templated: (open..close).any(|index| is_filled_in(tokens, index)),
            unread: None,
            wit: Ok(WitOptions::default()),
        };
        let first = open + 1;
        let (from, to) = if tokens.kind(first) == Some(TokenKind::Open) {
            (first, tokens.get(first)?.partner)
        } else if is_joined_by_colon(tokens, first) {
            (open, close) // `bindgen! { world: "x" }`
        } else {
            // `bindgen!()`, `bindgen!("world")`, `bindgen!(in "path")`
            invocation.wit = short_form(tokens, first, close);
            return Some(invocation);
        };
        let inside = Span {
            start: tokens.get(from)?.span.end,
            end: tokens.get(to)?.span.start,
        };
        invocation.block = Some(inside);
        match entries(tokens, from + 1, to, 1) {
            Ok(options) => {
                invocation.wit = wit_options(tokens, from, &options);
                invocation.options = options;
            }
            Err(index) => {
                let reason = not_expected(tokens, index);
                invocation.wit = Err(reason.clone());
                invocation.unread = Some(reason);
            }
        }
        Some(invocation)
    }
}

/// Whether something else is put there: `$x`, `$(..)*`, `#x` or `#(..)*`.
fn is_filled_in(tokens: &Tokens<'_>, index: usize) -> bool {
    let in_quote = tokens.is_punct(index, '#')
        && (tokens.kind(index + 1) == Some(TokenKind::Ident) || tokens.text(index + 1) == "(");
    tokens.is_punct(index, '$') || in_quote
}

/// Whether a `:` follows the name. Two of them are a path, three are one in front of a path from the
/// root.
fn is_joined_by_colon(tokens: &Tokens<'_>, name: usize) -> bool {
    tokens.is_punct(name + 1, ':')
        && (!tokens.is_punct(name + 2, ':') || tokens.is_punct(name + 3, ':'))
}

fn not_expected(tokens: &Tokens<'_>, index: usize) -> String {
    format!("`{}` is not expected there", tokens.text(index))
}

/// `["world"] [in "path"]` between two places of the list.
fn short_form(tokens: &Tokens<'_>, from: usize, to: usize) -> Result<WitOptions, String> {
    let mut options = WitOptions::default();
    let mut index = from;
    if tokens.kind(index) == Some(TokenKind::Literal) {
        options.world = Some(unescaped(tokens.text(index))?);
        index += 1;
    }
    if index < to && tokens.is_ident(index, "in") {
        options.paths.push(unescaped(tokens.text(index + 1))?);
        index += 2;
    }
    if index == to {
        Ok(options)
    } else {
        Err(not_expected(tokens, index))
    }
}

/// What the options of the `{ .. }` form, which begins at the token `from`, say about the WIT.
fn wit_options(
    tokens: &Tokens<'_>,
    from: usize,
    options: &[OptionEntry],
) -> Result<WitOptions, String> {
    let mut wit = WitOptions::default();
    for option in options {
        let single = match option.name.as_str() {
            "path" => {
                wit.paths.extend(paths(tokens, from, option)?);
                continue;
            }
            "world" => &mut wit.world,
            "inline" => &mut wit.inline,
            "interfaces" => &mut wit.interfaces,
            _ => continue,
        };
        let OptionValue::Text(literal) = &option.value else {
            return Err(format!("`{}` is no string literal", option.name));
        };
        if single.replace(unescaped(literal)?).is_some() {
            return Err(format!("`{}` is given twice", option.name));
        }
    }
    if wit.interfaces.is_some() && (wit.world.is_some() || wit.inline.is_some()) {
        return Err("`interfaces` does not go with `world` or `inline`".to_owned());
    }
    Ok(wit)
}

/// `"path"` or `["path", ..]`, the value of an option that stands behind the token `from`.
fn paths(tokens: &Tokens<'_>, from: usize, option: &OptionEntry) -> Result<Vec<String>, String> {
    if let OptionValue::Text(literal) = &option.value {
        return Ok(vec![unescaped(literal)?]);
    }
    let starts_value = |index: &usize| {
        tokens
            .get(*index)
            .is_some_and(|token| token.span.start == option.value_span.start)
    };
    let open = (from..tokens.len()).find(starts_value).unwrap_or(from);
    let end = tokens.after(open) - 1;
    let found = strings(tokens, open + 1, end)?;
    if tokens.text(open) == "[" {
        Ok(found)
    } else {
        Err(not_expected(tokens, open))
    }
}

/// `"..", ..` between two places of the list.
fn strings(tokens: &Tokens<'_>, from: usize, to: usize) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut index = from;
    while index < to {
        found.push(unescaped(tokens.text(index))?);
        index += 1;
        if index < to && !tokens.is_punct(index, ',') {
            return Err(not_expected(tokens, index));
        }
        index += 1;
    }
    Ok(found)
}

/// What a string literal stands for: escapes, raw strings and continued lines undone.
fn unescaped(literal: &str) -> Result<String, String> {
    match syn::parse_str::<LitStr>(literal) {
        Ok(literal) => Ok(literal.value()),
        Err(_) => Err(format!("`{literal}` is no string literal")),
    }
}

/// `name: value, ..` between two places of the list, or with `joint` 2 `name => value, ..`: that many
/// tokens stand between a name and its value.
///
/// # Errors
/// The place of the token that does not fit.
fn entries(
    tokens: &Tokens<'_>,
    from: usize,
    to: usize,
    joint: usize,
) -> Result<Vec<OptionEntry>, usize> {
    let mut found = Vec::new();
    let mut index = from;
    while index < to {
        let named = matches!(
            tokens.kind(index),
            Some(TokenKind::Ident | TokenKind::Literal)
        );
        let joined = match joint {
            1 => is_joined_by_colon(tokens, index),
            _ => tokens.is_punct(index + 1, '=') && tokens.is_punct(index + 2, '>'),
        };
        let first = index + 1 + joint;
        if !named || !joined || first >= to {
            return Err(index);
        }
        let mut behind = first;
        while behind < to && !tokens.is_punct(behind, ',') {
            behind = tokens.after(behind);
        }
        if behind == first || behind > to {
            return Err(first);
        }
        // No value of any option has statements, items or calls of macros in it.
        let is_code = |place: &usize| match tokens.text(*place) {
            // What makes a string is refused with the string's option.
            "!" => !matches!(tokens.text(place - 1), "concat" | "env" | "include_str"),
            word => matches!(word, ";" | "use" | "mod" | "macro_rules"),
        };
        if let Some(code) = (first..behind).find(is_code) {
            return Err(code);
        }
        let span_at = |place: usize| tokens.get(place).map(|token| token.span).ok_or(place);
        let comma = if behind < to {
            Some(span_at(behind)?)
        } else {
            None
        };
        found.push(OptionEntry {
            name: tokens.text(index).to_owned(),
            name_span: span_at(index)?,
            value: value(tokens, first, behind),
            value_span: span_at(first)?.to(span_at(behind - 1)?),
            value_idents: (first..behind)
                .filter(|place| tokens.kind(*place) == Some(TokenKind::Ident))
                .map(|place| tokens.text(place).to_owned())
                .collect(),
            comma,
        });
        index = behind + 1;
    }
    Ok(found)
}

fn value(tokens: &Tokens<'_>, from: usize, to: usize) -> OptionValue {
    let text = tokens.text(from);
    match tokens.kind(from) {
        Some(TokenKind::Ident) if to == from + 1 && text == "true" => OptionValue::Bool(true),
        Some(TokenKind::Ident) if to == from + 1 && text == "false" => OptionValue::Bool(false),
        Some(TokenKind::Literal) if to == from + 1 => OptionValue::Text(text.to_owned()),
        Some(TokenKind::Open) if text == "{" && tokens.after(from) == to => {
            let block = |joint| entries(tokens, from + 1, to - 1, joint).map(OptionValue::Block);
            block(1).or_else(|_| block(2)).unwrap_or(OptionValue::Other)
        }
        Some(TokenKind::Open) if text == "[" && tokens.after(from) == to => {
            strings(tokens, from + 1, to - 1).map_or(OptionValue::Other, OptionValue::Strings)
        }
        _ => OptionValue::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wit(arguments: &str) -> Result<WitOptions, String> {
        let source = format!("bindgen!{arguments};");
        let tokens = Tokens::read(&source).unwrap();
        Invocation::read(&tokens, Span::new(0, 7), 2).unwrap().wit
    }

    fn options(world: Option<&str>, paths: &[&str]) -> WitOptions {
        WitOptions {
            world: world.map(str::to_owned),
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            ..WitOptions::default()
        }
    }

    #[test]
    fn every_form_says_which_wit_it_means() {
        for (arguments, expected) in [
            ("()", options(None, &[])),
            ("(\"w\")", options(Some("w"), &[])),
            ("[in \"wit\"]", options(None, &["wit"])),
            ("{\"a:b/w\" in r\"wit\"}", options(Some("a:b/w"), &["wit"])),
            (
                "({ world: \"w\", path: \"wit\" })",
                options(Some("w"), &["wit"]),
            ),
            (
                "{ path: [\"a\", \"b\",], tracing: true, world: \"w\" }",
                options(Some("w"), &["a", "b"]),
            ),
            (
                "({ path: \"a\", path: [] , path: [\"b\"] })",
                options(None, &["a", "b"]),
            ),
        ] {
            assert_eq!(wit(arguments), Ok(expected), "{arguments}");
        }
    }

    #[test]
    fn strings_are_what_the_macro_sees() {
        let inline = |arguments: &str| wit(arguments).unwrap().inline.unwrap();
        assert_eq!(inline("({ inline: r#\"a \"b\" \\\"# })"), "a \"b\" \\");
        assert_eq!(
            inline("({ inline: \"a\\n\\u{e9}\\\"\\\n     b\" })"),
            "a\n\u{e9}\"b"
        );
        assert_eq!(
            wit("({ interfaces: \"import a:b/c;\" })")
                .unwrap()
                .interfaces
                .unwrap(),
            "import a:b/c;"
        );
    }

    #[test]
    fn a_path_from_the_root_is_a_value_wherever_the_option_stands() {
        for arguments in ["(a:::b)", "({ a:::b })", "(c: d, a:::b)"] {
            assert_eq!(wit(arguments), Ok(WitOptions::default()), "{arguments}");
        }
        assert!(wit("(a::b)").is_err());
    }

    #[test]
    fn a_value_has_no_statements_items_or_macros() {
        for (arguments, token) in [
            ("({ anyhow: w; use a as b; })", ";"),
            ("({ anyhow: { use a } })", "use"),
            ("({ anyhow: [bindgen!()] })", "!"),
        ] {
            let refused = Err(format!("`{token}` is not expected there"));
            assert_eq!(wit(arguments), refused, "{arguments}");
        }
    }

    #[test]
    fn what_is_no_literal_is_not_guessed() {
        for (arguments, reason) in [
            ("({ world: WORLD })", "`world` is no string literal"),
            ("({ world: \"a\", world: \"b\" })", "`world` is given twice"),
            (
                "({ path: concat!(\"a\") })",
                "`concat` is not expected there",
            ),
            ("({ path: [\"a\" \"b\"] })", "`\"b\"` is not expected there"),
            ("({ path: [5] })", "`5` is no string literal"),
            ("({ inline: b\"x\" })", "`b\"x\"` is no string literal"),
            (
                "({ interfaces: \"\", inline: \"\" })",
                "`interfaces` does not go with `world` or `inline`",
            ),
            ("({ world = \"w\" })", "`world` is not expected there"),
            ("(\"w\" in)", "`)` is no string literal"),
            ("(\"w\" of \"p\")", "`of` is not expected there"),
        ] {
            assert_eq!(wit(arguments), Err(reason.to_owned()), "{arguments}");
        }
    }
}
