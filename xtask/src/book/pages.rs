//! A page of the book, and the pieces of Markdown that generated ones are made of.

/// One generated page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its path in the book, `knowledge/..md`.
    pub path: String,
    /// Its name in the list at the side.
    pub name: String,
    /// Its Markdown.
    pub text: String,
    /// The pages below it.
    pub below: Vec<Page>,
}

/// A table: a row of heads, rows of cells.
pub fn table(heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(heads.iter().map(|head| (*head).to_owned()).collect());
    text.push_str(&format!("|{}\n", "---|".repeat(heads.len())));
    for row in rows {
        text.push_str(&line(
            row.iter().map(|cell| cell.replace('|', "\\|")).collect(),
        ));
    }
    text
}

/// A link's address as words: `pull 10677`, `GHSA-..`, or the address.
pub fn named(link: &str) -> String {
    let last = link.rsplit('/').next().unwrap_or(link);
    let name = match link {
        _ if link.contains("/pull/") => format!("pull request {last}"),
        _ if link.contains("/issues/") => format!("issue {last}"),
        _ if link.contains("/advisories/") => last.to_owned(),
        _ if link.contains("/commit/") => format!("commit {}", last.get(..10).unwrap_or(last)),
        _ => link.trim_start_matches("https://").to_owned(),
    };
    format!("[{name}]({link})")
}

/// Links as a list.
pub fn links(links: &[String]) -> String {
    let lines = links.iter().map(|link| format!("- {}\n", named(link)));
    match links {
        [] => String::new(),
        _ => format!("## Sources\n\n{}", lines.collect::<String>()),
    }
}
