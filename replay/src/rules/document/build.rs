//! From the YAML parser's events to nodes.

use std::ops::Range;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Span as YamlSpan};
use hashbrown::HashMap;

use super::{Node, NodeKind, align};
use crate::rules::source::{FileId, Span};
use crate::rules::traced::span;

/// Deepest nesting of collections. Rules need five levels.
const DEPTH_LIMIT: usize = 64;

/// Most nodes a document may have once its aliases are followed. The largest real rules files have 10,000.
const NODE_LIMIT: usize = 2_000_000;

/// Why a text is not YAML, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    pub message: String,
    pub span: Span,
}

/// The documents in `range` of a file. What comes before an error is returned with it.
pub fn parse(file: FileId, text: &str, range: Range<usize>) -> (Vec<Rc<Node>>, Option<ParseError>) {
    let mut builder = Builder {
        file,
        text,
        base: range.start,
        stack: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
    };
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH_LIMIT,
        block_nesting_limit: DEPTH_LIMIT,
    };
    for event in Parser::new_from_str_with_options(&text[range], options) {
        let error = match event {
            Ok((event, place)) => match builder.event(event, &place) {
                Ok(()) => continue,
                Err(error) => error,
            },
            Err(error) => {
                let at = builder.offset(error.marker().byte_offset());
                let length = text[at..].chars().next().map_or(0, char::len_utf8);
                ParseError { message: error.info().to_string(), span: span(file, at..at + length) }
            }
        };
        return (builder.documents, Some(error));
    }
    (builder.documents, None)
}

struct Builder<'t> {
    file: FileId,
    text: &'t str,
    /// Where the parsed part of the file starts.
    base: usize,
    stack: Vec<Open>,
    /// Nodes with an anchor, and how many nodes they are when aliases are followed.
    anchors: HashMap<usize, (Rc<Node>, usize)>,
    documents: Vec<Rc<Node>>,
}

/// A collection whose end has not come yet.
struct Open {
    start: usize,
    anchor: usize,
    is_mapping: bool,
    children: Vec<Rc<Node>>,
    node_count: usize,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, place: &YamlSpan) -> Result<(), ParseError> {
        let range = self.range(place);
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let node_span = span(self.file, range.clone());
                let kind = if style == ScalarStyle::Plain && tag.is_none() && is_null(&value) {
                    NodeKind::Null
                } else {
                    NodeKind::Scalar(align::align(&value, &self.text[range], node_span, style))
                };
                self.add(Rc::new(Node { span: node_span, kind }), anchor, 1)
            }
            Event::Alias(anchor) => {
                // An anchor whose collection is still open would be a cycle.
                let Some((node, count)) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.error("alias of a collection inside itself", range));
                };
                self.add(node, 0, count)
            }
            Event::SequenceStart(_, anchor, _) => self.open(range, anchor, false),
            Event::MappingStart(_, anchor, _) => self.open(range, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            _ => Ok(()),
        }
    }

    fn open(&mut self, range: Range<usize>, anchor: usize, is_mapping: bool) -> Result<(), ParseError> {
        if self.stack.len() == DEPTH_LIMIT {
            return Err(self.error("nested too deeply", range));
        }
        let start = range.start;
        self.stack.push(Open { start, anchor, is_mapping, children: Vec::new(), node_count: 1 });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), ParseError> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let last = open.children.last().map_or(end, |node| end.min(node.span.end as usize).max(open.start));
        // The end of a block collection is only noticed at what follows it.
        let end = if self.text[..end].ends_with([']', '}']) { end } else { last };
        let kind = if open.is_mapping {
            let mut children = open.children.into_iter();
            let mut entries = Vec::new();
            while let (Some(key), Some(value)) = (children.next(), children.next()) {
                entries.push((key, value));
            }
            NodeKind::Mapping(entries)
        } else {
            NodeKind::Sequence(open.children)
        };
        let node = Rc::new(Node { span: span(self.file, open.start..end.max(open.start)), kind });
        self.add(node, open.anchor, open.node_count)
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize, count: usize) -> Result<(), ParseError> {
        if anchor != 0 {
            self.anchors.insert(anchor, (Rc::clone(&node), count));
        }
        match self.stack.last_mut() {
            Some(open) => {
                open.node_count = open.node_count.saturating_add(count);
                if open.node_count > NODE_LIMIT {
                    let range = node.span.start as usize..node.span.end as usize;
                    return Err(self.error("aliases make the document too large", range));
                }
                open.children.push(node);
            }
            None => self.documents.push(node),
        }
        Ok(())
    }

    fn error(&self, message: &str, range: Range<usize>) -> ParseError {
        ParseError { message: message.to_string(), span: span(self.file, range) }
    }

    fn range(&self, place: &YamlSpan) -> Range<usize> {
        let start = self.offset(place.start.byte_offset());
        start..self.offset(place.end.byte_offset()).max(start)
    }

    fn offset(&self, offset: Option<usize>) -> usize {
        let at = (self.base + offset.unwrap_or(0)).min(self.text.len());
        // Never inside a character.
        (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

/// What Falco's YAML reader takes for null when it is written without quotes.
fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::traced::Traced;

    fn documents(text: &str) -> Vec<Rc<Node>> {
        let (documents, error) = parse(FileId(0), text, 0..text.len());
        assert_eq!(error, None);
        documents
    }

    /// Checks that `part` of the scalar at key `a` leads to `raw` in the file.
    #[track_caller]
    fn check_place(text: &str, part: &str, raw: &str) {
        let documents = documents(text);
        let scalar: &Traced = documents[0].get("a").and_then(Node::scalar).expect("a scalar");
        let at = scalar.as_str().find(part).unwrap_or_else(|| panic!("{part:?} in {:?}", scalar.as_str()));
        let place = scalar.span(at..at + part.len());
        assert_eq!(&text[place.start as usize..place.end as usize], raw);
        assert_eq!(text.find(raw), Some(place.start as usize));
    }

    #[test]
    fn scalars_of_every_style_lead_back_to_the_file() {
        check_place("a: one two\n", "two", "two");
        check_place("a: >\n  one\n  two\n  three\n", "two", "two");
        check_place("a: >\n  one\n  two\n  three\n", "two three", "two\n  three");
        check_place("a: |\n  one\n    two\n", "two", "two");
        check_place("a: one\n   two\n", "two", "two");
        check_place("a: 'it''s two'\n", "two", "two");
        check_place("a: 'it''s two'\n", "'", "''");
        check_place("a: \"tab\\t two\"\n", "two", "two");
        check_place("a: \"\\x41\\u0042 two\"\n", "B", "\\u0042");
        check_place("a: \"one\n    two\"\n", "two", "two");
        check_place("a: \"one\\\n    two\"\n", "two", "two");
        check_place("a: >-\n  é ü\n\n  two\n", "two", "two");
    }

    #[test]
    fn aliases_share_a_node_and_cannot_explode() {
        let node = &documents("- &x [1, 2]\n- *x\n")[0];
        assert_eq!(node.sequence().map(<[_]>::len), Some(2));
        let mut bomb = String::from("- &a0 [x, x]\n");
        for i in 1..40 {
            bomb += &format!("- &a{i} [*a{}, *a{}]\n", i - 1, i - 1);
        }
        let (_, error) = parse(FileId(0), &bomb, 0..bomb.len());
        assert!(error.is_some_and(|error| error.message.contains("too large")));
    }

    #[test]
    fn cycles_and_depth_are_errors() {
        let text = "- &x [*x]\n";
        assert!(parse(FileId(0), text, 0..text.len()).1.is_some());
        let deep = format!("- {}{}", "[".repeat(100), "]".repeat(100));
        assert!(parse(FileId(0), &deep, 0..deep.len()).1.is_some());
    }
}
