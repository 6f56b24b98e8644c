-- Ends a transaction that was decided on what is no longer so. SQLSTATE 40001 (serialization_failure) is what tells the caller to look anew.
CREATE FUNCTION "require_moved"("moved" bigint, "wanted" bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF "moved" <> "wanted" THEN
    RAISE EXCEPTION 'moved % of % streams', "moved", "wanted" USING ERRCODE = 'serialization_failure';
  END IF;
END $$;
