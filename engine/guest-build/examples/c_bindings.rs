//! Writes the bindings that a contract in C is compiled with into a folder.

use std::{env, error::Error, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("which folder?")?;
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    phat_guest_build::write_c_bindings(&wit, "contract", Path::new(&folder))?;
    Ok(())
}
