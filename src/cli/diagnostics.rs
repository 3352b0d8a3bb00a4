//! Messages about rules files as people see them: the place in the file, underlined.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use replay::rules::{Diagnostic, Severity, SourceMap, Span};

/// Related places closer than this, in lines, are shown in one piece with the main one.
const NEAR_LINES: usize = 12;

/// Renders messages about one set of files.
pub struct DiagnosticPrinter<'s> {
    sources: &'s SourceMap,
    renderer: Renderer,
}

/// Lines of a file that are shown together.
struct Excerpt<'s> {
    file: &'s str,
    text: &'s str,
    /// Offset in the file at which it starts.
    start: usize,
    first_line: usize,
    annotations: Vec<(Span, Option<String>)>,
}

impl<'s> DiagnosticPrinter<'s> {
    pub fn new(sources: &'s SourceMap, color: bool) -> Self {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        DiagnosticPrinter { sources, renderer: renderer.decor_style(DecorStyle::Ascii) }
    }

    /// The message with its places, several lines without a line end.
    pub fn render(&self, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(printable(&diagnostic.message)).id(diagnostic.code);
        let excerpts = self.excerpts(diagnostic);
        let mut group = Group::with_title(title);
        for (i, excerpt) in excerpts.iter().enumerate() {
            let annotations = excerpt.annotations.iter().enumerate().map(|(k, (span, label))| {
                let kind = if i == 0 && k == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                kind.span(excerpt.range(*span)).label(label.as_deref())
            });
            group = group.element(
                Snippet::source(excerpt.text)
                    .path(excerpt.file)
                    .line_start(excerpt.first_line)
                    .annotations(annotations),
            );
        }
        if let Some(place) = self.place(diagnostic) {
            group = group.element(Level::NOTE.message(place));
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(printable(help)));
        }
        self.renderer.render(&[group])
    }

    /// The item that a message is about.
    fn place(&self, diagnostic: &Diagnostic) -> Option<String> {
        let named: Vec<String> = diagnostic
            .path
            .iter()
            .filter(|step| {
                !step.name.is_empty() && matches!(step.kind, "rule" | "macro" | "list" | "exception")
            })
            .map(|step| format!("{} `{}`", step.kind, printable(&step.name)))
            .collect();
        (!named.is_empty()).then(|| format!("in {}", named.join(", ")))
    }

    fn excerpts(&self, diagnostic: &Diagnostic) -> Vec<Excerpt<'s>> {
        let mut excerpts = vec![self.excerpt(diagnostic.span, None)];
        for (span, label) in &diagnostic.related {
            let label = Some(printable(label));
            match excerpts.iter_mut().find(|excerpt| self.is_near(excerpt, *span)) {
                Some(excerpt) => {
                    let mut spans: Vec<Span> = excerpt.annotations.iter().map(|(span, _)| *span).collect();
                    spans.push(*span);
                    let (start, text, first_line) = self.lines(&spans);
                    excerpt.start = start;
                    excerpt.text = text;
                    excerpt.first_line = first_line;
                    excerpt.annotations.push((*span, label));
                }
                None => excerpts.push(self.excerpt(*span, label)),
            }
        }
        excerpts
    }

    fn excerpt(&self, span: Span, label: Option<String>) -> Excerpt<'s> {
        let (start, text, first_line) = self.lines(&[span]);
        let file = &self.sources.file(span.file).name;
        Excerpt { file, text, start, first_line, annotations: vec![(span, label)] }
    }

    fn is_near(&self, excerpt: &Excerpt<'_>, span: Span) -> bool {
        let (main, _) = &excerpt.annotations[0];
        let line = |span: Span| self.sources.position(span).0;
        main.file == span.file && line(*main).abs_diff(line(span)) <= NEAR_LINES
    }

    /// The lines that hold all spans: where they start, their text and the number of the first.
    fn lines(&self, spans: &[Span]) -> (usize, &'s str, usize) {
        let Some(first) = spans.iter().min_by_key(|span| span.start) else { return (0, "", 1) };
        let text = self.sources.file(first.file).text.as_str();
        let last = spans.iter().map(|span| span.end as usize).max().unwrap_or(0).min(text.len());
        let from = (first.start as usize).min(last);
        let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
        (start, &text[start..end], self.sources.position(*first).0)
    }
}

impl Excerpt<'_> {
    /// A span relative to the excerpt; at least one character, if there is one.
    fn range(&self, span: Span) -> Range<usize> {
        let start = (span.start as usize).saturating_sub(self.start).min(self.text.len());
        let end = (span.end as usize).saturating_sub(self.start).clamp(start, self.text.len());
        start..end
    }
}

/// Text from files without control characters: they could take over a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
