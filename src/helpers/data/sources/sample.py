"""The packaged sample: simulated bars under the tickers of real funds, and sixty simulated members.

``helpers/data/sample`` holds ``funds.parquet`` and ``members.parquet``, one row group a symbol, every number a small
integer (prices in cents from the close, volume in round lots, dividends in hundredths of a cent), delta-packed.
``python -m helpers.data.simulate`` makes them. No price in them is real.
"""

from __future__ import annotations

import io
from functools import cached_property
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from helpers.data.disk import parquet_source
from helpers.data.members import COLUMNS, Members
from helpers.data.sources import RawHistory

CENTS = 100
DIVIDEND_UNIT = 10_000
FILES = ("funds.parquet", "members.parquet")
#: the simulated fund holds its members from its first day to its last
MEMBERS_SINCE = "2006-01-03"


class SampleSource:
    """The simulated sample as a price source; a file is read once, a symbol when it is asked for."""

    name = "simulated sample"
    simulated = True

    @cached_property
    def _files(self) -> list[Any]:
        folder = resources.files("helpers.data") / "sample"
        return [pq.ParquetFile(parquet_source((folder / name).read_bytes())) for name in FILES]

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        """File and row group of each symbol; a row group's statistics name its one symbol."""
        places = {}
        for number, file in enumerate(self._files):
            for group in range(file.num_row_groups):
                places[file.metadata.row_group(group).column(0).statistics.min] = (number, group)
        return places

    def symbols(self) -> list[str]:
        """Every symbol held: funds, the yield, then members."""
        return list(self._places)

    def history(self, symbol: str, start: str = "", end: str = "") -> RawHistory | None:
        """Bars of one symbol from `start` to `end`, both included, "" for no bound; None for a symbol not held."""
        place = self._places.get(symbol)
        if place is None:
            return None
        file, group = place
        columns = {name: array.to_numpy() for name, array in _columns(self._files[file].read_row_group(group))}
        bars = unpacked(columns)
        inside = pd.Series(True, index=bars.index)
        if start:
            inside &= bars["date"] >= pd.Timestamp(start)
        if end:
            inside &= bars["date"] <= pd.Timestamp(end)
        bars = bars[inside].reset_index(drop=True)
        happened = (bars["dividend"] > 0) | bars["split"].notna()
        actions = bars.loc[happened, ["date", "dividend", "split"]].reset_index(drop=True)
        return RawHistory(bars=bars, actions=actions, meta={"source": self.name, "simulated": True})


def _columns(table: Any) -> list[tuple[str, Any]]:
    return [(name, table.column(name)) for name in table.column_names if name != "symbol"]


def unpacked(column: dict[str, Any]) -> pd.DataFrame:
    """Bars of one symbol from the columns that `packed` made."""
    close, opened = column["close"], column["close"] + column["open_less_close"]
    bars = pd.DataFrame({"date": column["date"].astype("datetime64[s]")})
    bars["open"] = opened / CENTS
    bars["high"] = (np.maximum(opened, close) + column["high_over_body"]) / CENTS
    bars["low"] = (np.minimum(opened, close) - column["low_under_body"]) / CENTS
    bars["close"] = close / CENTS
    if column["lots"].any():
        bars["volume"] = column["lots"].astype(float) * column["lot"]
    bars["dividend"] = column["dividend"] / DIVIDEND_UNIT
    bars["split"] = np.where(column["split"] > 0, column["split"], np.nan)
    return bars


def packed(bars: pd.DataFrame) -> Any:
    """Bars as small integers: prices in cents, each stated from the close, volume in the symbol's own round lot."""
    cents = {
        name: np.rint(bars[name].to_numpy(float) * CENTS).astype(np.int32) for name in ("open", "high", "low", "close")
    }
    top, bottom = np.maximum(cents["open"], cents["close"]), np.minimum(cents["open"], cents["close"])
    volume = bars["volume"].fillna(0).to_numpy(float).astype(np.int64)
    lot = bars["symbol"].map(
        {symbol: _lot(part) for symbol, part in pd.Series(volume).groupby(bars["symbol"].to_numpy())}
    )
    return pa.table(
        {
            "symbol": pa.array(bars["symbol"]).dictionary_encode(),
            "date": bars["date"].to_numpy().astype("datetime64[D]"),
            "close": cents["close"],
            "open_less_close": cents["open"] - cents["close"],
            "high_over_body": cents["high"] - top,
            "low_under_body": bottom - cents["low"],
            "lots": (volume // lot.to_numpy()).astype(np.int32),
            "lot": lot.to_numpy(np.int32),
            "dividend": np.rint(bars["dividend"].to_numpy(float) * DIVIDEND_UNIT).astype(np.int32),
            "split": bars["split"].fillna(0).to_numpy(float).astype(np.int32),
        }
    )


def _lot(volume: pd.Series) -> int:
    """The largest power of ten that divides every volume."""
    lot = 1
    while lot < 10**6 and volume.any() and not (volume % (lot * 10)).any():
        lot *= 10
    return lot


def members() -> Members:
    """The simulated members of the mid-cap fund; they are its members on every day of the sample."""
    text = (resources.files("helpers.data") / "sample" / "members.csv").read_text(encoding="utf-8")
    rows = pd.read_csv(io.StringIO(text)).assign(name="")
    typed = rows[list(COLUMNS)].astype({"symbol": "str", "name": "str", "sector": "str", "weight": "float64"})
    return Members(typed, MEMBERS_SINCE, "simulated sample")
