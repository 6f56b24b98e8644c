-- What operators of a tenant may ask modems besides what everybody may.
ALTER TABLE "tenant" ADD COLUMN "at_questions" TEXT[] DEFAULT ARRAY[]::TEXT[];
