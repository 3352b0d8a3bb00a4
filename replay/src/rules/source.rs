//! Where things are in rules files.

/// Number of a rules file in the [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A stretch of a rules file, in bytes. Survives folding, lists and macros: it always points into the file as
/// written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

/// The rules files that were loaded.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// One rules file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path as given.
    pub name: String,
    pub text: String,
    /// Start of each line.
    line_starts: Vec<u32>,
}

impl SourceMap {
    /// Adds a file and numbers it.
    pub fn add(&mut self, name: String, text: String) -> FileId {
        let line_starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i as u32 + 1))
            .collect();
        self.files.push(SourceFile { name, text, line_starts });
        FileId(self.files.len() as u32 - 1)
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The text a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line and column of a span's start, both from 1; columns count characters.
    pub fn position(&self, span: Span) -> (usize, usize) {
        let file = self.file(span.file);
        let line = file.line_starts.partition_point(|start| *start <= span.start);
        let line_start = file.line_starts[line - 1] as usize;
        let column = file.text.get(line_start..span.start as usize).map_or(0, |text| text.chars().count());
        (line, column + 1)
    }
}
