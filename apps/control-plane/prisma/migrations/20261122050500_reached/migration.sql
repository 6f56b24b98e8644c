-- What a device came to stays what a way back leads to, also where it says later that it cannot keep it up.
ALTER TABLE "target" ADD COLUMN "reached_at" TIMESTAMPTZ(3);
UPDATE "target" SET "reached_at" = "status_at" WHERE "status" = 'applied' AND ("change" IS NULL OR "confirmed_at" IS NOT NULL);
