//! Where a command's result and progress go.

use std::{
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

use serde::Serialize;
use serde_json::json;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Text,
    /// One JSON object on one line for each result.
    Json,
}

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The thing is done, or true. Exit code 0.
    Done,
    /// What was asked for is false or failed, as the result says. Exit code 1.
    Failed,
}

impl Verdict {
    /// `Done` if `holds`.
    pub fn of(holds: bool) -> Self {
        if holds { Self::Done } else { Self::Failed }
    }
}

/// The result stream and the progress stream of a command.
pub struct Output<'a> {
    format: Format,
    result: &'a mut dyn Write,
    progress: &'a mut dyn Write,
}

impl<'a> Output<'a> {
    /// Writes results to `result`, and progress and errors to `progress`.
    pub fn new(format: Format, result: &'a mut dyn Write, progress: &'a mut dyn Write) -> Self {
        Self {
            format,
            result,
            progress,
        }
    }

    /// Writes the result of a command and passes on what it found, which a reader
    /// that is gone does not change.
    pub fn finish<T: Serialize + Display>(
        &mut self,
        value: &T,
        verdict: Verdict,
    ) -> io::Result<Verdict> {
        self.item(value).map(|_| verdict)
    }

    /// Writes one of many results. Whether anybody reads on: a reader that has
    /// seen enough, as with `phat logs | head`, is no failure.
    pub fn item<T: Serialize + Display>(&mut self, value: &T) -> io::Result<bool> {
        match self.emit(value) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes a result.
    pub fn emit<T: Serialize + Display>(&mut self, value: &T) -> io::Result<()> {
        match self.format {
            Format::Json => {
                serde_json::to_writer(&mut *self.result, value)?;
                self.result.write_all(b"\n")?;
            }
            Format::Text => {
                let text = printable(&value.to_string());
                self.result.write_all(text.trim_end().as_bytes())?;
                self.result.write_all(b"\n")?;
            }
        }
        self.result.flush()
    }

    /// Says what is being done, for anything that may take over a second.
    pub fn progress(&mut self, text: impl Display) {
        // Progress that nobody can read is no reason to stop.
        let _ = writeln!(self.progress, "{}", printable(&text.to_string()));
    }

    /// The exit code, after saying why a command could not do its work.
    pub fn end(&mut self, ended: anyhow::Result<Verdict>) -> ExitCode {
        match ended {
            Ok(Verdict::Done) => ExitCode::SUCCESS,
            Ok(Verdict::Failed) => ExitCode::from(1),
            Err(error) => {
                let message = describe(&error);
                self.progress(format_args!("error: {message}"));
                if self.format == Format::Json {
                    write_error(self.result, &message);
                }
                ExitCode::from(1)
            }
        }
    }
}

/// Writes an error in the form that every command has with `--json`.
pub fn write_error(result: &mut dyn Write, message: &str) {
    let object = json!({ "error": { "message": message } });
    // A reader that is gone wants no error either.
    let _ = writeln!(result, "{object}");
}

/// An error and its causes, without those that an error before tells already.
pub fn describe(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |mut text, cause| {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            let separator = if text.is_empty() { "" } else { ": " };
            text.extend([separator, &cause]);
        }
        text
    })
}

/// Text in which every control character but line feed and tab is replaced.
/// What contracts, workers and nodes say must not steer a terminal.
fn printable(text: &str) -> String {
    let keep = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars()
        .map(|c| {
            if keep(c) {
                c
            } else {
                char::REPLACEMENT_CHARACTER
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow!("no route").context("cannot connect: no route; try again");
        let error = error.context("the contract was not created");
        assert_eq!(
            describe(&error),
            "the contract was not created: cannot connect: no route; try again"
        );
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("a\n\tb"), "a\n\tb");
        assert_eq!(
            printable("\x1b[2Jé\r\u{9b}1m"),
            "\u{fffd}[2Jé\u{fffd}\u{fffd}1m"
        );
    }

    /// A stream that cannot be written to, for this reason.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_is_gone_changes_nothing_about_what_was_found() {
        for format in [Format::Text, Format::Json] {
            for verdict in [Verdict::Done, Verdict::Failed] {
                let (mut gone, mut progress) = (Broken(io::ErrorKind::BrokenPipe), Vec::new());
                let mut output = Output::new(format, &mut gone, &mut progress);
                assert!(!output.item(&1).unwrap());
                assert_eq!(output.finish(&1, verdict).unwrap(), verdict);
                assert_eq!(progress.len(), 0);
            }
        }
    }

    #[test]
    fn a_result_that_cannot_be_written_is_a_failure() {
        let (mut full, mut progress) = (Broken(io::ErrorKind::StorageFull), Vec::new());
        let mut output = Output::new(Format::Text, &mut full, &mut progress);
        let error = output.finish(&1, Verdict::Done).unwrap_err();
        assert_eq!(output.end(Err(error.into())), ExitCode::from(1));
        assert!(!progress.is_empty());
    }
}
