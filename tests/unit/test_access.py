"""Who may see what: a closed file, roles that add up, and an identity that is believed for so long only."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.operation.access import (
    PROVIDER,
    RULES,
    AccessError,
    Rules,
    View,
    check_provider,
    is_wanted,
    read_rules,
    view_of,
)

NOW = 1_800_000_000.0
ROLES = Rules.model_validate(
    {
        "roles": {
            "boras": {"profile": "internal", "municipalities": ["1490"]},
            "malmo": {"profile": "internal", "municipalities": ["1280"]},
            "alla": {"profile": "internal", "municipalities": "all"},
            "lasare": {"profile": "public"},
        },
        "without_role": "nothing",
        "hours": 12,
    }
)
GOOD = {
    "redirect_uri": "https://statistik.exempel.se/oauth2callback", "cookie_secret": "x" * 40, "client_id": "a", "client_secret": "b",
    "server_metadata_url": "https://inloggning.exempel.se/.well-known/openid-configuration",
}  # fmt: skip


def identity(*roles: str, **claims: object) -> dict[str, object]:
    return {"sub": "1", "iat": NOW - 60, "roles": list(roles), **claims}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (None, View(frozenset(), False)),
        (identity(), View(frozenset(), False)),
        (identity("okänd"), View(frozenset(), False)),
        (identity("lasare"), View(frozenset(), True)),
        (identity("boras"), View(frozenset({"1490"}), True)),
        (identity("boras", "malmo", "lasare"), View(frozenset({"1490", "1280"}), True)),
        (identity("boras", "alla"), View(None, True)),
        ({"sub": "1", "iat": NOW, "roles": "boras"}, View(frozenset({"1490"}), True)),
        ({"sub": "1", "iat": NOW, "roles": {"boras": True}}, View(frozenset(), False)),
        ({"sub": "1", "iat": NOW, "groups": ["alla"]}, View(frozenset(), False)),
    ],
)
def test_a_role_shows_what_the_file_says_and_nothing_else(who: dict | None, seen: View) -> None:
    assert view_of(ROLES, who, NOW) == seen


@pytest.mark.parametrize("issued", [NOW - 12 * 3600 - 1, None, "nyss"])
def test_an_identity_that_is_old_or_undated_has_no_role(issued: object) -> None:
    assert view_of(ROLES, identity("alla", iat=issued), NOW) == View(frozenset(), False)


def test_an_address_gives_a_role_only_when_the_provider_has_verified_it() -> None:
    rules = Rules.model_validate(
        {"claim": "email", "roles": {"eva@exempel.se": {"profile": "internal", "municipalities": "all"}}}
    )
    known = {"sub": "1", "iat": NOW, "email": "eva@exempel.se"}
    assert view_of(rules, known, NOW) == View(frozenset(), True)
    assert view_of(rules, known | {"email_verified": True}, NOW) == View(None, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nyckeln roles saknas"),
        ("roles: {}\n", "nyckeln roles är tom"),
        ("role: {a: {profile: public}}\n", "nyckeln role är okänd"),
        ("roles: {a: {profil: public}}\n", "nyckeln roles.a.profil är okänd"),
        ("roles: {a: {profile: intern}}\n", "nyckeln roles.a.profile har ett otillåtet värde"),
        ("roles: {a: {profile: internal}}\n", "roles.a: internal ska ha municipalities"),
        ("roles: {a: {profile: public, municipalities: all}}\n", "roles.a: internal ska ha municipalities och public ska inte"),
        ("roles: {a: {profile: internal, municipalities: []}}\n", "roles.a: municipalities är all eller kommunkoder"),
        ('roles: {a: {profile: internal, municipalities: ["149"]}}\n', "roles.a: municipalities är all eller kommunkoder"),
        ("roles: {a: {profile: internal, municipalities: [1490]}}\n", "har ett otillåtet värde"),
        ("without_role: all\nroles: {a: {profile: public}}\n", "nyckeln without_role har ett otillåtet värde"),
        ("roles: [\n", "den är inte rätt YAML på rad 2"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_understood_are_told_and_never_guessed(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / RULES).write_text(text, encoding="utf-8")
    with pytest.raises(AccessError) as found:
        read_rules(tmp_path)
    assert told in str(found.value)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"client_id": ""}, "saknar client_id"),
        ({"cookie_secret": "kort"}, "cookie_secret i sign-in.toml är för kort"),
        ({"redirect_uri": "http://statistik.exempel.se/oauth2callback"}, "redirect_uri i sign-in.toml ska börja med https://"),
        ({"server_metadata_url": "http://10.0.0.1/x"}, "server_metadata_url i sign-in.toml ska börja med https://"),
        ({"redirect_uri": "https://statistik.exempel.se/"}, "ska sluta på /oauth2callback"),
        ({"expose_tokens": "id"}, "har nycklar som inte används: expose_tokens"),
    ],
)  # fmt: skip
def test_a_provider_that_cannot_be_trusted_stops_the_pages_without_repeating_a_secret(
    tmp_path: Path, changed: dict[str, str], told: str
) -> None:
    write_provider(tmp_path, GOOD | changed)
    with pytest.raises(AccessError) as found:
        check_provider(tmp_path)
    assert told in str(found.value)
    assert not any(value in str(found.value) for value in (GOOD | changed).values() if len(value) > 12)


def test_a_provider_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    write_provider(tmp_path, GOOD)
    assert check_provider(tmp_path) == GOOD["redirect_uri"]
    (tmp_path / PROVIDER).chmod(0o640)
    with pytest.raises(AccessError, match="kan läsas av andra"):
        check_provider(tmp_path)


@pytest.mark.parametrize("name", [RULES, PROVIDER])
def test_one_file_of_the_two_is_a_set_up_that_stops(tmp_path: Path, name: str) -> None:
    assert not is_wanted(tmp_path)
    (tmp_path / name).touch()
    assert is_wanted(tmp_path)
    with pytest.raises(AccessError):
        read_rules(tmp_path)
    with pytest.raises(AccessError):
        check_provider(tmp_path)


def write_provider(home: Path, section: dict[str, str]) -> None:
    lines = "\n".join(f'{name} = "{value}"' for name, value in section.items())
    (home / PROVIDER).write_text(f"[auth]\n{lines}\n", encoding="utf-8")
    (home / PROVIDER).chmod(0o600)
