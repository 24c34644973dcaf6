"""The set-up agrees with itself: Binder's image, the pins, the address, the workflows, the tree."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version as installed
from pathlib import Path

import pytest
import yaml
from environment import NODE_PACKAGES
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}  # conda-forge's: PyPI's
BINDER = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux"}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def ignored(path, patterns):
    """Whether .gitignore, whose patterns here are plain names, hides the path."""
    return any(fnmatch.fnmatch(part, pattern) for part in path.parts for pattern in patterns)


def walked_files():
    """Every file of the tree except those that .gitignore hides; needs no git."""
    patterns = [
        ".git",
        *(line.strip().strip("/") for line in read(".gitignore").splitlines() if line),
    ]
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        folders[:] = [name for name in folders if not ignored(Path(name), patterns)]
        yield from (here / name for name in names if not ignored(Path(name), patterns))


def git_files(*options):
    """What git lists, or None where there is no git or no repository (a source archive)."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return None
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *options]
    result = subprocess.run(command, capture_output=True, check=False)
    if result.returncode:
        return None
    return [Path(name) for name in result.stdout.decode().split("\0") if name]


def texts():
    """Path and text of every file that is, or would be, committed; binary files are left out."""
    listed = git_files("--cached", "--others", "--exclude-standard")
    for path in sorted(set(walked_files() if listed is None else listed)):
        try:
            yield path.as_posix(), read(path)
        except (UnicodeDecodeError, FileNotFoundError):
            continue


TEXTS = dict(texts())
PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
CONFIG = yaml.safe_load(read("_config.yml"))
URL = CONFIG["repository"]["url"]
SLUG = URL.removeprefix("https://github.com/")
WORKFLOWS = {path.name: path.read_text("utf-8") for path in (ROOT / ".github/workflows").glob("*")}


def test_the_tree_can_be_listed_without_git():
    listed = git_files()
    if listed is None:
        pytest.skip("no git here: the walk is what the other tests use")
    missed = {path for path in listed if (ROOT / path).exists()} - set(walked_files())
    assert not missed, f"walked_files() misses files that git tracks: {sorted(map(str, missed))}"
    assert {
        "pyproject.toml",
        "tests/test_environment.py",
        ".github/workflows/test.yml",
    } <= TEXTS.keys()


# --- Binder -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dockerfile():
    """What repo2docker would build, rendered without Docker and without network."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 0, result.stderr
    assert "FROM " in result.stdout, "repo2docker printed no Dockerfile"
    return result.stderr, result.stdout


def test_binder_uses_python_311(dockerfile):
    log, text = dockerfile
    assert "Building conda environment for python=3.11" in log
    assert re.search(r"environment-2epy-2d3-2e11-2dlinux\S* /tmp/env/environment.lock", text)


def test_binder_installs_our_environment_and_runs_our_postbuild(dockerfile):
    _, text = dockerfile
    # A binder/ folder would hide both files: then the path below would begin with it.
    assert '--file "environment.yml"' in text
    assert re.search(r"^RUN \./postBuild$", text, re.MULTILINE)
    assert text.index('--file "environment.yml"') < text.index("RUN ./postBuild")


def test_postbuild_installs_xentlib_and_trusts_the_notebooks():
    lines = read("postBuild").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert "python -m pip install --no-deps --no-cache-dir -e ." in lines
    assert "jupyter trust notebooks/*.ipynb" in lines


def test_scripts_are_executable():
    modes = git_files("--stage", "postBuild", ".ci/run")
    if modes:  # Windows has no such permission, git's index has it everywhere
        assert all(str(line).startswith("100755 ") for line in modes), modes
    elif sys.platform != "win32":
        assert os.access(ROOT / "postBuild", os.X_OK), "chmod +x postBuild"
        assert os.access(ROOT / ".ci/run", os.X_OK), "chmod +x .ci/run"


# --- The pins -----------------------------------------------------------------------------------


def constraints():
    return [Requirement(line) for line in read("constraints.txt").splitlines() if line.strip()]


def applies(requirement, machine):
    """Whether a requirement counts there: the machine is as a marker of pyproject.toml sees it."""
    return requirement.marker is None or requirement.marker.evaluate(machine)


def pins(machine=BINDER):
    """Name to version, as this machine, by default Binder, reads constraints.txt."""
    chosen = [pin for pin in constraints() if applies(pin, machine)]
    return {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in chosen}


def environment():
    """Name to version from environment.yml, under PyPI's names; and the pip lines as written."""
    names, pip_lines = {}, []
    for entry in yaml.safe_load(read("environment.yml"))["dependencies"]:
        if isinstance(entry, dict):
            pip_lines += entry["pip"]
        elif entry != "pip":
            name, version = entry.split("=")
            names[CONDA_NAMES.get(name, name)] = version
    names |= {line.split("==")[0]: line.split("==")[1] for line in pip_lines}
    return names, pip_lines


def requirements():
    """Every requirement of pyproject.toml, but not the extras that name our own extras."""
    extras = PROJECT["optional-dependencies"].values()
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]
    found = [Requirement(line) for line in lines]
    return [requirement for requirement in found if requirement.name != PROJECT["name"]]


def test_constraints_are_exact_and_without_addresses():
    assert "://" not in read("constraints.txt")
    for pin in constraints():
        assert pin.url is None
        (specifier,) = pin.specifier
        assert specifier.operator == "==", f"constraints.txt: {pin} is not an exact pin"
        assert not specifier.version.endswith(".*"), f"constraints.txt: {pin} is not an exact pin"
        assert Version(specifier.version).local is None, (
            f"constraints.txt: {pin} names a local build"
        )


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", ["3.11", "3.14"])
def test_constraints_pin_every_requirement_within_its_bounds(system, python):
    machine = {"python_version": python, "python_full_version": f"{python}.0"}
    machine["sys_platform"] = system
    for requirement in requirements():
        if applies(requirement, machine):
            version = pins(machine).get(canonicalize_name(requirement.name))
            assert version, f"constraints.txt does not pin {requirement}: run make constraints"
            assert requirement.specifier.contains(version, prereleases=True), (
                f"constraints.txt has {requirement.name} {version}, which breaks {requirement}"
            )


def test_environment_and_constraints_agree():
    names, _ = environment()
    assert names.pop("python") == "3.11"
    for name, version in names.items():
        pinned = pins().get(canonicalize_name(name), "no version")
        assert f"{pinned}.".startswith(f"{version}."), (
            f"environment.yml says {name} {version}, constraints.txt says {pinned}"
        )


def test_environment_holds_the_course_and_meets_its_bounds():
    names, _ = environment()
    extras = PROJECT["optional-dependencies"]
    needed = map(Requirement, [*PROJECT["dependencies"], *extras["course"], *extras["lab"]])
    missing = {line.name for line in needed if applies(line, BINDER)} - names.keys()
    assert not missing, f"environment.yml lacks {sorted(missing)}"
    for requirement in requirements():
        if requirement.name in names:
            version = names[requirement.name]
            assert requirement.specifier.contains(version), (
                f"{version} in environment.yml breaks {requirement}"
            )
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(names["python"])


def test_environment_is_one_that_binder_can_cache():
    assert yaml.safe_load(read("environment.yml"))["channels"] == ["conda-forge", "nodefaults"]
    _, pip_lines = environment()
    for line in pip_lines:
        assert re.fullmatch(r"[\w.-]+==[\w.]+", line), (
            f"environment.yml, pip: {line} is not name==version"
        )


def test_the_typed_node_packages_are_the_ones_that_are_installed():
    """All but those that only the tests and the slides take."""
    code = "from sphinxcontrib.katex import katex_version; print(katex_version)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    section = read("CONTRIBUTING.md").partition("## Build with conda")[2].partition("\n## ")[0]
    typed = dict(re.findall(r"(@?[\w/-]+)@(\d[\d.]+)", section))
    wanted = {"katex": asked.stdout.strip(), **NODE_PACKAGES}
    others = {"axe-core", "gift-pegjs", "lighthouse", "reveal.js"}  # the book is built without them
    assert typed == {name: wanted[name] for name in wanted.keys() - others}
    assert installed("sphinxcontrib-katex") in read("environment.yml")


# --- The public address -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff"])
def test_the_address_is_named(name):
    assert URL in TEXTS[name], f"{name} does not name {URL}, the address in _config.yml"


def test_every_mention_of_our_repository_agrees_with_the_configuration():
    owner, name = SLUG.split("/")
    allowed = {owner, f"{owner}.github.io"}
    assert CONFIG["html"]["baseurl"] == f"https://{owner}.github.io/{name}/"
    for path, text in TEXTS.items():
        found = set(re.findall(rf"([\w.-]+)/{re.escape(name)}\b", text))
        assert found <= allowed, (
            f"{path} names {sorted(found - allowed)}/{name}, _config.yml says {SLUG}"
        )


def own_parts():
    """The texts that may name no GitHub repository but ours, of a notebook the code alone."""
    for path, text in TEXTS.items():
        if path.endswith(".ipynb"):
            cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
            yield path, "\n".join("".join(cell["source"]) for cell in cells)
        elif "/" not in path or path.startswith((".ci/", ".github/", "_ext/")):
            yield path, text


def test_the_set_up_and_the_notebooks_name_no_other_repository():
    hosts = ["github.com", "githubusercontent.com", "mybinder.org/v2/gh", "google.com/github"]
    places = "|".join(map(re.escape, hosts))
    for path, text in own_parts():
        for slug in re.findall(rf"(?:{places})/([\w.-]+/[\w.-]+)", text):
            assert slug.removesuffix(".git") == SLUG, (
                f"{path} names {slug}, _config.yml says {SLUG}"
            )


def test_every_notebook_installs_xentlib_from_our_repository_on_colab():
    for path, text in own_parts():
        if path.endswith(".ipynb"):
            assert f"git+{URL}" in text, f"{path}: no cell installs xentlib on Colab from {URL}"


def test_the_citation_agrees_with_the_package():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == PROJECT["version"]
    assert citation["title"] == CONFIG["title"]
    assert citation["authors"] == PROJECT["authors"]
    assert citation["repository-code"] == URL
    assert PROJECT["license"] in citation["license"]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run", *WORKFLOWS])
def test_every_command_named_exists(name):
    text = WORKFLOWS.get(name) or read(name)
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^|run: |exec )make ([a-z]+)\b", text, re.MULTILINE))
    assert named <= targets, f"{name} names make {sorted(named - targets)}"


# --- The workflows ------------------------------------------------------------------------------


def test_there_are_three_workflows():
    assert WORKFLOWS.keys() == {"test.yml", "publish.yml", "weekly.yml"}


def test_actions_are_pinned_by_hash_and_say_their_version():
    seen = {}
    for name, text in WORKFLOWS.items():
        lines = [line.strip().removeprefix("- ") for line in text.splitlines() if "uses:" in line]
        assert lines, f"{name} uses no action"
        for line in lines:
            match = re.fullmatch(r"uses: ([\w-]+/[\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line)
            assert match, f"{name}: {line} is not pinned as owner/action@hash # v1.2.3"
            action, *pin = match.groups()
            assert seen.setdefault(action, pin) == pin, (
                f"{name}: {action} is pinned otherwise elsewhere"
            )


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_workflows_have_least_permissions(name):
    workflow = yaml.safe_load(WORKFLOWS[name])
    assert workflow["permissions"] == {"contents": "read"}
    triggers = set(workflow[True])  # YAML reads `on` as a boolean
    assert triggers <= {"push", "pull_request", "schedule", "workflow_dispatch"}
    given = {
        job: body["permissions"] for job, body in workflow["jobs"].items() if "permissions" in body
    }
    publishing = {"deploy": {"pages": "write", "id-token": "write"}}
    assert given == (publishing if name == "publish.yml" else {})
    for job in workflow["jobs"].values():
        assert "timeout-minutes" in job
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert "${{ github.event" not in step.get("run", ""), (
                "text from outside in a shell command"
            )


def test_the_oldest_python_of_the_package_is_tested():
    matrix = yaml.safe_load(WORKFLOWS["test.yml"])["jobs"]["test"]["strategy"]["matrix"]
    assert f">={matrix['python'][0]}" == PROJECT["requires-python"]
    assert {system.split("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}


# --- The tree -----------------------------------------------------------------------------------

# The dots stand apart, so that this file passes its own test.
HOSTS = [
    r"pypi\.org",
    r"pythonhosted\.org",
    r"npmjs\.(?:org|com)",
    r"(?:deb|security)\.debian\.org",
    r"anaconda\.(?:org|com)",
]
TORCH_HOST = r"download\.pytorch\.org"
MACHINE_PATH = r"(?<![\w.~}-])/(?:home|root|work|Users)/|\b[A-Z]:\\{1,2}[A-Za-z]{2}"


def plain(path, text):
    """A notebook's text as its reader sees it, without JSON's backslashes."""
    if not path.endswith(".ipynb"):
        return text
    found, todo = [], [json.loads(text)]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            todo += ["".join(value)] if all(isinstance(item, str) for item in value) else value
        elif isinstance(value, dict):
            todo += value.values()
    return "\n".join(found)


def test_no_file_names_a_package_registry():
    for path, text in TEXTS.items():
        found = re.findall("|".join(HOSTS), text)
        assert not found, (
            f"{path} names {found[0]}: leave the choice of registry to the reader's own settings"
        )


def test_only_the_set_up_names_the_index_of_pytorch():
    naming = {path for path, text in TEXTS.items() if re.search(TORCH_HOST, text)}
    assert naming == {".ci/environment.py"}


def test_no_file_names_a_path_of_one_machine():
    for path, text in TEXTS.items():
        match = re.search(MACHINE_PATH, plain(path, text))
        assert not match, (
            f"{path} names a path of one machine: {match.string[match.start() :][:60]!r}"
        )
