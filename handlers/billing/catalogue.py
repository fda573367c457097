"""Plans, features and products, read from one file and checked before anything starts (PL-1, PL-2, A13).

A broken file is refused by the name of its entry: an unknown key, a duplicate, a value of the wrong kind, a plan that
is missing or counts wrongly. A plan exists in versions; who bought one keeps it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from math import inf
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.errors import Misconfigured
from bot.engine.rights import Value

FILE = Path(__file__).with_name("data") / "catalogue.toml"
FREE = "free"
PLANS = ("free", "basic", "pro", "enterprise")
UNLIMITED, CONTRACT = "unlimited", "contract"

Kind = Literal["quota", "limit", "switch", "word"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Feature(_Strict):
    """What may be used; a default feature is everybody's."""

    kind: Kind
    from_level: int = Field(ge=0, le=3)
    words: list[str] = []
    metric: str = ""
    hold_minutes: int = Field(15, ge=1)
    when_suspended: bool = False

    @property
    def is_default(self) -> bool:
        """Whether everyone has it."""
        return self.from_level == 0

    @property
    def off(self) -> Value:
        """Return the value that gives nothing."""
        match self.kind:
            case "switch":
                return False
            case "word":
                return self.words[0]
            case _:
                return 0

    @property
    def hold(self) -> timedelta:
        """How long something reserved waits to be settled (LG-5)."""
        return timedelta(minutes=self.hold_minutes)

    def fits(self, value: object) -> bool:
        """Tell whether a resolved value is one of this kind."""
        match self.kind:
            case "switch":
                return isinstance(value, bool)
            case "word":
                return value in self.words
            case _:
                return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


class Pack(_Strict):
    """What a product adds to a quota, and for how long."""

    feature: str
    amount: int = Field(ge=1)
    months: int = Field(ge=1)


class Product(_Strict):
    """Something sold once; physical things are never sold for Stars."""

    kind: Literal["physical", "digital"]
    price: dict[str, int]
    grants: Pack | None = None


class Plan(_Strict):
    """One version of a plan; `values` may lack a feature that is younger than the version."""

    key: str
    version: int = Field(ge=1)
    level: int = Field(ge=0, le=3)
    features: int
    trial_days: int = Field(ge=0)
    month: dict[str, int] = {}
    year: dict[str, int] = {}
    days_30: dict[str, int] = {}
    values: dict[str, bool | int | str]

    def value(self, feature: str) -> Value:
        """Return what this version gives; a contract gives nothing by itself."""
        found = self.values[feature]
        if found == UNLIMITED:
            return None
        return 0 if found == CONTRACT else found


class _File(_Strict):
    categories: list[str]
    counts: dict[str, int]
    features: dict[str, Feature]
    plans: list[Plan]
    products: dict[str, Product]


@dataclass(frozen=True)
class Catalogue:
    """The checked file."""

    categories: tuple[str, ...]
    features: Mapping[str, Feature]
    plans: Mapping[tuple[str, int], Plan]
    products: Mapping[str, Product]
    newest: Mapping[str, Plan] = field(default_factory=dict)

    def plan(self, key: str, version: int) -> Plan | None:
        """Return a version of a plan."""
        return self.plans.get((key, version))

    @property
    def free(self) -> Plan:
        """The plan of whoever has no other."""
        return self.newest[FREE]

    def cheapest_with(self, feature: str, than: Plan) -> Plan | None:
        """Return the lowest plan above another that gives more of a feature; a contract is no offer."""
        kind, has = self.features[feature], than.values.get(feature, self.free.values[feature])
        for plan in sorted(self.newest.values(), key=lambda one: one.level):
            gives = plan.values[feature]
            if plan.level > than.level and gives != CONTRACT and _rank(kind, gives) > _rank(kind, has):
                return plan
        return None


def _rank(feature: Feature, stated: bool | int | str) -> float:
    if stated == UNLIMITED:
        return inf
    if feature.kind == "word":
        return feature.words.index(str(stated))
    return 0 if isinstance(stated, str) else stated


@cache
def catalogue(path: Path = FILE) -> Catalogue:
    """Return the catalogue of a file; raise Misconfigured naming what is wrong in it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured("BILLING_CATALOGUE", f"{path.name} cannot be read") from error
    return read(text)


def read(text: str) -> Catalogue:
    """Return the catalogue of a text; raise Misconfigured naming the entry that is wrong."""
    try:
        found = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _broken(str(error)) from error
    except ValidationError as error:
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise _broken(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    plans: dict[tuple[str, int], Plan] = {}
    for plan in found.plans:
        if (plan.key, plan.version) in plans:
            raise _broken(f"plan {plan.key} version {plan.version} is there twice")
        plans[plan.key, plan.version] = plan
    made = Catalogue(tuple(found.categories), found.features, plans, found.products, _newest(plans))
    _check_features(made)
    _check_plans(made)
    _check_products(made)
    _check_counts(made, found.counts)
    return made


def _broken(what: str) -> Misconfigured:
    return Misconfigured("catalogue.toml", what)


def _newest(plans: Mapping[tuple[str, int], Plan]) -> dict[str, Plan]:
    return {key: plan for (key, _), plan in sorted(plans.items())}


def _check_features(found: Catalogue) -> None:
    if len(set(found.categories)) != len(found.categories):
        raise _broken("a category is there twice")
    for key, feature in found.features.items():
        if key.partition(".")[0] not in found.categories:
            raise _broken(f"feature {key}: unknown category")
        if (feature.kind == "word") != bool(feature.words):
            raise _broken(f"feature {key}: words belong to kind word")
    unused = [one for one in found.categories if not any(key.startswith(f"{one}.") for key in found.features)]
    if unused:
        raise _broken(f"category {unused[0]} has no feature")


def _check_plans(found: Catalogue) -> None:
    if set(found.newest) != set(PLANS):
        odd = sorted(set(found.newest) ^ set(PLANS))
        raise _broken(f"plan {odd[0]} is missing or unknown")
    for plan in found.plans.values():
        for key in plan.values:
            if key not in found.features:
                raise _broken(f"plan {plan.key}: unknown feature {key}")
        _check_values(found, plan)
    for key, plan in found.newest.items():
        missing = sorted(set(found.features) - set(plan.values))
        if missing:
            raise _broken(f"plan {key}: no value for {missing[0]}")
        if plan.level != PLANS.index(key):
            raise _broken(f"plan {key}: level {plan.level}")
        has = sum(feature.from_level <= plan.level for feature in found.features.values())
        if has != plan.features:
            raise _broken(f"plan {key}: {plan.features} features declared, {has} counted")


def _check_values(found: Catalogue, plan: Plan) -> None:
    for key, stated in plan.values.items():
        feature = found.features[key]
        counted = feature.kind in ("quota", "limit")
        good = stated in (UNLIMITED, CONTRACT) if counted and isinstance(stated, str) else feature.fits(stated)
        if not good:
            raise _broken(f"plan {plan.key}: {key} = {stated!r} is no {feature.kind}")
        if feature.from_level > plan.level and stated != feature.off:
            raise _broken(f"plan {plan.key}: {key} begins at level {feature.from_level}")


def _check_products(found: Catalogue) -> None:
    for key, product in found.products.items():
        if product.kind == "physical" and "XTR" in product.price:
            raise _broken(f"product {key}: a physical thing has no price in Stars")
        if product.grants is not None:
            feature = found.features.get(product.grants.feature)
            if feature is None or feature.kind != "quota":
                raise _broken(f"product {key}: {product.grants.feature} is no quota")


def _check_counts(found: Catalogue, declared: Mapping[str, int]) -> None:
    counted = {"plans": len(found.newest), "features": len(found.features), "categories": len(found.categories)}
    for name, count in counted.items():
        if declared.get(name) != count:
            raise _broken(f"{name}: {declared.get(name)} declared, {count} counted")
    unknown = sorted(set(declared) - set(counted))
    if unknown:
        raise _broken(f"counts: unknown key {unknown[0]}")
