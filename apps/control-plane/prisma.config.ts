import { defineConfig } from 'prisma/config';

/** For the Prisma command line in development; the control plane itself migrates with platform/migrate.ts. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://towline:towline@127.0.0.1:5499/towline' },
});
