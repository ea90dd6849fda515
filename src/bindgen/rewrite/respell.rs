//! Keys and flags that the target's line spells otherwise, or does not have, inside options that it
//! accepts.

use super::{RULES, RULES_SINCE, Remaining, Rewrite, Task};
use crate::bindgen::invocation::{OptionEntry, OptionValue};
use crate::bindgen::key::{Key, unversioned};
use crate::edit::Edit;
use crate::span::Span;
use crate::version::Line;
use crate::wit::WorldItem;

/// The options besides rules whose keys name members of interfaces.
const KEYED: [&str; 2] = ["with", "trappable_error_type"];

impl Task<'_> {
    pub(super) fn respell(&self, result: &mut Rewrite) {
        for option in &self.invocation.options {
            let in_rules = RULES.contains(&option.name.as_str());
            let accepted = !in_rules || self.target >= RULES_SINCE;
            let OptionValue::Block(entries) = &option.value else {
                continue;
            };
            if !accepted || !(in_rules || KEYED.contains(&option.name.as_str())) {
                continue;
            }
            for entry in entries {
                result.edits.extend(self.key_edit(option, entry, in_rules));
                if in_rules {
                    self.flags(entry, entries, result);
                }
            }
        }
    }

    /// The new spelling of a key, when it has one.
    fn key_edit(&self, option: &OptionEntry, entry: &OptionEntry, in_rules: bool) -> Option<Edit> {
        let old = entry.text_name()?;
        // Only what stands there as it is read can be replaced.
        let plain = entry.name.strip_prefix('"')?.strip_suffix('"')?;
        let key = Key::parse(&old);
        let wit_async = match self.is_async(option, &key) {
            Some(is_async) => is_async,
            None => old.contains("[async]"),
        };
        let new = key.spelled(self.target, in_rules, wit_async);
        // What WIT can't be called is no key of ours: it would read otherwise afterwards.
        let reads_alike = Key::parse(&new) == key;
        (plain == old && new != old && reads_alike).then(|| Edit {
            span: Span::new(entry.name_span.start.0 + 1, entry.name_span.end.0 - 1),
            text: new,
            reason: format!("the key `{old}` as Wasmtime {} spells it", self.target),
        })
    }

    /// Whether WIT says that the function is asynchronous; none when it does not say.
    fn is_async(&self, option: &OptionEntry, key: &Key) -> Option<bool> {
        let world = self.world?;
        let items = match option.name.as_str() {
            "imports" => &world.imports,
            _ => &world.exports,
        };
        let (scope, member) = (key.scope.as_deref()?, key.member.as_deref()?);
        items.iter().find_map(|item| match item {
            WorldItem::Interface {
                name, functions, ..
            } if name == scope || unversioned(name) == scope => {
                let mut found = functions.iter().filter(|function| function.name == member);
                found.next().map(|function| function.is_async)
            }
            _ => None,
        })
    }

    /// Flags that the line does not have, in a rule among `rules`.
    fn flags(&self, entry: &OptionEntry, rules: &[OptionEntry], result: &mut Rewrite) {
        let has_gone = entry.value_idents.iter().any(|flag| self.is_gone(flag));
        if !has_gone {
            return;
        }
        let mut flags = entry.value_idents.iter();
        if flags.any(|flag| flag == "ignore_wit" && self.is_gone(flag)) {
            result.remaining.push(Remaining {
                span: entry.span(),
                what: format!(
                    "Wasmtime {} has no `ignore_wit`: an `async func` of WIT is always asynchronous there",
                    self.target
                ),
            });
            return;
        }
        let kept = self.kept(entry);
        if kept.is_empty() && self.covers_a_wider_rule(entry, rules) {
            result.remaining.push(Remaining {
                span: entry.span(),
                what: format!(
                    "Wasmtime {} has no `task_exit`, and this rule asks for nothing else: write one with `exact` for each function that it is about",
                    self.target
                ),
            });
            return;
        }
        result.edits.push(Edit {
            span: entry.value_span,
            text: if kept.is_empty() {
                "exact".to_owned()
            } else {
                kept.join(" | ")
            },
            reason: format!("Wasmtime {} has no `task_exit`", self.target),
        });
    }

    /// Whether the target's line lacks a flag.
    fn is_gone(&self, flag: &str) -> bool {
        match flag {
            "task_exit" => !(Line(37)..=Line(42)).contains(&self.target),
            "ignore_wit" => self.target > Line(46),
            _ => false,
        }
    }

    fn kept<'e>(&self, entry: &'e OptionEntry) -> Vec<&'e str> {
        let kept = entry.value_idents.iter().filter(|flag| !self.is_gone(flag));
        kept.map(String::as_str).collect()
    }

    /// Whether the rule keeps a wider one, or the default, from what is below its key. `exact`, which
    /// stands for no flag, would not: it stops at the key.
    fn covers_a_wider_rule(&self, entry: &OptionEntry, rules: &[OptionEntry]) -> bool {
        let is_wide = |rule: &OptionEntry| {
            let key = rule.text_name().map(|text| Key::parse(&text));
            key.is_none_or(|key| key.scope.is_none() || key.member.is_none())
        };
        let has_flags = |rule: &OptionEntry| self.kept(rule).iter().any(|flag| *flag != "exact");
        let mut others = rules.iter().filter(|rule| rule.span() != entry.span());
        entry.text_name().is_some()
            && is_wide(entry)
            && others.any(|rule| is_wide(rule) && has_flags(rule))
    }
}
