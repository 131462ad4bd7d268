"""The accounts beside GEP of the synthetic sample city: their tables and the sections that name them, added to a
project that was written. Nothing in them is of a real place.
"""

from __future__ import annotations

import json
from pathlib import Path

from gep.assets.carbon import sample as carbon
from gep.assets.compensation import sample as compensation
from gep.assets.condition import sample as condition
from gep.assets.credits import sample as credits
from gep.assets.grazing import sample as grazing
from gep.assets.parcels import sample as parcels
from gep.assets.restoration import sample as restoration
from gep.core.messages import say
from gep.inputs.assets import AccountSection

FOLDER = "assets"
COVER = "land_cover.tif"
ZONES = carbon.ZONES
"""The counties of the sample city that have tables."""


def add_to_sample_city(project: Path, language: str = "en", *, has_maps: bool = False) -> Path:
    """Write the tables beside a project file of the sample city, and their sections into it; the project file. With
    maps it has a land cover of another year too: none that another city could put its own land cover beside.
    """
    folder = project.parent / FOLDER
    folder.mkdir()
    sections: dict[str, AccountSection] = {
        "carbon": carbon.sample(folder),
        "credits": credits.sample(folder),
        "parcels": parcels.sample(folder),
        "compensation": compensation.sample(folder),
        "grazing": grazing.sample(folder, ZONES),
        "restoration": restoration.sample(folder),
        "condition": condition.sample(folder),
    }
    if has_maps:
        on_land = carbon.sample_on_land(folder, project.parent / COVER)
        sections["carbon"] = sections["carbon"].model_copy(update=on_land)
    said = say("sample.assets").to(language).strip()
    lines = ["", *(f"# {line}".rstrip() for line in said.split("\n"))]
    for name, section in sections.items():
        lines += ["", f"[assets.{name}]"]
        for key, value in section.model_dump(exclude_unset=True).items():
            is_file = isinstance(value, str) and (folder / value).is_file()
            lines.append(f"{key} = {_toml(f'{FOLDER}/{value}' if is_file else value)}")
    with project.open("a", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")
    with (project.parent / "README.txt").open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"\n{FOLDER}/\n\n{said}\n")
    return project


def _toml(value: object) -> str:
    """A value as TOML has it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(of_key)}" for key, of_key in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
