"""
Who plays: fictional agencies, the persons who act for them, and the persons concerned.

Persons acting are opaque ids with a post, as everywhere; the persons concerned have the
short names by which each agency knows them, and nobody else does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = [
    "AGENCIES",
    "AOBA",
    "CHIKU",
    "GAS",
    "HIDAMARI",
    "MIDORI",
    "MINSEI",
    "PERSONS",
    "SHAKYO",
    "TSUKUSHI",
    "Actor",
    "Agency",
    "Person",
    "actor_of",
    "agency_of",
]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts for an agency: opaque id, post and roles."""

    id: str
    post_ja: str
    post_en: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agency:
    """
    A fictional agency.

    Attributes:
        id: Its id at the gateway.
        kind: As in ``schemas/policy-input.json``.
        regime: ``public`` or ``private``.
        name_ja: Japanese name.
        name_en: English name.
        actors: Who acts for it.
    """

    id: str
    kind: str
    regime: str
    name_ja: str
    name_en: str
    actors: tuple[Actor, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a fact is about, as the scenario tells of them."""

    name_ja: str
    name_en: str


AOBA: Final = Agency(
    "aoba-city",
    "municipality",
    "public",
    "あおば市",
    "Aoba City",
    (
        Actor(
            "aoba-city-01",
            "市福祉課 主任",
            "Welfare Section, senior caseworker",
            ("municipal_caseworker", "convener"),
        ),
        Actor("aoba-city-02", "市福祉課 課長", "Head of the Welfare Section", ("convener",)),
        Actor("aoba-city-03", "個人情報保護担当", "Privacy officer", ("privacy_officer",)),
        Actor("aoba-city-04", "システム運用担当", "System operator", ("system_admin",)),
    ),
)
MIDORI: Final = Agency(
    "midori-pref",
    "prefecture",
    "public",
    "みどり県",
    "Midori Prefecture",
    (
        Actor(
            "midori-pref-01",
            "生活困りごと相談窓口 相談員",
            "Consultation desk, counsellor",
            ("prefecture_staff", "helpline_operator"),
        ),
        Actor("midori-pref-03", "個人情報保護担当", "Privacy officer", ("privacy_officer",)),
        Actor("midori-pref-04", "システム運用担当", "System operator", ("system_admin",)),
    ),
)
SHAKYO: Final = Agency(
    "aoba-shakyo",
    "shakyo",
    "private",
    "あおば市社会福祉協議会",
    "Aoba Council of Social Welfare",
    (Actor("aoba-shakyo-01", "地域福祉係 係員", "Community welfare worker", ("shakyo_worker",)),),
)
HIDAMARI: Final = Agency(
    "npo-hidamari",
    "npo",
    "private",
    "NPO法人ひだまり",
    "NPO Hidamari",
    (
        Actor("npo-hidamari-01", "相談支援員", "Support worker", ("npo_worker",)),
        Actor("npo-hidamari-02", "事務局長", "Manager", ("npo_manager",)),
    ),
)
TSUKUSHI: Final = Agency(
    "kodomo-tsukushi",
    "npo",
    "private",
    "こども食堂つくし",
    "Children's Kitchen Tsukushi",
    (Actor("kodomo-tsukushi-01", "食堂スタッフ", "Kitchen staff", ("npo_worker",)),),
)
GAS: Final = Agency(
    "aoba-gas",
    "company",
    "private",
    "あおばガス",
    "Aoba Gas",
    (
        Actor("aoba-gas-01", "営業所 見守り担当", "Branch, watching over", ("biz_watcher",)),
        Actor("aoba-gas-02", "営業所 係員(代理)", "Branch, proxy", ("biz_watcher",)),
    ),
)
MINSEI: Final = Agency(
    "aoba-minsei",
    "minsei",
    "private",
    "あおば市民生委員児童委員協議会",
    "Aoba Commissioned Welfare Volunteers",
    (
        Actor(
            "aoba-minsei-01",
            "民生委員(第3地区)",
            "Commissioned welfare volunteer, ward 3",
            ("minsei",),
        ),
    ),
)
CHIKU: Final = Agency(
    "aoba-chiku-3",
    "chiku_shakyo",
    "private",
    "第3地区社協",
    "Ward 3 neighbourhood council",
    (Actor("aoba-chiku-3-01", "区長", "Head of the ward", ("chiku_shakyo",)),),
)

AGENCIES: Final = (AOBA, MIDORI, SHAKYO, HIDAMARI, TSUKUSHI, GAS, MINSEI, CHIKU)

PERSONS: Final[Mapping[str, Person]] = {
    "sato": Person("佐藤さん(80代)", "Ms Sato, in her eighties"),
    "sato-son": Person("佐藤さんの息子さん(50歳)", "Ms Sato's son, 50"),
    "suzuki": Person("鈴木さん(住所秘匿)", "Ms Suzuki, whose address is protected"),
    "tanaka": Person("田中さん(17歳)", "Tanaka, 17, a young carer"),
    "takahashi": Person("高橋さん(成年後見)", "Mr Takahashi, who has an adult guardian"),
}

_BY_ID: Final = {agency.id: agency for agency in AGENCIES}
_BY_ACTOR: Final = {actor.id: (agency, actor) for agency in AGENCIES for actor in agency.actors}


def agency_of(actor_id: str) -> Agency:
    """Return the agency for which somebody acts, or the agency with this id."""
    return _BY_ACTOR[actor_id][0] if actor_id in _BY_ACTOR else _BY_ID[actor_id]


def actor_of(actor_id: str) -> Actor:
    """Return somebody who acts for an agency."""
    return _BY_ACTOR[actor_id][1]
