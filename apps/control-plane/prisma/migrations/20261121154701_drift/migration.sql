-- Where devices settled on something else than their targets want: counted, found by filter, and mended where the policy says so.

-- CreateTable
CREATE TABLE "device_drift" (
    "tenant_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "dirty" BOOLEAN NOT NULL DEFAULT true,
    "fields" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "since" TIMESTAMPTZ(3),
    "cleared_at" TIMESTAMPTZ(3),
    "target_number" INTEGER,
    "mends" INTEGER NOT NULL DEFAULT 0,
    "mend_at" TIMESTAMPTZ(3),

    CONSTRAINT "device_drift_pkey" PRIMARY KEY ("tenant_id","device_id")
);

-- AddForeignKey
ALTER TABLE "device_drift" ADD CONSTRAINT "device_drift_tenant_id_device_id_fkey" FOREIGN KEY ("tenant_id", "device_id") REFERENCES "device"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Prisma knows no partial indexes: these are ours. Few devices drift, and fewer are to be looked at or mended.
CREATE INDEX "device_drift_dirty" ON "device_drift"("tenant_id", "device_id") WHERE "dirty";
CREATE INDEX "device_drift_found" ON "device_drift"("tenant_id", "device_id") WHERE "since" IS NOT NULL;
CREATE INDEX "device_drift_due" ON "device_drift"("mend_at") WHERE "mend_at" IS NOT NULL;
