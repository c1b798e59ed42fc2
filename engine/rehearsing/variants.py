"""How a process goes in each region, and which rehearsals show it: one happy and two unhappy paths of every variant.

`processes/variants.yaml` has the variants. A rehearsal says with `shows` which paths it is of; its region is in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine import yaml_file
from engine.regions import PROCESSES
from engine.rehearsing.rehearsals import all_files, read

FILE = PROCESSES / "variants.yaml"

HAPPY, UNHAPPY = "happy", "unhappy"
NEEDED = {HAPPY: 1, UNHAPPY: 2}
"""Path -> how many of each variant."""


@dataclass(frozen=True)
class Variant:
    """A process as it goes in some regions."""

    process: str
    regions: tuple[str, ...]
    differs: str
    """One sentence: what is not as elsewhere."""
    keys: tuple[str, ...] = ()
    """Keys of the profile that make it so (`gap.principals`)."""


@dataclass(frozen=True)
class Shown:
    """A path of a process that a rehearsal shows."""

    rehearsal: str
    """Name of its file, without the ending."""
    region: str
    process: str
    path: str
    what: str
    """What happens there; the rehearsal's own name where nothing is said."""


@dataclass(frozen=True)
class Rehearsed:
    """A variant and the paths that show it."""

    variant: Variant
    happy: tuple[Shown, ...]
    unhappy: tuple[Shown, ...]

    @property
    def missing(self) -> dict[str, int]:
        """Path -> how many more are needed; empty when there are enough."""
        lacking = {HAPPY: NEEDED[HAPPY] - len(self.happy), UNHAPPY: NEEDED[UNHAPPY] - len(self.unhappy)}
        return {path: number for path, number in lacking.items() if number > 0}


def load(file: Path = FILE) -> list[Variant]:
    """Every variant, in the order of the file. Raises `BadYaml`, which names the line."""
    written = yaml_file.read(file.read_text(encoding="utf-8"), "variants", file.name).data["processes"]
    return [
        Variant(process, tuple(each["regions"]), each["differs"], tuple(each.get("keys", ())))
        for process, variants in written.items()
        for each in variants
    ]


def shown(paths: Iterable[Path]) -> list[Shown]:
    """What the rehearsals in these files show. Raises `BadRehearsal`."""
    return [each for path in paths for each in _of_file(path)]


def rehearsed(variants: Iterable[Variant] | None = None, found: Iterable[Shown] | None = None) -> list[Rehearsed]:
    """Each variant with what shows it; the shipped ones unless others are given."""
    paths = list(shown(all_files()) if found is None else found)
    return [_of_variant(each, paths) for each in (load() if variants is None else variants)]


def _of_file(path: Path) -> list[Shown]:
    data = read(path.read_text(encoding="utf-8"), path.name).data
    return [
        Shown(path.stem, data["region"], each["process"], each["path"], each.get("what", data["name"]))
        for each in data.get("shows", [])
    ]


def _of_variant(variant: Variant, paths: Iterable[Shown]) -> Rehearsed:
    its = [each for each in paths if each.process == variant.process and each.region in variant.regions]
    happy, unhappy = (tuple(each for each in its if each.path == path) for path in (HAPPY, UNHAPPY))
    return Rehearsed(variant, happy, unhappy)
