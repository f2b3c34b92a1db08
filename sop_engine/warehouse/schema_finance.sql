-- The product and the finance review in full: a policy per segment, the pipeline as each cycle kept it, requests between
-- reviews with their answers, the register of risks and opportunities, versions of prices, costs and rates.

CREATE TABLE segment_policy (
    segment           VARCHAR NOT NULL CHECK (segment IN ('AX', 'AY', 'AZ', 'BX', 'BY', 'BZ', 'CX', 'CY', 'CZ')),
    service_level_pct DOUBLE CHECK (service_level_pct BETWEEN 0 AND 100),
    treatment         VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (segment)
);
COMMENT ON TABLE segment_policy IS 'planner | How products of a segment are served: value (A, B, C) by variability (X, Y, Z)';
COMMENT ON COLUMN segment_policy.segment IS 'AX to CZ | segment | AX; CZ';
COMMENT ON COLUMN segment_policy.service_level_pct IS '% per cycle | service level where inventory_policy names no product; blank leaves it | 98; 90';
COMMENT ON COLUMN segment_policy.treatment IS 'text | how it is planned | keep in stock; make to order';

ALTER TABLE price ADD COLUMN version VARCHAR DEFAULT '';
ALTER TABLE price ALTER COLUMN version SET NOT NULL;
COMMENT ON COLUMN price.version IS 'text | name of the price list | List 2025';
ALTER TABLE unit_cost ADD COLUMN version VARCHAR DEFAULT '';
ALTER TABLE unit_cost ALTER COLUMN version SET NOT NULL;
COMMENT ON COLUMN unit_cost.version IS 'text | name of the cost roll | Standard 2025; Standard 2025; Standard 2025';
ALTER TABLE fx_rate ADD COLUMN version VARCHAR DEFAULT '';
ALTER TABLE fx_rate ALTER COLUMN version SET NOT NULL;
COMMENT ON COLUMN fx_rate.version IS 'text | name of the set of rates | December close';

CREATE TABLE pipeline_history (
    cycle                  VARCHAR NOT NULL,
    project                VARCHAR NOT NULL,
    product                VARCHAR NOT NULL,
    gate                   VARCHAR NOT NULL DEFAULT '',
    gate_date              DATE,
    launch_period          DATE NOT NULL,
    baseline_launch_period DATE,
    in_plan                BOOLEAN NOT NULL,
    probability_pct        DOUBLE,
    units                  DOUBLE,
    revenue                DOUBLE,
    gross_margin           DOUBLE,
    kept_at                TIMESTAMP NOT NULL,
    kept_by                VARCHAR NOT NULL DEFAULT '',
    sample                 BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (cycle, project)
);
COMMENT ON TABLE pipeline_history IS 'process | The pipeline as it stood when the product review of a cycle was signed';
COMMENT ON COLUMN pipeline_history.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN pipeline_history.project IS 'text | project';
COMMENT ON COLUMN pipeline_history.product IS 'text | product it launches';
COMMENT ON COLUMN pipeline_history.gate IS 'text | gate passed last';
COMMENT ON COLUMN pipeline_history.gate_date IS 'date | date of that gate';
COMMENT ON COLUMN pipeline_history.launch_period IS 'period | launch as planned in that cycle';
COMMENT ON COLUMN pipeline_history.baseline_launch_period IS 'period | launch as first promised';
COMMENT ON COLUMN pipeline_history.in_plan IS 'yes/no | was it in the plan';
COMMENT ON COLUMN pipeline_history.probability_pct IS '% | probability of success';
COMMENT ON COLUMN pipeline_history.units IS 'units | of the first year inside the plan';
COMMENT ON COLUMN pipeline_history.revenue IS 'base currency | of the first year inside the plan';
COMMENT ON COLUMN pipeline_history.gross_margin IS 'base currency | of the first year inside the plan';
COMMENT ON COLUMN pipeline_history.kept_at IS 'time | when it was kept';
COMMENT ON COLUMN pipeline_history.kept_by IS 'text | who signed';
COMMENT ON COLUMN pipeline_history.sample IS 'yes/no | made up to show the feature';

CREATE TABLE request (
    request_id      VARCHAR NOT NULL,
    cycle           VARCHAR NOT NULL,
    from_stage      VARCHAR NOT NULL CHECK (from_stage IN ('product', 'demand', 'supply', 'finance', 'pre_sop', 'executive')),
    to_stage        VARCHAR NOT NULL DEFAULT '' CHECK (to_stage IN ('', 'product', 'demand', 'supply', 'finance', 'pre_sop', 'executive')),
    title           VARCHAR NOT NULL,
    reason          VARCHAR NOT NULL,
    measure         VARCHAR NOT NULL CHECK (measure IN ('units', 'revenue', 'gross_margin', 'inventory', 'cost', 'hours')),
    amount          DOUBLE NOT NULL,
    product         VARCHAR NOT NULL DEFAULT '',
    family          VARCHAR NOT NULL DEFAULT '',
    market          VARCHAR NOT NULL DEFAULT '',
    from_period     DATE NOT NULL,
    to_period       DATE NOT NULL,
    owner           VARCHAR NOT NULL DEFAULT '',
    due             DATE,
    status          VARCHAR NOT NULL CHECK (status IN ('open', 'accepted', 'part', 'rejected', 'withdrawn')),
    accepted_amount DOUBLE,
    answer          VARCHAR NOT NULL DEFAULT '',
    answered_by     VARCHAR NOT NULL DEFAULT '',
    answered_at     TIMESTAMP,
    answered_cycle  VARCHAR NOT NULL DEFAULT '',
    override_id     VARCHAR NOT NULL DEFAULT '',
    levers          VARCHAR NOT NULL DEFAULT '',
    created_at      TIMESTAMP NOT NULL,
    created_by      VARCHAR NOT NULL DEFAULT '',
    sample          BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (request_id)
);
COMMENT ON TABLE request IS 'process | What one review asks of another, and what came of it; addressed to nobody it is a top-side line, outside the volumes';
COMMENT ON COLUMN request.request_id IS 'text | identifier';
COMMENT ON COLUMN request.cycle IS 'YYYY-MM | cycle it was raised in';
COMMENT ON COLUMN request.from_stage IS 'stage | review that asks';
COMMENT ON COLUMN request.to_stage IS 'stage | review that is asked; blank: nobody owns it yet';
COMMENT ON COLUMN request.title IS 'text | what is asked';
COMMENT ON COLUMN request.reason IS 'text | why';
COMMENT ON COLUMN request.measure IS 'units, revenue, gross_margin, inventory, cost, hours | what the amount counts';
COMMENT ON COLUMN request.amount IS 'by measure | change that is asked for, over the periods together; money in base currency';
COMMENT ON COLUMN request.product IS 'text | product; blank is all of the family';
COMMENT ON COLUMN request.family IS 'text | family or category; blank is all';
COMMENT ON COLUMN request.market IS 'text | market, region or channel; blank is all';
COMMENT ON COLUMN request.from_period IS 'period | first period';
COMMENT ON COLUMN request.to_period IS 'period | last period';
COMMENT ON COLUMN request.owner IS 'text | who answers';
COMMENT ON COLUMN request.due IS 'date | answer by';
COMMENT ON COLUMN request.status IS 'open, accepted, part, rejected, withdrawn | where it stands';
COMMENT ON COLUMN request.accepted_amount IS 'by measure | what was accepted; 0 when rejected, blank while open';
COMMENT ON COLUMN request.answer IS 'text | reason of the answer';
COMMENT ON COLUMN request.answered_by IS 'text | who answered';
COMMENT ON COLUMN request.answered_at IS 'time | when';
COMMENT ON COLUMN request.answered_cycle IS 'YYYY-MM | cycle it was answered in; what was accepted is part of its plan and of later ones';
COMMENT ON COLUMN request.override_id IS 'text | override of the demand that carries it out';
COMMENT ON COLUMN request.levers IS 'JSON | levers that carry it out, part of every plan from then on';
COMMENT ON COLUMN request.created_at IS 'time | when it was raised';
COMMENT ON COLUMN request.created_by IS 'text | who raised it';
COMMENT ON COLUMN request.sample IS 'yes/no | made up to show the feature';

CREATE TABLE risk_opportunity (
    item_id         VARCHAR NOT NULL,
    cycle           VARCHAR NOT NULL,
    kind            VARCHAR NOT NULL CHECK (kind IN ('risk', 'opportunity')),
    title           VARCHAR NOT NULL,
    cause           VARCHAR NOT NULL DEFAULT '',
    probability_pct DOUBLE NOT NULL CHECK (probability_pct BETWEEN 0 AND 100),
    units           DOUBLE,
    revenue         DOUBLE,
    gross_margin    DOUBLE,
    product         VARCHAR NOT NULL DEFAULT '',
    family          VARCHAR NOT NULL DEFAULT '',
    market          VARCHAR NOT NULL DEFAULT '',
    from_period     DATE NOT NULL,
    to_period       DATE NOT NULL,
    owner           VARCHAR NOT NULL DEFAULT '',
    response        VARCHAR NOT NULL DEFAULT '',
    status          VARCHAR NOT NULL CHECK (status IN ('open', 'in_plan', 'happened', 'did_not_happen', 'withdrawn')),
    closed_amount   DOUBLE,
    created_at      TIMESTAMP NOT NULL,
    created_by      VARCHAR NOT NULL DEFAULT '',
    sample          BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (item_id)
);
COMMENT ON TABLE risk_opportunity IS 'process | What may come and is not in the plan: in the plan whole or out of it, never both';
COMMENT ON COLUMN risk_opportunity.item_id IS 'text | identifier';
COMMENT ON COLUMN risk_opportunity.cycle IS 'YYYY-MM | cycle it was raised in';
COMMENT ON COLUMN risk_opportunity.kind IS 'risk, opportunity | whether it takes or gives';
COMMENT ON COLUMN risk_opportunity.title IS 'text | what may happen';
COMMENT ON COLUMN risk_opportunity.cause IS 'text | why it may';
COMMENT ON COLUMN risk_opportunity.probability_pct IS '% | how likely';
COMMENT ON COLUMN risk_opportunity.units IS 'units | effect if it happens, over its periods; a risk is negative';
COMMENT ON COLUMN risk_opportunity.revenue IS 'base currency | effect if it happens; a risk is negative';
COMMENT ON COLUMN risk_opportunity.gross_margin IS 'base currency | effect if it happens; a risk is negative';
COMMENT ON COLUMN risk_opportunity.product IS 'text | product; blank is all of the family';
COMMENT ON COLUMN risk_opportunity.family IS 'text | family or category; blank is all';
COMMENT ON COLUMN risk_opportunity.market IS 'text | market, region or channel; blank is all';
COMMENT ON COLUMN risk_opportunity.from_period IS 'period | first period of its effect';
COMMENT ON COLUMN risk_opportunity.to_period IS 'period | last period of its effect';
COMMENT ON COLUMN risk_opportunity.owner IS 'text | who watches it';
COMMENT ON COLUMN risk_opportunity.response IS 'text | what is done about it';
COMMENT ON COLUMN risk_opportunity.status IS 'open, in_plan, happened, did_not_happen, withdrawn | where it stands';
COMMENT ON COLUMN risk_opportunity.closed_amount IS 'base currency | revenue effect as it turned out';
COMMENT ON COLUMN risk_opportunity.created_at IS 'time | when it was raised';
COMMENT ON COLUMN risk_opportunity.created_by IS 'text | who raised it';
COMMENT ON COLUMN risk_opportunity.sample IS 'yes/no | made up to show the feature; counts in no figure';

ALTER TABLE cycle ADD COLUMN finance VARCHAR DEFAULT 'both';
ALTER TABLE cycle ALTER COLUMN finance SET NOT NULL;
COMMENT ON COLUMN cycle.finance IS 'stage, continuous, both | whether finance signs as a stage, answers requests throughout, or both';

-- Drivers of demand: what planners know of price, display, weather or distribution, past and to come, and what the
-- statistical baseline makes of them.

CREATE TABLE driver (
    driver  VARCHAR NOT NULL,
    product VARCHAR NOT NULL DEFAULT '',
    family  VARCHAR NOT NULL DEFAULT '',
    market  VARCHAR NOT NULL DEFAULT '',
    period  DATE NOT NULL,
    value   DOUBLE NOT NULL,
    PRIMARY KEY (driver, product, family, market, period)
);
COMMENT ON TABLE driver IS 'planner | What drives demand, past and planned: price, display, temperature, distribution';
COMMENT ON COLUMN driver.driver IS 'text | name of the driver | price; price; temperature; temperature';
COMMENT ON COLUMN driver.product IS 'text | product; blank when the line is of a family or of all | BIKE-100; BIKE-100; ;';
COMMENT ON COLUMN driver.family IS 'text | family; blank when the line is of a product or of all |';
COMMENT ON COLUMN driver.market IS 'text | market; blank is all | EAST-RETAIL; EAST-RETAIL; ;';
COMMENT ON COLUMN driver.period IS 'period | period of the history or of the plan | 2025-12; 2026-01; 2025-12; 2026-01';
COMMENT ON COLUMN driver.value IS 'by driver | its value in the period, always in the same unit | 499; 479; 3.5; 1';

CREATE TABLE baseline_driver (
    data_version   VARCHAR NOT NULL,
    cycle          DATE NOT NULL,
    product        VARCHAR NOT NULL,
    driver         VARCHAR NOT NULL,
    slope          DOUBLE NOT NULL,
    standard_error DOUBLE,
    logs           BOOLEAN NOT NULL,
    known_ahead    INTEGER NOT NULL,
    PRIMARY KEY (data_version, cycle, product, driver)
);
COMMENT ON TABLE baseline_driver IS 'engine | What drives each product''s driver-based series';
COMMENT ON COLUMN baseline_driver.data_version IS 'hash | planner data it was fitted on';
COMMENT ON COLUMN baseline_driver.cycle IS 'period | first period of the plan';
COMMENT ON COLUMN baseline_driver.product IS 'text | product';
COMMENT ON COLUMN baseline_driver.driver IS 'text | driver';
COMMENT ON COLUMN baseline_driver.slope IS '% per %, or log units per unit of the driver | what it does to demand';
COMMENT ON COLUMN baseline_driver.standard_error IS 'as the slope | standard error of the slope';
COMMENT ON COLUMN baseline_driver.logs IS 'yes/no | whether the slope is % of units for 1 % of the driver';
COMMENT ON COLUMN baseline_driver.known_ahead IS 'periods | of the plan for which the driver is given; beyond, its season or last value is carried';
