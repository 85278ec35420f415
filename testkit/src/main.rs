//! The `codexkit-testkit` command.

fn main() {}
