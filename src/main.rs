//! The `recension` program: parses its arguments, runs the command, and tells the system how it went.

use std::process::ExitCode;

fn main() -> ExitCode {
    recension::cli::main()
}
