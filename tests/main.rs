//! Integration tests of the whole tool, one binary: cases are data, modules are topics.

mod harness;
mod tidy;
