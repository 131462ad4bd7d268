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
ZONES = carbon.ZONES
"""The counties of the sample city that have tables."""


def add_to_sample_city(project: Path, language: str = "en") -> Path:
    """Write the tables beside a project file of the sample city, and their sections into it; the project file."""
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
    said = say("sample.assets").to(language).strip()
    lines = ["", *(f"# {line}".rstrip() for line in said.split("\n"))]
    for name, section in sections.items():
        lines += ["", f"[assets.{name}]"]
        for key, value in section.model_dump(exclude_unset=True).items():
            is_file = isinstance(value, str) and (folder / value).is_file()
            lines.append(f"{key} = {json.dumps(f'{FOLDER}/{value}' if is_file else value, ensure_ascii=False)}")
    with project.open("a", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")
    with (project.parent / "README.txt").open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"\n{FOLDER}/\n\n{said}\n")
    return project
