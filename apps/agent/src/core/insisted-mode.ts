import type { DataMode } from '@towline/modem';
import type { TargetDocument } from '@towline/protocol';

/** The target with this data mode in every rule that leaves it open. */
export function insistingOn(document: TargetDocument, dataMode: DataMode): TargetDocument {
  const rules = document.rules.map((rule) =>
    rule.profile.dataMode === 'auto' ? { ...rule, profile: { ...rule.profile, dataMode } } : rule,
  );
  return { ...document, rules };
}
