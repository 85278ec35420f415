"""Files: staged from everything that gives bytes, and given to turns of the real engine."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import http.server
import io
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import codexkit
from codexkit import InvalidArgumentError, LocalImageInput, MentionInput
from codexkit.files import AsyncFileStore, Cleanup, FileStore
from conftest import ROOT, always

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def root(home: Path) -> Path:
    return home.parent / "staged"


def uploads(root: Path) -> list[Path]:
    return list((root / ".codexkit" / "uploads").iterdir())


def test_every_source_gives_the_same(root: Path, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    file = tmp_path / "data.bin"
    file.write_bytes(content)
    store = FileStore(root)

    def pieces() -> Any:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    sources = [content, bytearray(content), memoryview(content), file, str(file), pieces()]
    sources += [io.BytesIO(content), [content[:5], content[5:]]]
    with file.open("rb") as opened:
        staged = [store.stage(source, name="d.bin", persist=True) for source in [*sources, opened]]
    assert all(other == staged[0] for other in staged)
    assert staged[0].sha256 == hashlib.sha256(content).hexdigest()
    assert staged[0].path == root / staged[0].sha256 / "d.bin"
    assert staged[0].path.read_bytes() == content
    metrics = store.metrics()
    assert (metrics.staged, metrics.deduplicated) == (9, 8)
    assert metrics.bytes == 9 * len(content)
    assert (root.stat().st_mode & 0o777, uploads(root)) == (0o700, [])


async def test_every_source_gives_the_same_async(root: Path, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    file = tmp_path / "data.bin"
    file.write_bytes(content)
    store = AsyncFileStore(root)

    async def pieces() -> Any:
        for start in range(0, len(content), 100_000):
            await asyncio.sleep(0)
            yield content[start : start + 100_000]

    class Reader:
        opened = io.BytesIO(content)

        async def read(self, size: int) -> bytes:
            await asyncio.sleep(0)
            return self.opened.read(size)

    sources = [content, file, io.BytesIO(content), [content[:5], content[5:]], pieces(), Reader()]
    staged = [await store.stage(source, name="d.bin", persist=True) for source in sources]
    assert all(other == staged[0] for other in staged)
    assert await store.list() == [staged[0]]
    assert await store.get(staged[0].id) == staged[0]
    assert await store.get("no such") is None
    url = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert (await store.stage_url(url)).name == "image.png"
    assert await store.remove(staged[0].id) is True
    assert await store.cleanup() == Cleanup(0, 0, 0)
    assert await store.reset() == 1
    assert await store.list() == []


async def test_cancelling_leaves_nothing(root: Path) -> None:
    store = AsyncFileStore(root)
    begun = asyncio.Event()

    async def endless() -> Any:
        while True:
            yield bytes(300_000)
            begun.set()
            await asyncio.sleep(0)

    task = asyncio.create_task(store.stage(endless()))
    await begun.wait()
    assert len(uploads(root)) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (uploads(root), await store.list()) == ([], [])


def test_a_stream_that_raises_leaves_nothing(root: Path) -> None:
    def broken() -> Any:
        yield bytes(300_000)
        raise ZeroDivisionError

    store = FileStore(root)
    with pytest.raises(ZeroDivisionError):
        store.stage(broken())
    assert (uploads(root), store.list()) == ([], [])


def test_attachments_are_values(root: Path) -> None:
    store = FileStore(root)
    staged = store.stage(PNG, persist=True)
    assert (staged.name, staged.media_type, staged.is_image) == ("image.png", "image/png", True)
    assert (staged.persist, staged.expires_at) == (True, None)
    assert abs(staged.created_at - time.time()) < 60
    assert pickle.loads(pickle.dumps(staged)) == staged
    assert staged.as_image() == LocalImageInput(str(staged.path))
    assert staged.as_inline_image().url.startswith("data:image/png;base64,iVBOR")
    notes = store.stage(b"gr\xc3\xbc\xc3\x9fe", name="notes.txt")
    assert notes.as_mention() == MentionInput("notes.txt", str(notes.path))
    assert notes.as_text().text == '<attached_file name="notes.txt">\ngrüße\n</attached_file>'
    for attempt in (notes.as_image, notes.as_inline_image, staged.as_text):
        with pytest.raises(InvalidArgumentError) as caught:
            attempt()
        assert caught.value.argument == "attachment"
    assert repr(store) == f"FileStore({str(root)!r})"
    assert codexkit.files.FileStore is FileStore


def test_names_come_from_the_source(root: Path, tmp_path: Path) -> None:
    store = FileStore(root)
    file = tmp_path / "what is it?.md"
    file.write_text("x")
    with file.open("rb") as opened:
        assert store.stage(opened).name == "what is it_.md"
    assert store.stage(file).media_type == "text/markdown"
    assert store.stage(b"x", media_type="text/x-mine", name="own").media_type == "text/x-mine"
    assert store.stage([b"x"]).name == "file"


@pytest.mark.parametrize(
    ("source", "options", "argument", "says"),
    [
        ("/no/such/file", {}, "source", "cannot be read"),
        ("/", {}, "source", "is not a file"),
        (b"12345", {"max_bytes": 4}, "source", "more than 4 bytes"),
        (__file__, {"max_bytes": 4}, "source", "more than the limit of 4"),
        ([b"123", b"45"], {"max_bytes": 4}, "source", "more than 4 bytes"),
        (["text"], {}, "source", "not str; open the file in binary mode"),
        (4711, {}, "source", "not int"),
        (b"x", {"name": "../x"}, "name", "no safe name"),
        (b"x", {"name": 1}, "name", "a string"),
        (b"x", {"ttl": 0}, "ttl", "no positive number"),
        (b"x", {"ttl": -1}, "ttl", "at least 0"),
        (b"x", {"ttl": 1, "persist": True}, "ttl", "persistent"),
        (b"x", {"persist": "yes"}, "persist", "True or False"),
        (b"x", {"max_bytes": 0}, "max_bytes", "more than zero"),
        (b"x", {"media_type": "png"}, "media_type", "no media type"),
    ],
)
async def test_bad_arguments_fail_at_the_call(
    root: Path, source: Any, options: dict[str, Any], argument: str, says: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=says) as caught:
        FileStore(root).stage(source, **options)
    assert caught.value.argument == argument
    with pytest.raises(InvalidArgumentError, match=says) as caught:
        await AsyncFileStore(root).stage(source, **options)
    assert caught.value.argument == argument
    assert uploads(root) == []


def test_bad_stores_and_urls_are_refused(root: Path) -> None:
    for options, argument in [
        ({"root": __file__}, "root"),
        ({"root": 1}, "root"),
        ({"ttl": 0}, "ttl"),
        ({"max_bytes": 0}, "max_bytes"),
    ]:
        with pytest.raises(InvalidArgumentError) as caught:
            FileStore(**options)
        assert caught.value.argument == argument
    with pytest.raises(InvalidArgumentError, match="was it cut off"):
        FileStore(root).stage_url("data:image/png;base64,@")


def test_files_of_the_web_are_fetched(root: Path) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/a/pic?token=secret" else 404)
            self.end_headers()
            self.wfile.write(PNG)

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        store = FileStore(root)
        # Kept: what has a time to live is given more of it when it is staged again, in a later second.
        image = store.stage_url(f"{base}/a/pic?token=secret", persist=True)
        assert (image.name, image.media_type) == ("pic", "image/png")
        with urllib.request.urlopen(f"{base}/a/pic?token=secret") as answer:
            assert store.stage(answer, name="pic", persist=True) == image
        with pytest.raises(codexkit.CodexError) as caught:
            asyncio.run(AsyncFileStore(root).stage_url(f"{base}/no?token=secret"))
        server.shutdown()
    assert caught.value.kind == "io"
    said = f"{base}/no cannot be fetched: the server answered 404; check the address"
    assert str(caught.value) == said


def test_time_runs_out(root: Path) -> None:
    store = FileStore(root, ttl=1)
    staged = store.stage(b"brief")
    kept = store.stage(b"kept", name="kept", ttl=3600)
    while store.get(staged.id) is not None:
        time.sleep(0.05)
    assert store.cleanup() == Cleanup(expired=1, leftovers=0, bytes=5)
    assert (store.list(), staged.path.exists()) == ([kept], False)
    assert (store.metrics().expired, store.remove(kept.id), store.remove(kept.id)) == (
        1,
        True,
        False,
    )


def default_root(tmp_path: Path, **env: str) -> str:
    """Where a store is that nobody gave a folder, in a process with that environment."""
    code = "from codexkit.files import FileStore; print(FileStore().root)"
    env = {"PYTHONPATH": str(ROOT / "python"), "TMPDIR": str(tmp_path), **env}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    return done.stdout.strip() or done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
def test_the_default_folder_is_in_the_cache(tmp_path: Path) -> None:
    home, cache = tmp_path / "home", tmp_path / "cache"
    assert default_root(tmp_path, HOME=str(home)) == f"{home}/.cache/codexkit/files"
    assert default_root(tmp_path, HOME="/x", XDG_CACHE_HOME=str(cache)) == f"{cache}/codexkit/files"
    # A home that is none, and one that is not said.
    fallback = tmp_path / f"codexkit-files-{os.getuid()}"
    assert default_root(tmp_path, HOME="/dev/null") == str(fallback)
    assert fallback.stat().st_mode & 0o777 == 0o700
    fallback.chmod(0o755)
    assert "is not this user's alone" in default_root(tmp_path)


HALF_WAY = """
import sys
from codexkit.files import FileStore
store = FileStore(sys.argv[1])
store.stage(b"finished", name="finished", persist=True)
def half():
    yield b"x" * 1_000_000
    print("half-way", flush=True)
    sys.stdin.read()
store.stage(half())
"""


def test_a_killed_upload_is_cleaned_up(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HALF_WAY, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT / "python")},
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"half-way\n"
        store = FileStore(root)
        assert store.cleanup() == Cleanup(0, 0, 0)
        assert len(uploads(root)) == 1, "another process's upload stays"
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert store.cleanup() == Cleanup(expired=0, leftovers=1, bytes=1_000_000)
    assert uploads(root) == []
    [finished] = store.list()
    assert (finished.name, finished.path.read_bytes()) == ("finished", b"finished")


def said(model: Any) -> list[dict[str, Any]]:
    """The content of the user's last message as the model got it."""
    return model.requests[-1]["body"]["input"][-1]["content"]


def test_attachments_reach_the_model(root: Path, scripted: Any, project: Path) -> None:
    model, config = scripted(always("seen"))
    store = FileStore(root)
    image, notes = store.stage(PNG), store.stage(b"buy milk", name="notes.txt")
    with codexkit.Codex(config) as codex:
        thread = codex.thread_start(cwd=str(project), sandbox=codexkit.Sandbox.full_access)
        thread.run(["look", image, notes.as_text(), notes])
        content = said(model)
        urls = [part["image_url"] for part in content if part["type"] == "input_image"]
        texts = [part["text"] for part in content if part["type"] == "input_text"]
        assert urls == [image.as_inline_image().url]
        assert notes.as_text().text in texts
        assert f"Attached file notes.txt (text/plain, 8 bytes): {notes.path}" in texts
        thread.run(["again", image.as_inline_image()])
        assert said(model)[-1]["image_url"] == urls[0]
        store.reset()
        with pytest.raises(InvalidArgumentError, match="cannot be read") as caught:
            thread.run(["gone", image])
        assert caught.value.argument == "input[1]"


async def test_attachments_reach_the_model_async(root: Path, scripted: Any, project: Path) -> None:
    model, config = scripted(always("seen"))
    store = AsyncFileStore(root)
    image = await store.stage(PNG)
    async with codexkit.AsyncCodex(config) as codex:
        thread = await codex.thread_start(cwd=str(project), sandbox=codexkit.Sandbox.full_access)
        await thread.run(["look", image])
        assert [part["type"] for part in said(model)].count("input_image") == 1
        with pytest.raises(InvalidArgumentError, match="not valid"):
            await thread.run(codexkit.ImageInput("data:image/png;base64,@@@"))
        with pytest.raises(InvalidArgumentError, match="no data URL"):
            await thread.run(codexkit.ImageInput(str(image.path)))
