//! From a test to the text of a contract.

use anyhow::Context;

use crate::{
    front_matter::{FrontMatter, Negative},
    suite::Suite,
};

/// What a test ends with if all went well.
pub const DONE: &str = "done";
/// What the suite expects of its host.
const HOST: &str = include_str!("host.js");
/// What SpiderMonkey's copy has at the end of tests.
const REPORT: &str = "reportCompare(0, 0);";

/// Features that no contract has, and why.
const WITHOUT: &[(&str, &[&str])] = &[
    (
        "not in an edition of the standard when the suite was made",
        &[
            "Array.fromAsync",
            "Float16Array",
            "FinalizationRegistry.prototype.cleanupSome",
            "ShadowRealm",
            "Temporal",
            "decorators",
            "import-assertions",
            "import-attributes",
            "iterator-helpers",
            "json-modules",
            "legacy-regexp",
            "regexp-duplicate-named-groups",
            "regexp-modifiers",
            "set-methods",
        ],
    ),
    (
        "needs several threads, realms or a garbage collector at hand",
        &[
            "Atomics",
            "Atomics.waitAsync",
            "SharedArrayBuffer",
            "cross-realm",
            "host-gc-required",
        ],
    ),
    (
        "of web browsers, or of no engine",
        &["IsHTMLDDA", "caller", "tail-call-optimization"],
    ),
];
const OTHER_MODULES: &str = "imports other files";
const OWN_DEFAULT: &str = "a module with a default export that ends later";

/// How a test is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    Sloppy,
    Strict,
    Module,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sloppy => "sloppy",
            Self::Strict => "strict",
            Self::Module => "module",
        }
    }
}

/// A test in one mode.
pub struct Program {
    pub mode: Mode,
    pub text: String,
    pub expects: Expects,
}

/// How a run of it must end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expects {
    /// With the text [`DONE`] as its result.
    Done,
    /// With that text in its log: a module that exports what is no contract.
    DoneInLog,
    /// Without an error.
    NoError,
    /// With an error.
    Error(Negative),
}

/// A test as the contracts that it is run as, or why it is not.
pub enum Plan {
    Run(Vec<Program>),
    Skip(&'static str),
}

pub fn plan(suite: &Suite, source: &str) -> anyhow::Result<Plan> {
    let front = FrontMatter::of(source).context("it has no front matter")?;
    for (reason, features) in WITHOUT {
        if front
            .features
            .iter()
            .any(|f| features.contains(&f.as_str()))
        {
            return Ok(Plan::Skip(reason));
        }
    }
    if front.has_flag("CanBlockIsFalse") || front.has_flag("CanBlockIsTrue") {
        return Ok(Plan::Skip(WITHOUT[1].0));
    }
    if imports_files(source) {
        return Ok(Plan::Skip(OTHER_MODULES));
    }
    let body = match source.trim_end().strip_suffix(REPORT) {
        Some(body) => body,
        None => source,
    };
    if front.has_flag("raw") {
        return Ok(Plan::Run(vec![raw(body, &front)]));
    }
    let mut harness = HOST.to_owned();
    let includes = front.includes.iter().map(String::as_str);
    for name in ["assert.js", "sta.js"].into_iter().chain(includes) {
        harness.push_str(suite.include(name)?);
        harness.push('\n');
    }
    if front.negative.is_some() {
        // What is thrown is told by its name.
        harness.push_str(
            "Object.defineProperty(Test262Error.prototype, 'name', { value: 'Test262Error' });\n",
        );
    }
    if front.has_flag("module") {
        return Ok(module(&harness, body, &front));
    }
    // A text has one directive prologue, that of the harness before the test.
    let says_strict = is_strict(body);
    let modes: &[Mode] = if front.has_flag("onlyStrict") || says_strict {
        &[Mode::Strict]
    } else if front.has_flag("noStrict") {
        &[Mode::Sloppy]
    } else {
        &[Mode::Sloppy, Mode::Strict]
    };
    let programs = modes
        .iter()
        .map(|mode| script(&harness, body, &front, *mode));
    Ok(Plan::Run(programs.collect()))
}

fn script(harness: &str, body: &str, front: &FrontMatter, mode: Mode) -> Program {
    let prologue = if mode == Mode::Strict {
        "'use strict';\n"
    } else {
        ""
    };
    let (end, expects) = match &front.negative {
        // What is no script must not be taken for a module, in which this is no name.
        Some(negative) if negative.is_early => ("\nvar await;", Expects::Error(negative.clone())),
        Some(negative) => ("", Expects::Error(negative.clone())),
        None if front.has_flag("async") => ("\n;undefined;", Expects::Done),
        None => ("\n;'done';", Expects::Done),
    };
    Program {
        mode,
        text: format!("{prologue}{harness}{body}{end}"),
        expects,
    }
}

fn raw(body: &str, front: &FrontMatter) -> Program {
    Program {
        mode: if front.has_flag("module") {
            Mode::Module
        } else {
            Mode::Sloppy
        },
        text: body.to_owned(),
        expects: match &front.negative {
            Some(negative) => Expects::Error(negative.clone()),
            None => Expects::NoError,
        },
    }
}

/// What is a module is one however it reads: it exports something.
fn module(harness: &str, body: &str, front: &FrontMatter) -> Plan {
    let (start, end, expects) = match &front.negative {
        Some(negative) => ("", "\nexport {};", Expects::Error(negative.clone())),
        None if front.has_flag("async") => {
            if body.contains("export default") || body.contains("as default") {
                return Plan::Skip(OWN_DEFAULT);
            }
            (
                "let $settle; const $end = new Promise((settle) => { $settle = settle });\n",
                "\nexport default () => $end;",
                Expects::Done,
            )
        }
        None => (
            "",
            "\n;console.log('done');\nexport {};",
            Expects::DoneInLog,
        ),
    };
    Plan::Run(vec![Program {
        mode: Mode::Module,
        text: format!("{start}{harness}{body}{end}"),
        expects,
    }])
}

/// Whether it imports what is beside it, or itself. Contracts are one file.
fn imports_files(source: &str) -> bool {
    let code = source.split_once("---*/").map_or(source, |(_, code)| code);
    ["_FIXTURE", "'./", "\"./"]
        .iter()
        .any(|name| code.contains(name))
}

/// Whether the first thing in a text that is no comment is `"use strict"`.
fn is_strict(source: &str) -> bool {
    let mut rest = source.trim_start();
    loop {
        let after = if let Some(line) = rest.strip_prefix("//") {
            line.split_once('\n').map(|(_, after)| after)
        } else if let Some(block) = rest.strip_prefix("/*") {
            block.split_once("*/").map(|(_, after)| after)
        } else {
            break;
        };
        rest = after.unwrap_or_default().trim_start();
    }
    ["'use strict'", "\"use strict\""]
        .iter()
        .any(|directive| rest.starts_with(directive))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directive_is_seen_behind_comments() {
        assert!(is_strict("// a\n/* b\n c */ 'use strict'; x"));
        assert!(is_strict("\"use strict\""));
        assert!(!is_strict("x; 'use strict'"));
        assert!(!is_strict("// 'use strict'"));
    }

    #[test]
    fn files_are_told_from_front_matter() {
        assert!(imports_files("/*---\n---*/ import x from './x_FIXTURE.js'"));
        assert!(imports_files("import('./self.js')"));
        assert!(!imports_files("/*--- './a' ---*/ import.meta"));
    }
}
