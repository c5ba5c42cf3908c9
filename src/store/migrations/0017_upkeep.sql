-- What was delivered long ago is found without looking through all that was delivered.
CREATE INDEX webhook_deliveries_delivered ON webhook_deliveries (updated_at)
    WHERE state = 'delivered';

-- What no person decided is no operator's decision.
UPDATE decisions SET actor_kind = 'upkeep'
    WHERE number > 0 AND actor_kind = 'operator' AND why IN ('expired', 'erased');
