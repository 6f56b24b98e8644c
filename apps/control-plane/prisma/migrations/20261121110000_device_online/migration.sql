-- Who counts as online but was not heard for long is found without a walk over the fleet.

-- CreateIndex
CREATE INDEX "device_online_last_seen_at_idx" ON "device"("online", "last_seen_at");
