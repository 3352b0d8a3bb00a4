//! Lists in conditions: their names are replaced by their items in the text, before it is parsed.
//!
//! As in Falco, list after list is replaced in the order of first definition, wherever its name stands between
//! delimiters: in lists, after `=`, even inside quotes. So an item may name a list that comes later, and a name
//! that is no list's is a value.

use std::collections::BTreeSet;

use super::collect::Named;
use super::exceptions::push_quoted;
use super::items::ListItem;
use crate::rules::traced::Traced;

/// Longest condition that lists may make. The longest of the public rules has 40,000 bytes.
const LENGTH_LIMIT: usize = 1 << 20;

/// Most text that is gone through for all conditions together.
const WORK_LIMIT: usize = 1 << 28;

/// Lists ready to be put into conditions.
pub struct Lists {
    /// Items joined by commas.
    contents: Vec<Traced>,
    /// Lists whose names cannot be found by cutting a text at delimiters.
    odd: Vec<usize>,
    used: Vec<bool>,
    /// Bytes gone through so far.
    work: usize,
}

impl Lists {
    /// Joins the items of each list. An item that names another list stands for that list's items if the other
    /// was first defined before the last change of this one.
    pub fn new(lists: &Named<ListItem>) -> Self {
        let mut used = vec![false; lists.as_slice().len()];
        let mut contents = Vec::with_capacity(used.len());
        for list in lists.iter() {
            let mut content = Traced::default();
            let mut push = |item: &Traced| {
                // Falco drops the comma after items that come to nothing.
                if !content.is_empty() {
                    content.push_made_up(", ", list.span);
                }
                push_quoted(&mut content, item);
            };
            for item in &list.items {
                let other = lists.position(item.as_str());
                match other.map(|i| (i, &lists.as_slice()[i])) {
                    Some((i, other)) if other.order.index < list.order.visibility => {
                        used[i] = true;
                        other.items.iter().for_each(&mut push);
                    }
                    _ => push(item),
                }
            }
            contents.push(content);
        }
        let odd = lists.iter().enumerate().filter(|(_, list)| list.name.contains(is_delimiter));
        let odd = odd.map(|(i, _)| i).collect();
        Lists { contents, odd, used, work: 0 }
    }

    /// Whether a condition or another list used the list.
    pub fn is_used(&self, list: usize) -> bool {
        self.used[list]
    }

    /// Replaces all names of lists; `None` when the text grows too long.
    pub fn expand(&mut self, condition: &Traced, lists: &Named<ListItem>) -> Option<Traced> {
        let mut text = condition.clone();
        let mut due: BTreeSet<usize> = self.odd.iter().copied().collect();
        due.extend(names_in(text.as_str(), lists));
        while let Some(list) = due.pop_first() {
            self.work = self.work.checked_add(text.as_str().len()).filter(|work| *work <= WORK_LIMIT)?;
            let Some(replaced) = replace(&text, &lists.as_slice()[list].name, &self.contents[list])? else {
                continue;
            };
            text = replaced;
            self.used[list] = true;
            // Names that came with the items; those of earlier lists had their turn.
            due.extend(names_in(self.contents[list].as_str(), lists).filter(|later| *later > list));
        }
        Some(text)
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn is_delimiter(c: char) -> bool {
    is_blank(c) || matches!(c, '(' | ')' | ',' | '=')
}

fn names_in<'t>(text: &'t str, lists: &'t Named<ListItem>) -> impl Iterator<Item = usize> + 't {
    text.split(is_delimiter).filter_map(|word| lists.position(word))
}

/// Replaces the name of one list, in one pass. Blanks around it are swallowed and put back as one; where the list is
/// empty, so is one comma beside it. `None` when the text grows too long.
fn replace(text: &Traced, name: &str, content: &Traced) -> Option<Option<Traced>> {
    let source = text.as_str();
    let mut out = Traced::default();
    // What is before this is in `out` already; what is before the other is not looked at.
    let (mut copied, mut from) = (0, 0);
    while let Some(found) = source.get(from..).and_then(|rest| rest.find(name)) {
        let range = from + found..from + found + name.len();
        let before = &source[copied..range.start];
        let after = &source[range.end..];
        // Right after a replacement stands its blank.
        let starts = before.is_empty() || before.ends_with(is_delimiter);
        if !starts || !(after.is_empty() || after.starts_with(is_delimiter)) {
            from = next_char(source, range.start);
            continue;
        }
        out.push_part(text, copied..range.start);
        out.truncate(out.as_str().trim_end_matches(is_blank).len());
        let mut end = source.len() - after.trim_start_matches(is_blank).len();
        let is_start = out.is_empty();
        if content.is_empty() {
            if out.as_str().ends_with(',') {
                out.truncate(out.as_str().len() - 1);
            } else if source[end..].starts_with(',') {
                end += 1;
            }
        }
        let place = text.span(range);
        if !out.is_empty() {
            out.push_made_up(" ", place);
        }
        out.push_via(content, place);
        out.push_made_up(" ", place);
        if out.as_str().len() > LENGTH_LIMIT {
            return None;
        }
        copied = end;
        // Falco goes on one character after the replacement, which at the start of a text is one too far.
        from = if is_start { next_char(source, end) } else { end };
    }
    if copied == 0 {
        return Some(None);
    }
    out.push_part(text, copied..source.len());
    Some(Some(out))
}

/// Offset of the character after the one at `at`.
fn next_char(text: &str, at: usize) -> usize {
    (at + 1..=text.len()).find(|next| text.is_char_boundary(*next)).unwrap_or(text.len() + 1)
}
