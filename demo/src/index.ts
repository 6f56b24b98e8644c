export { type AgentProcess, type AgentProcessOptions, startAgentProcess } from './agent-process.ts';
export { type Command, demoCommands } from './commands.ts';
export { type ControlPlaneOptions, type ControlPlaneProcess, startControlPlane } from './control-plane-process.ts';
export { assignStartPolicy, claimTokensBySite } from './demo-tenant.ts';
export { type OperatorApi, operatorApi } from './operator-api.ts';
export { type SimulatedAgentOptions, simulatedAgent } from './simulated-agents.ts';
export { waitUntil } from './wait-until.ts';
