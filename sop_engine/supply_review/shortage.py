"""Why demand is late or lost: the first thing in the chain of supply that would have to give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, SUBCONTRACT
from sop_engine.supply_review.delivery import TRACE, Fulfilment, OrderFill
from sop_engine.supply_review.request import SupplyRequest
from sop_engine.supply_review.structure import Structure
from sop_engine.supply_review.timing import Timing

CAPACITY, MATERIAL, LEAD_TIME, LIMIT, NO_SOURCE = "capacity", "material", "lead time", "limit", "no source"
FROZEN = "frozen zone"
LATE, LOST = "late", "lost"
MOSTLY = 0.5  # of an order: when less arrives in a period, its lead time is what is in the way


@dataclass(frozen=True)
class Root:
    """Where a chain of causes ends: what would have to give.

    reason: as in Shortage, of the end of the chain: a component that a vendor's limit holds back is a "limit"
    label: of the resource, of the site that sends, makes or sells it, of the product that nothing supplies,
    or of the market that nobody serves
    period: plan index in which it holds; below 0: before the plan starts
    path: (edge, period of arrival) from the site that ships down to the way that can bring no more
    worth: of one more unit there and then; ranks, is no money
    """

    reason: str
    label: str
    period: int
    path: tuple[tuple[int, int], ...] = ()
    worth: float = 0.0


@dataclass(frozen=True)
class Shortage:
    """Units of a product that were due in a period and came late or never.

    product, sites: positions; sites that should have shipped them, those of all the market's lanes; empty
    where no site serves it
    period: plan index in which the units were due; units: how many
    kind: "late" (delivered in a later period) or "lost" (not delivered within the plan)
    reason: "capacity", "material", "lead time", "limit", "frozen zone" or "no source"
    cause: label of the resource, component or source behind the reason, "" where there is none
    sentence: the whole of it in words; root: the end of the chain of causes, with the way there
    """

    product: int
    sites: tuple[int, ...]
    period: int
    units: float
    kind: str
    reason: str
    cause: str
    sentence: str
    root: Root


@dataclass(frozen=True)
class Reason:
    """reason, cause and root as in Shortage; words: the end of a sentence."""

    reason: str
    cause: str
    words: str
    root: Root


@dataclass(frozen=True, eq=False)
class Prices:
    """What scarce things are worth in the solved plan; they rank causes and are no money.

    node: (nodes, periods) per unit of stock; hour: (resources, periods); limit: (edges, periods)
    held: (edges, periods) bool, flows that may not move at all
    """

    node: np.ndarray
    hour: np.ndarray
    limit: np.ndarray
    held: np.ndarray


class Causes:
    """Looks up why a node has too little in a period; remembers what it found."""

    def __init__(
        self, inputs: Inputs, structure: Structure, request: SupplyRequest, timing: Timing, prices: Prices
    ) -> None:
        self.inputs, self.structure, self.timing, self.prices = inputs, structure, timing, prices
        self._usual = along_first_choices(structure, request.cost)
        self._preferred = dict(
            zip(structure.edge_to[structure.preferred].tolist(), structure.preferred.tolist(), strict=True)
        )
        self._uses = _rows_by(structure.uses.edge)
        self._hours = _rows_by(inputs.network.edges.hours_edge)
        self._others = _rows_by(structure.others.queue)
        self.of_node = cache(self._of_node)

    def of_claim(self, claim: int, due: int) -> Reason:
        """Why units of a claim, due in a period, do not come in time."""
        claims = self.structure.claims
        if claims.queue[claim] < 0:
            market = self.inputs.markets.labels[claims.market[claim]]
            return Reason(NO_SOURCE, "", f"no site serves {market}", Root(NO_SOURCE, market, due))
        queue, ship = int(claims.queue[claim]), due - int(claims.shift[claim])
        node = int(self.structure.queues.node[queue])
        if ship < 0:
            site = self.inputs.network.sites.labels[self.structure.nodes.site[node]]
            words = f"it should have left {site} before the plan starts"
            return Reason(LEAD_TIME, site, words, Root(LEAD_TIME, site, ship))
        others = self._others.get(queue)
        why = self.of_node(node, ship)
        return why if others is None else self._of_lanes(why, others, ship)

    def _of_lanes(self, why: Reason, rows: np.ndarray, ship: int) -> Reason:
        """The first lane's reason, that of the next one where its site has no source; and that none of the
        others has any."""
        others, nodes = self.structure.others, self.structure.nodes
        leaves = ship - others.longer[rows]
        if why.reason == NO_SOURCE:
            in_plan = rows[(leaves >= 0) & (leaves < self.timing.start.shape[1])]
            further = (self.of_node(int(others.node[row]), ship - int(others.longer[row])) for row in in_plan)
            why = next((reason for reason in further if reason.reason != NO_SOURCE), why)
        names = " and ".join(self.inputs.network.sites.labels[site] for site in nodes.site[others.node[rows]])
        have = "has" if len(rows) == 1 else "have"
        return replace(why, words=f"{why.words}, and {names} {have} none to spare in time")

    def _of_node(self, node: int, period: int) -> Reason:
        edge = self._preferred.get(node)
        if edge is None:
            return self._without_source(node, period)
        start = int(self.timing.start[edge, period])
        scarce = self._scarce(edge, start, period) if start >= 0 else []
        worth = float(self.prices.node[node, period] - self._usual[node, period])
        if not scarce:
            return self._too_late(edge, start, period, worth)
        _, kind, which = max(scarce)
        if kind == MATERIAL:
            return self._through(edge, which, start, period)
        if kind == CAPACITY:
            name = self.inputs.network.resources.labels[which]
            words = f"{name} is full in {self.inputs.calendar.plan_labels[start]}"
            return Reason(CAPACITY, name, words, Root(CAPACITY, name, start, ((edge, period),), worth))
        source = self._origin(edge)
        words = f"the limit of {source} is used up in {self.inputs.calendar.plan_labels[period]}"
        return Reason(LIMIT, source, words, Root(LIMIT, source, period, ((edge, period),), worth))

    def _too_late(self, edge: int, start: int, period: int, worth: float) -> Reason:
        """Nothing is scarce, but what is missing would have to start too early."""
        origin, calendar = self._origin(edge), self.inputs.calendar
        frozen = self.prices.held[edge, period] and 0 <= start < calendar.frozen
        reason = FROZEN if frozen and self.timing.part[edge, period] < MOSTLY else LEAD_TIME
        root = Root(reason, origin, start, ((edge, period),), worth)
        if reason == FROZEN:
            words = f"what starts in {calendar.plan_labels[start]} is frozen, {self._lead_words(edge)}"
        else:
            words = f"nothing more can start in time, {self._lead_words(edge)}"
        return Reason(reason, origin, words, root)

    def _through(self, edge: int, used: int, start: int, period: int) -> Reason:
        """The cause further up: the same product at another site, or a component."""
        deeper, nodes = self.of_node(used, start), self.structure.nodes
        root = replace(deeper.root, path=((edge, period), *deeper.root.path))
        if nodes.product[used] == self.inputs.network.edges.product[edge] or deeper.reason in (
            CAPACITY,
            MATERIAL,
        ):
            return replace(deeper, root=root)
        component = self.inputs.products.labels[nodes.product[used]]
        return Reason(MATERIAL, component, f"{component} is short: {deeper.words}", root)

    def _without_source(self, node: int, period: int) -> Reason:
        nodes, network = self.structure.nodes, self.inputs.network
        label = self.inputs.products.labels[nodes.product[node]]
        at = nodes.product[node], nodes.site[node]
        if network.on_hand[at] > 0 or (network.receipts[at] > 0).any():
            words = f"stock and open orders of {label} are used up and nothing supplies it"
            return Reason(MATERIAL, label, words, Root(MATERIAL, label, period))
        words = f"no way is given to supply {label} to {network.sites.labels[at[1]]}"
        return Reason(NO_SOURCE, "", words, Root(NO_SOURCE, label, period))

    def _scarce(self, edge: int, start: int, period: int) -> list[tuple[float, str, int]]:
        """What one more unit of an edge would need and is scarce: (worth, kind, resource or node)."""
        edges, uses = self.inputs.network.edges, self.structure.uses
        found = [(float(self.prices.limit[edge, period]), LIMIT, -1)]
        for row in self._hours.get(edge, ()):
            resource = int(edges.hours_resource[row])
            worth = edges.hours_per_unit[row] * self.prices.hour[resource, start]
            found.append((float(worth), CAPACITY, resource))
        for row in self._uses.get(edge, ()):
            node = int(uses.node[row])
            excess = self.prices.node[node, start] - self._usual[node, start]
            found.append((float(uses.per_unit[row, start] * excess), MATERIAL, node))
        least = TRACE * (1.0 + self._usual[self.structure.edge_to[edge], start])
        return [thing for thing in found if thing[0] > least]

    def _origin(self, edge: int) -> str:
        edges, sites = self.inputs.network.edges, self.inputs.network.sites
        return sites.labels[edges.source[edge] if edges.source[edge] >= 0 else edges.site[edge]]

    def _lead_words(self, edge: int) -> str:
        edges = self.inputs.network.edges
        verb = {BUY: "to buy it from", SUBCONTRACT: "to have it made at"}.get(
            edges.mode[edge], f"to {edges.mode[edge]} it at"
        )
        return f"{edges.lead_days[edge]:g} days {verb} {self._origin(edge)}"


def find_shortages(
    inputs: Inputs, structure: Structure, fulfilment: Fulfilment, causes: Causes
) -> tuple[Shortage, ...]:
    """What comes late or never by product and period, the largest first; the cause is of the largest part."""
    found = []
    for kind, units in ((LATE, fulfilment.late), (LOST, fulfilment.lost + fulfilment.waiting)):
        claim, period = np.nonzero(units > TRACE)
        cells = _rows_by(structure.claims.product[claim] * units.shape[1] + period)
        for rows in cells.values():
            due = int(period[rows[0]])
            found.append(
                _shortage(inputs, structure, kind, claim[rows], due, units[claim[rows], due], causes)
            )
    return tuple(sorted(found, key=lambda s: (-s.units, s.period, s.product, s.kind)))


def order_reasons(structure: Structure, periods: np.ndarray, fill: OrderFill, causes: Causes) -> np.ndarray:
    """(orders,) reason of each order that is late or short, "" for the others. periods: when they are due."""
    reasons = np.full(len(periods), "", dtype=object)
    for order in np.flatnonzero((fill.late > TRACE) | (fill.short > TRACE)):
        claim = int(structure.claims.of_order[order])
        reasons[order] = causes.of_claim(claim, int(periods[order])).reason if claim >= 0 else ""
    return reasons


def along_first_choices(structure: Structure, own: np.ndarray) -> np.ndarray:
    """(nodes, periods) of a unit of stock: what its first choice has of its own, plus what stands behind all
    that it takes; 0 where nothing supplies it. With own the costs of the edges, its usual cost.

    own: (edges, periods) per good unit.
    """
    uses, total = structure.uses, np.zeros((len(structure.nodes), own.shape[1]))
    chosen = np.full(len(structure.edge_to), -1)
    chosen[structure.preferred] = structure.level[structure.edge_to[structure.preferred]]
    for level in range(structure.level.max(initial=-1), -1, -1):
        edge = np.flatnonzero(chosen == level)
        total[structure.edge_to[edge]] = own[edge]
        row = np.flatnonzero(chosen[uses.edge] == level)
        np.add.at(total, structure.edge_to[uses.edge[row]], uses.per_unit[row] * total[uses.node[row]])
    return total


def _shortage(
    inputs: Inputs,
    structure: Structure,
    kind: str,
    claims: np.ndarray,
    period: int,
    short: np.ndarray,
    causes: Causes,
) -> Shortage:
    """The shortage of one product and period. claims: those that lack units; short: (claims,) how many."""
    why = causes.of_claim(int(claims[short.argmax()]), period)
    queue = structure.claims.queue[claims]
    further = structure.others.node[np.isin(structure.others.queue, queue)]
    nodes = np.concatenate([structure.queues.node[queue[queue >= 0]], further])
    sites = tuple(np.unique(structure.nodes.site[nodes]).tolist())
    product = int(structure.claims.product[claims[0]])
    total = float(short.sum())
    where = " and ".join(inputs.network.sites.labels[site] for site in sites)
    what = f"{total:,.0f} {inputs.products.labels[product]} due {inputs.calendar.plan_labels[period]}"
    what += f" from {where}" if where else ""
    sentence = f"{what} {'come late' if kind == LATE else 'are not delivered'}: {why.words}."
    return Shortage(product, sites, period, total, kind, why.reason, why.cause, sentence, why.root)


def _rows_by(key: np.ndarray) -> dict[int, np.ndarray]:
    """Positions of each value."""
    order = np.argsort(key, kind="stable")
    values, first = np.unique(key[order], return_index=True)
    return dict(zip(values.tolist(), np.split(order, first[1:]), strict=True)) if len(values) else {}
