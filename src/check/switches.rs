//! The leaf of a condition that speaks of a switch of `wasmtime::Config`.

use super::condition::{Answer, Judge, Subject, Truth};
use crate::analysis::mentions::SwitchCall;
use crate::finding::Evidence;
use crate::knowledge::condition::ConfigSwitch;

/// The calls of a switch, by what they say of the value that a condition asks for.
struct Calls {
    /// They set it, whatever else happens.
    set: Vec<SwitchCall>,
    /// They set it in some builds or runs.
    set_at_times: Vec<SwitchCall>,
    /// They set something that the text does not say.
    unclear: Vec<SwitchCall>,
    /// They set another value.
    other: Vec<SwitchCall>,
}

impl Judge<'_> {
    pub(super) fn config(&self, switch: &ConfigSwitch, subject: Subject<'_>) -> Answer {
        let default = switch.is_default(self.line);
        let calls = self.calls_of(switch, default, subject);
        let shown = format!("`Config::{}({})`", switch.name, switch.value);
        let at =
            |call: &SwitchCall, label: &str| self.place(call.place.source, call.place.span, label);
        let is_left = |calls: &[SwitchCall]| calls.is_empty();
        if let Some(set) = calls.set.first() {
            let answer =
                Answer::new(Truth::Yes, format!("{shown} is set")).with([at(set, "set here")]);
            let only = is_left(&calls.unclear) && is_left(&calls.other);
            return match only && (default || self.covers_all(&calls.set)) {
                true => answer,
                false => answer.somewhere(),
            };
        }
        if default && is_left(&calls.unclear) && is_left(&calls.other) {
            return Answer::new(Truth::Yes, format!("{shown} is the default"));
        }
        let unknown = |call: &SwitchCall, reason: String, label: &str| {
            Answer::new(Truth::Unknown, reason).with([at(call, label)])
        };
        if let Some(call) = calls.unclear.first() {
            let reason = format!("whether {shown} holds is decided at run time");
            return unknown(call, reason, "set to a value that the sources do not say");
        }
        if let Some(call) = calls.set_at_times.first() {
            let reason = format!("{shown} is set in some builds or runs");
            return unknown(call, reason, "set here, under a condition");
        }
        if let Some(call) = calls.other.first().filter(|_| default) {
            if !self.covers_all(&calls.other) {
                let reason = format!("{shown} is the default, and not changed everywhere");
                return unknown(call, reason, "changed here");
            }
        }
        let here = calls.other.first().map(|call| at(call, "set here"));
        self.not_set(switch, &shown, here)
    }

    fn not_set(&self, switch: &ConfigSwitch, shown: &str, here: Option<Evidence>) -> Answer {
        let answer = match here {
            Some(here) => Answer::new(
                Truth::No,
                format!("`Config::{}` has another value", switch.name),
            )
            .with([here]),
            None => Answer::new(Truth::No, format!("{shown} is not set, and is no default")),
        };
        self.unless_outsiders(self.unless_words_unread(answer, [switch.name.as_str()]))
    }

    fn calls_of(&self, switch: &ConfigSwitch, default: bool, subject: Subject<'_>) -> Calls {
        let wanted = switch.value.rsplit("::").next().unwrap_or(&switch.value);
        let mut calls = Calls {
            set: Vec::new(),
            set_at_times: Vec::new(),
            unclear: Vec::new(),
            other: Vec::new(),
        };
        let sources = self.sources();
        let counts = |call: &SwitchCall| subject.tests_count || !call.place.for_tests;
        for call in sources
            .switch_calls(&switch.name)
            .into_iter()
            .filter(counts)
        {
            match call.value.as_deref() {
                None => calls.unclear.push(call),
                Some(value) if value != wanted => calls.other.push(call),
                Some(_) if call.is_conditional => calls.set_at_times.push(call),
                Some(_) => calls.set.push(call),
            }
        }
        // `wasm_features(features, on)` sets several at once, in one direction.
        if switch.name.starts_with("wasm_") {
            let other_way = if default { "true" } else { "false" };
            let several = sources
                .switch_calls("wasm_features")
                .into_iter()
                .filter(counts);
            calls
                .unclear
                .extend(several.filter(|call| call.last_argument.as_deref() != Some(other_way)));
        }
        calls
    }

    /// Whether every `Config` that begins with the defaults gets one of these calls in the function
    /// that makes it, whatever else happens.
    fn covers_all(&self, calls: &[SwitchCall]) -> bool {
        let sure: Vec<_> = calls
            .iter()
            .filter(|call| !call.is_conditional)
            .map(|call| (call.place.source, call.function))
            .collect();
        let creations = self.sources().creations();
        let all = creations
            .iter()
            .all(|creation| sure.contains(&(creation.source, creation.function)));
        all && !sure.is_empty()
    }
}
