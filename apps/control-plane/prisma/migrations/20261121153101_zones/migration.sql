-- IANA time zones: the device's own, else its site's, else the tenant's, else UTC.
ALTER TABLE "tenant" ADD COLUMN "zone" TEXT;
ALTER TABLE "site" ADD COLUMN "zone" TEXT;
ALTER TABLE "device" ADD COLUMN "zone" TEXT;
