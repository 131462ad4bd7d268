"""What every section of a project file is: no key that it does not know."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of `gep.toml`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
