-- What one person may do alone holds for a day, not for a call.
ALTER TABLE "rollout"
  ADD COLUMN "submitted_at" TIMESTAMPTZ(3),
  ADD COLUMN "submitted_by" UUID;

CREATE TABLE "assigned_alone" (
  "tenant_id" TEXT NOT NULL,
  "person" UUID NOT NULL,
  "device_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "risks" TEXT[] DEFAULT ARRAY[]::TEXT[],

  CONSTRAINT "assigned_alone_pkey" PRIMARY KEY ("tenant_id", "person", "device_id")
);

ALTER TABLE "assigned_alone" ADD CONSTRAINT "assigned_alone_tenant_id_device_id_fkey"
  FOREIGN KEY ("tenant_id", "device_id") REFERENCES "device"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
