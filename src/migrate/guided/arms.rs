//! Arms of a `match` for variants that came: `Extern::Tag` (31), `Val::ExnRef` (36), `Val::ContRef`
//! (37) and the like.

use super::{Repair, Site, quoted};
use crate::migrate::LeftOver;
use crate::migrate::match_arms::{self, Arm};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// Adds an arm for every pattern that is missing. Where another arm of the same `match` refuses its
/// variant, the new one does the same, or is one more pattern of that arm where it has several; else it
/// panics, and a person is told.
pub(super) fn arms(site: &Site<'_>) -> Option<Repair> {
    if !site.is("E0004") {
        return None;
    }
    let (_, named) = site.error.message.split_once("non-exhaustive patterns: ")?;
    let missing: Vec<&str> = quoted(named)
        .map(|name| name.trim_start_matches('&'))
        .collect();
    let (label, text) = site.primary()?;
    let tokens = Tokens::read(text).ok()?;
    // The error is about what is matched on: the block is behind it.
    let place = tokens.starting_at(label.span.end)?;
    let open = (place..tokens.len()).find(|index| tokens.text(*index) == "{")?;
    let block = read(&tokens, open)?;
    // An enum of Wasmtime's that may get more variants: the compiler names the file that it is in.
    let is_open = site.speaks_of("is marked as non-exhaustive") && site.speaks_of("wasmtime");
    let is_known = |name: &&str| is_pattern(name) || (is_open && *name == "_");
    if missing.is_empty() || block.arms.is_empty() || !missing.iter().all(is_known) {
        return None;
    }
    // What refuses one variant says nothing of all that may come.
    let refusal = block
        .refusal(&tokens, text)
        .filter(|_| !missing.contains(&"_"));
    let spelled = |name: &str| block.spelled(&tokens, name);
    if let Some(end) = refusal.as_ref().and_then(|refusal| refusal.open_pattern) {
        let more: String = missing
            .iter()
            .map(|name| format!(" | {}", spelled(name)))
            .collect();
        let end = tokens.get(end)?.span.end.0;
        return Some(site.edit(label, Span::new(end, end), more, "the variant is new"));
    }
    let last = block.arms.last()?;
    let line_start = text[..tokens.get(last.start)?.span.start.0]
        .rfind('\n')
        .map_or(0, |n| n + 1);
    let indent = &text[line_start..tokens.get(last.start)?.span.start.0];
    let stands_alone = indent.trim().is_empty();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let between = if stands_alone {
        format!("{newline}{indent}")
    } else {
        " ".to_owned()
    };
    let body = |name: &str| match &refusal {
        Some(refusal) => refusal.for_variant(name),
        None => format!("unimplemented!(\"new in Wasmtime {}\")", site.line),
    };
    let comma = if block.ends_with_comma(&tokens) {
        ""
    } else {
        ","
    };
    let written: String = missing
        .iter()
        .map(|name| {
            let body = body(name);
            let end = if body.ends_with('}') { "" } else { "," };
            format!("{between}{} => {body}{end}", spelled(name))
        })
        .collect();
    let end = tokens.get(block.last_token)?.span.end.0;
    let mut repair = site.edit(
        label,
        Span::new(end, end),
        format!("{comma}{written}"),
        "the variant is new",
    );
    if refusal.is_none() {
        let what = format!(
            "say what is to become of `{}`: for now it panics",
            missing.join("`, `")
        );
        repair.look_at = Some((
            label.path.clone(),
            LeftOver {
                span: label.span,
                what,
            },
        ));
    }
    Some(repair)
}

/// Whether the compiler's words can be written as a pattern: a path with `(_)`, `{ .. }` or nothing.
fn is_pattern(name: &str) -> bool {
    let path = name
        .trim_end_matches("(_)")
        .trim_end_matches("{ .. }")
        .trim_end();
    !path.is_empty()
        && path
            .split("::")
            .all(|part| part.chars().all(|c| c.is_alphanumeric() || c == '_'))
        && path.contains("::")
}

/// An arm by its tokens: where its pattern and its guard begin and end, and behind its body.
pub(super) struct Around {
    pub(super) start: usize,
    pub(super) arrow: usize,
    pub(super) end: usize,
}

/// The arm in the block at `open` whose pattern is around a place; none where the block is none of a
/// `match`.
pub(super) fn arm_around(tokens: &Tokens<'_>, open: usize, place: usize) -> Option<Around> {
    let arms = read(tokens, open)?.arms.into_iter();
    let arms = arms.map(|arm| Around {
        start: arm.start,
        // `=>` is two tokens.
        arrow: arm.body - 2,
        end: arm.end,
    });
    arms.into_iter()
        .find(|arm| (arm.start..arm.arrow).contains(&place))
}

/// What an arm does with variants that nothing can be done with.
struct Refusal<'t> {
    body: &'t str,
    variants: Vec<&'t str>,
    /// The last token of its pattern, where that has alternatives.
    open_pattern: Option<usize>,
}

impl Refusal<'_> {
    /// The same for another variant, which it may call by its name.
    fn for_variant(&self, name: &str) -> String {
        let path = name
            .trim_end_matches("(_)")
            .trim_end_matches("{ .. }")
            .trim_end();
        let variant = path.rsplit("::").next().unwrap_or(path);
        let [only] = self.variants.as_slice() else {
            return self.body.to_owned();
        };
        // Messages may spell it small: `anyref`, `error-context`.
        let spellings = ["-", "", "_", " "].map(|between| {
            let small = |name: &str| words(name).join(between).to_lowercase();
            (small(only), small(variant))
        });
        // One word is spelled alike whatever would be between two.
        let spellings = match words(only).len() {
            1 => &spellings[..1],
            _ => &spellings[..],
        };
        let parts = self.body.split('"').enumerate().map(|(index, part)| {
            let part = part.replace(only, variant);
            let small = spellings
                .iter()
                .filter(|(old, _)| index % 2 == 1 && old.len() > 2);
            small.fold(part, |part, (old, new)| part.replace(old, new))
        });
        Vec::from_iter(parts).join("\"")
    }
}

/// The words of a name: `Error` and `Context` of `ErrorContext`.
fn words(name: &str) -> Vec<&str> {
    let starts = name
        .char_indices()
        .filter(|(at, c)| *at == 0 || c.is_uppercase())
        .map(|(at, _)| at);
    let mut ends: Vec<usize> = starts.clone().skip(1).collect();
    ends.push(name.len());
    let spans = starts.zip(ends);
    spans
        .filter_map(|(start, end)| name.get(start..end))
        .collect()
}

/// Whether the pattern of an arm has several of one kind: `A | B`.
fn has_alternatives(tokens: &Tokens<'_>, arm: &Arm) -> bool {
    let mut index = arm.start + 1;
    while index + 2 < arm.body && !tokens.is_punct(index, '|') {
        index = tokens.after(index);
    }
    index + 2 < arm.body
}

struct Block {
    arms: Vec<Arm>,
    /// The last token in front of the `}`.
    last_token: usize,
}

fn read(tokens: &Tokens<'_>, open: usize) -> Option<Block> {
    Some(Block {
        arms: match_arms::read(tokens, open)?,
        last_token: tokens.get(open)?.partner.checked_sub(1)?,
    })
}

impl Block {
    /// The last arm that refuses its variant without looking at what is in it.
    fn refusal<'t>(&self, tokens: &Tokens<'t>, text: &'t str) -> Option<Refusal<'t>> {
        const WORDS: [&str; 7] = [
            "unimplemented",
            "unreachable",
            "panic",
            "todo",
            "bail",
            "Err",
            "return",
        ];
        let arm = self.arms.iter().rev().find(|arm| {
            // What it begins with decides: `Err(..)`, `anyhow::bail!(..)`, `{ panic!(..) }`.
            let mut first = arm.body + usize::from(tokens.text(arm.body) == "{");
            while tokens.is_path_separator(first + 1) {
                first += 3;
            }
            // One arm that is passed over says nothing of others.
            let passes = tokens.is_ident(first, "continue") && has_alternatives(tokens, arm);
            let refuses =
                WORDS.contains(&tokens.text(first)) || passes || self.says_so(tokens, arm);
            let binds = (arm.start..arm.body).any(|index| {
                let name = tokens.text(index);
                tokens.kind(index) == Some(TokenKind::Ident)
                    && name.starts_with(char::is_lowercase)
                    && !tokens.is_path_separator(index + 1)
            });
            refuses && !binds
        })?;
        let span = tokens.get(arm.body)?.span.to(tokens.get(arm.end - 1)?.span);
        let is_variant = |index: &usize| {
            *index >= 3
                && tokens.is_path_separator(*index - 2)
                && !tokens.is_path_separator(*index + 1)
                && tokens.kind(*index) == Some(TokenKind::Ident)
        };
        let variants = (arm.start..arm.body).filter(is_variant);
        // `=>` is two tokens.
        let end = arm.body.checked_sub(3)?;
        Some(Refusal {
            body: span.text(text),
            open_pattern: has_alternatives(tokens, arm).then_some(end),
            variants: variants.map(|index| tokens.text(index)).collect(),
        })
    }

    /// Whether an arm does nothing but hand some words to a macro or a function that another arm hands
    /// other words to: `unsupported!("map")`.
    fn says_so(&self, tokens: &Tokens<'_>, arm: &Arm) -> bool {
        /// What such a name has in it.
        const REFUSE: [&str; 7] = [
            "unsupported",
            "not_supported",
            "unimplemented",
            "unexpected",
            "invalid",
            "reject",
            "refuse",
        ];
        let said = |arm: &Arm| {
            let open = arm.body + 1 + usize::from(tokens.is_punct(arm.body + 1, '!'));
            let is_word = open + 1 < arm.end && tokens.text(open + 1).starts_with('"');
            let is_all = tokens.text(open) == "("
                && tokens.after(open) == open + 3
                && tokens.after(open) == arm.end;
            let name = tokens.text(arm.body);
            let refuses = REFUSE.iter().any(|word| name.contains(word));
            (refuses && is_word && is_all).then_some(name)
        };
        let own = said(arm);
        let alike = self.arms.iter().filter(|other| said(other) == own);
        own.is_some() && alike.count() > 1
    }

    /// The pattern with the path that the other arms have in front of their variants.
    fn spelled(&self, tokens: &Tokens<'_>, name: &str) -> String {
        let Some((of_enum, variant)) = name.rsplit_once("::") else {
            return name.to_owned();
        };
        let of_enum = of_enum.rsplit("::").next().unwrap_or(of_enum);
        let path = self.arms.iter().find_map(|arm| {
            let place = (arm.start..arm.body).find(|index| {
                tokens.is_ident(*index, of_enum) && tokens.is_path_separator(index + 1)
            })?;
            let mut first = place;
            while first >= 3 && tokens.is_path_separator(first - 2) && first - 3 >= arm.start {
                first -= 3;
            }
            let path: Vec<&str> = (first..=place)
                .step_by(3)
                .map(|index| tokens.text(index))
                .collect();
            Some(path.join("::"))
        });
        let path = path.unwrap_or_else(|| {
            name.rsplit_once("::")
                .map_or("", |(path, _)| path)
                .to_owned()
        });
        format!("{path}::{variant}")
    }

    fn ends_with_comma(&self, tokens: &Tokens<'_>) -> bool {
        tokens.is_punct(self.last_token, ',') || tokens.text(self.last_token) == "}"
    }
}
