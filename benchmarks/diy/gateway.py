"""Token, policy, one durable row, answer. All facts are in memory: a gift to this gateway."""
# ruff: noqa: D103, S608 - as one writes it

import json
import os
import sqlite3
import threading
import time
import uuid
from typing import Annotated, Any

import psycopg
from fastapi import Body, Depends, FastAPI, Header, HTTPException
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from opa_client.opa import OpaClient

with open(os.environ["DIY_CONFIG"], encoding="utf-8") as file:  # noqa: PTH123
    CONFIG: dict[str, Any] = json.load(file)
KEY, ISSUER, QUESTION = ECKey.import_key(CONFIG["jwk"]), CONFIG["issuer"], CONFIG["question"]
CLAIMS = jwt.JWTClaimsRegistry(iss={"essential": True, "value": ISSUER}, exp={"essential": True})
MARK = "%s" if CONFIG["database"].startswith("postgresql") else "?"
INSERT = f"INSERT INTO disclosure VALUES ({', '.join([MARK] * 6)})"
app, local = FastAPI(), threading.local()


def agency(authorization: Annotated[str, Header()]) -> str:
    try:
        token = jwt.decode(authorization.removeprefix("Bearer "), KEY, algorithms=["ES256"])
        CLAIMS.validate(token.claims)
    except JoseError as error:
        raise HTTPException(401) from error
    return str(token.claims["agency"])


def database() -> Any:
    if MARK == "%s":
        return psycopg.connect(CONFIG["database"], autocommit=True)
    connection = sqlite3.connect(CONFIG["database"], isolation_level=None, timeout=30)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    return connection


@app.post("/v1/disclosures", status_code=201)
def disclose(sender: Annotated[str, Depends(agency)], asked: Annotated[Any, Body()]) -> Any:
    if not hasattr(local, "opa"):
        local.opa = OpaClient(host="127.0.0.1", port=CONFIG["opa_port"])
        local.database = database()
    subject, now, id_ = asked["subjects"][0], time.time_ns() // 1_000_000, str(uuid.uuid4())
    request = {**QUESTION["request"], "subject": subject, "fields": asked["fields"]}
    consents = [{**c, "person": subject} for c in QUESTION["registered"]["consents"]]
    subjects = [{"id": subject, "person": subject, "relation": "main"}]
    registered = {**QUESTION["registered"], "subjects": subjects, "consents": consents}
    computed = {**QUESTION["computed"], "now": now, "law_at": now}
    question = {**QUESTION, "request": request, "registered": registered, "computed": computed}
    decision = local.opa.query_rule(question, "disclosure.main", "decision")["result"]
    row = (id_, sender, now, subject, json.dumps(decision), json.dumps(asked))
    local.database.execute(INSERT, row)
    return {"disclosure_id": id_, "fields": decision["fields_permitted"]}
