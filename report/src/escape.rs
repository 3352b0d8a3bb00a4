//! Text of others in our output.

use std::borrow::Cow;

/// For terminals and line-based formats: one line, and nothing that controls the terminal or reorders text.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| if is_unsafe(c) { c.escape_unicode().to_string() } else { c.to_string() })
            .collect(),
    )
}

/// Control characters, and the formatting characters that make text look like other text.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// For a quoted string of DOT.
pub fn dot(text: &str) -> String {
    plain(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// For XML text and attributes.
pub fn xml(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// For a quoted string of Mermaid, which knows HTML, Markdown and entities of its own.
pub fn mermaid(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " .,:/_-=+()%?!'".contains(c);
    let escaped = |c: char| if is_plain(c) { c.to_string() } else { format!("#{};", u32::from(c)) };
    plain(text).chars().map(escaped).collect()
}

/// For a table of Markdown: `|` would end the cell, and everything else must stay what it is.
pub fn markdown(text: &str) -> String {
    let special = |c: char| "\\`*_{}[]<>()#+!|~&@".contains(c);
    plain(text).chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// As a string of JSON, quotes included, that may stand in a script element of HTML.
pub fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for c in plain(text).chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '<' | '>' | '&' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// For a frame of a folded stack, where `;` separates frames.
pub fn frame(text: &str) -> String {
    plain(text).trim().replace(';', ":")
}

/// The first `len_max` characters, with an ellipsis if that is not all.
pub fn shorten(text: &str, len_max: usize) -> Cow<'_, str> {
    if text.chars().count() <= len_max {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(len_max.saturating_sub(1)).collect();
    Cow::Owned(format!("{}…", kept.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out() {
        assert_eq!(plain("a\x1b[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(plain("Größe 大"), "Größe 大");
        assert_eq!(dot("a\"b\\n"), "a\\\"b\\\\n");
        assert_eq!(xml("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
        assert_eq!(json("a\"\\</script>\n"), r#""a\"\\\u003c/script\u003e\\u{a}""#);
        assert_eq!(markdown("a|*b*<i>"), "a\\|\\*b\\*\\<i\\>");
        assert_eq!(mermaid("a<b>\"`#1"), "a#60;b#62;#34;#96;#35;1");
        assert_eq!(frame(" a;b\n1 "), "a:b\\u{a}1");
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten("abcd", 4), "abcd");
    }
}
