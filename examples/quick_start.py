"""Refer 佐藤さん to ひだまり: ``python examples/quick_start.py desk.toml``."""

# ruff: noqa: INP001, T201 - a script to read and to run, whose output is the point

import sys
from pathlib import Path

from gateway.client import Desk, Proposal, RecipientRef, load_desk_config

with Desk.open_at(load_desk_config(Path(sys.argv[1]))) as desk:
    sato = desk.subject("case-0042")  # our own reference; it stays ours
    hidamari = (RecipientRef("npo-hidamari"),)
    record = {"subject.name_original": "佐藤", "subject.phones": ["00-0000-0000"]}
    proposal = Proposal(recipients=hidamari, subject=sato, purpose="refer")
    for sent in desk.disclose(proposal, record):
        print(sent.delivery_id, sent.state, *sent.fields)
