-- The order in which devices come is one number, so that a look at the next ones is one walk along one index, from where the last look ended.
ALTER TABLE "rollout_device" ADD COLUMN "place" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "rollout" DROP COLUMN "pending_after", ADD COLUMN "pending_after" INTEGER NOT NULL DEFAULT 0;
DROP INDEX "rollout_device_pending";
CREATE INDEX "rollout_device_pending" ON "rollout_device"("tenant_id", "rollout_id", "place") WHERE "state" = 'pending';
-- For how slow our own side is: devices opened a short while ago.
CREATE INDEX "rollout_device_opened" ON "rollout_device"("tenant_id", "rollout_id", "opened_at") WHERE "opened_at" IS NOT NULL;
