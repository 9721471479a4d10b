//! What a test says about itself.

/// How a test that must fail is to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negative {
    /// Whether the code must be refused before any of it runs.
    pub is_early: bool,
    /// The name of the error's constructor.
    pub error: String,
}

/// The parts of the front matter that decide how a test is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter {
    pub flags: Vec<String>,
    pub includes: Vec<String>,
    pub features: Vec<String>,
    pub negative: Option<Negative>,
}

impl FrontMatter {
    /// Reads the comment `/*--- … ---*/` of a test: YAML, of which tests use lists,
    /// in brackets or of lines, and one mapping. None if there is no such comment.
    pub fn of(source: &str) -> Option<Self> {
        let (_, rest) = source.split_once("/*---")?;
        let (text, _) = rest.split_once("---*/")?;
        let mut found = Self::default();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let mut block = Vec::new();
            let deeper =
                |next: &&str| next.trim().is_empty() || indentation(next) > indentation(line);
            while let Some(next) = lines.next_if(deeper) {
                block.push(next.trim());
            }
            match key.trim() {
                "flags" => found.flags = list(value, &block),
                "includes" => found.includes = list(value, &block),
                "features" => found.features = list(value, &block),
                "negative" => {
                    let field = |name| {
                        let mut fields = block.iter().filter_map(|line| line.split_once(':'));
                        fields
                            .find(|(key, _)| *key == name)
                            .map(|(_, value)| value.trim().to_owned())
                    };
                    found.negative = Some(Negative {
                        is_early: field("phase").is_some_and(|phase| phase != "runtime"),
                        error: field("type").unwrap_or_default(),
                    });
                }
                _ => {}
            }
        }
        Some(found)
    }

    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags.iter().any(|known| known == flag)
    }
}

/// By how many bytes a line is indented. In some tests, all lines are.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// `[a, b]`, which may go on over lines, or lines of `- a`.
fn list(value: &str, block: &[&str]) -> Vec<String> {
    let whole = [&[value], block].concat().join(" ");
    whole
        .split([',', ' ', '[', ']'])
        .filter(|word| !word.is_empty() && *word != "-")
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_mappings_are_read() {
        let found = FrontMatter::of(
            "// by someone\n/*---\ndescription: >\n  flags: [raw] is text here\ninfo: |\n  a: b\n\
             flags: [module, async]\nincludes: [a.js,\n  b.js]\nfeatures:\n  - class\n  - x-y\n\
             negative:\n  phase: parse\n  type: SyntaxError\n---*/\nflags: [no]",
        );
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let expected = FrontMatter {
            flags: words(&["module", "async"]),
            includes: words(&["a.js", "b.js"]),
            features: words(&["class", "x-y"]),
            negative: Some(Negative {
                is_early: true,
                error: "SyntaxError".to_owned(),
            }),
        };
        assert_eq!(found, Some(expected));
        assert_eq!(FrontMatter::of("/* nothing */"), None);
        let indented = FrontMatter::of(
            "/*---\n  description: >\n      x\n\n      y: z\n  flags: [raw]\n---*/",
        );
        assert!(indented.unwrap().has_flag("raw"));
        let plain = FrontMatter::of("/*---\nes5id: 1\n---*/").unwrap();
        assert_eq!(plain, FrontMatter::default());
    }
}
