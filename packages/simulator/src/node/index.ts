export { createHostTunnel, type HostTunnel, type HostTunnelOptions } from './host-tunnel.ts';
export { openPseudoTerminal, type PseudoTerminal, type PseudoTerminalEvents } from './pseudo-terminal.ts';
export { type ControlChannelPeer, type ServedControlChannel, serveControlChannel } from './serve-control-channel.ts';
export { type ServedModem, type ServeOptions, servePseudoTerminals } from './serve-pseudo-terminals.ts';
export { startUsbipServer, type UsbipServer, type UsbipServerOptions, usbipPort } from './usbip-server.ts';
