//! The npm packages: the main one, compiled TypeScript without native code, and one for each platform
//! with its native module. npm installs of the latter what fits the machine, as the main one's
//! `optionalDependencies`.
//!
//! The repository's own package.json stays what a clone needs; what is published is derived from it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::native::Builder;
use super::platform::{PLATFORMS, Platform};
use super::{made, step, version};
use crate::paths;
use crate::sh::Cmd;

/// `codexkit-<version>.tgz`.
pub(super) fn main_package(builder: &Builder, out: &Path) -> Result<PathBuf> {
    step("npm package codexkit");
    let stage = stage(&builder.root, "codexkit")?;
    let manifest = main_manifest(&builder.root.join("package.json"))?;
    copy_tree(&builder.root.join("node/dist"), &stage.join("node/dist"))?;
    fs::copy(builder.root.join("README.md"), stage.join("README.md"))?;
    finish(&stage, "codexkit", &manifest, out)
}

/// `codexkit-<platform>-<version>.tgz`.
pub(super) fn platform_package(builder: &Builder, out: &Path) -> Result<PathBuf> {
    let platform = builder.platform;
    let module = builder.node_module()?;
    step(&format!("npm package {}", platform.package()));
    let stage = stage(&builder.root, &platform.package())?;
    let own = fs::read_to_string(builder.root.join("package.json"))?;
    let manifest = platform_manifest(&serde_json::from_str(&own)?, platform);
    fs::copy(&module, stage.join(platform.module()))
        .with_context(|| format!("cannot copy {}", module.display()))?;
    fs::write(stage.join("README.md"), platform_readme(platform))?;
    let manifest = serde_json::to_string_pretty(&manifest)? + "\n";
    finish(&stage, &platform.package(), &manifest, out)
}

/// The repository's package.json without what only a clone needs, and with the platform packages. Node does
/// it because it keeps the order of the keys, which counts in `exports`.
const MAIN_MANIFEST: &str = "
const [file, platforms] = process.argv.slice(1);
const { scripts, devDependencies, ...manifest } = JSON.parse(require('fs').readFileSync(file, 'utf8'));
manifest.files = ['node/dist'];
const names = platforms.split(' ').map((name) => [name, manifest.version]);
manifest.optionalDependencies = Object.fromEntries(names);
console.log(JSON.stringify(manifest, null, 2));
";

fn main_manifest(own: &Path) -> Result<String> {
    let platforms = PLATFORMS.map(|platform| platform.package()).join(" ");
    Cmd::new("node")
        .args(["-e", MAIN_MANIFEST])
        .arg(own)
        .arg(platforms)
        .quiet()
}

fn platform_manifest(own: &Value, platform: Platform) -> Value {
    let mut manifest = json!({
        "name": platform.package(),
        "version": version(),
        "description": format!("The native module of codexkit for {}", platform.name),
        "license": own["license"],
        "repository": own["repository"],
        "engines": own["engines"],
        "os": [platform.os],
        "cpu": [platform.cpu],
        "main": platform.module(),
        "files": [platform.module()],
    });
    if let Some(libc) = platform.libc {
        manifest["libc"] = json!([libc]);
    }
    manifest
}

fn platform_readme(platform: Platform) -> String {
    format!(
        "# {}\n\nThe native module of [codexkit](https://www.npmjs.com/package/codexkit) for `{}`. Install `codexkit`; \
         npm adds this package by itself where it fits.\n",
        platform.package(),
        platform.triple
    )
}

/// An empty folder to put a package together in.
fn stage(root: &Path, name: &str) -> Result<PathBuf> {
    let stage = paths::work("dist").join(name);
    if stage.exists() {
        fs::remove_dir_all(&stage)?;
    }
    fs::create_dir_all(&stage)?;
    fs::copy(root.join("LICENSE"), stage.join("LICENSE"))?;
    Ok(stage)
}

fn finish(stage: &Path, name: &str, manifest: &str, out: &Path) -> Result<PathBuf> {
    fs::write(stage.join("package.json"), manifest)?;
    let file = format!("{name}-{}.tgz", version());
    made(
        out,
        |found| found == file,
        || {
            Cmd::npm()
                .args(["pack", "--loglevel=error", "--pack-destination"])
                .arg(out)
                .cwd(stage)
                .quiet()
                .map(drop)
        },
    )
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::{PLATFORMS, main_manifest, platform_manifest, version};
    use crate::paths;

    #[test]
    fn the_main_package_runs_nothing_when_it_is_installed() {
        let text = main_manifest(&paths::root().join("package.json")).unwrap();
        let made: Value = serde_json::from_str(&text).unwrap();
        assert!(made.get("scripts").is_none() && made.get("devDependencies").is_none());
        assert!(made["dependencies"]["@openai/codex"].is_string());
        assert_eq!(made["files"], json!(["node/dist"]));
        let optional = made["optionalDependencies"].as_object().unwrap();
        assert_eq!(optional.len(), PLATFORMS.len());
        assert!(optional.values().all(|wanted| wanted == version()));
        // The first condition that fits is taken, and `default` always fits.
        let (types, default) = (
            text.find("\"types\"").unwrap(),
            text.find("\"default\"").unwrap(),
        );
        assert!(types < default);
    }

    #[test]
    fn a_platform_package_fits_one_platform() {
        let own = json!({"license": "X", "repository": {"url": "u"}, "engines": {"node": ">=20"}});
        let made = platform_manifest(&own, PLATFORMS[1]);
        assert_eq!(made["name"], "codexkit-linux-x64-musl");
        assert_eq!(made["main"], "codexkit.linux-x64-musl.node");
        assert_eq!(
            (&made["os"], &made["cpu"]),
            (&json!(["linux"]), &json!(["x64"]))
        );
        assert_eq!(made["libc"], json!(["musl"]));
        let windows = PLATFORMS.iter().find(|one| one.os == "win32").unwrap();
        assert!(platform_manifest(&own, *windows).get("libc").is_none());
    }
}
