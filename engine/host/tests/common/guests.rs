//! Components that tests build from source.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use phat_engine::Run;
use phat_guest_build::GuestBuild;

use super::run;

/// A contract in Rust that does what its input says.
pub static SDK: LazyLock<Arc<[u8]>> =
    LazyLock::new(|| component("testing/components/sdk", "phat_test_sdk_component"));
/// The same on the interfaces of WASI.
pub static WASI: LazyLock<Arc<[u8]>> =
    LazyLock::new(|| component("testing/components/wasi", "phat_test_wasi_component"));

/// The repository's root.
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// Where guests are built. They share a folder, and so what is compiled of their
/// dependencies.
pub fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests")
}

/// The component of a crate of this repository.
pub fn component(folder: &str, library: &str) -> Arc<[u8]> {
    build(&root(), &root().join(folder), library)
}

/// The component of a crate.
pub fn build(workspace: &Path, folder: &Path, library: &str) -> Arc<[u8]> {
    let guest = GuestBuild {
        manifest: folder.join("Cargo.toml"),
        workspace: workspace.to_owned(),
        target_folder: target_folder(),
        profile: "release",
        rust_flags: vec![
            "--cfg".to_owned(),
            r#"getrandom_backend="custom""#.to_owned(),
        ],
        c_flags: Vec::new(),
    };
    let module = guest
        .run(library)
        .unwrap_or_else(|error| panic!("{error}\n{error:?}"));
    assert!(phat_component::is_module(&module));
    phat_component::from_module(&module).unwrap().into()
}

/// A run of a component, with an input.
pub fn run_component(code: &Arc<[u8]>, input: &str) -> Run {
    let mut run = run("");
    run.code = code.clone();
    run.request.input = input.as_bytes().to_vec();
    run
}
