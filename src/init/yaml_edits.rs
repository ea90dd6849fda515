//! Reading YAML with places, and adding an item to a list of it by byte ranges.

use yaml_rust2::parser::{Event, MarkedEventReceiver, Parser};
use yaml_rust2::scanner::Marker;

use super::text::line_end;
use crate::edit::{Edit, EditSet};
use crate::span::Span;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The first byte of a scalar or of the first thing in it.
    start: usize,
    /// The column of that, from 0.
    column: usize,
    /// For a list or a mapping the first byte of what comes behind it.
    end: usize,
    pub(super) value: Value,
}

/// What stands there. Two texts that say the same have equal values.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar(String),
    /// Another name of something above.
    Alias(usize),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// The value of a key of a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Mapping(entries) = &self.value else {
            return None;
        };
        let is_key = |node: &Self| matches!(&node.value, Value::Scalar(text) if text == key);
        entries
            .iter()
            .find(|(name, _)| is_key(name))
            .map(|(_, value)| value)
    }

    /// The items of a list.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => a == b,
            (Value::Alias(a), Value::Alias(b)) => a == b,
            (Value::Sequence(a), Value::Sequence(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says_the_same_as(b))
            }
            (Value::Mapping(a), Value::Mapping(b)) => {
                let same = |((a, x), (b, y)): (&(Self, Self), &(Self, Self))| {
                    a.says_the_same_as(b) && x.says_the_same_as(y)
                };
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            _ => false,
        }
    }
}

/// Reads the one document of a text; none when it is empty.
///
/// # Errors
/// What is wrong with it, with line and column in front; also when there are several documents.
pub(super) fn parse(text: &str) -> Result<Option<Node>, String> {
    let mut reader = Reader {
        bytes: text.char_indices().map(|(at, _)| at).collect(),
        length: text.len(),
        open: Vec::new(),
        done: Vec::new(),
    };
    let mut parser = Parser::new_from_str(text);
    parser
        .load(&mut reader, true)
        .map_err(|error| error.to_string())?;
    match reader.done.len() {
        0 | 1 => Ok(reader.done.pop()),
        many => Err(format!("{many} documents in one file")),
    }
}

/// Puts events together.
struct Reader {
    /// The byte of every character.
    bytes: Vec<usize>,
    length: usize,
    open: Vec<Node>,
    done: Vec<Node>,
}

impl Reader {
    fn byte(&self, mark: Marker) -> usize {
        self.bytes.get(mark.index()).copied().unwrap_or(self.length)
    }

    fn node(&self, mark: Marker, value: Value) -> Node {
        Node {
            start: self.byte(mark),
            column: mark.col(),
            end: self.byte(mark),
            value,
        }
    }

    fn close(&mut self, mark: Marker) {
        let end = self.byte(mark);
        if let Some(mut node) = self.open.pop() {
            node.end = end;
            // The parser notices a mapping only at the colon behind its first key.
            if let Value::Mapping(entries) = &node.value {
                let first = entries.first().map(|(key, _)| (key.start, key.column));
                (node.start, node.column) = first.unwrap_or((node.start, node.column));
            }
            self.put(node);
        }
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.value) {
            Some(Value::Sequence(items)) => items.push(node),
            // A key waits as an entry whose value is an alias of nothing.
            Some(Value::Mapping(entries)) => match entries.last_mut() {
                Some((_, waiting)) if matches!(waiting.value, Value::Alias(usize::MAX)) => {
                    *waiting = node;
                }
                _ => {
                    let waiting = Node {
                        value: Value::Alias(usize::MAX),
                        ..node.clone()
                    };
                    entries.push((node, waiting));
                }
            },
            _ => self.done.push(node),
        }
    }
}

impl MarkedEventReceiver for Reader {
    fn on_event(&mut self, event: Event, mark: Marker) {
        match event {
            Event::Scalar(text, ..) => self.put(self.node(mark, Value::Scalar(text))),
            Event::Alias(id) => self.put(self.node(mark, Value::Alias(id))),
            Event::SequenceStart(..) => {
                let node = self.node(mark, Value::Sequence(Vec::new()));
                self.open.push(node);
            }
            Event::MappingStart(..) => {
                let node = self.node(mark, Value::Mapping(Vec::new()));
                self.open.push(node);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(mark),
            _ => {}
        }
    }
}

/// How far items of a list and what is in them stand to the right, in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The dash of an item.
    pub(super) dash: usize,
    /// The keys of an item.
    pub(super) key: usize,
    /// The dashes of a list in an item.
    pub(super) inner_dash: usize,
    /// The keys of an item of that.
    pub(super) inner_key: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            dash: 2,
            key: 4,
            inner_dash: 6,
            inner_key: 8,
        }
    }
}

/// The text with one more item at the end of the list at the top-level `key`; `item` writes its lines
/// for a layout. None where that can't be done for certain.
pub(super) fn with_item(
    text: &str,
    key: &str,
    inner: &str,
    item: impl Fn(Layout) -> Vec<String>,
) -> Option<String> {
    let before = parse(text).ok()??;
    let list = before.get(key)?;
    let last = list.items().last()?;
    let layout = layout(text, last, inner)?;
    let at = end_of_items(text, list.end);
    let newline = line_end(text);
    let mut new = String::new();
    if at > 0 && !text[..at].ends_with('\n') {
        new.push_str(newline);
    }
    for line in item(layout) {
        new.push_str(&line);
        new.push_str(newline);
    }
    let mut edits = EditSet::default();
    let edit = Edit {
        span: Span::new(at, at),
        text: new,
        reason: "init".to_owned(),
    };
    edits.add(edit).ok()?;
    let after = edits.apply(text);
    only_the_item_is_new(&before, parse(&after).ok()??, key).then_some(after)
}

fn only_the_item_is_new(before: &Node, mut after: Node, key: &str) -> bool {
    let Value::Mapping(entries) = &mut after.value else {
        return false;
    };
    for (name, value) in entries {
        if name.text() == Some(key) {
            if let Value::Sequence(items) = &mut value.value {
                items.pop();
            }
        }
    }
    before.says_the_same_as(&after)
}

/// The layout of the last item; none when it is not a mapping behind a dash on a line of its own.
fn layout(text: &str, last: &Node, inner: &str) -> Option<Layout> {
    let (dash, key) = columns(text, last)?;
    let inside = last.get(inner).and_then(|list| list.items().first());
    let (inner_dash, inner_key) = inside
        .and_then(|item| columns(text, item))
        .unwrap_or((key + 2, key + 4));
    Some(Layout {
        dash,
        key,
        inner_dash,
        inner_key,
    })
}

/// The columns of an item's dash and of its first key.
fn columns(text: &str, item: &Node) -> Option<(usize, usize)> {
    if !matches!(item.value, Value::Mapping(_)) {
        return None;
    }
    let line = text[..item.start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let front = &text[line..item.start];
    let dash = front.find('-')?;
    let plain = front.chars().all(|c| c == ' ' || c == '-') && front.matches('-').count() == 1;
    (plain && item.column == front.len()).then_some((dash, item.column))
}

/// Where a new item goes: behind the last line of the list. Comments and empty lines in front of what
/// comes next belong to that.
fn end_of_items(text: &str, end: usize) -> usize {
    if end >= text.len() || text[end..].trim().is_empty() {
        return text.len();
    }
    let mut at = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
    while at > 0 {
        let line = text[..at - 1].rfind('\n').map_or(0, |newline| newline + 1);
        let content = text[line..at].trim();
        if !content.is_empty() && !content.starts_with('#') {
            break;
        }
        at = line;
    }
    at
}
