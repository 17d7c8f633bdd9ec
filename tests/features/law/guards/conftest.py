"""What is otherwise in scenarios about consent, absolute stops and other persons."""

from collections.abc import Mapping
from typing import Any, Final

from pytest_bdd import given, parsers, then

from tests.features.law.conftest import Law
from tests.simulators.policy_inputs import DAY, T0, known

_CONSENT: Final = "/registered/consents/0"
_NOTICE: Final = known("stop_stalker")["registered"]["stalker_notices"][0]
_FLAG: Final = known("stop_protected_address")["registered"]["protection_flags"][0]
# Name, id, kind, regime, actor, post, role.
_CAST: Final = {
    name: (id_, kind, regime, actor, role)
    for name, id_, kind, regime, actor, role in (
        ("あおば市社会福祉協議会", "aoba-shakyo", "shakyo", "private", "shakyo", "shakyo_worker"),
        ("NPO法人ひだまり", "npo-hidamari", "npo", "private", "hidamari", "npo_worker"),
        ("こども食堂つくし", "tsukushi", "npo", "private", "tsukushi", "npo_worker"),
        ("私立あおば学園", "aoba-gakuen", "school", "private", "gakuen", "sc_ssw"),
        ("あおばガス", "aoba-gas", "company", "private", "gas", "npo_worker"),
    )
}


def _party(side: str, name: str) -> Mapping[str, Any]:
    id_, kind, regime, actor, role = _CAST[name]
    like = known("consent_private")["registered"]["sender"]
    agency = {**like["agency"], "id": id_, "kind": kind, "regime": regime, "name_ja": name}
    person = {**like["actor"], "id": f"actor-{actor}", "agency": id_, "roles": [role]}
    return {
        f"/request/{side}/agency": id_,
        f"/request/{side}/actor": f"actor-{actor}",
        f"/registered/{side}": {"agency": agency, "actor": person},
    }


def _field(law: Law, label: str) -> dict[str, Any]:
    (id_,) = law.words.fields(label)
    like = known("consent_private")["request"]["fields"][1]
    main = law.question["request"]["subject"]
    return {**like, "id": id_, "classes": list(law.words.classes[id_]), "about": [main]}


@given(parsers.parse("提供元は{sender}、提供先は{recipient}である"))
def _between(law: Law, sender: str, recipient: str) -> None:
    law.change({**_party("sender", sender), **_party("recipient", recipient)})
    law.change(
        {
            "/request/sender/system": f"system-{_CAST[sender][0]}",
            f"{_CONSENT}/taken_by": _CAST[sender][0],
            f"{_CONSENT}/recipient_classes": [_CAST[recipient][1]],
        }
    )


@given(parsers.parse("渡すのは「{labels}」だけである"))
def _only(law: Law, labels: str) -> None:
    law.change({"/request/fields": [_field(law, label) for label in labels.split("、")]})


@given(parsers.parse("「{label}」も渡そうとする"))
def _also(law: Law, label: str) -> None:
    law.question["request"]["fields"].append(_field(law, label))


@given(parsers.parse("提供範囲は「{label}」である"))
def _profile(law: Law, label: str) -> None:
    law.change({"/request/profile": law.words.profile(label)})


@given(parsers.parse("目的は「{label}」である"))
def _purpose(law: Law, label: str) -> None:
    law.change({"/request/purpose": law.words.purpose(label)})


@given("同意の期限は昨日で切れている")
def _ended(law: Law) -> None:
    law.change({f"{_CONSENT}/valid_to": T0 - DAY})


@given("同意は、伝えたあとに撤回されている")
def _withdrawn(law: Law) -> None:
    law.change({f"{_CONSENT}/withdrawn_at": T0 - DAY // 4})


@given("撤回の前に口頭で伝えたことを、きょう記録する")
def _told_before(law: Law) -> None:
    law.change({"/request/direction": "oral", "/computed/law_at": T0 - DAY // 2})


@given("同意したのは権限のない娘である")
def _daughter(law: Law) -> None:
    law.change(
        {f"{_CONSENT}/capacity": "family_no_authority", f"{_CONSENT}/given_by": "p-daughter"}
    )


@given("同意したのは、登記事項証明書を示した成年後見人である")
def _guardian(law: Law) -> None:
    law.change(
        {
            f"{_CONSENT}/capacity": "legal_guardian",
            f"{_CONSENT}/given_by": "p-koken",
            f"{_CONSENT}/proof_seen": True,
        }
    )


@given("成年後見人は権限を示す書類を出していない")
def _no_proof(law: Law) -> None:
    law.change({f"{_CONSENT}/proof_seen": False})


@given("その成年後見人は、虐待をしたと疑われている本人である")
def _guardian_suspected(law: Law) -> None:
    suspected = {"id": "s-koken", "person": "p-koken", "relation": "alleged_perpetrator"}
    law.add("subjects", suspected)


@given(parsers.parse("同意したのは{age:d}歳の本人である"))
def _minor(law: Law, age: int) -> None:
    law.change({f"{_CONSENT}/capacity": "self_minor_capable"})
    law.tell("subject_age", age)


@given("本人は、親には知らせないでほしいと望んでいる")
def _not_the_parents(law: Law) -> None:
    law.tell("subject_wishes", "not_tell_parents")


@given("同意は読み上げた文に口頭で答えたもので、日付と文と立会いを記録してある")
def _oral(law: Law) -> None:
    law.change({f"{_CONSENT}/method": "oral_scripted", f"{_CONSENT}/text_version": "2026-04"})


@given("どの文を読み上げたかの記録がない")
def _no_text(law: Law) -> None:
    law.change({f"{_CONSENT}/text_version": ""})


@given("同意は健康の情報を含まない")
def _without_health(law: Law) -> None:
    law.change({f"{_CONSENT}/item_classes": ["IDN", "CON", "NAR"]})


@given("診断の記述は、書いた人が読んで共有してよいとしている")
def _read(law: Law) -> None:
    fields = law.question["request"]["fields"]
    by = law.question["request"]["sender"]["actor"]
    law.change({f"/request/fields/{i}/share_ready_by": by for i in range(len(fields))})


@given("同意の記録は何もない")
def _no_consent(law: Law) -> None:
    law.change({"/registered/consents": []})


@given("同意は、利害の対立する相手の通訳で取られている")
def _interpreted(law: Law) -> None:
    law.change({f"{_CONSENT}/interpreter": "counterpart"})


@given("提供先は、同意のあとに参加した機関である")
def _joined_later(law: Law) -> None:
    law.change({"/registered/recipient/agency/valid_from": T0 - DAY})


@given("連絡してくれた人の欄も渡そうとする")
def _reporter(law: Law) -> None:
    law.question["request"]["fields"].append(_field(law, "連絡者"))


@given("支援措置の申出が登録されている")
def _flagged(law: Law) -> None:
    main = law.question["registered"]["subjects"][0]["person"]
    law.add("protection_flags", {**_FLAG, "person": main, "counterpart_persons": []})


@given("相手方の代理人が、この依頼をさせている")
def _for_the_counterpart(law: Law) -> None:
    law.tell("asked_by_counterpart", value=1)


@given("提供先の担当者について、つきまといのおそれがあると警察から知らされている")
def _noticed(law: Law) -> None:
    law.add(
        "stalker_notices", {**_NOTICE, "actors": [law.question["request"]["recipient"]["actor"]]}
    )


@given("その通知は、別の人についてのものである")
def _noticed_about_another(law: Law) -> None:
    law.change({"/registered/stalker_notices/0/person": "p-suzuki"})


@given("電話の欄に、同じ世帯の弟のことも書かれている")
def _brother(law: Law) -> None:
    brother = {"id": "s-brother", "person": "p-brother", "relation": "household"}
    law.add("subjects", brother)
    law.change({"/request/fields/1/about": [law.question["request"]["subject"], "s-brother"]})


@given("弟も、同じことに同意している")
def _brother_agrees(law: Law) -> None:
    consent = law.question["registered"]["consents"][0]
    law.add("consents", {**consent, "id": "consent-brother", "person": "p-brother"})


@given("提供先は外国に置かれている")
def _abroad(law: Law) -> None:
    law.change({"/registered/recipient/agency/country": "US"})


@given("外国への提供の要件を確かめた決裁がある")
def _approved_abroad(law: Law) -> None:
    like = known("public_special_reason")["registered"]["approvals"][0]
    sender, recipient = (
        law.question["request"][side]["agency"] for side in ("sender", "recipient")
    )
    approval = {**like, "kind": "foreign_transfer", "agency": sender, "recipient": recipient}
    law.add("approvals", {**approval, "purpose": law.question["request"]["purpose"]})


@given("提供元は、オプトアウトを届け出ているとして渡そうとする")
def _opt_out(law: Law) -> None:
    law.tell("opt_out", value=1)


@given(parsers.parse("「{label}」は{origin}知ったことである"))
def _origin(law: Law, label: str, origin: str) -> None:
    (id_,) = law.words.fields(label)
    at = [f["id"] for f in law.question["request"]["fields"]].index(id_)
    law.change({f"/request/fields/{at}/origin": _ORIGINS[origin]})


_ORIGINS: Final = {"郵便物から": "mail", "玄関先で": "door", "税の調査で": "tax_inquiry"}


@given("加工した情報を照合するつもりはない")
def _no_matching(law: Law) -> None:
    law.untell("matching_intended")


@then(parsers.parse("理由は「{title}」だと、担当者にだけ示される"))
def _for_officers(law: Law, title: str) -> None:
    code = law.words.reason(title)
    assert "officer" == law.words.sides[code]
    # Over HTTP the sender's own people hear one fixed text instead.
    heard = {"NOT_SHAREABLE"} if law.answer.alert is None else {code}
    told = {c for codes in law.answer.withheld.values() for c in codes} | set(law.answer.reasons)
    assert heard <= told, law.answer
    if law.answer.alert is None:
        assert code not in told, law.answer


@then(parsers.parse("条件として「{title}」は付かない"))
def _no_duty(law: Law, title: str) -> None:
    assert law.words.duty(title) not in law.answer.duties, law.answer
