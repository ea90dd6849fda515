//! The rule of a migration that is begun, from what changed: the error that the compiler will give.

use super::change::{Change, What};

/// The error's code, where there will be one, and the rule as TOML.
pub fn of(change: &Change) -> (Option<&'static str>, String) {
    match of_error(change) {
        Some((error, rule)) => (Some(error), rule),
        None => {
            // The compiler only warns, if that: the places are found by their text.
            let name = change
                .words()
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned();
            let find = match (&change.member, change.shown.contains("fn ")) {
                (Some(_), true) => format!("$value.{name}($arguments..)"),
                (None, true) => format!("{name}($arguments..)"),
                _ => name,
            };
            (
                None,
                format!("[[rule]]\nfind = '{find}'\nnote = '<what to do instead>'\n"),
            )
        }
    }
}

fn of_error(change: &Change) -> Option<(&'static str, String)> {
    let last = change.item.rsplit("::").next().unwrap_or(&change.item);
    let member = change.member.as_deref();
    let is_function = change.shown.contains("fn ");
    let is_trait = change.kind == "trait";
    let (error, says) = match (&change.what, member) {
        (What::Removed | What::Moved(_), None) => ("E0432", format!("`{last}`")),
        (What::Renamed(other), Some(name)) if is_function && !is_trait => {
            let rule = format!(
                "[[rule]]\nerror = \"E0599\"\nsays = ['named `{name}` found']\nfind = '$value.{name}($arguments..)'\nreplace = '$value.{other}($arguments..)'\n"
            );
            return Some(("E0599", rule));
        }
        (What::Removed | What::Renamed(_), Some(name)) => match (is_trait, change.kind) {
            (true, _) if is_function => (
                "E0407",
                format!("`{name}` is not a member of trait `{last}`"),
            ),
            (true, _) => (
                "E0437",
                format!("`{name}` is not a member of trait `{last}`"),
            ),
            (false, "struct") if !is_function => ("E0609", format!("no field `{name}`")),
            _ => ("E0599", format!("named `{name}` found")),
        },
        (What::Changed(before, after), Some(name)) if is_function => {
            let other_count = parameters(before) != parameters(after);
            match (is_trait, other_count) {
                (true, true) => ("E0050", format!("method `{name}` has")),
                (true, false) => ("E0053", format!("method `{name}` has an incompatible type")),
                (false, true) => ("E0061", String::new()),
                (false, false) => ("E0308", String::new()),
            }
        }
        (What::Changed(..) | What::Bounds(..), _) => ("E0308", String::new()),
        (What::Demanded(_), Some(name)) if is_trait => ("E0046", format!("missing: `{name}`")),
        (What::Demanded(_), Some(name)) => ("E0063", format!("missing field `{name}`")),
        (What::Case(_), Some(name)) => ("E0004", format!("`&{last}::{name}")),
        (What::Closed, _) => ("E0639", String::new()),
        (What::Unimplemented, Some(name)) => ("E0277", format!("`{name}`")),
        (What::Gated(_), _) => ("E0432", format!("`{last}`")),
        _ => return None,
    };
    let says = if says.is_empty() {
        format!("<what the compiler says of `{last}`>")
    } else {
        says
    };
    let rule = format!(
        "[[rule]]\nerror = \"{error}\"\nsays = ['{says}']\nnote = '<what to do instead>'\n"
    );
    Some((error, rule))
}

/// How many parameters a function has, as it is written.
fn parameters(shown: &str) -> Option<usize> {
    let signature: syn::Signature = syn::parse_str(shown).ok()?;
    Some(signature.inputs.len())
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn parameters_are_counted() {
        for (text, count) in [
            ("fn new() -> Self", 0),
            ("fn new(authority: Ambient) -> Self", 1),
            (
                "fn f<T: Fn(A, B) -> C>(&self, a: Map<K, V>, (b, c): (u8, u8))",
                3,
            ),
        ] {
            assert_eq!(parameters(text), Some(count), "{text}");
        }
    }
}
