//! The report of `init` for people.

use std::fmt::Write as _;

use super::Style;
use crate::apply::Committed;
use crate::init::{Change, InitPlan, Piece, State};
use crate::workspace::{lexical, relative_to};

/// The report of `init`; without what was committed it was only planned.
#[must_use]
pub fn init(plan: &InitPlan, committed: Option<&Committed>, style: &Style) -> String {
    let shown = |path: &str| match style.here.as_str() {
        "" => path.to_owned(),
        _ => relative_to(&style.here, &lexical(&plan.root.join(path))),
    };
    let of_change = |change: &Change| shown(&relative_to(&plan.root, &change.path));
    let mut text = String::new();
    if committed.is_none() {
        for change in &plan.changes {
            text.push_str(&change.diff(&of_change(change)));
        }
        if !plan.changes.is_empty() {
            text.push('\n');
        }
    }
    for by_hand in &plan.by_hand {
        let _ = writeln!(text, "by hand, {}: {}\n", by_hand.piece.word(), by_hand.why);
        let _ = writeln!(text, "{}\n", by_hand.patch.trim_end());
    }
    for step in &plan.steps {
        let what = match &step.state {
            State::There { path } => format!("is there already: {}", shown(path)),
            State::LeftOut { reason } => format!("left out: {reason}"),
            State::ByHand => "for you to do, as said above".to_owned(),
            State::Planned => written(plan, step.piece, committed.is_some(), &of_change),
        };
        let _ = writeln!(text, "{:>11}  {what}", step.piece.word());
    }
    text.push('\n');
    let notes = committed.iter().flat_map(|committed| &committed.notes);
    for note in plan.notes.iter().chain(notes) {
        let _ = writeln!(text, "note: {note}");
    }
    text.push_str(&end(plan, committed, style));
    text
}

fn written(
    plan: &InitPlan,
    piece: Piece,
    is_done: bool,
    shown: &dyn Fn(&Change) -> String,
) -> String {
    let of_piece = plan.changes.iter().filter(|change| change.piece == piece);
    let (new, old): (Vec<&Change>, Vec<&Change>) =
        of_piece.partition(|change| change.before.is_none());
    let mut parts = Vec::new();
    for (changes, done, planned) in [
        (new, "wrote", "would write"),
        (old, "added to", "would add to"),
    ] {
        if !changes.is_empty() {
            let names: Vec<String> = changes.into_iter().map(shown).collect();
            let verb = if is_done { done } else { planned };
            parts.push(format!("{verb} {}", names.join(", ")));
        }
    }
    parts.join("; ")
}

fn end(plan: &InitPlan, committed: Option<&Committed>, style: &Style) -> String {
    if plan.changes.is_empty() {
        return match plan.by_hand.is_empty() {
            true => "nothing to do\n".to_owned(),
            false => "nothing was written\n".to_owned(),
        };
    }
    if committed.is_none() {
        return "planned only, nothing was written\n".to_owned();
    }
    let mut text = String::new();
    let made_xtask = plan
        .changes
        .iter()
        .any(|change| change.piece == Piece::Xtask);
    if made_xtask {
        let _ = writeln!(
            text,
            "next: `{} check`. Its first run compiles the xtask, in silence and for a minute or two, \
             and writes xtask/Cargo.lock, which belongs under version control too",
            plan.command
        );
    } else {
        let _ = writeln!(text, "next: `{} check`", plan.command);
    }
    let _ = writeln!(text, "`{} undo` takes this back", style.program.command());
    text
}
