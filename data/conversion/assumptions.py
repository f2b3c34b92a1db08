"""The one table of everything that the source lacks and this conversion states; it becomes assumption.csv."""

from __future__ import annotations

import pandas as pd

from conversion import costs, demand, masters, money, network, stock

# table, column (blank: the whole table), assumption, why.
ASSUMPTIONS: tuple[tuple[str, str, str, str], ...] = (
    (
        "routing",
        "hours_per_unit",
        "Hours by kind of part and step (a bike 2.35 h, a frame 2.65 h, a wheel 0.3 h), x 1.10 for the "
        f"high class, 0.95 for the low one, x {network.LONG_FRAME_FACTOR} for frames that take two days",
        "The source gives days to manufacture only, no hours",
    ),
    (
        "routing",
        "resource",
        "Yellow and silver frames are painted in Specialized Paint, others in Paint; silver and blue ones "
        f"may go to the other shop at {network.SECOND_CHOICE_FACTOR} x the hours",
        "The source has work orders for no step",
    ),
    (
        "resource",
        "stations",
        "Parallel stations of each work centre",
        "The source gives the hours of one station a week only",
    ),
    (
        "resource",
        "efficiency_pct",
        "The share of the hours present that is worked, about 90 %",
        "Not in the source",
    ),
    (
        "resource",
        "overtime_cost_per_hour",
        f"{network.OVERTIME_PREMIUM} x the rate of a regular hour, up to {network.OVERTIME_LIMIT_PCT} % of "
        "hours",
        "Overtime terms are not in the source",
    ),
    (
        "capacity",
        "available_hours",
        "Stations x hours a week / 5 x weekdays without US federal holidays x efficiency; a supplier's "
        "shared limit counts units",
        "The source has one weekly figure and no calendar",
    ),
    (
        "bill_of_material",
        "from_period",
        "The bills of December 2013 hold throughout the plan",
        "No later bill is known",
    ),
    (
        "bill_of_material",
        "scrap_pct",
        "No scrap",
        "Not in the source",
    ),
    (
        "sourcing",
        "unit_cost",
        "Make: cost less the cost of the components. Bought components: an equal share of the parent's "
        f"standard cost per line of its bill, {costs.WORK_SHARE:.0%} being work, at the least among its "
        "parents. Inside a bike every part costs what its leanest bike can afford, "
        f"{costs.WORK_SHARE_OF_BIKE:.0%} of the bike being work",
        "Most components cost nothing in the source, and parts that are sold cost more together than the "
        "bike they go into (Road-750: 745 of parts in a bike of 344); so the bills add up to the standard "
        "cost of every bike",
    ),
    (
        "unit_cost",
        "unit_cost",
        "What is sold has the source's standard cost; a part that only goes into bikes has its cost "
        "inside the bills from 2013-01",
        "One cost per product; sales margins tie to the source",
    ),
    (
        "unit_cost",
        "material_cost",
        "Bought content through all levels of the bill, from 2013-01",
        "Follows from the bills",
    ),
    (
        "sourcing",
        "source",
        "One vendor for each bought item: active, preferred, lowest price, then shortest lead time",
        "The source names up to three without shares",
    ),
    (
        "sourcing",
        "minimum_quantity",
        "Kept only where the vendor counts in pieces",
        "Cartons and cases have an unknown size",
    ),
    (
        "sourcing",
        "period_limit",
        "Monthly limits: one material, all metal of one vendor together (as a resource), and "
        f"{network.SUBCONTRACT_UNITS_A_MONTH} units of each of the {network.SUBCONTRACT_FRAMES} most "
        "needed frames at the subcontractor",
        "The source has no limit; one vendor's must bind",
    ),
    (
        "sourcing",
        "mode",
        f"{network.SUBCONTRACTOR} can weld and paint frames from our material in "
        f"{network.SUBCONTRACT_LEAD_DAYS} days at {network.SUBCONTRACT_PREMIUM} x our conversion cost",
        "Subcontract terms are not in the source",
    ),
    (
        "sourcing",
        "lead_time_days",
        "Made: days to manufacture, one day at the least. Transfers: 4 days in North America, 14 to "
        "Europe, 18 to the Pacific",
        "The source has no warehouses; vendors' lead times are its own",
    ),
    (
        "receipt_history",
        "received_date",
        "The day the vendor shipped; no promised date is given, so suppliers are not judged by time",
        "The source has no day of receipt, and promises nearly every order five days after it was shipped",
    ),
    (
        "receipt_history",
        "received_units",
        "In the vendor's own order units: cartons and cases count as one",
        "Cartons and cases have an unknown size",
    ),
    (
        "site",
        "",
        "One plant and one warehouse for each territory group",
        "The source ships from one place",
    ),
    (
        "service_lane",
        "unit_cost",
        "Last mile: 1.00 a unit to resellers, 1.50 to Internet customers; 3 and 5 days",
        "Freight out is not in the source, only freight charged",
    ),
    (
        "market",
        "priority",
        "Resellers are served before Internet customers where supply is short",
        "Resellers order ahead under contract and are 69 % of revenue; not in the source",
    ),
    (
        "market",
        "unmet",
        "Resellers wait (backlog), Internet customers buy elsewhere (lost)",
        "Not in the source",
    ),
    (
        "market",
        "currency",
        "The currency of most of the market's sales in 2013",
        "Lines of one market are in several currencies",
    ),
    (
        "product",
        "predecessor",
        "Same family, line and class, ended the day before, the same size or within "
        f"{masters.NEAREST_SIZE}, the same colour first",
        "The source names no successor; models change each December",
    ),
    (
        "product",
        "lifecycle_stage",
        "growth: in its first full year; decline: on the phase-out list; end: neither sold nor built in; "
        "else mature",
        "The source has start and end dates only",
    ),
    (
        "product",
        "family",
        "Parts outside the source's hierarchy are placed by their name, category Materials",
        "A part that is never sold has no subcategory",
    ),
    (
        "inventory_on_hand",
        "units",
        "Sold products: month-end stock of December 2013, split to the warehouses by their share of the "
        f"last year's demand. Components at the plant: {stock.STOCK_OVER_LEAD_TIME} x the need over the "
        "lead time, a week at the least",
        "The source's stock has no site, and its component counts do not move",
    ),
    (
        "scheduled_receipt",
        "",
        "Open purchase orders: components for one lead time; bought goods for the demand until a new "
        "order can arrive, and two weeks",
        "The purchase orders of the source stand in cartons and none is open",
    ),
    (
        "inventory_policy",
        "service_level_pct",
        f"{stock.SERVICE_LEVEL_PCT} % at the warehouses, a week of cover for components at the plant, six "
        "months at the most",
        "The source's safety stock levels ignore demand",
    ),
    (
        "order_book",
        "period",
        "Ordered before 2014, requested in January; half of it shipped, and was invoiced, in December",
        "Every line of the source ships five days before its requested date",
    ),
    (
        "price",
        "price",
        "Realised net dollars per unit by product and market, each year and from July 2013, over the "
        "exchange rate of that time",
        "Resellers pay about 59 % of list; amounts are dollars whatever the currency column says",
    ),
    (
        "fx_rate",
        "rate",
        "The budget rate is the mean of July to December 2013",
        "The source has no budget rates",
    ),
    (
        "budget",
        "",
        f"AOP 2014 = 2013 by family, market and month of shipment x {money.BUDGET_GROWTH['Reseller']} for "
        f"resellers, x {money.BUDGET_GROWTH['Internet']} for Internet",
        "The ledger's budget ends in November 2011",
    ),
    (
        "budget",
        "version",
        f"target = 2013 by category and month of shipment x {money.TARGET_GROWTH['Reseller']} for resellers "
        f"and x {money.TARGET_GROWTH['Internet']} for Internet, the same growth again for 2015; each year "
        f"{money.TARGET_MARGIN_POINTS} points of revenue more margin",
        "The source states no strategic target; growth and margin are an ambition, not a forecast",
    ),
    (
        "price",
        "version",
        "Price lists, cost rolls and sets of rates are named after the time they come from",
        "The source names none",
    ),
    (
        "fixed_cost",
        "amount",
        f"{money.FIXED_COST_A_YEAR / 1e6:.1f} million a year (+3 % in 2015), shared over accounts as "
        "in the ledger of 2013",
        "The ledger's own expenses are three times the gross margin of the orders and do not reconcile "
        "with them",
    ),
    (
        "pipeline",
        "",
        "Six launches in the company's own pattern: a new colour, a new size, a model year; one is not in "
        "the plan",
        "The source ends without a pipeline",
    ),
    (
        "phase_out",
        "",
        "Mountain-500 Silver ends in March 2014 (its clearance sale ran to December 2013), the last "
        "Road-250 Red in June 2014",
        "The source shows no end dates after 2012; shares that move to the successor are assumed",
    ),
    (
        "forecast_stream",
        "",
        f"Views of sales ({demand.SALES_GROWTH:.0%} of last year's units) and of marketing "
        f"({demand.MARKETING_GROWTH:.0%} of last year's revenue), marked as samples: they count in no figure",
        "The source holds no view of sales or marketing",
    ),
    (
        "setting",
        "value",
        "Payment terms 30 days, opening balances from December's revenue, carrying rate 15 %, cost and "
        "notice of extra shifts and Saturdays",
        "The ledger does not reconcile with the orders; terms are not in the source",
    ),
    (
        "target",
        "value",
        "Strategic targets of 2014 to 2016, marked as samples: made up to show the scorecard's status",
        "The source holds no targets",
    ),
)


def assumption() -> pd.DataFrame:
    """The assumption table, numbered in order."""
    table = pd.DataFrame(ASSUMPTIONS, columns=["table", "column", "assumption", "why"])
    table.insert(0, "number", range(1, len(table) + 1))
    return table
