//! Quotes and escapes of text in conditions.

/// The text in canonical form: as it is if it may stand without quotes, else in double quotes.
pub fn quote(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len() + 2);
    let mut needed = false;
    for byte in text {
        let escape = match byte {
            0x08 => Some(b'b'),
            0x0c => Some(b'f'),
            b'\n' => Some(b'n'),
            b'\r' => Some(b'r'),
            b'\t' => Some(b't'),
            b'\\' => Some(b'\\'),
            b'"' => Some(b'"'),
            _ => None,
        };
        needed |= escape.is_some() || matches!(byte, b' ' | b'=' | b'\'' | 0);
        match escape {
            Some(escape) => quoted.extend([b'\\', escape]),
            None => quoted.push(*byte),
        }
    }
    if needed {
        quoted.insert(0, b'"');
        quoted.push(b'"');
    }
    quoted
}

/// The text between the quotes of `quoted`, escapes replaced. The error names the escape.
pub fn unquote(quoted: &[u8]) -> Result<Vec<u8>, String> {
    let quote = quoted.first().copied().unwrap_or(b'"');
    let inner = &quoted[1..quoted.len().max(2) - 1];
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().enumerate();
    while let Some((_, byte)) = bytes.next() {
        if *byte != b'\\' {
            text.push(*byte);
            continue;
        }
        // The lexer never ends a string after a backslash.
        let Some((i, escape)) = bytes.next() else { break };
        text.push(match escape {
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            // A backslash before a blank is a backslash, for the sake of old rules.
            b' ' | b'\\' => b'\\',
            b'/' => b'/',
            b'"' | b'\'' if *escape == quote => *escape,
            b'"' => return Err("invalid \\\" escape in '-quoted string".to_string()),
            b'\'' => return Err("invalid \\' escape in \"-quoted string".to_string()),
            b'x' => {
                let Some(digits) = inner.get(i + 1..i + 3) else {
                    return Err("truncated hex char escape sequence".to_string());
                };
                let value = std::str::from_utf8(digits).ok().and_then(|digits| {
                    let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
                    u8::from_str_radix(digits, 16).ok().filter(|_| hex)
                });
                bytes.nth(1);
                value.ok_or_else(|| {
                    format!("invalid hex char escape sequence: {}", String::from_utf8_lossy(digits))
                })?
            }
            other => {
                // The whole character, should it be more than a byte.
                let rest = String::from_utf8_lossy(&inner[i..]);
                let shown = rest.chars().next().unwrap_or(char::from(*other));
                return Err(format!("unsupported string escape sequence: \\{shown}"));
            }
        });
    }
    Ok(text)
}
