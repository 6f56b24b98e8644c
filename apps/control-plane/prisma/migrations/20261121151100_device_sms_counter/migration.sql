-- Highest counter of the texts that were made for this device: each order by SMS works once.
ALTER TABLE "device" ADD COLUMN "sms_counter" BIGINT NOT NULL DEFAULT 0;
