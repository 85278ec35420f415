//! What is in no registry: the test kit's program as an archive, and the checksums of all packages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::native::Builder;
use super::{names, python_script, version};

/// Packs files without owner and time, so that the same files give the same archive.
const PACK: &str = "
import gzip, os, sys, tarfile
archive, *files = sys.argv[1:]
with open(archive, 'wb') as raw, gzip.GzipFile('', 'wb', 9, raw, 0) as packed:
    with tarfile.open(fileobj=packed, mode='w') as tar:
        for path in files:
            info = tarfile.TarInfo(os.path.basename(path))
            info.size = os.path.getsize(path)
            info.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            with open(path, 'rb') as file:
                tar.addfile(info, file)
";

const SUMS: &str = "
import hashlib, os, sys
for path in sys.argv[1:]:
    with open(path, 'rb') as file:
        print(hashlib.sha256(file.read()).hexdigest() + '  ' + os.path.basename(path))
";

/// The name of the file with the checksums.
pub(super) const SUMS_FILE: &str = "SHA256SUMS";

/// `codexkit-testkit-<version>-<triple>.tar.gz`: the program, its manual, the licence.
pub(super) fn testkit(builder: &Builder, out: &Path) -> Result<PathBuf> {
    let program = builder.testkit()?;
    let triple = builder.platform.triple;
    let archive = out.join(format!("codexkit-testkit-{}-{triple}.tar.gz", version()));
    let (manual, licence) = (
        builder.root.join("testkit/README.md"),
        builder.root.join("LICENSE"),
    );
    python_script(PACK, &[&archive, &program, &manual, &licence])?;
    Ok(archive)
}

/// `SHA256SUMS` of every package in the folder, as `sha256sum --check` reads it.
pub(super) fn checksums(out: &Path) -> Result<PathBuf> {
    let packages: Vec<PathBuf> = names(out)?
        .iter()
        .filter(|name| is_package(name))
        .map(|name| out.join(name))
        .collect();
    let packages: Vec<&Path> = packages.iter().map(PathBuf::as_path).collect();
    let sums = out.join(SUMS_FILE);
    fs::write(&sums, python_script(SUMS, &packages)?)?;
    Ok(sums)
}

fn is_package(name: &str) -> bool {
    name.starts_with("codexkit-")
        && [".whl", ".tgz", ".tar.gz"]
            .iter()
            .any(|end| name.ends_with(end))
}
