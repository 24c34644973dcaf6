"""Which files of this machine a sandbox shows: Python, and the packages that a lab allows.

It is a list of what is there, not of what is hidden. A package comes with what its metadata says
it needs. Nothing else can be imported: not xentlib, whose functions are the answers, and not SciPy.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement


def python() -> str:
    """Return the interpreter itself, also when this one runs in a virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _own_paths(name: str, dist: metadata.Distribution) -> set[Path]:
    tops = {file.parts[0] for file in dist.files or ()} - {"..", "__pycache__"}
    tops = {top for top in tops if not top.endswith(".pth") and not top.startswith("__editable__")}
    paths = {Path(str(dist.locate_file(top))) for top in tops}
    if all(
        path.suffix == ".dist-info" for path in paths
    ):  # installed editable: the files are elsewhere
        spec = importlib.util.find_spec(name)
        paths |= {Path(path) for path in (spec and spec.submodule_search_locations) or ()}
    return {path for path in paths if path.exists()}


@functools.lru_cache
def package_paths(imports: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the folders and files of these packages and of all that they need.

    Raises
    ------
    LookupError
        If one of `imports` is not installed.
    """
    todo, seen, found = list(imports), set(), set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            dist = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name in imports:
                raise LookupError(f"the lab allows {name}, which is not installed here") from None
            continue
        found |= _own_paths(name, dist)
        needs = map(Requirement, dist.requires or ())
        todo += [r.name for r in needs if r.marker is None or r.marker.evaluate({"extra": ""})]
    return tuple(sorted(found))


def _interpreter_paths() -> tuple[list[str], list[str]]:
    """Return what to show of the interpreter, and the packages in it that are to be hidden."""
    base = os.path.realpath(sys.base_prefix)
    shown = {python(), f"{base}/lib", f"{base}/lib64", "/usr/lib", "/usr/lib64", "/usr/lib32"}
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    homes = [f"{root}/lib/{v}" for root in (base, "/usr") for v in (version, "python3")]
    hidden = {f"{home}/{kind}" for home in homes for kind in ("site-packages", "dist-packages")}
    return sorted(filter(os.path.exists, shown)), sorted(filter(os.path.isdir, hidden))


def mounts(imports: tuple[str, ...]) -> list[str]:
    """Return the arguments for bubblewrap that show Python and these packages, read-only.

    They keep their places, so that compiled modules in a cache folder elsewhere are found too.
    """
    shown, hidden = _interpreter_paths()
    arguments = []
    for path in shown:
        arguments += ["--ro-bind", path, path]
    for path in hidden:
        arguments += ["--tmpfs", path]
    packages = [str(path) for path in package_paths(imports)]
    for path in packages:
        arguments += ["--ro-bind", path, path]
    for path in hidden:
        arguments += ["--remount-ro", path]
    if sys.pycache_prefix:
        for path in [*shown, *packages]:
            cache = f"{sys.pycache_prefix}{path}"
            arguments += ["--ro-bind-try", cache, cache]
    return arguments
