//! Writes the runtime's metadata, which clients are generated from, to the file named as the
//! only argument.

use std::{env, fs, process::ExitCode};

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let (Some(path), None) = (args.next(), args.next()) else {
        eprintln!("usage: metadata FILE");
        return ExitCode::from(2);
    };
    let metadata = sp_io::TestExternalities::new_empty().execute_with(phat_runtime::metadata);
    let Some(metadata) = metadata else {
        eprintln!("the runtime has no metadata of the version that clients are generated from");
        return ExitCode::FAILURE;
    };
    if let Err(error) = fs::write(&path, metadata) {
        eprintln!("cannot write {}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
