-- A way back leads to what a device came to, not to what it had and gave up.
ALTER TABLE "target"
  ADD COLUMN "came_to_policy" UUID,
  ADD COLUMN "came_to_version" INTEGER;
