//! Compiles the native parts for a platform, with cargo or, for another Linux, with zig as linker.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::platform::Platform;
use super::step;
use crate::paths;
use crate::setup::Profile;
use crate::sh::Cmd;
use crate::tools;

/// The oldest glibc that Rust supports; what a build with zig asks for.
const OLDEST_GLIBC: &str = "2.17";

/// The pinned tools of a build with zig, from PyPI.
const ZIG: [&str; 2] = ["ziglang==0.17.0", "cargo-zigbuild==0.24.0"];

/// How native code is compiled: for which platform, how well, with which linker.
pub(crate) struct Builder {
    pub(super) platform: Platform,
    profile: Profile,
    /// True when this machine cannot run what is built.
    pub(super) foreign: bool,
    /// True when the platform was asked for or is another one: cargo is then told.
    explicit: bool,
    zig: bool,
    /// The sources.
    pub(super) root: PathBuf,
    /// Cargo's target folder.
    target_dir: PathBuf,
}

impl Builder {
    /// A builder for `target`, or for this machine.
    pub(crate) fn new(profile: Profile, target: Option<&str>, zig: bool) -> Result<Self> {
        let host = host()?;
        let platform = Platform::of(target.unwrap_or(&host))?;
        let foreign = platform.triple != host;
        if zig && !platform.is_linux() {
            bail!(
                "--zig links for Linux only; build for {} on such a machine",
                platform.triple
            );
        }
        if foreign && platform.is_linux() && !zig {
            bail!(
                "this machine is {host}; add --zig to build for {}",
                platform.triple
            );
        }
        if foreign {
            has_standard_library(platform.triple)?;
        }
        Ok(Self {
            platform,
            profile,
            foreign,
            explicit: foreign || zig,
            zig,
            root: paths::root(),
            // A release is compiled with flags of its own; it leaves the ordinary build in peace.
            target_dir: match profile {
                Profile::Dev => paths::target(),
                Profile::Release => paths::target().join("dist"),
            },
        })
    }

    /// Takes other sources, and compiles into another folder.
    #[must_use]
    pub(crate) fn of_clone(mut self, root: PathBuf, target_dir: PathBuf) -> Self {
        self.root = root;
        self.target_dir = target_dir;
        self
    }

    /// The profile's name for cargo and maturin.
    fn profile(&self) -> &'static str {
        match self.profile {
            Profile::Dev => "dev",
            Profile::Release => "release",
        }
    }

    /// Arguments by which maturin builds the same way.
    pub(super) fn maturin_arguments(&self) -> Vec<String> {
        let mut all = vec!["--profile".to_owned(), self.profile().to_owned()];
        if self.explicit {
            all.extend(["--target".to_owned(), self.platform.triple.to_owned()]);
        }
        if self.zig {
            all.push("--zig".to_owned());
        }
        // Without zig the tag says what this machine's libc demands; with it, the oldest there is.
        match (self.zig, self.platform.libc) {
            (true, Some("glibc")) => {
                all.extend(["--compatibility".to_owned(), "manylinux_2_17".to_owned()]);
            }
            (_, Some("musl")) => {
                all.extend(["--compatibility".to_owned(), "musllinux_1_2".to_owned()]);
            }
            _ => {}
        }
        all
    }

    /// The native module for Node.
    pub(super) fn node_module(&self) -> Result<PathBuf> {
        step(&format!("native module for Node, {}", self.platform.triple));
        let cargo = self.cargo()?.args(["-p", "codexkit-node", "--lib"]);
        let mut cargo = self.with_flags(cargo, true);
        if self.profile == Profile::Release {
            cargo = cargo.args(["--", "-C", "strip=symbols"]);
        }
        cargo.run()?;
        self.built(&self.platform.library("codexkit_node"))
    }

    /// The test kit's program.
    pub(super) fn testkit(&self) -> Result<PathBuf> {
        step(&format!("test kit, {}", self.platform.triple));
        let mut cargo = self
            .cargo()?
            .args(["-p", "codexkit-testkit", "--bin", "codexkit-testkit"]);
        if self.profile == Profile::Release {
            cargo = cargo.args(["--", "-C", "strip=symbols"]);
        }
        cargo.run()?;
        self.built(&self.platform.program("codexkit-testkit"))
    }

    /// What every cargo and maturin of this build gets.
    pub(super) fn environment(&self, command: Cmd) -> Result<Cmd> {
        let command = command
            .env("CARGO_TARGET_DIR", &self.target_dir)
            .cwd(&self.root);
        if !self.zig {
            return Ok(command);
        }
        let bin = zig_tools()?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(bin).chain(std::env::split_paths(&path));
        Ok(command.env("PATH", std::env::join_paths(folders)?))
    }

    /// `cargo rustc`, with zig as linker when it was asked for; the caller adds what to compile.
    fn cargo(&self) -> Result<Cmd> {
        let command = match self.zig {
            true => Cmd::new(zig_tools()?.join(exe("cargo-zigbuild"))),
            false => Cmd::cargo(),
        };
        let command = self
            .environment(command)?
            .args(["rustc", "--profile", self.profile()]);
        if !self.explicit {
            return Ok(command);
        }
        let glibc = self.zig && self.platform.libc == Some("glibc");
        let suffix = if glibc {
            format!(".{OLDEST_GLIBC}")
        } else {
            String::new()
        };
        Ok(command
            .arg("--target")
            .arg(format!("{}{suffix}", self.platform.triple)))
    }

    /// The compiler's flags for a library that is loaded, or for a program.
    pub(super) fn with_flags(&self, command: Cmd, library: bool) -> Cmd {
        let mut flags = Vec::new();
        if self.profile == Profile::Release {
            // The folders of the building machine are nobody's business.
            let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
            let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
            for (from, to) in [(home, "/cargo"), (Some(self.root.clone()), "/codexkit")] {
                if let Some(from) = from {
                    flags.push(format!("--remap-path-prefix={}={to}", from.display()));
                }
            }
        }
        if library && self.platform.libc == Some("musl") {
            // It is loaded into a program that has its own libc.
            flags.push("-Ctarget-feature=-crt-static".to_owned());
        }
        if flags.is_empty() {
            return command;
        }
        // The variable whose parts may hold spaces.
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
    }

    fn built(&self, name: &str) -> Result<PathBuf> {
        let mut folder = self.target_dir.clone();
        if self.explicit {
            folder = folder.join(self.platform.triple);
        }
        let folder = folder.join(match self.profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        });
        let path = folder.join(name);
        if !path.exists() {
            bail!("cargo did not make {}", path.display());
        }
        Ok(path)
    }
}

/// This machine, in Rust's words.
fn host() -> Result<String> {
    let about = Cmd::new("rustc").arg("-vV").quiet()?;
    about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("`rustc -vV` names no host")
}

/// Says how to get what rustc would only miss after minutes.
fn has_standard_library(triple: &str) -> Result<()> {
    let asked = Cmd::new("rustc").args(["--print", "target-libdir", "--target", triple]);
    let folder = asked.quiet()?;
    if !Path::new(folder.trim()).exists() {
        bail!("Rust has no standard library for {triple} yet: `rustup target add {triple}`");
    }
    Ok(())
}

/// The folder with zig and cargo-zigbuild, installed from PyPI when they are not there yet.
fn zig_tools() -> Result<PathBuf> {
    let venv = paths::cache().join("zig");
    let bin = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let stamp = venv.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|old| old == ZIG.join(" ")) {
        return Ok(bin);
    }
    step(&format!("{} from PyPI, into .cache/zig", ZIG.join(" and ")));
    let python = tools::python()?;
    Cmd::new(&python.program)
        .args(["-m", "venv"])
        .arg(&venv)
        .quiet()?;
    tools::pip_install(bin.join(exe("python")))
        .args(ZIG)
        .quiet()
        .context("--zig needs the Python package index")?;
    fs::write(stamp, ZIG.join(" "))?;
    Ok(bin)
}

fn exe(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{Builder, host};
    use crate::setup::Profile;

    fn builder(target: &str, zig: bool) -> Result<Vec<String>, String> {
        Builder::new(Profile::Dev, Some(target), zig)
            .map(|builder| builder.maturin_arguments())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn zig_is_for_linux() {
        let error = builder("aarch64-apple-darwin", true).unwrap_err();
        assert!(error.contains("Linux only"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn another_linux_needs_zig() {
        let foreign = match host().unwrap().as_str() {
            "aarch64-unknown-linux-musl" => "x86_64-unknown-linux-musl",
            _ => "aarch64-unknown-linux-musl",
        };
        assert!(builder(foreign, false).unwrap_err().contains("--zig"));
        match builder(foreign, true) {
            Ok(arguments) => assert_eq!(
                arguments.join(" "),
                format!("--profile dev --target {foreign} --zig --compatibility musllinux_1_2")
            ),
            // Not every machine has that target.
            Err(error) => assert!(error.contains("rustup target add"), "{error}"),
        }
    }

    #[test]
    fn this_machine_needs_no_target() {
        let host = host().unwrap();
        if host.ends_with("-gnu") {
            assert_eq!(builder(&host, false).unwrap(), ["--profile", "dev"]);
        }
    }
}
