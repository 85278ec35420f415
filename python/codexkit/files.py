"""Files for turns: staged in a private folder, by their content, and given to a turn as image, mention or text.

::

    from codexkit import Codex
    from codexkit.files import FileStore

    notes = FileStore().stage(b"Buy milk.", name="notes.txt")
    with Codex() as codex:
        print(codex.thread_start().run(["What do I need?", notes.as_text()]).final_response)

Copies of the same content are kept once. An attachment stays for a day unless something else is said; nothing that a
crash leaves half-written is ever an attachment.
"""

from __future__ import annotations

from os import PathLike, fsdecode
from pathlib import Path

from . import _check, _native
from ._inputs import ImageInput, LocalImageInput, MentionInput, TextInput
from ._record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
    from typing import Any

__all__ = ["AsyncFileStore", "Attachment", "Cleanup", "FileStore", "Metrics"]

_CHUNK = 256 * 1024


class Attachment(Record):
    """A staged file. It can stand in the input of a turn as it is: as an image, or as a mention.

    Attributes:
        id: Names the attachment in its store; made of the content and the name, and so the same each time.
        name: Its name.
        path: Where it is. The file is not to be changed: several attachments may share it.
        sha256: The SHA-256 of its content, in hexadecimal.
        size: Its size in bytes.
        media_type: What kind of file it is: by its content for images that the engine takes, else by its name.
        persist: Whether it stays until it is removed.
        created_at: When it was staged first, in seconds since the Unix epoch.
        expires_at: When its time is over, in the same seconds; ``None`` if it is persistent.
    """

    __slots__ = (
        "created_at",
        "expires_at",
        "id",
        "media_type",
        "name",
        "path",
        "persist",
        "sha256",
        "size",
    )

    def __init__(
        self,
        id: str,
        name: str,
        path: str | PathLike[str],
        sha256: str,
        size: int,
        media_type: str,
        persist: bool,
        created_at: int,
        expires_at: int | None,
    ) -> None:
        """Make an attachment; stores do.

        Args:
            id: Its id.
            name: Its name.
            path: Where it is.
            sha256: The SHA-256 of its content.
            size: Its size in bytes.
            media_type: What kind of file it is.
            persist: Whether it stays until it is removed.
            created_at: When it was staged first, in seconds since the Unix epoch.
            expires_at: When its time is over, or ``None``.
        """
        self.id = id
        self.name = name
        self.path = Path(path)
        self.sha256 = sha256
        self.size = size
        self.media_type = media_type
        self.persist = persist
        self.created_at = created_at
        self.expires_at = expires_at

    @property
    def is_image(self) -> bool:
        """Whether the engine takes it as an image: PNG, JPEG, GIF or WebP."""
        return _native.attachment_is_image(self._fields())

    def as_image(self) -> LocalImageInput:
        """Gives it to a turn as an image (``localImage``), which the engine reads from the disk.

        Returns:
            The input. An engine on another machine cannot read it; see :meth:`as_inline_image`.

        Raises:
            InvalidArgumentError: If it is no image that the engine takes.
        """
        return LocalImageInput(_native.attachment_image(self._fields())["path"])

    def as_inline_image(self) -> ImageInput:
        """Gives it to a turn as an image in the message itself (``image`` with a ``data:`` URL).

        Returns:
            The input, of at most 20 MiB.

        Raises:
            InvalidArgumentError: If it is no image that the engine takes, is too large or cannot be read.
        """
        return ImageInput(_native.attachment_inline_image(self._fields())["url"])

    def as_mention(self) -> MentionInput:
        """Gives it to a turn as a mention (``mention``).

        The engine tells the model nothing of a mention, so the prompt has to say what the file is and where. An
        attachment that stands in the input as it is does so.

        Returns:
            The input.
        """
        mention = _native.attachment_mention(self._fields())
        return MentionInput(mention["name"], mention["path"])

    def as_text(self, max_bytes: int | None = None) -> TextInput:
        """Gives it to a turn as text: the content between two lines that name the file. It reads the file.

        Args:
            max_bytes: The longest content; 1 MiB by default.

        Returns:
            The input.

        Raises:
            InvalidArgumentError: If it is too long, is no UTF-8, or cannot be read.
        """
        if max_bytes is not None:
            _check.check("max_bytes", max_bytes)
        return TextInput(_native.attachment_text(self._fields(), max_bytes)["text"])

    def _wire_parts(self) -> list[Any]:
        return _native.attachment_inputs(self._fields())

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__match_args__} | {
            "path": str(self.path)
        }


class Cleanup(Record):
    """What a cleanup removed.

    Attributes:
        expired: Attachments whose time was over.
        leftovers: Half-written files and files without a record, as crashes leave them.
        bytes: Bytes that were freed.
    """

    __slots__ = ("bytes", "expired", "leftovers")

    def __init__(self, expired: int, leftovers: int, bytes: int) -> None:
        """Make the account of a cleanup; stores do.

        Args:
            expired: Attachments whose time was over.
            leftovers: What crashes had left.
            bytes: Bytes that were freed.
        """
        self.expired = expired
        self.leftovers = leftovers
        self.bytes = bytes


class Metrics(Record):
    """What a store has done since it was opened or reset; other processes' work is not counted.

    Attributes:
        staged: Files that were staged, those that were there already included.
        deduplicated: Of these, those whose content was there already.
        bytes: Bytes that were staged.
        expired: Attachments that were removed because their time was over.
        leftovers: Half-written files, and files without a record, that crashes had left and that were removed.
        removed: Attachments that were removed by hand.
        failures: Stagings that failed.
    """

    __slots__ = (
        "bytes",
        "deduplicated",
        "expired",
        "failures",
        "leftovers",
        "removed",
        "staged",
    )

    def __init__(
        self,
        staged: int,
        deduplicated: int,
        bytes: int,
        expired: int,
        leftovers: int,
        removed: int,
        failures: int,
    ) -> None:
        """Make counts; stores do.

        Args:
            staged: Files that were staged.
            deduplicated: Of these, those whose content was there already.
            bytes: Bytes that were staged.
            expired: Attachments whose time was over.
            leftovers: What crashes had left.
            removed: Attachments that were removed by hand.
            failures: Stagings that failed.
        """
        self.staged = staged
        self.deduplicated = deduplicated
        self.bytes = bytes
        self.expired = expired
        self.leftovers = leftovers
        self.removed = removed
        self.failures = failures


class _Store:
    """What the two stores share."""

    def __init__(
        self,
        root: str | PathLike[str] | None = None,
        *,
        ttl: float | None = None,
        max_bytes: int | None = None,
    ) -> None:
        """Open a staging folder, which is made if it is not there.

        Args:
            root: The folder. By default ``codexkit/files`` in the user's cache folder; several programs can share it.
            ttl: How many seconds attachments stay unless they are persistent; a day by default.
            max_bytes: The largest file; 8 GiB by default.

        Raises:
            InvalidArgumentError: For options that make no sense, and for a folder that cannot be used.
        """
        fields: dict[str, Any] = {"ttl_s": _check.seconds("ttl", ttl)}
        if root is not None:
            fields["root"] = _path("root", root)
        fields["max_bytes"] = _optional("max_bytes", max_bytes)
        self._native = _native.FileStore(_dumps(fields))

    @property
    def root(self) -> Path:
        """The staging folder."""
        return Path(self._native.root)

    def metrics(self) -> Metrics:
        """Counts of what this store has done.

        Returns:
            The counts.
        """
        return Metrics(**self._native.metrics())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.root)!r})"


class FileStore(_Store):
    """A staging folder for files.

    Several stores, in several processes, can share a folder.
    """

    def stage(
        self,
        source: str | PathLike[str] | bytes | bytearray | memoryview | Iterable[bytes],
        *,
        name: str | None = None,
        persist: bool = False,
        ttl: float | None = None,
        max_bytes: int | None = None,
        media_type: str | None = None,
    ) -> Attachment:
        """Stages a file: copies it into the folder and hashes it on the way, in constant memory.

        The same content is kept once; the same content under the same name is the same attachment, which then
        lasts as long as the longer-lived staging asks for. It also removes, at most once an hour, what has expired.

        Args:
            source: A path (a string is one), bytes, a binary file object, or an iterable of bytes.
            name: The attachment's name; an unsafe one is refused. By default the source's, made safe.
            persist: Keep it until it is removed.
            ttl: How many seconds it stays, instead of the store's ``ttl``.
            max_bytes: The largest size, instead of the store's.
            media_type: What kind of file it is; by default that is found out from the content and the name.

        Returns:
            The attachment.

        Raises:
            InvalidArgumentError: For a file that is missing, unreadable, no file or too large, for an unsafe name,
                and for options that make no sense.
            CodexError: When the disk refuses (kind ``io``).
        """
        options = _options(name, persist, ttl, max_bytes, media_type, source)
        ready = _ready(source)
        if isinstance(ready, bytes):
            return _made(self._native.stage_bytes(ready, options))
        if isinstance(ready, str):
            return _made(self._native.stage_path(ready, options))
        upload = self._native.begin(options)
        try:
            for chunk in _joined(_chunks(source)):
                upload.write(chunk)
            return _made(upload.finish())
        except BaseException:
            upload.abort()
            raise

    def stage_url(
        self,
        url: str,
        *,
        name: str | None = None,
        persist: bool = False,
        ttl: float | None = None,
        max_bytes: int | None = None,
        media_type: str | None = None,
    ) -> Attachment:
        """Stages what is in a ``data:`` URL, or fetches what is behind an ``http:`` or ``https:`` one.

        The engine fetches nothing from the web itself. Whatever this machine can reach is fetched, through redirects,
        too; a URL that somebody else gave has to be looked at first.

        Args:
            url: The URL.
            name: As in :meth:`stage`.
            persist: As in :meth:`stage`.
            ttl: As in :meth:`stage`.
            max_bytes: As in :meth:`stage`.
            media_type: As in :meth:`stage`.

        Returns:
            The attachment.

        Raises:
            InvalidArgumentError: For another URL and for one that is malformed; else as :meth:`stage`.
            CodexError: When it cannot be fetched (kind ``io``).
        """
        options = _options(name, persist, ttl, max_bytes, media_type)
        return _made(self._native.stage_url(_text("url", url), options))

    def list(self) -> builtins.list[Attachment]:
        """The attachments whose time is not over.

        Returns:
            Them, the oldest first.
        """
        return [Attachment(**fields) for fields in self._native.list()]

    def get(self, id: str) -> Attachment | None:
        """An attachment by its id.

        Args:
            id: The id.

        Returns:
            The attachment; ``None`` when there is none or its time is over.
        """
        return _found(self._native.get(_text("id", id)))

    def remove(self, id: str) -> bool:
        """Removes an attachment, persistent or not. Content that another attachment has, too, stays.

        Args:
            id: The attachment's id.

        Returns:
            Whether it was there.
        """
        return self._native.remove(_text("id", id))

    def cleanup(self) -> Cleanup:
        """Removes what has expired and what crashes have left.

        Uploads that are under way, here or in other processes, stay.

        Returns:
            What was removed.
        """
        return Cleanup(**self._native.cleanup())

    def reset(self) -> int:
        """Removes every attachment, persistent ones included, and sets the metrics to zero.

        Returns:
            How many there were.
        """
        return self._native.reset()


class AsyncFileStore(_Store):
    """A staging folder for files, for asyncio.

    Several stores, in several processes, can share a folder.
    """

    async def stage(
        self,
        source: str
        | PathLike[str]
        | bytes
        | bytearray
        | memoryview
        | Iterable[bytes]
        | AsyncIterable[bytes],
        *,
        name: str | None = None,
        persist: bool = False,
        ttl: float | None = None,
        max_bytes: int | None = None,
        media_type: str | None = None,
    ) -> Attachment:
        """Stages a file: copies it into the folder and hashes it on the way, in constant memory.

        The same content is kept once; the same content under the same name is the same attachment, which then
        lasts as long as the longer-lived staging asks for. Cancelling it leaves nothing behind. It also removes, at
        most once an hour, what has expired.

        Args:
            source: A path (a string is one), bytes, a binary file object whose ``read`` blocks (it is called on a
                thread) or is a coroutine, an iterable or an asynchronous iterable of bytes.
            name: The attachment's name; an unsafe one is refused. By default the source's, made safe.
            persist: Keep it until it is removed.
            ttl: How many seconds it stays, instead of the store's ``ttl``.
            max_bytes: The largest size, instead of the store's.
            media_type: What kind of file it is; by default that is found out from the content and the name.

        Returns:
            The attachment.

        Raises:
            InvalidArgumentError: For a file that is missing, unreadable, no file or too large, for an unsafe name,
                and for options that make no sense.
            CodexError: When the disk refuses (kind ``io``).
        """
        options = _options(name, persist, ttl, max_bytes, media_type, source)
        ready, loop = _ready(source, is_async=True), _loop()
        if isinstance(ready, bytes):
            return _made(await self._native.stage_bytes(ready, options, loop))
        if isinstance(ready, str):
            return _made(await self._native.stage_path(ready, options, loop))
        upload = await self._native.begin(options, loop)
        try:
            async for chunk in _joined_async(_chunks_async(source)):
                await upload.write(chunk, loop)
            return _made(await upload.finish(loop))
        except BaseException:
            # At once, and not awaited: whoever cancels does not wait for it. It only removes a file.
            upload.abort()
            raise

    async def stage_url(
        self,
        url: str,
        *,
        name: str | None = None,
        persist: bool = False,
        ttl: float | None = None,
        max_bytes: int | None = None,
        media_type: str | None = None,
    ) -> Attachment:
        """Stages what is in a ``data:`` URL, or fetches what is behind an ``http:`` or ``https:`` one.

        The engine fetches nothing from the web itself. Whatever this machine can reach is fetched, through redirects,
        too; a URL that somebody else gave has to be looked at first.

        Args:
            url: The URL.
            name: As in :meth:`stage`.
            persist: As in :meth:`stage`.
            ttl: As in :meth:`stage`.
            max_bytes: As in :meth:`stage`.
            media_type: As in :meth:`stage`.

        Returns:
            The attachment.

        Raises:
            InvalidArgumentError: For another URL and for one that is malformed; else as :meth:`stage`.
            CodexError: When it cannot be fetched (kind ``io``).
        """
        options = _options(name, persist, ttl, max_bytes, media_type)
        return _made(await self._native.stage_url(_text("url", url), options, _loop()))

    async def list(self) -> builtins.list[Attachment]:
        """The attachments whose time is not over.

        Returns:
            Them, the oldest first.
        """
        return [Attachment(**fields) for fields in await self._native.list(_loop())]

    async def get(self, id: str) -> Attachment | None:
        """An attachment by its id.

        Args:
            id: The id.

        Returns:
            The attachment; ``None`` when there is none or its time is over.
        """
        return _found(await self._native.get(_text("id", id), _loop()))

    async def remove(self, id: str) -> bool:
        """Removes an attachment, persistent or not. Content that another attachment has, too, stays.

        Args:
            id: The attachment's id.

        Returns:
            Whether it was there.
        """
        return await self._native.remove(_text("id", id), _loop())

    async def cleanup(self) -> Cleanup:
        """Removes what has expired and what crashes have left.

        Uploads that are under way, here or in other processes, stay.

        Returns:
            What was removed.
        """
        return Cleanup(**await self._native.cleanup(_loop()))

    async def reset(self) -> int:
        """Removes every attachment, persistent ones included, and sets the metrics to zero.

        Returns:
            How many there were.
        """
        return await self._native.reset(_loop())


def _loop() -> Any:
    from asyncio import get_running_loop

    return get_running_loop()


def _made(fields: dict[str, Any]) -> Attachment:
    return Attachment(**fields)


def _found(fields: dict[str, Any] | None) -> Attachment | None:
    return None if fields is None else Attachment(**fields)


def _dumps(fields: dict[str, Any]) -> str:
    return _native.dumps({name: value for name, value in fields.items() if value is not None})


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        _check.refuse(name, f"expected a string, not {type(value).__name__}")
    return value


def _path(name: str, value: Any) -> str:
    if not isinstance(value, (str, PathLike)):
        _check.refuse(name, f"expected a path, not {type(value).__name__}")
    return fsdecode(value)


def _optional(name: str, value: Any) -> Any:
    return None if value is None else _check.check(name, value)


def _options(
    name: Any, persist: Any, ttl: Any, max_bytes: Any, media_type: Any, source: Any = None
) -> str:
    """The options of a staging as the core takes them."""
    # A binary file object has its path here; other things that are called a name are none.
    suggested = getattr(source, "name", None) if hasattr(source, "read") else None
    return _dumps(
        {
            "name": _optional("name", name),
            "suggested_name": suggested if isinstance(suggested, str) else None,
            "persist": _check.check("persist", persist),
            "ttl_s": _check.seconds("ttl", ttl),
            "max_bytes": _optional("max_bytes", max_bytes),
            "media_type": _optional("media_type", media_type),
        }
    )


def _ready(source: Any, is_async: bool = False) -> bytes | str | None:
    """Bytes, a path, or ``None`` for a stream."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, PathLike)):
        return fsdecode(source)
    if any(hasattr(source, way) for way in ("read", "__iter__")):
        return None
    if is_async and hasattr(source, "__aiter__"):
        return None
    more = " or an asynchronous one" if is_async else ""
    return _check.refuse(
        "source",
        f"expected a path, bytes, a binary file object, an iterable of bytes{more}, "
        f"not {type(source).__name__}",
    )


def _chunk(value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        hint = "; open the file in binary mode" if isinstance(value, str) else ""
        _check.refuse("source", f"expected bytes in the stream, not {type(value).__name__}{hint}")
    return bytes(value)


def _chunks(source: Any) -> Iterator[bytes]:
    if not hasattr(source, "read"):
        yield from map(_chunk, source)
        return
    while chunk := _chunk(source.read(_CHUNK)):
        yield chunk


async def _chunks_async(source: Any) -> AsyncIterator[bytes]:
    if hasattr(source, "read"):
        from asyncio import to_thread

        while True:
            read = await to_thread(source.read, _CHUNK)
            chunk = _chunk(await read if hasattr(read, "__await__") else read)
            if not chunk:
                return
            yield chunk
    elif hasattr(source, "__aiter__"):
        async for chunk in source:
            yield _chunk(chunk)
    else:
        for chunk in source:
            yield _chunk(chunk)


class _Joiner:
    """Makes large chunks of small ones: each one that is written costs a way to another thread."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []
        self.size = 0

    def add(self, chunk: bytes) -> bytes | None:
        self.waiting.append(chunk)
        self.size += len(chunk)
        return self.take() if self.size >= _CHUNK else None

    def take(self) -> bytes:
        joined = self.waiting[0] if len(self.waiting) == 1 else b"".join(self.waiting)
        self.waiting, self.size = [], 0
        return joined


def _joined(chunks: Iterable[bytes]) -> Iterator[bytes]:
    joiner = _Joiner()
    for chunk in chunks:
        large = joiner.add(chunk)
        if large is not None:
            yield large
    yield joiner.take()


async def _joined_async(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    joiner = _Joiner()
    async for chunk in chunks:
        large = joiner.add(chunk)
        if large is not None:
            yield large
    yield joiner.take()
