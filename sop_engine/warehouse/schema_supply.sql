-- The supply review in full: a signature says which consensus it rests on; the templates make the frame that they
-- build in, so that they load back without a warning.

ALTER TABLE sign_off ADD COLUMN rests_on VARCHAR DEFAULT '';
ALTER TABLE sign_off ALTER COLUMN rests_on SET NOT NULL;
COMMENT ON COLUMN sign_off.rests_on IS 'text | name of the consensus it was signed on; blank where none was signed';

COMMENT ON COLUMN sourcing.product IS 'text | product | BIKE-100; BIKE-100; TYRE-26; FRAME-100';
COMMENT ON COLUMN sourcing.site IS 'text | site that receives it | PLANT-1; DC-EAST; PLANT-1; PLANT-1';
COMMENT ON COLUMN sourcing.source IS 'text | site it comes from; blank when made at the site itself | ; PLANT-1; SUPPLIER-1;';
COMMENT ON COLUMN sourcing.mode IS 'make, buy, transfer, subcontract | way of supply | make; transfer; buy; make';
COMMENT ON COLUMN sourcing.lead_time_days IS 'days | from order to receipt | 5; 7; 30; 2';
COMMENT ON COLUMN sourcing.unit_cost IS 'base currency per unit | conversion only for make, price for buy, freight for transfer | 80; 6; 14; 30';
COMMENT ON COLUMN sourcing.period_limit IS 'units per period | most in a period | ; ; 500;';
COMMENT ON COLUMN routing.product IS 'text | product made | BIKE-100; FRAME-100';
COMMENT ON COLUMN routing.hours_per_unit IS 'hours per unit | standard hours for a good unit before yield | 0.8; 0.5';
