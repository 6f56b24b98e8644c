export { memoryStore } from './adapters/memory-store.ts';
export { type AgentConfig, type AgentConfigInput, agentConfigSchema, type ModemConfig } from './config/agent-config.ts';
export type { Decision, Next } from './core/decision.ts';
export type { ObservedModem } from './core/observed.ts';
export { type Agent, assembleAgent, createAgent } from './runtime/create-agent.ts';
export type { OpenModem } from './runtime/modem-handle.ts';
export type { ModemView } from './runtime/modem-loop.ts';
export type {
  AgentPorts,
  Enrolment,
  EnrolmentAnswer,
  EnrolmentRequest,
  HostFacts,
  Ids,
  LogEvent,
  Session,
  SessionRequest,
  Store,
  Transport,
  Vault,
} from './runtime/ports.ts';
export { agentVersion } from './version.ts';
