export { createNodeSerialPorts } from './node-serial-ports.ts';
