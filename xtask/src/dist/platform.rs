//! The platforms that packages are built for, under the names of Rust and of npm. Pure: a table.

use anyhow::{Result, bail};

/// One platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Platform {
    /// Rust's name, as in `rustc --target`.
    pub(super) triple: &'static str,
    /// The part of npm's names: `codexkit-<name>`, `codexkit.<name>.node`.
    pub(super) name: &'static str,
    /// npm's `os` field, which is Node's `process.platform`.
    pub(super) os: &'static str,
    /// npm's `cpu` field, which is Node's `process.arch`.
    pub(super) cpu: &'static str,
    /// npm's `libc` field; only Linux has more than one.
    pub(super) libc: Option<&'static str>,
}

macro_rules! platform {
    ($triple:literal, $name:literal, $os:literal, $cpu:literal, $libc:expr) => {
        Platform {
            triple: $triple,
            name: $name,
            os: $os,
            cpu: $cpu,
            libc: $libc,
        }
    };
}

/// Every platform with packages. node/src/nativeModule.ts looks for the same names.
pub(super) const PLATFORMS: [Platform; 8] = [
    platform!(
        "x86_64-unknown-linux-gnu",
        "linux-x64-gnu",
        "linux",
        "x64",
        Some("glibc")
    ),
    platform!(
        "x86_64-unknown-linux-musl",
        "linux-x64-musl",
        "linux",
        "x64",
        Some("musl")
    ),
    platform!(
        "aarch64-unknown-linux-gnu",
        "linux-arm64-gnu",
        "linux",
        "arm64",
        Some("glibc")
    ),
    platform!(
        "aarch64-unknown-linux-musl",
        "linux-arm64-musl",
        "linux",
        "arm64",
        Some("musl")
    ),
    platform!("x86_64-apple-darwin", "darwin-x64", "darwin", "x64", None),
    platform!(
        "aarch64-apple-darwin",
        "darwin-arm64",
        "darwin",
        "arm64",
        None
    ),
    platform!(
        "x86_64-pc-windows-msvc",
        "win32-x64-msvc",
        "win32",
        "x64",
        None
    ),
    platform!(
        "aarch64-pc-windows-msvc",
        "win32-arm64-msvc",
        "win32",
        "arm64",
        None
    ),
];

impl Platform {
    /// The platform with Rust's name `triple`, or an error that lists the names.
    pub(super) fn of(triple: &str) -> Result<Self> {
        if let Some(found) = PLATFORMS.iter().find(|one| one.triple == triple) {
            return Ok(*found);
        }
        let known: Vec<_> = PLATFORMS.iter().map(|one| one.triple).collect();
        bail!(
            "there are no packages for the target {triple:?}; there are for {}",
            known.join(", ")
        )
    }

    /// True on Linux, where zig can link for any other Linux.
    pub(super) fn is_linux(&self) -> bool {
        self.os == "linux"
    }

    /// The npm package with the native module.
    pub(super) fn package(&self) -> String {
        format!("codexkit-{}", self.name)
    }

    /// The native module in it.
    pub(super) fn module(&self) -> String {
        format!("codexkit.{}.node", self.name)
    }

    /// Whether a wheel of this name is one of this platform's.
    pub(super) fn owns_wheel(&self, name: &str) -> bool {
        let arch = match (self.os, self.cpu) {
            ("win32", "x64") => "win_amd64",
            ("win32", _) => "win_arm64",
            ("linux", "arm64") => "aarch64",
            (_, "arm64") => "arm64",
            _ => "x86_64",
        };
        let system = match (self.os, self.libc) {
            ("win32", _) => name.contains("-win"),
            ("darwin", _) => name.contains("-macosx"),
            (_, Some("musl")) => name.contains("-musllinux"),
            _ => name.contains("-manylinux") || name.contains("-linux"),
        };
        system && name.ends_with(&format!("{arch}.whl"))
    }

    /// The file that cargo makes of a `cdylib` crate.
    pub(super) fn library(&self, name: &str) -> String {
        match self.os {
            "win32" => format!("{name}.dll"),
            "darwin" => format!("lib{name}.dylib"),
            _ => format!("lib{name}.so"),
        }
    }

    /// The file that cargo makes of a program.
    pub(super) fn program(&self, name: &str) -> String {
        match self.os {
            "win32" => format!("{name}.exe"),
            _ => name.to_owned(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{PLATFORMS, Platform};

    #[test]
    fn npm_names_are_made_of_the_fields() {
        for platform in PLATFORMS {
            let start = format!("{}-{}", platform.os, platform.cpu);
            let abi = match (platform.os, platform.libc) {
                ("linux", Some("glibc")) => "-gnu",
                ("linux", Some("musl")) => "-musl",
                ("win32", None) => "-msvc",
                ("darwin", None) => "",
                other => panic!("{other:?}"),
            };
            assert_eq!(platform.name, format!("{start}{abi}"));
        }
    }

    #[test]
    fn a_wheel_belongs_to_one_platform() {
        for (tag, name) in [
            ("manylinux_2_34_x86_64", "linux-x64-gnu"),
            ("linux_x86_64", "linux-x64-gnu"),
            (
                "manylinux_2_17_aarch64.manylinux2014_aarch64",
                "linux-arm64-gnu",
            ),
            ("musllinux_1_2_x86_64", "linux-x64-musl"),
            ("macosx_11_0_arm64", "darwin-arm64"),
            ("macosx_10_12_x86_64", "darwin-x64"),
            ("win_amd64", "win32-x64-msvc"),
            ("win_arm64", "win32-arm64-msvc"),
        ] {
            let wheel = format!("codexkit-0.1.0-cp310-abi3-{tag}.whl");
            let owners: Vec<_> = PLATFORMS
                .iter()
                .filter(|one| one.owns_wheel(&wheel))
                .collect();
            assert_eq!(owners.len(), 1, "{wheel}: {owners:?}");
            assert_eq!(owners[0].name, name);
        }
    }

    #[test]
    fn the_release_workflow_and_the_loader_know_every_platform() {
        let read = |name: &str| std::fs::read_to_string(crate::paths::root().join(name)).unwrap();
        let workflow = read(".github/workflows/release.yml");
        let loader = read("node/src/nativeModule.ts");
        for platform in PLATFORMS {
            assert!(
                workflow.contains(&format!("target: {},", platform.triple)),
                "{}",
                platform.triple
            );
            assert!(
                loader.contains(&format!("\"{}\"", platform.name)),
                "{}",
                platform.name
            );
        }
    }

    #[test]
    fn an_unknown_target_is_told_the_known_ones() {
        assert_eq!(
            Platform::of("x86_64-apple-darwin").unwrap().module(),
            "codexkit.darwin-x64.node"
        );
        let error = Platform::of("riscv64gc-unknown-linux-gnu")
            .unwrap_err()
            .to_string();
        assert!(error.contains("riscv64gc") && error.contains("aarch64-unknown-linux-musl"));
    }
}
