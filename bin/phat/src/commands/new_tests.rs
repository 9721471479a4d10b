use std::path::Path;

use clap::Parser;
use phat_manifest::Manifest;
use serde_json::{Value, json};

use super::*;
use crate::{cli::Cli, testing::phat};

async fn made(parent: &Path, name: &str, template: &str) -> (u8, String, String) {
    let parent = parent.to_str().unwrap();
    phat(&["new", name, "--template", template, "--parent", parent]).await
}

/// Those of TypeScript are tried in `tests/templates.rs`, which bundles them first.
#[tokio::test]
async fn the_tests_of_every_javascript_template_pass() {
    for template in ["js-oracle", "price-feed", "vrf"] {
        let folder = tempfile::tempdir().unwrap();
        let (exit, _, progress) = made(folder.path(), "my-contract", template).await;
        assert_eq!(exit, 0, "{progress}");
        let path = folder.path().join("my-contract");
        let (exit, text, progress) = phat(&["test", path.to_str().unwrap()]).await;
        assert_eq!(exit, 0, "{template}: {text} {progress}");
    }
}

#[tokio::test]
async fn every_template_is_listed_and_whole() {
    let (exit, text, _) = phat(&["new", "--list"]).await;
    assert_eq!(exit, 0);
    let (_, json, _) = phat(&["new", "--list", "--json"]).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    let listed: Vec<_> = json["templates"].as_array().unwrap().iter().collect();
    assert_eq!(
        listed.len(),
        TEMPLATES.dirs().count(),
        "each folder is listed"
    );

    let folder = tempfile::tempdir().unwrap();
    for Template { name: template, .. } in DESCRIPTIONS {
        assert!(text.contains(template), "{text}");
        let name = format!("A-{template}_1");
        let (exit, said, progress) = made(folder.path(), &name, template).await;
        assert_eq!(exit, 0, "{progress}");
        assert!(said.contains("phat test"), "{said}");
        let path = folder.path().join(&name);
        let manifest = fs::read_to_string(path.join(crate::project::MANIFEST_NAME)).unwrap();
        assert_eq!(Manifest::parse(&manifest).unwrap().name, name);
        for file in ["README.md", ".gitignore"] {
            assert!(path.join(file).is_file(), "{template} has no {file}");
        }
        let tests = fs::read_dir(path.join("tests")).unwrap();
        assert!(tests.count() > 0, "{template} has no tests");
        if let Ok(package) = fs::read(path.join("package.json")) {
            let package: Value = serde_json::from_slice(&package).unwrap();
            assert_eq!(package["name"], json!(name.to_lowercase()));
        }
        assert!(
            !left_open(&path),
            "{template} has a name that is not filled in"
        );
    }
}

/// Whether a placeholder is left in a file of a folder.
fn left_open(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            // The SDK is written as it is, and its code may have any text.
            true => !path.ends_with("vendor") && left_open(&path),
            false => fs::read_to_string(path).unwrap().contains("{{"),
        }
    })
}

#[tokio::test]
async fn what_exists_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine");
    fs::create_dir(&path).unwrap();
    let (exit, _, progress) = made(folder.path(), "mine", "js-oracle").await;
    assert_eq!(exit, 1);
    assert!(progress.contains("is left alone"), "{progress}");
    assert_eq!(fs::read_dir(path).unwrap().count(), 0);
}

#[test]
fn a_name_cannot_lead_elsewhere() {
    let parse = |name: &str| Cli::try_parse_from(["phat", "new", name]);
    parse("my-contract_1").unwrap();
    let long = "a".repeat(NAME_CHARS_MAX + 1);
    for bad in [
        "", ".", "..", "a/b", "../a", "/a", "a b", "1a", "-a", "a\"", "é", &long,
    ] {
        parse(bad).unwrap_err();
    }
    Cli::try_parse_from(["phat", "new", "a", "--template", "missing"]).unwrap_err();
    Cli::try_parse_from(["phat", "new"]).unwrap_err();
}
