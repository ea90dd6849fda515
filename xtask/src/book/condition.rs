//! When a project is exposed, in words.

use wasmtime_upgrade::knowledge::{BindgenPattern, Condition};

/// The condition as a list.
pub fn told(condition: &Condition) -> String {
    let mut text = String::new();
    match condition {
        Condition::All(parts) => {
            text.push_str("All of this has to hold:\n\n");
            parts.iter().for_each(|part| item(part, 0, &mut text));
        }
        Condition::Any(parts) => {
            text.push_str("One of these is enough:\n\n");
            parts.iter().for_each(|part| item(part, 0, &mut text));
        }
        Condition::Always => text.push_str("Every project on an affected release.\n"),
        other => item(other, 0, &mut text),
    }
    text
}

fn item(condition: &Condition, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let mut nested = |head: &str, parts: &[Condition]| {
        text.push_str(&format!("{indent}- {head}\n"));
        parts.iter().for_each(|part| item(part, depth + 1, text));
    };
    match condition {
        Condition::All(parts) => nested("all of", parts),
        Condition::Any(parts) => nested("one of", parts),
        Condition::Not(part) => nested("not", std::slice::from_ref(part)),
        leaf => text.push_str(&format!("{indent}- {}\n", words(leaf))),
    }
}

fn words(leaf: &Condition) -> String {
    match leaf {
        Condition::Bindgen(pattern) => bindgen(pattern),
        Condition::ImportsInterface => "a world imports an interface".to_owned(),
        Condition::ImportsResource => "a world imports a resource".to_owned(),
        Condition::AsyncImportsRemapped => {
            "imports are asked for as asynchronous, and `with` takes all of those from elsewhere"
                .to_owned()
        }
        Condition::WitHoldsStreams => {
            "a record or variant of the WIT holds a stream or a future".to_owned()
        }
        Condition::WitTypeNamed(names) => format!("the WIT has a type named {}", list(names)),
        Condition::UsesComponents => {
            "components are loaded, or there are bindings for them".to_owned()
        }
        Condition::CallsExports => "exports are called through generated bindings".to_owned(),
        Condition::StoreDataNotSend => "the data in the store is not `Send`".to_owned(),
        Condition::Crate(name) => format!("the project uses `{name}`"),
        Condition::Locked(range) => {
            let versions: Vec<String> = range.versions.iter().map(ToString::to_string).collect();
            format!(
                "the lockfile has `{}` {}",
                range.name,
                versions.join(" or ")
            )
        }
        Condition::Feature(name) => match name.split_once('/') {
            Some((package, feature)) => format!("feature `{feature}` of `{package}` is on"),
            None => format!("feature `{name}` is on"),
        },
        Condition::Mentions(names) => format!("the sources name {}", list(names)),
        Condition::Config(switch) => {
            let since = switch.default_since.map(|line| format!(" from {line} on"));
            let default = match switch.default {
                true => format!(", which is the default{}", since.unwrap_or_default()),
                false => String::new(),
            };
            format!("`Config::{}({})`{default}", switch.name, switch.value)
        }
        Condition::Arch(names) => format!("the host's architecture is {}", list(names)),
        Condition::Os(names) => format!("the host's system is {}", list(names)),
        Condition::Unknowable(text) => format!("no source says: whether {text}"),
        Condition::Always => "every project".to_owned(),
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => String::new(),
    }
}

fn bindgen(pattern: &BindgenPattern) -> String {
    let said = |(name, is): (&str, bool)| {
        let (yes, no) = match name {
            "async-exports" => (
                "calls exports asynchronously",
                "calls exports synchronously",
            ),
            "async-imports" => (
                "implements imports asynchronously",
                "implements imports synchronously",
            ),
            "require-store-data-send" => (
                "has `require_store_data_send: true`",
                "does not have `require_store_data_send: true`",
            ),
            "anyhow" => ("has `anyhow: true`", "does not have `anyhow: true`"),
            "derives-clone" => ("derives `Clone`", "does not derive `Clone`"),
            "traced" => ("traces functions", "traces no function"),
            "trappable-imports" => ("has imports that can trap", "has no import that can trap"),
            "trappable-error-type" => (
                "has a type of its own for errors that can trap",
                "has no type of its own for errors that can trap",
            ),
            other => return format!("{other}: {is}"),
        };
        if is { yes } else { no }.to_owned()
    };
    let parts: Vec<String> = pattern.asked().map(said).collect();
    match &parts[..] {
        [] => "there is a `bindgen!`".to_owned(),
        parts => format!("bindings of `bindgen!`: it {}", parts.join(" and ")),
    }
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.trim()))
        .collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
