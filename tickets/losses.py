"""What a ticket may cost the shop, and why: probability x what is at stake x buyer x penalties. Pure.

The figures are in losses.toml. The amount is in one currency for the whole desk, so that tickets can be compared; it
sorts work, and is no entry in anybody's books.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

DEFAULTS = Path(__file__).with_name("losses.toml")
OTHER = "other"
NO_FACTS: Mapping[str, Any] = MappingProxyType({})


class Risk(NamedTuple):
    """How likely a kind of trouble ends badly, and what is lost then: `share` of the order's value and `plus`."""

    p: float
    stake: str
    share: float
    plus: float


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of losses.toml, checked."""

    base: str
    floor: float
    cap: float
    buyers: Mapping[str, float]
    penalties: Mapping[str, float]
    channels: Mapping[str, float]
    codes: Mapping[str, Risk]
    kinds: Mapping[str, Risk]
    rates: Mapping[str, float]
    rates_of: date


class Circumstances(NamedTuple):
    """What an expected loss depends on. `value` is in `currency`; `probability` is a forecast's own, if it has one."""

    code: str = ""
    kind: str = OTHER
    value: Decimal = Decimal(0)
    currency: str = ""
    channels: Sequence[str] = ()
    vip: bool = False
    repeat_victim: bool = False
    promise_broken: bool = False
    cause_over: bool = False
    probability: float | None = None


class Factor(NamedTuple):
    """One reason: its code, by how much it multiplies, and what its sentence needs."""

    code: str
    by: float
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loss:
    """An amount in the table's base currency; the product of its factors, rounded to cents."""

    amount: Decimal
    factors: tuple[Factor, ...]

    def data(self) -> list[dict[str, Any]]:
        """The factors as JSON."""
        return [{"code": code, "by": by, "params": params} for code, by, params in self.factors]


def expected(case: Circumstances, table: Table) -> Loss:
    """The expected loss with its factors: never nothing, never above the table's cap."""
    risk = table.codes.get(case.code) or table.kinds.get(case.kind) or table.kinds[OTHER]
    factors = [_probability(case, risk), _stake(case, risk, table), *_weights(case, table)]
    amount = 1.0
    for factor in factors:
        amount *= factor.by
    if amount > table.cap:
        factors.append(Factor("capped", table.cap / amount, {}))
        amount = table.cap
    return Loss(Decimal(max(1, round(amount * 100))).scaleb(-2), tuple(factors))


def _probability(case: Circumstances, risk: Risk) -> Factor:
    if case.probability is None:
        return Factor("probability", risk.p, {})
    return Factor("forecast", min(max(case.probability, 0.01), 1.0), {})


def _stake(case: Circumstances, risk: Risk, table: Table) -> Factor:
    rate = table.rates.get(case.currency, 0.0)
    stake = float(case.value) * rate * risk.share + risk.plus
    params: dict[str, Any] = {"stake": risk.stake, "base": table.base}
    if case.value > 0:
        params |= {"value": str(case.value), "currency": case.currency, "percent": round(risk.share * 100)}
        if not rate:
            params["no_rate"] = True
        elif case.currency != table.base:
            params |= {"rate": rate, "as_of": table.rates_of.isoformat()}
    if risk.plus:
        params["plus"] = risk.plus
    if stake < table.floor:
        return Factor("floor", table.floor, params)
    return Factor("stake", round(min(stake, table.cap), 2), params)


def _weights(case: Circumstances, table: Table) -> Iterator[Factor]:
    """What multiplies the loss; a buyer who is both counts as the heavier one, and so does an order's channel."""
    buyers = [name for name, true in (("vip", case.vip), ("repeat_victim", case.repeat_victim)) if true]
    if buyers:
        buyer = max(buyers, key=lambda name: table.buyers[name])
        yield Factor(buyer, table.buyers[buyer], {})
    elif table.buyers["ordinary"] != 1.0:
        yield Factor("ordinary", table.buyers["ordinary"], {})
    if case.promise_broken:
        yield Factor("promise_broken", table.penalties["promise_broken"], {})
    known = [channel for channel in map(str.lower, case.channels) if channel in table.channels]
    if known:
        channel = max(known, key=lambda name: table.channels[name])
        yield Factor("marketplace", table.channels[channel], {"channel": channel})
    if case.cause_over:
        yield Factor("cause_over", table.penalties["cause_over"], {})


def forecast(facts: Mapping[str, Any] | None) -> float | None:
    """The probability that an anomaly itself names: `p` or `probability` up to 1, or `percent`; None without one."""
    for name, whole in (("p", 1), ("probability", 1), ("percent", 100)):
        try:
            share = float((facts or NO_FACTS)[name]) / whole
        except (KeyError, TypeError, ValueError):
            continue
        if 0 <= share <= 1:
            return share
    return None


def read(*paths: Path) -> Table:
    """The table in the first file, with those after it laid over. ValueError naming file, key and remedy."""
    found: dict[str, Any] = {}
    for path in paths:
        try:
            with path.open("rb") as file:
                given = tomllib.load(file)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path}: cannot be read as TOML ({error}).") from error
        for name, value in given.items():
            if name not in found and path is not paths[0]:
                raise ValueError(f"{path}: there is no {name!r}; known: {', '.join(found)}.")
            if isinstance(found.get(name, value), dict) != isinstance(value, dict):
                raise ValueError(f"{path}: {name!r} must be {'a table' if name in found else 'one value'}.")
            found[name] = {**found.get(name, {}), **value} if isinstance(value, dict) else value
    return _checked(found, str(paths[-1]))


def _checked(found: Mapping[str, Any], path: str) -> Table:
    def number(name: str, value: Any, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{path}: {name} must be a number from {low:g} to {high:g}, not {value!r}.")
        return float(value)

    def risk(name: str, row: Any) -> Risk:
        stake = row.get("stake") if isinstance(row, dict) else None
        if stake not in stakes or set(row) != {"p", "stake"}:
            raise ValueError(f'{path}: {name} must be like {{ p = 0.5, stake = "late" }}; stakes: {", ".join(stakes)}.')
        return Risk(number(f"{name}.p", row["p"], 0, 1), str(stake), *stakes[stake])

    def weights(name: str, low: float, high: float) -> dict[str, float]:
        return {key: number(f"{name}.{key}", value, low, high) for key, value in found[name].items()}

    stakes: dict[Any, tuple[float, float]] = {}
    for name, row in found["stakes"].items():
        if not isinstance(row, dict) or set(row) != {"share", "plus"}:
            raise ValueError(f"{path}: stakes.{name} must be like {{ share = 0.2, plus = 0.0 }}.")
        share, plus = number(f"stakes.{name}.share", row["share"], 0, 10), number(f"{name}.plus", row["plus"], 0, 1e6)
        stakes[name] = (share, plus)
    rates = {**found["rates"]}
    rates_of = rates.pop("as_of", None)
    if not isinstance(rates_of, date):
        raise ValueError(f"{path}: rates.as_of must be the day of the rates, like 2025-06-30.")
    if found["base"] not in rates or rates[found["base"]] != 1:
        raise ValueError(f"{path}: rates.{found['base']} must be 1, because it is the base currency.")
    over = {"cause_over": number("penalties.cause_over", found["penalties"]["cause_over"], 0.001, 1)}
    promise = {"promise_broken": number("penalties.promise_broken", found["penalties"]["promise_broken"], 1, 100)}
    return Table(
        base=str(found["base"]),
        floor=number("floor", found["floor"], 0.01, 1e6),
        cap=number("cap", found["cap"], 1e6, 99_999_999_999.99),
        buyers=weights("buyers", 0.1, 100),
        penalties=promise | over,
        channels={name.lower(): by for name, by in weights("channels", 1, 100).items()},
        codes={name: risk(f"codes.{name}", row) for name, row in found["codes"].items()},
        kinds={name: risk(f"kinds.{name}", row) for name, row in found["kinds"].items()},
        rates={name: number(f"rates.{name}", value, 1e-9, 1e6) for name, value in rates.items()},
        rates_of=rates_of,
    )
