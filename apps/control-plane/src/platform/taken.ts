import { faultCode } from '@towline/kit';
import { refusal } from './refusal.ts';

/** Prisma's codes: a unique index refused; a row of another table still points here, or does not exist. */
const unique = 'P2002';
const reference = 'P2003';

/** Runs a write whose unique key may be taken. @throws Fault `resource.conflict` with this text */
export async function refuseTaken<Result>(write: Promise<Result>, detail: string): Promise<Result> {
  try {
    return await write;
  } catch (error) {
    throw faultCode(error) === unique ? refusal('resource.conflict', detail) : error;
  }
}

/** Runs a removal that other rows may forbid. @throws Fault `resource.in-use` with this text */
export async function refuseInUse<Result>(removal: Promise<Result>, detail: string): Promise<Result> {
  try {
    return await removal;
  } catch (error) {
    throw faultCode(error) === reference ? refusal('resource.in-use', detail) : error;
  }
}
