import { type PolicyWarning, type ShownRule, templateNames, type Variables } from '@towline/protocol/http';
import { profileRef } from '../targets/compose.ts';

/** What of a profile may hold variables, by `<id>@<version>`. */
export type ProfileTemplates = ReadonlyMap<string, { readonly apn: string; readonly username?: string | undefined }>;

/** Rules whose profiles ask for a variable without a default: devices without a value of their own are refused then. */
export function variableWarnings(rules: readonly ShownRule[], defaults: Variables, templates: ProfileTemplates): PolicyWarning[] {
  return rules.flatMap((rule, index) => {
    const { apn = '', username = '' } = templates.get(profileRef(rule.profile)) ?? {};
    const names = new Set([apn, username].flatMap((template) => templateNames(template) ?? []));
    const open = [...names].filter((name) => !Object.hasOwn(defaults, name));
    const message = `${open.join(', ')}: without a default, devices that have no value for it get no target`;
    return open.length === 0 ? [] : [{ code: 'variable.no-default' as const, path: `rules[${index}].profile`, message }];
  });
}
