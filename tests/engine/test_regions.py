"""Region profiles: the shipped ones are read, and a fault is named with its line."""

from __future__ import annotations

from datetime import date

import pytest

from engine import regions
from engine.errors import BadProfile, NotFound
from engine.vocabulary import vocabulary

JH = (regions.FOLDER / "jh.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("region", regions.available())
def test_shipped_profiles_are_read(region: str) -> None:
    profile = regions.load(region)
    assert profile.id == region
    assert "coordinator" in profile.roles
    assert profile.window("consultation", date(2026, 2, 16)).closes == date(2026, 4, 14)


def test_a_profile_is_read_by_key_and_by_attribute() -> None:
    jh = regions.load("jh")
    assert jh["timers"]["triageWd"] == jh.profile.timers.triageWd == 3
    assert jh.profile.timers.nothing is None
    assert jh.title("registrar") == "Diariet"
    assert jh.title("nobody") == "nobody"
    spoken = jh.profile.roles
    assert (spoken.programOwner.called, spoken.registrar.called) == ("programägaren", "Diariet")
    assert jh.connector("registerInDiary").mode == "manual"
    assert jh.connector("somethingNew").mode == "manual"


def test_a_profile_may_be_varied_key_by_key() -> None:
    jh = regions.load("jh")
    varied = regions.varied(jh, {"feedback": {"answerMode": "COORDINATED"}})
    assert varied["feedback"]["answerMode"] == "COORDINATED"
    assert varied["feedback"]["months"] == jh["feedback"]["months"]
    assert varied.source != jh.source
    with pytest.raises(BadProfile, match="answerMode"):
        regions.varied(jh, {"feedback": {"answerMode": "AT_RANDOM"}})


def test_an_unknown_region_is_not_found() -> None:
    with pytest.raises(NotFound):
        regions.load("../jh")


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("triageWd: 3", "triagWd: 3", "nyckeln ”triagWd” finns inte. Menade du ”triageWd”?"),
        ("triageWd: 3", "triageWd: tre", "”timers.triageWd” ska vara ett heltal"),
        ('start: "02-15"', 'start: "02-30"', "finns inte"),
        ('start: "02-15"', "start: 2026-02-15", "skriv ”2026-02-15” inom citattecken"),
        ("name: Region", "id: jh\nname: Region", "nyckeln ”id” står två gånger"),
        ("timezone: Europe/Stockholm", "timezone: [", "inte giltig YAML"),
    ],
)
def test_faults_are_named(written: str, instead: str, said: str) -> None:
    assert written in JH
    with pytest.raises(BadProfile) as caught:
        regions.read(JH.replace(written, instead, 1), "jh.yaml")
    assert said in str(caught.value)


def test_a_fault_names_its_line() -> None:
    line = JH[: JH.index("triageWd")].count("\n") + 1
    with pytest.raises(BadProfile, match=f"Rad {line}:"):
        regions.read(JH.replace("triageWd", "triageWdd", 1))


def test_meetings_are_listed_or_by_cadence_outside_closed_periods() -> None:
    jh = regions.load("jh")
    council = jh.data["bodies"]["KUNSKAPSSTYRNINGSRAD"]
    assert council["closed"][0] == {"from": "06-15", "to": "08-15"}
    summer = jh.next_meeting("KUNSKAPSSTYRNINGSRAD", date(2026, 6, 16))
    assert summer is not None
    assert summer > date(2026, 8, 15)
    assert jh.next_meeting("NOBODY", date(2026, 6, 16)) is None


def test_the_regions_own_rule_is_known_where_it_states_one() -> None:
    blekinge = regions.load("bl")
    window = blekinge.window("consultation", date(2026, 11, 20))
    assert (window.closes, blekinge.stated_close("consultation", window)) == (date(2027, 2, 12), date(2027, 1, 15))
    december = blekinge.window("feedback", date(2026, 12, 1))
    assert blekinge.stated_close("feedback", december) == date(2026, 12, 29)
    assert regions.load("jh").stated_close("consultation", window) is None


def test_the_vocabulary_has_what_diagrams_may_name() -> None:
    words = vocabulary(regions.load("jh"))
    assert {"deadline.set", "round.open", "case.start", "registerInDiary", "sendNotice"} <= words.topics.keys()
    assert {"workday", "window", "holders"} <= words.functions.keys()
