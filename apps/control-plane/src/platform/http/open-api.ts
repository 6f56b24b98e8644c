import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import * as z from 'zod';

const filterHelp = 'Lists take a cursor (`next` of the page before) and a limit of at most 500. Errors are `application/problem+json`.';

/** zod/mini schemas carry no JSON Schema of their own: one converter serves both kinds. */
function toOpenApi(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) {
  if (!(schema instanceof z.core.$ZodType)) return undefined;
  const { definitions, ...root } = z.toJSONSchema(schema, { target: 'openapi-3.0', io: schemaType });
  return { schema: root, components: definitions ?? {} };
}

/** The OpenAPI document of everything that the application serves, from the schemas that check its requests. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const head = new DocumentBuilder().setTitle('Towline').setVersion('1').setDescription(filterHelp).addBearerAuth().build();
  return SwaggerModule.createDocument(app, head, { standardSchemaConverter: toOpenApi });
}

/** Serves it at /docs and /docs/openapi.json; every file comes from this process. */
export function serveApiDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), { jsonDocumentUrl: 'docs/openapi.json' });
}
