-- Less than a healthy device takes is no bound any more: what has less gets the least.
UPDATE "rollout" SET "settings" = jsonb_set("settings", '{timeouts,reachS}', '30') WHERE ("settings" #>> '{timeouts,reachS}')::int < 30;
UPDATE "rollout" SET "settings" = jsonb_set("settings", '{brake,deliveryS}', '10') WHERE ("settings" #>> '{brake,deliveryS}')::int < 10;
