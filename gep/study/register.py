"""`gep.register`: parts from outside the package, proved and put beside our own.

    parts = gep.register(services=[SHADE], ecosystems={"urban": [SHADE]}, data="my_data")
    gep.unregister(parts.name)

What is registered holds in this process: for every profile that is loaded after, and for studies that are pickled to
another. See `gep.core.parts` for what an installed package brings, and `gep.study.proved` for what all must pass.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import NoneType
from typing import Any

from gep.core.arguments import check_argument
from gep.core.catalog import Derivation, Service
from gep.core.data import add_data, forget, take_data
from gep.core.equation import Equation
from gep.core.errors import PartsError, Problem, UsageError, problem, sort_problems
from gep.core.messages import Text, in_language, joined, say
from gep.core.parts import Parts, Registered, drop, keep, of_session, origin_of, registered
from gep.services import SERVICES
from gep.standards.equations import equations_in
from gep.study.proved import (
    attempt,
    check_data_of,
    check_derivation,
    check_ecosystems,
    check_service,
    claims,
    raised,
)

_PLACE = re.compile(r"([A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*\.(csv|toml)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def register(
    parts: Parts | None = None,
    /,
    *,
    name: str = "",
    services: Sequence[Service] = (),
    derivations: Sequence[Derivation] = (),
    ecosystems: Mapping[str, Sequence[Service]] | None = None,
    data: str | Path | Mapping[str, Any] | None = None,
    version: str = "",
) -> Registered:
    """Prove parts and put them beside our own: `Parts`, or what they are made of. As a context, they hold inside only.

    To register the same a second time changes nothing.

    >>> with gep.register(services=[SHADE], data={"labels.csv": [...]}):            # doctest: +SKIP
    ...     gep.Study.open("gep.toml").run()

    Args:
        parts: all of it in one, or the following.
        name: what they are called; without one by the first of them. `Parts` may be given one here.
        services: declared as ours are, with `gep.catalog`.
        derivations: ways to make layers, likewise.
        ecosystems: which services an ecosystem provides, by its id.
        data: a folder of the shape of `coefficients/`, or a mapping of its files to their text or rows.
        version: of the parts, for the record of a run.

    Raises:
        UsageError: for arguments of another kind.
        PartsError: with everything that is wrong: what fails a check, and what somebody else has already, with both
            origins.
    """
    if parts is not None:
        check_argument("parts", parts, "parts", Parts)
        if services or derivations or ecosystems is not None or data is not None:
            raise UsageError(say("study.parts.both"))
        parts = replace(parts, name=name or parts.name, version=version or parts.version)
    else:
        _check_arguments(name, services, derivations, ecosystems, data, version)
        given = Path(data) if isinstance(data, str) else data
        name = name or _called(services, derivations, given)
        parts = Parts(name, tuple(services), tuple(derivations), dict(ecosystems or {}), given, version)
    _check_arguments(parts.name, parts.services, parts.derivations, parts.ecosystems, parts.data, parts.version)
    if not parts.name:
        raise UsageError(say("study.parts.no_name"))
    one = _with_hashes(parts)
    known = registered().get(parts.name)
    if known and known.is_same(one):
        return known
    _refuse(parts, *_taken(parts, known))
    _stand(one)
    try:
        _refuse(parts, _found(parts))
    except BaseException:
        _fall(one)
        raise
    return one


def unregister(name: str) -> None:
    """Take registered parts away again.

    Args:
        name: what they are called.

    Raises:
        UsageError: where there are none of this name.
    """
    if name not in registered():
        raise UsageError(say("study.parts.not_registered", name=name, known=list(registered())))
    _fall(registered()[name])


def parts_that_travel() -> tuple[Parts, ...]:
    """What a study takes along to another process, where packages are installed too: the parts of the session."""
    return tuple(registered()[name].parts for name in of_session())


# arguments ------------------------------------------------------------------------------------------------------------


def _check_arguments(name: Any, services: Any, derivations: Any, ecosystems: Any, data: Any, version: Any) -> None:
    """Raise UsageError with every argument of another kind."""
    wrong: list[Text] = []

    def check(*arguments: Any) -> bool:
        try:
            check_argument(*arguments)
        except UsageError as error:
            wrong.append(Text(error.message, in_language(error.message, "zh")))
            return False
        return True

    def check_all(argument: str, given: Any, wanted: str, kind: type) -> None:
        if check(argument, given, "list", list, tuple):
            for number, one in enumerate(given):
                check(f"{argument}[{number}]", one, wanted, kind)

    for argument, given in (("name", name), ("version", version)):
        check(argument, given, "text", str)
    if isinstance(name, str) and name and not _NAME.fullmatch(name):
        wrong.append(say("study.parts.bad_name", name=name))
    check_all("services", services, "service", Service)
    check_all("derivations", derivations, "derivation", Derivation)
    if ecosystems is not None and check("ecosystems", ecosystems, "mapping", Mapping):
        for key, provided in ecosystems.items():
            check_all(f"ecosystems[{key!r}]", provided, "service", Service)
    if check("data", data, "data", str, Path, Mapping, NoneType):
        if isinstance(data, Mapping):
            for key, content in data.items():
                if not _is_place(key):
                    wrong.append(say("study.parts.bad_file", name=repr(key)[:60]))
                kinds = (str,) if str(key).endswith(".toml") else (str, list, tuple, *_frames())
                if check(f"data[{key!r}]", content, "rows" if len(kinds) > 1 else "text", *kinds):
                    for number, row in enumerate(content if isinstance(content, list | tuple) else ()):
                        check(f"data[{key!r}][{number}]", row, "mapping", Mapping)
        elif data is not None and not Path(data).is_dir():
            wrong.append(say("study.parts.no_folder", folder=data))
    if not (services or derivations or ecosystems or data):
        wrong.append(say("study.parts.nothing"))
    if wrong:
        raise UsageError(joined(wrong, "\n"))


def _is_place(key: object) -> bool:
    """Whether a key names a file inside a folder, one step down at the most."""
    return isinstance(key, str) and _PLACE.fullmatch(key) is not None


def _frames() -> tuple[type, ...]:
    return (sys.modules["pandas"].DataFrame,) if "pandas" in sys.modules else ()


def _called(services: Sequence[Service], derivations: Sequence[Derivation], data: Any) -> str:
    """What parts without a name are called."""
    named = [*(service.id for service in services), *(derivation.equation.name for derivation in derivations)]
    return next(iter(named), data.name if isinstance(data, Path) else "own")


# what is wrong --------------------------------------------------------------------------------------------------------


def _taken(parts: Parts, known: Registered | None) -> tuple[list[Problem], list[str]]:
    """What somebody else has, the name or ids, and the names of the parts that have it."""
    origin = origin_of(parts)
    if known:
        return [problem("study.E02.name", parts.name, other=known.origin, one=origin)], [known.name]
    ids = [*(service.id for service in parts.services), *(equation.name for equation in equations_in(parts))]
    twice = {id_: (origin, "") for id_, count in Counter(ids).items() if count > 1}
    found = twice | claims(parts)
    told = [problem("study.E02.id", id_, other=holder, one=origin) for id_, (holder, _) in sorted(found.items())]
    return told, [name for _, name in found.values() if name]


def _found(parts: Parts) -> list[Problem]:
    """Everything that is wrong with parts that stand among the others already, so that they may speak of each other."""
    found = attempt(parts.name, partial(check_data_of, parts.folder)) if parts.folder else []
    for service in parts.services:
        found += attempt(service.id, partial(check_service, service))
    for derivation in parts.derivations:
        found += attempt(derivation.equation.name, partial(check_derivation, derivation))
    return [*found, *attempt(parts.name, partial(check_ecosystems, parts))]


def _refuse(parts: Parts, problems: Iterable[Problem], claimed: Sequence[str] = ()) -> None:
    """Raise PartsError where there are errors among problems."""
    errors = sort_problems(found for found in problems if found.severity == "error")
    if errors:
        about = {"name": parts.name, "origin": origin_of(parts), "count": len(errors)}
        raise PartsError(say("study.parts.refused", **about), errors, claimed=claimed)


def _stand(one: Registered) -> None:
    keep(one)
    SERVICES.update({service.id: service for service in one.parts.services})
    if one.parts.folder:
        add_data(one.name, one.parts.folder)
    forget()


def _fall(one: Registered) -> None:
    drop(one.name)
    for service in one.parts.services:
        SERVICES.pop(service.id, None)
    take_data(one.name)


# hashes ---------------------------------------------------------------------------------------------------------------


def _with_hashes(parts: Parts) -> Registered:
    """Parts with the hashes of code and data. Raises PartsError where their declarations cannot be looked at."""
    try:
        return Registered(parts, _code_of(parts), _hash_of(parts.files))
    except Exception as error:  # declarations are code of others
        raise PartsError(say("study.parts.broken", name=parts.name), [raised(parts.name, error)]) from error


def _hash_of(texts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(texts), sort_keys=True).encode()).hexdigest() if texts else ""


def _code_of(parts: Parts) -> str:
    """A hash of the code: of the packages that declare the parts, and of what is declared beside files."""
    texts: dict[str, str] = {}
    for equation in _with_called(equations_in(parts)):
        package = sys.modules.get(equation.fn.__module__.partition(".")[0])
        texts |= _files_of(package) if package else {}
        texts[f"equation {equation.name}"] = repr([equation, equation.text])
    for service in parts.services:
        texts[f"service {service.id}"] = repr([service.switches, service.variants, service.products])
    for derivation in parts.derivations:
        texts[f"derivation {derivation.equation.name}"] = repr(derivation)
    provided = {name: [service.id for service in services] for name, services in parts.ecosystems.items()}
    return _hash_of({**texts, "ecosystems": repr(sorted(provided.items()))} if texts or provided else {})


def _files_of(package: Any) -> dict[str, str]:
    """The text of every module of a package; of what has no file, as a notebook, nothing."""
    file = getattr(package, "__file__", None)
    if not file or package.__name__ in ("__main__", "gep"):
        return {}
    place = Path(file)
    paths = sorted(place.parent.rglob("*.py")) if hasattr(package, "__path__") else [place]
    return {path.relative_to(place.parent).as_posix(): path.read_text("utf-8", "replace") for path in paths}


def _with_called(equations: Sequence[Equation]) -> list[Equation]:
    """Equations, and those that they call."""
    found = dict.fromkeys(equations)
    waiting = list(equations)
    while waiting:
        fn = waiting.pop().fn
        for called in inspect.getclosurevars(fn).globals.values():
            if isinstance(called, Equation) and called not in found:
                found[called] = None
                waiting.append(called)
    return list(found)
