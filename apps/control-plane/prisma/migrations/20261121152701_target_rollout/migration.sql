-- Which rollout gave a device its target: the audit log tells of waves, not of each device.
ALTER TABLE "target" ADD COLUMN "rollout_id" UUID;
