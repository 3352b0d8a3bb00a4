//! Integration tests of the whole tool, one binary: cases are data, modules are topics.

mod check;
mod demo;
mod golden;
mod harness;
mod metadata;
mod record;
mod replay;
mod report;
mod savefile;
mod sysdig;
mod tidy;
