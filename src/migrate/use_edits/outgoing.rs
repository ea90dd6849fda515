//! What leaves a declaration, as declarations of its own.

use std::collections::BTreeMap;

/// Something that no tree of the declaration can hold any more.
pub(super) struct Outgoing {
    pub(super) path: Vec<String>,
    pub(super) name: Option<String>,
    pub(super) is_glob: bool,
    pub(super) reason: String,
}

/// Paths of one module as one.
pub(super) fn grouped(outgoing: &[Outgoing]) -> Vec<String> {
    let mut modules: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    let mut places = BTreeMap::new();
    for out in outgoing {
        let (module, last) = match (out.is_glob, out.path.split_last()) {
            (false, Some((last, module))) => (module.to_vec(), last.clone()),
            _ => (out.path.clone(), "*".to_owned()),
        };
        let name = match &out.name {
            Some(name) if *name != last => format!("{last} as {name}"),
            _ => last,
        };
        let place = *places.entry(module.clone()).or_insert_with(|| {
            modules.push((module, Vec::new()));
            modules.len() - 1
        });
        if !modules[place].1.contains(&name) {
            modules[place].1.push(name);
        }
    }
    let written = modules.into_iter().map(|(module, names)| {
        let module: String = module.iter().map(|name| format!("{name}::")).collect();
        match names.as_slice() {
            [only] => format!("{module}{only}"),
            _ => format!("{module}{{{}}}", names.join(", ")),
        }
    });
    written.collect()
}
