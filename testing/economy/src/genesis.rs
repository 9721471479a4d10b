//! Geneses of the networks that the runtime knows by name.

use phat_runtime::Runtime;
use serde_json::Value;
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilder;

/// The genesis of the network `name`: its preset over the default one.
pub(crate) fn genesis(name: &str) -> Value {
    let mut genesis = preset(None);
    merge(&mut genesis, preset(Some(name)));
    genesis
}

fn preset(name: Option<&str>) -> Value {
    let bytes = Runtime::get_preset(&name.map(Into::into)).expect("the preset exists");
    serde_json::from_slice(&bytes).expect("the preset is JSON")
}

/// Merges `patch` into `target` as RFC 7386 says.
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}
