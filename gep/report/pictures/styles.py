"""A style of QGIS (.qml) for a map of the run, with the classes and colours of the picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from gep.core.messages import in_language
from gep.report.pictures.rasters import RunMap


def write_style(of: RunMap, path: Path, language: str) -> Path:
    """Classes of numbers as a stepped ramp, classes of land as a palette."""
    root = ET.Element("qgis", {"version": "3.28.0", "styleCategories": "Symbology"})
    pipe = ET.SubElement(root, "pipe")
    is_exact = all(c.low == c.high for c in of.classes)
    kind = "paletted" if is_exact else "singlebandpseudocolor"
    renderer = ET.SubElement(pipe, "rasterrenderer", {"type": kind, "band": "1", "opacity": "1", "alphaBand": "-1"})
    if is_exact:
        entries = ET.SubElement(renderer, "colorPalette")
        for c in of.classes:
            about = {
                "value": f"{c.low:.15g}",
                "color": c.colour,
                "label": in_language(c.name, language),
                "alpha": "255",
            }
            ET.SubElement(entries, "paletteEntry", about)
    else:
        renderer.set("classificationMin", f"{of.classes[0].low:.15g}")
        renderer.set("classificationMax", f"{of.classes[-1].high:.15g}")
        shader = ET.SubElement(renderer, "rastershader")
        ramp = {"colorRampType": "DISCRETE", "classificationMode": "1", "clip": "0"}
        steps = ET.SubElement(shader, "colorrampshader", ramp)
        for number, c in enumerate(of.classes, start=1):
            value = "inf" if number == len(of.classes) else f"{c.high:.15g}"
            about = {"value": value, "color": c.colour, "label": in_language(c.name, language), "alpha": "255"}
            ET.SubElement(steps, "item", about)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    path.write_text(f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text}\n", encoding="utf-8")
    return path
