-- What is due is found without looking through all that was delivered or is due later, and
-- what waits or is dead is counted without what was delivered.
DROP INDEX webhook_deliveries_due;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries
    (site, endpoint, next_attempt_at, event_number, leased_until)
    WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (site, state)
    WHERE state IN ('waiting', 'dead');
