//! An old event on its way to its current form: a list of pieces that say where each parameter comes from.

use std::fmt::Write;

use super::convert::Step;
use super::table;
use crate::event::schema::EVENTS;
use crate::event::{EventType, MAX_PARAMS, ParamType, Params};
use crate::savefile::stats::Oddities;

/// A value of at most `limit` bytes, and where it comes from. Small, because every old event moves dozens.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub(super) from: From,
    pub(super) index: u8,
    /// [`UNLIMITED`], or the size of a type of fixed size.
    pub(super) limit: u16,
}

#[derive(Clone, Copy)]
pub(super) enum From {
    /// The event's parameter `index`.
    Event,
    /// The stored enter's parameter `index`.
    Enter,
    /// `limit` bytes of the value `index`.
    Fill,
    /// Text made by a step.
    Text,
}

pub(super) const UNLIMITED: u16 = u16::MAX;

/// An event between two steps.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) ty: EventType,
    pub(super) pieces: [Piece; MAX_PARAMS],
    pub(super) count: usize,
    pub(super) changed: bool,
    pub(super) enter_used: bool,
    pub(super) text: String,
}

impl Piece {
    pub(super) const EMPTY: Piece = Piece { from: From::Fill, index: 0, limit: 0 };

    /// At most `limit` bytes of it.
    pub(super) fn limited(self, limit: u16) -> Piece {
        Piece { limit: self.limit.min(limit), ..self }
    }
}

/// An event as it was recorded.
static UNCHANGED: [Piece; MAX_PARAMS] = {
    let mut pieces = [Piece { from: From::Event, index: 0, limit: UNLIMITED }; MAX_PARAMS];
    let mut index = 0;
    while index < MAX_PARAMS {
        pieces[index].index = index as u8;
        index += 1;
    }
    pieces
};

impl Draft {
    pub(super) fn new(ty: EventType, count: usize) -> Draft {
        Draft { ty, pieces: UNCHANGED, count, changed: false, enter_used: false, text: String::new() }
    }

    pub(super) fn push(&mut self, piece: Piece) {
        if let Some(slot) = self.pieces.get_mut(self.count) {
            *slot = piece;
            self.count += 1;
        }
    }

    /// An event of a form that no release wrote. The C library gives up here.
    pub(super) fn without_row(&mut self, old: bool, exit: bool, odd: &mut Oddities) -> Step {
        odd.missing_params += 1;
        // The form with the next larger number of parameters, whose additional ones have no value.
        if let Some(count) = table::next_count(self.ty, self.count) {
            while self.count < count {
                self.push(Piece::EMPTY);
            }
            self.changed = true;
            return Step::Again;
        }
        // Today's enters, and exits that are nearly complete, can be delivered as they are.
        let current_enter = !old && !exit;
        if current_enter || !old { Step::Deliver } else { Step::Drop }
    }

    pub(super) fn type_of_next(&self, to: EventType) -> ParamType {
        EVENTS[usize::from(to.0)].params.get(self.count).map_or(ParamType::None, |param| param.ty)
    }

    /// Values are cut to the size of their new type.
    pub(super) fn limit_of_next(&self, to: EventType) -> u16 {
        self.type_of_next(to).fixed_len().map_or(UNLIMITED, |len| len as u16)
    }

    pub(super) fn default_of_next(&self, to: EventType) -> Piece {
        let ty = self.type_of_next(to);
        let byte = if matches!(ty, ParamType::Uid | ParamType::Gid) { 0xFF } else { 0 };
        Piece { from: From::Fill, index: byte, limit: ty.fixed_len().unwrap_or(0) as u16 }
    }

    pub(super) fn assemble(
        &self,
        event: Params<'_>,
        enter: Params<'_>,
        ends: &mut Vec<u32>,
        data: &mut Vec<u8>,
    ) {
        ends.clear();
        data.clear();
        if !self.changed {
            let params = event.truncated(self.count);
            data.extend_from_slice(params.data());
            ends.extend_from_slice(params.ends());
            return;
        }
        for piece in &self.pieces[..self.count] {
            let limit = if piece.limit == UNLIMITED { usize::MAX } else { usize::from(piece.limit) };
            let value = match piece.from {
                From::Event => event.get(usize::from(piece.index)),
                From::Enter => enter.get(usize::from(piece.index)),
                From::Text => Some(self.text.as_bytes()),
                From::Fill => {
                    data.resize(data.len() + limit, piece.index);
                    None
                }
            };
            let value = value.unwrap_or_default();
            data.extend_from_slice(&value[..value.len().min(limit)]);
            ends.push(data.len() as u32);
        }
    }
}

/// The first container event had four parameters: id, type, name, image. Later ones have a JSON text.
pub(super) fn container_json(params: Params<'_>) -> String {
    let text = |index| json_string(params.get(index).unwrap_or_default());
    let ty = params.get(1).and_then(|ty| ty.try_into().ok()).map_or(0, u32::from_le_bytes);
    format!("{{\"id\":{},\"type\":{ty},\"name\":{},\"image\":{}}}\0", text(0), text(2), text(3))
}

fn json_string(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.strip_suffix(b"\0").unwrap_or(bytes));
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            // Writing to a String cannot fail.
            '\0'..='\x1F' => drop(write!(json, "\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}
