#!/bin/sh
# Installs the packages of a folder in this machine's Python, or else its Node, and runs turns with them: for
# containers that have nothing else. `cargo xtask dist --check` does more where Rust is at hand.
#
#   sh install.sh FOLDER
set -eu

packages=$(cd "$1" && pwd)
programs=$(cd "$(dirname "$0")" && pwd)
if command -v cargo >/dev/null; then
    echo "cargo is here; this is meant for a machine without it" >&2
fi
# The engine does without some of its helpers below the temporary folder.
place="${HOME:-/root}/codexkit-packages-$$"
mkdir -p "$place"
trap 'rm -rf "$place"' EXIT
cd "$place"

# The wheels that fit this libc; pip chooses among the machines.
if ldd --version 2>&1 | grep -qi musl; then libc=musl; else libc=gnu; fi

if command -v python3 >/dev/null && python3 -c 'import venv, ensurepip' 2>/dev/null; then
    python3 -m venv venv
    pip="venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all:"
    if [ "$libc" = gnu ]; then
        $pip --find-links "$packages" codexkit
    else
        # The index has no engine for musl, but the one for glibc needs no libc at all.
        $pip --no-deps --no-index --find-links "$packages" codexkit
        site=$(venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
        $pip --no-deps --target "$site" --platform "manylinux_2_17_$(uname -m)" openai-codex-cli-bin
    fi
    cp "$programs/turns.py" .
    venv/bin/python turns.py
    echo "Python: ok"
elif command -v npm >/dev/null; then
    machine=$(node -p process.arch)
    echo '{"name": "app", "private": true}' > package.json
    # Read-only mounts do: npm copies.
    npm install --silent --no-audit --no-fund \
        "$packages"/codexkit-linux-"$machine-$libc"-[0-9]*.tgz "$packages"/codexkit-[0-9]*.tgz
    cp "$programs/turns.cjs" "$programs/turns.mjs" .
    node turns.cjs
    node turns.mjs
    echo "Node: ok"
else
    echo "there is neither Python with venv nor npm here" >&2
    exit 1
fi
