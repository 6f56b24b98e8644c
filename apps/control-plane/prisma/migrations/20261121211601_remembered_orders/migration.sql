-- In a database that was restored, an order may be given that its device has carried out already.
ALTER TABLE "job" ADD COLUMN "remembered" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "rollout" ADD COLUMN "restore_known" BOOLEAN NOT NULL DEFAULT false;
