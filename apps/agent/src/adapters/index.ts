export { fileStore } from './file-store.ts';
export { httpEnrolment } from './http-enrolment.ts';
export { jsonLog } from './json-log.ts';
export { linuxHostFacts } from './linux-host-facts.ts';
export { mqttTransport } from './mqtt-transport.ts';
export { nodeIds, nodeRandom } from './node-ids.ts';
export { nodeVault } from './node-vault.ts';
export { systemClock } from './system-clock.ts';
