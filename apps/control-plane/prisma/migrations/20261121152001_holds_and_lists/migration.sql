-- A site where somebody is at work, lists of devices that were imported, groups that a filter makes up.

-- AlterTable
ALTER TABLE "device_group" ADD COLUMN "filter" TEXT;

-- AlterTable
ALTER TABLE "job" ADD COLUMN "forced" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "site_hold" (
    "tenant_id" TEXT NOT NULL,
    "site_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "held_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "held_by" UUID NOT NULL,

    CONSTRAINT "site_hold_pkey" PRIMARY KEY ("tenant_id","site_id")
);

-- CreateTable
CREATE TABLE "device_list" (
    "tenant_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "devices" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" UUID NOT NULL,

    CONSTRAINT "device_list_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "device_list_member" (
    "tenant_id" TEXT NOT NULL,
    "list_id" UUID NOT NULL,
    "device_id" TEXT NOT NULL,

    CONSTRAINT "device_list_member_pkey" PRIMARY KEY ("tenant_id","list_id","device_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "device_list_tenant_id_name_key" ON "device_list"("tenant_id", "name");

-- CreateIndex
CREATE INDEX "device_list_member_tenant_id_device_id_idx" ON "device_list_member"("tenant_id", "device_id");

-- AddForeignKey
ALTER TABLE "site_hold" ADD CONSTRAINT "site_hold_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_list_member" ADD CONSTRAINT "device_list_member_tenant_id_list_id_fkey" FOREIGN KEY ("tenant_id", "list_id") REFERENCES "device_list"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_list_member" ADD CONSTRAINT "device_list_member_tenant_id_device_id_fkey" FOREIGN KEY ("tenant_id", "device_id") REFERENCES "device"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
