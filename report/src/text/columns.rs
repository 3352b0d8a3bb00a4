//! Aligned columns.

use std::io::Write;

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

/// How a row looks where colours are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Normal,
    /// Headings and sums.
    Strong,
    /// Nothing happened here.
    Weak,
    /// A good part of the whole.
    Warm,
    /// A large part of the whole.
    Hot,
}

/// Rows of cells; the last column is left-aligned, all others right-aligned, or the other way round.
pub struct Columns {
    rows: Vec<(Look, Vec<String>)>,
    name_first: bool,
}

impl Columns {
    /// Names in the first column and numbers after them (`name_first`), or names in the last.
    pub fn new(name_first: bool) -> Self {
        Columns { rows: Vec::new(), name_first }
    }

    pub fn push(&mut self, look: Look, cells: Vec<String>) {
        self.rows.push((look, cells));
    }

    pub fn write(&self, color: bool, out: &mut impl Write) -> std::io::Result<()> {
        let column_count = self.rows.iter().map(|row| row.1.len()).max().unwrap_or(0);
        let width =
            |i: usize| self.rows.iter().filter_map(|row| row.1.get(i)).map(|c| c.chars().count()).max();
        let widths: Vec<usize> = (0..column_count).map(|i| width(i).unwrap_or(0)).collect();
        for (look, cells) in &self.rows {
            let mut line = String::new();
            for (i, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                if i > 0 {
                    line.push_str("  ");
                }
                let left = if self.name_first { i == 0 } else { i + 1 == column_count };
                let padding = width - cell.chars().count();
                let padding = " ".repeat(padding);
                line.push_str(&if left { format!("{cell}{padding}") } else { format!("{padding}{cell}") });
            }
            let line = line.trim_end();
            let start = match look {
                Look::Normal => "",
                Look::Strong => BOLD,
                Look::Weak => DIM,
                Look::Warm => YELLOW,
                Look::Hot => RED,
            };
            if color && !start.is_empty() {
                writeln!(out, "{start}{line}{RESET}")?;
            } else {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }
}
