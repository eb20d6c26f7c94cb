"""Another name for a take: in the names of its members, and in the rows that it carries."""

import json
from collections.abc import Sequence
from dataclasses import replace

from ..format import checked_key, member_name, member_parts
from ..sealing import TakeMember


def renamed(members: Sequence[TakeMember], key: str) -> list[TakeMember]:
    """The members of a take under another key; InputError for an invalid one.

    All bytes but those of ``take.json`` are the same.
    """
    new = []
    for member in members:
        old, camera, kind = member_parts(member.name)
        if old == key:
            return list(members)
        content = _renamed_rows(member.content, key) if kind == "take" else member.content
        new.append(replace(member, name=member_name(checked_key(key), kind, camera), content=content))
    return new


def _renamed_rows(content: bytes, key: str) -> bytes:
    """``take.json`` with another key in all of its rows."""
    rows = json.loads(content)
    for row in (rows["take"], *rows["poses"]):
        row["take"] = key
    return json.dumps(rows, sort_keys=True).encode()
