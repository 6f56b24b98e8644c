-- Whoever went wrong before it and is tried again is judged anew.
ALTER TABLE "rollout" ADD COLUMN "forgiven_at" TIMESTAMPTZ(3);
