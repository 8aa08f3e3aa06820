"""The parameter model: every setting of a note with its type, range and default."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from helpers.core.blocks import (
    DISCLOSURE,
    Input,
    IsoDate,
    Limits,
    NarrativeModel,
    Note,
    OptionalTicker,
    ScoreWeights,
    Sources,
    Tape,
    Ticker,
)

#: settings that are lists without repetition
_LISTS = (
    "mega_checks",
    "sectors",
    "required",
    "volume_windows",
    "breadth_ma",
    "winners",
    "losers",
    "horizons",
    "hedge_legs",
)


class Params(BaseModel):
    """Every setting of a note. Units and ranges are in docs/parameters.md, held to this model by a test."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    # what is compared
    mid: Ticker = Field(default="IJH", description="mid-cap fund the note is about")
    mega: Ticker = Field(default="OEF", description="first mega-cap stand-in")
    mega_checks: list[Ticker] = Field(default=["XLG", "MGC"], description="further mega-cap stand-ins")
    market: Ticker = Field(default="SPY", description="the market")
    small: Ticker = Field(default="IJR", description="small-cap fund, for the cap tiers")
    sectors: list[Ticker] = Field(
        default=["XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY"],
        description="sector funds, for the rotation picture and the grid",
    )
    # when
    as_of: IsoDate = Field(default="", description="ISO date; empty means the last finished trading day held")
    start: IsoDate = Field(default="", description="ISO date of the first bar read; empty means all")
    # the new high
    high_field: Literal["intraday", "close", "total_return"] = Field(
        default="intraday", description="what has to exceed its own window"
    )
    window: Annotated[int, Field(ge=20, le=504)] | Literal["364d", "365d"] = Field(
        default=252, description="trading days of the high window, or 364d/365d calendar days"
    )
    strict: bool = Field(default=True, description="true: above the old high; false: equal counts too")
    quiet_gap: int = Field(default=21, ge=0, le=126, description="trading days without a high before a breakout event")
    # volume
    volume_windows: list[Annotated[int, Field(ge=10, le=252)]] = Field(
        default=[20, 50], min_length=1, max_length=3, description="trading days of the volume medians"
    )
    z_window: int = Field(default=63, ge=10, le=252, description="trading days of the log-volume z-score")
    # relative strength
    rs_ma: int = Field(default=200, ge=20, le=252, description="trading days of the ratio's mean")
    mansfield_weeks: int = Field(default=52, ge=13, le=104, description="weeks of the Mansfield mean")
    rrg_window: int = Field(default=14, ge=5, le=52, description="weeks of the rotation z-scores")
    rrg_tail: int = Field(default=8, ge=1, le=26, description="weeks drawn behind each rotation dot")
    # breadth and rotation
    breadth_ma: list[Annotated[int, Field(ge=10, le=250)]] = Field(
        default=[50, 200], min_length=1, max_length=3, description="trading days of the members' means"
    )
    winners: list[Ticker] = Field(
        default=["XLI", "XLF", "KRE", "IYT", "IJR"], min_length=1, description="funds said to gain from a rotation"
    )
    losers: list[Ticker] = Field(
        default=["XLP", "XLU", "XLV", "XLRE", "SPLV"], min_length=1, description="funds said to lose from it"
    )
    quality: Ticker = Field(default="QUAL", description="quality fund")
    value: Ticker = Field(default="VTV", description="value fund")
    growth: Ticker = Field(default="VUG", description="growth fund")
    equal_weight: Ticker = Field(default="RSP", description="the market with equal weights")
    # history
    long_history_mid: OptionalTicker = Field(default="MDY", description="mid-cap fund with a longer history; or none")
    long_history_mega: OptionalTicker = Field(default="SPY", description="what it is held against; or none")
    horizons: list[Annotated[int, Field(ge=1, le=126)]] = Field(
        default=[5, 10, 21, 42], min_length=1, max_length=6, description="trading days looked ahead over"
    )
    bootstrap_draws: int = Field(default=2000, ge=200, le=20000, description="resamples of an interval")
    block: Annotated[int, Field(ge=5, le=252)] | Literal["auto"] = Field(
        default="auto", description="mean trading days of a resampled block; auto: 63, or twice the horizon if longer"
    )
    seed: int = Field(default=20260417, ge=0, description="seed of every random draw")
    alpha: float = Field(default=0.05, ge=0.01, le=0.2, description="error that an interval and a test allow")
    correction: Literal["none", "holm", "bh"] = Field(default="holm", description="correction over the horizons")
    min_events_mean: int = Field(default=10, ge=3, le=100, description="events needed to print a mean")
    min_events_interval: int = Field(default=30, ge=3, le=100, description="events needed to print an interval")
    small_effect: float = Field(
        default=0.5, ge=0.1, le=2, description="percent at 21 days under which an effect is small"
    )
    month_end_days: int = Field(default=5, ge=1, le=10, description="trading days of a month-end on either side")
    # reversal
    rates: Ticker = Field(default="^TNX", description="10-year yield, in percent")
    credit: Ticker = Field(default="HYG", description="high-yield bond fund")
    duration: Ticker = Field(default="IEF", description="government bond fund, taken out of the former")
    rate_shock: int = Field(default=25, ge=5, le=100, description="basis points of a rise in rates that count")
    credit_shock: int = Field(default=50, ge=10, le=200, description="basis points of wider credit spreads that count")
    reversal_excess: float = Field(default=-2.0, ge=-20, lt=0, description="percent against mega caps: a reversal")
    reversal_drawdown: float = Field(
        default=-5.0, ge=-50, lt=0, description="percent from the event's close: a reversal"
    )
    crowding_weeks: int = Field(default=52, ge=26, le=104, description="weeks of the pairwise correlations")
    crowding_years: int = Field(default=5, ge=2, le=10, description="years of history they are ranked in")
    # the score
    score_weights: ScoreWeights = Field(default=ScoreWeights(), description="weight of each part of the score")
    label_cuts: list[Annotated[float, Field(gt=0, lt=1)]] = Field(
        default=[0.10, 0.35, 0.60], min_length=3, max_length=3, description="sizes from which a score is mild and so on"
    )
    coverage_min: float = Field(
        default=60.0, ge=0, le=100, description="percent of the weight below which it is capped"
    )
    # hedge
    beta_window: int = Field(default=126, ge=21, le=504, description="trading days of a hedge ratio")
    hedge_method: Literal["ols", "ewma", "dollar"] = Field(default="ols", description="how a hedge ratio is made")
    hedge_legs: list[Ticker] = Field(
        default=["SPY", "OEF", "XLP", "XLU", "VNQ", "SPLV"], min_length=1, description="funds that may be sold short"
    )
    vol_target: float = Field(default=10.0, ge=2, le=30, description="percent a year that a position may move")
    max_leverage: float = Field(default=1.0, ge=0.1, le=2, description="largest size of a position")
    borrow_fee: float = Field(default=50.0, ge=0, le=2000, description="basis points a year for a borrowed fund")
    trading_cost: float = Field(default=2.0, ge=0, le=100, description="basis points of each trade")
    # levels
    atr_multiple: float = Field(
        default=1.0, gt=0, le=6, description="average true ranges below the breakout level: warning"
    )
    stop_atr: float = Field(default=2.5, ge=1, le=6, description="average true ranges below entry: stop")
    # the run
    sources: Sources = Field(default=Sources(), description="where bars are read from")
    required: list[Input | Ticker] = Field(default=[], description="symbols and inputs without which the run ends 3")
    tape: Tape | None = Field(default=None, description="an intraday quote of `mid`")
    note: Note = Field(default=Note(), description="name, author and the author's own view")
    narrative_llm: NarrativeModel | None = Field(
        default=None, description="block base_url, model, key_env, seconds; none: the note keeps its own words"
    )
    limits: Limits = Field(default=Limits(), description="seconds per cell and per run")
    disclosure: str = Field(default=DISCLOSURE, max_length=2000, description="text of the disclosure block")
    #: parameters that a user's own notebook declares, checked against its cell
    extra: dict[str, Any] = Field(default={}, description="parameters declared by the user's own sections")

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Params:
        if self.mid == self.mega:
            raise ValueError(f"mid and mega are both {self.mid}; a fund against itself is flat at 100")
        if self.mid in self.mega_checks or self.mid == self.market:
            raise ValueError(f"{self.mid} is both mid and mega_checks or market; a fund against itself is flat at 100")
        if self.market in self.stand_ins:
            raise ValueError(f"{self.market} is the market, so it cannot stand in for mega caps; take it out of one")
        for name in _LISTS:
            held = getattr(self, name)
            if len(set(held)) < len(held):
                raise ValueError(f"{name} names one of {held} twice; take it out once")
        both = sorted({*self.winners} & {*self.losers})
        if both:
            raise ValueError(f"{both[0]} is among winners and losers; take it out of one")
        if self.value == self.growth:
            raise ValueError(f"value and growth are both {self.value}; a fund against itself is flat at 100")
        if self.long_history_mid and self.long_history_mid == self.long_history_mega:
            raise ValueError(f"long_history_mid and long_history_mega are both {self.long_history_mid}; name two funds")
        if sorted(set(self.label_cuts)) != self.label_cuts:
            raise ValueError(f"label_cuts {self.label_cuts} do not rise; name three sizes, the smallest first")
        if self.min_events_interval < self.min_events_mean:
            raise ValueError(
                f"min_events_interval {self.min_events_interval} is below min_events_mean {self.min_events_mean}; "
                "an interval needs at least as many events as a mean"
            )
        if self.tape and self.as_of and self.as_of != self.tape.date:
            raise ValueError(
                f"as_of {self.as_of} is not tape.date {self.tape.date}; "
                "drop the tape (--no-tape) or set as_of to its date"
            )
        return self

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """The mega-cap stand-ins, the first one leading."""
        return tuple(dict.fromkeys((self.mega, *self.mega_checks)))

    @property
    def tiers(self) -> tuple[str, ...]:
        """The cap tiers from mega to small."""
        return (self.mega, self.market, self.mid, self.small)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol the note reads, each once."""
        named = (
            *self.tiers,
            *self.stand_ins,
            *self.sectors,
            *self.baskets,
            self.value,
            self.growth,
            self.equal_weight,
            *self.long_pair,
            self.rates,
            self.credit,
            self.duration,
            *self.hedge_legs,
            *(name for name in self.required if name not in get_args(Input)),
        )
        return tuple(dict.fromkeys(named))

    @property
    def baskets(self) -> tuple[str, ...]:
        """Every fund of a basket: winners, losers, quality."""
        return (*self.winners, *self.losers, self.quality)

    @property
    def long_pair(self) -> tuple[str, ...]:
        """The pair with the longer history; empty unless both funds are named."""
        return (
            (self.long_history_mid, self.long_history_mega) if self.long_history_mid and self.long_history_mega else ()
        )
