-- Bounds that are loosened after a rollout was drafted do not spare it the second person.
ALTER TABLE "rollout" ADD COLUMN "drafted_under" JSONB;
