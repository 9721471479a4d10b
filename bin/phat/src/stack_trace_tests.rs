use std::fs;

use super::*;

/// A script of one line, made of `src/main.ts`: `throw` at 2:3 is at 1:11 of it.
const BUNDLE: &str = "let a=()=>{throw new Error('no')};export default a";

fn source(files: &[(&str, &str)], script: &str) -> (tempfile::TempDir, ScriptSource) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let project = Project::load(&folder.path().join(script)).unwrap();
    let source = ScriptSource::of(&project);
    (folder, source)
}

fn map(with_source: bool) -> String {
    let original = "const a = () => {\n  throw new Error('no')\n}\nexport default a\n";
    let contents = match with_source {
        true => serde_json::json!([original]),
        false => serde_json::json!([null]),
    };
    serde_json::json!({
        "version": 3,
        "sources": ["../src/main.ts"],
        "sourcesContent": contents,
        "names": [],
        // 1:1 to 1:1, and 1:12 to 2:3.
        "mappings": "AAAA,WACE",
    })
    .to_string()
}

#[test]
fn a_script_without_a_map_shows_its_own_line() {
    let (folder, source) = source(&[("a.js", "// a\n\tthrow new Error('no')\n")], "a.js");
    let explained =
        source.explain("Error: no\n    at f (contract.js:2:8)\n    at g (contract.js:1:1)");
    assert_eq!(
        explained.message,
        "Error: no\n    at f (contract.js:2:8)\n    at g (contract.js:1:1)"
    );
    let path = folder.path().join("a.js").display().to_string();
    assert_eq!(
        explained.excerpt.unwrap(),
        format!("  --> {path}:2:8\n  |\n2 |  throw new Error('no')\n  |        ^")
    );
}

#[test]
fn a_map_gives_the_places_and_lines_of_the_sources() {
    let check = |bundle: String, files: &[(&str, String)]| {
        let mut all = vec![("dist/index.js", bundle.as_str())];
        all.extend(files.iter().map(|(name, text)| (*name, text.as_str())));
        let (folder, source) = source(&all, "dist/index.js");
        let explained = source.explain("Error: no\n    at a (contract.js:1:12)");
        let original = folder.path().join("src/main.ts").display().to_string();
        assert_eq!(
            explained.message,
            format!("Error: no\n    at a ({original}:2:3)")
        );
        let excerpt = explained.excerpt.unwrap();
        assert!(
            excerpt.contains("2 |   throw new Error('no')\n  |   ^"),
            "{excerpt}"
        );
    };
    // A file beside the script, with the sources in it or without.
    let linked = format!("{BUNDLE}\n//# sourceMappingURL=index.js.map\n");
    check(linked.clone(), &[("dist/index.js.map", map(true))]);
    let original = "const a = () => {\n  throw new Error('no')\n}\n".to_owned();
    check(
        linked,
        &[("dist/index.js.map", map(false)), ("src/main.ts", original)],
    );
    // A data URL: `{"version":3,…}` in base64 would be long, so it is encoded here.
    let digits = base64(map(true).as_bytes());
    let url = format!("data:application/json;charset=utf-8;base64,{digits}");
    check(format!("{BUNDLE}\n//# sourceMappingURL={url}\n"), &[]);
}

#[test]
fn what_cannot_be_mapped_stays_as_it_is() {
    // The map is missing, broken, or has nothing for the place.
    for (name, text) in [
        ("other.map", ""),
        ("a.js.map", "{"),
        ("a.js.map", &map(true)),
    ] {
        let script = "\n\nthrow 1\n//# sourceMappingURL=a.js.map";
        let (_folder, source) = source(&[("a.js", script), (name, text)], "a.js");
        let message = "contract.js and contract.js:9 and contract.js:999:1";
        let explained = source.explain(message);
        if !explained.message.contains("main.ts") {
            assert_eq!(explained.message, message);
        }
    }
}

#[test]
fn of_a_long_line_the_part_around_the_place_is_shown() {
    let line = format!("{}throw{}", "a".repeat(5_000), "b".repeat(5_000));
    let shown = show(
        "a.js",
        &line,
        Place {
            line: 1,
            column: 5_001,
        },
    )
    .unwrap();
    let lines: Vec<_> = shown.lines().collect();
    assert!(lines.iter().all(|line| line.len() < 200), "{shown}");
    let caret = lines[3].find('^').unwrap();
    assert_eq!(&lines[2][caret..caret + 5], "throw");
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let padded = [
            chunk[0],
            *chunk.get(1).unwrap_or(&0),
            *chunk.get(2).unwrap_or(&0),
        ];
        let value = u32::from_be_bytes([0, padded[0], padded[1], padded[2]]);
        for index in 0..4 {
            let digit = DIGITS[(value >> (18 - 6 * index)) as usize & 63];
            text.push(if index <= chunk.len() {
                digit as char
            } else {
                '='
            });
        }
    }
    text
}
