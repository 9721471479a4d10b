//! What a script says of itself.

use std::{collections::BTreeSet, io, panic, thread};

use oxc_allocator::Allocator;
use oxc_ast::ast::{Expression, IdentifierReference, StaticMemberExpression};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::SourceType;
use oxc_syntax::module_record::ExportExportName;

use super::{
    Contents, Import, Kind,
    nesting::{NESTING_MAX, nesting},
};

/// The module that scripts can import.
const SERVED: &str = "phat";
/// The globals of the older surface.
const OLDER_SURFACE: [&str; 4] = ["pink", "Pink", "scriptArgs", "scriptOutput"];
/// More than the stack that one level of nesting takes of the parser and of who walks through what
/// it gives, however little they are optimized.
const LEVEL_STACK_BYTES: usize = 64 * 1024;
/// The stack that is there besides.
const BASE_STACK_BYTES: usize = 4 * 1024 * 1024;
/// The most syntax errors that are told.
const ERRORS_MAX: usize = 3;

/// Parses a script, unless it nests deeper than [`NESTING_MAX`].
pub fn inspect_script(text: &str) -> Contents {
    let levels = nesting(text);
    if levels > NESTING_MAX {
        return not_parsed(format!(
            "it nests more than {NESTING_MAX} levels deep, or has so many operators with neither a \
             comma nor a semicolon in between, which is too much to look into it: break it up"
        ));
    }
    // The system gives as much of it as is used.
    let stack_bytes = BASE_STACK_BYTES + levels * LEVEL_STACK_BYTES;
    match with_stack(stack_bytes, || parse(text)) {
        Ok(contents) => contents,
        Err(error) => not_parsed(format!("there is no memory to look into it: {error}")),
    }
}

/// Does something on a thread of its own with so much stack.
fn with_stack<T: Send>(bytes: usize, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(bytes);
        let done = thread.spawn_scoped(scope, work)?.join();
        Ok(done.unwrap_or_else(|cause| panic::resume_unwind(cause)))
    })
}

/// What is told of a script of which nothing is known.
fn not_parsed(problem: String) -> Contents {
    Contents {
        kind: Kind::Script,
        imports: Vec::new(),
        exports: Vec::new(),
        older_surface: Vec::new(),
        memories: Vec::new(),
        needs: Vec::new(),
        problems: vec![problem],
    }
}

fn parse(text: &str) -> Contents {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::unambiguous()).parse();
    let record = &parsed.module_record;

    let mut imports: Vec<(u32, Import)> = record
        .requested_modules
        .iter()
        .map(|(name, requests)| {
            let first = requests.iter().map(|request| request.span.start).min();
            let served = name.as_str() == SERVED;
            let name = name.as_str().to_owned();
            (first.unwrap_or_default(), Import { name, served })
        })
        .collect();
    imports.sort_by_key(|(position, _)| *position);
    let imports: Vec<_> = imports.into_iter().map(|(_, import)| import).collect();

    let exports: Vec<_> = [
        &record.local_export_entries,
        &record.indirect_export_entries,
    ]
    .into_iter()
    .flatten()
    .filter_map(|entry| match &entry.export_name {
        ExportExportName::Name(name) => Some(name.name.as_str().to_owned()),
        ExportExportName::Default(_) => Some("default".to_owned()),
        ExportExportName::Null => None,
    })
    .collect();

    let mut used = OlderSurface::default();
    used.visit_program(&parsed.program);
    let older_surface: Vec<_> = used.0.into_iter().map(str::to_owned).collect();

    let kind = match record.has_module_syntax {
        true => Kind::Module,
        false => Kind::Script,
    };
    let mut problems: Vec<_> = parsed
        .diagnostics
        .iter()
        .take(ERRORS_MAX)
        .map(|error| format!("it cannot be parsed: {error}"))
        .collect();
    let refused = imports.iter().filter(|import| !import.served);
    problems.extend(refused.map(|import| {
        format!(
            "it imports {:?}, and there is no module but {SERVED:?}: bundle it",
            import.name
        )
    }));
    if kind == Kind::Module && problems.is_empty() && !exports.iter().any(|name| name == "default")
    {
        problems.push("it has no default export, which is what is run".to_owned());
    }
    Contents {
        kind,
        imports,
        exports,
        older_surface,
        memories: Vec::new(),
        needs: Vec::new(),
        problems,
    }
}

/// Which globals of the older surface are used, by themselves or of `globalThis`.
#[derive(Default)]
struct OlderSurface(BTreeSet<&'static str>);

impl OlderSurface {
    fn note(&mut self, name: &str) {
        self.0
            .extend(OLDER_SURFACE.iter().filter(|known| **known == name));
    }
}

impl<'a> Visit<'a> for OlderSurface {
    fn visit_identifier_reference(&mut self, reference: &IdentifierReference<'a>) {
        self.note(reference.name.as_str());
    }

    fn visit_static_member_expression(&mut self, member: &StaticMemberExpression<'a>) {
        if let Expression::Identifier(object) = &member.object
            && object.name.as_str() == "globalThis"
        {
            self.note(member.property.name.as_str());
        }
        walk::walk_static_member_expression(self, member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Contents {
        inspect_script(text)
    }

    #[test]
    fn a_module_shows_what_it_imports_and_exports() {
        let found = check(
            "import { kv } from 'phat'\nimport a from './a.js'\nimport 'phat'\n\
             export const extra = 1\nexport default () => kv.get('x')",
        );
        assert_eq!(found.kind, Kind::Module);
        let import = |name: &str, served| Import {
            name: name.to_owned(),
            served,
        };
        assert_eq!(
            found.imports,
            [import("phat", true), import("./a.js", false)]
        );
        assert_eq!(found.exports, ["extra", "default"]);
        assert_eq!(found.problems.len(), 1);
        assert!(
            found.problems[0].contains("\"./a.js\""),
            "{:?}",
            found.problems
        );
        assert!(found.older_surface.is_empty());
    }

    #[test]
    fn the_older_surface_is_seen_where_it_is_used() {
        let found =
            check("globalThis.scriptOutput = f(scriptArgs)\nfunction f(a) { return pink.vrf(a) }");
        assert_eq!(found.kind, Kind::Script);
        assert_eq!(found.older_surface, ["pink", "scriptArgs", "scriptOutput"]);
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        // A name in a text or of another object is none.
        let found = check("const a = { pink: 'pink' }; a.pink");
        assert!(found.older_surface.is_empty(), "{:?}", found.older_surface);
    }

    /// The deepest is parsed, walked through and dropped; one level more is not.
    #[test]
    fn nesting_is_bounded() {
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("!", ""), ("a => ", "")] {
            let nested =
                |levels: usize| format!("{}a{}", open.repeat(levels), close.repeat(levels));
            let found = check(&nested(NESTING_MAX));
            assert!(found.problems.is_empty(), "{open}: {:?}", found.problems);
            let found = check(&nested(NESTING_MAX + 1));
            let [problem] = &*found.problems else {
                panic!("{open}: {:?}", found.problems);
            };
            assert!(problem.contains("more than 4096 levels deep"), "{problem}");
        }
        // A sum is deep on its left side.
        let sum = |terms: usize| format!("a{}", " + pink".repeat(terms));
        assert_eq!(check(&sum(NESTING_MAX)).older_surface, ["pink"]);
        assert!(check(&sum(NESTING_MAX + 1)).problems[0].contains("operators"));
    }

    #[test]
    fn what_cannot_run_is_told() {
        let found = check("export const a = 1");
        assert!(found.problems[0].contains("no default export"));
        let found = check("export default function ( {");
        assert!(
            found.problems[0].contains("cannot be parsed"),
            "{:?}",
            found.problems
        );
    }
}
