"""environment.yml and constraints.txt against pyproject.toml, and nothing of one machine in any file."""

from __future__ import annotations

import re
import subprocess
import tomllib
from itertools import product
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rattler import MatchSpec

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
TESTING = [Requirement(line) for line in PROJECT["optional-dependencies"]["test"]]

# where the conda channel's name is not the canonical name of the package index
CONDA_NAMES = {"exchange-calendars": "exchange_calendars"}

SYSTEMS = {"linux": ("Linux", "x86_64"), "darwin": ("Darwin", "arm64")}
MACHINES = [*product(("3.11.7", "3.12.1", "3.13.0"), SYSTEMS)]


def conda_entries() -> list[MatchSpec]:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    return [MatchSpec(entry) for entry in entries if isinstance(entry, str)]


def bounds(text: object) -> SpecifierSet:
    return SpecifierSet(str(text or ""))


def pins() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def pins_on(python: str, system: str) -> dict[str, list[str]]:
    """Pinned versions of each package on one Python and system."""
    name, machine = SYSTEMS[system]
    environment = {
        **default_environment(),
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "sys_platform": system,
        "platform_system": name,
        "platform_machine": machine,
        "os_name": "posix",
    }
    held: dict[str, list[str]] = {}
    for pin in pins():
        if pin.marker is None or pin.marker.evaluate(environment):
            held.setdefault(canonicalize_name(pin.name), []).append(next(iter(pin.specifier)).version)
    return held


def test_environment_yml_names_what_pyproject_names() -> None:
    needed = {CONDA_NAMES.get(name, name): item for item in RUNTIME if (name := canonicalize_name(item.name))}
    found = {spec.name.normalized: bounds(spec.version) for spec in conda_entries()}
    assert found.pop("python") == SpecifierSet(PROJECT["requires-python"] + ",<3.14")
    assert found.pop("pip") == SpecifierSet()
    assert found == {name: item.specifier for name, item in needed.items()}


def test_environment_yml_installs_the_command() -> None:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert entries[-1] == {"pip": ["-e ."]}


def test_constraints_are_exact_pins_without_addresses() -> None:
    for pin in pins():
        assert pin.url is None
        assert [item.operator for item in pin.specifier] == ["=="], pin


@pytest.mark.parametrize(("python", "system"), MACHINES)
def test_pins_satisfy_pyproject(python: str, system: str) -> None:
    held = pins_on(python, system)
    for item in RUNTIME + TESTING:
        versions = held.get(canonicalize_name(item.name), [])
        assert len(versions) == 1, f"{item.name}: pinned {versions} on Python {python}, {system}; run `make pins`"
        assert item.specifier.contains(versions[0]), f"{item} but {versions[0]} is pinned; run `make pins`"


@pytest.mark.parametrize(("python", "system"), MACHINES)
def test_no_package_is_pinned_twice(python: str, system: str) -> None:
    twice = {name: versions for name, versions in pins_on(python, system).items() if len(versions) > 1}
    assert not twice


def own_files() -> list[Path]:
    """Files under version control, or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def machine_patterns() -> re.Pattern[str]:
    """Addresses of package indexes and folders of one machine, put together so that this file holds none."""
    hosts = [
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("registry.", "npmjs"),
        ("deb.", "debian.org"),
        ("conda.", "anaconda.org"),
    ]
    folders = [("ho", "me"), ("Us", "ers"), ("ro", "ot"), ("wo", "rk"), ("private/", "var")]
    parts = [re.escape("".join(host)) for host in hosts]
    parts += [rf"(?<![\w.~*$}}-])/{''.join(folder)}/[\w.]" for folder in folders]
    return re.compile("|".join(parts))


def test_no_file_names_an_index_host_or_a_folder_of_one_machine() -> None:
    pattern = machine_patterns()
    found = []
    for path in own_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # Parquet, PNG
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in pattern.finditer(text)]
    assert not found
