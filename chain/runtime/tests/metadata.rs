//! The metadata that clients are generated from is the runtime's.

use std::{fs, path::Path};

#[test]
fn the_clients_metadata_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../client/chain/metadata/phat.scale");
    let checked_in = fs::read(&path).unwrap_or_default();
    let current = sp_io::TestExternalities::new_empty()
        .execute_with(phat_runtime::metadata)
        .expect("the runtime has this version of metadata");
    assert!(
        checked_in == current,
        "{} is not this runtime's metadata: run `cargo xtask codegen`",
        path.display()
    );
}
