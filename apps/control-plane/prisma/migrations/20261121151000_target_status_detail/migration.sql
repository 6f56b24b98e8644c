-- What the device says beside the status of its target: why it is not applied, and the change under way.
ALTER TABLE "target" ADD COLUMN "status_detail" JSONB;
