-- Rollouts: a change of many devices in waves. Their state is all a tick needs: any process may be killed at any statement.

-- AlterTable
ALTER TABLE "target" ADD COLUMN     "withheld" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN     "approval_above" INTEGER DEFAULT 100;

-- CreateTable
CREATE TABLE "rollout" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "policy_id" UUID,
    "policy_version" INTEGER,
    "order" JSONB,
    "selection" JSONB NOT NULL,
    "settings" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "reason" TEXT,
    "obstacle" TEXT,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "current_wave" INTEGER NOT NULL DEFAULT 0,
    "devices" INTEGER NOT NULL DEFAULT 0,
    "note" TEXT,
    "needs_approval" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" UUID NOT NULL,
    "approved_at" TIMESTAMPTZ(3),
    "approved_by" UUID,
    "start_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "end_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),
    "heard_at" TIMESTAMPTZ(3),
    "revert_of" UUID,
    "forgiven_bad" INTEGER NOT NULL DEFAULT 0,
    "forgiven_judged" INTEGER NOT NULL DEFAULT 0,
    "credit" DOUBLE PRECISION,
    "credit_at" TIMESTAMPTZ(3),
    "pending_after" JSONB,
    "waiting_after" TEXT,

    CONSTRAINT "rollout_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "rollout_wave" (
    "tenant_id" TEXT NOT NULL,
    "rollout_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "manual" BOOLEAN NOT NULL DEFAULT false,
    "opened_at" TIMESTAMPTZ(3),
    "forgiven_bad" INTEGER NOT NULL DEFAULT 0,
    "forgiven_judged" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "rollout_wave_pkey" PRIMARY KEY ("tenant_id","rollout_id","number")
);

-- CreateTable
CREATE TABLE "rollout_count" (
    "tenant_id" TEXT NOT NULL,
    "rollout_id" UUID NOT NULL,
    "wave" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "devices" INTEGER NOT NULL,

    CONSTRAINT "rollout_count_pkey" PRIMARY KEY ("tenant_id","rollout_id","wave","state")
);

-- CreateTable
CREATE TABLE "rollout_device" (
    "tenant_id" TEXT NOT NULL,
    "rollout_id" UUID NOT NULL,
    "device_id" TEXT NOT NULL,
    "wave" INTEGER NOT NULL,
    "lifelines" INTEGER NOT NULL DEFAULT 0,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "code" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "policy_id" UUID,
    "policy_version" INTEGER,
    "before_policy" UUID,
    "before_version" INTEGER,
    "epoch" INTEGER,
    "number" INTEGER,
    "job_id" UUID,
    "watched" BOOLEAN NOT NULL DEFAULT false,
    "opened_at" TIMESTAMPTZ(3),
    "held_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "next_try_at" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "site_id" UUID,
    "carrier" TEXT,
    "cell" TEXT,
    "model" TEXT,

    CONSTRAINT "rollout_device_pkey" PRIMARY KEY ("tenant_id","rollout_id","device_id")
);

-- CreateIndex
CREATE INDEX "rollout_tenant_id_created_at_id_idx" ON "rollout"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "rollout_device_tenant_id_device_id_idx" ON "rollout_device"("tenant_id", "device_id");

-- CreateIndex
CREATE INDEX "rollout_device_tenant_id_rollout_id_state_device_id_idx" ON "rollout_device"("tenant_id", "rollout_id", "state", "device_id");

-- AddForeignKey
ALTER TABLE "rollout_wave" ADD CONSTRAINT "rollout_wave_tenant_id_rollout_id_fkey" FOREIGN KEY ("tenant_id", "rollout_id") REFERENCES "rollout"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout_count" ADD CONSTRAINT "rollout_count_tenant_id_rollout_id_fkey" FOREIGN KEY ("tenant_id", "rollout_id") REFERENCES "rollout"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout_device" ADD CONSTRAINT "rollout_device_tenant_id_rollout_id_fkey" FOREIGN KEY ("tenant_id", "rollout_id") REFERENCES "rollout"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout_device" ADD CONSTRAINT "rollout_device_tenant_id_device_id_fkey" FOREIGN KEY ("tenant_id", "device_id") REFERENCES "device"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Prisma knows no partial indexes: these are ours. What a tick looks at is devices on their way and the next ones to come, not the fleet.
CREATE INDEX "rollout_live" ON "rollout"("tenant_id", "id") WHERE "settled_at" IS NULL AND "state" IN ('scheduled', 'running', 'paused', 'finished', 'aborted', 'reverting');
CREATE INDEX "rollout_device_pending" ON "rollout_device"("tenant_id", "rollout_id", "wave", "lifelines" DESC, "device_id") WHERE "state" = 'pending';
CREATE INDEX "rollout_device_watched" ON "rollout_device"("tenant_id", "rollout_id", "device_id") WHERE "watched";
CREATE INDEX "rollout_device_retry" ON "rollout_device"("tenant_id", "rollout_id", "next_try_at") WHERE "next_try_at" IS NOT NULL;
-- One change at a time and device, whatever else goes wrong.
CREATE UNIQUE INDEX "rollout_device_in_flight" ON "rollout_device"("tenant_id", "device_id") WHERE "state" IN ('opened', 'changing');

CREATE FUNCTION "rollout_count_devices"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO "rollout_count" AS c ("tenant_id", "rollout_id", "wave", "state", "devices")
      SELECT "tenant_id", "rollout_id", "wave", "state", count(*) FROM new_rows GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
      ON CONFLICT ("tenant_id", "rollout_id", "wave", "state") DO UPDATE SET "devices" = c."devices" + excluded."devices";
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO "rollout_count" AS c ("tenant_id", "rollout_id", "wave", "state", "devices")
      SELECT "tenant_id", "rollout_id", "wave", "state", sum(n) FROM (
        SELECT "tenant_id", "rollout_id", "wave", "state", 1 AS n FROM new_rows UNION ALL
        SELECT "tenant_id", "rollout_id", "wave", "state", -1 FROM old_rows) moved
      GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4
      ON CONFLICT ("tenant_id", "rollout_id", "wave", "state") DO UPDATE SET "devices" = c."devices" + excluded."devices";
  ELSE
    -- With its rollout gone there is nothing to count.
    UPDATE "rollout_count" c SET "devices" = c."devices" - gone.n
      FROM (SELECT "tenant_id", "rollout_id", "wave", "state", count(*) AS n FROM old_rows GROUP BY 1, 2, 3, 4) gone
      WHERE (c."tenant_id", c."rollout_id", c."wave", c."state") = (gone."tenant_id", gone."rollout_id", gone."wave", gone."state");
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "rollout_devices_added" AFTER INSERT ON "rollout_device" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "rollout_count_devices"();
CREATE TRIGGER "rollout_devices_moved" AFTER UPDATE ON "rollout_device" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "rollout_count_devices"();
CREATE TRIGGER "rollout_devices_gone" AFTER DELETE ON "rollout_device" REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "rollout_count_devices"();
