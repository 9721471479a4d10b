//! Bindings for guests in C.

use std::{fs, io, path::Path};

use thiserror::Error;
use wit_bindgen_core::{Files, wit_parser::Resolve};

/// Why there are no bindings.
#[derive(Debug, Error)]
pub enum BindingsError {
    /// The interface cannot be read.
    #[error("the interface cannot be read: {0}")]
    Interface(String),
    /// The files cannot be written.
    #[error("{path}: {error}")]
    Write {
        /// Which one.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

/// Writes a header, a source and an object file into a folder, for a guest in C that
/// implements a world. `wit` is a folder with the interface, `world` the world's name.
pub fn write_c_bindings(wit: &Path, world: &str, folder: &Path) -> Result<(), BindingsError> {
    let unreadable = |error| BindingsError::Interface(format!("{error:#}"));
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).map_err(unreadable)?;
    let world = resolve
        .select_world(&[package], Some(world))
        .map_err(unreadable)?;
    let mut files = Files::default();
    wit_bindgen_c::Opts::default()
        .build()
        .generate(&mut resolve, world, &mut files)
        .map_err(unreadable)?;
    let write = |path: &Path, content: Option<&[u8]>| {
        let written = match content {
            Some(content) => fs::write(path, content),
            None => fs::create_dir_all(path),
        };
        written.map_err(|error| BindingsError::Write {
            path: path.display().to_string(),
            error,
        })
    };
    write(folder, None)?;
    for (name, content) in files.iter() {
        write(&folder.join(name), Some(content))?;
    }
    Ok(())
}
