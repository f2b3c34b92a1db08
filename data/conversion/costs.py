"""What an item costs: standard costs of the source, and a cost inside the bills that adds up to them.

The source gives most bought components no cost, and its costs of parts sold on their own add up to more than
the bike they go into (Road-750: 745 of parts in a bike of 344). So a part has its standard cost where it is
sold, and a lower cost inside a bike: what its leanest bike can afford.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from conversion.source import Source

# Share of an item's cost that is work, not material, at the least.
WORK_SHARE_OF_BIKE = 0.08
WORK_SHARE = 0.30


@dataclass(frozen=True, eq=False)
class Costs:
    """Dollars per unit by product: inside the bills (inner), its work (conversion), its bought content."""

    inner: pd.Series
    conversion: pd.Series
    bought: pd.Series


def build_order(bill: pd.DataFrame) -> list[str]:
    """Items of the bills, every parent before its components."""
    parents_of = bill.groupby("component")["parent"].agg(set).to_dict()
    placed: list[str] = []
    waiting = sorted(set(bill["parent"]) | set(bill["component"]))
    while waiting:
        ready = [item for item in waiting if parents_of.get(item, set()) <= set(placed)]
        if not ready:
            raise ValueError(f"A bill of material contains itself, at one of {waiting[:5]}.")
        placed += ready
        waiting = [item for item in waiting if item not in set(ready)]
    return placed


def costs(source: Source, bill: pd.DataFrame) -> Costs:
    """Costs of every item; outside the bills the inner cost is the standard one."""
    order = build_order(bill)
    standard = filled_standard(source)
    inner = (standard * affordable(source, bill, order, standard)).round(4)
    material = material_cost(bill, inner)
    made = inner.index.isin(bill["parent"])
    bought = inner.where(~made)
    for item in reversed(order):
        if item in material.index:
            lines = bill[bill["parent"] == item]
            bought[item] = (lines["component"].map(bought) * lines["quantity_per"]).sum()
    return Costs(inner, inner - material.reindex(inner.index), bought)


def material_cost(bill: pd.DataFrame, cost: pd.Series) -> pd.Series:
    """Cost of the components of each parent, index parent."""
    return (bill["component"].map(cost) * bill["quantity_per"]).groupby(bill["parent"]).sum()


def filled_standard(source: Source) -> pd.Series:
    """Standard cost; where there is none, the least over the parents of an equal share of their material."""
    bill, order = source.bill, build_order(source.bill)
    standard = source.items["standard_cost"].astype(float).copy()
    lines_of = dict(tuple(bill.groupby("parent")))
    unknown = {item for item in order if standard[item] == 0}
    share: dict[str, float] = {}
    for parent in order:
        if parent in unknown:
            standard[parent] = share[parent]
        if parent not in lines_of:
            continue
        lines = lines_of[parent]
        known = ~lines["component"].isin(unknown)
        rest = (
            standard[parent] * (1 - WORK_SHARE)
            - (lines["component"].map(standard) * lines["quantity_per"])[known].sum()
        )
        for line in lines[~known].itertuples():
            part = rest / (~known).sum() / line.quantity_per
            share[line.component] = min(part, share.get(line.component, part))
    return standard


def affordable(source: Source, bill: pd.DataFrame, order: list[str], standard: pd.Series) -> pd.Series:
    """Share of its standard cost that each item costs inside the bills: the least of its bikes, at most 1."""
    material = material_cost(bill, standard)
    share = pd.Series(1.0, index=standard.index)
    is_bike = source.items["category"] == "Bikes"
    for parent, lines in ((item, bill[bill["parent"] == item]) for item in order):
        given = share[parent]
        if is_bike[parent]:
            given = min(1.0, standard[parent] * (1 - WORK_SHARE_OF_BIKE) / material[parent])
        for component in lines["component"]:
            share[component] = min(share[component], given)
    return share
