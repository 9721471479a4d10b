//! Errors of scripts, with places as the source has them.
//!
//! The engine knows a script as `contract.js`, which mostly is a bundle. Where a
//! source map lies beside it, the places in a stack are those of the sources that the
//! bundle was made of.

use std::path::{Component, Path, PathBuf};

use sourcemap::{DecodedMap, SourceMap, SourceMapRef, locate_sourcemap_reference_slice};

use crate::project::{Project, read_bounded};

/// The name of every script in the stacks of the engine.
const SCRIPT_NAME: &str = "contract.js";
/// The most bytes of a source map, or of a source that it names.
const MAP_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// Columns of a source line that are shown: the lines of a bundle can be very long.
const EXCERPT_COLUMNS_MAX: usize = 120;

/// The text of a script, and what it was made of.
pub struct ScriptSource {
    path: PathBuf,
    text: String,
    map: Option<SourceMap>,
}

/// An error of a script, explained.
#[derive(Debug, PartialEq, Eq)]
pub struct Explained {
    /// The message with its stack, whose places are those of the sources.
    pub message: String,
    /// The line of the first place that is known, with a caret below it.
    pub excerpt: Option<String>,
}

/// A place in a file. Lines and columns begin with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    line: u32,
    column: u32,
}

impl ScriptSource {
    /// The source of a project's code. A source map that cannot be read is as none.
    pub fn of(project: &Project) -> Self {
        let path = project.code_path.clone();
        // A component is no text, and its errors name no script.
        let text = String::from_utf8(project.code.clone()).unwrap_or_default();
        let map = source_map(&path, &text);
        Self { path, text, map }
    }

    /// Puts the places of the sources into a message of the engine.
    pub fn explain(&self, message: &str) -> Explained {
        let mut explained = String::with_capacity(message.len());
        let mut excerpt = None;
        let mut rest = message;
        while let Some(start) = rest.find(SCRIPT_NAME) {
            let (before, found) = rest.split_at(start);
            explained.push_str(before);
            let after = &found[SCRIPT_NAME.len()..];
            let Some((place, length)) = place(after) else {
                explained.push_str(SCRIPT_NAME);
                rest = after;
                continue;
            };
            let original = self.original(place);
            match &original {
                Some((name, place, _)) => {
                    explained.push_str(&format!("{name}:{}:{}", place.line, place.column));
                }
                None => explained.push_str(&found[..SCRIPT_NAME.len() + length]),
            }
            if excerpt.is_none() {
                excerpt = match original {
                    Some((name, place, text)) => text.and_then(|text| show(&name, &text, place)),
                    None => show(&self.path.display().to_string(), &self.text, place),
                };
            }
            rest = &after[length..];
        }
        explained.push_str(rest);
        Explained {
            message: explained,
            excerpt,
        }
    }

    /// The source file, the place in it, and its text, if the source map has them.
    fn original(&self, place: Place) -> Option<(String, Place, Option<String>)> {
        let map = self.map.as_ref()?;
        let (line, column) = (place.line.checked_sub(1)?, place.column.saturating_sub(1));
        let token = map.lookup_token(line, column)?;
        let source = token.get_source()?;
        let path = resolve(&self.path, source);
        let contents = map.get_source_contents(token.get_src_id());
        let text = match contents {
            Some(text) => Some(text.to_owned()),
            None => read_text(&path),
        };
        let original = Place {
            line: token.get_src_line().saturating_add(1),
            column: token.get_src_col().saturating_add(1),
        };
        Some((path.display().to_string(), original, text))
    }
}

/// Reads `:LINE:COLUMN`, and says how long it is.
fn place(text: &str) -> Option<(Place, usize)> {
    let number = |text: &str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let value = text[..digits].parse().ok()?;
        Some((value, digits))
    };
    let (line, line_digits) = number(text.strip_prefix(':')?)?;
    let after = &text[1 + line_digits..];
    let (column, column_digits) = number(after.strip_prefix(':')?)?;
    Some((Place { line, column }, 2 + line_digits + column_digits))
}

/// The source map that a script names: as a data URL, or as a file beside it.
fn source_map(script: &Path, text: &str) -> Option<SourceMap> {
    let reference = locate_sourcemap_reference_slice(text.as_bytes()).ok()??;
    let decoded = match reference.get_embedded_sourcemap() {
        Ok(Some(embedded)) => embedded,
        _ => {
            let (SourceMapRef::Ref(url) | SourceMapRef::LegacyRef(url)) = &reference;
            let path = resolve(script, url);
            let bytes = read_bounded(&path, MAP_BYTES_MAX, "a source map").ok()?;
            sourcemap::decode_slice(&bytes).ok()?
        }
    };
    match decoded {
        DecodedMap::Regular(map) => Some(map),
        DecodedMap::Index(map) => map.flatten().ok(),
        DecodedMap::Hermes(_) => None,
    }
}

fn read_text(path: &Path) -> Option<String> {
    String::from_utf8(read_bounded(path, MAP_BYTES_MAX, "a source").ok()?).ok()
}

/// A path that is relative to the folder of a script, without `..` where it can do so.
fn resolve(script: &Path, relative: &str) -> PathBuf {
    let joined = script.parent().unwrap_or(Path::new("")).join(relative);
    let mut path = PathBuf::new();
    for component in joined.components() {
        match component {
            Component::ParentDir
                if matches!(path.components().next_back(), Some(Component::Normal(_))) =>
            {
                path.pop();
            }
            Component::CurDir => {}
            component => path.push(component),
        }
    }
    path
}

/// A line with a caret below the column.
fn show(name: &str, text: &str, place: Place) -> Option<String> {
    let index = usize::try_from(place.line.checked_sub(1)?).ok()?;
    let column = usize::try_from(place.column.saturating_sub(1)).ok()?;
    let line: Vec<char> = text.lines().nth(index)?.chars().collect();
    // Around the column, if the line is too long to be shown.
    let start = match line.len() > EXCERPT_COLUMNS_MAX {
        true => column
            .saturating_sub(EXCERPT_COLUMNS_MAX / 2)
            .min(line.len()),
        false => 0,
    };
    let end = (start + EXCERPT_COLUMNS_MAX).min(line.len());
    let visible = |c: &char| if *c == '\t' { ' ' } else { *c };
    let shown: String = line[start..end].iter().map(visible).collect();
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let caret = " ".repeat(column.min(end).saturating_sub(start));
    Some(format!(
        "{margin} --> {name}:{}:{}\n{margin} |\n{number} | {}\n{margin} | {caret}^",
        place.line,
        place.column,
        shown.trim_end(),
    ))
}

#[cfg(test)]
#[path = "stack_trace_tests.rs"]
mod tests;
