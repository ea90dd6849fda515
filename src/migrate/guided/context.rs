//! Hosts of `wasi:http` of WASIp3 have a context of the crate's since 43 (`p3_context`).

use super::{Repair, Site, quoted};
use crate::migrate::p3_context::{CONTEXT, FIELD, put_first};
use crate::span::Span;

/// Makes a context where a value of a host is made that the upgrade gave the field to.
pub(super) fn context(site: &Site<'_>) -> Option<Repair> {
    let (label, text) = site.primary()?;
    let mut names = quoted(&site.error.message);
    let (field, host) = names.next().zip(names.next())?;
    let host = host.split('<').next()?.rsplit("::").next()?;
    if !site.is("E0063") || field != FIELD {
        return None;
    }
    let declares = format!("struct {host}");
    let had_field = |path: &String| {
        let before = site.terms.before.get(path);
        before.is_some_and(|text| text.contains(FIELD))
    };
    let mut declaring = site.texts.iter().filter(|(path, text)| {
        text.contains(&declares) && text.contains(FIELD) && !had_field(path)
    });
    // The type as the field has it, whatever the package calls the crate.
    let of_type = declaring.find_map(|(_, text)| {
        let (_, behind) = text.split_once(&format!("{FIELD}: "))?;
        let (of_type, _) = behind.split_once(',')?;
        of_type.ends_with(CONTEXT).then_some(of_type)
    })?;
    let brace = text.get(label.span.end.0..)?;
    let behind = brace.trim_start().strip_prefix('{')?;
    let open = text.len() - behind.len();
    let value = put_first(behind, &format!("{FIELD}: {of_type}::new(),"));
    let reason = "the view has hooks and a context";
    Some(site.edit(label, Span::new(open, open), value, reason))
}
