-- Substrings of device names are found by trigrams.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "operator_role" AS ENUM ('viewer', 'operator', 'admin');

-- CreateEnum
CREATE TYPE "job_state" AS ENUM ('queued', 'accepted', 'running', 'succeeded', 'failed', 'rejected', 'cancelled', 'expired');

-- CreateTable
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "database_epoch" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "operator" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "role" "operator_role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "operator_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "operator_token" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "operator_id" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "operator_token_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "claim_token" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "uses_left" INTEGER NOT NULL,
    "site_id" UUID,
    "tags" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "claim_token_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "site" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "site_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "device_group" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "rank" INTEGER NOT NULL,

    CONSTRAINT "device_group_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "device_group_member" (
    "tenant_id" TEXT NOT NULL,
    "group_id" UUID NOT NULL,
    "device_id" TEXT NOT NULL,

    CONSTRAINT "device_group_member_pkey" PRIMARY KEY ("tenant_id","group_id","device_id")
);

-- CreateTable
CREATE TABLE "device" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "site_id" UUID,
    "tags" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "credential_hash" BYTEA,
    "online" BOOLEAN NOT NULL DEFAULT false,
    "connection" BIGINT NOT NULL DEFAULT 0,
    "last_seen_at" TIMESTAMPTZ(3),
    "agent_version" TEXT,
    "boot_id" TEXT,
    "fingerprint" JSONB,
    "fingerprint_before" JSONB,
    "clone_suspected_at" TIMESTAMPTZ(3),
    "reported" JSONB,
    "reported_at" TIMESTAMPTZ(3),
    "reported_epoch" TEXT,
    "reported_sequence" BIGINT,
    "model" TEXT,
    "imei" TEXT,
    "iccid" TEXT,
    "imsi" TEXT,
    "home_plmn" TEXT,
    "serving_plmn" TEXT,
    "registration" TEXT,
    "connection_state" TEXT,
    "apn" TEXT,
    "fault_code" TEXT,
    "signal_dbm" REAL,

    CONSTRAINT "device_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "connection_profile" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "connection_profile_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "connection_profile_version" (
    "tenant_id" TEXT NOT NULL,
    "profile_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "document" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" UUID NOT NULL,

    CONSTRAINT "connection_profile_version_pkey" PRIMARY KEY ("tenant_id","profile_id","version")
);

-- CreateTable
CREATE TABLE "apn_policy" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "apn_policy_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "apn_policy_version" (
    "tenant_id" TEXT NOT NULL,
    "policy_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "document" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" UUID NOT NULL,

    CONSTRAINT "apn_policy_version_pkey" PRIMARY KEY ("tenant_id","policy_id","version")
);

-- CreateTable
CREATE TABLE "target" (
    "tenant_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "policy_id" UUID NOT NULL,
    "policy_version" INTEGER NOT NULL,
    "assigned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "assigned_by" UUID NOT NULL,
    "held_at" TIMESTAMPTZ(3),
    "status" TEXT,
    "status_at" TIMESTAMPTZ(3),

    CONSTRAINT "target_pkey" PRIMARY KEY ("tenant_id","device_id")
);

-- CreateTable
CREATE TABLE "job" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "device_id" TEXT NOT NULL,
    "order" JSONB NOT NULL,
    "state" "job_state" NOT NULL DEFAULT 'queued',
    "progress" INTEGER NOT NULL DEFAULT 0,
    "result" JSONB,
    "fault" JSONB,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "subject" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "report_stream" (
    "tenant_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "epoch" TEXT NOT NULL,
    "through" BIGINT NOT NULL,
    "ahead" BIGINT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "report_stream_pkey" PRIMARY KEY ("tenant_id","device_id","epoch")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "device_id" TEXT,
    "code" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "modem" TEXT,
    "evidence" TEXT[],
    "at" TIMESTAMPTZ(3) NOT NULL,
    "device_time" TIMESTAMPTZ(3),
    "clock" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quarantine" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" TEXT,
    "device_id" TEXT,
    "topic" TEXT NOT NULL,
    "payload" BYTEA NOT NULL,
    "code" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "quarantine_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "details" JSONB NOT NULL,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lease" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "telemetry" (
    "tenant_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "epoch" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "index" SMALLINT NOT NULL,
    "modem" TEXT NOT NULL,
    "clock" TEXT NOT NULL,
    "device_time" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "rssi_dbm" REAL,
    "rsrp_dbm" REAL,
    "rsrq_db" REAL,
    "sinr_db" REAL,
    "temperature_c" REAL,
    "rx_bytes" BIGINT,
    "tx_bytes" BIGINT,

    CONSTRAINT "telemetry_pkey" PRIMARY KEY ("tenant_id","device_id","at","epoch","sequence","index")
) PARTITION BY RANGE ("at");

-- Days are made ahead by the ticker; what no day holds goes here, and nothing is lost for want of a partition.
CREATE TABLE "telemetry_default" PARTITION OF "telemetry" DEFAULT;

-- CreateIndex
CREATE UNIQUE INDEX "operator_tenant_id_name_key" ON "operator"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "operator_token_secret_hash_key" ON "operator_token"("secret_hash");

-- CreateIndex
CREATE UNIQUE INDEX "claim_token_secret_hash_key" ON "claim_token"("secret_hash");

-- CreateIndex
CREATE UNIQUE INDEX "site_tenant_id_name_key" ON "site"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "device_group_tenant_id_name_key" ON "device_group"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "device_group_tenant_id_rank_key" ON "device_group"("tenant_id", "rank");

-- CreateIndex
CREATE INDEX "device_group_member_tenant_id_device_id_idx" ON "device_group_member"("tenant_id", "device_id");

-- CreateIndex
CREATE UNIQUE INDEX "device_id_key" ON "device"("id");

-- CreateIndex
CREATE UNIQUE INDEX "device_credential_hash_key" ON "device"("credential_hash");

-- CreateIndex
CREATE INDEX "device_tenant_id_last_seen_at_id_idx" ON "device"("tenant_id", "last_seen_at", "id");

-- CreateIndex
CREATE INDEX "device_tenant_id_signal_dbm_id_idx" ON "device"("tenant_id", "signal_dbm", "id");

-- CreateIndex
CREATE INDEX "device_tenant_id_site_id_id_idx" ON "device"("tenant_id", "site_id", "id");

-- CreateIndex
CREATE INDEX "device_tags_idx" ON "device" USING GIN ("tags");

-- CreateIndex
CREATE INDEX "device_name_idx" ON "device" USING GIN ("name" gin_trgm_ops);

-- CreateIndex
CREATE UNIQUE INDEX "connection_profile_tenant_id_name_key" ON "connection_profile"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "apn_policy_tenant_id_name_key" ON "apn_policy"("tenant_id", "name");

-- CreateIndex
CREATE INDEX "target_tenant_id_policy_id_policy_version_idx" ON "target"("tenant_id", "policy_id", "policy_version");

-- CreateIndex
CREATE INDEX "job_tenant_id_device_id_created_at_idx" ON "job"("tenant_id", "device_id", "created_at");

-- CreateIndex
CREATE INDEX "job_state_expires_at_idx" ON "job"("state", "expires_at");

-- CreateIndex
CREATE INDEX "job_tenant_id_created_at_id_idx" ON "job"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "event_tenant_id_id_idx" ON "event"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "event_tenant_id_device_id_id_idx" ON "event"("tenant_id", "device_id", "id");

-- CreateIndex
CREATE INDEX "quarantine_tenant_id_id_idx" ON "quarantine"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "audit_entry_tenant_id_id_idx" ON "audit_entry"("tenant_id", "id");

-- AddForeignKey
ALTER TABLE "operator_token" ADD CONSTRAINT "operator_token_tenant_id_operator_id_fkey" FOREIGN KEY ("tenant_id", "operator_id") REFERENCES "operator"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_group_member" ADD CONSTRAINT "device_group_member_tenant_id_group_id_fkey" FOREIGN KEY ("tenant_id", "group_id") REFERENCES "device_group"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_group_member" ADD CONSTRAINT "device_group_member_tenant_id_device_id_fkey" FOREIGN KEY ("tenant_id", "device_id") REFERENCES "device"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device" ADD CONSTRAINT "device_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_profile_version" ADD CONSTRAINT "connection_profile_version_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "connection_profile"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "apn_policy_version" ADD CONSTRAINT "apn_policy_version_tenant_id_policy_id_fkey" FOREIGN KEY ("tenant_id", "policy_id") REFERENCES "apn_policy"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "target" ADD CONSTRAINT "target_tenant_id_device_id_fkey" FOREIGN KEY ("tenant_id", "device_id") REFERENCES "device"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "target" ADD CONSTRAINT "target_tenant_id_policy_id_policy_version_fkey" FOREIGN KEY ("tenant_id", "policy_id", "policy_version") REFERENCES "apn_policy_version"("tenant_id", "policy_id", "version") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_tenant_id_device_id_fkey" FOREIGN KEY ("tenant_id", "device_id") REFERENCES "device"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;



-- AddForeignKey
ALTER TABLE "report_stream" ADD CONSTRAINT "report_stream_tenant_id_device_id_fkey" FOREIGN KEY ("tenant_id", "device_id") REFERENCES "device"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whoever revokes a credential, the edge must hear of it: it keeps proven ones for a while and cuts the session.
CREATE FUNCTION "tell_credential_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('towline_credential', OLD."id");
  RETURN NULL;
END
$$;
CREATE TRIGGER "device_credential_changed" AFTER UPDATE OF "credential_hash" ON "device"
  FOR EACH ROW WHEN (OLD."credential_hash" IS DISTINCT FROM NEW."credential_hash") EXECUTE FUNCTION "tell_credential_change"();
CREATE TRIGGER "device_deleted" AFTER DELETE ON "device" FOR EACH ROW EXECUTE FUNCTION "tell_credential_change"();

-- The first life of this database.
INSERT INTO "installation" ("id", "database_epoch") VALUES (1, 1);
