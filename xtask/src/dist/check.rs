//! `cargo xtask dist --check`: the packages are installed as a user would, in fresh environments without
//! a compiler, and run turns of the engine that came with them against the scripted model that came with
//! them. The programs are in tests/packages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::fresh::Fresh;
use super::platform::Platform;
use super::{Builder, names, step, version};
use crate::sh::Cmd;
use crate::suites::Outcome;
use crate::{paths, tools};

/// The packages that one machine installs.
#[derive(Debug)]
pub(crate) struct Packages {
    platform: Platform,
    wheel: PathBuf,
    main: PathBuf,
    native: PathBuf,
}

impl Packages {
    /// Finds them in a folder.
    pub(crate) fn find(out: &Path, builder: &Builder) -> Result<Self> {
        let platform = builder.platform;
        let all = names(out)?;
        let one = |what: &str, wanted: &dyn Fn(&str) -> bool| {
            let found = all.iter().find(|name| wanted(name));
            found.map(|name| out.join(name)).with_context(|| {
                format!(
                    "there is no {what} for {} in {}; `cargo xtask dist` makes it",
                    platform.triple,
                    out.display()
                )
            })
        };
        let tarball = |name: &str| format!("{name}-{}.tgz", version());
        Ok(Self {
            platform,
            wheel: one("wheel", &|name| platform.owns_wheel(name))?,
            main: one("npm package", &|name| name == tarball("codexkit"))?,
            native: one("platform package", &|name| {
                name == tarball(&platform.package())
            })?,
        })
    }
}

/// An interpreter to check with.
#[derive(Clone, Debug)]
pub(crate) struct Interpreter {
    /// Its name in the report, as in `Python 3.12`.
    pub(crate) name: String,
    program: PathBuf,
}

/// Every Python that can be found, one of each version, and the named ones. The first is the ordinary one.
pub(crate) fn pythons(named: &[String]) -> Result<Vec<Interpreter>> {
    let first = tools::python()?;
    let mut candidates = vec![first.program.to_string_lossy().into_owned()];
    candidates.extend(named.iter().cloned());
    candidates.extend((10..=15).map(|minor| format!("python3.{minor}")));
    candidates.extend(of_pyenv());
    let mut found: Vec<Interpreter> = Vec::new();
    for candidate in candidates {
        let asked =
            "import sys, venv; print(sys.executable); print('Python %d.%d' % sys.version_info[:2])";
        let Ok(out) = Cmd::new(&candidate).args(["-c", asked]).quiet() else {
            if named.contains(&candidate) {
                bail!("--python {candidate}: no Python with the venv module");
            }
            continue;
        };
        let mut lines = out.lines();
        let (program, name) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
        let minor: u32 = name.rsplit('.').next().unwrap_or("").parse().unwrap_or(0);
        if name.starts_with("Python 3.") && minor >= 10 && found.iter().all(|one| one.name != name)
        {
            found.push(Interpreter {
                name: name.to_owned(),
                program: program.into(),
            });
        }
    }
    Ok(found)
}

/// The Pythons of pyenv that are not on `PATH`.
fn of_pyenv() -> Vec<String> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let versions = root.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let mut programs: Vec<String> = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/python"))
        .filter(|program| program.exists())
        .map(|program| program.to_string_lossy().into_owned())
        .collect();
    programs.sort();
    programs
}

/// The ordinary Node, and those of npm's package `node`.
pub(crate) fn nodes(majors: &[u32]) -> Result<Vec<Interpreter>> {
    let mut found = vec![Interpreter {
        name: format!("Node {}", tools::node()?),
        program: "node".into(),
    }];
    for major in majors {
        let dir = paths::cache().join(format!("node-{major}"));
        let program = dir.join("node_modules/node/bin/node");
        if !program.exists() {
            step(&format!("node@{major} from npm"));
            fs::create_dir_all(&dir)?;
            Cmd::npm()
                .args(["install", "--loglevel=error", "--prefix"])
                .arg(&dir)
                .arg(format!("node@{major}"))
                .quiet()
                .with_context(|| format!("there is no Node {major} in npm's package `node`"))?;
        }
        let version = Cmd::new(&program).arg("--version").quiet()?;
        found.push(Interpreter {
            name: format!("Node {}", version.trim().trim_start_matches('v')),
            program,
        });
    }
    Ok(found)
}

/// Checks everything, one test after the other.
pub(crate) fn all(
    packages: &Packages,
    pythons: &[Interpreter],
    nodes: &[Interpreter],
    outcome: &mut Outcome,
) -> Result<()> {
    python(packages, pythons, outcome)?;
    node(packages, nodes, outcome)
}

fn python(packages: &Packages, pythons: &[Interpreter], outcome: &mut Outcome) -> Result<()> {
    let fresh = Fresh::new("python")?;
    let Some((first, others)) = pythons.split_first() else {
        bail!("no Python to check with");
    };
    let venv = fresh.dir().join("venv");
    let installed = pip_install(&fresh, first, &packages.wheel, &venv);
    let ok = installed.is_ok();
    outcome.record(
        &format!("{}: pip install of the wheel", first.name),
        &installed,
    );
    if !ok {
        return Ok(());
    }
    outcome.record(
        "the wheel brings its few dependencies and nothing else",
        &brings_only(&fresh, &venv, &BROUGHT),
    );
    let mut engine = PathBuf::new();
    let turns = python_turns(&fresh, &venv, None).map(|path| engine = path);
    outcome.record(&format!("{}: a turn, sync and async", first.name), &turns);
    for other in others {
        let own = fresh.dir().join(other.name.replace(' ', "-"));
        let turns = pip_install_alone(&fresh, other, &packages.wheel, &venv, &own)
            .and_then(|()| python_turns(&fresh, &own, Some(&engine)).map(drop));
        outcome.record(
            &format!("{}: the same wheel, the same turns", other.name),
            &turns,
        );
    }
    outcome.record(
        "no compiler was called for Python",
        &fresh.nothing_was_compiled(),
    );
    Ok(())
}

/// With its dependencies, as a user would.
fn pip_install(fresh: &Fresh, python: &Interpreter, wheel: &Path, venv: &Path) -> Result<()> {
    step(&format!("pip install {}", wheel.display()));
    fresh
        .run(Cmd::new(&python.program).args(["-m", "venv"]).arg(venv))?
        .quiet()?;
    fresh
        .run(
            tools::pip_install(bin(venv, "python"))
                .args(["--only-binary", ":all:"])
                .arg(wheel),
        )?
        .quiet()
        .map(drop)
}

/// Without a second copy of the engine.
fn pip_install_alone(
    fresh: &Fresh,
    python: &Interpreter,
    wheel: &Path,
    with_pip: &Path,
    venv: &Path,
) -> Result<()> {
    let make = Cmd::new(&python.program).args(["-m", "venv", "--without-pip"]);
    fresh.run(make.arg(venv))?.quiet()?;
    let install = Cmd::new(bin(with_pip, "python"))
        .args(["-m", "pip", "--python"])
        .arg(bin(venv, "python"))
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ])
        .arg(wheel);
    fresh.run(install)?.quiet().map(drop)
}

/// What `pip install` of the wheel brings. Named here, and not read from the manifest, so that whoever adds
/// a dependency, or takes one that has dependencies of its own, decides it.
const BROUGHT: [&str; 3] = ["codexkit", "docstring-parser", "openai-codex-cli-bin"];

fn brings_only(fresh: &Fresh, venv: &Path, wanted: &[&str]) -> Result<()> {
    let list = Cmd::new(bin(venv, "python")).args([
        "-m",
        "pip",
        "list",
        "--format=freeze",
        "--disable-pip-version-check",
    ]);
    let listed = fresh.run(list)?.quiet()?;
    let own = ["pip", "setuptools", "wheel"];
    let found: Vec<_> = listed
        .lines()
        .filter_map(|line| line.split("==").next())
        .filter(|name| !own.contains(name))
        .map(|name| name.replace('_', "-"))
        .collect();
    if found != wanted {
        bail!("pip installed {found:?}, not {wanted:?}");
    }
    Ok(())
}

/// Runs tests/packages/turns.py; gives the engine that it used.
fn python_turns(fresh: &Fresh, venv: &Path, engine: Option<&Path>) -> Result<PathBuf> {
    let program = copy_program(fresh, "turns.py")?;
    let mut command = fresh.use_packages(Cmd::new(bin(venv, "python")).arg(program))?;
    if let Some(engine) = engine {
        command = command.env("CODEX_BINARY", engine);
    }
    let told = told(&command.quiet()?)?;
    let package = PathBuf::from(told["package"].as_str().unwrap_or_default());
    if !is_inside(&package, venv)? {
        bail!("the package was imported from {}", package.display());
    }
    let path = PathBuf::from(told["engine"].as_str().unwrap_or_default());
    if engine.is_none() && !is_inside(&path, venv)? {
        bail!("the engine is not the installed one but {}", path.display());
    }
    Ok(path)
}

fn node(packages: &Packages, nodes: &[Interpreter], outcome: &mut Outcome) -> Result<()> {
    let fresh = Fresh::new("node")?;
    let installed = npm_install(&fresh, packages);
    let ok = installed.is_ok();
    outcome.record("npm install of the two packages", &installed);
    if !ok {
        return Ok(());
    }
    outcome.record(
        "the native module is in the platform package alone",
        &native_modules(&fresh, packages.platform),
    );
    for node in nodes {
        for program in ["turns.cjs", "turns.mjs"] {
            let turns = node_turns(&fresh, node, program);
            outcome.record(&format!("{}: {program}", node.name), &turns);
        }
    }
    outcome.record(
        "the types compile in a strict project",
        &types_compile(&fresh),
    );
    outcome.record(
        "without the platform package the error says what to install",
        &told_what_is_missing(&fresh, packages.platform),
    );
    outcome.record(
        "no compiler was called for Node",
        &fresh.nothing_was_compiled(),
    );
    Ok(())
}

fn npm_install(fresh: &Fresh, packages: &Packages) -> Result<()> {
    step(&format!("npm install {}", packages.main.display()));
    fs::write(
        fresh.dir().join("package.json"),
        r#"{"name": "app", "private": true}"#,
    )?;
    let install = Cmd::npm()
        // Ours have no scripts; names that are not published yet could get some from a stranger.
        .args(["install", "--loglevel=error", "--ignore-scripts"])
        .arg(&packages.native)
        .arg(&packages.main);
    fresh.run(install)?.quiet().map(drop)
}

fn native_modules(fresh: &Fresh, platform: Platform) -> Result<()> {
    let modules = fresh.dir().join("node_modules");
    let native = modules.join(platform.package()).join(platform.module());
    if !native.exists() {
        bail!("{} is missing", native.display());
    }
    let beside = names(&modules.join("codexkit/node"))?;
    if beside != ["dist"] {
        bail!("the main package has {beside:?} beside its programs");
    }
    let others: Vec<_> = names(&modules)?
        .into_iter()
        .filter(|name| name.starts_with("codexkit-") && *name != platform.package())
        .collect();
    if !others.is_empty() {
        bail!("packages of other platforms were installed: {others:?}");
    }
    Ok(())
}

fn node_turns(fresh: &Fresh, node: &Interpreter, program: &str) -> Result<()> {
    let program = copy_program(fresh, program)?;
    let command = fresh.use_packages(Cmd::new(&node.program).arg(program))?;
    let told = told(&command.quiet()?)?;
    let engine = PathBuf::from(told["engine"].as_str().unwrap_or_default());
    if !is_inside(&engine, &fresh.dir().join("node_modules"))? {
        bail!(
            "the engine is not the installed one but {}",
            engine.display()
        );
    }
    Ok(())
}

fn types_compile(fresh: &Fresh) -> Result<()> {
    copy_program(fresh, "types.mts")?;
    let settings = serde_json::json!({
        "compilerOptions": {
            "strict": true, "skipLibCheck": false, "noEmit": true, "target": "es2022",
            "lib": ["es2022", "esnext.disposable"], "module": "nodenext", "types": ["node"],
            "typeRoots": [paths::root().join("node_modules/@types")],
        },
        "files": ["types.mts"],
    });
    fs::write(fresh.dir().join("tsconfig.json"), settings.to_string())?;
    Cmd::new(paths::node_bin("tsc"))
        .args(["-p", "."])
        .cwd(fresh.dir())
        .quiet()
        .map(drop)
}

fn told_what_is_missing(fresh: &Fresh, platform: Platform) -> Result<()> {
    let package = fresh.dir().join("node_modules").join(platform.package());
    let away = fresh.dir().join("away");
    fs::rename(&package, &away)?;
    let program = fresh.dir().join("turns.cjs");
    let done = fresh
        .use_packages(Cmd::new("node").arg(program))?
        .watch(|_, _| {});
    fs::rename(&away, &package)?;
    let done = done?;
    let names_it = done
        .stderr
        .contains(&format!("npm install {}", platform.package()));
    if done.success() || !names_it {
        bail!("it ended with {} and said\n{}", done.status, done.stderr);
    }
    Ok(())
}

/// The JSON that a program of tests/packages prints last, after its turns went well.
fn told(printed: &str) -> Result<Value> {
    let last = printed.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("it printed\n{printed}"))
}

/// Whether a file is in a folder, however the two are written.
fn is_inside(file: &Path, folder: &Path) -> Result<bool> {
    let file = fs::canonicalize(file).with_context(|| file.display().to_string())?;
    Ok(file.starts_with(fs::canonicalize(folder)?))
}

fn copy_program(fresh: &Fresh, name: &str) -> Result<PathBuf> {
    let to = fresh.dir().join(name);
    fs::copy(paths::root().join("tests/packages").join(name), &to)?;
    Ok(to)
}

fn bin(venv: &Path, name: &str) -> PathBuf {
    if cfg!(windows) {
        venv.join("Scripts").join(format!("{name}.exe"))
    } else {
        venv.join("bin").join(name)
    }
}
