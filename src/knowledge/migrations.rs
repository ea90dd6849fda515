//! All migrations, read when somebody first asks for one: a check never does.

use std::ops::Deref;
use std::sync::OnceLock;

use super::{Migration, files};

/// The migrations of the knowledge base, and a user's own, by release and id.
#[derive(Clone, Debug, Default)]
pub struct Migrations {
    /// Whether those that this build was made with are among them.
    built_in: bool,
    /// The texts of others, unread.
    texts: Vec<String>,
    own: Vec<Migration>,
    read: OnceLock<Vec<Migration>>,
}

impl Migrations {
    /// Those that this build was made with.
    pub(super) fn built_in() -> Self {
        Self {
            built_in: true,
            ..Self::default()
        }
    }

    /// Adds a file, unread.
    pub(super) fn add(&mut self, text: &str) {
        self.texts.push(text.to_owned());
    }

    /// Adds one that was read.
    pub(super) fn add_own(&mut self, migration: Migration) {
        self.own.push(migration);
        self.read = OnceLock::new();
    }

    /// Reads all files.
    ///
    /// # Errors
    /// What is wrong with the first that can't be understood.
    pub fn try_read(&self) -> Result<Vec<Migration>, String> {
        let built_in = self.built_in.then(|| files::folder("migrations/"));
        let built_in = built_in.into_iter().flatten().map(|(_, text)| text);
        let texts = built_in.chain(self.texts.iter().map(String::as_str));
        let mut all: Vec<Migration> = texts.map(Migration::parse).collect::<Result<_, _>>()?;
        all.extend(self.own.iter().cloned());
        crate::order::sort_by_key(&mut all, |migration| {
            (migration.since.clone(), migration.id.clone())
        });
        Ok(all)
    }
}

impl FromIterator<Migration> for Migrations {
    fn from_iter<I: IntoIterator<Item = Migration>>(own: I) -> Self {
        Self {
            own: own.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl Deref for Migrations {
    type Target = [Migration];

    /// A built-in file that can't be read leaves nothing but the user's own; a test refuses to build a
    /// release with one.
    fn deref(&self) -> &[Migration] {
        self.read.get_or_init(|| {
            let read = self.try_read();
            debug_assert!(read.is_ok(), "{:?}", read.as_ref().err());
            read.unwrap_or_else(|_| self.own.clone())
        })
    }
}
