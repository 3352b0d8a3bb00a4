//! The frame around the sections.

use crate::escape;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Sections in order.
#[derive(Default)]
pub struct Page {
    sections: Vec<(String, String)>,
}

impl Page {
    /// Adds a section; `write` makes what is below its heading, escaped.
    pub fn section(&mut self, title: &str, write: impl FnOnce(&mut String)) {
        let mut body = String::new();
        write(&mut body);
        self.sections.push((title.to_owned(), body));
    }

    pub fn finish(self, title: &str) -> String {
        let title = escape::xml(title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{title}</title><style>\n{STYLE}</style></head><body>\n\
             <h1>{title}</h1><nav>"
        );
        for (i, (title, _)) in self.sections.iter().enumerate() {
            out.push_str(&format!("<a href=\"#s{i}\">{}</a> ", escape::xml(title)));
        }
        out.push_str("</nav>\n");
        for (i, (title, body)) in self.sections.iter().enumerate() {
            out.push_str(&format!(
                "<section id=\"s{i}\"><h2>{}</h2>\n{body}</section>\n",
                escape::xml(title)
            ));
        }
        out.push_str(&format!("<script>\n{SCRIPT}</script></body></html>\n"));
        out
    }
}
