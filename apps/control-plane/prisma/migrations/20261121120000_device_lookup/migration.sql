-- What operators look single devices up by, and what they watch for. A rare value must not cost a look at every device: at a million
-- devices that was a second for an IMEI or a fault, and eight for a target status.

-- CreateTable
CREATE TABLE "device_identity" (
    "tenant_id" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,

    CONSTRAINT "device_identity_pkey" PRIMARY KEY ("tenant_id","value","device_id")
);

INSERT INTO "device_identity" SELECT "tenant_id", value, "id" FROM "device", unnest(ARRAY["imei", "iccid", "imsi"]) AS value WHERE value IS NOT NULL ON CONFLICT DO NOTHING;

-- CreateIndex
CREATE INDEX "device_name_tenant_id_name_device_id_idx" ON "device_name"("tenant_id", "name", "device_id");

-- Prisma knows neither partial indexes nor expressions in indexes: these two are ours. Most devices have no fault.
CREATE INDEX "device_fault" ON "device"("tenant_id", "fault_code", "id") WHERE "fault_code" IS NOT NULL;
CREATE INDEX "target_shown_status" ON "target"("tenant_id", COALESCE("status", CASE WHEN "held_at" IS NULL THEN 'waiting' ELSE 'held' END), "device_id");

-- Whoever writes a device, its identities follow in the same transaction. A report that changes none of them touches nothing here.
CREATE FUNCTION "copy_device_identities"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM "device_identity" WHERE "tenant_id" = OLD."tenant_id" AND "device_id" = OLD."id" AND "value" = ANY (ARRAY[OLD."imei", OLD."iccid", OLD."imsi"]);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO "device_identity"
      SELECT DISTINCT NEW."tenant_id", value, NEW."id" FROM unnest(ARRAY[NEW."imei", NEW."iccid", NEW."imsi"]) AS value WHERE value IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "device_identities_made" AFTER INSERT OR DELETE ON "device" FOR EACH ROW EXECUTE FUNCTION "copy_device_identities"();
CREATE TRIGGER "device_identities_changed" AFTER UPDATE OF "tenant_id", "id", "imei", "iccid", "imsi" ON "device" FOR EACH ROW
  WHEN ((OLD."tenant_id", OLD."id", OLD."imei", OLD."iccid", OLD."imsi") IS DISTINCT FROM (NEW."tenant_id", NEW."id", NEW."imei", NEW."iccid", NEW."imsi"))
  EXECUTE FUNCTION "copy_device_identities"();
