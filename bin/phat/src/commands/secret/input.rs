//! Where the value of a secret comes from.

use std::{
    io::{self, IsTerminal, Read},
    path::Path,
    thread,
};

use anyhow::{Context, Result, bail};
use phat_primitives::limits::SECRET_BYTES_MAX;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{commands::gateway::StopSignal, output::Output, project::read_bounded};

/// The most bytes that end a line.
const LINE_END_BYTES_MAX: u64 = 2;

/// The value in a file, with all its bytes.
pub fn from_file(path: &Path) -> Result<Zeroizing<String>> {
    let bytes = Zeroizing::new(read_bounded(path, SECRET_BYTES_MAX, "a secret")?);
    value_of(&bytes).with_context(|| path.display().to_string())
}

/// The value from standard input, without one line feed at its end. At a terminal it is asked for,
/// and not shown.
pub async fn from_standard_input(name: &str, output: &mut Output<'_>) -> Result<Zeroizing<String>> {
    if io::stdin().is_terminal() {
        output.progress(format_args!("The value of {name}, which is not shown:"));
        return value_of(without_line_end(ask().await?.as_bytes()));
    }
    from_reader(&mut io::stdin().lock())
}

fn from_reader(reader: &mut impl Read) -> Result<Zeroizing<String>> {
    let bytes_max = u64::from(SECRET_BYTES_MAX) + LINE_END_BYTES_MAX;
    // Room for all of it: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(bytes_max as usize + 1));
    reader
        .take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .context("the value cannot be read from standard input")?;
    value_of(without_line_end(&bytes))
}

/// Reads a line at the terminal.
async fn ask() -> Result<Zeroizing<String>> {
    let mut stop = StopSignal::new()?;
    let hidden = HiddenInput::new().context("the terminal cannot be kept from showing it")?;
    let (sender, line) = oneshot::channel();
    // A thread of its own: the program would not end while one of the runtime's waits for a line.
    thread::spawn(move || {
        let mut line = Zeroizing::new(String::new());
        let read = io::stdin().read_line(&mut line);
        // Nobody waits for it after an interruption.
        let _ = sender.send(read.map(|_| line));
    });
    let line = tokio::select! {
        line = line => line,
        () = stop.received() => bail!("interrupted: no secret was set"),
    };
    drop(hidden);
    line.context("the terminal was not read")?
        .context("the terminal cannot be read")
}

/// A terminal that does not show what is typed, until this is dropped.
struct HiddenInput(Termios);

impl HiddenInput {
    fn new() -> io::Result<Self> {
        let shown = tcgetattr(io::stdin())?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(io::stdin(), OptionalActions::Drain, &hidden)?;
        Ok(Self(shown))
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing anyway.
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.0);
    }
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let line = bytes.strip_suffix(b"\n");
    line.map_or(bytes, |line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// The text of a secret. What is wrong with it is told without showing any of it.
fn value_of(bytes: &[u8]) -> Result<Zeroizing<String>> {
    if bytes.is_empty() {
        bail!("the value is empty: `phat secret remove` removes a secret");
    }
    if bytes.len() > SECRET_BYTES_MAX as usize {
        bail!("the value is longer than the {SECRET_BYTES_MAX} bytes that a secret may have");
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => bail!(
            "the value is not UTF-8 text: encode it, for example in hexadecimal digits, and have \
             the contract decode it"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piped(bytes: &[u8]) -> Result<String, String> {
        let mut bytes = bytes;
        from_reader(&mut bytes)
            .map(|value| value.to_string())
            .map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn one_end_of_a_line_is_no_part_of_a_piped_value() {
        for (input, value) in [
            ("key", "key"),
            ("key\n", "key"),
            ("key\r\n", "key"),
            ("key\n\n", "key\n"),
            (" two\nlines ", " two\nlines "),
            ("\r", "\r"),
        ] {
            assert_eq!(piped(input.as_bytes()).as_deref(), Ok(value), "{input:?}");
        }
    }

    #[test]
    fn a_value_is_a_text_within_the_bound() {
        let longest = "k".repeat(SECRET_BYTES_MAX as usize);
        assert_eq!(piped(longest.as_bytes()).as_ref(), Ok(&longest));
        assert_eq!(
            piped(format!("{longest}\r\n").as_bytes()),
            Ok(longest.clone())
        );
        for more in ["k", "k\n", "kkkkk"] {
            let error = piped(format!("{longest}{more}").as_bytes()).unwrap_err();
            assert!(error.contains("65536 bytes"), "{error}");
        }
        for empty in ["", "\n", "\r\n"] {
            let error = piped(empty.as_bytes()).unwrap_err();
            assert!(error.contains("is empty"), "{error}");
        }
        let error = piped(b"hunter2\xff").unwrap_err();
        assert!(error.contains("not UTF-8"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_file_is_taken_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("value");
        std::fs::write(&path, "key\n").unwrap();
        assert_eq!(from_file(&path).unwrap().as_str(), "key\n");
        std::fs::write(&path, vec![b'k'; SECRET_BYTES_MAX as usize + 1]).unwrap();
        let error = format!("{:#}", from_file(&path).unwrap_err());
        assert!(error.contains("larger than the 65536 bytes"), "{error}");
        std::fs::write(&path, "").unwrap();
        let error = format!("{:#}", from_file(&path).unwrap_err());
        assert!(
            error.contains("is empty") && error.contains("value"),
            "{error}"
        );
    }
}
