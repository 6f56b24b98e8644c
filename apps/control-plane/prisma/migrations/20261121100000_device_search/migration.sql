-- Tags and names once more, beside the device: its row is wide and written at each report, while these hardly ever change. A list by
-- tag is a walk along one index, a part of a name is looked for in pages that stay in memory, and a report touches no GIN index.

-- CreateTable
CREATE TABLE "device_tag" (
    "tenant_id" TEXT NOT NULL,
    "tag" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,

    CONSTRAINT "device_tag_pkey" PRIMARY KEY ("tenant_id","tag","device_id")
);

-- CreateTable
CREATE TABLE "device_name" (
    "tenant_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "device_name_pkey" PRIMARY KEY ("tenant_id","device_id")
);

-- How often a part of a name occurs decides between its trigrams and a walk along the key: a hundred samples can't tell.
ALTER TABLE "device_name" ALTER COLUMN "name" SET STATISTICS 2000;

INSERT INTO "device_tag" SELECT "tenant_id", tag, "id" FROM "device", unnest("tags") AS tag ON CONFLICT DO NOTHING;
INSERT INTO "device_name" SELECT "tenant_id", "id", "name" FROM "device";

-- DropIndex
DROP INDEX "device_tags_idx";

-- DropIndex
DROP INDEX "device_name_idx";

-- CreateIndex
CREATE INDEX "device_name_tenant_id_device_id_name_idx" ON "device_name"("tenant_id", "device_id", "name");

-- CreateIndex
CREATE INDEX "device_name_name_idx" ON "device_name" USING GIN ("name" gin_trgm_ops);

-- Whoever writes a device, its copies follow in the same transaction.
CREATE FUNCTION "copy_device_words"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM "device_tag" WHERE "tenant_id" = OLD."tenant_id" AND "device_id" = OLD."id" AND "tag" = ANY (OLD."tags");
    DELETE FROM "device_name" WHERE "tenant_id" = OLD."tenant_id" AND "device_id" = OLD."id";
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO "device_tag" SELECT DISTINCT NEW."tenant_id", tag, NEW."id" FROM unnest(NEW."tags") AS tag;
    INSERT INTO "device_name" VALUES (NEW."tenant_id", NEW."id", NEW."name");
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "device_words_made" AFTER INSERT OR DELETE ON "device" FOR EACH ROW EXECUTE FUNCTION "copy_device_words"();
CREATE TRIGGER "device_words_changed" AFTER UPDATE OF "tenant_id", "id", "name", "tags" ON "device" FOR EACH ROW
  WHEN ((OLD."tenant_id", OLD."id", OLD."name", OLD."tags") IS DISTINCT FROM (NEW."tenant_id", NEW."id", NEW."name", NEW."tags"))
  EXECUTE FUNCTION "copy_device_words"();
