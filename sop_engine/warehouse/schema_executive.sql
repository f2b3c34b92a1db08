-- The executive's decision: what a decision is expected to bring and when that is looked at, what is risked with each scenario,
-- triggers of risks, strategic targets of the scorecard; the hash of each row that a planner loaded.

ALTER TABLE decision ADD COLUMN review_on DATE;
COMMENT ON COLUMN decision.review_on IS 'date | day on which its effect is held against actuals';
ALTER TABLE decision ADD COLUMN effective_plan VARCHAR DEFAULT '';
ALTER TABLE decision ALTER COLUMN effective_plan SET NOT NULL;
COMMENT ON COLUMN decision.effective_plan IS 'text | plan version that carries it out; blank until one is published';
ALTER TABLE decision ADD COLUMN between_meetings VARCHAR DEFAULT '';
ALTER TABLE decision ALTER COLUMN between_meetings SET NOT NULL;
COMMENT ON COLUMN decision.between_meetings IS 'text | why it was decided between two meetings; blank where a meeting decided';

CREATE TABLE decision_effect (
    decision_id VARCHAR NOT NULL,
    measure     VARCHAR NOT NULL,
    product     VARCHAR NOT NULL DEFAULT '',
    family      VARCHAR NOT NULL DEFAULT '',
    market      VARCHAR NOT NULL DEFAULT '',
    currency    VARCHAR NOT NULL DEFAULT '',
    from_period DATE NOT NULL,
    to_period   DATE NOT NULL,
    without     DOUBLE,
    expected    DOUBLE NOT NULL,
    PRIMARY KEY (decision_id, measure, product, family, market, currency, from_period, to_period)
);
COMMENT ON TABLE decision_effect IS 'process | What a decision is expected to bring, by a measure that actuals are read in';
COMMENT ON COLUMN decision_effect.decision_id IS 'text | decision';
COMMENT ON COLUMN decision_effect.measure IS 'demand_units, revenue, average_price, exchange_rate, unit_cost, on_time_pct | what it is measured by';
COMMENT ON COLUMN decision_effect.product IS 'text | product; blank is all of the family';
COMMENT ON COLUMN decision_effect.family IS 'text | family or category; blank is all';
COMMENT ON COLUMN decision_effect.market IS 'text | market, region or channel; blank is all';
COMMENT ON COLUMN decision_effect.currency IS 'currency code | of an exchange rate';
COMMENT ON COLUMN decision_effect.from_period IS 'period | first period it speaks of';
COMMENT ON COLUMN decision_effect.to_period IS 'period | last period it speaks of';
COMMENT ON COLUMN decision_effect.without IS 'by measure | the plan without the chosen option, a period; a flow is the average of a period';
COMMENT ON COLUMN decision_effect.expected IS 'by measure | the plan with it, a period';

CREATE TABLE risk_result (
    result_id    VARCHAR NOT NULL,
    cycle        VARCHAR NOT NULL,
    data_version VARCHAR NOT NULL,
    levers       VARCHAR NOT NULL,
    seed         INTEGER NOT NULL,
    draws        INTEGER NOT NULL,
    measure      VARCHAR NOT NULL,
    p10          DOUBLE,
    p50          DOUBLE,
    p90          DOUBLE,
    budget       DOUBLE,
    reach_pct    DOUBLE,
    created_at   TIMESTAMP NOT NULL,
    created_by   VARCHAR NOT NULL DEFAULT '',
    PRIMARY KEY (result_id, measure)
);
COMMENT ON TABLE risk_result IS 'process | What a scenario may come to, from draws through the plan';
COMMENT ON COLUMN risk_result.result_id IS 'text | identifier';
COMMENT ON COLUMN risk_result.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN risk_result.data_version IS 'hash | inputs it was drawn on';
COMMENT ON COLUMN risk_result.levers IS 'JSON | scenario';
COMMENT ON COLUMN risk_result.seed IS 'number | of the draws: the same seed gives the same numbers';
COMMENT ON COLUMN risk_result.draws IS 'count | draws';
COMMENT ON COLUMN risk_result.measure IS 'revenue, gross_margin, fill_rate_pct, inventory_value, cash_effect | measure of the fiscal year';
COMMENT ON COLUMN risk_result.p10 IS 'by measure | a tenth of the draws ends below';
COMMENT ON COLUMN risk_result.p50 IS 'by measure | half of the draws end below';
COMMENT ON COLUMN risk_result.p90 IS 'by measure | nine tenths of the draws end below';
COMMENT ON COLUMN risk_result.budget IS 'by measure | budget it is held against; blank where there is none';
COMMENT ON COLUMN risk_result.reach_pct IS '% | share of the draws that reach the budget';
COMMENT ON COLUMN risk_result.created_at IS 'time | when it was drawn';
COMMENT ON COLUMN risk_result.created_by IS 'text | who let it be drawn';

ALTER TABLE risk_opportunity ADD COLUMN trigger_measure VARCHAR DEFAULT '';
ALTER TABLE risk_opportunity ALTER COLUMN trigger_measure SET NOT NULL;
COMMENT ON COLUMN risk_opportunity.trigger_measure IS 'demand_units, revenue, average_price, exchange_rate, unit_cost, on_time_pct, or blank | measure that tells that it comes';
ALTER TABLE risk_opportunity ADD COLUMN trigger_side VARCHAR DEFAULT '';
ALTER TABLE risk_opportunity ALTER COLUMN trigger_side SET NOT NULL;
COMMENT ON COLUMN risk_opportunity.trigger_side IS 'above, below, or blank | side of the value on which it fires';
ALTER TABLE risk_opportunity ADD COLUMN trigger_value DOUBLE;
COMMENT ON COLUMN risk_opportunity.trigger_value IS 'by measure | value at which it fires, of the last full period';
ALTER TABLE risk_opportunity ADD COLUMN trigger_currency VARCHAR DEFAULT '';
ALTER TABLE risk_opportunity ALTER COLUMN trigger_currency SET NOT NULL;
COMMENT ON COLUMN risk_opportunity.trigger_currency IS 'currency code | of an exchange rate';
ALTER TABLE risk_opportunity ADD COLUMN levers VARCHAR DEFAULT '';
ALTER TABLE risk_opportunity ALTER COLUMN levers SET NOT NULL;
COMMENT ON COLUMN risk_opportunity.levers IS 'JSON | scenario that stands for it, where one does';

ALTER TABLE plan_version ADD COLUMN effective_from DATE;
COMMENT ON COLUMN plan_version.effective_from IS 'date | first day on which it is the official plan';
ALTER TABLE plan_version ADD COLUMN proposed_by VARCHAR DEFAULT '';
ALTER TABLE plan_version ALTER COLUMN proposed_by SET NOT NULL;
COMMENT ON COLUMN plan_version.proposed_by IS 'text | who made it a candidate';
ALTER TABLE plan_version ADD COLUMN proposed_at TIMESTAMP;
COMMENT ON COLUMN plan_version.proposed_at IS 'time | when it became a candidate';
ALTER TABLE plan_version ADD COLUMN published_by VARCHAR DEFAULT '';
ALTER TABLE plan_version ALTER COLUMN published_by SET NOT NULL;
COMMENT ON COLUMN plan_version.published_by IS 'text | who published it';
ALTER TABLE plan_version ADD COLUMN published_at TIMESTAMP;
COMMENT ON COLUMN plan_version.published_at IS 'time | when it was published; from then it is frozen';
UPDATE plan_version SET published_by = approved_by, published_at = approved_at WHERE status = 'published';

CREATE TABLE target (
    measure     VARCHAR NOT NULL CHECK (measure IN ('revenue', 'gross_margin', 'gross_margin_pct', 'fill_rate_pct', 'inventory_days', 'inventory_value', 'cash_effect')),
    from_period DATE NOT NULL,
    value       DOUBLE NOT NULL,
    set_by      VARCHAR NOT NULL DEFAULT '',
    sample      BOOLEAN,
    PRIMARY KEY (measure, from_period)
);
COMMENT ON TABLE target IS 'planner | Strategic targets of the scorecard, each for the fiscal year from its period on';
COMMENT ON COLUMN target.measure IS 'revenue, gross_margin, gross_margin_pct, fill_rate_pct, inventory_days, inventory_value, cash_effect | figure | fill_rate_pct; inventory_days';
COMMENT ON COLUMN target.from_period IS 'period | first period in which it holds | 2026-01; 2026-01';
COMMENT ON COLUMN target.value IS 'by measure | target of the fiscal year: money of the base currency, % or days | 97; 45';
COMMENT ON COLUMN target.set_by IS 'text | who set it, where | Strategy 2028';
COMMENT ON COLUMN target.sample IS 'yes/no | made up to show the feature |';

-- No key: the one of the table that is hashed keeps its rows apart, and a second index makes loads fifteen times as slow.
CREATE TABLE row_hash (
    "table" VARCHAR NOT NULL,
    key     VARCHAR NOT NULL,
    hash    UBIGINT NOT NULL
);
COMMENT ON TABLE row_hash IS 'system | Hash of each row of the planner''s tables as it was loaded, so that a row changed around the upload can be named';
COMMENT ON COLUMN row_hash."table" IS 'text | table';
COMMENT ON COLUMN row_hash.key IS 'JSON | key of the row, in the order of the columns';
COMMENT ON COLUMN row_hash.hash IS 'hash | of the row';
