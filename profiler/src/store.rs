//! Profiles as files: JSON, with a version that is checked before anything else.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::{Error, ErrorKind};
use crate::model::{FORMAT, Profile, VERSION};

/// JSON Schema of stored profiles.
pub const SCHEMA: &str = include_str!("../profile.schema.json");

/// Reads a profile.
///
/// # Errors
/// The file cannot be read, is no profile, is of another version, or is damaged.
pub fn read(path: &Path) -> Result<Profile, Error> {
    let text = std::fs::read(path).map_err(|source| ErrorKind::Io { path: path.to_owned(), source })?;
    parse(&text, path)
}

/// Reads a profile from memory; `path` is for messages.
///
/// # Errors
/// The text is no profile, is of another version, or is damaged.
pub fn parse(text: &[u8], path: &Path) -> Result<Profile, Error> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: Option<String>,
        version: Option<u64>,
    }
    let no_profile = |reason: String| ErrorKind::NotAProfile { path: path.to_owned(), reason };
    let head: Head = serde_json::from_slice(text).map_err(|error| no_profile(error.to_string()))?;
    if head.format.as_deref() != Some(FORMAT) {
        return Err(no_profile(format!("its \"format\" is not \"{FORMAT}\"")).into());
    }
    match head.version {
        Some(version) if version == u64::from(VERSION) => {}
        Some(found) => {
            return Err(ErrorKind::Version { path: path.to_owned(), found, expected: VERSION }.into());
        }
        None => return Err(no_profile("it has no \"version\"".to_owned()).into()),
    }
    let malformed = |reason: String| ErrorKind::Malformed { path: path.to_owned(), reason };
    let profile: Profile = serde_json::from_slice(text).map_err(|error| malformed(error.to_string()))?;
    profile.check().map_err(malformed)?;
    Ok(profile)
}

/// Writes a profile as one line of JSON.
///
/// # Errors
/// `out` fails.
pub fn write(profile: &Profile, out: impl Write) -> std::io::Result<()> {
    let mut out = BufWriter::new(out);
    serde_json::to_writer(&mut out, profile)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes a profile indented, for people.
///
/// # Errors
/// `out` fails.
pub fn write_pretty(profile: &Profile, out: impl Write) -> std::io::Result<()> {
    let mut out = BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, profile)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes a profile to a file that was opened for it; `path` is for messages.
///
/// # Errors
/// The file cannot be written.
pub fn write_file(profile: &Profile, file: File, path: &Path) -> Result<(), Error> {
    write(profile, file).map_err(|source| ErrorKind::Io { path: path.to_owned(), source }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, message: &str) {
        assert_eq!(parse(text.as_bytes(), Path::new("p.json")).unwrap_err().to_string(), message);
    }

    #[test]
    fn says_why_a_file_is_refused() {
        check("", "p.json: not a lanner profile (EOF while parsing a value at line 1 column 0)");
        check("{}", "p.json: not a lanner profile (its \"format\" is not \"lanner-profile\")");
        check(r#"{"format":"lanner-profile"}"#, "p.json: not a lanner profile (it has no \"version\")");
        check(
            r#"{"format":"lanner-profile","version":99}"#,
            "p.json: profile version 99, but this program reads version 1",
        );
        check(
            r#"{"format":"lanner-profile","version":1}"#,
            "p.json: damaged profile: missing field `origins` at line 1 column 39",
        );
    }
}
