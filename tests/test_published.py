"""What is published beside the code says what the code does."""

import json

from places import ROOT

from gep.inputs.project import json_schema


def test_the_published_schema_is_that_of_the_code():
    published = json.loads((ROOT / "docs" / "gep.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema(), "write it anew: python -m gep.inputs.project > docs/gep.schema.json"


def test_the_readme_has_two_commands():
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```sh\n")[1:]
    commands = [block.split("```")[0].strip() for block in blocks]
    assert len(commands) == 2
    assert "gep demo" in commands[0]
    assert "pytest" in commands[1]


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
