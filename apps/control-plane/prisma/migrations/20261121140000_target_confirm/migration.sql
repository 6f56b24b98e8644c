-- The change by which a device asked that its target may stay, and the yes to it. Replaced with the target.
ALTER TABLE "target" ADD COLUMN "change" TEXT,
ADD COLUMN "change_nonce" TEXT,
ADD COLUMN "announced_at" TIMESTAMPTZ(3),
ADD COLUMN "confirmed_at" TIMESTAMPTZ(3);
