//! The `trailql` command: parses, runs, and maps the outcome to an exit code; nothing else.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut ui = cli::ui::Ui::new();
    match cli::run(&mut ui) {
        Ok(outcome) => outcome.exit_code(),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            ui.error(&error);
            error.exit_code()
        }
    }
}
