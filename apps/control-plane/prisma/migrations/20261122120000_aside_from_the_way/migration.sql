-- Each change takes three steps through these states, and each step wrote an index of all of them. Who is pending or on the way is found by the
-- indexes of those states; this one is for who has left the way, well or not.
DROP INDEX "rollout_device_tenant_id_rollout_id_state_device_id_idx";
CREATE INDEX "rollout_device_aside" ON "rollout_device"("tenant_id", "rollout_id", "state", "device_id")
  WHERE "state" IN ('waiting', 'succeeded', 'failed', 'reverted', 'silent', 'skipped', 'cancelled');
