"""Two kinds of column that both engines keep alike: a moment in UTC, and a small piece of JSON.

Migrations import these too, so they change only by adding.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import BigIntegerField, TextField

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(BigIntegerField):
    """An aware datetime, kept as UTC microseconds since 1970."""

    def db_value(self, value: datetime | int | None) -> int | None:
        return (value - EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TextField):
    """Small lists and mappings, kept as JSON text; we never search inside them."""

    # Any: whatever JSON holds.
    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)
