-- The demand review in full: corrections of the history, streams with weights, locks, money overrides, reviewed exceptions,
-- named consensus versions, and what the engine keeps of single fits and replayed cycles.

CREATE TABLE consensus_weight (
    stream     VARCHAR NOT NULL,
    family     VARCHAR NOT NULL DEFAULT '',
    from_lag   DOUBLE NOT NULL DEFAULT 1 CHECK (from_lag >= 1),
    to_lag     DOUBLE CHECK (to_lag >= 1),
    weight_pct DOUBLE NOT NULL CHECK (weight_pct BETWEEN 0 AND 100),
    PRIMARY KEY (stream, family, from_lag)
);
COMMENT ON TABLE consensus_weight IS 'planner | What a stream weighs in the consensus, by family and horizon; what is missing to 100 % is the statistical baseline''s';
COMMENT ON COLUMN consensus_weight.stream IS 'text | stream of forecast_stream | sales; sales';
COMMENT ON COLUMN consensus_weight.family IS 'text | family; blank is all | Bikes;';
COMMENT ON COLUMN consensus_weight.from_lag IS 'periods ahead | first period it counts for; 1 is the first of the plan | 1; 4';
COMMENT ON COLUMN consensus_weight.to_lag IS 'periods ahead | last period it counts for; blank is to the end | 3;';
COMMENT ON COLUMN consensus_weight.weight_pct IS '% | its weight | 60; 30';

ALTER TABLE forecast_stream ADD COLUMN sample BOOLEAN;
COMMENT ON COLUMN forecast_stream.sample IS 'yes/no | made up to show the feature; counts in no real figure |';
COMMENT ON COLUMN forecast_stream.product IS 'text | product; blank when the line is of a family or of all | BIKE-100';
COMMENT ON COLUMN forecast_stream.family IS 'text | family or category; blank when the line is of a product or of all |';
COMMENT ON COLUMN forecast_stream.market IS 'text | market, region or channel; blank is all | EAST-RETAIL';
ALTER TABLE forecast_snapshot ADD COLUMN sample BOOLEAN;
COMMENT ON COLUMN forecast_snapshot.sample IS 'yes/no | made up to show the feature; counts in no real figure |';

CREATE TABLE history_correction (
    correction_id VARCHAR NOT NULL,
    cycle         VARCHAR NOT NULL,
    product       VARCHAR NOT NULL,
    market        VARCHAR NOT NULL DEFAULT '',
    period        DATE NOT NULL,
    kind          VARCHAR NOT NULL CHECK (kind IN ('outlier', 'stock_out', 'promotion')),
    raw_units     DOUBLE NOT NULL,
    units         DOUBLE CHECK (units >= 0),
    evidence      VARCHAR NOT NULL DEFAULT '',
    status        VARCHAR NOT NULL CHECK (status IN ('accepted', 'rejected')),
    reason        VARCHAR NOT NULL DEFAULT '',
    created_at    TIMESTAMP NOT NULL,
    created_by    VARCHAR NOT NULL DEFAULT '',
    active        BOOLEAN NOT NULL,
    PRIMARY KEY (correction_id)
);
COMMENT ON TABLE history_correction IS 'process | What the planner said of a flagged period of the history; the history itself is never changed';
COMMENT ON COLUMN history_correction.correction_id IS 'text | identifier';
COMMENT ON COLUMN history_correction.cycle IS 'YYYY-MM | cycle it was made in';
COMMENT ON COLUMN history_correction.product IS 'text | product';
COMMENT ON COLUMN history_correction.market IS 'text | market; blank is all, spread in proportion';
COMMENT ON COLUMN history_correction.period IS 'period | period of the history';
COMMENT ON COLUMN history_correction.kind IS 'outlier, stock_out, promotion | what happened';
COMMENT ON COLUMN history_correction.raw_units IS 'units | as loaded when it was judged';
COMMENT ON COLUMN history_correction.units IS 'units | what the baseline is fitted on instead; blank if rejected';
COMMENT ON COLUMN history_correction.evidence IS 'text | why it was flagged';
COMMENT ON COLUMN history_correction.status IS 'accepted, rejected | what the planner said';
COMMENT ON COLUMN history_correction.reason IS 'text | why';
COMMENT ON COLUMN history_correction.created_at IS 'time | when';
COMMENT ON COLUMN history_correction.created_by IS 'text | who';
COMMENT ON COLUMN history_correction.active IS 'yes/no | whether it counts';

CREATE TABLE demand_lock (
    lock_id     VARCHAR NOT NULL,
    cycle       VARCHAR NOT NULL,
    product     VARCHAR NOT NULL DEFAULT '',
    family      VARCHAR NOT NULL DEFAULT '',
    market      VARCHAR NOT NULL DEFAULT '',
    from_period DATE NOT NULL,
    to_period   DATE NOT NULL,
    reason      VARCHAR NOT NULL,
    owner       VARCHAR NOT NULL DEFAULT '',
    created_at  TIMESTAMP NOT NULL,
    created_by  VARCHAR NOT NULL DEFAULT '',
    active      BOOLEAN NOT NULL,
    PRIMARY KEY (lock_id)
);
COMMENT ON TABLE demand_lock IS 'process | Cells of the consensus that an override of a wider scope does not change';
COMMENT ON COLUMN demand_lock.lock_id IS 'text | identifier';
COMMENT ON COLUMN demand_lock.cycle IS 'YYYY-MM | cycle it was made in';
COMMENT ON COLUMN demand_lock.product IS 'text | product; blank is all of the family';
COMMENT ON COLUMN demand_lock.family IS 'text | family; blank is all';
COMMENT ON COLUMN demand_lock.market IS 'text | market; blank is all';
COMMENT ON COLUMN demand_lock.from_period IS 'period | first period';
COMMENT ON COLUMN demand_lock.to_period IS 'period | last period';
COMMENT ON COLUMN demand_lock.reason IS 'text | why they are locked';
COMMENT ON COLUMN demand_lock.owner IS 'text | who answers for it';
COMMENT ON COLUMN demand_lock.created_at IS 'time | when it was made';
COMMENT ON COLUMN demand_lock.created_by IS 'text | who made it';
COMMENT ON COLUMN demand_lock.active IS 'yes/no | whether it counts';

CREATE TABLE exception_review (
    review_id  VARCHAR NOT NULL,
    cycle      VARCHAR NOT NULL,
    kind       VARCHAR NOT NULL,
    family     VARCHAR NOT NULL,
    value      DOUBLE NOT NULL,
    note       VARCHAR NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL,
    created_by VARCHAR NOT NULL DEFAULT '',
    active     BOOLEAN NOT NULL,
    PRIMARY KEY (review_id)
);
COMMENT ON TABLE exception_review IS 'process | Exceptions that somebody has reviewed; one comes back when its value moves';
COMMENT ON COLUMN exception_review.review_id IS 'text | identifier';
COMMENT ON COLUMN exception_review.cycle IS 'YYYY-MM | cycle';
COMMENT ON COLUMN exception_review.kind IS 'text | which rule found it';
COMMENT ON COLUMN exception_review.family IS 'text | family';
COMMENT ON COLUMN exception_review.value IS 'as the kind says | its value when it was reviewed';
COMMENT ON COLUMN exception_review.note IS 'text | what was found';
COMMENT ON COLUMN exception_review.created_at IS 'time | when';
COMMENT ON COLUMN exception_review.created_by IS 'text | who';
COMMENT ON COLUMN exception_review.active IS 'yes/no | whether it counts';

ALTER TABLE override RENAME TO override_before;
CREATE TABLE override (
    override_id VARCHAR NOT NULL,
    cycle       VARCHAR NOT NULL,
    product     VARCHAR NOT NULL DEFAULT '',
    family      VARCHAR NOT NULL DEFAULT '',
    market      VARCHAR NOT NULL DEFAULT '',
    from_period DATE NOT NULL,
    to_period   DATE NOT NULL,
    kind        VARCHAR NOT NULL CHECK (kind IN ('units', 'pct', 'add', 'amount')),
    value       DOUBLE NOT NULL,
    reason      VARCHAR NOT NULL,
    owner       VARCHAR NOT NULL DEFAULT '',
    note        VARCHAR NOT NULL DEFAULT '',
    expires     DATE,
    created_at  TIMESTAMP NOT NULL,
    created_by  VARCHAR NOT NULL DEFAULT '',
    active      BOOLEAN NOT NULL,
    stage       VARCHAR NOT NULL DEFAULT 'demand',
    PRIMARY KEY (override_id)
);
INSERT INTO override SELECT *, 'demand' FROM override_before;
DROP TABLE override_before;
COMMENT ON TABLE override IS 'process | Judged changes of the demand, dated and owned';
COMMENT ON COLUMN override.override_id IS 'text | identifier';
COMMENT ON COLUMN override.cycle IS 'YYYY-MM | cycle it was made in';
COMMENT ON COLUMN override.product IS 'text | product; blank is all of the family';
COMMENT ON COLUMN override.family IS 'text | family; blank is all';
COMMENT ON COLUMN override.market IS 'text | market; blank is all';
COMMENT ON COLUMN override.from_period IS 'period | first period';
COMMENT ON COLUMN override.to_period IS 'period | last period';
COMMENT ON COLUMN override.kind IS 'units, pct, add, amount | replace by units, change by %, add units, or replace by money at the plan''s prices';
COMMENT ON COLUMN override.value IS 'units, % or base currency | by kind';
COMMENT ON COLUMN override.reason IS 'text | reason code';
COMMENT ON COLUMN override.owner IS 'text | who answers for it';
COMMENT ON COLUMN override.note IS 'text | why';
COMMENT ON COLUMN override.expires IS 'date | when it stops counting';
COMMENT ON COLUMN override.created_at IS 'time | when it was made';
COMMENT ON COLUMN override.created_by IS 'text | who made it';
COMMENT ON COLUMN override.active IS 'yes/no | whether it counts';
COMMENT ON COLUMN override.stage IS 'stage | review in which it was made';

ALTER TABLE sign_off ADD COLUMN name VARCHAR DEFAULT '';
ALTER TABLE sign_off ALTER COLUMN name SET NOT NULL;
COMMENT ON COLUMN sign_off.name IS 'text | name of what was signed, for example of the consensus';
ALTER TABLE sign_off ADD COLUMN assumptions VARCHAR DEFAULT '';
ALTER TABLE sign_off ALTER COLUMN assumptions SET NOT NULL;
COMMENT ON COLUMN sign_off.assumptions IS 'text | what it rests on, in words';
ALTER TABLE sign_off ADD COLUMN changes VARCHAR DEFAULT '';
ALTER TABLE sign_off ALTER COLUMN changes SET NOT NULL;
COMMENT ON COLUMN sign_off.changes IS 'text | what changed since the one before, in words';

CREATE TABLE baseline_fit (
    data_version VARCHAR NOT NULL,
    cycle        DATE NOT NULL,
    coverage80   DOUBLE,
    PRIMARY KEY (data_version, cycle)
);
COMMENT ON TABLE baseline_fit IS 'engine | What holds of a statistical baseline as a whole';
COMMENT ON COLUMN baseline_fit.data_version IS 'hash | planner data it was fitted on';
COMMENT ON COLUMN baseline_fit.cycle IS 'period | first period of the plan';
COMMENT ON COLUMN baseline_fit.coverage80 IS 'share | of past errors that lay inside 80 % bands of the others';

CREATE TABLE series_fit (
    fit_key VARCHAR NOT NULL,
    kind    VARCHAR NOT NULL,
    scale   DOUBLE NOT NULL,
    point   DOUBLE[] NOT NULL,
    errors  DOUBLE[] NOT NULL,
    PRIMARY KEY (fit_key)
);
COMMENT ON TABLE series_fit IS 'engine | Fits of single series, so that only series whose history changed are fitted again';
COMMENT ON COLUMN series_fit.fit_key IS 'hash | of the series, what it was lent, the horizon and the forecaster''s version';
COMMENT ON COLUMN series_fit.kind IS 'text | class of the series';
COMMENT ON COLUMN series_fit.scale IS 'units per period | mean size of a period';
COMMENT ON COLUMN series_fit.point IS 'units | forecast by period ahead';
COMMENT ON COLUMN series_fit.errors IS 'units | backtest errors, origin by origin, by step ahead';

CREATE TABLE replay (
    history_version VARCHAR NOT NULL,
    made_in         DATE NOT NULL,
    product         VARCHAR NOT NULL,
    market          VARCHAR NOT NULL,
    period          DATE NOT NULL,
    units           DOUBLE NOT NULL,
    PRIMARY KEY (history_version, made_in, product, market, period)
);
COMMENT ON TABLE replay IS 'engine | Statistical baselines of earlier cycles, fitted on the history as it stood then';
COMMENT ON COLUMN replay.history_version IS 'hash | history it was cut from';
COMMENT ON COLUMN replay.made_in IS 'period | first period of the replayed plan';
COMMENT ON COLUMN replay.product IS 'text | product';
COMMENT ON COLUMN replay.market IS 'text | market';
COMMENT ON COLUMN replay.period IS 'period | period forecast';
COMMENT ON COLUMN replay.units IS 'units | forecast';
