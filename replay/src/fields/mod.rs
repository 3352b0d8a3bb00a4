//! Fields that rules name (`proc.name`, `fd.sip`, ...): the registry, values, extractors and text.
//!
//! A field is one row of its class's table: metadata for people and for the rule checker, and the function that
//! gets its value for an event. Names are resolved to a [`FieldId`] and a [`FieldArg`] when rules are loaded;
//! after that, getting a value cannot fail, reads nothing but the [`EventContext`](crate::context::EventContext)
//! and allocates nothing outside its arena.

mod def;
mod json;
mod names;
mod operators;
mod param_text;
mod pattern;
mod registry;
mod render;
mod resolve;
mod text_buf;
pub(crate) mod time;
pub mod value;
mod view;

mod container;
mod evt;
mod fd;
mod fdlist;
mod fs_path;
mod group;
mod process;
mod user;
mod util;

pub use def::{ArgSpec, Extract, FieldDef, JsonForm, Shape, Transforms, Usage};
pub(crate) use json::escape_utf8;
pub use json::{json_escape, json_string, write_json, write_json_value};
pub use operators::{TypeGroup, transformed_type};
pub use pattern::Pattern;
pub use registry::{CLASSES, FieldClass, all};
pub(crate) use render::{printed_type, write_decimal};
pub use render::{render, render_value};
pub use resolve::{FieldError, resolve, value_type, value_type_and_format};
pub use value::Value;

/// Position of a field in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// A field's argument, resolved when the rules are loaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldArg {
    None,
    Index(u64),
    Key(Box<[u8]>),
    /// A regular expression, for mounts of containers.
    Pattern(Pattern),
}
