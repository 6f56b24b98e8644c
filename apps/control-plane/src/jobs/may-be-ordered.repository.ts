import type { JobOrder } from '@towline/protocol';
import type { FieldError } from '@towline/protocol/http';
import type { Transaction } from '../platform/database.ts';
import { atQuestionsForAll } from './at-questions.ts';

export const notAskable: FieldError = {
  path: 'order.command',
  message: 'is not among the questions that may be asked: see /v1/at-questions',
};

/** What operators of this tenant may ask modems besides what everybody may. */
export async function addedQuestions(tx: Pick<Transaction, 'tenant'>, tenantId: string): Promise<string[]> {
  const row = await tx.tenant.findUnique({ where: { id: tenantId }, select: { atQuestions: true } });
  return row?.atQuestions ?? [];
}

/** Whether an operator of this tenant may give a device such an order: of questions only those on its list. */
export async function mayBeOrdered(
  tx: Pick<Transaction, 'tenant'>,
  tenantId: string,
  order: Pick<JobOrder, 'kind'> & { readonly command?: string },
): Promise<boolean> {
  if (order.kind !== 'ask-modem' || order.command === undefined || atQuestionsForAll.includes(order.command)) return true;
  return (await addedQuestions(tx, tenantId)).includes(order.command);
}
