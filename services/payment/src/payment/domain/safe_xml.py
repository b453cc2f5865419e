"""XML of strangers, as a tree of local names. A document type is refused, and with it entities and outside files."""

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

DEPTH_MAX = 60


class XmlRefused(ValueError):
    """Not well-formed, too deep, or with a document type."""


def read_xml(content: bytes) -> Element:
    """Raises XmlRefused."""
    builder, depth = TreeBuilder(), 0

    def begin(name: str, _: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise XmlRefused("nested too deeply")
        builder.start(name.rpartition("}")[2], {})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition("}")[2])

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an encoding that Python does not know
        raise XmlRefused(str(error)) from None
    return builder.close()


def _refuse(*_: object) -> None:
    raise XmlRefused("a document type is not allowed")


def child(element: Element | None, *path: str) -> Element | None:
    """The first of each name on the way down."""
    for name in path:
        if element is None:
            return None
        element = element.find(name)
    return element


def text_at(element: Element | None, *path: str) -> str:
    found = child(element, *path)
    return (found.text or "").strip() if found is not None else ""
