export { openPseudoTerminal, type PseudoTerminal, type PseudoTerminalEvents } from './pseudo-terminal.ts';
export { type ServedModem, type ServeOptions, servePseudoTerminals } from './serve-pseudo-terminals.ts';
