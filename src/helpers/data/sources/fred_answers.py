"""What FRED answers: the free file and the record of releases as rows, and each fault by its true name."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from helpers.core.errors import SchemaChanged, SourceError, TlsProblem, Transient, UnknownSymbol
from helpers.data import macro
from helpers.data.bars import DATE_TYPE

BLANKS = ("", ".")
#: more observations than a release brings: on such a day the record of releases began
FIRST_DAY_ROWS = 10


def tried(ask: Callable[[], Any], name: str) -> tuple[SourceError | None, Any]:
    """The answer, or the fault that stands for what was raised."""
    from requests import exceptions

    try:
        return None, ask()
    except exceptions.SSLError as error:
        if "CERTIFICATE_VERIFY_FAILED" not in str(error):
            return passing(name, "broke the connection"), None
        return _untrusted(name, "the certificate of FRED cannot be verified"), None
    except exceptions.Timeout:
        return passing(name, "did not answer in time"), None
    except exceptions.RequestException:
        return passing(name, "broke the connection or cannot be reached"), None
    except OSError:
        return _untrusted(name, "the file of certificate authorities cannot be read"), None


def _untrusted(name: str, what: str) -> TlsProblem:
    remedy = "behind a company's proxy, set REQUESTS_CA_BUNDLE to the file of its certificate authority"
    return TlsProblem(f"{name}: {what}; {remedy}", symbol=name)


def without_key(record: logging.LogRecord) -> bool:
    """Take the key out of the line in which urllib3 logs the address of a request."""
    said = record.getMessage()
    if "api_key=" in said:
        record.msg, record.args = re.sub(r"api_key=[^&\s\"]*", "api_key=***", said), ()
    return True


def file_rows(name: str, answer: Any) -> pd.DataFrame:
    """Day and value, as text, of FRED's free file."""
    text = answer.content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    if not text.strip() or text.lstrip().startswith("<"):
        raise passing(name, "sent a page or nothing instead of data")
    if not text.endswith("\n"):
        raise passing(name, "sent half a file")
    header, *lines = [line.split(",") for line in text.split("\n") if line.strip()]
    if len(header) != 2 or header[0] not in ("observation_date", "DATE") or header[1] not in (name, "VALUE"):
        raise changed(name, f"columns {', '.join(header)[:80]} instead of observation_date, {name}")
    wrong = next((cells for cells in lines if len(cells) != 2), None)
    if wrong is not None:
        raise changed(name, f"a row {','.join(wrong)[:80]!r} instead of a day and a value")
    return pd.DataFrame(lines, columns=["date", "value"])


def parsed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Days and values as such, rows without a value left out."""
    text = table["value"].astype("str").str.strip()
    table = table.assign(value=text)[~text.isin(BLANKS)].reset_index(drop=True)
    numbers = pd.to_numeric(table["value"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers)))
        raise changed(name, f"the value {table['value'][row][:40]!r} of {table['date'][row]}")
    for column in table.columns.drop("value"):
        days = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
        if days.isna().any():
            raise changed(name, f"{table[column][int(days.isna().argmax())]!r} instead of a day")
        table[column] = days.to_numpy().astype(DATE_TYPE)
    return table.assign(value=numbers)


def dated(name: str, table: pd.DataFrame, start: str) -> pd.DataFrame:
    """Releases with the same value as the one before left out, and those of the record's first day dated by rule."""
    table = table.sort_values(["date", "published"], kind="stable", ignore_index=True)
    same = table[["date", "value"]].eq(table[["date", "value"]].shift()).all(axis=1)
    table = table[~same].reset_index(drop=True).assign(publication=macro.VINTAGE)
    if table.empty and not start:
        raise passing(name, "sent no observations")
    first = table["published"] == table["published"].min()
    if first.sum() > FIRST_DAY_ROWS:
        first &= table["date"] != table.loc[first, "date"].max()  # the newest of that day was its release
        days, _ = macro.publication_days(name, table["date"].to_numpy())
        by_rule = np.minimum(days, table["published"].to_numpy().astype("datetime64[D]"))
        table.loc[first, "published"] = by_rule[first].astype(DATE_TYPE)
        table.loc[first, "publication"] = macro.ARCHIVE
    return framed(name, table)


def framed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The columns of a series, sorted by day and day of publication."""
    table = table.assign(series=name).sort_values(["date", "published"], kind="stable", ignore_index=True)
    return table.astype({"series": "str", "publication": "str"})[list(macro.COLUMNS)]


def content_of(name: str, answer: Any) -> dict[str, Any]:
    """The object that an answer of the interface holds; `Transient` where it is a page or half an object."""
    try:
        content = json.loads(answer.content)
    except ValueError:
        raise passing(name, "sent a page or half an answer instead of data") from None
    if not isinstance(content, dict):
        raise changed(name, "no object")
    return content


def passing(name: str, what: str) -> Transient:
    """The error for a fault that may pass."""
    return Transient(f"{name}: FRED {what}; it may answer later", symbol=name)


def unknown(name: str) -> UnknownSymbol:
    """The error for a series that FRED does not have."""
    return UnknownSymbol(f"{name}: FRED has no such series; correct the name", symbol=name)


def changed(name: str, found: str) -> SchemaChanged:
    """The error for an answer in another form."""
    return SchemaChanged(
        f"{name}: FRED answered in another form than expected: {found}; a newer breadthbook may know it", symbol=name
    )
