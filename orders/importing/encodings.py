"""In which encoding a text file is written. Pure."""

import codecs
import re
from collections.abc import Iterator
from typing import IO

from orders.importing.problems import Refused

CHUNK = 1 << 18
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_KINDS = (
    (b"\xd0\xcf\x11\xe0", "an old .xls or a file with a password"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"PK\x03\x04", "an archive"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"SQLite format", "a database"),
)
# In Chinese text both bytes of nearly every pair are high; in Western 8-bit text a high byte stands among letters.
_CHINESE = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_OTHER_PAIR = re.compile(rb"[\x81-\xfe][\x30-\x7e]")
DECLARABLE = ("utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252")


def declared(encoding: str) -> str:
    """The name Python knows a declared encoding by. Refused for one that is not offered."""
    name = encoding.strip().lower().replace("_", "-")
    if name not in DECLARABLE:
        raise Refused("encoding_unknown", encoding=encoding[:40])
    return {"utf-8": "utf-8-sig", "gbk": "gb18030", "gb2312": "gb18030"}.get(name, name)


def detect(stream: IO[bytes], name: str, *, whole: bool) -> str:
    """utf-8-sig, utf-16(-le, -be) or gb18030, from the whole stream or from its first quarter megabyte.

    Raises Refused when the file is no text or its encoding is none of these.
    """
    start = stream.read(CHUNK)
    if not start:
        raise Refused("empty", file=name)
    for magic, kind in _KINDS:
        if start.lstrip()[: len(magic)].lower() == magic.lower():
            raise Refused("kind", file=name, kind=kind)
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            return encoding
    if start.count(0) > len(start) * 0.2:
        return _utf16(start, name)
    if _is_utf8(_chunks(start, stream, whole=whole), whole=whole):
        return "utf-8-sig"
    stream.seek(0)
    if _is_chinese(_chunks(b"", stream, whole=whole), whole=whole):
        return "gb18030"
    raise Refused("encoding_unclear", file=name)


def _chunks(start: bytes, stream: IO[bytes], *, whole: bool) -> Iterator[bytes]:
    if start:
        yield start
    if whole or not start:
        while chunk := stream.read(CHUNK):
            yield chunk
            if not whole:
                return


def _utf16(start: bytes, name: str) -> str:
    even, odd = start[::2].count(0), start[1::2].count(0)
    if min(even, odd) > max(even, odd) * 0.2:
        raise Refused("kind", file=name, kind="binary data")
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_utf8(chunks: Iterator[bytes], *, whole: bool) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            decoder.decode(chunk)
        decoder.decode(b"", final=whole)  # a first part may end inside a character
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(chunks: Iterator[bytes], *, whole: bool) -> bool:
    decoder = codecs.getincrementaldecoder("gb18030")()
    chinese = other = 0
    try:
        for chunk in chunks:
            decoder.decode(chunk)
            pairs = len(_CHINESE.findall(chunk))
            chinese += pairs
            other += len(_OTHER_PAIR.findall(_CHINESE.sub(b"", chunk)))
        decoder.decode(b"", final=whole)
    except UnicodeDecodeError:
        return False
    return chinese > 0 and chinese >= 4 * other
