//! Fields of a host that its hooks of `wasi:http` have got since 43 (`views::hooks`).

use super::{Repair, Site, quoted};
use crate::migrate::views::field_of_hooks;

/// Says the way to a field that the host has not any more, because the upgrade gave it to the hooks.
pub(super) fn hooks(site: &Site<'_>) -> Option<Repair> {
    let (label, text) = site.primary()?;
    let mut names = quoted(&site.error.message);
    let (field, host) = names.next().zip(names.next())?;
    let host = host.rsplit(['&', ' ', ':']).next()?;
    if !site.is("E0609") || label.span.text(text) != field {
        return None;
    }
    let was_declared = |path: &String| {
        let before = site.terms.before.get(path);
        before.is_some_and(|text| text.contains("struct HttpHooks"))
    };
    let of_host = format!("struct {host} ");
    let mut declaring = site.texts.iter().filter(|(path, text)| {
        text.contains(&of_host) && text.contains("struct HttpHooks") && !was_declared(path)
    });
    let way = declaring.find_map(|(_, text)| field_of_hooks(text, field))?;
    let reason = "what `WasiHttpHooks` asks is lent by itself";
    Some(site.edit(label, label.span, way, reason))
}
