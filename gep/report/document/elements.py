"""Elements of WordprocessingML: text that is safe to write, runs, paragraphs, fields, bookmarks, content controls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

from lxml import etree

from gep.core.messages import visible

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMESPACES = {"w": W}
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_NOT_XML = re.compile("[\ufffe\uffff\ud800-\udfff]")

Element: TypeAlias = etree._Element
Alignment = Literal["left", "center", "right", "both"]


def clean(text: str) -> str:
    """A text without letters that steer, turn the direction of a line or cannot stand in a document."""
    return _NOT_XML.sub("\ufffd", visible(text))


def w(tag: str, /, *children: Element, **attributes: object) -> Element:
    """An element with attributes of its own namespace."""
    made = etree.Element(f"{{{W}}}{tag}", nsmap=_NAMESPACES)
    for name, value in attributes.items():
        made.set(f"{{{W}}}{name.rstrip('_')}", str(value))
    made.extend(children)
    return made


def text_element(text: str, tag: str = "t") -> Element:
    """The letters of a run."""
    made = w(tag)
    made.text = clean(text)
    made.set(_SPACE, "preserve")
    return made


def run(
    text: str,
    language: str,
    *,
    is_bold: bool = False,
    half_points: int | None = None,
    color: str = "",
    style: str = "",
) -> Element:
    """Text of a language. In Chinese, signs that both scripts have are set in the East Asian font."""
    look = w("rPr")
    if style:
        look.append(w("rStyle", val=style))
    if language == "zh":
        look.append(w("rFonts", hint="eastAsia"))
    if is_bold:
        look.append(w("b"))
    if color:
        look.append(w("color", val=color))
    if half_points:
        look.extend([w("sz", val=half_points), w("szCs", val=half_points)])
    look.append(w("lang", val="en-US", eastAsia="zh-CN") if language == "zh" else w("lang", val="en-GB"))
    made = w("r", look)
    for at, line in enumerate(text.split("\n")):
        if at:
            made.append(w("br"))
        made.append(text_element(line))
    return made


def paragraph(
    *children: Element,
    style: str = "",
    align: Alignment | None = None,
    keep_with_next: bool = False,
    tabs: Iterable[tuple[str, int]] = (),
    section: Element | None = None,
) -> Element:
    """A paragraph; `section` ends a section with it."""
    look = w("pPr")
    if style:
        look.append(w("pStyle", val=style))
    if keep_with_next:
        look.append(w("keepNext"))
    stops = [w("tab", val=kind, pos=position) for kind, position in tabs]
    if stops:
        look.append(w("tabs", *stops))
    if align:
        look.append(w("jc", val=align))
    if section is not None:
        look.append(section)
    return w("p", look, *children)


def tab() -> Element:
    """A step to the next tab stop."""
    return w("r", w("tab"))


def page_break() -> Element:
    """The rest of the page stays empty."""
    return w("p", w("r", w("br", type_="page")))


def field(instruction: str, shown: str, language: str, half_points: int | None = None) -> list[Element]:
    """A field with what it shows until it is computed again."""
    return [
        w("r", w("fldChar", fldCharType="begin")),
        w("r", text_element(f" {instruction} ", "instrText")),
        w("r", w("fldChar", fldCharType="separate")),
        run(shown, language, half_points=half_points),
        w("r", w("fldChar", fldCharType="end")),
    ]


def bookmarked(name: str, number: int, *children: Element) -> list[Element]:
    """What a cross-reference can lead to."""
    return [w("bookmarkStart", id_=number, name=name), *children, w("bookmarkEnd", id_=number)]


def content_control(tag: str, alias: str, number: int, is_placeholder: bool, content: Iterable[Element]) -> Element:
    """A marked place for what people write."""
    look = w("sdtPr", w("alias", val=clean(alias)), w("tag", val=tag), w("id", val=number))
    if is_placeholder:
        look.append(w("showingPlcHdr"))
    return w("sdt", look, w("sdtContent", *content))
