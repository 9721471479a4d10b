//! Manifests from anyone.

use phat_manifest::Manifest;

const SEEDS: &[&str] = &[
    "name = \"a\"\nentry = \"b.js\"\n",
    r#"
    name = "lens-stats"
    entry = "dist/index.js"
    allowed_hosts = ["api.lens.xyz", "*.example.org", "localhost:8443"]
    secrets = ["api-key", "API_KEY_2"]
    [settings]
    endpoint = "https://api.lens.xyz/graphql"
    list = [1, 2.5, true, { nested = "x" }]
    [limits]
    time_ms = 20_000
    fuel = 1
    [[triggers]]
    kind = "anchor"
    chain_id = 1
    address = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    from_block = 21_000_000
    "#,
];

pub fn run(bytes: &[u8]) {
    let Ok(manifest) = Manifest::parse_bytes(bytes) else {
        return;
    };
    let settings = manifest.settings_json();
    let settings: serde_json::Value = serde_json::from_str(&settings).expect("it is JSON");
    assert!(settings.is_object());
    manifest
        .limits
        .check()
        .expect("limits are checked as they are read");
    // What is written of it, if it fits, means the same.
    if let Ok(text) = manifest.to_toml() {
        let again = Manifest::parse(&text).expect("what was written is read");
        assert_eq!(again.to_toml().expect("it fitted before"), text);
        assert_eq!(again.settings_json(), manifest.settings_json());
        assert_eq!(again.limits, manifest.limits);
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    SEEDS.iter().map(|text| text.as_bytes().to_vec()).collect()
}
