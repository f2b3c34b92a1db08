-- The warehouse: what planners upload, what the process records, what the engine stores.
-- COMMENT ON TABLE  is 'group | meaning': group is planner (a file of the planner), planner wide (may come one column per period),
--                   process (the monthly cycle), engine (fitted and stored) or system.
-- COMMENT ON COLUMN is 'unit | meaning', and for planner tables 'unit | meaning | example; example; ...', one per template row.
-- A blank text is '' and a blank key means "all"; a blank key period is 1900-01-01 and means "always"; a blank measure is NULL, never zero.
-- Money without a named currency is in the base currency (setting base_currency). No foreign keys: uploads check the references.

CREATE TABLE sales_history (
    product    VARCHAR NOT NULL,
    market     VARCHAR NOT NULL,
    period     DATE NOT NULL,
    units      DOUBLE,
    revenue    DOUBLE,
    lost_units DOUBLE CHECK (lost_units >= 0),
    PRIMARY KEY (product, market, period)
);
COMMENT ON TABLE sales_history IS 'planner wide | Demand by product, market and period: what customers asked for, in the period they asked for it. The only required table';
COMMENT ON COLUMN sales_history.product IS 'text | product asked for | BIKE-100';
COMMENT ON COLUMN sales_history.market IS 'text | market where the demand arose | EAST-RETAIL';
COMMENT ON COLUMN sales_history.period IS 'period | month (2026-01) or date of the request | 2025-11; 2025-12; 2026-01';
COMMENT ON COLUMN sales_history.units IS 'units | demand, returns taken off; blank when not known | 120; 135; 110';
COMMENT ON COLUMN sales_history.revenue IS 'base currency | net revenue shipped in the period | 60000; 67500; 55000';
COMMENT ON COLUMN sales_history.lost_units IS 'units | demand known to have been lost | 0; 5; 0';

CREATE TABLE product (
    product            VARCHAR NOT NULL,
    name               VARCHAR NOT NULL DEFAULT '',
    family             VARCHAR NOT NULL DEFAULT '',
    category           VARCHAR NOT NULL DEFAULT '',
    make_or_buy        VARCHAR NOT NULL DEFAULT '' CHECK (make_or_buy IN ('', 'make', 'buy')),
    sellable           BOOLEAN,
    unit               VARCHAR NOT NULL DEFAULT '',
    lifecycle_stage    VARCHAR NOT NULL DEFAULT '',
    launch_period      DATE,
    end_period         DATE,
    predecessor        VARCHAR NOT NULL DEFAULT '',
    shelf_life_periods DOUBLE CHECK (shelf_life_periods > 0),
    PRIMARY KEY (product)
);
COMMENT ON TABLE product IS 'planner | What is sold, made or bought; an item may be all three';
COMMENT ON COLUMN product.product IS 'text | product code | BIKE-100; FRAME-100; TYRE-26';
COMMENT ON COLUMN product.name IS 'text | name people use | City bike; City frame; Tyre 26 inch';
COMMENT ON COLUMN product.family IS 'text | planning family | Bikes; Frames; Tyres';
COMMENT ON COLUMN product.category IS 'text | level above the family | Finished; Components; Components';
COMMENT ON COLUMN product.make_or_buy IS 'make, buy | where it comes from by default | make; make; buy';
COMMENT ON COLUMN product.sellable IS 'yes/no | may customers buy it | yes; no; no';
COMMENT ON COLUMN product.unit IS 'text | unit of measure of all its quantities | each';
COMMENT ON COLUMN product.lifecycle_stage IS 'text | for example new, growth, mature, decline, end | mature';
COMMENT ON COLUMN product.launch_period IS 'period | first period of demand |';
COMMENT ON COLUMN product.end_period IS 'period | last period of demand |';
COMMENT ON COLUMN product.predecessor IS 'text | product it follows on from |';
COMMENT ON COLUMN product.shelf_life_periods IS 'periods | how long it can be stored |';

CREATE TABLE market (
    market   VARCHAR NOT NULL,
    name     VARCHAR NOT NULL DEFAULT '',
    region   VARCHAR NOT NULL DEFAULT '',
    channel  VARCHAR NOT NULL DEFAULT '',
    customer VARCHAR NOT NULL DEFAULT '',
    currency VARCHAR NOT NULL DEFAULT '',
    priority DOUBLE CHECK (priority >= 0),
    unmet    VARCHAR NOT NULL DEFAULT '' CHECK (unmet IN ('', 'lost', 'backlog')),
    PRIMARY KEY (market)
);
COMMENT ON TABLE market IS 'planner | Where demand arises: a region x channel, a country or a key account';
COMMENT ON COLUMN market.market IS 'text | market code | EAST-RETAIL';
COMMENT ON COLUMN market.name IS 'text | name people use | Retail East';
COMMENT ON COLUMN market.region IS 'text | region the market belongs to | East';
COMMENT ON COLUMN market.channel IS 'text | channel the market belongs to | Retail';
COMMENT ON COLUMN market.customer IS 'text | key account, when the market is one |';
COMMENT ON COLUMN market.currency IS 'currency code | currency of its prices; blank is the base currency | USD';
COMMENT ON COLUMN market.priority IS 'rank | 1 is served first when supply is short; markets of one rank share fairly | 1';
COMMENT ON COLUMN market.unmet IS 'lost, backlog | what happens to demand that is not met on time | lost';

CREATE TABLE site (
    site          VARCHAR NOT NULL,
    name          VARCHAR NOT NULL DEFAULT '',
    kind          VARCHAR NOT NULL CHECK (kind IN ('plant', 'warehouse', 'supplier')),
    region        VARCHAR NOT NULL DEFAULT '',
    storage_units DOUBLE CHECK (storage_units >= 0),
    PRIMARY KEY (site)
);
COMMENT ON TABLE site IS 'planner | Plants, warehouses and suppliers';
COMMENT ON COLUMN site.site IS 'text | site code | PLANT-1; DC-EAST; SUPPLIER-1';
COMMENT ON COLUMN site.name IS 'text | name people use | Main plant; Warehouse East; Tyre supplier';
COMMENT ON COLUMN site.kind IS 'plant, warehouse, supplier | what the site does | plant; warehouse; supplier';
COMMENT ON COLUMN site.region IS 'text | region of the site | East';
COMMENT ON COLUMN site.storage_units IS 'units | what it can store | 5000; 8000;';

CREATE TABLE resource (
    resource               VARCHAR NOT NULL,
    site                   VARCHAR NOT NULL,
    name                   VARCHAR NOT NULL DEFAULT '',
    cost_per_hour          DOUBLE CHECK (cost_per_hour >= 0),
    overtime_cost_per_hour DOUBLE CHECK (overtime_cost_per_hour >= 0),
    overtime_limit_pct     DOUBLE CHECK (overtime_limit_pct >= 0),
    stations               DOUBLE CHECK (stations >= 0),
    hours_per_week         DOUBLE CHECK (hours_per_week >= 0),
    efficiency_pct         DOUBLE CHECK (efficiency_pct >= 0),
    PRIMARY KEY (resource)
);
COMMENT ON TABLE resource IS 'planner | What has finite hours: a work centre, a line, or a supplier''s shared limit';
COMMENT ON COLUMN resource.resource IS 'text | resource code | ASSEMBLY';
COMMENT ON COLUMN resource.site IS 'text | site where it stands | PLANT-1';
COMMENT ON COLUMN resource.name IS 'text | name people use | Final assembly';
COMMENT ON COLUMN resource.cost_per_hour IS 'base currency per hour | cost of a regular hour | 32';
COMMENT ON COLUMN resource.overtime_cost_per_hour IS 'base currency per hour | cost of an overtime hour | 48';
COMMENT ON COLUMN resource.overtime_limit_pct IS '% of available hours | most overtime in a period | 20';
COMMENT ON COLUMN resource.stations IS 'count | parallel stations | 4';
COMMENT ON COLUMN resource.hours_per_week IS 'hours | regular hours of one station in a week | 40';
COMMENT ON COLUMN resource.efficiency_pct IS '% | standard hours earned per hour present | 90';

CREATE TABLE capacity (
    resource           VARCHAR NOT NULL,
    period             DATE NOT NULL DEFAULT DATE '1900-01-01',
    available_hours    DOUBLE CHECK (available_hours >= 0),
    demonstrated_hours DOUBLE CHECK (demonstrated_hours >= 0),
    PRIMARY KEY (resource, period)
);
COMMENT ON TABLE capacity IS 'planner wide | Hours of a resource in a period; derived from resource and working days where missing';
COMMENT ON COLUMN capacity.resource IS 'text | resource | ASSEMBLY';
COMMENT ON COLUMN capacity.period IS 'period | period of the hours; blank is every period | 2026-01';
COMMENT ON COLUMN capacity.available_hours IS 'hours | regular hours available | 620';
COMMENT ON COLUMN capacity.demonstrated_hours IS 'hours | hours really earned in the past |';

CREATE TABLE routing (
    product        VARCHAR NOT NULL,
    step           VARCHAR NOT NULL DEFAULT '',
    alternative    VARCHAR NOT NULL DEFAULT '',
    resource       VARCHAR NOT NULL,
    hours_per_unit DOUBLE NOT NULL CHECK (hours_per_unit >= 0),
    yield_pct      DOUBLE CHECK (yield_pct BETWEEN 0 AND 100),
    priority       DOUBLE CHECK (priority >= 0),
    PRIMARY KEY (product, step, alternative)
);
COMMENT ON TABLE routing IS 'planner | Hours to make a unit; steps add up, alternatives are a choice';
COMMENT ON COLUMN routing.product IS 'text | product made | BIKE-100';
COMMENT ON COLUMN routing.step IS 'text | step of the routing; blank when there is one | 10';
COMMENT ON COLUMN routing.alternative IS 'text | alternative way; blank when there is one |';
COMMENT ON COLUMN routing.resource IS 'text | resource that works | ASSEMBLY';
COMMENT ON COLUMN routing.hours_per_unit IS 'hours per unit | standard hours for a good unit before yield | 0.8';
COMMENT ON COLUMN routing.yield_pct IS '% | good units of units started | 98';
COMMENT ON COLUMN routing.priority IS 'rank | 1 is preferred | 1';

CREATE TABLE bill_of_material (
    parent       VARCHAR NOT NULL,
    component    VARCHAR NOT NULL,
    from_period  DATE NOT NULL DEFAULT DATE '1900-01-01',
    quantity_per DOUBLE NOT NULL CHECK (quantity_per > 0),
    scrap_pct    DOUBLE CHECK (scrap_pct BETWEEN 0 AND 100),
    to_period    DATE,
    PRIMARY KEY (parent, component, from_period)
);
COMMENT ON TABLE bill_of_material IS 'planner | What goes into a product, one level a line';
COMMENT ON COLUMN bill_of_material.parent IS 'text | product made | BIKE-100; BIKE-100';
COMMENT ON COLUMN bill_of_material.component IS 'text | item that goes into it | FRAME-100; TYRE-26';
COMMENT ON COLUMN bill_of_material.from_period IS 'period | first period; blank is always |';
COMMENT ON COLUMN bill_of_material.quantity_per IS 'units per unit | component per unit of the parent | 1; 2';
COMMENT ON COLUMN bill_of_material.scrap_pct IS '% | component lost on top | 0; 2';
COMMENT ON COLUMN bill_of_material.to_period IS 'period | last period; blank is open |';

CREATE TABLE sourcing (
    product           VARCHAR NOT NULL,
    site              VARCHAR NOT NULL,
    source            VARCHAR NOT NULL DEFAULT '',
    mode              VARCHAR NOT NULL CHECK (mode IN ('make', 'buy', 'transfer', 'subcontract')),
    from_period       DATE NOT NULL DEFAULT DATE '1900-01-01',
    lead_time_days    DOUBLE NOT NULL CHECK (lead_time_days >= 0),
    unit_cost         DOUBLE CHECK (unit_cost >= 0),
    minimum_quantity  DOUBLE CHECK (minimum_quantity >= 0),
    multiple_quantity DOUBLE CHECK (multiple_quantity >= 0),
    period_limit      DOUBLE CHECK (period_limit >= 0),
    priority          DOUBLE CHECK (priority >= 0),
    PRIMARY KEY (product, site, source, mode, from_period)
);
COMMENT ON TABLE sourcing IS 'planner | How a product comes to a site: made there, bought, transferred or subcontracted';
COMMENT ON COLUMN sourcing.product IS 'text | product | BIKE-100; BIKE-100; TYRE-26';
COMMENT ON COLUMN sourcing.site IS 'text | site that receives it | PLANT-1; DC-EAST; PLANT-1';
COMMENT ON COLUMN sourcing.source IS 'text | site it comes from; blank when made at the site itself | ; PLANT-1; SUPPLIER-1';
COMMENT ON COLUMN sourcing.mode IS 'make, buy, transfer, subcontract | way of supply | make; transfer; buy';
COMMENT ON COLUMN sourcing.from_period IS 'period | valid from; blank is always |';
COMMENT ON COLUMN sourcing.lead_time_days IS 'days | from order to receipt | 5; 7; 30';
COMMENT ON COLUMN sourcing.unit_cost IS 'base currency per unit | conversion only for make, price for buy, freight for transfer | 80; 6; 14';
COMMENT ON COLUMN sourcing.minimum_quantity IS 'units | smallest order |';
COMMENT ON COLUMN sourcing.multiple_quantity IS 'units | order in multiples of |';
COMMENT ON COLUMN sourcing.period_limit IS 'units per period | most in a period | ; ; 500';
COMMENT ON COLUMN sourcing.priority IS 'rank | 1 is preferred | 1';

CREATE TABLE service_lane (
    site         VARCHAR NOT NULL,
    market       VARCHAR NOT NULL,
    unit_cost    DOUBLE CHECK (unit_cost >= 0),
    transit_days DOUBLE CHECK (transit_days >= 0),
    priority     DOUBLE CHECK (priority >= 0),
    PRIMARY KEY (site, market)
);
COMMENT ON TABLE service_lane IS 'planner | Which site serves which market';
COMMENT ON COLUMN service_lane.site IS 'text | site that ships | DC-EAST';
COMMENT ON COLUMN service_lane.market IS 'text | market served | EAST-RETAIL';
COMMENT ON COLUMN service_lane.unit_cost IS 'base currency per unit | freight to the customer | 4';
COMMENT ON COLUMN service_lane.transit_days IS 'days | from shipment to arrival | 2';
COMMENT ON COLUMN service_lane.priority IS 'rank | 1 is preferred | 1';

CREATE TABLE inventory_policy (
    product            VARCHAR NOT NULL DEFAULT '',
    site               VARCHAR NOT NULL DEFAULT '',
    period             DATE NOT NULL DEFAULT DATE '1900-01-01',
    service_level_pct  DOUBLE CHECK (service_level_pct BETWEEN 0 AND 100),
    safety_stock_units DOUBLE CHECK (safety_stock_units >= 0),
    min_cover_periods  DOUBLE CHECK (min_cover_periods >= 0),
    max_cover_periods  DOUBLE CHECK (max_cover_periods >= 0),
    PRIMARY KEY (product, site, period)
);
COMMENT ON TABLE inventory_policy IS 'planner | Stock targets; the most specific line counts';
COMMENT ON COLUMN inventory_policy.product IS 'text | product; blank is all | BIKE-100';
COMMENT ON COLUMN inventory_policy.site IS 'text | site; blank is all | DC-EAST';
COMMENT ON COLUMN inventory_policy.period IS 'period | valid from; blank is always |';
COMMENT ON COLUMN inventory_policy.service_level_pct IS '% per cycle | probability of no stock-out in a replenishment cycle | 95';
COMMENT ON COLUMN inventory_policy.safety_stock_units IS 'units | fixed safety stock, instead of a service level |';
COMMENT ON COLUMN inventory_policy.min_cover_periods IS 'periods | least cover of the demand to come | 0.5';
COMMENT ON COLUMN inventory_policy.max_cover_periods IS 'periods | most cover of the demand to come | 3';

CREATE TABLE inventory_on_hand (
    product   VARCHAR NOT NULL,
    site      VARCHAR NOT NULL,
    units     DOUBLE NOT NULL CHECK (units >= 0),
    allocated DOUBLE CHECK (allocated >= 0),
    as_of     DATE,
    PRIMARY KEY (product, site)
);
COMMENT ON TABLE inventory_on_hand IS 'planner | Stock at the start of the plan';
COMMENT ON COLUMN inventory_on_hand.product IS 'text | product | BIKE-100';
COMMENT ON COLUMN inventory_on_hand.site IS 'text | site | DC-EAST';
COMMENT ON COLUMN inventory_on_hand.units IS 'units | on hand | 240';
COMMENT ON COLUMN inventory_on_hand.allocated IS 'units | of these already promised | 0';
COMMENT ON COLUMN inventory_on_hand.as_of IS 'date | date of the count | 2025-12-31';

CREATE TABLE scheduled_receipt (
    product   VARCHAR NOT NULL,
    site      VARCHAR NOT NULL,
    period    DATE NOT NULL,
    reference VARCHAR NOT NULL DEFAULT '',
    units     DOUBLE NOT NULL CHECK (units >= 0),
    PRIMARY KEY (product, site, period, reference)
);
COMMENT ON TABLE scheduled_receipt IS 'planner | Open supply that is already on its way';
COMMENT ON COLUMN scheduled_receipt.product IS 'text | product | TYRE-26';
COMMENT ON COLUMN scheduled_receipt.site IS 'text | site that receives | PLANT-1';
COMMENT ON COLUMN scheduled_receipt.period IS 'period | period or date of receipt | 2026-01';
COMMENT ON COLUMN scheduled_receipt.reference IS 'text | purchase, work or transfer order | PO-1001';
COMMENT ON COLUMN scheduled_receipt.units IS 'units | still to come | 400';

CREATE TABLE order_book (
    "order"          VARCHAR NOT NULL,
    product          VARCHAR NOT NULL,
    market           VARCHAR NOT NULL,
    period           DATE NOT NULL,
    units            DOUBLE NOT NULL CHECK (units >= 0),
    priority         DOUBLE CHECK (priority >= 0),
    max_late_periods DOUBLE CHECK (max_late_periods >= 0),
    PRIMARY KEY ("order")
);
COMMENT ON TABLE order_book IS 'planner | Open customer orders';
COMMENT ON COLUMN order_book."order" IS 'text | order number | SO-5001';
COMMENT ON COLUMN order_book.product IS 'text | product | BIKE-100';
COMMENT ON COLUMN order_book.market IS 'text | market | EAST-RETAIL';
COMMENT ON COLUMN order_book.period IS 'period | period or date requested | 2026-01';
COMMENT ON COLUMN order_book.units IS 'units | still open | 40';
COMMENT ON COLUMN order_book.priority IS 'rank | 1 is served first | 1';
COMMENT ON COLUMN order_book.max_late_periods IS 'periods | how late the customer takes it | 1';

CREATE TABLE price (
    product VARCHAR NOT NULL,
    market  VARCHAR NOT NULL DEFAULT '',
    period  DATE NOT NULL DEFAULT DATE '1900-01-01',
    price   DOUBLE NOT NULL CHECK (price >= 0),
    PRIMARY KEY (product, market, period)
);
COMMENT ON TABLE price IS 'planner | Net prices, valid from a period until the next one';
COMMENT ON COLUMN price.product IS 'text | product | BIKE-100';
COMMENT ON COLUMN price.market IS 'text | market; blank is all | EAST-RETAIL';
COMMENT ON COLUMN price.period IS 'period | valid from; blank is always | 2025-01';
COMMENT ON COLUMN price.price IS 'market''s currency per unit | net price | 500';

CREATE TABLE unit_cost (
    product       VARCHAR NOT NULL,
    period        DATE NOT NULL DEFAULT DATE '1900-01-01',
    unit_cost     DOUBLE NOT NULL CHECK (unit_cost >= 0),
    material_cost DOUBLE CHECK (material_cost >= 0),
    PRIMARY KEY (product, period)
);
COMMENT ON TABLE unit_cost IS 'planner | Standard cost, valid from a period until the next one';
COMMENT ON COLUMN unit_cost.product IS 'text | product | BIKE-100; FRAME-100; TYRE-26';
COMMENT ON COLUMN unit_cost.period IS 'period | valid from; blank is always | 2025-01';
COMMENT ON COLUMN unit_cost.unit_cost IS 'base currency per unit | full standard cost | 290; 120; 14';
COMMENT ON COLUMN unit_cost.material_cost IS 'base currency per unit | of this, material | 210; 60; 14';

CREATE TABLE fx_rate (
    currency VARCHAR NOT NULL,
    period   DATE NOT NULL DEFAULT DATE '1900-01-01',
    rate     DOUBLE NOT NULL CHECK (rate > 0),
    type     VARCHAR NOT NULL DEFAULT 'actual' CHECK (type IN ('actual', 'budget')),
    PRIMARY KEY (currency, period, type)
);
COMMENT ON TABLE fx_rate IS 'planner | Exchange rates, valid from a period until the next one';
COMMENT ON COLUMN fx_rate.currency IS 'currency code | currency | USD';
COMMENT ON COLUMN fx_rate.period IS 'period | valid from; blank is always | 2025-01';
COMMENT ON COLUMN fx_rate.rate IS 'base currency per unit | worth of one unit of the currency | 1';
COMMENT ON COLUMN fx_rate.type IS 'actual, budget | kind of rate | actual';

CREATE TABLE budget (
    version      VARCHAR NOT NULL,
    product      VARCHAR NOT NULL DEFAULT '',
    family       VARCHAR NOT NULL DEFAULT '',
    category     VARCHAR NOT NULL DEFAULT '',
    market       VARCHAR NOT NULL DEFAULT '',
    region       VARCHAR NOT NULL DEFAULT '',
    period       DATE NOT NULL,
    units        DOUBLE CHECK (units >= 0),
    revenue      DOUBLE,
    gross_margin DOUBLE,
    PRIMARY KEY (version, product, family, category, market, region, period)
);
COMMENT ON TABLE budget IS 'planner wide | Annual operating plan, latest estimate or target, at any level; spread downward by a stated rule';
COMMENT ON COLUMN budget.version IS 'text | AOP, LE or target | AOP';
COMMENT ON COLUMN budget.product IS 'text | product; blank is all |';
COMMENT ON COLUMN budget.family IS 'text | family; blank is all | Bikes';
COMMENT ON COLUMN budget.category IS 'text | category; blank is all |';
COMMENT ON COLUMN budget.market IS 'text | market; blank is all | EAST-RETAIL';
COMMENT ON COLUMN budget.region IS 'text | region; blank is all |';
COMMENT ON COLUMN budget.period IS 'period | period | 2026-01';
COMMENT ON COLUMN budget.units IS 'units | budgeted units | 125';
COMMENT ON COLUMN budget.revenue IS 'base currency | budgeted net revenue | 62500';
COMMENT ON COLUMN budget.gross_margin IS 'base currency | budgeted gross margin | 26000';

CREATE TABLE fixed_cost (
    account VARCHAR NOT NULL,
    period  DATE NOT NULL DEFAULT DATE '1900-01-01',
    amount  DOUBLE NOT NULL,
    PRIMARY KEY (account, period)
);
COMMENT ON TABLE fixed_cost IS 'planner | Costs that do not move with volume';
COMMENT ON COLUMN fixed_cost.account IS 'text | account | Salaries';
COMMENT ON COLUMN fixed_cost.period IS 'period | period; blank is every period | 2026-01';
COMMENT ON COLUMN fixed_cost.amount IS 'base currency | cost of the period | 18000';

CREATE TABLE forecast_stream (
    stream  VARCHAR NOT NULL,
    product VARCHAR NOT NULL DEFAULT '',
    family  VARCHAR NOT NULL DEFAULT '',
    market  VARCHAR NOT NULL DEFAULT '',
    period  DATE NOT NULL,
    units   DOUBLE CHECK (units >= 0),
    amount  DOUBLE,
    author  VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (stream, product, family, market, period)
);
COMMENT ON TABLE forecast_stream IS 'planner wide | What sales, marketing, finance or a customer expects';
COMMENT ON COLUMN forecast_stream.stream IS 'text | sales, marketing, finance, customer or another | sales';
COMMENT ON COLUMN forecast_stream.product IS 'text | product; blank when the line is of a family | BIKE-100';
COMMENT ON COLUMN forecast_stream.family IS 'text | family; blank when the line is of a product |';
COMMENT ON COLUMN forecast_stream.market IS 'text | market; blank is all | EAST-RETAIL';
COMMENT ON COLUMN forecast_stream.period IS 'period | period | 2026-01';
COMMENT ON COLUMN forecast_stream.units IS 'units | expected units | 130';
COMMENT ON COLUMN forecast_stream.amount IS 'base currency | expected net revenue, when given in money |';
COMMENT ON COLUMN forecast_stream.author IS 'text | who says so | Sales East';

CREATE TABLE event (
    event            VARCHAR NOT NULL,
    product          VARCHAR NOT NULL DEFAULT '',
    family           VARCHAR NOT NULL DEFAULT '',
    market           VARCHAR NOT NULL DEFAULT '',
    from_period      DATE NOT NULL,
    to_period        DATE NOT NULL,
    lift_pct         DOUBLE,
    lift_units       DOUBLE,
    price_change_pct DOUBLE CHECK (price_change_pct >= -100),
    cost             DOUBLE CHECK (cost >= 0),
    status           VARCHAR NOT NULL DEFAULT '',
    owner            VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (event)
);
COMMENT ON TABLE event IS 'planner | Promotions, price moves and other events that change demand';
COMMENT ON COLUMN event.event IS 'text | event | SPRING-FAIR';
COMMENT ON COLUMN event.product IS 'text | product; blank when the event is of a family or of all | BIKE-100';
COMMENT ON COLUMN event.family IS 'text | family; blank when the event is of a product or of all |';
COMMENT ON COLUMN event.market IS 'text | market; blank is all | EAST-RETAIL';
COMMENT ON COLUMN event.from_period IS 'period | first period | 2026-03';
COMMENT ON COLUMN event.to_period IS 'period | last period | 2026-03';
COMMENT ON COLUMN event.lift_pct IS '% | change of demand | 12';
COMMENT ON COLUMN event.lift_units IS 'units per period | change of demand in units, instead of % |';
COMMENT ON COLUMN event.price_change_pct IS '% | change of the price during the event | -5';
COMMENT ON COLUMN event.cost IS 'base currency | cost of the event | 2500';
COMMENT ON COLUMN event.status IS 'text | for example planned, agreed, done | planned';
COMMENT ON COLUMN event.owner IS 'text | who answers for it | Marketing';

CREATE TABLE pipeline (
    project                VARCHAR NOT NULL,
    product                VARCHAR NOT NULL,
    gate                   VARCHAR NOT NULL DEFAULT '',
    gate_date              DATE,
    launch_period          DATE NOT NULL,
    baseline_launch_period DATE,
    in_plan                BOOLEAN NOT NULL,
    probability_pct        DOUBLE CHECK (probability_pct BETWEEN 0 AND 100),
    like_product           VARCHAR NOT NULL DEFAULT '',
    scale_pct              DOUBLE CHECK (scale_pct >= 0),
    ramp_periods           DOUBLE CHECK (ramp_periods >= 0),
    price                  DOUBLE CHECK (price >= 0),
    unit_cost              DOUBLE CHECK (unit_cost >= 0),
    cannibalises           VARCHAR NOT NULL DEFAULT '',
    cannibalisation_pct    DOUBLE CHECK (cannibalisation_pct BETWEEN 0 AND 100),
    business_case_units    DOUBLE CHECK (business_case_units >= 0),
    capex                  DOUBLE CHECK (capex >= 0),
    owner                  VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (project)
);
COMMENT ON TABLE pipeline IS 'planner | Launches: a project is in the plan whole or out of it; its probability belongs to risk';
COMMENT ON COLUMN pipeline.project IS 'text | project | NEW-CITY-BIKE';
COMMENT ON COLUMN pipeline.product IS 'text | product it launches | BIKE-200';
COMMENT ON COLUMN pipeline.gate IS 'text | gate passed last | G3';
COMMENT ON COLUMN pipeline.gate_date IS 'date | date of that gate | 2025-12-10';
COMMENT ON COLUMN pipeline.launch_period IS 'period | first period of demand | 2026-05';
COMMENT ON COLUMN pipeline.baseline_launch_period IS 'period | launch as first promised | 2026-04';
COMMENT ON COLUMN pipeline.in_plan IS 'yes/no | is it in the plan | yes';
COMMENT ON COLUMN pipeline.probability_pct IS '% | probability of success, for risk only | 80';
COMMENT ON COLUMN pipeline.like_product IS 'text | product whose demand it resembles | BIKE-100';
COMMENT ON COLUMN pipeline.scale_pct IS '% | of the like-product''s demand when ramped up | 70';
COMMENT ON COLUMN pipeline.ramp_periods IS 'periods | until full demand | 4';
COMMENT ON COLUMN pipeline.price IS 'base currency per unit | net price | 560';
COMMENT ON COLUMN pipeline.unit_cost IS 'base currency per unit | full standard cost | 310';
COMMENT ON COLUMN pipeline.cannibalises IS 'text | product or family that loses demand to it | BIKE-100';
COMMENT ON COLUMN pipeline.cannibalisation_pct IS '% | of its demand taken from that product or family | 30';
COMMENT ON COLUMN pipeline.business_case_units IS 'units per year | volume of the business case | 900';
COMMENT ON COLUMN pipeline.capex IS 'base currency | investment | 45000';
COMMENT ON COLUMN pipeline.owner IS 'text | who answers for it | Product manager';

CREATE TABLE phase_out (
    product         VARCHAR NOT NULL,
    end_period      DATE NOT NULL,
    successor       VARCHAR NOT NULL DEFAULT '',
    transfer_pct    DOUBLE CHECK (transfer_pct BETWEEN 0 AND 100),
    last_buy_period DATE,
    PRIMARY KEY (product)
);
COMMENT ON TABLE phase_out IS 'planner | Products that end';
COMMENT ON COLUMN phase_out.product IS 'text | product | BIKE-100';
COMMENT ON COLUMN phase_out.end_period IS 'period | last period of demand | 2027-06';
COMMENT ON COLUMN phase_out.successor IS 'text | product that follows it |';
COMMENT ON COLUMN phase_out.transfer_pct IS '% | of its demand that moves to the successor |';
COMMENT ON COLUMN phase_out.last_buy_period IS 'period | last period to buy its components | 2027-03';

CREATE TABLE calendar (
    period        DATE NOT NULL,
    start_date    DATE NOT NULL,
    end_date      DATE NOT NULL,
    fiscal_period VARCHAR NOT NULL DEFAULT '',
    working_days  DOUBLE CHECK (working_days >= 0),
    PRIMARY KEY (period)
);
COMMENT ON TABLE calendar IS 'planner | Buckets of the plan; calendar months where this table is missing';
COMMENT ON COLUMN calendar.period IS 'period | the bucket: its month or first day | 2026-01';
COMMENT ON COLUMN calendar.start_date IS 'date | first day | 2026-01-01';
COMMENT ON COLUMN calendar.end_date IS 'date | last day | 2026-01-31';
COMMENT ON COLUMN calendar.fiscal_period IS 'text | fiscal name | FY26-P01';
COMMENT ON COLUMN calendar.working_days IS 'days | working days | 21';

CREATE TABLE setting (
    name  VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (name)
);
COMMENT ON TABLE setting IS 'planner | Settings of the company';
COMMENT ON COLUMN setting.name IS 'text | base_currency, fiscal_year_start, carrying_rate_pct, frozen_periods, slushy_periods, receivable_days, payable_days, opening balances, thresholds | base_currency; carrying_rate_pct';
COMMENT ON COLUMN setting.value IS 'as named | value | USD; 18';

CREATE TABLE data_assumption (
    number     INTEGER NOT NULL CHECK (number > 0),
    "table"    VARCHAR NOT NULL,
    "column"   VARCHAR NOT NULL DEFAULT '',
    assumption VARCHAR NOT NULL,
    why        VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (number)
);
COMMENT ON TABLE data_assumption IS 'planner | Assumptions made where the source of the data lacked something; marked on screen';
COMMENT ON COLUMN data_assumption.number IS 'number | number of the assumption | 1';
COMMENT ON COLUMN data_assumption."table" IS 'text | table it concerns | resource';
COMMENT ON COLUMN data_assumption."column" IS 'text | column it concerns | cost_per_hour';
COMMENT ON COLUMN data_assumption.assumption IS 'text | what was assumed | 32 per hour';
COMMENT ON COLUMN data_assumption.why IS 'text | why | The source has no labour rates';

CREATE TABLE unit_conversion (
    product   VARCHAR NOT NULL DEFAULT '',
    from_unit VARCHAR NOT NULL,
    to_unit   VARCHAR NOT NULL,
    factor    DOUBLE NOT NULL CHECK (factor > 0),
    PRIMARY KEY (product, from_unit, to_unit)
);
COMMENT ON TABLE unit_conversion IS 'planner | Factors between units of measure';
COMMENT ON COLUMN unit_conversion.product IS 'text | product; blank is all | TYRE-26';
COMMENT ON COLUMN unit_conversion.from_unit IS 'text | unit | box';
COMMENT ON COLUMN unit_conversion.to_unit IS 'text | unit | each';
COMMENT ON COLUMN unit_conversion.factor IS 'to_unit per from_unit | how many | 10';

CREATE TABLE production_history (
    product       VARCHAR NOT NULL,
    site          VARCHAR NOT NULL,
    period        DATE NOT NULL,
    units         DOUBLE CHECK (units >= 0),
    planned_units DOUBLE CHECK (planned_units >= 0),
    scrap_units   DOUBLE CHECK (scrap_units >= 0),
    PRIMARY KEY (product, site, period)
);
COMMENT ON TABLE production_history IS 'planner | What was planned and made, for attainment';
COMMENT ON COLUMN production_history.product IS 'text | product | BIKE-100';
COMMENT ON COLUMN production_history.site IS 'text | site | PLANT-1';
COMMENT ON COLUMN production_history.period IS 'period | period | 2025-12';
COMMENT ON COLUMN production_history.units IS 'units | made, good | 130';
COMMENT ON COLUMN production_history.planned_units IS 'units | planned for the period when it was frozen | 140';
COMMENT ON COLUMN production_history.scrap_units IS 'units | scrapped | 2';

CREATE TABLE receipt_history (
    reference      VARCHAR NOT NULL,
    product        VARCHAR NOT NULL,
    site           VARCHAR NOT NULL,
    received_date  DATE NOT NULL,
    source         VARCHAR NOT NULL DEFAULT '',
    order_date     DATE,
    promised_date  DATE,
    ordered_units  DOUBLE CHECK (ordered_units >= 0),
    received_units DOUBLE CHECK (received_units >= 0),
    rejected_units DOUBLE CHECK (rejected_units >= 0),
    unit_cost      DOUBLE CHECK (unit_cost >= 0),
    PRIMARY KEY (reference, product, site, received_date)
);
COMMENT ON TABLE receipt_history IS 'planner | What suppliers delivered, for supplier performance';
COMMENT ON COLUMN receipt_history.reference IS 'text | purchase order | PO-0900';
COMMENT ON COLUMN receipt_history.product IS 'text | product | TYRE-26';
COMMENT ON COLUMN receipt_history.site IS 'text | site that received | PLANT-1';
COMMENT ON COLUMN receipt_history.received_date IS 'date | date of receipt | 2025-12-04';
COMMENT ON COLUMN receipt_history.source IS 'text | supplier | SUPPLIER-1';
COMMENT ON COLUMN receipt_history.order_date IS 'date | date of the order | 2025-11-03';
COMMENT ON COLUMN receipt_history.promised_date IS 'date | date promised | 2025-12-03';
COMMENT ON COLUMN receipt_history.ordered_units IS 'units | ordered | 400';
COMMENT ON COLUMN receipt_history.received_units IS 'units | received | 400';
COMMENT ON COLUMN receipt_history.rejected_units IS 'units | rejected on receipt | 0';
COMMENT ON COLUMN receipt_history.unit_cost IS 'base currency per unit | price paid | 14';

CREATE TABLE delivery_history (
    "order"        VARCHAR NOT NULL,
    product        VARCHAR NOT NULL,
    market         VARCHAR NOT NULL,
    ship_date      DATE NOT NULL,
    requested_date DATE,
    promised_date  DATE,
    ordered_units  DOUBLE CHECK (ordered_units >= 0),
    shipped_units  DOUBLE CHECK (shipped_units >= 0),
    PRIMARY KEY ("order", product, market, ship_date)
);
COMMENT ON TABLE delivery_history IS 'planner | What customers were delivered, for on-time-in-full';
COMMENT ON COLUMN delivery_history."order" IS 'text | order number | SO-4001';
COMMENT ON COLUMN delivery_history.product IS 'text | product | BIKE-100';
COMMENT ON COLUMN delivery_history.market IS 'text | market | EAST-RETAIL';
COMMENT ON COLUMN delivery_history.ship_date IS 'date | date shipped | 2025-12-09';
COMMENT ON COLUMN delivery_history.requested_date IS 'date | date the customer asked for | 2025-12-10';
COMMENT ON COLUMN delivery_history.promised_date IS 'date | date promised | 2025-12-10';
COMMENT ON COLUMN delivery_history.ordered_units IS 'units | ordered | 20';
COMMENT ON COLUMN delivery_history.shipped_units IS 'units | shipped | 20';

CREATE TABLE inventory_history (
    product VARCHAR NOT NULL,
    site    VARCHAR NOT NULL,
    period  DATE NOT NULL,
    units   DOUBLE,
    value   DOUBLE,
    PRIMARY KEY (product, site, period)
);
COMMENT ON TABLE inventory_history IS 'planner | Stock at the end of past periods, for turns';
COMMENT ON COLUMN inventory_history.product IS 'text | product | BIKE-100';
COMMENT ON COLUMN inventory_history.site IS 'text | site | DC-EAST';
COMMENT ON COLUMN inventory_history.period IS 'period | period | 2025-12';
COMMENT ON COLUMN inventory_history.units IS 'units | stock at the end | 240';
COMMENT ON COLUMN inventory_history.value IS 'base currency | its value | 69600';

CREATE TABLE ledger (
    account        VARCHAR NOT NULL,
    period         DATE NOT NULL,
    amount         DOUBLE NOT NULL,
    statement_line VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (account, period)
);
COMMENT ON TABLE ledger IS 'planner | Actuals of the accounts, for the statement';
COMMENT ON COLUMN ledger.account IS 'text | account | 4000 Sales';
COMMENT ON COLUMN ledger.period IS 'period | period | 2025-12';
COMMENT ON COLUMN ledger.amount IS 'base currency | movement of the period; costs are negative | 67500';
COMMENT ON COLUMN ledger.statement_line IS 'text | line of the statement it belongs to, for example revenue, cost of goods, fixed cost | revenue';

CREATE TABLE forecast_snapshot (
    made_in DATE NOT NULL,
    stream  VARCHAR NOT NULL DEFAULT '',
    product VARCHAR NOT NULL,
    market  VARCHAR NOT NULL DEFAULT '',
    period  DATE NOT NULL,
    units   DOUBLE CHECK (units >= 0),
    PRIMARY KEY (made_in, stream, product, market, period)
);
COMMENT ON TABLE forecast_snapshot IS 'planner | Forecasts as they were made, for accuracy of the past';
COMMENT ON COLUMN forecast_snapshot.made_in IS 'period | period in which it was made | 2025-11';
COMMENT ON COLUMN forecast_snapshot.stream IS 'text | which forecast; blank is the consensus | statistical';
COMMENT ON COLUMN forecast_snapshot.product IS 'text | product | BIKE-100';
COMMENT ON COLUMN forecast_snapshot.market IS 'text | market; blank is all | EAST-RETAIL';
COMMENT ON COLUMN forecast_snapshot.period IS 'period | period forecast | 2025-12';
COMMENT ON COLUMN forecast_snapshot.units IS 'units | forecast | 128';

-- The process: what the month records and keeps.

CREATE TABLE cycle (
    cycle     VARCHAR NOT NULL,
    status    VARCHAR NOT NULL CHECK (status IN ('open', 'closed')),
    opened_at TIMESTAMP NOT NULL,
    opened_by VARCHAR NOT NULL DEFAULT '',
    closed_at TIMESTAMP,
    PRIMARY KEY (cycle)
);
COMMENT ON TABLE cycle IS 'process | A monthly cycle; it plans from the month it is named after';
COMMENT ON COLUMN cycle.cycle IS 'YYYY-MM | month the cycle plans from';
COMMENT ON COLUMN cycle.status IS 'open, closed | whether it can still change';
COMMENT ON COLUMN cycle.opened_at IS 'time | when it was opened';
COMMENT ON COLUMN cycle.opened_by IS 'text | who opened it';
COMMENT ON COLUMN cycle.closed_at IS 'time | when it was closed';

CREATE TABLE stage (
    cycle  VARCHAR NOT NULL,
    stage  VARCHAR NOT NULL CHECK (stage IN ('product', 'demand', 'supply', 'finance', 'pre_sop', 'executive')),
    owner  VARCHAR NOT NULL DEFAULT '',
    status VARCHAR NOT NULL CHECK (status IN ('open', 'in_progress', 'signed')),
    due    DATE,
    PRIMARY KEY (cycle, stage)
);
COMMENT ON TABLE stage IS 'process | The six reviews of a cycle';
COMMENT ON COLUMN stage.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN stage.stage IS 'product, demand, supply, finance, pre_sop, executive | review';
COMMENT ON COLUMN stage.owner IS 'text | who answers for it';
COMMENT ON COLUMN stage.status IS 'open, in_progress, signed | where it stands';
COMMENT ON COLUMN stage.due IS 'date | when it is to be signed';

CREATE TABLE scenario (
    scenario_id  VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    cycle        VARCHAR NOT NULL,
    author       VARCHAR NOT NULL DEFAULT '',
    created_at   TIMESTAMP NOT NULL,
    data_version VARCHAR NOT NULL DEFAULT '',
    levers       VARCHAR NOT NULL,
    note         VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (scenario_id)
);
COMMENT ON TABLE scenario IS 'process | Named sets of levers over the baseline';
COMMENT ON COLUMN scenario.scenario_id IS 'text | identifier, as in the address';
COMMENT ON COLUMN scenario.name IS 'text | name people use';
COMMENT ON COLUMN scenario.cycle IS 'YYYY-MM | cycle it was made in';
COMMENT ON COLUMN scenario.author IS 'text | who made it';
COMMENT ON COLUMN scenario.created_at IS 'time | when it was saved';
COMMENT ON COLUMN scenario.data_version IS 'hash | planner data it was made on';
COMMENT ON COLUMN scenario.levers IS 'JSON | the levers that differ from the baseline';
COMMENT ON COLUMN scenario.note IS 'text | what it is about';

CREATE TABLE override (
    override_id VARCHAR NOT NULL,
    cycle       VARCHAR NOT NULL,
    product     VARCHAR NOT NULL DEFAULT '',
    family      VARCHAR NOT NULL DEFAULT '',
    market      VARCHAR NOT NULL DEFAULT '',
    from_period DATE NOT NULL,
    to_period   DATE NOT NULL,
    kind        VARCHAR NOT NULL CHECK (kind IN ('units', 'pct', 'add')),
    value       DOUBLE NOT NULL,
    reason      VARCHAR NOT NULL,
    owner       VARCHAR NOT NULL DEFAULT '',
    note        VARCHAR NOT NULL DEFAULT '',
    expires     DATE,
    created_at  TIMESTAMP NOT NULL,
    created_by  VARCHAR NOT NULL DEFAULT '',
    active      BOOLEAN NOT NULL,
    PRIMARY KEY (override_id)
);
COMMENT ON TABLE override IS 'process | Judged changes of the demand, dated and owned';
COMMENT ON COLUMN override.override_id IS 'text | identifier';
COMMENT ON COLUMN override.cycle IS 'YYYY-MM | cycle it was made in';
COMMENT ON COLUMN override.product IS 'text | product; blank is all of the family';
COMMENT ON COLUMN override.family IS 'text | family; blank is all';
COMMENT ON COLUMN override.market IS 'text | market; blank is all';
COMMENT ON COLUMN override.from_period IS 'period | first period';
COMMENT ON COLUMN override.to_period IS 'period | last period';
COMMENT ON COLUMN override.kind IS 'units, pct, add | replace by units, change by %, or add units';
COMMENT ON COLUMN override.value IS 'units or % | by kind';
COMMENT ON COLUMN override.reason IS 'text | reason code';
COMMENT ON COLUMN override.owner IS 'text | who answers for it';
COMMENT ON COLUMN override.note IS 'text | why';
COMMENT ON COLUMN override.expires IS 'date | when it stops counting';
COMMENT ON COLUMN override.created_at IS 'time | when it was made';
COMMENT ON COLUMN override.created_by IS 'text | who made it';
COMMENT ON COLUMN override.active IS 'yes/no | whether it counts';

CREATE TABLE decision (
    decision_id       VARCHAR NOT NULL,
    cycle             VARCHAR NOT NULL,
    question          VARCHAR NOT NULL,
    reason            VARCHAR NOT NULL DEFAULT '',
    recommendation    VARCHAR NOT NULL DEFAULT '',
    owner             VARCHAR NOT NULL DEFAULT '',
    decide_by         DATE,
    status            VARCHAR NOT NULL CHECK (status IN ('open', 'decided', 'deferred', 'escalated', 'withdrawn')),
    chosen_option     VARCHAR NOT NULL DEFAULT '',
    decided_by        VARCHAR NOT NULL DEFAULT '',
    decided_at        TIMESTAMP,
    choice_reason     VARCHAR NOT NULL DEFAULT '',
    escalated_from    VARCHAR NOT NULL DEFAULT '',
    escalated_to      VARCHAR NOT NULL DEFAULT '',
    escalation_reason VARCHAR NOT NULL DEFAULT '',
    value_at_stake    DOUBLE,
    created_at        TIMESTAMP NOT NULL,
    created_by        VARCHAR NOT NULL DEFAULT '',
    sample            BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (decision_id)
);
COMMENT ON TABLE decision IS 'process | Questions put to the meeting and what was chosen';
COMMENT ON COLUMN decision.decision_id IS 'text | identifier';
COMMENT ON COLUMN decision.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN decision.question IS 'text | what is to be decided';
COMMENT ON COLUMN decision.reason IS 'text | why it must be decided';
COMMENT ON COLUMN decision.recommendation IS 'text | what is recommended';
COMMENT ON COLUMN decision.owner IS 'text | who answers for it';
COMMENT ON COLUMN decision.decide_by IS 'date | deadline';
COMMENT ON COLUMN decision.status IS 'open, decided, deferred, escalated, withdrawn | where it stands';
COMMENT ON COLUMN decision.chosen_option IS 'text | option chosen';
COMMENT ON COLUMN decision.decided_by IS 'text | who decided';
COMMENT ON COLUMN decision.decided_at IS 'time | when';
COMMENT ON COLUMN decision.choice_reason IS 'text | why this option';
COMMENT ON COLUMN decision.escalated_from IS 'stage | review that could not decide';
COMMENT ON COLUMN decision.escalated_to IS 'stage | review that is to decide';
COMMENT ON COLUMN decision.escalation_reason IS 'text | why it was escalated';
COMMENT ON COLUMN decision.value_at_stake IS 'base currency | difference between the best and the worst option';
COMMENT ON COLUMN decision.created_at IS 'time | when it was raised';
COMMENT ON COLUMN decision.created_by IS 'text | who raised it';
COMMENT ON COLUMN decision.sample IS 'yes/no | belongs to the sample company';

CREATE TABLE decision_option (
    decision_id VARCHAR NOT NULL,
    option      VARCHAR NOT NULL,
    title       VARCHAR NOT NULL,
    scenario_id VARCHAR NOT NULL DEFAULT '',
    note        VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (decision_id, option)
);
COMMENT ON TABLE decision_option IS 'process | The options of a decision';
COMMENT ON COLUMN decision_option.decision_id IS 'text | decision';
COMMENT ON COLUMN decision_option.option IS 'text | letter or number of the option';
COMMENT ON COLUMN decision_option.title IS 'text | what would be done';
COMMENT ON COLUMN decision_option.scenario_id IS 'text | scenario that values it';
COMMENT ON COLUMN decision_option.note IS 'text | remarks';

CREATE TABLE sign_off (
    sign_off_id  VARCHAR NOT NULL,
    cycle        VARCHAR NOT NULL,
    stage        VARCHAR NOT NULL,
    signed_by    VARCHAR NOT NULL,
    signed_at    TIMESTAMP NOT NULL,
    data_version VARCHAR NOT NULL DEFAULT '',
    scenario_id  VARCHAR NOT NULL DEFAULT '',
    snapshot_id  VARCHAR NOT NULL DEFAULT '',
    inputs_hash  VARCHAR NOT NULL DEFAULT '',
    note         VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (sign_off_id)
);
COMMENT ON TABLE sign_off IS 'process | Who signed which review on which plan';
COMMENT ON COLUMN sign_off.sign_off_id IS 'text | identifier';
COMMENT ON COLUMN sign_off.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN sign_off.stage IS 'stage | review signed';
COMMENT ON COLUMN sign_off.signed_by IS 'text | who signed';
COMMENT ON COLUMN sign_off.signed_at IS 'time | when';
COMMENT ON COLUMN sign_off.data_version IS 'hash | planner data the plan was made on';
COMMENT ON COLUMN sign_off.scenario_id IS 'text | scenario signed';
COMMENT ON COLUMN sign_off.snapshot_id IS 'text | snapshot kept';
COMMENT ON COLUMN sign_off.inputs_hash IS 'hash | everything the review read';
COMMENT ON COLUMN sign_off.note IS 'text | remarks';

CREATE TABLE plan_version (
    version_id   VARCHAR NOT NULL,
    cycle        VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    status       VARCHAR NOT NULL CHECK (status IN ('candidate', 'approved', 'published')),
    scenario_id  VARCHAR NOT NULL DEFAULT '',
    data_version VARCHAR NOT NULL DEFAULT '',
    snapshot_id  VARCHAR NOT NULL DEFAULT '',
    approved_by  VARCHAR NOT NULL DEFAULT '',
    approved_at  TIMESTAMP,
    note         VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (version_id)
);
COMMENT ON TABLE plan_version IS 'process | Versions of the plan of a cycle';
COMMENT ON COLUMN plan_version.version_id IS 'text | identifier';
COMMENT ON COLUMN plan_version.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN plan_version.name IS 'text | name people use';
COMMENT ON COLUMN plan_version.status IS 'candidate, approved, published | where it stands';
COMMENT ON COLUMN plan_version.scenario_id IS 'text | scenario it is';
COMMENT ON COLUMN plan_version.data_version IS 'hash | planner data it was made on';
COMMENT ON COLUMN plan_version.snapshot_id IS 'text | snapshot that holds its numbers';
COMMENT ON COLUMN plan_version.approved_by IS 'text | who approved it';
COMMENT ON COLUMN plan_version.approved_at IS 'time | when';
COMMENT ON COLUMN plan_version.note IS 'text | remarks';

CREATE TABLE plan_snapshot (
    snapshot_id  VARCHAR NOT NULL,
    cycle        VARCHAR NOT NULL,
    stage        VARCHAR NOT NULL DEFAULT '',
    created_at   TIMESTAMP NOT NULL,
    created_by   VARCHAR NOT NULL DEFAULT '',
    data_version VARCHAR NOT NULL DEFAULT '',
    levers       VARCHAR NOT NULL DEFAULT '',
    content_hash VARCHAR NOT NULL,
    scorecard    VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (snapshot_id)
);
COMMENT ON TABLE plan_snapshot IS 'process | A plan as it stood, immutable';
COMMENT ON COLUMN plan_snapshot.snapshot_id IS 'text | identifier';
COMMENT ON COLUMN plan_snapshot.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN plan_snapshot.stage IS 'stage | review that kept it';
COMMENT ON COLUMN plan_snapshot.created_at IS 'time | when';
COMMENT ON COLUMN plan_snapshot.created_by IS 'text | who kept it';
COMMENT ON COLUMN plan_snapshot.data_version IS 'hash | planner data it was made on';
COMMENT ON COLUMN plan_snapshot.levers IS 'JSON | levers of its scenario';
COMMENT ON COLUMN plan_snapshot.content_hash IS 'hash | of its cells';
COMMENT ON COLUMN plan_snapshot.scorecard IS 'JSON | its scorecard';

CREATE TABLE plan_snapshot_cell (
    snapshot_id VARCHAR NOT NULL,
    measure     VARCHAR NOT NULL,
    product     VARCHAR NOT NULL DEFAULT '',
    market      VARCHAR NOT NULL DEFAULT '',
    site        VARCHAR NOT NULL DEFAULT '',
    resource    VARCHAR NOT NULL DEFAULT '',
    period      DATE NOT NULL DEFAULT DATE '1900-01-01',
    value       DOUBLE
);
COMMENT ON TABLE plan_snapshot_cell IS 'process | The numbers of a snapshot';
COMMENT ON COLUMN plan_snapshot_cell.snapshot_id IS 'text | snapshot';
COMMENT ON COLUMN plan_snapshot_cell.measure IS 'text | what the value is, with its unit in the name';
COMMENT ON COLUMN plan_snapshot_cell.product IS 'text | product; blank is all';
COMMENT ON COLUMN plan_snapshot_cell.market IS 'text | market; blank is all';
COMMENT ON COLUMN plan_snapshot_cell.site IS 'text | site; blank is all';
COMMENT ON COLUMN plan_snapshot_cell.resource IS 'text | resource; blank is none';
COMMENT ON COLUMN plan_snapshot_cell.period IS 'period | period; 1900-01-01 is the whole horizon';
COMMENT ON COLUMN plan_snapshot_cell.value IS 'as the measure says | value; blank when not known';

CREATE TABLE note (
    note_id    VARCHAR NOT NULL,
    cycle      VARCHAR NOT NULL,
    stage      VARCHAR NOT NULL DEFAULT '',
    kind       VARCHAR NOT NULL CHECK (kind IN ('action', 'assumption', 'request', 'note')),
    text       VARCHAR NOT NULL,
    owner      VARCHAR NOT NULL DEFAULT '',
    due        DATE,
    status     VARCHAR NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL,
    created_by VARCHAR NOT NULL DEFAULT '',
    sample     BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (note_id)
);
COMMENT ON TABLE note IS 'process | Actions, assumptions, requests and notes of a review';
COMMENT ON COLUMN note.note_id IS 'text | identifier';
COMMENT ON COLUMN note.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN note.stage IS 'stage | review';
COMMENT ON COLUMN note.kind IS 'action, assumption, request, note | what it is';
COMMENT ON COLUMN note.text IS 'text | what it says';
COMMENT ON COLUMN note.owner IS 'text | who answers for it';
COMMENT ON COLUMN note.due IS 'date | deadline';
COMMENT ON COLUMN note.status IS 'text | where it stands';
COMMENT ON COLUMN note.created_at IS 'time | when it was written';
COMMENT ON COLUMN note.created_by IS 'text | who wrote it';
COMMENT ON COLUMN note.sample IS 'yes/no | belongs to the sample company';

-- The engine: what is fitted once per data version and cycle.

CREATE TABLE baseline (
    data_version VARCHAR NOT NULL,
    cycle        DATE NOT NULL,
    product      VARCHAR NOT NULL,
    market       VARCHAR NOT NULL,
    period       DATE NOT NULL,
    units        DOUBLE NOT NULL,
    PRIMARY KEY (data_version, cycle, product, market, period)
);
COMMENT ON TABLE baseline IS 'engine | Statistical baseline';
COMMENT ON COLUMN baseline.data_version IS 'hash | planner data it was fitted on';
COMMENT ON COLUMN baseline.cycle IS 'period | first period of the plan';
COMMENT ON COLUMN baseline.product IS 'text | product';
COMMENT ON COLUMN baseline.market IS 'text | market';
COMMENT ON COLUMN baseline.period IS 'period | period';
COMMENT ON COLUMN baseline.units IS 'units | expected demand';

CREATE TABLE baseline_band (
    data_version VARCHAR NOT NULL,
    cycle        DATE NOT NULL,
    level        VARCHAR NOT NULL CHECK (level IN ('total', 'family', 'product')),
    label        VARCHAR NOT NULL,
    period       DATE NOT NULL,
    units        DOUBLE NOT NULL,
    lo80         DOUBLE,
    hi80         DOUBLE,
    lo95         DOUBLE,
    hi95         DOUBLE,
    PRIMARY KEY (data_version, cycle, level, label, period)
);
COMMENT ON TABLE baseline_band IS 'engine | Bands around the baseline at the levels people look at';
COMMENT ON COLUMN baseline_band.data_version IS 'hash | planner data it was fitted on';
COMMENT ON COLUMN baseline_band.cycle IS 'period | first period of the plan';
COMMENT ON COLUMN baseline_band.level IS 'total, family, product | level';
COMMENT ON COLUMN baseline_band.label IS 'text | family or product; blank for the total';
COMMENT ON COLUMN baseline_band.period IS 'period | period';
COMMENT ON COLUMN baseline_band.units IS 'units | expected demand';
COMMENT ON COLUMN baseline_band.lo80 IS 'units | lower end of the 80 % band';
COMMENT ON COLUMN baseline_band.hi80 IS 'units | upper end of the 80 % band';
COMMENT ON COLUMN baseline_band.lo95 IS 'units | lower end of the 95 % band';
COMMENT ON COLUMN baseline_band.hi95 IS 'units | upper end of the 95 % band';

CREATE TABLE baseline_series (
    data_version VARCHAR NOT NULL,
    cycle        DATE NOT NULL,
    product      VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,
    error_sd     DOUBLE,
    PRIMARY KEY (data_version, cycle, product)
);
COMMENT ON TABLE baseline_series IS 'engine | How each product''s series was forecast';
COMMENT ON COLUMN baseline_series.data_version IS 'hash | planner data it was fitted on';
COMMENT ON COLUMN baseline_series.cycle IS 'period | first period of the plan';
COMMENT ON COLUMN baseline_series.product IS 'text | product';
COMMENT ON COLUMN baseline_series.kind IS 'text | class of the series';
COMMENT ON COLUMN baseline_series.error_sd IS 'units per period | standard deviation of the one-period forecast error';

CREATE TABLE elasticity (
    data_version   VARCHAR NOT NULL,
    cycle          DATE NOT NULL,
    family         VARCHAR NOT NULL,
    elasticity     DOUBLE,
    standard_error DOUBLE,
    observations   INTEGER,
    source         VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (data_version, cycle, family)
);
COMMENT ON TABLE elasticity IS 'engine | Price elasticity of the families';
COMMENT ON COLUMN elasticity.data_version IS 'hash | planner data it was fitted on';
COMMENT ON COLUMN elasticity.cycle IS 'period | first period of the plan';
COMMENT ON COLUMN elasticity.family IS 'text | family';
COMMENT ON COLUMN elasticity.elasticity IS '% per % | change of demand for 1 % of price';
COMMENT ON COLUMN elasticity.standard_error IS '% per % | its standard error';
COMMENT ON COLUMN elasticity.observations IS 'count | observations behind it';
COMMENT ON COLUMN elasticity.source IS 'text | fitted, shrunk to the company, or assumed';

-- The system: what was loaded, by whom, and what changed.

CREATE TABLE upload (
    upload_id    INTEGER NOT NULL,
    "at"         TIMESTAMP NOT NULL,
    who          VARCHAR NOT NULL,
    file         VARCHAR NOT NULL,
    sha256       VARCHAR NOT NULL,
    "table"      VARCHAR NOT NULL,
    rows         INTEGER NOT NULL,
    mode         VARCHAR NOT NULL CHECK (mode IN ('replace', 'upsert')),
    data_version VARCHAR NOT NULL,
    PRIMARY KEY (upload_id)
);
COMMENT ON TABLE upload IS 'system | Files loaded';
COMMENT ON COLUMN upload.upload_id IS 'number | identifier';
COMMENT ON COLUMN upload."at" IS 'time | when';
COMMENT ON COLUMN upload.who IS 'text | who';
COMMENT ON COLUMN upload.file IS 'text | name of the file';
COMMENT ON COLUMN upload.sha256 IS 'hash | of its bytes';
COMMENT ON COLUMN upload."table" IS 'text | table loaded';
COMMENT ON COLUMN upload.rows IS 'rows | rows loaded';
COMMENT ON COLUMN upload.mode IS 'replace, upsert | whether the file is the whole table';
COMMENT ON COLUMN upload.data_version IS 'hash | planner data after the load';

CREATE TABLE data_version (
    "table"      VARCHAR NOT NULL DEFAULT '',
    rows         INTEGER NOT NULL,
    content_hash VARCHAR NOT NULL,
    PRIMARY KEY ("table")
);
COMMENT ON TABLE data_version IS 'system | Content hash of each planner table; table '''' is all of them together';
COMMENT ON COLUMN data_version."table" IS 'text | planner table; blank is all';
COMMENT ON COLUMN data_version.rows IS 'rows | rows in it';
COMMENT ON COLUMN data_version.content_hash IS 'hash | the same data, in any order, gives the same hash';

CREATE TABLE audit_log (
    audit_id INTEGER NOT NULL,
    "at"     TIMESTAMP NOT NULL,
    who      VARCHAR NOT NULL,
    "table"  VARCHAR NOT NULL,
    action   VARCHAR NOT NULL CHECK (action IN ('insert', 'update', 'delete', 'replace', 'upsert')),
    key      VARCHAR NOT NULL DEFAULT '',
    before   VARCHAR NOT NULL DEFAULT '',
    after    VARCHAR NOT NULL DEFAULT '',
    why      VARCHAR NOT NULL,
    PRIMARY KEY (audit_id)
);
COMMENT ON TABLE audit_log IS 'system | Every change: who, when, what, before, after, why';
COMMENT ON COLUMN audit_log.audit_id IS 'number | identifier, in the order of writing';
COMMENT ON COLUMN audit_log."at" IS 'time | when';
COMMENT ON COLUMN audit_log.who IS 'text | who';
COMMENT ON COLUMN audit_log."table" IS 'text | table changed';
COMMENT ON COLUMN audit_log.action IS 'insert, update, delete, replace, upsert | what was done';
COMMENT ON COLUMN audit_log.key IS 'JSON | key of the row; blank for a bulk change';
COMMENT ON COLUMN audit_log.before IS 'JSON | values before; counts and hash for a bulk change';
COMMENT ON COLUMN audit_log.after IS 'JSON | values after; counts and hash for a bulk change';
COMMENT ON COLUMN audit_log.why IS 'text | why';
