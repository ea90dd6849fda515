pub mod plain;
pub mod shared;
pub mod streaming;
pub mod trapping;
