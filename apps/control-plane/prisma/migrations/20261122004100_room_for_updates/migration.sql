-- Each report writes its device's row, and each change its target's. With room left on the page the new version stays beside the old one,
-- and where nothing indexed has changed, no index is written (PostgreSQL manual, "Heap-Only Tuples"). Rows that are there already move as they
-- are written.
ALTER TABLE "device" SET (fillfactor = 60);
ALTER TABLE "target" SET (fillfactor = 60);
