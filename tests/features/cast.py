"""
The cast of every feature (fictional): agencies, who acts there, and whom records are about.

Nobody here exists. Each agency has one person who acts for it unless a feature names another;
terms of office end with the fiscal year, at midnight in Japan.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from gateway.policy.tables import instant_of_day
from tests.simulators.feature_driver import Seat

__all__ = [
    "AGENCIES",
    "APPROVER",
    "CITY",
    "OFFICER",
    "PEOPLE",
    "PERSONS",
    "SECOND_OFFICER",
    "STARTED",
    "TERM_END",
    "Agency",
    "agency_terms",
    "person_terms",
]

STARTED: Final = instant_of_day("2025-04-01")
TERM_END: Final = instant_of_day("2027-04-01")


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency of the cast, and the seat of whoever acts for it."""

    id: str
    kind: str
    regime: str
    seat: Seat


def _agency(id_: str, kind: str, regime: str, actor: str) -> Agency:
    return Agency(id_, kind, regime, Seat(id_, actor))


AGENCIES: Final[Mapping[str, Agency]] = MappingProxyType(
    {
        "あおば市": _agency("aoba-city", "municipality", "public", "actor-city"),
        "みどり県": _agency("midori-pref", "prefecture", "public", "actor-pref"),
        "あおば市社会福祉協議会": _agency("aoba-shakyo", "shakyo", "private", "actor-shakyo"),
        "NPO法人ひだまり": _agency("npo-hidamari", "npo", "private", "actor-hidamari"),
        "こども食堂つくし": _agency("tsukushi", "npo", "private", "actor-tsukushi"),
        "あおばガス": _agency("aoba-gas", "company", "private", "actor-gas"),
        "民生委員": _agency("aoba-minsei", "minsei", "private", "actor-minsei"),
        "つながりサポーター": _agency("supporters", "other_private", "private", "actor-supporter"),
    }
)
CITY: Final = AGENCIES["あおば市"].seat
APPROVER: Final = Seat("aoba-city", "actor-city-head")
OFFICER: Final = Seat("aoba-city", "actor-officer")
SECOND_OFFICER: Final = Seat("aoba-city", "actor-officer-2")

# Who acts where, as what: seat, post and roles.
PEOPLE: Final[tuple[tuple[Seat, str, tuple[str, ...]], ...]] = (
    (CITY, "市福祉課 主任", ("municipal_caseworker",)),
    (APPROVER, "市福祉課長", ("municipal_caseworker",)),
    (OFFICER, "個人情報保護担当", ("privacy_officer",)),
    (SECOND_OFFICER, "個人情報保護担当 副担当", ("privacy_officer",)),
    (AGENCIES["みどり県"].seat, "県福祉事務所 主事", ("prefecture_staff",)),
    (AGENCIES["あおば市社会福祉協議会"].seat, "地域福祉係 係員", ("shakyo_worker",)),
    (Seat("aoba-shakyo", "actor-shakyo-2"), "地域福祉係 係員(代理)", ("shakyo_worker",)),
    (AGENCIES["NPO法人ひだまり"].seat, "相談支援員", ("npo_worker",)),
    (Seat("npo-hidamari", "actor-hidamari-head"), "理事", ("npo_manager",)),
    (AGENCIES["こども食堂つくし"].seat, "ボランティア", ("npo_volunteer",)),
    (AGENCIES["あおばガス"].seat, "検針の責任者", ("biz_watcher",)),
    (AGENCIES["民生委員"].seat, "民生委員(第3地区)", ("minsei",)),
    (AGENCIES["つながりサポーター"].seat, "つながりサポーター", ("tsunagari_supporter",)),
)

# Whom records are about: the name in a feature, and the agencies' own reference.
PERSONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "佐藤さんの息子さん": "case-sato-son",
        "佐藤さん": "case-sato",
        "鈴木さん": "case-suzuki",
        "田中さん": "case-tanaka",
        "高橋さん": "case-takahashi",
        "鈴木さんの相手方": "case-counterpart",
        "知らせてくれた人": "case-reporter",
    }
)


def agency_terms(name: str) -> dict[str, Any]:
    """Return an agency as its registration says it."""
    agency = AGENCIES[name]
    return {
        "id": agency.id,
        "kind": agency.kind,
        "regime": agency.regime,
        "country": "JP",
        "name_ja": name,
        "name_en": agency.id,
        "valid_from": STARTED,
        "valid_to": None,
    }


def person_terms(seat: Seat, post: str, roles: tuple[str, ...]) -> dict[str, Any]:
    """Return a person who acts for an agency as the registration says it."""
    return {
        "id": seat.actor,
        "post_ja": post,
        "roles": list(roles),
        "term_from": STARTED,
        "term_to": TERM_END,
        "training_until": TERM_END,
        "department": "",
    }
