//! What of the environment a guest's build must not see.

/// Whether an environment variable belongs to the build that asks for the guest, or
/// could change what the guest's build makes.
pub fn is_of_outer_build(name: &str) -> bool {
    const KEPT: [&str; 6] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_MAKEFLAGS",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
    ];
    let is_cargo = name.starts_with("CARGO") || name.starts_with("__CARGO");
    let is_compiler = name.starts_with("RUSTC")
        || name.starts_with("CFLAGS")
        || name.starts_with("CC_")
        || name.starts_with("DEP_");
    let is_known = [
        "AR",
        "CC",
        "CPPFLAGS",
        "CXX",
        "CXXFLAGS",
        "DEBUG",
        "HOST",
        "LDFLAGS",
        "NUM_JOBS",
        "OPT_LEVEL",
        "OUT_DIR",
        "PROFILE",
        "RUSTDOC",
        "RUSTDOCFLAGS",
        "RUSTFLAGS",
        "TARGET",
    ]
    .contains(&name);
    (is_cargo && !KEPT.iter().any(|kept| name.starts_with(kept))) || is_compiler || is_known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_a_build_is_told_from_what_is_of_the_machine() {
        for name in [
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "RUSTFLAGS",
            "CC_wasm32",
        ] {
            assert!(is_of_outer_build(name), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "RUSTUP_HOME",
        ] {
            assert!(!is_of_outer_build(name), "{name}");
        }
    }
}
