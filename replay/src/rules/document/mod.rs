//! YAML documents as a small tree of nodes, each with its place in the file.
//!
//! Built on the events of a YAML parser. It keeps what the reader of rules needs and nothing else: scalars with
//! the map from their text to the file, sequences, mappings with all keys in order. Aliases share their node.

mod align;
mod build;

use std::rc::Rc;

pub use build::{ParseError, parse};

use super::source::Span;
use super::traced::Traced;

/// A node of a document.
#[derive(Debug)]
pub struct Node {
    pub span: Span,
    pub kind: NodeKind,
}

#[derive(Debug)]
pub enum NodeKind {
    Null,
    Scalar(Traced),
    Sequence(Vec<Rc<Node>>),
    /// In order, with keys that are there more than once.
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

impl Node {
    /// The text of a scalar. Like Falco's reader, a null has none.
    pub fn scalar(&self) -> Option<&Traced> {
        match &self.kind {
            NodeKind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    pub fn sequence(&self) -> Option<&[Rc<Node>]> {
        match &self.kind {
            NodeKind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    pub fn mapping(&self) -> Option<&[(Rc<Node>, Rc<Node>)]> {
        match &self.kind {
            NodeKind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }

    /// The key and value of the first entry with this key.
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        let entry =
            self.mapping()?.iter().find(|(k, _)| k.scalar().is_some_and(|text| text.as_str() == key))?;
        Some((&entry.0, &entry.1))
    }

    /// The value of the first entry with this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }
}
