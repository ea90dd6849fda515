//! What two releases show differently, as far as code that compiled may notice.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Api, Member, Thing};
use super::change::{Change, What};
use super::resolve::DefId;

/// What both releases have, or only one.
#[derive(Debug, Default)]
pub struct Comparison {
    /// What may break.
    pub changes: Vec<Change>,
    /// What is new: paths.
    pub added: Vec<String>,
    /// How many items the old release shows.
    pub looked_at: usize,
}

/// Compares two releases.
pub fn compare(old: &Api, new: &Api) -> Comparison {
    let mut found = Comparison {
        looked_at: old.things.len(),
        ..Comparison::default()
    };
    let mut paired: BTreeSet<&DefId> = BTreeSet::new();
    let mut gone: Vec<(&String, &Thing)> = Vec::new();
    for thing in old.things.values() {
        let same = thing.seen.paths.keys().find_map(|path| {
            let ids = new.paths.get(path)?;
            let id = ids.iter().find(|id| is_alike(thing, &new.things[*id]))?;
            Some((path, id))
        });
        if let Some((path, id)) = same {
            paired.insert(id);
            of_thing(path, thing, &new.things[id], &mut found);
        }
        let lost = |path: &&String| !is_there(new, path, thing);
        gone.extend(
            thing
                .seen
                .paths
                .keys()
                .filter(lost)
                .map(|path| (path, thing)),
        );
    }
    for (path, thing) in &gone {
        lost(path, thing, old, new, &mut found);
    }
    once(&mut found.changes, old);
    modules(old, new, &mut found.changes);
    for (path, ids) in &new.paths {
        let fresh = !old.paths.contains_key(path) && ids.iter().any(|id| !paired.contains(id));
        if fresh {
            found.added.push(path.clone());
        }
    }
    for path in old.outside.keys() {
        let stays = new.outside.contains_key(path)
            || new.paths.contains_key(path)
            || new.modules.contains(path);
        if !stays {
            found.changes.push(Change {
                item: path.clone(),
                kind: "re-export",
                member: None,
                what: What::Removed,
                shown: String::new(),
            });
        }
    }
    fold(&mut found.changes);
    found
}

/// Whether two items may be the same one.
fn is_alike(old: &Thing, new: &Thing) -> bool {
    let space = |kind: &str| match kind {
        "struct" | "enum" | "union" | "trait" | "type" => 0,
        "macro" => 1,
        _ => 2,
    };
    space(old.kind) == space(new.kind)
}

fn is_there(api: &Api, path: &str, thing: &Thing) -> bool {
    let ids = api.paths.get(path);
    let mut things = ids.into_iter().flatten().map(|id| &api.things[id]);
    // A struct that has become a re-export of another crate's is still a name that compiles.
    things.any(|found| is_alike(thing, found)) || api.outside.contains_key(path)
}

/// A path that leads nowhere now.
fn lost(path: &str, thing: &Thing, old: &Api, new: &Api, found: &mut Comparison) {
    let name = path.rsplit("::").next().unwrap_or(path);
    let member = thing.members.keys().collect::<BTreeSet<_>>();
    let score = |candidate: &&Thing| {
        let shared = candidate.members.keys().collect::<BTreeSet<_>>();
        shared.intersection(&member).count()
    };
    let crate_of = |path: &str| path.split("::").next().map(str::to_owned);
    // Where another item of that name is now, that was not there before.
    let elsewhere = new.things.values().filter(|candidate| {
        candidate.kind == thing.kind
            && candidate.seen.paths.keys().any(|other| {
                other.rsplit("::").next() == Some(name)
                    && crate_of(other) == crate_of(path)
                    && (!old.paths.contains_key(other) || thing.seen.paths.contains_key(other))
            })
    });
    let what = match elsewhere.max_by_key(score) {
        Some(candidate) => {
            let place = candidate.seen.shortest();
            // What went elsewhere may have changed on the way.
            let whole = !thing
                .seen
                .paths
                .keys()
                .any(|path| is_there(new, path, thing));
            if whole {
                of_thing(place, thing, candidate, found);
            }
            What::Moved(place.to_owned())
        }
        None => What::Removed,
    };
    found.changes.push(Change {
        item: path.to_owned(),
        kind: thing.kind,
        member: None,
        what,
        shown: thing.shape.shown.clone(),
    });
}

/// Items that both releases have.
fn of_thing(path: &str, old: &Thing, new: &Thing, found: &mut Comparison) {
    let path = if new.seen.paths.contains_key(old.seen.shortest()) {
        old.seen.shortest()
    } else {
        path
    };
    let mut push = |member: Option<&str>, what, shown: &str| {
        found.changes.push(Change {
            item: path.to_owned(),
            kind: old.kind,
            member: member.map(str::to_owned),
            what,
            shown: shown.to_owned(),
        });
    };
    if !old.shape.is_same(&new.shape) {
        let texts = (old.shape.shown.clone(), new.shape.shown.clone());
        push(None, What::Changed(texts.0, texts.1), &old.shape.shown);
    }
    if new.deprecated && !old.deprecated {
        push(None, What::Deprecated, &old.shape.shown);
    }
    if new.open && !old.open && !old.closed {
        push(None, What::Closed, &old.shape.shown);
    }
    if let (Some(before), Some(after)) = (old.seen.paths.get(path), new.seen.paths.get(path)) {
        let more: BTreeSet<String> = after
            .features
            .difference(&before.features)
            .cloned()
            .collect();
        if !more.is_empty() {
            push(None, What::Gated(more), &old.shape.shown);
        }
    }
    for name in old.traits.difference(&new.traits) {
        push(Some(name), What::Unimplemented, "");
    }
    members(old, new, &mut push);
}

fn members(old: &Thing, new: &Thing, push: &mut impl FnMut(Option<&str>, What, &str)) {
    let added: BTreeMap<&String, &Member> = new
        .members
        .iter()
        .filter(|(name, _)| !old.members.contains_key(*name))
        .collect();
    let mut taken = BTreeSet::new();
    for (name, member) in &old.members {
        let shown = &member.shape.shown;
        let Some(after) = new.members.get(name) else {
            match renamed(name, old, new).as_deref() {
                Some([other]) if renamed(other, new, old).is_some_and(|back| back.len() == 1) => {
                    taken.insert(other.clone());
                    push(Some(name), What::Renamed(other.clone()), shown);
                }
                _ => push(Some(name), What::Removed, shown),
            }
            continue;
        };
        if !member.shape.is_same(&after.shape) {
            let texts = (shown.clone(), after.shape.shown.clone());
            push(Some(name), What::Changed(texts.0, texts.1), shown);
        } else if member.shape.around != after.shape.around {
            let texts = (member.shape.around.clone(), after.shape.around.clone());
            push(Some(name), What::Bounds(texts.0, texts.1), shown);
        }
        if after.deprecated && !member.deprecated {
            push(Some(name), What::Deprecated, shown);
        }
        if after.required && !member.required {
            push(Some(name), What::Demanded(after.shape.shown.clone()), shown);
        }
    }
    for (name, member) in added {
        if taken.contains(name) {
            continue;
        }
        let shown = member.shape.shown.clone();
        let literal = old.kind == "struct" && member.kind == "field" && !old.closed && !old.open;
        if member.required || literal {
            push(Some(name), What::Demanded(shown), "");
        } else if member.kind == "variant" && !old.open {
            push(Some(name), What::Case(shown), "");
        }
    }
}

/// The members of `there` that `name` of `here` may be by now: the same but for the name, and not in
/// `here`. It is a new name only where there is one, seen from both sides.
fn renamed(name: &str, here: &Thing, there: &Thing) -> Option<Vec<String>> {
    let member = here.members.get(name)?;
    let twins = there.members.iter().filter(|(other, candidate)| {
        candidate.kind == member.kind
            && !here.members.contains_key(*other)
            && candidate.shape.key == member.shape.key_as(name, other)
            && has_part_of(name, other)
    });
    Some(twins.map(|(other, _)| other.clone()).collect())
}

/// Whether two names have a word in common: a method of the same shape may be quite another one.
fn has_part_of(old: &str, new: &str) -> bool {
    let words = |name: &str| -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        let mut word = String::new();
        for letter in name.chars() {
            if (letter == '_' || letter.is_uppercase()) && !word.is_empty() {
                words.insert(std::mem::take(&mut word).to_lowercase());
            }
            if letter != '_' {
                word.push(letter);
            }
        }
        words.insert(word.to_lowercase());
        words
    };
    words(old).intersection(&words(new)).next().is_some()
}

/// Public modules that are gone: of several within each other, the outermost.
fn modules(old: &Api, new: &Api, changes: &mut Vec<Change>) {
    let parts = |path: &str| {
        path.rsplit_once("::")
            .map(|(p, n)| (p.to_owned(), n.to_owned()))
    };
    for path in old.modules.difference(&new.modules) {
        let Some((parent, name)) = parts(path) else {
            continue;
        };
        if !new.modules.contains(&parent) && old.modules.contains(&parent) {
            continue;
        }
        let package = path.split("::").next();
        let mut fresh = new.modules.difference(&old.modules);
        let elsewhere = fresh.find(|other| {
            other.split("::").next() == package && parts(other).is_some_and(|(_, n)| n == name)
        });
        changes.push(Change {
            item: path.clone(),
            kind: "mod",
            member: None,
            what: elsewhere.map_or(What::Removed, |other| What::Moved(other.clone())),
            shown: format!("mod {name}"),
        });
    }
}

/// What is gone altogether is told of once, by its shortest path.
fn once(changes: &mut Vec<Change>, old: &Api) {
    let mut told = BTreeSet::new();
    changes.sort_by_key(|change| (change.item.matches("::").count(), change.item.len()));
    changes.retain(|change| {
        let ids = old.paths.get(&change.item);
        let is_item = change.what == What::Removed && change.member.is_none();
        !is_item || ids.is_none_or(|ids| ids.iter().any(|id| told.insert(id.clone())))
    });
}

/// Bounds that changed around every method of a type are one change, not as many as it has methods.
fn fold(changes: &mut Vec<Change>) {
    let mut seen = BTreeSet::new();
    changes.retain(|change| match &change.what {
        What::Bounds(before, after) => {
            seen.insert((change.item.clone(), before.clone(), after.clone()))
        }
        _ => true,
    });
    // An item that two paths lead to is looked at on the way of each.
    let mut before: Vec<Change> = Vec::new();
    changes.retain(|change| {
        let fresh = !before.contains(change);
        before.push(change.clone());
        fresh
    });
}
