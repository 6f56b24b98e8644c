-- How many devices a dynamic rollout has taken in since it was planned.
ALTER TABLE "rollout" ADD COLUMN "grown" INTEGER NOT NULL DEFAULT 0;
