import { randomBytes } from 'node:crypto';
import { httpEnrolment } from '@towline/agent/node';
import { Fault } from '@towline/kit';

/** What a device holds after enrolment. */
export interface DeviceCredential {
  readonly tenant: string;
  readonly device: string;
  readonly secret: string;
  readonly mqttUrl: string;
}

/** Enrols a device without a modem, as its agent would. @throws Fault `test.not-enrolled` */
export async function enrol(
  httpUrl: string,
  { claimToken, boardSerial }: { claimToken: string; boardSerial: string },
): Promise<DeviceCredential> {
  const secret = randomBytes(32).toString('base64url');
  const answer = await httpEnrolment(httpUrl).enrol({ claimToken, secret, name: boardSerial, fingerprint: { boardSerial, imeis: [] } });
  if (!answer.ok) throw new Fault('test.not-enrolled', `enrolment was ${answer.reason}: ${answer.code}`);
  const { tenant, device, mqttUrl } = answer;
  return { tenant, device, mqttUrl, secret };
}
