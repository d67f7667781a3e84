import { TEXTS } from '../../texts/index.ts';
import type { Role } from './people-shape.ts';

const texts = TEXTS.permissions;
export type Permission = Role['permissions'][number];
const REMOVE: Permission = 'organisation.remove';

/** Nouns in the order of their texts, each with what may be done to it. */
const NOUNS = Object.keys(texts.noun);
const READ_ONLY: ReadonlySet<string> = new Set(['pop', 'status', 'audit']);
export const READS = NOUNS.map((noun) => `${noun}.read` as Permission);
export const WRITES = NOUNS.filter((noun) => !READ_ONLY.has(noun)).map((noun) => `${noun}.write` as Permission);

interface PickerProps {
  readonly value: ReadonlySet<Permission>;
  readonly isFixed?: boolean;
  readonly onChange?: (value: ReadonlySet<Permission>) => void;
}

/** Rights as a table of boxes: each row a noun, each column what may be done. Whoever changes something sees it, too. */
export function PermissionPicker({ value, isFixed = false, onChange }: PickerProps) {
  const set = (permissions: readonly Permission[], isOn: boolean) => {
    const next = new Set(value);
    for (const permission of permissions) {
      if (isOn) next.add(permission);
      else next.delete(permission);
    }
    onChange?.(next);
  };
  const box = (noun: string, verb: 'read' | 'write') => {
    const permission = `${noun}.${verb}` as Permission;
    const other = `${noun}.${verb === 'read' ? 'write' : 'read'}` as Permission;
    const name = texts.noun[noun] ?? noun;
    return (
      <input
        type="checkbox"
        className="size-4 accent-accent"
        aria-label={verb === 'read' ? texts.seeOf(name) : texts.changeOf(name)}
        checked={value.has(permission)}
        disabled={isFixed}
        onChange={({ target: { checked } }) =>
          set((verb === 'write') === checked && !READ_ONLY.has(noun) ? [permission, other] : [permission], checked)
        }
      />
    );
  };
  return (
    <div className="overflow-hidden rounded-lg border">
      <table className="w-full text-left text-sm">
        <thead>
          <tr className="border-b bg-ground text-xs text-quiet">
            <th scope="col" className="px-4 py-2 font-medium">
              {texts.what}
            </th>
            <th scope="col" className="w-20 px-2 py-2 text-center font-medium">
              {texts.see}
            </th>
            <th scope="col" className="w-20 px-2 py-2 text-center font-medium">
              {texts.change}
            </th>
          </tr>
        </thead>
        <tbody>
          {NOUNS.map((noun) => (
            <tr key={noun} className="border-b">
              <th scope="row" className="px-4 py-2 font-normal">
                {texts.noun[noun]}
              </th>
              <td className="px-2 py-2 text-center">{box(noun, 'read')}</td>
              <td className="px-2 py-2 text-center">{READ_ONLY.has(noun) ? null : box(noun, 'write')}</td>
            </tr>
          ))}
          <tr>
            <th scope="row" className="px-4 py-2 font-normal">
              {texts.remove}
            </th>
            <td />
            <td className="px-2 py-2 text-center">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                aria-label={texts.remove}
                checked={value.has(REMOVE)}
                disabled={isFixed}
                onChange={({ target }) => set([REMOVE], target.checked)}
              />
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

/** Rights in one line: what a role or key is good for. */
export function permissionWords(permissions: readonly Permission[]): string {
  const has = new Set(permissions);
  const missing = [...READS, ...WRITES].filter((one) => !has.has(one));
  if (has.size === 0) return texts.nothing;
  if (missing.length === 0) return has.has(REMOVE) ? texts.everything : texts.allButRemove;
  const changed = WRITES.filter((one) => has.has(one));
  if (changed.length === 0 && READS.every((one) => has.has(one))) return texts.seeAll;
  const seen = READS.filter((one) => has.has(one) && !has.has(one.replace('.read', '.write') as Permission));
  const parts = [
    changed.length > 0 && texts.changes(nouns(changed)),
    seen.length > 0 && texts.sees(nouns(seen)),
  ].filter((part) => part !== false);
  const text = parts.join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The same of a role; one without rights is good for policies. */
export function rightsOf({ permissions, builtIn }: Pick<Role, 'permissions' | 'builtIn'>): string {
  return permissions.length === 0 && !builtIn ? TEXTS.people.noRights : permissionWords(permissions);
}

const NAMED_MAX = 3;

function nouns(permissions: readonly Permission[]): string {
  const names = permissions.map((one) => (texts.noun[one.split('.')[0] ?? ''] ?? one).split(/[,:]/)[0]?.toLowerCase());
  const more = names.length - NAMED_MAX;
  return more > 0 ? `${names.slice(0, NAMED_MAX).join(', ')} and ${more} more` : names.join(', ');
}
