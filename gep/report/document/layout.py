"""The look of a document: A4, fonts of both scripts apart, styles, head and foot of a page, and fixed bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.style import WD_STYLE_TYPE
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.oxml.ns import qn
from docx.oxml.shape import CT_Inline
from docx.shared import Emu, Mm, Pt, RGBColor

from gep.core.errors import BROKEN_FILE
from gep.report.document.elements import Element, clean, field, paragraph, run, w

LATIN, SERIF, SANS = "Times New Roman", "宋体", "黑体"
"""Fonts that every office has: Latin text, and Chinese text and headings."""

DARK = "1F3864"
FAINT = "7F7F7F"
MARKED = "C00000"

_A4 = (Mm(210), Mm(297))
_MARGIN = Mm(25)
_TWIPS = 635
"""EMU in the twentieth of a point in which Word measures."""


def text_width(is_landscape: bool) -> int:
    """How wide the text is, in twentieths of a point."""
    return int(_A4[is_landscape] - 2 * _MARGIN) // _TWIPS


class Layout:
    """A document without content, and the numbers that its parts need."""

    def __init__(self, title: str, subject: str, language: str, year: int) -> None:
        self.document: DocumentObject = Document()
        self.body: Element = self.document.element.body
        for element in list(self.body):
            self.body.remove(element)
        self._numbers = 0
        self._sections = 0
        self._head: list[tuple[str, str]] = []
        self._moment = datetime(year, 12, 31, tzinfo=UTC)
        self._properties(title, subject, language)
        self._styles(language)
        self._settings()

    # what a document is made with -------------------------------------------------------------------------------------

    def next_number(self) -> int:
        """A number that no bookmark, control or picture has yet."""
        self._numbers += 1
        return self._numbers

    def section(self, is_landscape: bool = False, is_front: bool = False) -> Element:
        """The properties of a section; the first page of the front bears no head and no foot."""
        width, height = _A4[is_landscape], _A4[not is_landscape]
        size = w("pgSz", w=int(width) // _TWIPS, h=int(height) // _TWIPS)
        if is_landscape:
            size.set(qn("w:orient"), "landscape")
        margin = int(_MARGIN) // _TWIPS
        edges = w("pgMar", top=margin, right=margin, bottom=margin, left=margin, header=720, footer=720, gutter=0)
        made = w("sectPr", *self._references(), w("type", val="nextPage"), size, edges)
        if is_front:
            made.append(w("titlePg"))
        return made

    def end_section(self, is_landscape: bool = False, is_front: bool = False) -> None:
        """End a section with the last paragraph: one of its own could fall on a page that is empty but for it."""
        made, last = self.section(is_landscape, is_front), self.body[-1] if len(self.body) else None
        if last is None or last.tag != qn("w:p") or last.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            self.body.append(paragraph(section=made, style="Note"))
        else:
            last.find(qn("w:pPr")).append(made)

    def _references(self) -> Iterable[Element]:
        for tag, id_ in self._head:
            made = w(tag, type_="default")
            made.set(qn("r:id"), id_)
            yield made

    def head_and_foot(self, head: Iterable[Element], foot: Iterable[Element]) -> None:
        """What stands above and below every page."""
        self.document.element.body.append(w("sectPr"))
        section = self.document.sections[0]
        for part, tag, content in (
            (section.header, "headerReference", head),
            (section.footer, "footerReference", foot),
        ):
            part.is_linked_to_previous = False
            element = part._element
            for old in list(element):
                element.remove(old)
            element.extend(content)
            self._head.append((tag, section._sectPr.find(qn(f"w:{tag}")).get(qn("r:id"))))
        self.body.remove(section._sectPr)

    def picture(self, path: Path, width: int, described: str) -> Element:
        """A picture as wide as that, with its text alternative. Raises ValueError where it is none."""
        try:
            id_, image = self.document.part.get_or_add_image(str(path))
        except (InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError, *BROKEN_FILE) as error:
            raise ValueError(str(path)) from error
        wide = Emu(width * _TWIPS)
        tall = Emu(int(image.px_height * wide / image.px_width))
        tallest = Mm(205)
        if tall > tallest:
            wide, tall = Emu(int(wide * tallest / tall)), Emu(tallest)
        number = self.next_number()
        inline = CT_Inline.new_pic_inline(number, id_, f"picture{number}{path.suffix}", wide, tall)
        inline.docPr.set("name", f"picture{number}")
        inline.docPr.set("descr", clean(described))
        drawing = w("drawing")
        drawing.append(inline)
        return w("r", drawing)

    def unfold_contents(self) -> None:
        """Leave of the table of contents its lines with the fields of their pages: LibreOffice computes these, and
        never the field around them, which Word does.
        """
        for part in self.body.iter(qn("w:p")):
            style = part.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
            if style is not None and style.get(qn("w:val"), "").startswith("TOC"):
                for run_ in part.findall(qn("w:r")):
                    part.remove(run_)

    def save(self, path: Path) -> Path:
        """Write the document; the same content is the same bytes."""
        buffer = io.BytesIO()
        self.document.save(buffer)
        made = io.BytesIO()
        with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
            first = "[Content_Types].xml"
            for name in (first, *sorted(set(source.namelist()) - {first})):
                about = zipfile.ZipInfo(name, self._moment.timetuple()[:6])
                about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
                target.writestr(about, source.read(name))
        path.write_bytes(made.getvalue())
        return path

    # its look ---------------------------------------------------------------------------------------------------------

    def _properties(self, title: str, subject: str, language: str) -> None:
        about = self.document.core_properties
        about.title, about.subject, about.language = clean(title)[:250], clean(subject)[:250], language
        about.author, about.last_modified_by, about.comments, about.keywords = "gep", "gep", "", ""
        about.created = about.modified = about.last_printed = self._moment
        about.revision = 1

    def _settings(self) -> None:
        settings = self.document.settings.element
        for tag in ("themeFontLang", "decimalSymbol", "listSeparator"):
            for old in settings.findall(qn(f"w:{tag}")):
                settings.remove(old)
        settings.append(w("themeFontLang", val="en-US", eastAsia="zh-CN"))
        settings.append(w("decimalSymbol", val="."))
        settings.append(w("listSeparator", val=","))

    def _styles(self, language: str) -> None:
        styles = self.document.styles
        defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
        for old in list(defaults):
            defaults.remove(old)
        main = "zh-CN" if language == "zh" else "en-GB"
        defaults.extend([_fonts(SERIF), w("sz", val=22), w("szCs", val=22), w("lang", val=main, eastAsia="zh-CN")])
        normal = styles["Normal"]
        _look(normal, SERIF, 11)
        normal.paragraph_format.space_after = Pt(6)
        normal.paragraph_format.line_spacing = 1.4
        _heading(styles["Title"], 24, Pt(12), DARK)
        for level, points in ((1, 16), (2, 13), (3, 11.5)):
            _heading(styles[f"Heading {level}"], points, Pt(18 if level == 1 else 12), DARK if level < 3 else "000000")
        styles["Heading 1"].paragraph_format.page_break_before = True
        caption = styles["Caption"]
        _look(caption, SANS, 10)
        caption.font.bold, caption.font.color.rgb = True, RGBColor(0, 0, 0)
        caption.paragraph_format.alignment, caption.paragraph_format.keep_with_next = 1, True
        caption.paragraph_format.space_before = Pt(8)
        under = self._add("Under", 10)
        under.base_style, under.paragraph_format.keep_with_next = caption, False
        bullet = styles["List Bullet"]
        _look(bullet, SERIF, 11)
        self._add("Indented", 11, first=True)
        self._add("Formula", 11, after=4)
        self._add("Note", 8.5, after=2, line=1.15)
        self._add("Cell", 8.5, after=0, line=1.0)
        self._add("Tight", 10.5, after=2, line=1.15)
        self._add("Slot", 10.5, after=6)
        styles["Slot"].font.color.rgb = RGBColor.from_string(MARKED)
        for level in (1, 2):
            style = self._add(f"toc {level}", 10, after=0, line=1.0)
            style.element.set(qn("w:styleId"), f"TOC{level}")
            style.paragraph_format.left_indent = Pt(14 * (level - 1))
            style.element.get_or_add_pPr().append(w("tabs", w("tab", val="right", leader="dot", pos=text_width(False))))

    def _add(self, name: str, points: float, first: bool = False, after: float = 6, line: float = 1.4) -> Any:
        style = self.document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = self.document.styles["Normal"]
        _look(style, SERIF, points)
        style.paragraph_format.space_after, style.paragraph_format.line_spacing = Pt(after), line
        if first:
            style.element.get_or_add_pPr().append(w("ind", firstLineChars=200, firstLine=int(points * 40)))
        return style


def _fonts(east_asian: str) -> Element:
    return w("rFonts", ascii=LATIN, hAnsi=LATIN, cs=LATIN, eastAsia=east_asian)


def _look(style: Any, east_asian: str, points: float) -> None:
    look = style.element.get_or_add_rPr()
    for old in look.findall(qn("w:rFonts")):
        look.remove(old)
    look.insert(0, _fonts(east_asian))
    style.font.size = Pt(points)


def _heading(style: Any, points: float, before: Any, color: str) -> None:
    _look(style, SANS, points)
    style.font.bold, style.font.color.rgb = True, RGBColor.from_string(color)
    style.paragraph_format.space_before, style.paragraph_format.space_after = before, Pt(8)
    style.paragraph_format.keep_with_next = True
    look = style.element.get_or_add_pPr()
    for border in look.findall(qn("w:pBdr")):
        look.remove(border)


def running_head(text: str, mark: str, language: str) -> Iterable[Element]:
    """What stands above every page: whose document it is, and whether it is a draft."""
    parts = [run(text, language, half_points=17, color=FAINT)]
    if mark:
        parts.append(run(f"　{mark}", language, half_points=17, color=MARKED))
    yield paragraph(*parts, align="center")


def running_foot(before: str, between: str, after: str, language: str) -> Iterable[Element]:
    """The number of the page, and of how many."""
    yield paragraph(
        run(before, language, half_points=17),
        *field("PAGE", "1", language, 17),
        run(between, language, half_points=17),
        *field("NUMPAGES", "1", language, 17),
        run(after, language, half_points=17),
        align="center",
    )
