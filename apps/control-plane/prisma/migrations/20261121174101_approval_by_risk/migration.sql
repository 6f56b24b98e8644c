-- A second person for a rollout with too many devices at risk, and never one of its authors.
ALTER TABLE "tenant" ADD COLUMN "approval_risks" JSONB NOT NULL DEFAULT '{}';

ALTER TABLE "rollout"
  ADD COLUMN "approval_causes" TEXT[] DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "risks" JSONB,
  ADD COLUMN "authors" UUID[] DEFAULT ARRAY[]::UUID[];

UPDATE "rollout" SET "authors" = ARRAY["created_by"], "approval_causes" = CASE WHEN "needs_approval" THEN ARRAY['size'] ELSE '{}' END;

ALTER TABLE "rollout" DROP COLUMN "needs_approval";
