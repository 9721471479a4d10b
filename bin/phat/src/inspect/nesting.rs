//! How deep a script nests, before it is parsed.
//!
//! The parser calls itself for whatever stands in something else, and so does who walks through
//! what it gives: each level takes stack, and who writes a script decides how many there are. So
//! they are counted first, on the text: brackets that are open, and within each, the operators and
//! keywords that may still have something behind them, since `!!!!a`, `a => b => c`, `a + b + c` and
//! `if (a) if (b) c` nest without a bracket.
//!
//! What it counts is at least what the parser does, for any script that people or their tools write.
//! Where only a parser could tell a regular expression from a division, which is behind a brace, it
//! takes the likelier one.

/// The deepest nesting of scripts that are parsed.
pub const NESTING_MAX: usize = 4_096;

/// Words that go on with a statement or an expression, behind something that could end it.
const CONTINUING: [&str; 6] = ["in", "instanceof", "else", "catch", "finally", "while"];
/// Words that have a statement behind them.
const STATEMENTS: [&str; 8] = ["if", "else", "for", "while", "do", "with", "try", "finally"];
/// Words that have something else behind them, in some place at least.
const KEYWORDS: [&str; 29] = [
    "as",
    "async",
    "await",
    "case",
    "class",
    "const",
    "default",
    "delete",
    "export",
    "extends",
    "from",
    "function",
    "get",
    "import",
    "in",
    "instanceof",
    "let",
    "new",
    "of",
    "return",
    "set",
    "static",
    "throw",
    "typeof",
    "using",
    "var",
    "void",
    "yield",
    "accessor",
];
/// Words behind which brackets may have a statement behind them.
const HEADS: [&str; 5] = ["if", "for", "while", "with", "await"];
/// The characters of operators.
const OPERATORS: &str = "+-*/%=<>!&|^~?:.@";
/// Operators that can be repeated without anything in between.
const PREFIXES: &str = "+-!~";

/// The deepest nesting of a script, as far as [`NESTING_MAX`] and one more.
pub fn nesting(script: &str) -> usize {
    let mut scan = Scan {
        rest: script,
        levels: vec![Level::new(Bracket::Brace { is_block: true })],
        before: Before::End,
        pending: 0,
        deepest: 0,
    };
    while scan.deepest <= NESTING_MAX && scan.token() {}
    scan.deepest.min(NESTING_MAX + 1)
}

/// What was before a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Something that can end an expression.
    Operand,
    /// The brace that ends a block.
    Block,
    /// The end of a statement, or the beginning of a block.
    End,
    /// Something that has to have an expression behind it.
    Operator,
    /// A point: what comes is a name, whatever it is called.
    Point,
    /// Something that may have a block behind it.
    Head,
    /// A word after which brackets are such a head.
    HeadWord,
}

/// What a level is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    Round { is_head: bool },
    Square,
    Brace { is_block: bool },
    Template,
}

/// A bracket that is open, and what may have something behind it in there.
struct Level {
    bracket: Bracket,
    /// Of the statement.
    statement: usize,
    /// Of the expression.
    expression: usize,
}

impl Level {
    fn new(bracket: Bracket) -> Self {
        Self {
            bracket,
            statement: 0,
            expression: 0,
        }
    }
}

struct Scan<'a> {
    rest: &'a str,
    levels: Vec<Level>,
    before: Before,
    /// The sum of all levels but for the outermost bracket.
    pending: usize,
    deepest: usize,
}

impl Scan<'_> {
    /// Takes the next token, or space. `false` at the end.
    fn token(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        match first {
            _ if is_space(first) => self.take(first.len_utf8()),
            '/' if self.rest.starts_with("//") => self.until(is_line_end),
            '/' if self.rest.starts_with("/*") => {
                let end = self.rest.find("*/").map_or(self.rest.len(), |at| at + 2);
                self.take(end.max(2));
            }
            '/' if !matches!(self.before, Before::Operand) => self.regular_expression(),
            '"' | '\'' => {
                self.begin_operand();
                self.quoted(first);
            }
            '`' => {
                self.postfix();
                self.take(1);
                self.template();
            }
            '(' | '[' | '{' => self.open(first),
            ')' | ']' | '}' => self.close(),
            ';' => {
                self.take(1);
                self.before = Before::End;
                if !self.is_next_word("else") {
                    self.end_statement();
                }
            }
            ',' => {
                self.take(1);
                self.end_expression();
                self.before = Before::Operator;
            }
            _ if OPERATORS.contains(first) => self.operator(),
            _ => self.word(),
        }
        true
    }

    fn take(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Goes on to the first character that is one of these.
    fn until(&mut self, is_one: impl Fn(char) -> bool) {
        let end = self.rest.find(is_one).unwrap_or(self.rest.len());
        self.take(end);
    }

    /// One more that may have something behind it.
    fn add(&mut self, is_of_statement: bool) {
        if let Some(level) = self.levels.last_mut() {
            match is_of_statement {
                true => level.statement += 1,
                false => level.expression += 1,
            }
            self.pending += 1;
            self.deepest = self.deepest.max(self.pending);
        }
    }

    fn end_expression(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.pending -= std::mem::take(&mut level.expression);
        }
    }

    fn end_statement(&mut self) {
        self.end_expression();
        if let Some(level) = self.levels.last_mut() {
            self.pending -= std::mem::take(&mut level.statement);
        }
    }

    /// What comes begins an expression. Directly behind another one, there is a new statement.
    fn begin_operand(&mut self) {
        if matches!(self.before, Before::Operand | Before::Block) {
            self.end_statement();
        }
        self.before = Before::Operand;
    }

    /// What comes belongs to the operand before it, if there is one: a call, an index, a template.
    fn postfix(&mut self) {
        if self.before == Before::Operand {
            self.add(false);
        }
    }

    fn open(&mut self, bracket: char) {
        let bracket = match bracket {
            '(' => Bracket::Round {
                is_head: self.before == Before::HeadWord,
            },
            '[' => Bracket::Square,
            _ => Bracket::Brace {
                is_block: !matches!(self.before, Before::Operator),
            },
        };
        if !matches!(bracket, Bracket::Brace { .. }) {
            self.postfix();
        }
        self.take(1);
        self.push(bracket);
        self.before = match bracket {
            Bracket::Brace { is_block: true } => Before::End,
            _ => Before::Operator,
        };
    }

    fn push(&mut self, bracket: Bracket) {
        self.levels.push(Level::new(bracket));
        self.pending += 1;
        self.deepest = self.deepest.max(self.pending);
    }

    fn close(&mut self) {
        self.take(1);
        self.end_statement();
        // What has no bracket to close is for the parser to refuse.
        let closed = match self.levels.len() {
            0 | 1 => None,
            _ => self.levels.pop().map(|level| level.bracket),
        };
        if closed.is_some() {
            self.pending -= 1;
        }
        self.before = match closed {
            Some(Bracket::Round { is_head: true }) => Before::Head,
            Some(Bracket::Brace { is_block: true }) => Before::Block,
            _ => Before::Operand,
        };
        if closed == Some(Bracket::Template) {
            self.template();
        }
    }

    /// Goes on in the text of a template: to its end, or to what is put in.
    fn template(&mut self) {
        loop {
            self.until(|char| matches!(char, '`' | '\\' | '$'));
            match self.rest.as_bytes() {
                [b'\\', ..] => self.take_escaped(),
                [b'$', b'{', ..] => {
                    self.take(2);
                    self.push(Bracket::Template);
                    self.before = Before::Operator;
                    return;
                }
                [b'$', ..] => self.take(1),
                _ => {
                    self.take(1);
                    self.before = Before::Operand;
                    return;
                }
            }
        }
    }

    /// A backslash and what is behind it.
    fn take_escaped(&mut self) {
        self.take(1);
        let escaped = self.rest.chars().next();
        self.take(escaped.map_or(0, char::len_utf8));
    }

    fn quoted(&mut self, quote: char) {
        self.take(1);
        loop {
            self.until(|char| char == quote || matches!(char, '\\' | '\n' | '\r'));
            match self.rest.as_bytes() {
                [b'\\', ..] => self.take_escaped(),
                _ => return self.take(1),
            }
        }
    }

    fn regular_expression(&mut self) {
        self.begin_operand();
        self.take(1);
        let mut is_in_class = false;
        loop {
            self.until(|char| matches!(char, '/' | '\\' | '[' | ']') || is_line_end(char));
            match self.rest.as_bytes() {
                [b'\\', ..] => self.take_escaped(),
                [bracket @ (b'[' | b']'), ..] => {
                    is_in_class = *bracket == b'[';
                    self.take(1);
                }
                [b'/', ..] if is_in_class => self.take(1),
                [b'/', ..] => {
                    self.take(1);
                    // The flags.
                    return self.until(|char| !char.is_ascii_alphanumeric());
                }
                _ => return,
            }
        }
    }

    fn operator(&mut self) {
        let end = self.rest.find(|char| !OPERATORS.contains(char));
        let mut run = &self.rest[..end.unwrap_or(self.rest.len())];
        // What a comment or a regular expression begins with is none of it.
        if let Some(at) = run.get(1..).and_then(|run| run.find('/')) {
            run = &run[..=at];
        }
        self.take(run.len());
        let is_postfix = self.before == Before::Operand && matches!(run, "++" | "--");
        if is_postfix {
            return;
        }
        self.add(false);
        for _ in run.chars().skip(1).filter(|char| PREFIXES.contains(*char)) {
            self.add(false);
        }
        self.before = match run {
            "=>" => Before::Head,
            _ if run.ends_with('.') && !run.ends_with("..") => Before::Point,
            _ => Before::Operator,
        };
    }

    fn word(&mut self) {
        let is_number = self.rest.starts_with(|char: char| char.is_ascii_digit());
        let is_part = |char: char| {
            let is_sign = OPERATORS.contains(char) || "\"'`()[]{};,".contains(char);
            (is_number && char == '.') || !(is_sign || is_space(char))
        };
        let end = self.rest.find(|char| !is_part(char));
        let word = &self.rest[..end.unwrap_or(self.rest.len())];
        self.take(word.len());
        if self.before == Before::Point {
            self.before = Before::Operand;
            return;
        }
        let is_behind_end = matches!(self.before, Before::Operand | Before::Block);
        if is_behind_end && !CONTINUING.contains(&word) {
            self.end_statement();
        }
        let is_of_statement = STATEMENTS.contains(&word);
        if is_of_statement || KEYWORDS.contains(&word) {
            self.add(is_of_statement);
        }
        self.before = match word {
            _ if HEADS.contains(&word) => Before::HeadWord,
            _ if is_of_statement => Before::Head,
            _ if KEYWORDS.contains(&word) => Before::Operator,
            _ => Before::Operand,
        };
    }

    /// Whether the next token is this word.
    fn is_next_word(&self, word: &str) -> bool {
        let mut rest = self.rest;
        loop {
            rest = rest.trim_start_matches(is_space);
            let comment = match rest {
                _ if rest.starts_with("//") => rest.find(is_line_end),
                _ if rest.starts_with("/*") => rest.find("*/").map(|at| at + 2),
                _ => break,
            };
            rest = comment.and_then(|end| rest.get(end..)).unwrap_or_default();
        }
        rest.starts_with(word)
    }
}

fn is_space(char: char) -> bool {
    char.is_whitespace() || char == '\u{feff}'
}

fn is_line_end(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_is_counted() {
        for (script, expected) in [
            ("", 0),
            ("a", 0),
            ("((a))", 2),
            ("(a), [b], {}", 1),
            ("!!!a", 3),
            ("- -a", 2),
            ("typeof void new a", 3),
            ("a => b => c", 2),
            ("a = b = c", 2),
            ("a ? b : c ? d : e", 4),
            ("a + b + c", 2),
            ("a.b.c", 2),
            ("a()()()", 4),
            ("if (a) if (b) c", 3),
            ("if (a) b; else if (c) d; else e", 4),
            ("a: b: c", 2),
            ("`a${`b${c}`}`", 2),
            ("class extends class extends class {} {} {}", 6),
            ("f(!a, -b)", 3),
        ] {
            assert_eq!(nesting(script), expected, "{script}");
        }
    }

    #[test]
    fn what_is_over_counts_no_more() {
        for script in [
            "a = 1; b = 2; c = 3",
            "a = 1\nb = 2\nc = 3",
            "let a = 1, b = 2, c = 3",
            "function a() {}\nfunction b() {}\nfunction c() {}",
            "a()\nb()\nc()",
            "if (a) {}\nif (b) {}\nif (c) {}",
            "a++\nb++\nc++",
        ] {
            let often = |times: usize| nesting(&format!("{script}\n").repeat(times));
            assert_eq!(often(1_000), often(2), "{script}");
        }
    }

    #[test]
    fn what_is_text_nests_nothing() {
        for script in [
            "'((((' + \"[[[[\"",
            r"'\'((((' + 1",
            "a // ((((\n",
            "a /* (((( */",
            "`((((`.b",
            "a = /[/(]((((/g",
            "a = b; /((((/.c",
            "if (a) /((((/.b",
            r"a = /\/((((/",
        ] {
            assert!(nesting(script) <= 3, "{script}: {}", nesting(script));
        }
        // A division is none.
        assert_eq!(nesting("a / (((b))) / c"), 4);
        assert_eq!(nesting("a() / (((b)))"), 5);
        assert_eq!(nesting("a++ / (((b)))"), 4);
    }

    #[test]
    fn no_more_is_counted_than_has_to_be() {
        for deep in ["(", "[", "{", "!", "a=>", "a+", "if(a)", "`${"] {
            let found = nesting(&deep.repeat(100_000));
            assert_eq!(found, NESTING_MAX + 1, "{deep}");
        }
        assert_eq!(nesting(&"(".repeat(NESTING_MAX)), NESTING_MAX);
        // What closes nothing is the parser's to refuse.
        assert_eq!(nesting(&")".repeat(100_000)), 0);
        assert_eq!(nesting("`${'\\"), 1);
        nesting("/* \\ é \u{2028} '\u{feff} /[");
    }
}
