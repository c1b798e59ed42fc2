"""Log-in with the region's own account: at a real provider, and at one that answers wrongly."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from engine import arrivals
from engine.access import SYSTEM
from store import accounts, history, people, sessions, standing
from tests.engine.town import REGION
from tests.provider.crooked import Crooked, crooked
from tests.provider.service import SUBJECT, Guest, Service, running
from tests.web.house import PASSWORD, House, Visit
from tests.web.test_provider import TWISTS
from web.app import create_app

APPLICATION = "http://127.0.0.1:8000"
COORDINATOR = "kunskapsflode-samordnare"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("provider"), APPLICATION) as found:
        yield found


@pytest.fixture
def home(house: House, service: Service) -> House:
    """The house with a way in for those who have an account at the region."""
    service.knows(groups=[COORDINATOR])
    return replace(house, app=create_app(house.town.db, service.settings()))


def departed(visit: Visit, **query: str) -> str:
    """Where the link of the log-in page leads."""
    answer = visit.see("/logga-in/regionen", **query)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def arrived(visit: Visit, back: str) -> TestResponse:
    """Back to the application, as the provider has sent the browser."""
    parts = urlsplit(back)
    assert f"{parts.scheme}://{parts.netloc}" == APPLICATION, back
    return visit.see(f"{parts.path}?{parts.query}")


def logged_in(home: House, service: Service, **query: str) -> Visit:
    visit = home.visit()
    assert arrived(visit, Guest(service).log_in(departed(visit, **query))).status_code == 303
    return visit


def heading(answer: TestResponse) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text)
    assert found, answer.text
    return found[1]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """All that our own lines hold, also what only the JSON of the log shows."""
    return str([vars(record) for record in caplog.records if record.name.startswith("kunskapsflode")])


# A real provider -----------------------------------------------------------------------------------------------------


def test_the_regions_account_opens_and_leads_to_where_one_was_going(home: House, service: Service) -> None:
    visit = home.visit()
    asked = visit.see("/arenden", lage="alla")
    page = visit.text(asked.headers["Location"])
    link = re.search(r'href="(/logga-in/regionen\?[^"]+)"', page)
    assert link, page
    away = visit.see(link[1].replace("&amp;", "&")).headers["Location"]
    back = arrived(visit, Guest(service).log_in(away))
    assert (back.status_code, back.headers["Location"]) == (303, "/arenden?lage=alla")
    assert "Kim Prov" in visit.text("/arenden")
    assert "Samordnare kunskapsstyrning" in visit.text("/")


def test_what_leaves_has_a_challenge_a_state_and_a_nonce(home: House) -> None:
    asked = parse_qs(urlsplit(departed(home.visit())).query)
    again = parse_qs(urlsplit(departed(home.visit())).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    for each in ("state", "nonce", "code_challenge"):
        assert len(asked[each][0]) >= 43
        assert asked[each] != again[each]


def test_both_ways_in_stand_on_the_page_and_one_can_be_closed(home: House, service: Service) -> None:
    page = home.visit().text("/logga-in")
    assert "Logga in med regionens konto" in page
    assert 'name="password"' in page
    assert home.visit("Sam").see("/").status_code == 200
    closed = replace(home, app=create_app(home.town.db, service.settings(password_login="off"))).visit()
    page = closed.text("/logga-in")
    assert "Logga in med regionens konto" in page
    assert 'name="password"' not in page
    assert closed.send("/logga-in", username="sam", password=PASSWORD).status_code == 404


def test_where_there_is_no_service_there_is_no_way_to_it(house: House) -> None:
    visit = house.visit()
    assert "regionens konto" not in visit.text("/logga-in")
    for path in ("/logga-in/regionen", "/logga-in/svar?code=x&state=y", "/utloggad"):
        assert visit.see(path).status_code == 404


def test_groups_that_are_taken_away_take_the_mandates_with_them(home: House, service: Service) -> None:
    service.knows(groups=[COORDINATOR, "kunskapsflode-drift"])
    assert logged_in(home, service).see("/drift").status_code == 200
    service.knows(groups=["kunskapsflode-lpo-lung-ordf"])
    assert logged_in(home, service).see("/drift").status_code == 404
    with home.town.db.read() as reader:
        told = [each.what for each in history.read(reader, history.of_region(REGION))]
    assert told.count("mandate.ended") == 2
    assert told.count("person.added") == 1


def test_someone_without_a_group_is_told_so_and_not_added(home: House, service: Service) -> None:
    service.knows(groups=["skrivare-plan-3"])
    visit = home.visit()
    answer = arrived(visit, Guest(service).log_in(departed(visit)))
    assert (answer.status_code, heading(answer)) == (403, "Du har inget uppdrag här")
    assert visit.see("/").status_code == 303
    with home.town.db.read() as reader:
        assert people.find_by_name(reader, REGION, "Kim Prov") is None


def test_someone_who_has_an_account_of_ours_is_recognised(home: House, service: Service) -> None:
    arrivals.recognise(home.town.db, home.town.keys["Lo"], service.issuer, SUBJECT, by=SYSTEM)
    service.knows(groups=[])
    assert "Kim Prov" in logged_in(home, service).text("/"), "the region's name for Lo"
    with home.town.db.transaction() as tx:
        accounts.disable(tx, home.town.keys["Lo"])
    visit = home.visit()
    answer = arrived(visit, Guest(service).log_in(departed(visit)))
    assert (answer.status_code, heading(answer)) == (403, "Du kan inte logga in här")


def test_who_turns_back_at_the_provider_is_met_kindly(home: House, service: Service) -> None:
    visit, guest = home.visit(), Guest(service)
    guest.follow(departed(visit))
    answer = arrived(visit, guest.send(cancel="1"))
    assert (answer.status_code, heading(answer)) == (403, "Inloggningen avbröts")
    assert 'href="/logga-in"' in answer.text


def test_log_in_gives_a_new_session_and_ends_the_one_before(home: House, service: Service) -> None:
    visit = home.visit("Lo")
    before = visit.client.get_cookie("kf_session")
    assert before is not None
    arrived(visit, Guest(service).log_in(departed(visit)))
    after = visit.client.get_cookie("kf_session")
    assert after is not None
    assert after.value != before.value
    with home.town.db.read() as reader:
        assert sessions.find(reader, before.value) is None


def test_an_answer_counts_once_and_in_the_browser_that_asked(home: House, service: Service) -> None:
    visit, other = home.visit(), home.visit()
    departed(other)
    back = Guest(service).log_in(departed(visit))
    stolen = arrived(other, back)
    assert (stolen.status_code, heading(stolen)) == (400, "Inloggningen kom bort")
    assert arrived(visit, back).status_code == 303
    again = arrived(visit, back)
    assert (again.status_code, heading(again)) == (400, "Inloggningen kom bort")


def test_two_windows_of_one_browser_do_not_disturb_each_other(home: House, service: Service) -> None:
    visit = home.visit()
    first, second = departed(visit, next="/arenden"), departed(visit, next="/mer")
    guest = Guest(service)
    assert arrived(visit, guest.log_in(first)).headers["Location"] == "/arenden"
    assert arrived(visit, guest.log_in(second)).headers["Location"] == "/mer"


@pytest.mark.parametrize("state", ["", "x" * 43])
def test_a_state_that_is_not_ours_is_refused(home: House, service: Service, state: str) -> None:
    visit = home.visit()
    back = re.sub(r"state=[^&]+", f"state={state}", Guest(service).log_in(departed(visit)))
    answer = arrived(visit, back)
    assert (answer.status_code, heading(answer)) == (400, "Inloggningen kom bort")
    assert visit.client.get_cookie("kf_session") is None


def test_a_log_in_that_takes_too_long_begins_again(home: House, service: Service) -> None:
    visit = home.visit()
    back = Guest(service).log_in(departed(visit))
    home.town.clock.advance(timedelta(minutes=16))
    answer = arrived(visit, back)
    assert (answer.status_code, heading(answer)) == (400, "Inloggningen tog för lång tid")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_no_one_is_sent_to_another_site(home: House, service: Service, target: str) -> None:
    visit = home.visit()
    back = arrived(visit, Guest(service).log_in(departed(visit, next=target)))
    assert back.headers["Location"] == "/"


def test_log_out_ends_our_session_and_offers_the_providers(home: House, service: Service) -> None:
    visit = logged_in(home, service)
    copied = visit.client.get_cookie("kf_session")
    assert copied is not None
    visit.see("/mer")
    assert visit.send("/logga-ut").headers["Location"] == "/utloggad"
    page = visit.see("/utloggad")
    farewell = page.headers["Refresh"].removeprefix("0; url=")
    assert farewell.startswith(f"{service.issuer}/session/end?client_id=kunskapsflode")
    assert "Du är utloggad" in page.text
    visit.client.set_cookie("kf_session", copied.value)
    assert visit.see("/").status_code == 303
    guest = Guest(service)
    guest.log_in(departed(home.visit()))
    assert guest.follow(farewell) == ""
    assert guest.send(logout="yes") == f"{APPLICATION}/logga-in"
    guest.follow(departed(home.visit()))
    assert "Regionens inloggning" in guest.page, "the provider asks for the password again"


def test_who_came_with_a_password_leaves_without_the_provider(home: House) -> None:
    visit = home.visit("Sam")
    visit.see("/mer")
    assert visit.send("/logga-ut").headers["Location"] == "/logga-in"


def test_nothing_secret_is_kept_or_logged(home: House, service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    visit = home.visit()
    back = Guest(service).log_in(departed(visit))
    arrived(visit, back)
    arrived(visit, back)
    code = parse_qs(urlsplit(back).query)["code"][0]
    with home.town.db.read() as reader:
        written = str([each.details for each in history.read(reader, history.of_region(REGION))])
    for secret in (code, "a secret of tests alone", "eyJ", "Kim Prov", "kim@region.example"):
        assert secret not in written
        assert secret not in logged(caplog)


# One that answers wrongly --------------------------------------------------------------------------------------------


@dataclass
class Attempt:
    """A log-in at a provider that a test tells what to say."""

    provider: Crooked
    house: House

    def __post_init__(self) -> None:
        self.visit = replace(self.house, app=create_app(self.house.town.db, self.provider.settings())).visit()

    def begin(self) -> str:
        """Leave for the provider; answers with the nonce that it is given. Remembers the state."""
        asked = parse_qs(urlsplit(departed(self.visit)).query)
        self.state = asked["state"][0]
        return asked["nonce"][0]

    def end(self, **more: str) -> TestResponse:
        return self.visit.see("/logga-in/svar", **({"code": "en kod", "state": self.state} | more))

    def inside(self) -> bool:
        return self.visit.client.get_cookie("kf_session") is not None


@pytest.fixture
def attempt(house: House) -> Iterator[Attempt]:
    with crooked() as provider:
        yield Attempt(provider, house)


def test_a_token_that_is_right_is_taken(attempt: Attempt) -> None:
    provider = attempt.provider
    provider.answers(provider.signed(provider.claims(attempt.begin())))
    assert attempt.end().headers["Location"] == "/"
    assert attempt.inside()
    assert ("/me", "") not in provider.asked, "all was in the token"


@pytest.mark.parametrize("twist", ["another nonce", "unsigned", "signed by another"])
def test_a_token_that_is_wrong_lets_no_one_in(attempt: Attempt, twist: str, caplog: pytest.LogCaptureFixture) -> None:
    attempt.provider.answers(TWISTS[twist](attempt.provider, attempt.begin()))
    answer = attempt.end()
    assert (answer.status_code, heading(answer)) == (403, "Inloggningen godtogs inte")
    assert not attempt.inside()
    assert "log-in refused" in logged(caplog)
    assert "'kind': 'BadAnswer'" in logged(caplog)
    assert "eyJ" not in logged(caplog)
    assert "ett hemligt kort" not in logged(caplog)


def test_clocks_that_differ_are_spoken_of(attempt: Attempt) -> None:
    provider, nonce = attempt.provider, attempt.begin()
    provider.answers(provider.signed(provider.claims(nonce, exp=provider.claims(nonce)["iat"] - 120)))
    answer = attempt.end()
    assert (answer.status_code, heading(answer)) == (503, "Klockorna går inte lika")
    assert not attempt.inside()


def test_groups_that_the_provider_left_out_end_no_mandates(attempt: Attempt) -> None:
    provider = attempt.provider
    provider.answers(provider.signed(provider.claims(attempt.begin())))
    assert attempt.end().status_code == 303
    provider.userinfo = (200, {"sub": "k1"})
    left_out = provider.claims(attempt.begin(), groups=None, _claim_names={"groups": "src1"})
    provider.answers(provider.signed(left_out))
    answer = attempt.end()
    assert (answer.status_code, heading(answer)) == (403, "Dina grupper kom inte med")
    with attempt.house.town.db.read() as reader:
        kim = people.find_by_name(reader, REGION, "Kim Prov")
        assert kim is not None
        assert [each.scope for each in standing.roles_on(reader, kim.key, reader.now.date())] == ["coordinator"]


def test_an_answer_in_another_providers_name_is_refused(attempt: Attempt) -> None:
    provider = attempt.provider
    provider.answers(provider.signed(provider.claims(attempt.begin())))
    answer = attempt.end(iss="https://id.other.example")
    assert (answer.status_code, heading(answer)) == (403, "Inloggningen godtogs inte")
    assert ("/token", "") not in [(path, "") for path, _ in provider.asked]


def test_a_provider_that_is_down_is_told_of(house: House) -> None:
    with crooked() as provider:
        attempt = Attempt(provider, house)
        attempt.begin()
    answer = attempt.end()
    assert (answer.status_code, heading(answer)) == (503, "Inloggningen svarar inte")
    fresh = Attempt(provider, house)
    answer = fresh.visit.see("/logga-in/regionen")
    assert (answer.status_code, heading(answer)) == (503, "Inloggningen svarar inte")
    assert fresh.visit.see("/utloggad").headers["Location"] == "/logga-in", "log-out does not wait for it"


def test_a_provider_in_a_private_net_is_asked_only_where_that_is_set(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with crooked() as provider:
        closed = replace(provider.settings(), oidc_allow_private="")
        visit = replace(house, app=create_app(house.town.db, closed)).visit()
        assert visit.see("/logga-in/regionen").status_code == 503
        assert provider.asked == []
    assert "dit inget skickas" in logged(caplog)
