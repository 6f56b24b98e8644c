import { faultCode } from '@towline/kit';
import type { DeviceAddress } from '@towline/protocol';
import type { Enrol, Enrolled } from '@towline/protocol/http';
import type { DeviceAccounts } from '../broker/device-accounts.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { refusal } from '../platform/refusal.ts';
import type { EnrolmentRepository } from './enrolment.repository.ts';

/** Two first requests of one device at once: the second finds what the first made. */
const uniqueViolation = 'P2002';

export class EnrolmentService {
  readonly #repository: EnrolmentRepository;
  readonly #accounts: DeviceAccounts;
  readonly #mqttUrl: string;
  readonly #log: ControlPlaneLog;

  constructor(repository: EnrolmentRepository, accounts: DeviceAccounts, mqttUrl: string, log: ControlPlaneLog) {
    this.#repository = repository;
    this.#accounts = accounts;
    this.#mqttUrl = mqttUrl;
    this.#log = log;
  }

  /** @throws Fault `auth.refused` when the claim token does not allow another device */
  async enrol(request: Enrol): Promise<Enrolled> {
    const address = await this.#addressFor(request);
    if (!address) {
      this.#log.warn('enrolment.refused');
      throw refusal('auth.refused', 'the claim token is unknown, used up, expired or revoked: ask an operator for another');
    }
    await this.#accounts.grant(address, request.secret);
    this.#log.info('enrolment.done', { device: address.device });
    return { ...address, mqttUrl: this.#mqttUrl };
  }

  async #addressFor(request: Enrol): Promise<DeviceAddress | null> {
    try {
      return await this.#repository.enrol(request);
    } catch (error) {
      if (faultCode(error) !== uniqueViolation) throw error;
      return this.#repository.enrol(request);
    }
  }
}
