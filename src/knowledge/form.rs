//! The two forms that a file of the knowledge base is read in: TOML as people write it, and JSON as the
//! build makes of it, which takes a fifth of the time to read. Every start reads all of them.

use serde::de::DeserializeOwned;

/// The text of a file, or of its front matter.
#[derive(Clone, Copy, Debug)]
pub enum Form<'t> {
    /// As it is written.
    Toml(&'t str),
    /// As the build made it.
    Json(&'t str),
}

impl<'t> From<&'t str> for Form<'t> {
    fn from(text: &'t str) -> Self {
        Self::Toml(text)
    }
}

impl Form<'_> {
    /// What the text says.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, String> {
        match self {
            Self::Toml(text) => toml::from_str(text).map_err(|error| error.to_string()),
            Self::Json(text) => serde_json::from_str(text).map_err(|error| error.to_string()),
        }
    }
}
