export { type Character } from './characters/character.ts';
export { characterOf, characters } from './characters/index.ts';
export type {
  BearerTraffic,
  CoreAttachment,
  CoreBearer,
  CoreNetwork,
  DropReason,
  Impairment,
} from './core-network/core-network.ts';
export { type CoreNetworkOptions, createCoreNetwork, type Exit } from './core-network/create-core-network.ts';
export { createEthernetSide, type EthernetSide, type EthernetSideOptions } from './ethernet/ethernet-side.ts';
export { networkFunctionUplink, type Uplink, type UplinkSource } from './ethernet/uplink.ts';
export { demoFleet, type FleetDescription, type GatewayDescription, type ModemDescription } from './fleet/demo-fleet.ts';
export { demoOperators } from './fleet/demo-operators.ts';
export {
  type FleetWorld,
  raiseFleet,
  type SimulatedFleet,
  type SimulatedGateway,
  simulatedGateway,
} from './fleet/simulated-gateway.ts';
export type { LineTiming } from './line/byte-line.ts';
export type { IpLink } from './link/ip-link.ts';
export { createMbimPeer, type MbimPeer } from './mbim/create-mbim-peer.ts';
export type { Behaviour, BehaviourKind, BehaviourSet } from './modem/behaviour.ts';
export type { DataLink } from './modem/data-link.ts';
export { receiveShortMessage } from './modem/inbox.ts';
export type { ContextAuth, DefinedContext, ModemState, NonVolatile, PdpType, PortRole, Running } from './modem/modem-state.ts';
export { createSimulatedModem, type SimulatedModem, type SimulatedModemOptions } from './modem/simulated-modem.ts';
export { type PortPlace, simulatedSerialPorts } from './modem/simulated-serial-ports.ts';
export { type PinVerdict, type SimulatedSim, type SimulatedSimOptions, simulatedSim } from './modem/simulated-sim.ts';
export type { AccessPoint, BearerAsk, RefusalCause } from './network/access-point.ts';
export {
  type Admission,
  type BearerAnswer,
  type BearerGrant,
  createOperatorNetwork,
  type NetworkEvent,
  type OperatorNetwork,
  type OperatorNetworkOptions,
  operatorSuffix,
} from './network/operator-network.ts';
export { createQmiPeer, type QmiPeer } from './qmi/create-qmi-peer.ts';
export { createQmiPackets, type QmiPackets } from './qmi/qmi-packets.ts';
export type { LinkProtocol } from './qmi/qmi-session.ts';
export { simulatedMbimcli } from './tools/simulated-mbimcli.ts';
export { simulatedQmicli } from './tools/simulated-qmicli.ts';
export type { SimulatedTool } from './tools/tool-host.ts';
export {
  createTranscriptModem,
  type Transcript,
  type TranscriptEntry,
  type TranscriptModem,
} from './transcript/transcript-modem.ts';
export type { NetworkSides } from './usb/network-sides.ts';
export { createUsbModem, type UsbModem, type UsbModemOptions } from './usb/usb-modem.ts';
