export { createNodeHostFiles } from './node-host-files.ts';
export { createNodeProcessRunner } from './node-process-runner.ts';
export { createNodeSerialPorts } from './node-serial-ports.ts';
