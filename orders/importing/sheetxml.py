"""The XML inside XLSX, as a stream: what a table needs of it, ten times faster than a whole spreadsheet library.

A document type declaration is refused, so entities cannot expand.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

CHUNK = 1 << 16
MOST_COLUMN = 300  # what stands further right only matters by being there
Attributes = dict[str, str]
Typed = tuple[str, str, int]
"""Text of a cell, its type (s, str, inlineStr, b, e, d, n) and its style."""


class BadXml(ValueError):
    """Not what a spreadsheet holds."""


def _parser(
    start: Callable[[str, Attributes], None], end: Callable[[str], None], text: Callable[[str], None] | None = None
) -> expat.XMLParserType:
    """Handlers get names without their namespace; attributes that have one keep it, with a space between."""

    def refuse(*_: object) -> None:
        raise BadXml("a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(" ")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    return parser


def _each(stream: IO[bytes], start: Callable[[str, Attributes], None]) -> None:
    parser = _parser(start, lambda name: None)
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def first_sheet(stream: IO[bytes]) -> tuple[str, bool]:
    """Of xl/workbook.xml: the relation of the first sheet that is not hidden, and whether days count from 1904."""
    sheets: list[tuple[bool, str]] = []
    epochs: list[bool] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            sheets.append((attributes.get("state", "visible") != "visible", relation))
        elif name == "workbookPr":
            epochs.append(attributes.get("date1904", "0") in ("1", "true"))

    _each(stream, start)
    if not sheets:
        raise BadXml("no sheet")
    return min(sheets, key=lambda sheet: sheet[0])[1], any(epochs)


def relations(stream: IO[bytes]) -> dict[str, str]:
    """Of xl/_rels/workbook.xml.rels: part of the archive by relation."""
    parts: dict[str, str] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            parts[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    _each(stream, start)
    return parts


def number_formats(stream: IO[bytes]) -> list[tuple[int, str]]:
    """Of xl/styles.xml: number and, if it is the book's own, code of each cell style's number format."""
    codes: dict[int, str] = {}
    styles: list[int] = []
    inside: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        inside.append(name)
        if name == "numFmt":
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "xf" and "cellXfs" in inside:
            styles.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        inside.pop()

    parser = _parser(start, end)
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return [(number, codes.get(number, "")) for number in styles]


def shared_texts(stream: IO[bytes]) -> list[str]:
    """Of xl/sharedStrings.xml: the texts that cells point to; how they are pronounced is left out."""
    texts: list[str] = []
    parts: list[str] = []
    state = {"text": False, "spoken": False}

    def start(name: str, attributes: Attributes) -> None:
        if name == "si":
            parts.clear()
        elif name == "rPh":
            state["spoken"] = True
        elif name == "t":
            state["text"] = not state["spoken"]

    def end(name: str) -> None:
        if name == "si":
            texts.append("".join(parts))
        elif name == "rPh":
            state["spoken"] = False
        elif name == "t":
            state["text"] = False

    def text(data: str) -> None:
        if state["text"]:
            parts.append(data)

    parser = _parser(start, end, text)
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return texts


@dataclass(slots=True)
class _Reading:
    """Where the reader of a sheet is."""

    done: list[tuple[int, list[Typed]]] = field(default_factory=list)
    row: int = 0
    cells: list[Typed] = field(default_factory=list)
    column: int = 0
    type: str = "n"
    style: int = 0
    parts: list[str] = field(default_factory=list)
    text: bool = False
    spoken: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            place = attributes.get("r")
            self.column = min(_column(place), MOST_COLUMN) if place else self.column + 1
            self.type = attributes.get("t", "n")
            self.style = int(attributes.get("s", "0"))
            self.parts.clear()
        elif name in ("v", "t"):
            self.text = not self.spoken
        elif name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.cells, self.column = [], 0
        elif name == "rPh":
            self.spoken = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self.text = False
        elif name == "c":
            if self.parts:
                self.cells.extend([("", "str", 0)] * (self.column - 1 - len(self.cells)))
                self.cells[self.column - 1 :] = [("".join(self.parts), self.type, self.style)]
        elif name == "row":
            self.done.append((self.row, self.cells))
        elif name == "rPh":
            self.spoken = False

    def characters(self, data: str) -> None:
        if self.text:
            self.parts.append(data)


def sheet_cells(stream: IO[bytes]) -> Iterator[tuple[int, list[Typed]]]:
    """Of a sheet: number and cells of each row that has any, as it comes; formulas give their stored result."""
    reading = _Reading()
    parser = _parser(reading.start, reading.end, reading.characters)
    last = 0
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
        for number, cells in reading.done:
            if number <= last:
                raise BadXml("rows out of order")
            last = number
            yield number, cells
        reading.done.clear()
    parser.Parse(b"", True)


def _column(place: str) -> int:
    """1 for A1, 27 for AA1."""
    number = 0
    for char in place:
        if not char.isalpha():
            break
        number = number * 26 + ord(char.upper()) - 64
        if number > MOST_COLUMN:
            break
    if number < 1:
        raise BadXml("a cell without a place")
    return number
