//! The `trailql` command: parses, runs, and maps the outcome to an exit code; nothing else.

mod cli;

use std::process::ExitCode;
use std::thread;

/// Gives freed memory back to the system soon. The limit of memory is compared with what the process has, and what
/// glibc keeps of the peaks of earlier questions would count against later ones.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Stack of the thread that does the work: a statement of thousands of operators is a deep tree, which is walked and in
/// the end dropped by recursion. Only what is used of it becomes memory.
const STACK_BYTES: usize = 256 << 20;

fn main() -> ExitCode {
    // What a panic says is part of the error that it becomes.
    std::panic::set_hook(Box::new(|_| {}));
    match thread::Builder::new().stack_size(STACK_BYTES).spawn(run) {
        Ok(work) => work.join().unwrap_or_else(|panic| cli::crashed(panic.as_ref())),
        // Where there is no room for such a stack, the one that is there has to do.
        Err(_) => run(),
    }
}

fn run() -> ExitCode {
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
