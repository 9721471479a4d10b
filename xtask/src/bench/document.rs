//! The document that measurements are written into.

use std::{
    fs,
    io::{self, Write},
};

use anyhow::Context;

use crate::process::{root, say};

/// The file.
const DOCUMENT: &str = "docs/performance.md";

/// The line after what is written.
const END: &str = "<!-- end of what is written -->";

/// Where in the file something is written: after this line, and up to the next that says that it
/// ends.
pub struct Place(pub &'static str);

impl Place {
    /// Puts the text in the place of the one that is there.
    pub fn write(&self, text: &str) -> anyhow::Result<()> {
        let path = root().join(DOCUMENT);
        let document = fs::read_to_string(&path).context(DOCUMENT)?;
        fs::write(&path, self.replace(&document, text)?).context(DOCUMENT)?;
        say(&format!("Written into {DOCUMENT}"));
        Ok(())
    }

    /// The document with this text instead of the one that it has.
    fn replace(&self, document: &str, text: &str) -> anyhow::Result<String> {
        let start = self.0;
        let parts = document
            .split_once(start)
            .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
        let (before, after) = parts
            .with_context(|| format!("{DOCUMENT} does not have the lines {start} and {END}"))?;
        Ok(format!("{before}{start}\n\n{text}\n{END}{after}"))
    }

    /// Refuses if the document has no such place.
    #[cfg(test)]
    pub fn check(&self) -> anyhow::Result<()> {
        let document = fs::read_to_string(root().join(DOCUMENT)).context(DOCUMENT)?;
        self.replace(&document, "").map(|_| ())
    }
}

/// What the system calls the processor.
pub fn processor() -> String {
    let known = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    known
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, name)| name.trim())
        .to_owned()
}

/// The result, for whoever asked.
pub fn print(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout(), "{}", text.trim_end())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_the_place_of_the_one_before() {
        let place = Place("<!-- start -->");
        let start = place.0;
        let document = format!("before\n{start}\n\nold\n{END}\nafter\n<!-- other -->\n{END}\n");
        let written = place.replace(&document, "new\n").unwrap();
        assert_eq!(
            written,
            format!("before\n{start}\n\nnew\n\n{END}\nafter\n<!-- other -->\n{END}\n")
        );
        assert_eq!(place.replace(&written, "new\n").unwrap(), written);
        for broken in ["", start, END] {
            assert!(place.replace(broken, "new").is_err());
        }
    }
}
