//! The frame around the sections.

use crate::escape;

const STYLE: &str = include_str!("page.css");
const SCRIPTS: [&str; 2] = [include_str!("page.js"), include_str!("flame.js")];
/// What the page may load: nothing but itself. Should a name from a rules file ever get out of its text, it cannot
/// send anything anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

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
             content=\"width=device-width\"><meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\
             <title>{title}</title><style>\n{STYLE}</style></head><body>\n<h1>{title}</h1><nav aria-label=\"Sections\">"
        );
        for (i, (title, _)) in self.sections.iter().enumerate() {
            out.push_str(&format!("<a href=\"#s{i}\">{}</a> ", escape::xml(title)));
        }
        out.push_str("</nav>\n<main>\n");
        for (i, (title, body)) in self.sections.iter().enumerate() {
            out.push_str(&format!(
                "<section id=\"s{i}\" aria-labelledby=\"h{i}\"><h2 id=\"h{i}\">{}</h2>\n{body}</section>\n",
                escape::xml(title)
            ));
        }
        out.push_str("</main>\n");
        for script in SCRIPTS {
            out.push_str(&format!("<script>\n{script}</script>\n"));
        }
        out.push_str("</body></html>\n");
        out
    }
}
