"""Nothing of a certain machine, of a real person or of a broken encoding in what is shipped."""

from __future__ import annotations

import json
import re
import unicodedata
from importlib import metadata
from pathlib import Path

import pytest

from tests.promises import house

BINARY = {".png", ".jpg", ".ico", ".woff2", ".pdf", ".zip", ".gif", ".webp", ".xz"}

# Written in two halves, so that this file does not find itself.
MACHINE = re.compile(
    "|".join(
        (
            r"/wo" r"rk/(?!flow)",
            r"/ro" r"ot/",
            r"/ho" r"me/\w",
            r"/Us" r"ers/\w",
            r"(?<![\w.])/t" r"mp/",
            r"regis" r"try\.npmjs",
            r"py" r"pi\.org",
            r"pythonho" r"sted",
            r"un" r"pkg\.com",
            r"js" r"delivr",
            r"cdn" r"js\.",
        )
    )
)
MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
RESERVED = ("example", "invalid", "test", "localhost", "example.se", "example.com", "example.org")
PHONE = re.compile(r"(?<![\d-])(?:\+46|0)\d{1,3}[ -]\d{2,3} ?\d{2} ?\d{2}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)(?:19|20)\d{6}-\d{4}(?!\d)")
MOJIBAKE = re.compile("Ã[¥¤¶…„–©]|\ufffd|â€")
"""Swedish that has been read as Latin-1 on its way."""
BARE = re.compile(
    r"\b(?:arende|arenden|ar|for|pa|fran|nar|gor|stall|stalla|atgard|overklaga|forslag|sammanstall\w*|foreslag\w*)\b",
    re.IGNORECASE,
)
"""Common Swedish words that have lost their å, ä or ö."""
SHOWN = re.compile(r'\b(?:name|label)="([^"]*)"')
PARTS = ("package-lock.json", "tests/provider/package-lock.json")
LOCKS = (*PARTS, "requirements.txt", "requirements-dev.txt", "requirements-node.txt")


def texts() -> list[tuple[str, str]]:
    return [
        (house.name(path), path.read_text("utf-8")) for path in house.tracked() if path.suffix.lower() not in BINARY
    ]


def found(pattern: re.Pattern[str], allowed: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{name}: {match.group(0)!r}"
        for name, text in texts()
        if name not in allowed
        for match in pattern.finditer(text)
    ]


def test_no_machine_and_no_registry_is_named() -> None:
    assert not found(MACHINE)


def test_mail_addresses_are_of_reserved_domains() -> None:
    strangers = [
        f"{name}: {match.group(0)}"
        for name, text in texts()
        if name not in LOCKS
        for match in MAIL.finditer(text)
        if not f".{match.group(1)}".endswith(tuple(f".{each}" for each in RESERVED))
    ]
    assert not strangers, strangers


def test_no_telephone_and_no_identity_number() -> None:
    assert not found(PHONE, LOCKS)
    assert not found(IDENTITY, LOCKS)


def test_text_is_whole_utf8_with_composed_letters() -> None:
    broken = found(MOJIBAKE, ("tests/promises/test_clean_house.py",))
    taken_apart = [name for name, text in texts() if unicodedata.normalize("NFC", text) != text]
    assert not broken + taken_apart


def test_names_in_diagrams_have_their_swedish_letters() -> None:
    bare = [
        f"{house.name(path)}: {shown!r}"
        for path in house.tracked("processes/*.bpmn", "processes/*.dmn")
        for shown in SHOWN.findall(path.read_text("utf-8"))
        if BARE.search(shown)
    ]
    assert not bare, bare


def test_no_unfinished_work_is_shipped() -> None:
    unfinished = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b|pytest\.mark\.(?:sk" r"ip|xf" r"ail)\b")
    code = tuple(name for name, _ in texts() if not name.endswith((".py", ".html", ".js", ".bpmn", ".yaml")))
    assert not found(unfinished, code)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE, "see /wo" + "rk/main"),
        (PHONE, "ring 063-14 " + "75 00"),
        (MOJIBAKE, "Ã¤rende"),
        (BARE, "Sammanstall svaret"),
        (IDENTITY, "19121212" + "-1212"),
    ],
)
def test_the_patterns_see_what_they_are_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


# Licences ----------------------------------------------------------------------------------------------------------

COPYLEFT_OVER_NETWORK = re.compile(r"AGPL|Affero|SSPL|Server Side Public|BUSL|Business Source", re.IGNORECASE)


TEST_TOOLS = {"pm4py": "replays exported logs on exported nets; never imported by the product, never shipped with it"}
"""What the tests may use although its licence is not for the product -> why."""


def _python_packages(lock: str = "requirements.txt") -> list[str]:
    return re.findall(r"^([A-Za-z0-9._-]+)==", (house.ROOT / lock).read_text("utf-8"), re.MULTILINE)


def _licence(package: str) -> str:
    about = metadata.metadata(package)
    named = [about.get("License-Expression"), *(about.get_all("Classifier") or []), (about.get("License") or "")[:200]]
    return " / ".join(each for each in named if each and (not each.startswith("Classifier") or "License" in each))


def _installed(package: str) -> bool:
    """False for what the lock holds for another operating system."""
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def test_python_packages_have_licences_that_fit() -> None:
    packages = [each for each in _python_packages() if _installed(each)]
    assert len(packages) > 20
    wrong = {each: _licence(each) for each in packages if COPYLEFT_OVER_NETWORK.search(_licence(each))}
    unknown = [each for each in packages if not _licence(each)]
    assert not wrong
    assert not unknown


def test_only_named_test_tools_have_licences_that_do_not_fit() -> None:
    tools = set(_python_packages("requirements-dev.txt")) - set(_python_packages())
    wrong = {each for each in tools if _installed(each) and COPYLEFT_OVER_NETWORK.search(_licence(each))}
    assert wrong == set(TEST_TOOLS)


@pytest.mark.parametrize("lock", PARTS)
def test_parts_from_npm_have_licences_that_fit(lock: str) -> None:
    packages = json.loads((house.ROOT / lock).read_text("utf-8"))["packages"]
    parts = {name: part.get("license", SAID_IN_README.get(name, "")) for name, part in packages.items() if name}
    assert len(parts) > 30
    assert not {name: said for name, said in parts.items() if not said or COPYLEFT_OVER_NETWORK.search(said)}


SAID_IN_README = {"node_modules/cli-table": "MIT", "node_modules/component-props": "MIT"}
"""Old packages whose licence stands only in their own text."""


def test_every_lock_is_hashed_and_without_addresses() -> None:
    for lock in LOCKS[len(PARTS) :]:
        text = (house.ROOT / lock).read_text("utf-8")
        entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
        pinned = [each for each in entries if "==" in each.split("\n")[0]]
        assert pinned
        assert [each for each in pinned if "--hash=sha256:" not in each] == []
        assert "://" not in text
    for lock in PARTS:
        parts = json.loads((house.ROOT / lock).read_text("utf-8"))["packages"]
        assert not [name for name, part in parts.items() if "resolved" in part]
        assert [name for name, part in parts.items() if name and "integrity" not in part] == []


def test_the_licence_is_the_european_one() -> None:
    assert Path(house.ROOT / "LICENSE").read_text("utf-8").startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert 'license = "EUPL-1.2"' in (house.ROOT / "pyproject.toml").read_text("utf-8")
    assert "license: EUPL-1.2" in (house.ROOT / "publiccode.yml").read_text("utf-8")
