/**
 * Writes docs/protocol.md and docs/protocol.schema.json from the channel table.
 * With `--check` it writes nothing and fails when either is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { channels, maxPayloadBytes, reportChannels } from '../src/channels.ts';
import { changeAccount, downFilter, upTopic } from '../src/topics.ts';
import { type FieldRow, fieldRows } from './field-rows.ts';

const docs = new URL('../../../docs/', import.meta.url);
const root = downFilter({ tenant: '<tenant>', device: '<device>' }).replace('/down/+', '');

const sections = Object.entries(channels).flatMap(([direction, table]) =>
  Object.entries(table).map(([name, { schema, qos, purpose }]) => ({
    name: `${direction}/${name}`,
    qos,
    purpose,
    schema: z.toJSONSchema(schema, { io: 'input' }),
  })),
);

const tableRow = ({ path, type, required }: FieldRow) => `| \`${path}\` | ${type} | ${required ? 'yes' : 'no'} |`;

const example = upTopic({ tenant: 'main', device: '7k2m9q4x1z' }, 'telemetry');
const markdown = `# Protocol

Generated from \`packages/protocol\` by \`npm run generate\`; do not edit.

MQTT 3.1.1, clean sessions, client id = device id, nothing retained, payloads JSON of at most ${maxPayloadBytes} octets.
Topics are \`${root}/<direction>/<channel>\`, for example \`${example}\`. A device may publish below its own \`up/\` and
subscribe below its own \`down/\`, and nowhere else. The JSON Schemas are in [protocol.schema.json](protocol.schema.json).

A change that can cut the link is asked for on a second session over the changed bearer: client id, user name and the handle in its two
topics, \`up/announce\` and \`down/confirm\`, are \`${changeAccount('<device>')}\`, the secret is the device's. It may nothing else, has no last will and
tells nothing of the device's presence.

${reportChannels.map((name) => `\`up/${name}\``).join(', ')} are reports: each carries \`epoch\`, \`sequence\`, \`base\` and \`sentAt\`, is kept by the device
until \`down/ack\` covers it, and may arrive twice or late without changing anything. Unknown fields are ignored; a payload that
does not fit its schema is quarantined and answered with a fault in \`down/ack\`.

${sections
  .map(
    ({ name, qos, purpose, schema }) => `## ${name}

QoS ${qos}. ${purpose.charAt(0).toUpperCase()}${purpose.slice(1)}.

| field | type | required |
| --- | --- | --- |
${fieldRows(schema).map(tableRow).join('\n')}
`,
  )
  .join('\n')}`;

const snapshot = `${JSON.stringify(Object.fromEntries(sections.map(({ name, schema }) => [name, schema])), null, 2)}\n`;

const outputs = { 'protocol.md': markdown, 'protocol.schema.json': snapshot };
for (const [name, text] of Object.entries(outputs)) {
  const path = new URL(name, docs);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`docs/${name} is stale: run npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
  }
}
