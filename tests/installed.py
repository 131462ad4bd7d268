"""Packages with parts for gep, installed into a folder of a test."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gep.core.data import forget
from gep.core.parts import load_installed, registered
from gep.study.register import unregister


def install(source: Path, target: Path) -> None:
    """Install a project into a folder: by pip where its build backend is there, else as pip would leave it."""
    if importlib.util.find_spec("hatchling"):
        copy = target.with_name("source")  # a build writes beside what it builds
        shutil.copytree(source, copy)
        options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, str(copy)], check=True)
        return
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (package,) = (path.parent for path in source.glob("*/__init__.py"))
    shutil.copytree(package, target / package.name)
    write_metadata(target, project["name"], project["version"], project["entry-points"]["gep.plugins"])


def write_metadata(target: Path, name: str, version: str, points: dict[str, str]) -> None:
    """What says that a package is installed, and where its parts are."""
    folder = target / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    lines = ["[gep.plugins]", *(f"{point} = {value}" for point, value in points.items())]
    (folder / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


def write_package(target: Path, module: str, text: str) -> None:
    """A package of one module, installed by hand, whose parts are called as the module."""
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{module}.py").write_text(text, encoding="utf-8")
    write_metadata(target, f"gep-{module}", "1.0", {module: f"{module}:PARTS"})


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """Let what is installed in a folder be found, and nothing of it after."""
    modules = set(sys.modules)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    forget()
    try:
        yield
    finally:
        for name in list(registered()):
            unregister(name)
        sys.path.remove(str(folder))
        importlib.invalidate_caches()
        forget()
        load_installed()
        for name in set(sys.modules) - modules:
            if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]
