"""Sessions of `nox`, each in an environment of its own: `nox -s tests` for one, `nox -l` for the list.

What continuous integration runs is `.ci/run`; these are the same checks for the desk, and the tests on every Python
that is installed.
"""

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True
nox.needs_version = ">=2024.4"

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests; arguments go to pytest: nox -s tests-3.13 -- -m 'not slow'."""
    session.install(".[test]")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """The tests with the oldest versions that pyproject.toml allows, and the newest of what those need."""
    session.install("uv")
    versions = f"{session.create_tmp()}/oldest.txt"
    options = ("--quiet", "--resolution", "lowest-direct", "--python", session.python, "--extra", "test")
    session.run("uv", "pip", "compile", *options, "--output-file", versions, "pyproject.toml")
    session.install("--constraint", versions, ".[test]")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session
def notebooks(session: nox.Session) -> None:
    """The notebooks, from top to bottom."""
    session.install(".[test]")
    session.run("pytest", "tests/test_notebooks.py", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation site, without warnings, in docs/_build/html."""
    session.install(".[docs]")
    session.run("python", "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html")


@nox.session
def lint(session: nox.Session) -> None:
    """Style of the code, and the shipped data."""
    session.install(".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("gep", "coefficients", "check")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the package."""
    session.install(".[dev]")
    session.run("mypy")


@nox.session
def pictures(session: nox.Session) -> None:
    """The pictures of README and CONTRIBUTING, anew."""
    session.install(".[report]")
    session.run("python", "docs/make_pictures.py")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """How fast it is on this machine: nox -s benchmarks; with other sizes: nox -s benchmarks -- --full."""
    session.install(".[dask]")
    session.run("python", "-m", "benchmarks", *(session.posargs or ["--small"]))
