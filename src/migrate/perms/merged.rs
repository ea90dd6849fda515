//! Two values that say the same of directories and of files, choice by choice, as one:
//! `if writable { DirPerms::all() } else { DirPerms::READ }` and the like with `FilePerms`.

use std::ops::Range;

use super::{exactly, set};
use crate::migrate::Ground;
use crate::migrate::scopes::Scopes;
use crate::tokens::{TokenKind, Tokens};

/// Permissions of directories, those of files in the same place of the other value, and what says
/// exactly the same as both.
pub(super) struct Merged {
    pub(super) dirs: Range<usize>,
    pub(super) files: Range<usize>,
    pub(super) text: String,
}

/// Every pair of permissions of two values; none where they are not the same around them, or where what
/// chooses between them may do more than choose: it is asked once instead of twice.
pub(super) fn merged(
    tokens: &Tokens<'_>,
    dirs: &Range<usize>,
    files: &Range<usize>,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> Option<Vec<Merged>> {
    let mut found = Vec::new();
    let (mut of_dirs, mut of_files) = (dirs.start, files.start);
    while of_dirs < dirs.end && of_files < files.end {
        if let Some(here) = extent(tokens, of_dirs, dirs.end, "DirPerms") {
            let there = extent(tokens, of_files, files.end, "FilePerms")?;
            let dirs = set(tokens, &here, "DirPerms", scopes, ground)?;
            let files = set(tokens, &there, "FilePerms", scopes, ground)?;
            (of_dirs, of_files) = (here.end, there.end);
            found.push(Merged {
                dirs: here,
                files: there,
                text: exactly(&dirs, &files)?,
            });
            continue;
        }
        let is_same = tokens.text(of_dirs) == tokens.text(of_files);
        (is_same && only_chooses(tokens, of_dirs)).then_some(())?;
        of_dirs += 1;
        of_files += 1;
    }
    let is_whole = of_dirs == dirs.end && of_files == files.end && !found.is_empty();
    is_whole.then_some(found)
}

/// The tokens of permissions of a type that begin at one: paths through it, joined by `|`.
fn extent(tokens: &Tokens<'_>, first: usize, end: usize, of_type: &str) -> Option<Range<usize>> {
    let mut index = first;
    loop {
        let mut is_it = false;
        while index < end && tokens.kind(index) == Some(TokenKind::Ident) {
            is_it |= tokens.is_ident(index, of_type);
            index += 1;
            if !tokens.is_path_separator(index) {
                break;
            }
            index += 2;
        }
        is_it.then_some(())?;
        if index < end && tokens.text(index) == "(" {
            index = tokens.after(index);
        }
        if index >= end || !tokens.is_punct(index, '|') {
            return Some(first..index);
        }
        index += 1;
    }
}

/// Methods that say what is allowed, by the beginnings of their names.
const SAY: [&str; 7] = [
    "is_",
    "has_",
    "can_",
    "read_only",
    "readonly",
    "read_write",
    "writable",
];

/// Whether a token is of a choice that nothing is done by and that answers alike when it is asked again: no
/// statement, no macro but `matches!`, no call but of a method without arguments that says what is allowed.
fn only_chooses(tokens: &Tokens<'_>, index: usize) -> bool {
    let Some(before) = index.checked_sub(1) else {
        return true;
    };
    let is_word = |at: usize| matches!(tokens.text(at), "if" | "match" | "in" | "else" | "return");
    let is_name = |at: usize| tokens.kind(at) == Some(TokenKind::Ident) && !is_word(at);
    match tokens.text(index) {
        ";" | "?" | "await" => false,
        "!" => !is_name(before) || tokens.is_ident(before, "matches"),
        "(" if is_name(before) => {
            let is_empty = tokens.after(index) == index + 2;
            is_empty && SAY.iter().any(|name| tokens.text(before).starts_with(name))
        }
        // Behind `)`, `]` and the `>` of a turbofish it calls what stands there.
        "(" => {
            let is_arrow = before > 0 && tokens.is_punct(before - 1, '=');
            tokens.kind(before) != Some(TokenKind::Close)
                && (!tokens.is_punct(before, '>') || is_arrow)
        }
        _ => true,
    }
}
