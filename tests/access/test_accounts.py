"""People with local accounts: set up, sign in, be slowed down, and sign out, over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from app.service import access, accounts
from tests.access.conftest import COOKIE, code_of, secret_of, session

SECOND = timedelta(seconds=1)
PASSWORD = "correct horse battery"
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)


class Person:
    """The owner of an account, with an authenticator app and the service's clock."""

    def __init__(self, http, clock, name: str, invitation: str) -> None:
        self.http, self.clock, self.name = http, clock, name
        self.invitation = invitation
        shown = http.post("/v1/account/setup", json={"setup_token": invitation}).json()
        self.app = pyotp.TOTP(shown["totp_secret"])
        self.address = shown["totp_address"]
        self.recovery: list[str] = []

    def set_up(self, password: str = PASSWORD):
        answer = self.http.post("/v1/account/setup/completion", json=self.choice(password))
        self.recovery = answer.json().get("recovery_codes", [])
        return answer

    def choice(self, password: str = PASSWORD) -> dict[str, str]:
        return {"setup_token": self.invitation, "password": password, "code": self.code()}

    def code(self) -> str:
        return self.app.at(self.clock.now)

    def sign_in(self, password: str = PASSWORD, code: str | None = None):
        self.clock.now += timedelta(seconds=30)  # a code counts once
        body = {"sign_in_name": self.name, "password": password, "code": code or self.code()}
        return self.http.post("/v1/session", json=body)

    def begin(self) -> str:
        answer = self.sign_in()
        assert answer.status_code == 201, answer.text
        return secret_of(answer)


@pytest.fixture
def person(http, clock, desk, contract_id) -> Person:
    """Somebody who has set up an account of their own."""
    name = f"officer-{contract_id}"
    found = Person(http, clock, name, desk.account(name)[1])
    assert found.set_up().status_code == 200
    return found


def test_from_invitation_to_session(person, http):
    assert person.address.startswith("otpauth://totp/")
    assert len(person.recovery) == 10
    answer = person.sign_in()
    assert answer.status_code == 201
    secret = secret_of(answer)
    found = http.get("/v1/session", headers=session(secret, csrf=False)).json()
    assert found["csrf_token"] == answer.json()["csrf_token"]
    assert (found["kind"], found["roles"]) == ("person", [])


def test_the_cookie_is_for_this_host_over_tls_and_not_for_scripts(person):
    cookie = person.sign_in().headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "secure", "samesite=lax", "path=/", "max-age=43200"}


@pytest.mark.parametrize("wrong", ["name", "password", "code", "no-setup", "ended"])
def test_whatever_is_wrong_the_answer_is_the_same(person, http, desk, wrong, reception, clock):
    name, password, code = person.name, PASSWORD, person.code()
    clock.now += timedelta(seconds=90)
    code = person.code()
    if wrong == "name":
        name = "nobody-has-this-name"
    elif wrong == "password":
        password = "another horse battery"
    elif wrong == "code":
        code = f"{(int(code) + 1) % 1_000_000:06d}"
    elif wrong == "no-setup":
        name = f"new-{person.name}"[:64]
        desk.account(name)
    else:
        found = http.get("/v1/session", headers=session(person.begin())).json()
        access.end_principal(reception, found["principal_id"], "test")
        code = person.app.at(clock.now + timedelta(seconds=30))
    body = {"sign_in_name": name, "password": password, "code": code}
    answer = http.post("/v1/session", json=body)
    assert code_of(answer) == (401, "sign-in-refused")
    assert answer.json()["detail"] == "The sign-in did not succeed. Begin it again."
    assert "set-cookie" not in answer.headers


def test_a_code_counts_once(person):
    code = person.app.at(person.clock.now + timedelta(seconds=30))
    assert person.sign_in(code=code).status_code == 201
    person.clock.now -= timedelta(seconds=30)
    assert code_of(person.sign_in(code=code)) == (401, "sign-in-refused")


def test_a_recovery_code_replaces_the_app_once(person):
    code = person.recovery[0]
    spaced = f"{code[:5]} {code[5:].upper()}"
    assert person.sign_in(code=spaced).status_code == 201
    assert code_of(person.sign_in(code=code)) == (401, "sign-in-refused")
    assert person.sign_in(code=person.recovery[1]).status_code == 201


@pytest.mark.parametrize("known", [True, False])
def test_five_failures_make_every_name_wait_alike(person, http, clock, known):
    name = person.name if known else f"nobody-{person.name}"[:64]
    start = clock.now
    body = {"sign_in_name": name, "password": "wrong", "code": "000000"}
    for _ in range(5):
        assert code_of(http.post("/v1/session", json=body)) == (401, "sign-in-refused")
    answer = http.post("/v1/session", json=body)
    assert code_of(answer) == (429, "too-many-attempts")
    assert answer.headers["retry-after"] == "900"
    clock.now = start + timedelta(minutes=15) - SECOND
    assert http.post("/v1/session", json=body).headers["retry-after"] == "1"
    clock.now = start + timedelta(minutes=15)
    assert code_of(http.post("/v1/session", json=body)) == (401, "sign-in-refused")


def test_the_right_password_has_to_wait_too_unless_the_operator_unlocks(person, reception):
    for _ in range(5):
        person.sign_in(password="wrong")
    assert code_of(person.sign_in()) == (429, "too-many-attempts")
    accounts.unlock(reception, person.name)
    assert person.sign_in().status_code == 201


def test_a_success_forgets_the_failures_before_it(person):
    for _ in range(2):
        for _ in range(4):
            assert person.sign_in(password="wrong").status_code == 401
        assert person.sign_in().status_code == 201


def test_guesses_at_the_same_time_do_not_slip_past_the_limit(person, http):
    body = {"sign_in_name": person.name, "password": "wrong", "code": "000000"}
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda _: http.post("/v1/session", json=body), range(12)))
    assert sorted(answer.status_code for answer in found) == [401] * 5 + [429] * 7


def test_names_and_addresses_are_not_kept_as_they_are(person, engine):
    person.sign_in(password="wrong")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM access.sign_in_attempts").all()
        factors = connection.exec_driver_sql("SELECT * FROM access.account_factors").all()
    assert person.name not in str(rows)
    assert "127.0.0.1" not in str(rows)
    assert person.app.secret not in str(factors)
    assert person.recovery[0] not in str(factors)


@pytest.mark.parametrize(
    ("used_after", "over_after"),
    [(timedelta(0), IDLE), (ABSOLUTE - IDLE + SECOND, ABSOLUTE), (ABSOLUTE - SECOND, ABSOLUTE)],
)
def test_a_session_is_over_at_the_second(person, http, clock, used_after, over_after):
    secret, start = person.begin(), clock.now
    headers = session(secret)
    while clock.now < start + used_after:
        clock.now = min(start + used_after, clock.now + IDLE - SECOND)
        assert http.get("/v1/session", headers=headers).status_code == 200
    clock.now = start + over_after - SECOND
    if used_after:
        assert http.get("/v1/session", headers=headers).status_code == 200
        clock.now = start + over_after
    else:
        clock.now += SECOND
    assert code_of(http.get("/v1/session", headers=headers)) == (401, "session-over")
    clock.now += SECOND
    assert code_of(http.get("/v1/session", headers=headers)) == (401, "session-over")


@pytest.mark.parametrize("secret", ["", "made-up", "a" * 43])
def test_a_session_that_is_none(http, secret):
    answer = http.get("/v1/session", headers=session(secret))
    assert code_of(answer) == (401, "session-over")


def test_writing_needs_the_token_that_another_site_cannot_read(person, http):
    secret = person.begin()
    other = session("another-secret")["CSRF-Token"]
    bare = session(secret, csrf=False)
    for headers in (
        bare,
        bare | {"CSRF-Token": other},
        bare | {"CSRF-Token": ""},
        session(secret) | {"Sec-Fetch-Site": "cross-site"},
        session(secret) | {"Sec-Fetch-Site": "same-site"},
    ):
        answer = http.delete("/v1/session", headers=headers)
        assert code_of(answer) == (403, "csrf-token-wrong")
    assert http.get("/v1/session", headers=bare).status_code == 200
    assert http.delete("/v1/session", headers=session(secret)).status_code == 200


def test_signing_out_ends_this_session(person, http):
    one, two = person.begin(), person.begin()
    answer = http.delete("/v1/session", headers=session(one))
    assert f"{COOKIE}=" in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert code_of(http.get("/v1/session", headers=session(one))) == (401, "session-over")
    assert http.get("/v1/session", headers=session(two)).status_code == 200


def test_signing_out_everywhere_ends_all(person, http):
    secrets = [person.begin() for _ in range(3)]
    tried = http.delete("/v1/sessions?dry_run=true", headers=session(secrets[0]))
    assert (tried.json(), tried.headers["dry-run"]) == ({"sessions_ended": 3}, "true")
    assert http.get("/v1/session", headers=session(secrets[1])).status_code == 200
    answer = http.delete("/v1/sessions", headers=session(secrets[0]))
    assert answer.json() == {"sessions_ended": 3}
    for secret in secrets:
        assert code_of(http.get("/v1/session", headers=session(secret))) == (401, "session-over")


def test_a_key_has_no_session_to_end(http, desk):
    _, headers = desk.key(desk.register(), "operator:read")
    assert code_of(http.delete("/v1/session", headers=headers)) == (401, "not-signed-in")


def test_a_new_password_ends_every_session(person, http):
    secret = person.begin()
    change = {"current_password": PASSWORD, "password": "another good password"}
    wrong = change | {"current_password": "wrong"}
    path = "/v1/account/password"
    assert code_of(http.post(path, json=wrong, headers=session(secret)))[0] == 401
    weak = http.post(path, json=change | {"password": "short"}, headers=session(secret))
    assert weak.json()["faults"][0]["code"] == "password-too-weak"
    assert http.post(path, json=change, headers=session(secret)).json() == {"sessions_ended": 1}
    assert code_of(http.get("/v1/session", headers=session(secret))) == (401, "session-over")
    assert person.sign_in().status_code == 401
    assert person.sign_in("another good password").status_code == 201


def test_who_has_no_account_has_no_password(http, desk):
    _, headers = desk.key(desk.register(), "operator:write")
    body = {"current_password": "x", "password": "another good password"}
    answer = http.post("/v1/account/password", json=body, headers=headers)
    assert code_of(answer) == (409, "no-local-account")


def test_an_invitation_counts_once(person, http):
    answer = http.post("/v1/account/setup/completion", json=person.choice())
    assert code_of(answer) == (401, "setup-refused")
    shown = http.post("/v1/account/setup", json={"setup_token": person.invitation})
    assert code_of(shown) == (401, "setup-refused")


def test_an_invitation_counts_for_72_hours(http, clock, desk, contract_id):
    start = clock.now
    body = {"setup_token": desk.account(f"officer-{contract_id}")[1]}
    for hours, offset, status in ((72, -SECOND, 200), (72, timedelta(0), 401), (72, SECOND, 401)):
        clock.now = start + timedelta(hours=hours) + offset
        assert http.post("/v1/account/setup", json=body).status_code == status


def test_a_newer_invitation_replaces_an_older_one(http, clock, desk, reception, contract_id):
    name = f"officer-{contract_id}"
    first = desk.account(name)[1]
    clock.now += SECOND
    second = accounts.invite_again(reception, name, "test").setup_token
    assert code_of(http.post("/v1/account/setup", json={"setup_token": first}))[0] == 401
    assert http.post("/v1/account/setup", json={"setup_token": second}).status_code == 200


def test_setting_up_anew_ends_sessions_and_replaces_password_and_app(
    person, http, clock, reception
):
    secret, old = person.begin(), person.app
    clock.now += SECOND
    person.invitation = accounts.invite_again(reception, person.name, "test").setup_token
    assert http.get("/v1/session", headers=session(secret)).status_code == 200
    anew = Person(http, clock, person.name, person.invitation)
    assert anew.set_up("another good password").status_code == 200
    assert code_of(http.get("/v1/session", headers=session(secret))) == (401, "session-over")
    assert person.sign_in("another good password", old.at(clock.now)).status_code == 401
    assert person.sign_in("another good password", person.recovery[0]).status_code == 401
    assert anew.sign_in("another good password").status_code == 201


def test_a_weak_password_or_a_wrong_code_uses_no_invitation_up(http, clock, desk, contract_id):
    name = f"officer-{contract_id}"
    person = Person(http, clock, name, desk.account(name)[1])
    weak = person.set_up("short")
    assert weak.json()["faults"][0]["code"] == "password-too-weak"
    wrong = person.choice() | {"code": f"{(int(person.code()) + 1) % 1_000_000:06d}"}
    answer = http.post("/v1/account/setup/completion", json=wrong)
    assert answer.json()["faults"][0]["code"] == "code-wrong"
    tried = http.post("/v1/account/setup/completion?dry_run=true", json=person.choice())
    assert tried.headers["dry-run"] == "true"
    assert person.set_up().status_code == 200


def test_nothing_of_a_password_is_logged_or_answered(person, caplog):
    caplog.set_level("DEBUG")
    answer = person.sign_in("hunter2-hunter2")
    assert "hunter2" not in caplog.text + answer.text
    assert person.name not in caplog.text
