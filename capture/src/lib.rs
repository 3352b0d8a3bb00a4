//! Captures: events and their schema, savefiles, and live recording. Knows nothing of rules.

pub mod event;
pub mod savefile;
