-- What stands in for `${name}` in the profiles of a device, a group, a site or the fleet.

-- CreateTable
CREATE TABLE "variable_value" (
    "tenant_id" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "variable_value_pkey" PRIMARY KEY ("tenant_id","level","subject","name")
);
